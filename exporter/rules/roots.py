"""Alerts on root causes: one instance per cause, whatever hangs on it, with the words of its check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NotRequired, TypedDict, Unpack

from exporter.checks.check import Check
from exporter.report import SEVERITIES, Severity
from exporter.rules.kit import OBJECT, ROOTS, Alert, Recording, Relation

ROOT: Final = "root:bootsource_finding_root_dependents:max"
ROOT_RECORDINGS: Final = (
    Recording(
        name=ROOT,
        expr=f"max by (cluster, check, severity, kind, object_namespace, object) ({ROOTS})",
        labels=(*OBJECT, "severity"),
        help="Root causes, whichever replica sees them; the value is how many objects fail or wait because of each. "
        "No sample for symptoms, and none while a check is blind.",
    ),
)

KEPT: Final = timedelta(minutes=15)
"""Longer than it takes to notice that the exporter is down: that then mutes the alert, so that nobody is told that a
problem is over which just cannot be seen any more."""
_OBJECT: Final = (
    "{{ $labels.kind }}{{ if $labels.object }} "
    "{{ if $labels.object_namespace }}{{ $labels.object_namespace }}/{{ end }}{{ $labels.object }}{{ end }}"
)
"""The object, as people write it."""
_WHERE: Final = "{{ if $labels.cluster }} in {{ $labels.cluster }}{{ end }}"
"""Which cluster, where there are several."""
_THING: Final = f'{{{{ if eq $labels.kind "Cluster" }}}}The cluster{{{{ else }}}}{_OBJECT}{{{{ end }}}}{_WHERE}'
_NAMED: Final = f'{{{{ if ne $labels.kind "Cluster" }}}}: {_OBJECT}{{{{ end }}}}{_WHERE}'
"""After the problem: what has it, unless it is the cluster as a whole."""
_SINCE: Final = (
    '{{ with printf "min(bootsource_finding_since_timestamp_seconds{cluster=%q,check=%q,object_namespace=%q,object=%q})" '
    "$labels.cluster $labels.check $labels.object_namespace $labels.object | query }}"
    "{{ with first . }} since {{ .Value | humanizeTimestamp }}{{ end }}{{ end }}"
)
"""Since when, if anything tells."""


class Words(TypedDict):
    """What `roots` takes besides its checks. What each means stands at the field of the same name of Alert."""

    name: str
    meaning: str
    impact: str
    diagnosis: str
    mitigation: str
    relations: NotRequired[tuple[Relation, ...]]
    unrelated: NotRequired[str]


def roots(checks: Iterable[Check], severity: Severity, **declared: Unpack[Words]) -> Alert:
    """An alert on the root causes of these checks that have this severity, whatever severity their check declares.

    The list of checks is left out where the severity alone decides.
    """
    told = tuple(checks)
    usual = tuple(check for check in told if _usually(check, severity))
    chosen = "" if severity is Severity.CRITICAL else f'check=~"{"|".join(check.id for check in told)}",'
    return Alert(
        expr=f'max by ({", ".join(OBJECT)}) ({ROOT}{{{chosen}severity="{severity.value}"}}) >= 0',
        labels=OBJECT,
        severity=severity,
        for_=max(check.alert_for for check in told if check.severity is severity),
        keep_firing_for=KEPT,
        summary=f"{_problem(told)}{_NAMED}.",
        description=(
            f"{_THING} has this problem{_SINCE}. "
            '{{ $value | printf "%.0f" }} objects fail or wait because of it. '
            f"Effect: {declared['impact']} "
            "Cause and remedy: `bootsource-exporter explain {{ $labels.check }}`. "
            f"Look at it: `{_LOOK}`"
        ),
        anchor="{{ $labels.check }}",
        checks=usual,
        also=tuple(check for check in told if check not in usual),
        **declared,
    )


def _usually(check: Check, severity: Severity) -> bool:
    """It declares this severity, or a worse one that its objects may lower."""
    return SEVERITIES.index(check.severity) >= SEVERITIES.index(severity)


_LOOK: Final = (
    '{{ if eq $labels.kind "Cluster" }}oc get storageclass,hyperconverged,ssp,cdi -A{{ else }}'
    "oc describe {{ $labels.kind | toLower }} {{ $labels.object }}"
    "{{ if $labels.object_namespace }} -n {{ $labels.object_namespace }}{{ end }}{{ end }}"
)


def _problem(checks: tuple[Check, ...]) -> str:
    """The summary of the check that the instance is about; for one that is newer than the rule its name."""
    head, *rest = checks
    first = f'{{{{ if eq $labels.check "{head.id}" }}}}{head.summary}'
    others = "".join(f'{{{{ else if eq $labels.check "{check.id}" }}}}{check.summary}' for check in rest)
    return f"{first}{others}{{{{ else }}}}{{{{ $labels.check }}}}{{{{ end }}}}"
