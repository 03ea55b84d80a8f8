"""Policy: what an administrator has decided about checks and findings. Plain data; where it is read is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from exporter.checks.check import Check, Threshold
from exporter.cluster.resource import Ref
from exporter.report import Severity

EVERY: Final = "*"
"""In place of check ids: all of them, except those that watch over suppressions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPattern:
    """Objects by kind, namespace and name: shell patterns (`*`, `?`, `[...]`), case counts."""

    kind: str = EVERY
    namespace: str = EVERY
    name: str = EVERY

    def __call__(self, ref: Ref) -> bool:
        """Whether the object is meant. A cluster-scoped object has the empty namespace, which only `*` and "" match."""
        pairs = ((ref.kind, self.kind), (ref.namespace, self.namespace), (ref.name, self.name))
        return all(fnmatchcase(text, pattern) for text, pattern in pairs)

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
