"""DASHBOARDS: all of them, in the order in which people need them."""

from __future__ import annotations

from typing import Final

from exporter.generate.dashboards.detail import DETAIL
from exporter.generate.dashboards.health import HEALTH
from exporter.generate.dashboards.overview import OVERVIEW

DASHBOARDS: Final = (OVERVIEW, DETAIL, HEALTH)
