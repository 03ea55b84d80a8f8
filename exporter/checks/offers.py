"""Which fixes a finding offers: none that would fail again, and none that could lose the only image. Pure.

A check words its fixes by what it sees. Whether one makes sense also depends on what other checks have found: deleting
an image to have it imported again destroys it where the registry does not answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Protocol

from exporter.base.excerpts import excerpt
from exporter.checks.check import Check, Failed
from exporter.checks.fixes import Fix, advice, in_order
from exporter.checks.ids import CheckId
from exporter.cluster.resource import Ref
from exporter.model.bounds import LONGEST_TEXT
from exporter.report import FixKind, FixText, Severity

_LONGEST_COMMAND: Final = 100_000
"""Characters of a command: Linux takes arguments of up to 128 KiB."""
_STOP_IMPORTS: Final[frozenset[CheckId]] = frozenset(
    {
        "cdi-degraded",
        "cron-never-reconciled",
        "digest-unknown",
        "image-pinned-by-digest",
        "image-stream-import-failing",
        "image-stream-missing",
        "image-stream-tag-missing",
        "immediate-binding-missing",
        "import-failing",
        "incomplete-storage-profile",
        "invalid-schedule",
        "no-default-storage-class",
        "poller-image-pull-failing",
        "poller-not-starting",
        "polling-frozen",
        "quota-exhausted",
        "registry-access-missing",
        "registry-without-contact",
        "rival-cron",
        "schedule-refused-by-cronjob",
        "snapshot-api-missing",
        "snapshot-class-missing",
        "snapshot-class-refuses",
        "source-claim-missing",
        "source-claim-unauthorized",
        "stale-snapshot-class",
        "storage-class-cannot-provision",
        "storage-class-missing",
    }
)
"""Findings that mean that a DataImportCron could not import its image again."""


class Found(Protocol):
    """A failure that has become a finding."""

    @property
    def fingerprint(self) -> str:
        """Identifies it."""

    @property
    def check(self) -> Check:
        """The check that found it."""

    @property
    def ref(self) -> Ref:
        """The object that it is about."""

    @property
    def severity(self) -> Severity:
        """How bad it is by itself."""

    @property
    def failed(self) -> Failed:
        """What the check says."""


class Offers:
    """What each finding offers, in the light of all others."""

    def __init__(self, problems: Iterable[Found]) -> None:
        self._stops: dict[Ref, list[Found]] = {}
        self._imports: dict[str, frozenset[Ref]] = {}
        for problem in problems:
            if problem.check.id in _STOP_IMPORTS:
                fixes = in_order(problem.failed.fix)
                self._imports[problem.fingerprint] = frozenset(ref for fix in fixes for ref in fix.imports)
                for ref in {problem.ref, *problem.failed.affects}:
                    self._stops.setdefault(ref, []).append(problem)

    def fixes(self, problem: Found, caused_by: Sequence[Found], below: Iterable[Found]) -> tuple[FixText, ...]:
        """The fixes of a finding in order. A command that is too long is left out: half of one may do anything.

        A root without any says what its check advises; what has a cause needs no more than the cause.
        """
        fixes = [
            fix for fix in in_order(problem.failed.fix) if max(len(fix.command), len(fix.verify)) <= _LONGEST_COMMAND
        ]
        if not fixes and not caused_by:
            fixes = [advice(problem.check.mitigation)]
        if not any(fix.kind is FixKind.COSTS for fix in fixes):
            return tuple(map(_text, fixes))
        own = {problem.fingerprint, *(p.fingerprint for p in below)}
        offered: dict[Fix, None] = {}
        for fix in fixes:
            why = self._why_not(fix, caused_by, own)
            offered[advice(why) if why else fix] = None
        return tuple(map(_text, in_order(tuple(offered))))

    def _why_not(self, fix: Fix, caused_by: Sequence[Found], own: Collection[str]) -> str:
        """Why the fix is not offered; "" if it is."""
        if fix.kind is not FixKind.COSTS:
            return ""
        # What is there on purpose, as a gate that is closed, does not make a command fail.
        caused_by = [p for p in caused_by if p.severity is not Severity.INFO]
        if caused_by:
            return f"Fix the cause first ({_listed(caused_by)}): until then a new attempt would fail in the same way"
        imports = frozenset(fix.imports)
        stops = {p.fingerprint: p for ref in imports for p in self._stops.get(ref, ()) if p.fingerprint not in own}
        # What would be withheld itself for the sake of this fix does not stop it, or each would wait for the other.
        serious = [p for mark, p in stops.items() if imports.isdisjoint(self._imports[mark])]
        if not serious:
            return ""
        return (
            f"Fix {_listed(serious)} first: the remedy here has the image deleted and imported again, "
            "which would lose it as long as it cannot be imported"
        )


def _listed(found: Iterable[Found]) -> str:
    checks = sorted({problem.check.id for problem in found})
    return " and ".join(filter(None, [", ".join(checks[:-1]), checks[-1]]))


def _text(fix: Fix) -> FixText:
    return FixText(
        command=fix.command,
        verify=fix.verify,
        risk=excerpt(fix.risk, LONGEST_TEXT),
        kind=fix.kind,
        note=excerpt(fix.note, LONGEST_TEXT),
    )
