"""The Dockerfile itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.container.conftest import ROOT


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_every_ignored_rule_has_its_reason() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    ignored = [number for number, line in enumerate(lines) if "hadolint ignore" in line]
    assert all(lines[number - 1].startswith("# ") for number in ignored)
