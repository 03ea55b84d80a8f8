"""rules/slo/: the freshness objective for Pyrra and for Sloth, which make rules and dashboards of it by themselves.

Both read what the rules that ship record. With either of them leave out the alert BootSourceFreshnessBudgetBurning.
"""

from __future__ import annotations

from typing import Any, Final

from exporter.rules.freshness import FRESH, OBJECTIVE, STALE, WINDOW
from tools.generate.manifests import dump_documents
from tools.generate.output import Output

_SOURCE: Final = "tools/generate/slo.py"
_TARGET: Final = OBJECTIVE * 100
_ABOUT: Final = "Each boot source is proven to hold the newest image within the freshness target of the exporter."


def pyrra() -> str:
    """A ServiceLevelObjective per boot source, by the labels that it is grouped by."""
    indicator: dict[str, Any] = {
        "bool_gauge": {"metric": FRESH, "grouping": ["cluster", "object_namespace", "dataimportcron"]}
    }
    spec = {"target": f"{_TARGET:g}", "window": f"{WINDOW.days}d", "description": _ABOUT, "indicator": indicator}
    return dump_documents(
        {
            "apiVersion": "pyrra.dev/v1alpha1",
            "kind": "ServiceLevelObjective",
            "metadata": {"name": "bootsource-freshness", "namespace": "bootsource-exporter"},
            "spec": spec,
        }
    )


def sloth() -> str:
    """One objective over all boot sources. Sloth's periods are fixed; its default is 30 days."""
    ratio = f"avg(avg_over_time({STALE}[{{{{.window}}}}]))"
    alerting = {
        "name": "BootSourceFreshness",
        "labels": {"team": "virtualization"},
        "page_alert": {"disable": True},
        "ticket_alert": {"labels": {"severity": "warning"}},
    }
    objective = {
        "name": "freshness",
        "objective": _TARGET,
        "description": _ABOUT,
        "sli": {"raw": {"error_ratio_query": ratio}},
        "alerting": alerting,
    }
    return dump_documents({"version": "prometheus/v1", "service": "bootsource", "slos": [objective]})


SLO: Final = (
    Output("rules/slo/pyrra.yaml", _SOURCE, pyrra),
    Output("rules/slo/sloth.yaml", _SOURCE, sloth),
)
