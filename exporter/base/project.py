"""Where the project lives: what links to its documentation begins with one of these."""

from __future__ import annotations

from typing import Final

HOME: Final = "https://github.com/bootsource-exporter/bootsource-exporter"
DOCS: Final = f"{HOME}/blob/main/docs"
"""Pages, as people read them: runbooks, checks, references."""
RUNBOOKS: Final = f"{DOCS}/runbooks"
"""Base of runbook_url. Sites without internet serve a copy and name its base instead."""
DASHBOARDS: Final = "/d"
"""Base of dashboard_url: the path of every Grafana. Sites put the address of theirs before it."""
IMAGE: Final = "ghcr.io/bootsource-exporter/bootsource-exporter"
"""The container image; its tags are the versions."""
