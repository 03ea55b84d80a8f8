"""docs/runbooks: a page per alert; and docs/alerts.md: all alerts and recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from exporter.base.durations import format_short
from exporter.base.project import RUNBOOKS
from exporter.checks.check import Check
from exporter.rules import ALERTS, RECORDINGS
from exporter.rules.alert import Alert
from tools.generate.markdown import (
    as_sentence,
    format_code,
    format_link,
    format_paragraphs,
    format_prose,
    join_blocks,
    join_items,
    markdown_table,
)
from tools.generate.output import Output

_SOURCE: Final = "exporter/rules"


def runbook_page(alert: Alert) -> str:
    """What somebody needs who is woken by this alert."""
    return join_blocks(
        f"# {alert.name}",
        "## Meaning",
        format_paragraphs(alert.meaning),
        *_checks(alert),
        _firing(alert),
        *_relations(alert),
        "## Impact",
        format_paragraphs(alert.impact),
        *_per_check(alert, lambda check: check.impact),
        "## Diagnosis",
        format_paragraphs(alert.diagnosis),
        *_per_check(alert, lambda check: check.diagnosis),
        "## Mitigation",
        format_paragraphs(alert.mitigation),
        *(block for check in alert.checks for block in _mitigation(check)),
        *_rare_causes(alert),
        format_link("All alerts", "../alerts.md"),
    )


def _checks(alert: Alert) -> list[str]:
    if not alert.checks:
        return []
    rows = [
        (format_link(format_code(c.id), f"#{c.id}"), format_prose(c.summary), c.severity.value) for c in alert.checks
    ]
    return [
        _ROOTS,
        markdown_table(("Check", "Problem", "Severity unless the object tells otherwise"), rows),
    ]


def _firing(alert: Alert) -> str:
    keep = (
        f", and goes on for {format_short(alert.keep_firing_for)} after it was last seen"
        if alert.keep_firing_for
        else ""
    )
    return f"Severity {alert.severity.value}. It fires when this has lasted for {format_short(alert.for_)}{keep}."


def _relations(alert: Alert) -> Iterator[str]:
    yield "Alerts of the platform:"
    items = [f"- {format_code(r.platform)}: {format_prose(r.differs)}" for r in alert.relations]
    yield "\n".join(items) if items else format_prose(alert.unrelated)


def _per_check(alert: Alert, told: Callable[[Check], str]) -> list[str]:
    return (
        ["\n".join(f"- {format_code(check.id)}: {format_prose(told(check))}" for check in alert.checks)]
        if alert.checks
        else []
    )


def _rare_causes(alert: Alert) -> list[str]:
    """What helps with the other checks stands where it usually belongs; the links of instances lead here."""
    if not alert.also:
        return []
    return [
        _ALSO,
        *(
            block
            for check in alert.also
            for block in (f"### {check.id}", f"{format_prose(as_sentence(check.summary))} {_usual_causes(check)}")
        ),
    ]


def _usual_causes(check: Check) -> str:
    alert = next((alert.name for alert in ALERTS if check in alert.checks), None)
    page_of_check = format_link("its page", f"../checks/{check.id}.md")
    return f"What helps: {format_link(alert, f'{alert}.md#{check.id}') if alert else page_of_check}."


def _mitigation(check: Check) -> tuple[str, ...]:
    page_of_check = format_link("its page", f"../checks/{check.id}.md")
    fence = f"```bash\nbootsource-exporter explain {check.id}\n```"
    return (
        f"### {check.id}",
        format_prose(as_sentence(check.summary)),
        format_paragraphs(check.mitigation),
        fence,
        f"More: {page_of_check}.",
    )


_ALSO: Final = (
    "These checks usually have another severity. A cause is as bad as the worst that it leads to, and the "
    "configuration may set a severity, so they can be behind this alert as well."
)
_ROOTS: Final = (
    "Each instance of the alert is one root cause; what only suffers from it raises no alert. The label `check` tells "
    "which of these, or of those at the end of this page, it is:"
)
_LINKS: Final = (
    "How each is related to alerts of the platform, and which mute which, is in its runbook. Links to runbooks begin "
    f"with `{RUNBOOKS}`; a site without internet serves a copy and replaces that. Likewise `dashboard_url` begins "
    "with `/d/`, the path of every Grafana, before which the address of yours belongs:"
)
_REPLACE: Final = f"""\
```bash
sed -e 's#{RUNBOOKS}#https://docs.example.com/runbooks#' \\
    -e 's#dashboard_url: /d/#dashboard_url: https://grafana.example.com/d/#' rules/bootsource.rules.yaml
```"""
_ABOUT: Final = """\
What Prometheus and Alertmanager load is in `rules/`; all of it is generated from the same declarations as this page.

| for | load |
| --- | --- |
| a Prometheus that reads files | `rules/bootsource.rules.yaml` |
| the Prometheus Operator | `rules/operator/prometheusrule.yaml`; set the label that your Prometheus selects by |
| OpenShift, monitoring of user workloads | `rules/openshift-user-workload/prometheusrule.yaml` |
| OpenShift, monitoring of the platform | `rules/openshift-platform/prometheusrule.yaml` |
| the same, found by KubeVirt's dashboards | `rules/kubevirt/prometheusrule.yaml` |
| Alertmanager | `rules/alertmanager/`, see [notifications](notifications.md) |

All of them carry `operator_health_impact: none`: problems of boot sources do not turn the health of the platform red.
The labels that KubeVirt's dashboards look for are therefore in a variant of its own. The rules for the operator set
`namespace: bootsource-exporter`, by which an AlertmanagerConfig is routed: change it together with the namespace, as
the chart does by itself.

A finding and its alert have the same severity, by one rule:

- `critical`: virtual machines cannot be created from something that somebody uses, or its image is lost. It raises
  `BootSourceMachineCreationBroken`.
- `warning`: images grow old or will fail, nobody uses what is broken, or a single virtual machine or template names the
  wrong source. It raises the alert of its area.
- `info`: hygiene. It raises no alert.

A boot source is used if a virtual machine or a DataVolume waits for it or was cloned from it, or if a template of your
own names it. Templates that OpenShift Virtualization delivers exist for every operating system, so they are not a use.
While it is not known who uses a boot source, it counts as used. A cause is at least as severe as what follows from it.
A severity that the configuration sets is not changed. What is wrong with a single virtual machine or template is an
alert of its own, `BootSourceReferenceBroken`. Its label `namespace` is that of the object, so it can go to the tenant.

Every alert about boot sources has one instance per root cause. Two replicas, a restarted pod, and labels that OpenShift
adds or renames change nothing. Findings of severity `info` raise no alert: they are in reports and on dashboards."""


def alerts_page() -> str:
    """All alerts and recordings."""
    rows = [
        (
            format_link(format_code(a.name), f"runbooks/{a.name}.md"),
            a.severity.value,
            format_short(a.for_),
            format_short(a.keep_firing_for) if a.keep_firing_for else "",
            format_prose(a.meaning.split("\n\n")[0]),
            join_items(
                (format_link(format_code(c.id), f"checks/{c.id}.md") for c in a.checks),
                none="the exporter itself" if a.ours else "",
            ),
            join_items((format_code(r.platform) for r in a.relations), none=""),
        )
        for a in ALERTS
    ]
    recordings = [
        (format_code(r.name), join_items(map(format_code, r.labels)), format_prose(r.help)) for r in RECORDINGS
    ]
    return join_blocks(
        "# Alerts",
        _ABOUT,
        markdown_table(
            ("Alert", "Severity", "For", "Kept", "Meaning", "Checks", "Related alerts of the platform"), rows
        ),
        _LINKS,
        _REPLACE,
        "## Recordings",
        markdown_table(("Name", "Labels", "Meaning"), recordings),
    )


PAGES: Final = (
    Output("docs/alerts.md", _SOURCE, alerts_page),
    *(Output(f"docs/runbooks/{alert.name}.md", _SOURCE, partial(runbook_page, alert)) for alert in ALERTS),
)
