"""The machine's way to the package index, for pip within a build: what pip is configured to here holds there, too."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import certifi


def volumes(directory: Path) -> list[str]:
    """What to mount into a build: a pip.conf, the authorities to trust, and local directories that it names."""
    settings = _settings()
    authorities = directory / "authorities.pem"
    authorities.write_bytes(Path(settings.get("cert") or certifi.where()).read_bytes())
    settings["cert"] = "/etc/pip-authorities.pem"
    written = directory / "pip.conf"
    written.write_text("[global]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    local = {word for word in " ".join(settings.values()).split() if word.startswith("/") and Path(word).is_dir()}
    return [
        f"{written}:/etc/pip.conf:ro",
        f"{authorities}:{settings['cert']}:ro",
        *(f"{path}:{path}:ro" for path in sorted(local)),
    ]


def _settings() -> dict[str, str]:
    """By option; what the environment says goes before files, as in pip. Comes as lines like global.timeout='60'."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:.")):
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", "install", "wheel", ":env:"):
            found[key] = str(ast.literal_eval(value))
    return found
