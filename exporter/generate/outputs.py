"""OUTPUTS: every generated file."""

from __future__ import annotations

from functools import partial
from typing import Final

from exporter.checks import CHECKS
from exporter.generate.alertmanager import ALERTMANAGER
from exporter.generate.checks import check_page, file_of, index
from exporter.generate.configuration import configuration
from exporter.generate.coverage import coverage
from exporter.generate.metrics import metrics
from exporter.generate.output import Output
from exporter.generate.resources import rbac, resources
from exporter.generate.rules import RULES
from exporter.generate.runbooks import PAGES
from exporter.generate.schemas import schema
from exporter.report import REPORT
from exporter.web.boot_sources import BOOT_SOURCES

OUTPUTS: Final[tuple[Output, ...]] = (
    Output("docs/checks/README.md", "exporter/checks", index),
    *(Output(f"docs/checks/{check.id}.md", file_of(check), partial(check_page, check)) for check in CHECKS),
    Output("docs/coverage.md", "exporter/checks and exporter/generate/scenarios.py", coverage),
    Output("docs/metrics.md", "exporter/metrics", metrics),
    Output("docs/configuration.md", "exporter/options.py", configuration),
    Output("docs/resources.md", "exporter/watched.py", resources),
    Output("deploy/rbac.yaml", "exporter/watched.py", rbac),
    *RULES,
    *ALERTMANAGER,
    *PAGES,
    Output("docs/report.schema.json", "exporter/report.py", partial(schema, REPORT)),
    Output("docs/boot-sources.schema.json", "exporter/web/boot_sources.py", partial(schema, BOOT_SOURCES)),
)
