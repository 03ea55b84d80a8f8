"""How to suppress findings of a check, ready to paste: as an annotation and in the configuration file."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Afterwards, Check
from exporter.cluster.resource import Resource
from exporter.model.wire import SUPPRESS

ABOUT: Final = (
    "A muted finding stays in the report and is counted, but it alerts nobody, and counts neither for the verdict nor "
    "for the exit code. What follows from nothing but muted findings is muted with them, unless it is more severe. "
    "Several suppressions on one object are lines of one annotation. Operators make some objects anew and drop the "
    "annotation, and an object that is missing has none: for those use the configuration."
)
CANNOT: Final = (
    "A finding of this check cannot be muted. To be rid of it altogether, disable the check in the configuration:"
)
_EXAMPLE: Final = {"reason": "why this is accepted", "owner": "your team", "until": "2027-01-31"}


def is_suppressible(check: Check) -> bool:
    """Whether findings of the check can be suppressed; not those about suppressions, or mistakes would stay hidden."""
    return not isinstance(check.over, Afterwards)


def annotation_command(check: Check) -> str:
    """The command that suppresses findings about one object; "" if findings are about the cluster as a whole."""
    if check.over is None or not is_suppressible(check):
        return ""
    told = "; ".join((check.id, *(f"{key}={value}" for key, value in _EXAMPLE.items())))
    return f"oc annotate {_kind(check).lower() or 'KIND'} NAME -n NAMESPACE '{SUPPRESS}={told}'"


def configuration_entry(check: Check) -> str:
    """The entry of the configuration file that suppresses findings, or disables a check that cannot be suppressed."""
    if not is_suppressible(check):
        return f"checks:\n  {check.id}:\n    enabled: false"
    kind = f"kind: {_kind(check)}, " if _kind(check) else ""
    where = [] if check.over is None else [f"    object: {{{kind}namespace: NAMESPACE, name: NAME}}"]
    told = [f"    {key}: {value}" for key, value in _EXAMPLE.items()]
    return "\n".join(("suppressions:", f"  - check: {check.id}", *where, *told))


def _kind(check: Check) -> str:
    """The kind of object that findings are about; "" if it depends."""
    return check.over.kind if isinstance(check.over, Resource) else ""
