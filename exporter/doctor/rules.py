"""Our rules in Prometheus: are they all loaded, are they those of this version, and are they evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from exporter.base.version import installed_version
from exporter.doctor.diagnosis import Line, Standing
from exporter.doctor.promql import is_same_expression
from exporter.doctor.queries import query_samples
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer
from exporter.rules import ALERTS, RECORDINGS
from exporter.rules.alert import Alert, Recording
from exporter.rules.groups import static_labels

_ALERTS: Final = {alert.name: alert for alert in ALERTS}
_RULES: Final[Mapping[str, Alert | Recording]] = {**{rule.name: rule for rule in RECORDINGS}, **_ALERTS}
_SHOWN: Final = 5
_MISSED: Final = 4
"""Intervals after which a group of rules counts as not evaluated."""
_GRACE: Final = 60.0
"""Seconds besides: an evaluation takes its time."""
_APPLY: Final = "apply rules/ of the version that runs; see docs/alerts.md"
_SPELLED: Final = {"duration": "for", "keepFiringFor": "keep_firing_for"}
_OVERLOADED: Final = "is Prometheus overloaded? See prometheus_rule_group_iterations_missed_total"
Rule = Mapping[str, Any]


def check_rules(server: MonitoringServer, versions: set[str]) -> Iterator[Line]:
    """All about the rules. `versions` are those of the exporters that run: other ones may have other rules."""
    groups = server.data("/api/v1/rules")["groups"]
    # A rule may be loaded more than once. A copy that is well must not hide one that is not.
    found = [(group, rule) for group in groups for rule in group["rules"] if rule["name"] in _RULES]
    troubles = [*_compare([rule for _, rule in found], versions), *_failing([rule for _, rule in found])]
    yield from troubles
    late = _late_groups(server, [group for group, _ in found])
    if late:
        said = f"groups of rules have not been evaluated lately: {_join_names(late)}"
        yield _line("problem", said, _OVERLOADED)
    if not troubles and not late:
        yield _line("ok", f"all {len(_RULES)} are loaded, as they should be, and healthy")


def _compare(found: list[Rule], versions: set[str]) -> Iterator[Line]:
    missing = sorted(_RULES.keys() - {rule["name"] for rule in found})
    other = sorted({f"{rule['name']} ({', '.join(parts)})" for rule in found if (parts := _differing(rule))})
    status: Standing = "problem"
    remedy = _APPLY
    if versions and installed_version() not in versions:
        status = "unknown"  # what is missing or different here may be right there
        remedy = f"ask with the version that runs ({', '.join(sorted(versions))}); this is {installed_version()}"
    if missing:
        yield _line(status, f"{len(missing)} of our {len(_RULES)} rules are not loaded: {_join_names(missing)}", remedy)
    if other:
        meant = ", unless they were changed on purpose"
        yield _line(status, f"another version of the rule is loaded: {_join_names(other)}", remedy + meant)


def _differing(rule: Rule) -> list[str]:
    """What is not as in our rule. Labels that were added, as by OpenShift or our overlay for KubeVirt, do not count."""
    ours = _RULES[rule["name"]]
    labels = rule.get("labels") or {}
    parts = [] if is_same_expression(ours.expr, rule["query"], labels.get("namespace", "")) else ["expr"]
    if isinstance(ours, Alert):
        # Prometheus before 2.42 tells nothing of keep_firing_for.
        times = {"duration": ours.for_.total_seconds(), "keepFiringFor": ours.keep_firing_for.total_seconds()}
        parts += [_SPELLED[key] for key, seconds in times.items() if rule.get(key, seconds) != seconds]
        parts += [name for name, value in static_labels(ours) if labels.get(name) != value]
    return parts


def _failing(found: list[Rule]) -> Iterator[Line]:
    ill = {f"{rule['name']}: {rule.get('lastError') or rule['health']}" for rule in found if _is_unhealthy(rule)}
    if ill:
        yield _line("problem", f"rules fail: {_join_names(sorted(ill))}", "see the log of Prometheus; " + _APPLY)


def _is_unhealthy(rule: Rule) -> bool:
    return rule.get("health") not in ("ok", "unknown")


def _late_groups(server: MonitoringServer, groups: list[Mapping[str, Any]]) -> list[str]:
    """Groups that are not evaluated any more, by the clock of Prometheus: ours may be another one."""
    instants = [(group, str(group.get("lastEvaluation") or "")) for group in groups]
    # Those of year 1 have just been loaded.
    evaluated = [(group, told) for group, told in instants if told and not told.startswith("0001")]
    if not evaluated:
        return []
    now = _prometheus_time(server)
    return sorted(
        {
            group["name"]
            for group, told in evaluated
            if now - _seconds(told) > _MISSED * float(group.get("interval") or 60) + _GRACE
        }
    )


def _prometheus_time(server: MonitoringServer) -> float:
    found = query_samples(server, "vector(time())")
    if not found:
        raise QuestionError(
            "it does not tell its time, so whether rules are evaluated is not known", "is it a Prometheus?"
        )
    return found[0][1]


def _seconds(instant: str) -> float:
    """Since 1970. Go writes nine digits of a second where Python reads six."""
    whole, dot, rest = instant.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    readable = f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if dot else instant
    return datetime.fromisoformat(readable).timestamp()


def _join_names(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _line(status: Standing, said: str, remedy: str = "") -> Line:
    return Line(link="prometheus", subject="rules", status=status, said=said, remedy=remedy)
