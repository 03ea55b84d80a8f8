"""The routing tree of Alertmanager: which receivers an alert reaches, and whether they send anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

Labels = Mapping[str, str]

_MATCHER: Final = re.compile(
    r'\s*(?P<name>"(?:[^"\\]|\\.)*"|[^\s=!~"]+)\s*(?P<op>=~|!~|!=|=)\s*(?P<value>.*?)\s*', re.DOTALL
)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FLAGS: Final = re.compile(r"\(\?([ims]+)\)(.*)", re.DOTALL)
"""Go takes flags anywhere, Python only before all else; both take them in a group."""
_POSIX: Final = re.compile(r"\[\[:|\\[pPzQ]")
"""What Go's regular expressions have and Python's have not, or read as something else."""
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
    """Where Alertmanager sends an alert with these labels and no others, by its rules. Raises RoutingError."""
    return _walked(config, lambda route: _routed(route, labels, ""))


def possible(config: str, labels: Labels) -> list[Delivery]:
    """Where it may send the alert if it has more labels, whatever they are. Raises RoutingError."""
    return _walked(config, lambda route: _reachable(route, labels, ""))


End = tuple[str, tuple[str, ...]]
"""A receiver's name, and the names of time intervals."""


def _walked(config: str, walk: Callable[[Mapping[str, Any]], Iterator[End]]) -> list[Delivery]:
    try:
        tree = yaml.safe_load(config)
        receivers = {r["name"]: _integrations(r) for r in tree.get("receivers") or ()}
        return [Delivery(name, receivers.get(name, ()), intervals) for name, intervals in walk(tree["route"])]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, re.error) as error:
        raise RoutingError(str(error)) from None


def _integrations(receiver: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        sorted(key.removesuffix("_configs") for key, value in receiver.items() if key.endswith("_configs") and value)
    )


def _routed(route: Mapping[str, Any], labels: Labels, inherited: str) -> Iterator[End]:
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
        yield receiver, _intervals(route)


def _reachable(route: Mapping[str, Any], labels: Labels, inherited: str) -> Iterator[End]:
    """Every node that the known labels do not rule out; this one itself unless they say that a child takes it."""
    receiver = route.get("receiver") or inherited
    taken = False
    for child in route.get("routes") or ():
        matchers = list(_matchers(child))
        if all(_matches(matcher, labels) for matcher in matchers if matcher[0] in labels):
            yield from _reachable(child, labels, receiver)
            certain = all(name in labels for name, _, _ in matchers)
            taken = taken or certain
            if certain and not child.get("continue"):
                return
    if not taken:
        yield receiver, _intervals(route)


def _intervals(route: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(route.get("mute_time_intervals") or ()), *(route.get("active_time_intervals") or ()))


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
    return (_expression(value).fullmatch(held) is not None) == (operator == "=~")


def _expression(text: str) -> re.Pattern[str]:
    if _POSIX.search(text):
        raise RoutingError(f"the regular expression {text!r} cannot be read here")
    flags = _FLAGS.fullmatch(text)
    return re.compile(f"(?{flags[1]}:{flags[2]})" if flags else f"(?:{text})")
