"""Policy: what an administrator has decided about checks and findings. Plain data; where it is read is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import translate
from functools import lru_cache
from typing import Any, Final

from exporter.checks.check import Check, Threshold
from exporter.cluster.resource import Ref
from exporter.report import Severity

EVERY: Final = "*"
"""In place of check ids: all of them, except those that watch over suppressions."""

_Place = tuple[str, str]
"""The name, or else the namespace, in which all objects agree that a rule can be about."""
_ANYWHERE: Final[_Place] = ("", "")


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], object]:
    """Whether a text matches a shell pattern of the administrator. `fnmatch` keeps only a few hundred of them compiled."""
    return re.compile(translate(pattern)).match


def _has_wildcard(pattern: str) -> bool:
    return any(character in pattern for character in "*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPattern:
    """Objects by kind, namespace and name: shell patterns (`*`, `?`, `[...]`), case counts."""

    kind: str = EVERY
    namespace: str = EVERY
    name: str = EVERY

    def __call__(self, ref: Ref) -> bool:
        """Whether the object is meant. A cluster-scoped object has the empty namespace, which only `*` and "" match."""
        pairs = ((ref.kind, self.kind), (ref.namespace, self.namespace), (ref.name, self.name))
        return all(_matcher(pattern)(text) for text, pattern in pairs)

    @property
    def place(self) -> _Place:
        """What all objects that are meant have in common."""
        if not _has_wildcard(self.name):
            return "name", self.name
        return _ANYWHERE if _has_wildcard(self.namespace) else ("namespace", self.namespace)

    def __str__(self) -> str:
        """`DataImportCron lab-*/fedora*`."""
        where = self.name if self.namespace in ("", EVERY) else f"{self.namespace}/{self.name}"
        return f"{'any object' if self.kind == EVERY else self.kind} {where}"


@dataclass(frozen=True, slots=True)
class ExactObject:
    """One object, by its name: what is written on an object is never read as a pattern."""

    ref: Ref

    def __call__(self, ref: Ref) -> bool:
        """Whether the object is meant."""
        return ref == self.ref

    @property
    def place(self) -> _Place:
        """Its name."""
        return "name", self.ref.name

    def __str__(self) -> str:
        """`DataImportCron images/fedora`."""
        return str(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRule:
    """One suppression: which findings are muted, why, who answers for it, and until when."""

    checks: tuple[str, ...]
    """Check ids, or `*` alone."""
    selector: ObjectPattern | ExactObject
    reason: str
    owner: str
    until: datetime | None = None
    """The last instant at which it counts; None: for ever."""

    def covers(self, check: str, ref: Ref) -> bool:
        """Findings of this check about this object are meant, whether or not the rule has expired."""
        return (check in self.checks or EVERY in self.checks) and self.selector(ref)

    def is_expired(self, now: datetime) -> bool:
        """It counted once."""
        return self.until is not None and now > self.until


class RuleIndex:
    """Finds the rules that cover a failure. There may be thousands of both: those are compared that may fit."""

    def __init__(self, rules: Iterable[SuppressionRule | None]) -> None:
        """Take rules by their position; None stands for one that is malformed."""
        self._rules: dict[tuple[str, _Place], list[tuple[int, SuppressionRule]]] = {}
        for position, rule in enumerate(rules):
            if rule is not None:
                for check in dict.fromkeys(rule.checks):
                    self._rules.setdefault((check, rule.selector.place), []).append((position, rule))

    def covering(self, check: str, ref: Ref) -> list[int]:
        """The positions of the rules that cover a failure of this check about this object, in order."""
        places = (("name", ref.name), ("namespace", ref.namespace), _ANYWHERE)
        fitting = (pair for c in (check, EVERY) for place in places for pair in self._rules.get((c, place), ()))
        return sorted({position for position, rule in fitting if rule.selector(ref)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is configured about checks. The default changes nothing."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    """By check id: the severity of all its findings."""
    disabled: frozenset[str] = frozenset()
    """Check ids that are not judged at all."""
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By check id and name of the threshold."""
    rules: tuple[SuppressionRule, ...] = ()
    file: str = ""
    """Where it was read from, for people."""

    def limits_of(self, check: Check) -> dict[Threshold[Any], Any]:
        """The value of every threshold of a check."""
        configured = self.limits.get(check.id, {})
        return {t: configured.get(t.name, t.default) for t in check.thresholds}


DEFAULT: Final = Policy()
