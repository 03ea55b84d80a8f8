"""The page of several clusters: how each of them is, and where to read more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final
from urllib.parse import quote

from exporter.base.phrases import counted
from exporter.base.terminal import clean_line
from exporter.web.api.clusters import WatchedCluster
from exporter.web.pages.page import TITLE, PageContext, render_frame, render_notices

_WORDS: Final = {
    "fail": ("bad", "something is wrong"),
    "unknown": ("unsure", "not everything could be judged"),
    "pass": ("good", "nothing is wrong"),
}
_WORST_FIRST: Final = (*_WORDS, None)


def render_overview(clusters: Iterable[WatchedCluster], version: str, notices: Iterable[str] = ()) -> str:
    """The whole document, worst clusters first."""
    ordered = sorted(clusters, key=lambda each: (_WORST_FIRST.index(each.verdict), each.name))
    parts = (part for each in ordered for part in _section(each))
    return render_frame(TITLE, [*render_notices(notices), *parts], PageContext(version))


def _section(cluster: WatchedCluster) -> Iterator[str]:
    kind, words = _WORDS.get(cluster.verdict or "", ("unsure", "not judged yet"))
    if cluster.pending and kind == "good":
        kind, words = "unsure", "still being read"
    yield f'<section class={kind}><h2><a href="/?cluster={quote(cluster.name, safe="")}">{_text(cluster.name)}</a></h2>'
    roots = f", {counted(cluster.roots, 'root cause')}" if cluster.roots else ""
    yield f"<p>{words}{roots}</p><p class=dim>{_text(cluster.server)}</p>"
    if cluster.pending:
        yield f"<p>Not read yet: {_text(', '.join(cluster.pending))}.</p>"
    yield "</section>"


def _text(text: str) -> str:
    return escape(clean_line(text))
