"""MANIFESTS: every object that is installed, but for rules and dashboards, which have folders of their own."""

from __future__ import annotations

from typing import Final

from exporter.generate.deploy.access import ACCESS
from exporter.generate.deploy.monitoring import MONITORING
from exporter.generate.deploy.network import NETWORK
from exporter.generate.deploy.workload import WORKLOAD

MANIFESTS: Final = (*ACCESS, *WORKLOAD, *NETWORK, *MONITORING)
