"""A foresight for a terminal: what happens in order, what is not usable meanwhile, findings, and the sum."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from exporter.base.phrases import counted, joined
from exporter.base.terminal import Style, clean_line
from exporter.output.phrases import format_time
from exporter.report import Finding
from exporter.whatif.document import Action, Certainty, FieldValue, Foresight, Outage, Step
from exporter.whatif.rules import Rule

_MOST: Final = 60
"""Steps and other lines of a list that are shown."""
_FIELDS: Final = 4
"""Fields of a step that are shown."""
_GIB: Final = 2**30
_LABELS: Final = {"critical": "CRITICAL", "warning": "WARNING", "info": "INFO"}


def render_foresight(foresight: Foresight, style: Style) -> str:
    """The whole text, ending with a line break."""
    blocks = [
        _header(foresight, style),
        _block("What happens", (_step(s, style) for s in foresight.steps), style, len(foresight.steps)),
        _block("Not usable for some time", map(_outage, foresight.outages), style, len(foresight.outages)),
        _findings("Findings that appear", foresight.appear, style),
        _findings("Findings that are cleared", foresight.disappear, style),
        _block("Pending without the change, too", map(_pending, foresight.anyway), style, len(foresight.anyway)),
        _block("Cannot be told", foresight.unknown, style, len(foresight.unknown)),
        _block("Could not be read", foresight.problems, style, len(foresight.problems)),
        style.paint(_wrap(conclusion(foresight), style, ""), "bold"),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _header(foresight: Foresight, style: Style) -> str:
    taken = f"What if {joined(foresight.changes)}?"
    lines = [style.paint(_wrap(taken, style, "  ", ""), "bold")]
    lines.append(f"Cluster as of {format_time(foresight.at)} ({foresight.at_source}). Nothing is changed.")
    return "\n".join(lines)


def _block(title: str, lines: Iterator[str] | Sequence[str], style: Style, count: int) -> str:
    if not count:
        return ""
    shown = [line for _, line in zip(range(_MOST), lines, strict=False)]
    wrapped = [line if "\n" in line or line.startswith(" ") else _wrap(line, style, "    ", "  ") for line in shown]
    more = [f"  ... and {count - _MOST} more; use --output json to see all"] if count > _MOST else []
    return "\n".join([style.paint(title, "bold"), *wrapped, *more])


def _wrap(text: str, style: Style, indent: str, first: str | None = None) -> str:
    return "\n".join(
        textwrap.wrap(
            clean_line(text),
            style.width,
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
    )


def _step(step: Step, style: Style) -> str:
    first = f"{step.number:3}. "
    marks = [word for word, is_so in (("irreversible", step.irreversible), ("loss", step.loss)) if is_so]
    if step.size_bytes:
        marks.append(f"up to {step.size_bytes / _GIB:.3g} GiB")
    text = step.summary + (f" ({', '.join(marks)})" if marks else "")
    lines = [_wrap(text, style, "     ", first)]
    if step.certainty is not Certainty.KNOWN:
        word = "depends on" if step.certainty is Certainty.DEPENDS else "unknown:"
        lines.append(_wrap(f"{word} {step.depends_on}", style, "       "))
    if step.rule == Rule.ASKED or step.action is Action.REPLACE:
        lines += [_wrap(_field(f), style, "         ", "       ") for f in step.fields[:_FIELDS]]
    return "\n".join(lines)


def _field(field: FieldValue) -> str:
    return f"{field.path}: {field.before or 'not set'} -> {field.after or 'not set'}"


def _outage(outage: Outage) -> str:
    where = f"{outage.object.namespace}/{outage.object.name}"
    ends = f"; ends with {outage.ends_with}" if outage.ends_with else ""
    return f"{outage.object.kind} {where}: {outage.duration}{ends}"


def _findings(title: str, findings: Sequence[Finding], style: Style) -> str:
    """Root causes; what follows from them is counted."""
    roots, symptoms = split_symptoms(findings)
    lines = [*map(_finding, roots), *([f"and {counted(symptoms, 'finding')} caused by these"] if symptoms else [])]
    return _block(title, lines, style, len(lines))


def split_symptoms(findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """The findings that no other one of these explains, and how many follow from them."""
    marks = {finding.fingerprint for finding in findings}
    roots = [finding for finding in findings if not marks.intersection(finding.caused_by)]
    return roots, len(findings) - len(roots)


def _finding(finding: Finding) -> str:
    return f"{_LABELS[finding.severity]}  {finding.summary} ({finding.check})"


def _pending(step: Step) -> str:
    return step.summary


def conclusion(foresight: Foresight) -> str:
    """The consequences in one sentence."""
    summary = foresight.summary
    if summary.refused:
        return f"Refused: {counted(summary.refused, 'object')} would not be admitted."
    if not foresight.steps:
        return "Nothing changes: the cluster is like this already."
    known = f", up to {summary.imported_bytes / _GIB:.3g} GiB" if summary.imported_bytes else ""
    unsized = f", {summary.imports_of_unknown_size} of unknown size" if summary.imports_of_unknown_size else ""
    places = joined(sorted({s.registry for s in foresight.steps if s.registry and not s.loss}))
    parts = [
        counted(summary.images_deleted, "image") + " deleted",
        counted(summary.images_imported, "image")
        + f" imported{known}{unsized}"
        + (f" from {places}" if places else ""),
        counted(summary.sources_lost, "DataSource") + " not usable in the end",
        counted(summary.consumers_losing, "template or virtual machine") + " without a source",
    ]
    if summary.consumers_losing != 1:
        parts[-1] = f"{summary.consumers_losing} templates and virtual machines without a source"
    return f"In sum: {'; '.join(parts)}."
