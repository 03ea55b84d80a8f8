"""OUTPUTS: every generated file."""

from __future__ import annotations

from functools import partial
from typing import Final

from exporter.checks import CHECKS
from exporter.doctor.diagnosis import DIAGNOSIS
from exporter.generate.acm import allow_list
from exporter.generate.alertmanager import ALERTMANAGER
from exporter.generate.checks import check_page, file_of, index
from exporter.generate.config_file import config_schema, example
from exporter.generate.configuration import configuration
from exporter.generate.coverage import coverage
from exporter.generate.dashboards import OUTPUTS as BOARDS
from exporter.generate.deploy import DEPLOY
from exporter.generate.metrics import metrics
from exporter.generate.output import Output
from exporter.generate.resources import resources
from exporter.generate.rules import RULES
from exporter.generate.runbooks import PAGES
from exporter.generate.schemas import schema
from exporter.report import REPORT
from exporter.web.boot_sources import BOOT_SOURCES
from exporter.web.clusters import CLUSTERS

OUTPUTS: Final[tuple[Output, ...]] = (
    Output("docs/checks/README.md", "exporter/checks", index),
    *(Output(f"docs/checks/{check.id}.md", file_of(check), partial(check_page, check)) for check in CHECKS),
    Output("docs/coverage.md", "exporter/checks and exporter/generate/scenarios.py", coverage),
    Output("docs/metrics.md", "exporter/metrics", metrics),
    Output("docs/configuration.md", "exporter/options.py", configuration),
    Output("docs/resources.md", "exporter/watched.py", resources),
    Output("deploy/acm/observability-metrics-custom-allowlist.yaml", "exporter/metrics", allow_list),
    *RULES,
    *ALERTMANAGER,
    *PAGES,
    *BOARDS,
    *DEPLOY,
    Output("docs/doctor.schema.json", "exporter/doctor/diagnosis.py", partial(schema, DIAGNOSIS)),
    Output("docs/report.schema.json", "exporter/report.py", partial(schema, REPORT)),
    Output("docs/config.schema.json", "exporter/options.py and exporter/checks", config_schema),
    Output("docs/config.example.yaml", "exporter/options.py and exporter/checks", example),
    Output("docs/boot-sources.schema.json", "exporter/web/boot_sources.py", partial(schema, BOOT_SOURCES)),
    Output("docs/clusters.schema.json", "exporter/web/clusters.py", partial(schema, CLUSTERS)),
)
