"""The page of several clusters: how each of them is, and where to read more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.output.html.document import Page, Place
from exporter.output.html.icons import icon
from exporter.web.api.clusters import WatchedCluster

_WORDS: Final = {
    "fail": ("bad", "Something is broken"),
    "unknown": ("none", "Not everything could be checked"),
    "pass": ("good", "Everything is in order"),
}
_NOT_YET: Final = ("none", "Not checked yet")
_WORST_FIRST: Final = (*_WORDS, None)


def clusters_page(clusters: Iterable[WatchedCluster], version: str, notices: Sequence[str] = ()) -> Page:
    """The page, worst clusters first."""
    ordered = sorted(clusters, key=lambda cluster: (_WORST_FIRST.index(cluster.verdict), cluster.name))
    content = [h.h1["Clusters"], h.div[map(_card, ordered)]]
    return Page("Boot sources of all clusters", content, Place(), version, notices=tuple(notices))


def _card(cluster: WatchedCluster) -> h.Node:
    tone, words = _WORDS.get(cluster.verdict or "", _NOT_YET)
    if cluster.pending and tone == "good":
        tone, words = "none", "Still being read"
    problems = f": {counted(cluster.roots, 'problem')}" if cluster.roots else ""
    return h.section(f".card.answer.tone-{tone}", data_key=cluster.name)[
        icon(tone),
        h.div[
            h.h2[h.a(href=Place(cluster.name).page("/"))[cluster.name]],
            h.p[words, problems],
            h.p(".small.dim")[cluster.server],
            cluster.pending and h.p[f"Not read yet: {', '.join(cluster.pending)}."],
        ],
    ]
