"""docs/dashboards.md: what the dashboards answer, where to load them from, and which metrics they leave to queries."""

from __future__ import annotations

import re
from typing import Final

from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES
from tools.generate.dashboards.definitions import DASHBOARDS
from tools.generate.dashboards.model import Dashboard
from tools.generate.markdown import format_code, format_link, format_prose, join_blocks, markdown_table

QUERY_ONLY: Final = {
    "bootsource_check_info": "for alerts and queries: the title and the area of each check",
    "bootsource_check_effect_info": "for alerts: what a failure of each check leads to",
    "bootsource_findings": "for queries: counts of all findings, also above the cap of series",
    "bootsource_template_resolves": "one series for each template: the sum is shown, single ones are findings",
    "bootsource_virtualmachinetemplate_resolves": "one series for each template: the sum is shown, single ones are findings",
    "bootsource_dataimportcron_conditions": "0 is a finding of its own; the number says nothing more",
    "bootsource_dataimportcron_schedule_previous_timestamp_seconds": "for alerts: a poll that did not happen is a finding",
    "bootsource_datasource_cloned_volumes": "where VirtualMachines came from: old images in use are no problem by themselves",
    "bootsource_datasource_image_info": "format and class of one image: a property that only an import changes",
    "bootsource_datasource_image_size_bytes": "a property that only an import changes",
    "bootsource_datasource_image_imported_timestamp_seconds": "for queries: the age of an image, and of what was cloned",
    "bootsource_datasource_image_volumes": "for queries: which VirtualMachines run from how old an image",
    "bootsource_datasource_old_image_bytes": "for queries: too many old images are a finding",
    "bootsource_stored_images": "for queries: too many old images are a finding",
    "bootsource_stored_image_bytes": "for queries: too many old images are a finding",
    "bootsource_resource_hidden_namespaces": "the alert BootSourcePermissionMissing and the page name the namespaces",
    "bootsource_hyperconverged_multi_arch_enabled": "a property that does not change by itself",
}
"""Families about clusters that no panel uses, and why not."""

_LOADING: Final = """\
All of them are made from one definition. Take the form that your Grafana or console loads:

| Where | What | How |
| --- | --- | --- |
| Grafana 10.4 and newer | `dashboards/grafana/*.json` | Dashboards, New, Import; or provision the folder as files |
| Grafana operator | `dashboards/grafana-operator/*.yaml` | `kubectl apply -f dashboards/grafana-operator/` in the namespace of a Grafana with the label `dashboards: grafana` |
| Sidecar of Grafana's chart, kube-prometheus-stack | `dashboards/configmaps/*.yaml` | `kubectl apply -f dashboards/configmaps/` in a namespace that the sidecar reads |
| OpenShift console, Observe, Dashboards | `dashboards/openshift/*.yaml` | `oc apply -f dashboards/openshift/`, as cluster administrator: the console asks the platform's own Prometheus |
| Perses, and the console's plugin for it | `dashboards/perses/v1alpha1/`, `v1alpha2/` | `oc apply -f` the version that `oc api-resources --api-group=perses.dev -o wide` shows |

No edit is needed: the data source, the job, the instance and the cluster are variables; in the console the data source is
its own, and there is no variable for clusters. Where there is a single cluster its variable is empty and stands for all.
With several, one value for all of them is that of the worst. Two replicas show as one. Budgets of freshness need the
[recording rules](alerts.md); all else needs nothing but the metrics.
"""
_MEANING: Final = """\
Colour never stands alone: what is red also says so. Purple is what nobody knows. Ages are computed from the times that
the metrics hold, when the dashboard is drawn. A panel without data says why that can be, and "no exporter is scraped"
never looks like "nothing is broken". Marks on the time axis: a finding begins, an image was imported, an exporter has
started.

The forms differ where their programs do. Grafana has everything. Perses (0.52 and newer) has no marks, no links in tables
and no sentences for panels without data: the description of a panel has them; what to do next is a row of a table, since
its stats show what was in all of the time chosen. The console's dashboards have no words for numbers in tables, no colours,
and graphs in place of state timelines.
"""


def dashboards_page() -> str:
    """The page."""
    return join_blocks(
        "# Dashboards",
        _LOADING.rstrip(),
        _MEANING.rstrip(),
        *map(_section, DASHBOARDS),
        _perses_section(),
        _query_only(),
    )


def used_metrics() -> set[str]:
    """Names of all metrics that some panel, variable or mark uses."""
    expressions = [query.expr for board in DASHBOARDS for panel in board.panels for query in panel.queries]
    expressions += [each.expr for board in DASHBOARDS for each in board.annotations]
    expressions += [variable.metric for board in DASHBOARDS for variable in board.variables]
    words = set(re.findall(r"[a-z_][a-z0-9_]*", " ".join(expressions)))
    known = [*(family.name for family in FAMILIES), *(family.name for family in OWN_FAMILIES)]
    return {name for name in known if {name, f"{name}_sum", f"{name}_count"} & words}


def _section(board: Dashboard) -> str:
    rows = [
        (
            format_prose(panel.title),
            format_prose(panel.description),
            format_prose(panel.empty),
            format_prose(panel.sparse),
        )
        for row in board.rows
        for panel in row.panels
    ]
    shown = f"![{board.title}, a preview](images/{board.uid}-light-1920.png)"
    return join_blocks(
        f"## {board.title}",
        f"{format_prose(board.description)} Its uid is {format_code(board.uid)}.",
        shown,
        markdown_table(("Panel", "What it says", "Without data", "Usual without data if"), rows),
    ).rstrip()


def _perses_section() -> str:
    shown = [f"![{board.title}, drawn by Perses](images/perses-{board.uid}-light-1920.png)" for board in DASHBOARDS]
    return join_blocks("## In Perses", "The same, drawn by the components of Perses.", *shown).rstrip()


def _query_only() -> str:
    rows = [
        (format_link(format_code(name), f"metrics.md#{name}"), format_prose(why))
        for name, why in sorted(QUERY_ONLY.items())
    ]
    return join_blocks(
        "## Metrics that no dashboard shows",
        "They are for queries and alerts.",
        markdown_table(("Metric", "Why"), rows),
    ).rstrip()
