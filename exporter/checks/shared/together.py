"""Findings of one check that have one cause, which the check itself can name: one finding for all of them above each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from exporter.checks.check import Cause, Failed, Verdict
from exporter.checks.ids import CheckId
from exporter.cluster.resource import Ref


def together(check: CheckId, own: Failed, subject: Ref, every: Sequence[Ref], common: Callable[[], Failed]) -> Verdict:
    """What a subject of a check has to say: just its own finding, or that of all as well if it is the first of several.

    `every` is all subjects with the same problem, and `common` words the finding about what they have in common, which
    its `about` names.
    """
    if len(every) < 2 or subject not in every:
        return own
    shared = common()
    linked = replace(own, causes=(*own.causes, Cause(check, shared.about)))
    return (replace(shared, causes=_of_all(own)), linked) if subject == every[0] else linked


def _of_all(own: Failed) -> tuple[Cause, ...]:
    """Causes that are not about one subject of the check."""
    return tuple(c for c in own.causes if c.ref is None or c.ref.kind != "DataImportCron")
