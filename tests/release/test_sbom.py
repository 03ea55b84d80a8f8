"""The bill of materials: complete, valid, and the same each time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

pytestmark = pytest.mark.network

ROOT: Final = Path(__file__).parent.parent.parent
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def made(file: Path) -> str:
    subprocess.run([ROOT / "tools" / "sbom.sh", Path(sys.executable).parent, file], check=True)
    return file.read_text()


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made(tmp_path_factory.mktemp("sbom") / "bom.json")


@pytest.fixture
def bill(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_is_valid(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_it_is_the_same_each_time_and_names_no_machine(text: str, tmp_path: Path) -> None:
    assert made(tmp_path / "again" / "bom.json") == text
    assert not re.search(r"file:|/tmp|timestamp|serialNumber", text)


def test_it_lists_what_is_locked_with_its_licence(bill: dict[str, Any]) -> None:
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    assert sorted((canonical(each["name"]), each["version"]) for each in bill["components"]) == sorted(locked)
    assert all(each["purl"].startswith("pkg:pypi/") and each["licenses"] for each in bill["components"])


def test_it_is_about_this_program_and_says_what_needs_what(bill: dict[str, Any]) -> None:
    program = bill["metadata"]["component"]
    assert (program["name"], program["version"]) == (PROJECT["name"], PROJECT["version"])
    needs = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    direct = {canonical(re.split("[>=]", each)[0]) for each in PROJECT["dependencies"]}
    assert {canonical(ref.partition("==")[0]) for ref in needs[program["bom-ref"]]} == direct
    reached, waiting = set[str](), [*needs[program["bom-ref"]]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs[ref]
    assert reached == {each["bom-ref"] for each in bill["components"]}
