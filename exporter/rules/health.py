"""Alerts on the exporter itself: where no alert fires you must be able to rely on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from exporter.report import Severity
from exporter.rules.alert import Alert
from exporter.rules.continuity import ALIVE, SEEN, firing, held

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
}
_RELOADS: Final = {
    "configuration-refused": "min by (cluster) (bootsource_config_last_reload_successful) == 0",
    "certificate-refused": "min by (cluster) (bootsource_exporter_tls_last_reload_successful) == 0",
    "certificate-expires": "min by (cluster) (bootsource_exporter_tls_certificate_expiry_timestamp_seconds) - time() < 604800",
}
"""A week: certificates are renewed weeks before they expire, so one that is not is stuck, and there is time to act."""


def _reasons(conditions: Mapping[str, str]) -> str:
    """One expression for conditions by the value of their label `reason`."""
    return " or ".join(f'label_replace({expr}, "reason", "{reason}", "", "")' for reason, expr in conditions.items())


_BLIND: Final = (
    'count by (cluster) (max by (cluster, check) (bootsource_check_status{status="blind"}) == 1) > 0 '
    'unless on (cluster) max by (cluster) (bootsource_resource_state{state="disabled"}) == 1'
)
_UNREADABLE: Final = 'max by (cluster) (bootsource_resource_state{state=~"forbidden|stale|failed|pending"}) == 1'
"""Has an alert of its own, which names the resource. Where checks are blind because of it, that one is enough."""
_BLINDNESS: Final = {
    "checks-blind": f"({_BLIND} unless on (cluster) {_UNREADABLE})",
    "objects-rejected": "sum by (cluster) (max by (cluster, resource) (bootsource_resource_rejected_objects)) > 0",
}
_AUDIT: Final = "BootSourceAuditBlind"
_STILL_BLIND: Final = f'label_replace({_BLIND}, "reason", "checks-blind", "", "") and on (cluster, reason) {firing(_AUDIT, ("cluster", "reason"))}'
_PERMISSION: Final = (
    'max by (cluster, resource) (bootsource_resource_state{state="forbidden"}) == 1 or '
    'max by (cluster, resource) (bootsource_resource_hidden_namespaces{state="forbidden"}) > 0'
)
_WATCH: Final = (
    'max by (cluster, resource) (bootsource_resource_state{state=~"stale|failed|pending"}) == 1 '
    "or time() - min by (cluster, resource) (bootsource_exporter_watch_last_alive_timestamp_seconds) > "
    f"{_SILENT}"
)

HEALTH: Final = (
    Alert(
        name=DOWN,
        expr=f"absent(bootsource_exporter_build_info) or ({SEEN} unless on (cluster) {ALIVE})",
        labels=("cluster",),
        severity=_WARNING,
        for_=timedelta(minutes=10),
        keep_firing_for=timedelta(),
        summary="bootsource-exporter is down: Prometheus receives nothing from it",
        description=(
            "Effect: new problems of boot sources are not noticed. Alerts that fire already go on firing, since it is not "
            "known whether their problems are fixed"
        ),
        command="oc get pods -A -l app.kubernetes.io/name=bootsource-exporter",
        meaning=(
            "No replica of the exporter is scraped successfully, or none evaluates the checks. One of several replicas that "
            "is missing does not matter. Where one Prometheus has several clusters, each is missed by itself for seven days "
            "after its exporter was last seen; for longer only if no exporter at all is left."
        ),
        impact="Problems of boot sources go unnoticed. Virtual machines are not affected.",
        diagnosis="""\
Is it running, and is it a target of Prometheus?

```bash
oc get pods -A -l app.kubernetes.io/name=bootsource-exporter
oc get servicemonitor,podmonitor -A | grep bootsource
```""",
        mitigation=(
            "Start it, or fix what keeps Prometheus from scraping it: a NetworkPolicy, a ServiceMonitor whose selector does "
            "not match, a namespace without the label that monitoring looks for."
        ),
        unrelated="TargetDown of the platform fires while the target exists and cannot be scraped; it is silent when the "
        "target is gone.",
    ),
    Alert(
        name="BootSourcePermissionMissing",
        expr=held("BootSourcePermissionMissing", _PERMISSION, ("cluster", "resource")),
        labels=("cluster", "resource"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=5),
        summary="bootsource-exporter has no permission to list {{ $labels.resource }}",
        description=(
            "The API server refuses to let bootsource-exporter list or watch {{ $labels.resource }}. Effect: every check that "
            "needs them is blind"
        ),
        command="oc get clusterrolebinding -o wide | grep bootsource-exporter",
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
Apply the roles of the version that runs. If the resource is not to be read, switch it off with `--disable`.

```bash
oc apply -f deploy/kustomize/base/clusterrole.yaml
```""",
        unrelated=_NOBODY_ELSE,
    ),
    Alert(
        name="BootSourceWatchStale",
        expr=held("BootSourceWatchStale", _WATCH, ("cluster", "resource")),
        labels=("cluster", "resource"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=5),
        summary="bootsource-exporter cannot watch {{ $labels.resource }}",
        description=(
            "bootsource-exporter cannot list or watch {{ $labels.resource }} at present. Effect: what it reports of them is "
            "old, and checks that need them are blind, or will be soon"
        ),
        command=f"{_LOGS} --tail=50",
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
        mitigation="Fix what answers for the resource; the exporter resumes by itself within a minute.",
        unrelated="KubeAPIDown and AggregatedAPIDown may be the cause; they do not tell who is blind because of it.",
    ),
    Alert(
        name=_AUDIT,
        expr=held(_AUDIT, f"{_reasons(_BLINDNESS)} or ({_STILL_BLIND})", ("cluster", "reason")),
        labels=("cluster", "reason"),
        severity=_WARNING,
        for_=timedelta(minutes=20),
        keep_firing_for=timedelta(minutes=5),
        summary='{{ if eq $labels.reason "objects-rejected" }}Objects of the cluster cannot be read{{ else }}Checks of boot '
        "sources are blind{{ end }}, so problems may be missed",
        description=(
            '{{ if eq $labels.reason "objects-rejected" }}bootsource-exporter cannot decode some objects. Effect: whether '
            "they are in order is unknown{{ else }}A resource that some checks read is not known. Effect: the problems that "
            "they would find are not noticed{{ end }}. Which, and why, is on the page of the exporter and in the report of "
            "`bootsource-exporter audit`"
        ),
        command=f"{_LOGS} --tail=50",
        page="/",
        meaning=(
            "Not everything can be evaluated. The label `reason` says why: `checks-blind`: a resource that checks read is not "
            "known, and neither BootSourcePermissionMissing nor BootSourceWatchStale tells of it; silent where a resource was "
            "switched off on purpose. `objects-rejected`: objects exist and cannot be decoded, so that what they say is "
            "unknown; `bootsource_resource_rejected_objects` tells of which resource."
        ),
        impact="Problems that these checks would find, or that these objects have, are not noticed. That nothing is found "
        "does not mean that all is well.",
        diagnosis="""\
Which checks are blind, on what, and which objects are rejected for which field?

```bash
bootsource-exporter audit
```""",
        mitigation="Make the resource readable, or switch it off with `--disable` if it is not to be read. An object that is "
        "rejected has a field of the wrong type, or more of something than is plausible: correct it; if it is right, report "
        "it as a bug of the exporter.",
        unrelated=_NOBODY_ELSE,
    ),
    Alert(
        name="BootSourceExporterFailing",
        expr=_reasons(_FAILURES),
        labels=("cluster", "reason"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=15),
        summary="bootsource-exporter has a bug: {{ $labels.reason }}",
        description=(
            "A check, a metric, a watch or the HTTP server of bootsource-exporter crashes, one of its threads has ended, or "
            "the checks have not been evaluated for five minutes. Effect: part of what it should report is missing"
        ),
        command=f"{_LOGS} --tail=50",
        meaning=(
            "The exporter does not do all that it should. Its label `reason` says why: `check-crashes` (it counts as "
            "unknown), `metric-crashes` (it has no samples), `watch-crashes` (an answer of the API server that the exporter "
            "cannot read, or a bug; the watch is tried again), `http-crashes` (a request or a connection was lost), "
            "`thread-ended` (what the thread did is not done any more, and /healthz says 503), or `not-judging` (nothing was "
            "evaluated for five minutes)."
        ),
        impact=(
            "Of a crash: what the check or the metric would report is missing, and what a watch reads becomes unknown after "
            "five minutes; everything else is right. Of a thread that has ended: `bootsource_exporter_thread_alive` names it; "
            "without a liveness probe its work is not done until the exporter restarts."
        ),
        diagnosis=f"""\
The log has the reason, once per check:

```bash
{_LOGS} --tail=200
```""",
        mitigation=(
            "Restart the exporter if a thread has ended; the liveness probe of our manifests does. Report the bug with that "
            "log. A newer version may have fixed it already; the older one may not have had it."
        ),
        unrelated=_NOBODY_ELSE,
    ),
    Alert(
        name="BootSourceExporterReloadRefused",
        expr=held("BootSourceExporterReloadRefused", _reasons(_RELOADS), ("cluster", "reason")),
        labels=("cluster", "reason"),
        severity=_WARNING,
        for_=timedelta(minutes=15),
        keep_firing_for=timedelta(minutes=5),
        summary="bootsource-exporter works with an old file: {{ $labels.reason }}",
        description=(
            '{{ if eq $labels.reason "configuration-refused" }}The configuration file has a mistake. Effect: the last good one '
            "applies, and the exporter will not start again{{ else }}The TLS certificate "
            '{{ if eq $labels.reason "certificate-refused" }}files cannot be used, those read before are'
            "{{ else }}expires within a week{{ end }}. Effect: once it has expired, Prometheus cannot scrape{{ end }}"
        ),
        command=f"{_LOGS} --tail=-1 | grep -e refused -e certificate",
        meaning=(
            "The exporter reads its configuration file and its certificate again when they change. Its label `reason` says "
            "what is wrong: `configuration-refused` (the file was changed and has a mistake), `certificate-refused` (the "
            "certificate files were changed and cannot be used), or `certificate-expires` (the certificate in use expires "
            "within a week and was not renewed)."
        ),
        impact=(
            "The last good configuration or certificate is in use until the exporter restarts; then it does not start. Once "
            "the certificate has expired, Prometheus does not scrape the exporter any more, and BootSourceExporterDown fires."
        ),
        diagnosis=f"""\
The log has the line of the configuration file and the mistake, or what is wrong with the certificate:

```bash
{_LOGS} --tail=-1 | grep -e refused -e certificate
bootsource-exporter config check --config FILE
```""",
        mitigation=(
            "Correct the configuration file; that it applies shows within a minute, without a restart. Renew the certificate: "
            "on OpenShift the service CA does so by itself, elsewhere what wrote the Secret, such as cert-manager."
        ),
        unrelated=_NOBODY_ELSE,
    ),
)
