"""The routing tree of Alertmanager: which receivers an alert reaches, and whether they send anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

Labels = Mapping[str, str]

_MATCHER: Final = re.compile(
    r'\s*(?P<name>"(?:[^"\\]|\\.)*"|[^\s=!~"]+)\s*(?P<op>=~|!~|!=|=)\s*(?P<value>.*?)\s*', re.DOTALL
)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LIST: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')


class RoutingError(ValueError):
    """The configuration cannot be read."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where an alert ends."""

    receiver: str
    integrations: tuple[str, ...]
    """What the receiver sends by, as slack; empty: it sends nothing."""
    intervals: tuple[str, ...]
    """Names of time intervals in which it is not sent, or in which alone it is."""


def deliveries(config: str, labels: Labels) -> list[Delivery]:
    """Where Alertmanager sends an alert with these labels, by its rules. Raises RoutingError."""
    try:
        tree = yaml.safe_load(config)
        receivers = {r["name"]: _integrations(r) for r in tree.get("receivers") or ()}
        return [
            Delivery(name, receivers.get(name, ()), intervals) for name, intervals in _routed(tree["route"], labels, "")
        ]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, re.error) as error:
        raise RoutingError(str(error)) from None


def _integrations(receiver: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(key.removesuffix("_configs") for key, value in receiver.items() if key.endswith("_configs") and value)
    )


def _routed(route: Mapping[str, Any], labels: Labels, inherited: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Depth first; the first child that matches ends it, unless it says `continue`; without one the node itself."""
    receiver = route.get("receiver") or inherited
    taken = False
    for child in route.get("routes") or ():
        if all(_matches(matcher, labels) for matcher in _matchers(child)):
            taken = True
            yield from _routed(child, labels, receiver)
            if not child.get("continue"):
                return
    if not taken:
        yield receiver, (*(route.get("mute_time_intervals") or ()), *(route.get("active_time_intervals") or ()))


Matcher = tuple[str, str, str]


def _matchers(route: Mapping[str, Any]) -> Iterator[Matcher]:
    yield from ((name, "=", str(value)) for name, value in (route.get("match") or {}).items())
    yield from ((name, "=~", str(value)) for name, value in (route.get("match_re") or {}).items())
    given = route.get("matchers") or ()
    for text in [given] if isinstance(given, str) else given:
        yield from _read(text)


def _read(text: str) -> Sequence[Matcher]:
    """`a="b"`, or several between braces, separated by commas outside of quotes."""
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    found = []
    for part in _LIST.findall(inner):
        if not part.strip():
            continue
        match = _MATCHER.fullmatch(part)
        if not match:
            raise RoutingError(f"the matcher {text!r} cannot be read")
        found.append((_unquoted(match["name"]), match["op"], _unquoted(match["value"])))
    return found


def _unquoted(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    if not match:
        return text
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1] if m[1] in '"\\' else m[0]), match[1])


def _matches(matcher: Matcher, labels: Labels) -> bool:
    """A label that is not there counts as empty. Regular expressions are anchored at both ends."""
    name, operator, value = matcher
    held = labels.get(name, "")
    if operator in ("=", "!="):
        return (held == value) == (operator == "=")
    return (re.fullmatch(f"(?:{value})", held) is not None) == (operator == "=~")
