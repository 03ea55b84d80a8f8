"""What contributors meet first: forms, hooks and templates that work and name what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from exporter.base.project import HOME

ROOT: Final = Path(__file__).parent.parent.parent
FORMS: Final = sorted(p for p in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if p.stem != "config")
HOOKS: Final = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_something_and_each_answer_has_a_name(form: Path) -> None:
    read: dict[str, Any] = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= set(read) <= {"name", "description", "body", "labels", "title"}
    asked = [item for item in read["body"] if item["type"] != "markdown"]
    assert {item["type"] for item in asked} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert len({item["id"] for item in asked}) == len(asked)
    assert all(item["attributes"]["label"] for item in asked)
    assert any(item.get("validations", {}).get("required") for item in asked)


def test_links_of_the_forms_lead_into_the_project() -> None:
    config = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/config.yml").read_text())
    for link in config["contact_links"]:
        assert link["url"].startswith(HOME)
        if "/blob/main/" in link["url"]:
            assert (ROOT / link["url"].partition("/blob/main/")[2]).is_file()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_locked_tool(hook: dict[str, Any]) -> None:
    tool = hook["entry"].split()[0]
    assert tool.startswith(".venv/bin/")
    found = subprocess.run(
        [Path(sys.executable).parent / Path(tool).name, "--help"], capture_output=True, check=False, timeout=120
    )
    assert found.returncode == 0


def test_the_pull_request_template_names_targets_and_files_that_there_are() -> None:
    text = (ROOT / ".github/pull_request_template.md").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets
    assert all((ROOT / name).is_file() for name in re.findall(r"`([A-Z]+\.md)`", text))
