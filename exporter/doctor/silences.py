"""Silences: who hears nothing of an alert although it is routed, also while it does not fire yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from exporter.doctor.diagnosis import Line, Standing
from exporter.doctor.routing import AlertLabels, Matcher, match, matcher_str
from exporter.doctor.server import MonitoringServer

_OURS: Final = ("alertname", "team", "check")
"""Labels by which a silence of some of our alerts tells itself from one that is about anything."""


def check_silences(server: MonitoringServer, known: Mapping[str, AlertLabels]) -> Iterator[Line]:
    """A line per silence that covers an alert of ours, or some of its instances."""
    told = False
    for silence in server.json("/api/v2/silences"):
        if silence["status"]["state"] != "expired":
            for line in _check_silence(silence, known, server.url):
                told = True
                yield line
    if not told:
        yield _line("ok", "none covers an alert of ours")


def _check_silence(silence: Mapping[str, Any], known: Mapping[str, AlertLabels], url: str) -> Iterator[Line]:
    matchers = [_matcher(each) for each in silence["matchers"]]
    found = {name: [match(matcher, alert) for matcher in matchers] for name, alert in known.items()}
    whole = [name for name, each in found.items() if all(each)]
    ours = any(name in _OURS and operator in ("=", "=~") for name, operator, _ in matchers)
    some = [name for name, each in found.items() if False not in each and None in each] if ours else []
    who = f"{silence.get('createdBy') or 'somebody'} ({silence.get('comment') or 'no reason given'})"
    by = f"by silence {silence['id']} of {who} until {silence['endsAt']}: {', '.join(matcher_str(m) for m in matchers)}"
    if whole:
        them = f"all {len(whole)} alerts" if len(whole) == len(known) else ", ".join(whole)
        if silence["status"]["state"] == "pending":
            yield _line("ok", f"nobody will be told of {them} from {silence['startsAt']}, {by}")
        else:
            remedy = f"if that is not meant: `amtool silence expire --alertmanager.url={url} {silence['id']}`"
            yield _line("problem", f"nobody is told of {them}, {by}", remedy)
    if some:
        yield _line("ok", f"some of {', '.join(some)} may be silenced {by}")


def _matcher(told: Mapping[str, Any]) -> Matcher:
    """Before Alertmanager 0.22 there was no isEqual."""
    equal, regex = told.get("isEqual", True), told["isRegex"]
    return told["name"], ("=~" if regex else "=") if equal else ("!~" if regex else "!="), told["value"]


def _line(status: Standing, said: str, remedy: str = "") -> Line:
    return Line(link="alertmanager", subject="silences", status=status, said=said, remedy=remedy)
