"""DASHBOARDS: all of them, in the order in which people need them."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.detail import DETAIL
from tools.generate.dashboards.health import HEALTH
from tools.generate.dashboards.overview import OVERVIEW

DASHBOARDS: Final = (OVERVIEW, DETAIL, HEALTH)
