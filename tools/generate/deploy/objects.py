"""MANIFESTS: every object that is installed, but for rules and dashboards, which have folders of their own."""

from __future__ import annotations

from typing import Final

from tools.generate.deploy.access import ACCESS
from tools.generate.deploy.monitoring import MONITORING
from tools.generate.deploy.network import NETWORK
from tools.generate.deploy.workload import WORKLOAD

MANIFESTS: Final = (*ACCESS, *WORKLOAD, *NETWORK, *MONITORING)
