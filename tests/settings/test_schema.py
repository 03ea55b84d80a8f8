"""The published schema, the example and the snippets of the pages agree with what is read."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from exporter.checks import CHECKS
from exporter.checks.annotation import parse_rule
from exporter.checks.check import Check
from exporter.cluster.resource import Ref
from exporter.dump.yaml_text import parse_yaml
from exporter.output.suppress_commands import annotation_command, configuration_entry
from exporter.settings.file import load_file
from exporter.settings.policy import POLICY, SUPPRESSIBLE
from exporter.settings.settings import SettingsError
from tools.generate.coverage import REPOSITORY

SCHEMA: dict[str, Any] = json.loads((REPOSITORY / "docs/config.schema.json").read_text())
EXAMPLE = REPOSITORY / "docs/config.example.yaml"
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)


def admitted(text: str) -> bool:
    """The schema admits the document."""
    (document,) = parse_yaml(text)
    return Draft202012Validator(SCHEMA).is_valid(document)


def readable(folder: Path, text: str) -> bool:
    """It can be read."""
    path = folder / "config.yaml"
    path.write_text(text)
    try:
        load_file(path)
    except SettingsError:
        return False
    return True


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_example_is_valid() -> None:
    text = EXAMPLE.read_text()
    assert admitted(text)
    told = load_file(EXAMPLE)
    assert {"log-format", "timeout"} <= set(told.options)
    assert told.sections[POLICY].rules


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{}", True),
        ("listen: ':80'", True),
        ("listen: '[::1]:80'", True),
        ("listen: host", False),
        ("log-level: debug", True),
        ("log-level: ~", True),
        ("log-level: loud", False),
        ("timeout: 90", False),
        ("timeout: 5m", True),
        ("timeout: 5 minutes", False),
        ("timeout: 0", False),
        ("disable: templates, nodes", True),
        ("disable: [templates]", True),
        ("disable: [vms]", False),
        ("lisen: ':80'", False),
        ("from: x", False),
        (
            "checks: {polling-frozen: {enabled: false, severity: info, thresholds: {periods: 3, slack: 2h, idle: 1d}}}",
            True,
        ),
        ("checks: {polling-frozen: }", True),
        ("checks: {polling-frozn: {}}", False),
        ("checks: {polling-frozen: {severity: bad}}", False),
        ("checks: {polling-frozen: {enabled: sometimes}}", False),
        ("checks: {polling-frozen: {thresholds: {slack: 2}}}", False),
        ("checks: {polling-frozen: {thresholds: {periods: 2h}}}", False),
        ("checks: {polling-frozen: {thresholds: {grace: 2h}}}", False),
        ("checks: {invalid-schedule: {thresholds: {grace: 2h}}}", False),
        ("suppressions: [{check: '*', reason: x, owner: y}]", True),
        ("suppressions: [{check: [polling-frozen, digest-unknown], reason: x, owner: y, until: 2026-12-31}]", True),
        ("suppressions: [{check: polling-frozen, object: {kind: Data*}, reason: x, owner: y}]", True),
        ("suppressions: [{check: suppression-unused, reason: x, owner: y}]", False),
        ("suppressions: [{check: [], reason: x, owner: y}]", False),
        ("suppressions: [{check: polling-frozen, reason: x}]", False),
        ("suppressions: [{check: polling-frozen, reason: '', owner: y}]", False),
        ("suppressions: [{check: polling-frozen, reason: x, owner: y, until: soon}]", False),
        ("suppressions: [{check: polling-frozen, reason: x, owner: y, object: {names: x}}]", False),
        ("suppressions: {}", False),
    ],
)
def test_the_schema_admits_what_can_be_read(tmp_path: Path, text: str, valid: bool) -> None:
    assert (admitted(text), readable(tmp_path, text)) == (valid, valid)


@each_check
def test_the_snippets_of_its_page_can_be_pasted(check: Check, tmp_path: Path) -> None:
    text = configuration_entry(check)
    assert admitted(text)
    assert readable(tmp_path, text)
    command = annotation_command(check)
    if command:
        line = shlex.split(command)[-1].partition("=")[2]
        rule = parse_rule(line, Ref("DataImportCron", "a", "b"), SUPPRESSIBLE)
        assert rule.checks == (check.id,)
        assert rule.until is not None
    page = (REPOSITORY / f"docs/checks/{check.id}.md").read_text()
    assert text in page
    assert command in page


@each_check
def test_its_thresholds_are_in_the_schema_and_on_its_page(check: Check) -> None:
    names = [threshold.name for threshold in check.thresholds]
    assert len(set(names)) == len(names)
    (described, _) = SCHEMA["properties"]["checks"]["anyOf"][0]["properties"][check.id]["anyOf"]
    assert list(described["properties"].get("thresholds", {"properties": {}})["properties"]) == names
    page = (REPOSITORY / f"docs/checks/{check.id}.md").read_text()
    for threshold in check.thresholds:
        assert f"| `{threshold.name}` |" in page
        assert not threshold.meaning.endswith(".")


def test_the_snippets_are_yaml_as_others_read_it() -> None:
    for check in CHECKS:
        assert isinstance(yaml.safe_load(configuration_entry(check)), dict)
