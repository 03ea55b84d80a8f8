"""Findings of one check that have one cause, which the check itself can name: one finding for all of them above each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from exporter.checks.check import Cause, Failed, Verdict
from exporter.checks.ids import CheckId
from exporter.cluster.resource import Ref


def together(
    check: CheckId, own: Failed, subject: Ref, about: Ref, every: Mapping[Ref, object], common: Callable[[], Failed]
) -> Verdict:
    """What a subject of a check has to say: just its own finding, or that of all as well if it is the first of several.

    `every` has all subjects with the same problem, and `common` words the finding about what they have in common, which
    is `about`.
    """
    if len(every) < 2 or subject not in every:
        return own
    linked = replace(own, causes=(*own.causes, Cause(check, about)))
    if subject != next(iter(every)):
        return linked
    return replace(common(), about=about, causes=_of_all(own)), linked


def _of_all(own: Failed) -> tuple[Cause, ...]:
    """Causes that are not about one subject of the check."""
    return tuple(c for c in own.causes if c.ref is None or c.ref.kind != "DataImportCron")
