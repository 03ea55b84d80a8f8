"""Pages without a socket: what stands at an address, as elements and text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, Final

from exporter.cluster.snapshot import ClusterSnapshot
from exporter.report import Report
from exporter.web.pages.dispatch import answer_page
from exporter.web.server.http import Request, Response
from tests.web.test_routes import State

_VOID: Final = frozenset({"meta", "input", "br"})


class Elements(HTMLParser):
    """Which elements and attributes a page has, and the text that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name == "href"]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data


def answer(state: State, path: str = "/", /, **query: str) -> Response:
    return answer_page(state.site, Request("GET", path, query=query))


def markup(
    report: Report | None,
    path: str = "/",
    pending: tuple[str, ...] = (),
    frozen: ClusterSnapshot | None = None,
    **query: str,
) -> str:
    state = State(report, frozen)
    state.pending = pending
    body = answer(state, path, **query).body
    assert isinstance(body, bytes)
    return body.decode()


def page(report: Report | None, path: str = "/", pending: tuple[str, ...] = (), **query: Any) -> Elements:
    elements = Elements(markup(report, path, pending, **query))
    assert not elements.open
    assert len(set(elements.ids)) == len(elements.ids), "two elements have the same id"
    return elements


def shown(report: Report | None, path: str = "/", pending: tuple[str, ...] = (), **query: Any) -> str:
    return page(report, path, pending, **query).text
