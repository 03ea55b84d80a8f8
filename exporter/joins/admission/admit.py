"""Admission as a whole: metadata, schema, CDI's webhook by version, and what is admitted but fails."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from exporter.joins.admission.field_values import is_related, object_at, value_at
from exporter.joins.admission.hazards import hazards_of, without_effect
from exporter.joins.admission.names import metadata_refusals
from exporter.joins.admission.schema import CRON, SchemaReader
from exporter.joins.admission.verdict import REMOVE, FieldChange, Hazard, Path, Refusal, Verdict, apply_changes
from exporter.joins.admission.version import CdiVersion
from exporter.joins.admission.webhook import webhook_refusals
from exporter.model.raw import Raw, limit_object

_P = TypeVar("_P", Refusal, Hazard)
GENERATIONS: Final = (55, 57, 58, 60, 61, 63, 64)
"""Minor versions of CDI 1.x, of which each judges by other rules than those before; the last one is the newest."""
_NOTHING_TO_SAY: Final = Verdict()
_MOST_KNOWN: Final = 16_384
"""Verdicts that are kept, at about 300 bytes each: the boot sources of the largest cluster, and the entries of them."""
_MOST_PROBLEMS: Final = 4
"""Problems of a verdict that is kept."""


def admit(manifest: Raw, cdi_minor: int | None) -> Verdict:
    """What becomes of this DataImportCron, or of the entry that it is made of, when it is to be created.

    The manifest holds at least `metadata` and `spec`. It is taken as anybody may have written it: this never raises,
    and takes time in proportion to its size, which is bounded. `cdi_minor` is 64 for CDI 1.64; without it what all
    versions refuse is refused, and the rest disputed.
    """
    limited = limit_object(manifest)
    key = hashlib.blake2b(json.dumps(limited).encode(), digest_size=16).digest(), cdi_minor
    verdict = _known.get(key)
    if verdict is None:
        verdict = _admit_newly(limited, cdi_minor)
        _remember(key, verdict)
    return verdict


_known: Final[dict[tuple[bytes, int | None], Verdict]] = {}
"""Verdicts by the manifest's digest: several checks ask about each. It changes no answer."""


def _remember(key: tuple[bytes, int | None], verdict: Verdict) -> None:
    """Nearly all verdicts have nothing to say and are one object; a long one is rather made again than kept."""
    problems = len(verdict.refusals) + len(verdict.disputed) + len(verdict.hazards) + len(verdict.unknown_fields)
    if problems <= _MOST_PROBLEMS:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = verdict if problems else _NOTHING_TO_SAY


def _admit_newly(manifest: Raw, cdi_minor: int | None) -> Verdict:
    if cdi_minor is not None:
        answer = _answer(manifest, CdiVersion(cdi_minor))
        return _verdict(answer, answer.refusals, ())
    answers: list[_Answer] = []
    for minor in reversed(GENERATIONS):
        if not answers or not answers[-1].cdi.same_for(minor):
            answers.append(_answer(manifest, CdiVersion(minor)))
    keys = [{r.key for r in answer.refusals} for answer in answers]
    always = [r for r in answers[0].refusals if all(r.key in some for some in keys)]
    decided = {r.key for r in always}
    disputed = {r.key: r for answer in reversed(answers) for r in answer.refusals if r.key not in decided}
    return _verdict(answers[0], always, disputed.values())


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one version says."""

    cdi: CdiVersion
    read: Raw
    """What is left of the manifest when the schema has been applied."""
    refusals: list[Refusal]
    dropped: list[Hazard]
    unknown: list[Path]


def _answer(manifest: Raw, cdi: CdiVersion) -> _Answer:
    """What the schema refuses, the webhook is not asked about: there it would only look as if it were missing."""
    reading = SchemaReader(cdi)
    spec = reading.read(CRON, {k: manifest[k] for k in ("spec",) if k in manifest}, ())
    read = {"metadata": manifest.get("metadata"), **(spec if isinstance(spec, Mapping) else {})}
    by_server = [*metadata_refusals(manifest), *reading.refusals]
    by_webhook = webhook_refusals(read, cdi)
    dropped = [without_effect(path, since) for path, since in reading.too_new]
    return _Answer(cdi, read, [*by_server, *_elsewhere(by_webhook, by_server)], dropped, reading.unknown)


def _verdict(answer: _Answer, refusals: list[Refusal], disputed: Iterable[Refusal]) -> Verdict:
    return Verdict(
        refusals=tuple(refusals),
        disputed=tuple(disputed),
        hazards=tuple(_elsewhere((*answer.dropped, *hazards_of(answer.read)), refusals)),
        unknown_fields=tuple(answer.unknown),
    )


def _elsewhere(problems: Iterable[_P], refusals: Sequence[Refusal]) -> Iterator[_P]:
    """Those problems that are not about a field that is refused already."""
    return (p for p in problems if not any(is_related(p.path, r.path) for r in refusals))


def find_fix(manifest: Raw, cdi_minor: int | None, known: Raw | None = None) -> tuple[FieldChange, ...] | None:
    """The smallest changes after which the manifest is admitted; None if they are not known.

    `known` is a manifest of the same boot source that was admitted before: where a refusal does not tell what was
    meant, the value that stood there helps.
    """
    changes: list[FieldChange] = []
    for refusal in admit(manifest, cdi_minor).refusals:
        change = refusal.change or _from(known, refusal)
        if change is None:
            return None
        changes.append(change)
    return tuple(changes) if changes and admit(apply_changes(manifest, changes), cdi_minor).admitted else None


def _from(known: Raw | None, refusal: Refusal) -> FieldChange | None:
    value = value_at(known, *refusal.path)
    return None if value is None or refusal.path[0] != "spec" else FieldChange(refusal.path, value)


def merged_spec(known: Raw, written: Raw) -> Raw:
    """The spec of a boot source that was admitted before, with what an entry sets laid over it.

    HCO merges nothing: an entry that names only what differs loses the rest. `pvc` takes the place of `storage` and the
    other way round.
    """
    merged = _laid_over(object_at(known, "spec") or {}, object_at(written, "spec") or {})
    for mine, other in (("pvc", "storage"), ("storage", "pvc")):
        asked = object_at(written, "spec", "template", "spec") or {}
        if mine in asked and other not in asked:
            merged = apply_changes(merged, [FieldChange(("template", "spec", other), REMOVE)])
    return merged


def _laid_over(base: Raw, top: Raw) -> Raw:
    laid = dict(base)
    for key, value in top.items():
        below = laid.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            value = _laid_over(below, value)  # noqa: PLW2901  (what is laid over it takes its place)
        laid[key] = value
    return laid
