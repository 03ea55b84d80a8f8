"""docs/checks: a page per check and an index."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from itertools import groupby
from textwrap import indent
from typing import Any, Final

from exporter.base.durations import format_duration, format_limit
from exporter.checks import CHECKS
from exporter.checks.check import Afterwards, Check
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.output.suppress_commands import ABOUT, CANNOT, annotation_command, configuration_entry, is_suppressible
from exporter.rules import ALERTS
from tools.generate.example_commands import fix_commands, look_commands
from tools.generate.markdown import (
    as_sentence,
    code_block,
    format_code,
    format_link,
    format_paragraphs,
    format_prose,
    join_blocks,
    join_items,
    markdown_table,
)
from tools.generate.scenarios import SCENARIOS

_ABOUT: Final = """\
What the exporter judges, in the order of the causal chain: of two findings that explain each other, the one whose check
stands higher up is the cause.

A finding names the object and the field, what was observed and what was expected, since when, what causes it and what
depends on it. `bootsource-exporter explain CHECK` prints a page of this directory in a terminal.

Each finding also says what to do, in this order: what is *safe* (nothing is deleted, imported again or restarted, and
it can be undone), what to do where no command is right, and what *costs* something, with what is lost and its size.
Commands fit the versions of the cluster. No command deletes the last image of a boot source, and what has the image
imported again is not offered while the import would fail; a finding that has a cause offers nothing that costs.

Severities: `info` is hygiene, nothing breaks; with `warning` updates are broken or will break; with `critical` virtual
machines cannot be created now, or an image is lost."""


_FIX_FIRST: Final = (
    "Examples. `NAME` and `NAMESPACE` stand for the object of the finding; the finding itself has the whole command."
)
_UNDATED: Final = """\
A failure becomes a finding when it is older than its grace. Nearly always the objects tell since when it fails, so a
restart changes nothing. Where they do not, the exporter counts from when it first saw the failure; what fails already
at its first look may be of any age and is reported at once, with no `since`. Until the grace is over, only findings of
these checks can differ between an exporter that was restarted and one that was not."""


def check_index() -> str:
    """All checks by layer, in the order of the causal chain."""
    blocks = ["# Checks", _ABOUT]
    for layer, checks in groupby(CHECKS, layer_of):
        rows = [
            (format_link(format_code(c.id), f"{c.id}.md"), c.severity.value, format_prose(c.summary)) for c in checks
        ]
        about = (import_module(f"exporter.checks.{layer}").__doc__ or "").strip()
        blocks += [
            f"## {layer.capitalize()}",
            format_prose(about),
            markdown_table(("Check", "Severity", "Problem"), rows),
        ]
    undated = [(format_link(format_code(c.id), f"{c.id}.md"), format_prose(c.undated)) for c in CHECKS if c.undated]
    blocks += ["## Findings that may have no date", _UNDATED, markdown_table(("Check", "Why"), undated)]
    return join_blocks(*blocks)


def layer_of(check: Check) -> str:
    """The package that a check is in."""
    return check.judge.__module__.split(".")[-2]


def module_of(check: Check) -> str:
    """The module that a check is in, without its packages."""
    return check.judge.__module__.rpartition(".")[2]


def check_page(check: Check) -> str:
    """What a check finds, why it matters, how it looks, and what to do."""
    return join_blocks(
        f"# {check.id}",
        f"**{format_prose(as_sentence(check.summary))}** Severity: {check.severity.value}.",
        "## What it means",
        format_paragraphs(check.meaning),
        "## Why it matters",
        format_paragraphs(check.impact),
        "## How it is detected",
        *_describe_detection(check),
        _alerting(check),
        "## Evidence",
        format_paragraphs(check.diagnosis),
        look_commands(check),
        "## Fix",
        format_paragraphs(check.mitigation),
        _FIX_FIRST,
        fix_commands(check),
        *_thresholds(check),
        "## How to suppress",
        *_suppressing(check),
        *_scenarios(check),
        format_link("All checks", "README.md"),
    )


def _alerting(check: Check) -> str:
    """What the rules that ship do: an alert waits as long as the most patient of its checks."""
    names = [
        f"{format_link(format_code(alert.name), f'../runbooks/{alert.name}.md')} after {format_duration(alert.for_)}"
        for alert in ALERTS
        if check in alert.checks
    ]
    return f"Alert: {join_items(names)}." if names else "It raises no alert, unless something worse follows from it."


def _thresholds(check: Check) -> list[str]:
    if not check.thresholds:
        return []
    rows = [
        (format_code(t.name), format_limit(t.default), format_prose(as_sentence(t.meaning))) for t in check.thresholds
    ]
    changed = format_link("configuration", "../configuration.md")
    told = "\n".join(f"{t.name}: {format_limit(t.default)}" for t in check.thresholds)
    snippet = f"checks:\n  {check.id}:\n    thresholds:\n{indent(told, ' ' * 6)}"
    return [
        "## Thresholds",
        markdown_table(("Threshold", "Default", "Meaning"), rows),
        f"Change them, or the severity, in the {changed}:",
        code_block(snippet, "yaml"),
    ]


def _suppressing(check: Check) -> list[str]:
    if not is_suppressible(check):
        return [CANNOT, code_block(configuration_entry(check), "yaml")]
    command = annotation_command(check)
    on_object = ["On the object:", code_block(command, "bash")] if command else []
    return [format_prose(ABOUT), *on_object, "In the configuration:", code_block(configuration_entry(check), "yaml")]


def file_of(check: Check) -> str:
    """The file that declares a check, from the root of the repository."""
    return f"{check.judge.__module__.replace('.', '/')}.py"


def sort_by_declaration(resources: Iterable[Resource[Any]]) -> list[Resource[Any]]:
    """Resources in the order in which they are declared."""
    return sorted(resources, key=WATCHED.index)


def _describe_detection(check: Check) -> tuple[str, ...]:
    if not check.tables:
        unseen = "Suppressions on objects that cannot be read are not seen: the check is then unknown"
        return (f"{_describe_subject(check)} {unseen}, and blind if no object at all can be read.",)
    return (
        f"{_describe_subject(check)} It reads:",
        _reads(check),
        _silence(check),
        _optional_reads(check),
        _describe_undated(check),
    )


def _describe_undated(check: Check) -> str:
    if not check.undated:
        return ""
    listed_at = format_link("without a date", "README.md#findings-that-may-have-no-date")
    return f"A failure may be {listed_at}: {format_prose(check.undated)}."


def _describe_subject(check: Check) -> str:
    if check.over is None:
        return "The cluster is judged as a whole."
    if isinstance(check.over, Resource):
        return f"Each {check.over.kind} is judged."
    if isinstance(check.over, Afterwards):
        return (
            "When all other checks have judged, each object that carries suppressions is judged, and the configuration."
        )
    return "What the objects below say together is judged, one subject at a time."


def _reads(check: Check) -> str:
    resources = sort_by_declaration(check.tables)
    return markdown_table(
        ("Resource", "Looked at for"),
        [
            (format_link(format_code(r.plural), f"../resources.md#{r.plural}"), format_prose(r.purpose))
            for r in resources
        ],
    )


def _optional_reads(check: Check) -> str:
    wishes = [
        format_link(format_code(r.plural), f"../resources.md#{r.plural}") for r in sort_by_declaration(check.wishes)
    ]
    return (
        f"To name the cause and to word the fix it also looks at these, if known: {join_items(wishes)}."
        if wishes
        else ""
    )


def _silence(check: Check) -> str:
    off = [format_code(r.plural) for r in sort_by_declaration(check.tables) if r.switchable]
    switched = f" That includes resources that are switched off ({join_items(off)} can be)." if off else ""
    return (
        "If any of these is not known (not listed yet, forbidden, its watch lost for too long), the check is blind: "
        f"it finds nothing, gives no all-clear, and says so.{switched} An object that has not said what is needed, "
        "or that cannot be decoded, is unknown: neither a finding nor an all-clear."
    )


def _scenarios(check: Check) -> list[str]:
    titles = {scenario.id: scenario.title for scenario in SCENARIOS}
    items = [f"- {name}: {format_prose(titles[name])}" for name in sorted(check.scenarios)]
    if not items:
        return []
    table_of_all = format_link("coverage table", "../coverage.md")
    return ["## Scenarios", "\n".join(items), f"What else finds them is in the {table_of_all}."]
