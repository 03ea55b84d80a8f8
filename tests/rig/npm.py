"""Packages of npm for tests that need a browser, and what their programs say."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.rig.build import cache, lock_file


def install(*folders: Path) -> None:
    """Install what the lock files name, if they have changed since; safe when several processes ask at once."""
    with lock_file(cache() / "npm.lock", "npm packages"):
        for folder in folders:
            lock, done = folder / "package-lock.json", folder / "node_modules" / ".installed"
            if not done.is_file() or done.read_bytes() != lock.read_bytes():
                run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
                done.write_bytes(lock.read_bytes())


def run(*command: str, folder: Path) -> str:
    """What a command has said. An AssertionError with what it says if it fails."""
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)[:200]}: {done.stdout}{done.stderr}"
    return done.stdout
