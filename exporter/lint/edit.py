"""Edits of the bytes concerned: everything else of a file, comments and layout, stays as it is.

An edit is made only if what is parsed afterwards is exactly what was meant: an alias, a merge key or a style that the
edit does not foresee then costs the fix, and never the file.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import yaml

from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml_nodes
from exporter.joins.admission import REMOVE, Path
from exporter.lint.rule import Edit, KeyRename
from exporter.lint.source import Chunk, Located, Manifest, locate

_PLAIN: Final = re.compile(r"[A-Za-z0-9/._][A-Za-z0-9/._+-]*(?::[A-Za-z0-9/._+@-]+)*")
_MOST_ALONE: Final = 200
"""Edits of one document that are tried one by one, after all at once were not what was meant."""


class Splice(NamedTuple):
    """Text in place of a part of a file."""

    start: int
    end: int
    text: str


class _Candidate(NamedTuple):
    splices: tuple[Splice, ...]
    edits: tuple[Edit, ...]


def fix_text(text: str, wanted: Iterable[tuple[Manifest, tuple[Edit, ...]]]) -> tuple[str, int]:
    """The text of a file with these changes, and how many of them were made. They come from one reading of the text."""
    by_chunk: dict[int, tuple[Chunk, list[_Candidate]]] = {}
    for manifest, edits in wanted:
        placed = tuple(type(edit)((*manifest.at, *edit.path), *_rest(edit)) for edit in edits)
        splices = _splices(manifest.chunk, placed)
        if splices:
            by_chunk.setdefault(manifest.chunk.start, (manifest.chunk, []))[1].append(_Candidate(splices, placed))
    made: list[Splice] = []
    count = 0
    for chunk, candidates in by_chunk.values():
        accepted = _accept(chunk, _without_overlaps(candidates))
        count += len(accepted)
        made += [Splice(s.start + chunk.start, s.end + chunk.start, s.text) for c in accepted for s in c.splices]
    return _spliced(text, made), count


def _rest(edit: Edit) -> tuple[Any, ...]:
    return (edit.name,) if isinstance(edit, KeyRename) else (edit.value,)


def _without_overlaps(candidates: list[_Candidate]) -> list[_Candidate]:
    kept: list[_Candidate] = []
    taken: list[tuple[int, int]] = []
    for candidate in candidates:
        spans = [(s.start, max(s.end, s.start + 1)) for s in candidate.splices]
        if not any(start < other_end and other < end for start, end in spans for other, other_end in taken):
            kept.append(candidate)
            taken += spans
    return kept


def _accept(chunk: Chunk, candidates: list[_Candidate]) -> list[_Candidate]:
    """All of them if the result is right, else those that are right by themselves and together with those before."""
    if _is_right(chunk, candidates):
        return candidates
    accepted: list[_Candidate] = []
    for candidate in candidates[:_MOST_ALONE]:
        if _is_right(chunk, [*accepted, candidate]):
            accepted.append(candidate)
    return accepted


def _is_right(chunk: Chunk, candidates: list[_Candidate]) -> bool:
    """The edited document parses to what it was, with the changes and nothing else."""
    try:
        after = parse_yaml_nodes(_spliced(chunk.text, [s for c in candidates for s in c.splices]))
    except YamlSyntaxError:
        return False
    expected = copy.deepcopy(chunk.value)
    for candidate in candidates:
        for edit in candidate.edits:
            if not _change(expected, edit):
                return False
    before = [value for _, value in parse_yaml_nodes(chunk.text)]
    place = next((i for i, value in enumerate(before) if value == chunk.value), None)
    if place is None:
        return False
    before[place] = expected
    return json.dumps([v for _, v in after], default=str) == json.dumps(before, default=str)


def _change(value: Any, edit: Edit) -> bool:  # noqa: ANN401  (YAML)
    """Make an edit in a value, in place. False if it does not fit the value."""
    *above, last = edit.path
    for step in above:
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.setdefault(step, {})
        else:
            return False
    if not isinstance(value, dict):
        return False
    if isinstance(edit, KeyRename):
        if last not in value or edit.name in value:
            return False
        items = [(edit.name if key == last else key, each) for key, each in value.items()]
        value.clear()
        value.update(items)
    elif edit.value is REMOVE:
        return value.pop(last, None) is not None
    else:
        value[last] = edit.value
    return True


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def _splices(chunk: Chunk, edits: tuple[Edit, ...]) -> tuple[Splice, ...]:
    """What to write where; nothing if one of the edits cannot be made in the style of this document."""
    splices: list[Splice] = []
    for edit in edits:
        splice = _splice(chunk, edit)
        if splice is None:
            return ()
        splices.append(splice)
    return tuple(splices)


def _splice(chunk: Chunk, edit: Edit) -> Splice | None:
    found = locate(chunk.root, edit.path)
    if isinstance(edit, KeyRename):
        return _rename(found, edit) if found.depth == len(edit.path) else None
    if edit.value is REMOVE:
        return _remove(chunk.text, found) if found.depth == len(edit.path) else None
    if found.depth == len(edit.path):
        return _replace(chunk.text, found.value, edit.value)
    return _insert(chunk.text, found.value, edit.path[found.depth :], edit.value)


def _rename(found: Located, edit: KeyRename) -> Splice | None:
    key = found.key
    if not isinstance(key, yaml.ScalarNode):
        return None
    return Splice(key.start_mark.index, key.end_mark.index, _scalar(edit.name, key.style))


def _replace(text: str, node: yaml.Node, value: object) -> Splice | None:
    if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">") or isinstance(value, dict | list):
        return None
    start, end = node.start_mark.index, node.end_mark.index
    blank = "" if start < end or text[start - 1 : start] in (" ", "\t") else " "
    return Splice(start, end, blank + _scalar(value, node.style))


def _scalar(value: object, style: str | None = None) -> str:
    """A scalar as YAML, in quotes where the text would mean something else without them, or had them before."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _PLAIN.fullmatch(value) and _means_itself(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _means_itself(value: str) -> bool:
    try:
        return [v for _, v in parse_yaml_nodes(value)] == [value] and value.lower() not in ("yes", "no", "on", "off")
    except YamlSyntaxError:
        return False


def _remove(text: str, found: Located) -> Splice | None:
    """The lines of a key and its value, or a pair between commas. Beside the dash of a list nothing is removed."""
    key, parent = found.key, found.parent
    if key is None or not isinstance(parent, yaml.MappingNode) or len(parent.value) < 2:
        return None
    if parent.flow_style:
        place = next(i for i, (other, _) in enumerate(parent.value) if other is key)
        if place:
            return Splice(parent.value[place - 1][1].end_mark.index, found.value.end_mark.index, "")
        return Splice(key.start_mark.index, parent.value[1][0].start_mark.index, "")
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if text[start : key.start_mark.index].strip(" "):
        return None
    return Splice(start, _line_end(text, _end_of(found.value, key)), "")


def _end_of(node: yaml.Node, key: yaml.Node) -> int:
    """Where the last character of a value is: a block's own end mark is behind the comments that follow it."""
    last = max((_last_scalar(node)), default=key.end_mark.index)
    return max(last, key.end_mark.index)


def _last_scalar(node: yaml.Node) -> Iterator[int]:
    if isinstance(node, yaml.ScalarNode):
        yield node.end_mark.index - (1 if node.style in ("|", ">") else 0)
    elif not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        yield node.end_mark.index
    else:
        tail = node.value[-1]
        for part in tail if isinstance(tail, tuple) else (tail,):
            yield from _last_scalar(part)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _insert(text: str, parent: yaml.Node, rest: Path, value: object) -> Splice | None:
    """A new key behind the last one of a mapping, at its indentation."""
    if not isinstance(parent, yaml.MappingNode) or isinstance(value, dict | list):
        return None
    if parent.flow_style:
        if len(rest) != 1:
            return None
        at = parent.end_mark.index - 1
        return Splice(at, at, f"{', ' if parent.value else ''}{_scalar(rest[0])}: {_scalar(value)}")
    key, last = parent.value[-1]
    first = parent.value[0][0].start_mark
    column = first.index - (text.rfind("\n", 0, first.index) + 1)
    at = _line_end(text, _end_of(last, key))
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [" " * (column + 2 * depth) + _scalar(step) + ":" for depth, step in enumerate(rest)]
    lines[-1] += f" {_scalar(value)}"
    before = "" if text[at - 1 : at] == "\n" else newline
    return Splice(at, at, before + newline.join(lines) + newline)
