"""What is said where an address leads nowhere, or to one of several clusters."""

from __future__ import annotations

from collections.abc import Iterable

import htpy as h

from exporter.output.html.document import Page, Place
from exporter.web.api.clusters import WatchedCluster


def missing_page(title: str, version: str) -> Page:
    """A page that says what is missing, and leads back."""
    return Page(title, [h.h1[title], h.p[h.a(href="/")["Go to the first page"]]], Place(), version)


def choose_page(clusters: Iterable[WatchedCluster], path: str, version: str) -> Page:
    """Links to the same page of each cluster."""
    title = "Choose a cluster"
    links = [h.li[h.a(href=Place(cluster.name).page(path))[cluster.name]] for cluster in clusters]
    return Page(title, [h.h1[title], h.ul(".plain")[links]], Place(), version)
