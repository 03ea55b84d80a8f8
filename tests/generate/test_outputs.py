"""Nothing that is declared is missing from what is generated."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.cluster.resources import WATCHED
from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES
from exporter.report import REPORT, to_json
from exporter.settings.commands import COMMANDS, OPTIONS
from tests.worlds import evaluate_manifests, manifest
from tools.generate.checks import check_index, check_page
from tools.generate.configuration import configuration_page
from tools.generate.coverage import REPOSITORY, checks_for, coverage_page, covering_tests
from tools.generate.metrics import metrics_page
from tools.generate.output import Output
from tools.generate.outputs import OUTPUTS
from tools.generate.resources import resources_page
from tools.generate.scenarios import SCENARIOS, Scenario
from tools.generate.schemas import schema_text

PAGES = [output for output in OUTPUTS if output.path.endswith(".md")]
BY_PATH = {output.path: output for output in OUTPUTS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page(check: Check) -> None:
    assert f"docs/checks/{check.id}.md" in BY_PATH
    assert f"]({check.id}.md) | {check.severity} |" in check_index()
    page = check_page(check)
    headings = ["What it means", "Why it matters", "How it is detected", "Evidence", "Fix"]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE)[:5] == headings
    assert all(f"`{resource}`" in page for resource in check.tables)
    assert all(f"- {scenario}: " in page for scenario in check.scenarios)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_every_scenario_is_found_or_has_a_reason(scenario: Scenario) -> None:
    assert bool(checks_for(scenario)) != bool(scenario.undetectable)
    row = next(line for line in coverage_page().splitlines() if line.startswith(f"| {scenario.id} |"))
    assert all(f"checks/{check.id}.md" in row for check in checks_for(scenario))


def test_the_scenarios_are_numbered_in_a_row() -> None:
    assert [scenario.id for scenario in SCENARIOS] == [f"F{number:02}" for number in range(1, 72)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_checks_name_scenarios_that_there_are(check: Check) -> None:
    assert set(check.scenarios) <= {scenario.id for scenario in SCENARIOS}
    assert len(set(check.scenarios)) == len(check.scenarios)


def test_tests_are_found_by_name_or_by_mention() -> None:
    by_id = {check.id: check for check in CHECKS}
    own = covering_tests(by_id["storage-class-missing"])
    assert own == [
        "tests/checks/storage/test_storage_class_missing.py",
        "tests/clusters/samples/storage-class-missing.yaml",
    ]
    assert all((REPOSITORY / path).is_file() for check in CHECKS for path in covering_tests(check))


def test_every_metric_is_documented() -> None:
    page = metrics_page()
    labels = {family.name: family.labels for family in FAMILIES} | {own.name: own.labels for own in OWN_FAMILIES}
    for name in labels:
        section = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert all(f"`{label}`" in section for label in labels[name]), name
        assert "- Type: " in section
    assert all("- Cardinality: " in part for part in page.partition("## About the exporter")[0].split("\n### ")[1:])


def test_every_option_and_command_is_documented() -> None:
    rows = configuration_page().splitlines()
    for option in OPTIONS:
        # Two commands may each have an option of the same name.
        named = [line for line in rows if line.startswith((f"| `{option.flag}` ", f"| `{option.flag} "))]
        words = {command.name for command in COMMANDS if option in command.options}
        words |= {f"`{option.variable}`"} if option.variable else set()
        assert any(all(word in row for word in words) for row in named)
    assert all(any(f"`bootsource-exporter {c.name}`" in row for row in rows) for c in COMMANDS)


def test_every_resource_is_documented() -> None:
    page = resources_page()
    for resource in WATCHED:
        section = page.partition(f"\n## {resource.plural}\n")[2].partition("\n## ")[0]
        readers = [check for check in CHECKS if resource in check.tables]
        assert all(f"checks/{check.id}.md" in section for check in readers)


def test_the_role_says_why_each_resource_is_read() -> None:
    role = BY_PATH["deploy/kustomize/base/clusterrole.yaml"].text()
    assert all(f"# {resource.kind}: {resource.purpose}" in role for resource in WATCHED)


@pytest.mark.parametrize("output", PAGES, ids=lambda output: output.path)
def test_tables_are_even(output: Output) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", output.text(), re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


@pytest.mark.parametrize("output", PAGES, ids=lambda output: output.path)
def test_links_lead_somewhere(output: Output) -> None:
    folder = (REPOSITORY / output.path).parent
    for target in re.findall(r"(?<!\\)\]\(([^)\s]+)\)", output.text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (folder / path).resolve().relative_to(REPOSITORY).as_posix() if path else output.path
        assert linked in BY_PATH or (REPOSITORY / linked).is_file(), target
        assert not anchor or anchor in anchors(BY_PATH[linked].text()), target


def anchors(text: str) -> set[str]:
    """What GitHub and MkDocs make of the headings of a page."""
    return {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", text)
    }


def violations(schema: dict[str, Any], value: Any, root: dict[str, Any], path: str = "") -> list[str]:
    """What of a value a schema does not allow: the few keywords that ours use, and an error for any other."""
    known = {"$defs", "$ref", "$schema", "$comment", "additionalProperties", "anyOf", "default", "description", "enum"}
    assert set(schema) <= known | {"const", "format", "items", "properties", "required", "title", "type"}, path
    if "$ref" in schema:
        return violations(root["$defs"][schema["$ref"].rpartition("/")[2]], value, root, path)
    if "anyOf" in schema:
        tried = [violations(option, value, root, path) for option in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    types = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "number": float,
        "null": None,
    }
    wanted = types[schema["type"]] if "type" in schema else object
    if value is not None if wanted is None else not isinstance(value, wanted):
        return [f"{path}: {value!r} is no {schema['type']}"]
    found = [f"{path}: {value!r}"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, dict):
        declared = schema.get("properties", {})
        found += [f"{path}.{key}: missing" for key in schema.get("required", ()) if key not in value]
        for key, part in value.items():
            more = declared.get(key, schema.get("additionalProperties"))
            found += violations(more, part, root, f"{path}.{key}") if more else [f"{path}.{key}: not declared"]
    if isinstance(value, list):
        found += [
            bad for n, part in enumerate(value) for bad in violations(schema["items"], part, root, f"{path}[{n}]")
        ]
    return found


def test_the_schema_describes_a_real_report() -> None:
    cron = manifest("cdi.kubevirt.io/v1beta1", "DataImportCron", "fedora", "images", spec={"schedule": "x"})
    report = evaluate_manifests(CHECKS, cron).report
    assert report.findings
    published = json.loads(schema_text(REPORT))
    document = json.loads(to_json(report))
    assert violations(published, document, published) == []
    assert REPORT.validate_json(to_json(report)) == report
    assert set(published["required"]) == set(document)


def test_the_schema_notices_what_is_wrong() -> None:
    published = json.loads(schema_text(REPORT))
    document = json.loads(to_json(evaluate_manifests(CHECKS).report))
    del document["verdict"]
    document["checks"][0]["status"] = "perfect"
    document["new"] = 1
    document["at"] = 5
    assert set(violations(published, document, published)) == {
        ".verdict: missing",
        ".checks[0].status: 'perfect'",
        ".new: not declared",
        ".at: 5 is no string",
    }
