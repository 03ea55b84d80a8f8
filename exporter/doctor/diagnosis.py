"""The diagnosis: what `doctor --output json` prints. Its keys are a contract: only added to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter

from exporter.base.terminal import escape_json
from exporter.report import document

SCHEMA: Final = "bootsource.doctor/v1"
Link = Literal["cluster", "exporter", "prometheus", "alertmanager"]
Standing = Literal["ok", "problem", "unknown"]
Ask = tuple[str, Callable[[], Iterator["Line"]]]
"""A subject, and what finds out about it."""


@document
class Line:
    """One thing that was looked at."""

    link: Link
    """The part of the chain that it belongs to."""
    subject: str
    status: Standing
    """ok, problem, or unknown: it could not be told."""
    said: str
    """What was found."""
    remedy: str = ""
    """What to do about it; "" if nothing."""
    manifest: str = ""
    """YAML that mends it, for `kubectl apply -f -`; "" if there is none."""


@document
class Diagnosis:
    """The chain, in the order in which a notification passes through it."""

    schema: str = SCHEMA
    at: datetime
    verdict: Standing
    """problem if there is one, else unknown if something could not be told."""
    lines: tuple[Line, ...]

    @property
    def problems(self) -> list[Line]:
        """What is broken, first things first."""
        return [line for line in self.lines if line.status == "problem"]

    @property
    def unknown(self) -> list[Line]:
        """What could not be told."""
        return [line for line in self.lines if line.status == "unknown"]


DIAGNOSIS: Final[TypeAdapter[Diagnosis]] = TypeAdapter(Diagnosis)


def build_diagnosis(at: datetime, lines: Sequence[Line]) -> Diagnosis:
    """The diagnosis that follows from the lines."""
    found = {line.status for line in lines}
    verdict: Standing = "problem" if "problem" in found else "unknown" if "unknown" in found else "ok"
    return Diagnosis(at=at, verdict=verdict, lines=tuple(lines))


def to_json(diagnosis: Diagnosis) -> str:
    """As JSON, keys as in the schema."""
    return escape_json(DIAGNOSIS.dump_json(diagnosis, by_alias=True, indent=2).decode()) + "\n"
