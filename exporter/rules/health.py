"""Alerts on the exporter itself: whoever is not told of a problem must be able to rely on there being none."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.report import Severity
from exporter.rules.kit import Alert

DOWN: Final = "BootSourceExporterDown"
_LOGS: Final = "oc logs -n bootsource-exporter -l app.kubernetes.io/name=bootsource-exporter"
"""In the namespace of our manifests: `logs` has no -A."""
_SILENT: Final = 600
"""Seconds without a sign of life of a watch: twice as long as a watch lasts, also on a server without bookmarks."""
_NOBODY_ELSE: Final = "It is about this exporter, which the platform does not know."
_WARNING: Final = Severity.WARNING
_FAILURES: Final = {
    "check-crashes": "max by (cluster) (increase(bootsource_exporter_check_failures_total[15m])) > 0",
    "metric-crashes": "max by (cluster) (increase(bootsource_exporter_family_failures_total[15m])) > 0",
    "http-crashes": "max by (cluster) (increase(bootsource_exporter_http_failures_total[15m])) > 0",
    "watch-crashes": 'max by (cluster) (increase(bootsource_exporter_watch_requests_total{outcome="crashed"}[15m])) > 0',
    "thread-ended": "min by (cluster) (bootsource_exporter_thread_alive) == 0",
    "not-judging": "time() - max by (cluster) (bootsource_exporter_last_evaluation_timestamp_seconds) > 300",
    "configuration-refused": "min by (cluster) (bootsource_config_last_reload_successful) == 0",
}
"""The value of the label `reason`, and when it is so."""

HEALTH: Final = (
    Alert(
        name=DOWN,
        expr="absent(bootsource_exporter_build_info)",
        labels=(),
        severity=_WARNING,
        for_=timedelta(minutes=10),
        keep_firing_for=timedelta(),
        summary="Nobody watches the boot sources: Prometheus receives nothing from bootsource-exporter.",
        description=(
            "Prometheus has no metrics of any bootsource-exporter. Effect: problems of boot sources are not noticed, and "
            "no other alert about them can fire. "
            "Look at it: `oc get pods -A -l app.kubernetes.io/name=bootsource-exporter`"
        ),
        meaning="No replica of the exporter is scraped with success. One of several that is missing does not matter.",
        impact="Problems of boot sources go unnoticed. Virtual machines are not affected.",
        diagnosis="""\
Is it running, and is it a target of Prometheus?

```bash
oc get pods -A -l app.kubernetes.io/name=bootsource-exporter
oc get servicemonitor,podmonitor -A | grep bootsource
```""",
        mitigation=(
            "Start it, or mend what keeps Prometheus from scraping it: a NetworkPolicy, a ServiceMonitor whose selector does "
            "not match, a namespace without the label that monitoring looks for."
        ),
        unrelated="TargetDown of the platform fires while the target exists and cannot be scraped; it is silent when the "
        "target is gone.",
    ),
    Alert(
        name="BootSourcePermissionMissing",
        expr=(
            'max by (cluster, resource) (bootsource_resource_state{state="forbidden"}) == 1 or '
            'max by (cluster, resource) (bootsource_resource_hidden_namespaces{state="forbidden"}) > 0'
        ),
        labels=("cluster", "resource"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=5),
        summary="bootsource-exporter may not list {{ $labels.resource }}.",
        description=(
            "The API server refuses bootsource-exporter to list or watch {{ $labels.resource }}. Effect: every check that "
            "needs them is blind. Look at it: `oc get clusterrolebinding -o wide | grep bootsource-exporter`"
        ),
        meaning="The ServiceAccount of the exporter lacks a permission on a resource, in all namespaces or in some of those "
        "that hold boot sources.",
        impact="Checks that read the resource are blind: they find nothing, and give no all-clear.",
        diagnosis="""\
Which permissions does it have, and which does it need?

```bash
oc get clusterrolebinding -o wide | grep bootsource-exporter
oc auth can-i list RESOURCE --all-namespaces --as system:serviceaccount:NAMESPACE:bootsource-exporter
```

What it needs is in [resources.md](../resources.md) and in `deploy/kustomize/base/clusterrole.yaml`.""",
        mitigation="""\
Apply the roles of the version that runs. If the resource shall not be read, switch it off with `--disable`.

```bash
oc apply -f deploy/kustomize/base/clusterrole.yaml
```""",
        unrelated=_NOBODY_ELSE,
    ),
    Alert(
        name="BootSourceWatchStale",
        expr=(
            'max by (cluster, resource) (bootsource_resource_state{state=~"stale|failed|pending"}) == 1 '
            "or time() - min by (cluster, resource) (bootsource_exporter_watch_last_alive_timestamp_seconds) > "
            f"{_SILENT}"
        ),
        labels=("cluster", "resource"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=5),
        summary="bootsource-exporter has lost sight of {{ $labels.resource }}.",
        description=(
            "bootsource-exporter cannot list or watch {{ $labels.resource }} at present. Effect: what it says of them is "
            "old, and checks that need them are or become blind. "
            f"Look at it: `{_LOGS} --tail=50`"
        ),
        meaning=(
            "A resource was never listed, its watch was lost and cannot be resumed, or its watch has received nothing for ten "
            "minutes although its state says otherwise. A watch that works receives something about once a minute, and is begun "
            "again at least every five minutes."
        ),
        impact="After five minutes the checks that read the resource are blind.",
        diagnosis="""\
Does the API server serve the resource? A conversion webhook or an aggregated API that is down makes lists fail.

```bash
oc get --raw /readyz
oc get apiservice | grep -v True
oc get RESOURCE -A
```""",
        mitigation="Mend what answers for the resource; the exporter resumes by itself within a minute.",
        unrelated="KubeAPIDown and AggregatedAPIDown may be the cause; they do not tell who is blind because of it.",
    ),
    Alert(
        name="BootSourceAuditBlind",
        expr=(
            'count by (cluster) (max by (cluster, check) (bootsource_check_status{status="blind"}) == 1) > 0 '
            'unless on (cluster) max by (cluster) (bootsource_resource_state{state="disabled"}) == 1'
        ),
        labels=("cluster",),
        severity=_WARNING,
        for_=timedelta(minutes=20),
        keep_firing_for=timedelta(minutes=5),
        summary='{{ $value | printf "%.0f" }} checks of boot sources cannot judge.',
        description=(
            '{{ $value | printf "%.0f" }} checks are blind, because a resource that they read is not known. Effect: the '
            "problems that they would find are not noticed. Which, and why: `bootsource-exporter audit`"
        ),
        meaning=(
            "Checks are blind. Usually BootSourcePermissionMissing or BootSourceWatchStale tells the cause, and mutes this "
            "alert. It is silent where a resource was switched off on purpose."
        ),
        impact="Problems that these checks would find are not noticed, and their absence is no all-clear.",
        diagnosis="""\
Which checks are blind, and on what?

```bash
bootsource-exporter audit
```""",
        mitigation="Make the resource readable, or switch it off with `--disable` if it shall not be read.",
        unrelated=_NOBODY_ELSE,
    ),
    Alert(
        name="BootSourceExporterFailing",
        expr=" or ".join(f'label_replace({expr}, "reason", "{reason}", "", "")' for reason, expr in _FAILURES.items()),
        labels=("cluster", "reason"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=15),
        summary=(
            'bootsource-exporter {{ if eq $labels.reason "configuration-refused" }}refuses its configuration file'
            "{{ else }}has a defect: {{ $labels.reason }}{{ end }}."
        ),
        description=(
            '{{ if eq $labels.reason "configuration-refused" }}'
            "The configuration file was changed to one that bootsource-exporter refuses. Effect: what stood there before "
            "still counts, and it will not start again with what stands there now. Which line, and why: "
            f"`{_LOGS} --tail=-1 | grep 'configuration file is refused'`"
            "{{ else }}"
            "A check, a metric, a watch or the HTTP server of bootsource-exporter crashes, one of its threads has ended, or "
            "the checks have not been evaluated for five minutes. "
            f"Effect: part of what it should say is missing. Look at it: `{_LOGS} --tail=50`"
            "{{ end }}"
        ),
        meaning=(
            "The exporter does not do all that it should. Its label `reason` says why: `check-crashes` (it counts as "
            "unknown), `metric-crashes` (it has no samples), `watch-crashes` (an answer of the API server that the exporter "
            "cannot read, or a bug; the watch is tried again), `http-crashes` (a request or a connection was lost), `thread-ended` (what the thread did is not done any more, and "
            "/healthz says 503), `not-judging` (nothing was evaluated for five minutes), or "
            "`configuration-refused`: the configuration file was changed and has a mistake."
        ),
        impact=(
            "Of a crash: what the check or the metric would say is missing, and what a watch reads becomes unknown after five "
            "minutes; everything else is right. Of a thread that has ended: `bootsource_exporter_thread_alive` names it; "
            "without a liveness probe its work is not done until the exporter restarts. Of a configuration "
            "that is refused: the last good one counts, until the exporter restarts; then it does not start."
        ),
        diagnosis=f"""\
The log has the reason, once per check; of a configuration file the line and the mistake:

```bash
{_LOGS} --tail=200
{_LOGS} --tail=-1 | grep 'configuration file is refused'
```""",
        mitigation=(
            "Restart the exporter if a thread has ended; the liveness probe of our manifests does. "
            "Correct the configuration file; that it counts shows within a minute, without a restart. "
            "`bootsource-exporter config check --config FILE` says the same before you apply it. "
            "A defect: report it with that log. A newer version may have mended it already; the older one may not have "
            "had it."
        ),
        unrelated=_NOBODY_ELSE,
    ),
)
