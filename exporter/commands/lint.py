"""`lint`: checks manifests in files before they are applied."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from exporter.base.terminal import Style
from exporter.lint.formats import render
from exporter.lint.inputs import STDIN, Inputs, read_inputs
from exporter.lint.releases import Target, parse_target
from exporter.lint.report import LINT, SCHEMA, LintReport
from exporter.lint.run import apply_fixes, build_report, lint
from exporter.lint.source import SourceText
from exporter.report import Severity, Verdict
from exporter.settings.options import BASELINE, FAIL_ON, FIX, FOR, OUTPUT, PATHS
from exporter.settings.settings import Settings, SettingsError

_CODES: Final[dict[Verdict, int]] = {"pass": 0, "fail": 1, "unknown": 3}
_ROUNDS: Final = 5
"""One correction may show what another one hid. More rounds than this are a rule that contradicts itself."""
_STDIN_NAME: Final = "standard input"


def run(settings: Settings) -> int:
    """Lint what the settings name, correct it if asked to, print the report, and return the exit code."""
    paths = settings[PATHS]
    if not paths:
        raise SettingsError(f"{PATHS.flag} is missing; name files, folders, or - for standard input")
    target = _target(settings)
    former = _load_report(settings[BASELINE])
    inputs = read_inputs(paths)
    fixed = _fix(inputs, target) if settings[FIX] else 0
    report = build_report(
        lint(inputs.sources, target),
        target,
        files=len(inputs.sources),
        problems=inputs.problems,
        skipped=inputs.skipped,
        fail_on=Severity(settings[FAIL_ON]),
        former=former,
        fixed=fixed,
    )
    out = sys.stderr if settings[FIX] and STDIN in paths else sys.stdout
    out.write(render(report, settings[OUTPUT], Style.for_stream(out, os.environ)))
    return _CODES[report.verdict]


def _target(settings: Settings) -> Target:
    try:
        return parse_target(settings[FOR])
    except ValueError as error:
        raise SettingsError(f"{FOR.flag}: {settings[FOR]!r} {error}") from None


def _load_report(path: Path | None) -> LintReport | None:
    """A former report. Raises SettingsError if the file is none."""
    if path is None:
        return None
    try:
        return LINT.validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{BASELINE.flag}: {path} cannot be read: {error.strerror or error}") from None
    except ValidationError:
        raise SettingsError(
            f"{BASELINE.flag}: {path} is no report of {SCHEMA}; name what `lint --output json` has printed"
        ) from None


def _fix(inputs: Inputs, target: Target) -> int:
    """Correct the texts until nothing more can be, and write those that have changed."""
    total = 0
    for _ in range(_ROUNDS):
        linted, count = lint(inputs.sources, target), 0
        for number, source in enumerate(inputs.sources):
            if source.name in inputs.writable or source.name == _STDIN_NAME:
                text, made = apply_fixes(source, linted)
                inputs.sources[number] = SourceText(source.name, text) if made else source
                count += made
        total += count
        if not count:
            break
    for source in inputs.sources:
        if source.name == _STDIN_NAME:
            sys.stdout.write(source.text)
        elif source.name in inputs.writable and source.text.encode() != inputs.writable[source.name]:
            _write(source, inputs.writable[source.name])
    return total


def _write(source: SourceText, before: bytes) -> None:
    """Replace a file as a whole, unless somebody else has changed it meanwhile."""
    path = Path(os.path.realpath(source.name))
    if path.read_bytes() != before:
        raise SettingsError(f"{source.name} has changed while it was linted; run the command again")
    aside = path.with_name(f".{path.name}.bootsource-lint")
    try:
        aside.write_bytes(source.text.encode())
        aside.chmod(path.stat().st_mode & 0o7777)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
