"""Alerts on root causes: one instance per cause, however many objects it affects, with the words of its check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NotRequired, TypedDict, Unpack

from exporter.checks.check import Check
from exporter.report import SEVERITIES, Severity
from exporter.rules.alert import OBJECT, ROOTS, Alert, Recording, Relation
from exporter.rules.continuity import ALIVE, SEEN, firing

ROOT: Final = "root:bootsource_finding_root_dependents:max"
HELD: Final = "root:bootsource_finding_root_dependents:held"
_ROOT: Final = (*OBJECT, "severity")
_BY: Final = ", ".join(_ROOT)
_WHERE: Final = "cluster, kind, object_namespace, object"
_STATUS: Final = "bootsource_check_status"
ROOT_RECORDINGS: Final = (
    Recording(
        name=ROOT,
        # Two replicas may be of two versions, with two titles of one check: topk takes one of them, or the join would
        # fail. An exporter that is older than the rules has no such metric; its findings have no area then.
        expr=(
            f"max by ({_BY}) ({ROOTS}) * on (cluster, check) group_left (area) "
            f"topk by (cluster, check) (1, max by (cluster, check, area) (bootsource_check_info)) "
            f"or on ({_BY}) max by ({_BY}) ({ROOTS})"
        ),
        labels=(*_ROOT, "area"),
        help="Root causes, whichever replica sees them; the value is the number of objects that fail or wait because of "
        "each. No sample for symptoms, and none while a check is blind.",
    ),
    Recording(
        name=HELD,
        expr=(
            f"{ROOT} "
            f"or on ({_BY}) ({HELD} and on (cluster) {SEEN} unless on (cluster) {ALIVE}) "
            f'or on ({_BY}) ({HELD} and on (cluster, check) max by (cluster, check) ({_STATUS}{{status="blind"}}) == 1 '
            f'unless on (cluster) max by (cluster) (bootsource_resource_state{{state="disabled"}}) == 1)'
        ),
        labels=(*_ROOT, "area"),
        help="The same, and the last known state of those that cannot be seen now, because their exporter is down or their "
        "check is blind. It refers to its own last value. Only what fires already goes on firing because of it.",
    ),
)

KEPT: Final = timedelta(minutes=15)
"""Longer than an exporter or a watch takes to come back, so that neither ends an alert. And longer than an alert of the
platform goes on: the end of ours is not lost because theirs inhibits it."""
_CHECK: Final = "last_over_time(bootsource_check_%sinfo{check=%%q}[1d])"
"""The last day: the text stays while the exporter is down."""
_KIND: Final = (
    "{{ $labels.kind }}{{ if $labels.object }} "
    "{{ with $labels.object_namespace }}{{ . }}/{{ end }}{{ $labels.object }}{{ end }}"
)
"""The object, as people write it."""
_TITLE: Final = (
    f'{{{{ with printf "{_CHECK % ""}" $labels.check | query }}}}{{{{ . | first | label "title" }}}}'
    "{{ else }}{{ $labels.check }}{{ end }}"
    f'{{{{ if ne $labels.kind "Cluster" }}}}: {_KIND}{{{{ end }}}}'
    "{{ if $value }} ({{ $value }} affected){{ end }}"
)
_EFFECT: Final = (
    f'{{{{ with printf "{_CHECK % "effect_"}" $labels.check | query }}}}Effect: {{{{ . | first | label "effect" }}}} '
    "{{ end }}Affected objects: {{ $value }}"
)
_SINCE: Final = (
    '{{ $q := printf "min(bootsource_finding_since_timestamp_seconds{cluster=%q,check=%q,object_namespace=%q,object=%q})" '
    "$labels.cluster $labels.check $labels.object_namespace $labels.object }}"
    '{{ with query $q }}{{ (. | first | value | toTime).UTC.Format "2006-01-02T15:04:05Z" }}{{ end }}'
    '{{ with printf "time()-%s" $q | query }} ({{ . | first | value | humanizeDuration }}){{ end }}'
)
"""Since when, if anything tells."""
_LOOK: Final = (
    '{{ if eq $labels.kind "Cluster" }}oc get storageclass,hyperconverged,ssp,cdi -A{{ else }}'
    "oc describe {{ $labels.kind | toLower }} {{ $labels.object }}"
    "{{ with $labels.object_namespace }} -n {{ . }}{{ end }}{{ end }}"
)


class AlertText(TypedDict):
    """What `root_cause_alert` takes besides its checks. What each means stands at the field of the same name of Alert."""

    name: str
    meaning: str
    impact: str
    diagnosis: str
    mitigation: str
    relations: NotRequired[tuple[Relation, ...]]
    unrelated: NotRequired[str]


def root_cause_alert(
    checks: Iterable[Check], severity: Severity, areas: str, *, tenants: bool = False, **declared: Unpack[AlertText]
) -> Alert:
    """An alert on the root causes that have this severity and match `areas`, a matcher of PromQL, "" for all.

    `checks` are those that it is about, for the documentation: the expression names areas, so that a new check changes
    no rule. With `tenants` each instance has the namespace of its object as its own, which routes it to the tenant.
    """
    covered = tuple(checks)
    usual = tuple(check for check in covered if _usually(check, severity))
    by = ", ".join(OBJECT)
    selected = ",".join(filter(None, (areas, f'severity="{severity.value}"')))
    begins = f"max by ({by}) ({ROOT}{{{selected}}}) >= 0"
    if severity is not Severity.CRITICAL:
        # What is critical about an object comes before what else is wrong with it.
        begins += f' unless on ({_WHERE}) max by ({_WHERE}) ({ROOT}{{severity="critical"}})'
    goes_on = f"max by ({by}) ({HELD}{{{selected}}}) and on ({by}) {firing(declared['name'], OBJECT)}"
    expr = f"{begins} or ({goes_on})"
    return Alert(
        expr=f'label_replace({expr}, "namespace", "$1", "object_namespace", "(.+)")' if tenants else expr,
        labels=(*OBJECT, "namespace") if tenants else OBJECT,
        severity=severity,
        for_=max(check.alert_for for check in covered if check.severity is severity),
        keep_firing_for=KEPT,
        summary=_TITLE,
        description=_EFFECT,
        since=_SINCE,
        command=_LOOK,
        page="/checks/{{ $labels.check }}",
        anchor="{{ $labels.check }}",
        checks=usual,
        also=tuple(check for check in covered if check not in usual),
        **declared,
    )


def _usually(check: Check, severity: Severity) -> bool:
    """It declares this severity, or a worse one that its objects may lower."""
    return SEVERITIES.index(check.severity) >= SEVERITIES.index(severity)
