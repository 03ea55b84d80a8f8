"""Fixes: what an administrator can run or decide, what it costs, and the commands that it is made of. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Ref
from exporter.report import FixKind

_ORDER: Final = (FixKind.SAFE, FixKind.NONE, FixKind.COSTS)
"""Advice comes before what costs: most often it says what has to be done first."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One step or alternative. Commands are shell-quoted and correct for the API versions that are served.

    What is lost makes the difference: with a `risk` the command costs something, without one it is safe, which means
    that nothing is deleted, imported again or restarted, and that it can be undone. Without a command it is advice.
    """

    command: str
    verify: str = ""
    """Shows that it worked."""
    risk: str = ""
    """What the command costs: what is deleted, imported again or restarted, with its size where known. "" if nothing."""
    note: str = ""
    """What to know or to do besides, and what advice says. Nothing is lost by it."""
    imports: tuple[Ref, ...] = ()
    """DataImportCrons whose image is gone until it has been imported again. Not offered while that would fail."""

    @property
    def kind(self) -> FixKind:
        """Safe, costs or none."""
        if not self.command:
            return FixKind.NONE
        return FixKind.COSTS if self.risk else FixKind.SAFE


Fixes = Fix | tuple[Fix, ...] | None
"""What a check may give: one fix, several, or nothing."""


def advice(text: str, verify: str = "") -> Fix:
    """What to do where no command is right."""
    return Fix("", verify, note=text)


def in_order(fixes: Fixes) -> tuple[Fix, ...]:
    """The safe ones first, then advice, then those that cost something."""
    several: Iterable[Fix] = (fixes,) if isinstance(fixes, Fix) else fixes or ()
    return tuple(sorted(several, key=lambda fix: _ORDER.index(fix.kind)))


def command(*words: str) -> str:
    """A command line, each word quoted for the shell."""
    return shlex.join(words)


def merge_patch(client: str, target: Sequence[str], patch: Mapping[str, Any]) -> str:
    """`oc patch TARGET --type merge -p PATCH`. A merge patch also works where the key does not exist yet."""
    return command(client, "patch", *target, "--type", "merge", "-p", json.dumps(patch, separators=(",", ":")))


def object_args(ref: Ref, resource: str = "") -> tuple[str, ...]:
    """The words that name an object to oc and kubectl: `resource name [-n namespace]`."""
    words = (resource or ref.kind.lower(), ref.name)
    return (*words, "-n", ref.namespace) if ref.namespace else words
