"""The workflows: what can be told of them without GitHub."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from exporter.base.project import HOME, IMAGE
from tests.rig.build import build

ROOT: Final = Path(__file__).parent.parent.parent
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def jobs(workflow: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return found


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(workflow).values():
        yield from job.get("steps", ())


def test_actionlint_has_nothing_to_say() -> None:
    # It reads the scripts of steps by shellcheck, which it finds on the PATH.
    run = subprocess.run([build("actionlint"), "-no-color", *WORKFLOWS], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_shellcheck_has_nothing_to_say_of_our_scripts() -> None:
    scripts = [*(ROOT / "tools").glob("*.sh"), *(ROOT / ".ci").iterdir()]
    run = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


@every_workflow
def test_every_action_is_pinned_by_its_commit_and_says_its_version(workflow: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.+)$", workflow.read_text(), re.MULTILINE)
    assert used
    for action in used:
        assert re.fullmatch(r"\./\S+|[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_version_everywhere() -> None:
    pins = {pin for path in WORKFLOWS for pin in re.findall(r"uses: ([\w.-]+/[\w.-]+)[^@\n]*@(\S+)", path.read_text())}
    assert len(pins) == len({action for action, _ in pins})


@every_workflow
def test_jobs_may_read_and_say_what_else_they_need(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}
    lines = workflow.read_text().splitlines()
    assert not [line for line in lines if re.search(r": write(?! # to )", line)]
    assert "pull_request_target" not in workflow.read_text()


@every_workflow
def test_no_checkout_leaves_a_token_and_every_job_ends(workflow: Path) -> None:
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    assert all("timeout-minutes" in job for job in jobs(workflow).values() if "uses" not in job)


@every_workflow
def test_scripts_take_values_from_variables_only(workflow: Path) -> None:
    assert not [step for step in steps(workflow) if "${{" in step.get("run", "")]


@every_workflow
def test_what_a_script_calls_exists(workflow: Path) -> None:
    text = "\n".join(step.get("run", "") for step in steps(workflow))
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = re.findall(r"\bmake ((?: ?[a-z]+)+)$", text, re.MULTILINE)
    assert {target for words in called for target in words.split()} <= targets
    assert all((ROOT / path).is_file() for path in re.findall(r"\btools/\S+", text))


def test_the_image_is_released_for_every_architecture_on_the_base_of_the_dockerfile() -> None:
    given = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["env"]
    assert given["PLATFORMS"] == "linux/amd64,linux/arm64,linux/s390x,linux/ppc64le"
    assert f"ARG BASE={given['BASE']}:latest\n" in (ROOT / "Dockerfile").read_text()


def test_the_chart_that_is_released_is_there_and_names_the_image_that_is() -> None:
    given = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["env"]
    values = yaml.safe_load((ROOT / given["CHART"] / "values.yaml").read_text())
    repository = HOME.removeprefix("https://github.com/")
    assert given["IMAGE"].replace("${{ github.repository }}", repository) == values["image"]["repository"] == IMAGE
