"""A whole HTML document: head, header, navigation, main part and footer, with our own style sheet and script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote, urlencode

import htpy as h
from markupsafe import Markup

from exporter.base.terminal import drop_controls
from exporter.output.html.icons import logo

NAVIGATION: Final = (
    ("/", "Overview"),
    ("/findings/", "Problems"),
    ("/checks/", "Checks"),
    ("/coverage", "Coverage"),
    ("/what-if", "What if"),
)
DOCUMENTS: Final = (
    ("/metrics", "Metrics"),
    ("/api/v1/boot-sources", "Boot sources (JSON)"),
    ("/api/v1/findings", "Findings (JSON)"),
    ("/api/v1/clusters", "Clusters (JSON)"),
    ("/readyz", "Readiness"),
    ("/healthz", "Liveness"),
)
OF_CLUSTER: Final = frozenset(
    {"/", "/findings/", "/checks/", "/what-if", "/coverage", "/api/v1/boot-sources", "/api/v1/findings"}
)
"""What takes the parameter `cluster` where several clusters are watched."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document is read, which decides where its links lead."""

    cluster: str = ""
    """The name of the cluster, if it is one of several."""
    served: bool = True
    """By the exporter. A report in one file has anchors in place of pages."""
    console: str = ""
    """The address of the OpenShift console, without a slash at its end; "" if it is not known."""

    def page(self, path: str, parameters: Mapping[str, str] | None = None) -> str:
        """The address of a page of this cluster."""
        given = {name: value for name, value in (parameters or {}).items() if value}
        if self.cluster:
            given["cluster"] = self.cluster
        # A name in a dump may hold half of a surrogate pair, which has no UTF-8.
        query = urlencode(given, quote_via=quote, safe="", errors="replace")
        return quote(path, errors="replace") + (f"?{query}" if given else "")

    def boot_source(self, namespace: str, name: str) -> str:
        """The page of a boot source."""
        return self.page(f"/boot-sources/{namespace}/{name}")

    def finding(self, fingerprint: str) -> str:
        """The page of a finding, or its anchor."""
        return self.page(f"/findings/{fingerprint}") if self.served else f"#{fingerprint}"

    def check(self, check: str) -> str:
        """The page of a check, or where the report in one file explains it."""
        return self.page(f"/checks/{check}") if self.served else f"#check-{check}"


@dataclass(frozen=True, slots=True)
class Page:
    """What one document holds besides its frame."""

    title: str
    content: h.Node
    place: Place
    version: str
    current: str = ""
    """The entry of the navigation that it belongs to."""
    parents: tuple[tuple[str, str], ...] = ()
    """Address and name of the pages above it."""
    notices: tuple[str, ...] = ()
    """What people should know about the exporter itself."""


@cache
def _asset(name: str) -> str:
    return files("exporter.output.html").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def content_security_policy() -> str:
    """The Content-Security-Policy: our style sheet and script by hash, requests to ourselves, nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(_asset('style.css'))}",
            f"script-src {_hash(_asset('script.js'))}",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def render(page: Page) -> str:
    """The document as text, without control characters."""
    served = page.place.served
    # The style sheet and the script are files of this package: the only markup that is not escaped.
    document = h.html(lang="en", data_live=served)[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            None if served else h.meta(http_equiv="Content-Security-Policy", content=_policy_of_file()),
            h.title[page.title],
            h.style[Markup(_asset("style.css"))],  # noqa: S704
        ],
        h.body[
            h.a(".skip", href="#main")["Skip to content"],
            _header(page),
            h.main("#main.wide", tabindex="-1")[
                _crumbs(page.parents, page.title),
                [_notice(text) for text in page.notices],
                page.content,
            ],
            _footer(page),
            h.script[Markup(_asset("script.js"))],  # noqa: S704
        ],
    ]
    return drop_controls(str(document)) + "\n"


def _policy_of_file() -> str:
    """A file cannot say who may frame it, and asks nobody for anything."""
    left_out = ("frame-ancestors", "connect-src", "form-action")
    return "; ".join(part for part in content_security_policy().split("; ") if not part.startswith(left_out))


def _header(page: Page) -> h.Node:
    place = page.place
    brand = [logo(), "Boot sources"]
    return h.header(".top")[
        h.div(".wide")[
            h.a(".brand", href=place.page("/"))[brand] if place.served else h.span(".brand")[brand],
            place.served
            and h.nav(aria_label="Pages")[
                h.ul[
                    (
                        h.li[h.a(href=place.page(path), aria_current=path == page.current and "page")[name]]
                        for path, name in NAVIGATION
                    )
                ]
            ],
            place.cluster and h.p(".small")[f"Cluster {place.cluster} · ", h.a(href="/")["All clusters"]],
        ]
    ]


def _crumbs(parents: tuple[tuple[str, str], ...], title: str) -> h.Node:
    if not parents:
        return None
    above = [h.li[h.a(href=address)[name]] for address, name in parents]
    return h.nav(".crumbs", aria_label="Where you are")[h.ol[above, h.li(aria_current="page")[title]]]


def _notice(text: str) -> h.Node:
    return h.div(".card.answer.tone-warn", role="note")[h.div[h.p[text]]]


def _footer(page: Page) -> h.Node:
    place = page.place
    links = [
        h.a(href=place.page(path) if path in OF_CLUSTER else path)[name] for path, name in DOCUMENTS if place.served
    ]
    return h.footer[
        h.div(".wide.stack")[
            h.p("#connection", role="status", hidden=True),
            place.served and h.p(".unscripted")["Scripts are switched off: reload this page for newer values."],
            place.served and h.nav(aria_label="Other formats")[h.div(".row")[links]],
            h.p[f"bootsource-exporter {page.version}"],
        ]
    ]
