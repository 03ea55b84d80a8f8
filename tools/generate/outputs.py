"""OUTPUTS: every generated file."""

from __future__ import annotations

from functools import partial
from typing import Final

from exporter.boot_sources.document import BOOT_SOURCES
from exporter.checks import CHECKS
from exporter.doctor.diagnosis import DIAGNOSIS
from exporter.lint.report import LINT
from exporter.report import REPORT
from exporter.web.api.clusters import CLUSTERS
from exporter.whatif import FORESIGHT
from tools.generate.acm import ACM
from tools.generate.alertmanager import ALERTMANAGER
from tools.generate.check_ids import CHECK_IDS
from tools.generate.checks import check_index, check_page, file_of
from tools.generate.config_file import config_schema, example_file
from tools.generate.configuration import configuration_page
from tools.generate.coverage import coverage_page
from tools.generate.dashboards import OUTPUTS as BOARDS
from tools.generate.deploy import DEPLOY
from tools.generate.lint import lint_page
from tools.generate.metrics import metrics_page
from tools.generate.numbers import numbers_page
from tools.generate.output import Output
from tools.generate.recordings import SVGS
from tools.generate.resources import resources_page
from tools.generate.rules import RULES
from tools.generate.runbooks import PAGES
from tools.generate.schemas import schema_text
from tools.generate.slo import SLO

OUTPUTS: Final[tuple[Output, ...]] = (
    CHECK_IDS,
    Output("docs/checks/README.md", "exporter/checks", check_index),
    *(Output(f"docs/checks/{check.id}.md", file_of(check), partial(check_page, check)) for check in CHECKS),
    Output("docs/coverage.md", "exporter/checks and tools/generate/scenarios.py", coverage_page),
    Output("docs/lint.md", "exporter/lint/rules/catalogue.py", lint_page),
    Output("docs/lint.schema.json", "exporter/lint/report.py", partial(schema_text, LINT)),
    Output("docs/metrics.md", "exporter/metrics", metrics_page),
    Output("docs/configuration.md", "exporter/settings/options.py", configuration_page),
    Output("docs/numbers.md", "exporter/joins/lifecycle.py and tools/generate/numbers.py", numbers_page),
    Output("docs/resources.md", "exporter/cluster/resources.py", resources_page),
    *ACM,
    *RULES,
    *ALERTMANAGER,
    *SLO,
    *PAGES,
    *BOARDS,
    *DEPLOY,
    *SVGS,
    Output("docs/doctor.schema.json", "exporter/doctor/diagnosis.py", partial(schema_text, DIAGNOSIS)),
    Output("docs/report.schema.json", "exporter/report.py", partial(schema_text, REPORT)),
    Output("docs/what-if.schema.json", "exporter/whatif/document.py", partial(schema_text, FORESIGHT)),
    Output("docs/config.schema.json", "exporter/settings/options.py and exporter/checks", config_schema),
    Output("docs/config.example.yaml", "exporter/settings/options.py and exporter/checks", example_file),
    Output("docs/boot-sources.schema.json", "exporter/boot_sources/document.py", partial(schema_text, BOOT_SOURCES)),
    Output("docs/clusters.schema.json", "exporter/web/api/clusters.py", partial(schema_text, CLUSTERS)),
)
