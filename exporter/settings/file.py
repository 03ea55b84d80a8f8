"""Reads a configuration file: options by name, and the sections. Reports all mistakes, not only the first."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from exporter.settings.commands import OPTIONS, options_of
from exporter.settings.options import CONFIG
from exporter.settings.policy import CHECKS_KEY, POLICY, SUPPRESSIONS_KEY, parse_policy
from exporter.settings.settings import FileValues, GivenValue, Option, SettingsError, describe_invalid
from exporter.settings.yaml_document import LONGEST, YamlDocument, YamlValue


def load_file(path: Path, command: str = "") -> FileValues:
    """The values for `command`, or for all commands if it is "". Raises SettingsError, a line per mistake."""
    content = read_content(path)
    document = YamlDocument()
    try:
        root = document.parse(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 at byte {error.start}") from None
    options = {option.name: option for option in OPTIONS if option.in_file}
    keys = document.mapping(root, (*options, CHECKS_KEY, SUPPRESSIONS_KEY)) if root else {}
    given: dict[str, GivenValue] = {}
    for name, option in options.items():
        value = keys.get(name)
        if value is not None and not value.nothing:
            texts = tuple(_texts(document, value, option))
            if any(texts):
                given[name] = GivenValue(texts, f"{path.name} line {value.line}")
                _check(document, value, option, texts, command)
    decided = parse_policy(document, _if_given(keys.get(CHECKS_KEY)), _if_given(keys.get(SUPPRESSIONS_KEY)), str(path))
    if document.mistakes:
        raise SettingsError(*(f"{path}: {mistake}" for mistake in sorted(document.mistakes)))
    return FileValues(path, file_digest(content), given, {POLICY: decided})


def read_content(path: Path) -> bytes:
    """The bytes of the file. Raises SettingsError if it cannot be read or has more than 256 KiB."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise SettingsError(f"{CONFIG.flag}: {path} cannot be read: {error.strerror or error}") from None
    if len(content) > LONGEST:
        raise SettingsError(f"{CONFIG.flag}: {path} is longer than {LONGEST // 1024} KiB; is it the right file?")
    return content


def file_digest(content: bytes) -> str:
    """A hash of the content, to compare versions of a file."""
    return hashlib.sha256(content).hexdigest()


def _if_given(value: YamlValue | None) -> YamlValue | None:
    return None if value is None or value.nothing else value


def _texts(document: YamlDocument, value: YamlValue, option: Option[Any]) -> list[str]:
    if option.repeatable:
        return document.texts(value)
    text = document.text(value)
    return [] if text is None else [text]


def _check(document: YamlDocument, value: YamlValue, option: Option[Any], texts: tuple[str, ...], command: str) -> None:
    if not command or option in options_of(command):
        problem = describe_invalid(option, texts)
        if problem:
            document.wrong(value, problem)
