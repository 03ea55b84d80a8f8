"""What a rule is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from exporter.checks.check import Check
from exporter.checks.ids import CheckId
from exporter.report import Severity

ROOTS: Final = "bootsource_finding_root_dependents"
OBJECT: Final = ("cluster", "check", "kind", "object_namespace", "object")
"""Labels that identify a root cause. `cluster` is there where one exporter watches several; else it is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An expression that is evaluated once and used in several places."""

    name: str
    """level:metric:operation; the level says what one series stands for."""
    expr: str
    labels: tuple[str, ...]
    """Of its series, `cluster` included."""
    help: str
    """What it says, its unit, and when it has no sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How an alert stands to one of the platform's own."""

    platform: str
    """Name of the platform's alert."""
    differs: str
    """What ours adds, or why both exist."""
    mutes: tuple[CheckId, ...] = ()
    """Checks of which ours is not sent while theirs fires: it says the same about the same object."""
    severity: Severity | None = None
    """The severity of theirs, where it mutes. It mutes nothing of ours that is worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. Rule files, runbook, tables and the inhibition of Alertmanager derive from it."""

    name: str
    expr: str
    labels: tuple[str, ...]
    """That its instances have besides the static ones."""
    severity: Severity
    for_: timedelta
    """How long it must last: the longest that one of its checks asks for."""
    keep_firing_for: timedelta
    """How long it goes on when the expression is gone: what flaps with reconciles, or a scrape that is missed."""
    summary: str
    """A template: the title of a message, which names the problem and the object."""
    description: str
    """A template: the effect, and where the fix is."""
    command: str
    """A template: the command to look with. `oc`, which becomes `kubectl` in rules for other clusters."""
    since: str = ""
    """A template: since when the problem exists, as RFC 3339, and its age."""
    page: str = ""
    """A template: path of the page of the exporter that has the findings, their fixes and what these cost."""
    static: tuple[tuple[str, str], ...] = ()
    """Labels that are the same for all its instances, besides severity and operator_health_impact."""
    anchor: str = ""
    """A template: the part of the runbook to begin with."""
    checks: tuple[Check, ...] = ()
    """Whose root causes it tells by their declared severity; none for the health of the exporter."""
    also: tuple[Check, ...] = ()
    """Whose root causes it tells when their severity is another: a cause is as bad as the worst that it leads to, and the
    configuration may set a severity."""
    meaning: str
    impact: str
    diagnosis: str
    """Markdown; commands are fenced as bash."""
    mitigation: str
    relations: tuple[Relation, ...] = ()
    unrelated: str = ""
    """Why no alert of the platform has anything to do with it, where that is so."""

    @property
    def ours(self) -> bool:
        """It is about the exporter, not about boot sources."""
        return not self.checks and "object" not in self.labels

    @property
    def team(self) -> str:
        """Who is told: those who run virtual machines, or those who run the monitoring."""
        return "monitoring" if self.ours else "virtualization"
