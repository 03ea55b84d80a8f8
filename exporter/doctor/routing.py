"""The routing tree of Alertmanager: which receivers an alert reaches, and whether they send anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from exporter.doctor.expressions import LONGEST, fullmatch

Labels = Mapping[str, str]

_MATCHER: Final = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*"|[^\s=!~"]+)\s*(?P<op>=~|!~|!=|=)(?P<value>.*)', re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LIST: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')


class RoutingError(ValueError):
    """The configuration cannot be read."""


@dataclass(frozen=True, slots=True)
class AlertLabels:
    """The labels of an alert, as far as they are known before it fires."""

    labels: Labels
    varying: frozenset[str] | None = frozenset()
    """Names of labels that it has besides, with values that only an instance of it has; None: any others, perhaps."""

    def value(self, name: str) -> str | None:
        """Of a label; "" if the alert has none of this name, None if that is not known."""
        unknown = self.varying is None or name in self.varying
        return self.labels.get(name, None if unknown else "")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where an alert ends."""

    receiver: str
    integrations: tuple[str, ...]
    """What the receiver sends by, as slack; empty: it sends nothing."""
    intervals: tuple[str, ...]
    """Names of time intervals in which it is not sent, or in which alone it is."""
    doubts: tuple[str, ...] = ()
    """The matchers that decide whether it ends here, and cannot be judged; none: it certainly does."""


def find_deliveries(config: str, alert: AlertLabels) -> list[Delivery]:
    """Where Alertmanager sends an alert, or may send it, by its rules. Raises RoutingError."""
    try:
        tree = yaml.safe_load(config)
        receivers = {r["name"]: _integrations(r) for r in tree.get("receivers") or ()}
        ends = _walk_routes(tree["route"], alert, "", ())
        return [Delivery(name, receivers.get(name, ()), _intervals(node), doubts) for name, node, doubts in ends]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise RoutingError(" ".join(str(error).split())) from None


def _integrations(receiver: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(key.removesuffix("_configs") for key, value in receiver.items() if key.endswith("_configs") and value)
    )


def _walk_routes(
    route: Mapping[str, Any], alert: AlertLabels, inherited: str, doubts: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, ...]]]:
    """Receiver, node and doubts of each end.

    Depth first; the first child that matches ends it, unless it says `continue`; without one the node itself. After a
    child that may match, everything is in doubt that it would have ended.
    """
    receiver = route.get("receiver") or inherited
    here, taken = doubts, False
    for child in route.get("routes") or ():
        matchers = list(_matchers(child))
        found = [match(matcher, alert) for matcher in matchers]
        if False in found:
            continue
        open_ = tuple(matcher_str(matcher) for matcher, match in zip(matchers, found, strict=True) if match is None)
        yield from _walk_routes(child, alert, receiver, (*doubts, *open_))
        if not open_ and not child.get("continue"):
            return
        here = (*here, *open_)
        doubts = doubts if child.get("continue") else (*doubts, *open_)
        taken = taken or not open_
    if not taken:
        yield receiver, route, here


def _intervals(route: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(route.get("mute_time_intervals") or ()), *(route.get("active_time_intervals") or ()))


Matcher = tuple[str, str, str]


def _matchers(route: Mapping[str, Any]) -> Iterator[Matcher]:
    yield from ((name, "=", str(value)) for name, value in (route.get("match") or {}).items())
    yield from ((name, "=~", str(value)) for name, value in (route.get("match_re") or {}).items())
    given = route.get("matchers") or ()
    for text in [given] if isinstance(given, str) else given:
        yield from _parse_matchers(text)


def _parse_matchers(text: str) -> Sequence[Matcher]:
    """`a="b"`, or several between braces, separated by commas outside of quotes."""
    if len(text) > LONGEST:
        raise RoutingError(f"a matcher has {len(text)} characters, more than {LONGEST}")
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    found = []
    for part in _LIST.findall(inner):
        if not part.strip():
            continue
        match = _MATCHER.fullmatch(part.strip())
        if not match:
            raise RoutingError(f"the matcher {text!r} cannot be read")
        found.append((_unquote(match["name"]), match["op"], _unquote(match["value"].strip())))
    return found


def _unquote(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    if not match:
        return text
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1] if m[1] in '"\\' else m[0]), match[1])


def matcher_str(matcher: Matcher) -> str:
    """As in a configuration."""
    name, operator, value = matcher
    return f'{name}{operator}"{value}"'


def match(matcher: Matcher, alert: AlertLabels) -> bool | None:
    """None if that cannot be told. A label that is not there counts as empty, and expressions are anchored."""
    name, operator, value = matcher
    held = alert.value(name)
    if held is None:
        return None
    if operator in ("=", "!="):
        return (held == value) == (operator == "=")
    found = fullmatch(value, held)
    return None if found is None else found == (operator == "=~")
