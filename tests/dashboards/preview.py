"""The preview of the dashboards, made once, and what a real browser drew of them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.dashboards.documents import FOLDER, GRAFANA
from tests.rig.build import cache, locked

SOURCE: Final = Path(__file__).parent.parent / "preview"
WISHED: Final = {"bootsource-detail": {"dataimportcron": "fedora-image-cron"}}
"""The boot source that is shown: one that something is wrong with."""


def installed() -> None:
    """Install what the lock file names, if it has changed since; safe when several processes ask at once."""
    lock, done = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".installed"
    with locked(cache() / "preview.lock", "preview"):
        if not done.is_file() or done.read_bytes() != lock.read_bytes():
            _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            done.write_bytes(lock.read_bytes())


def drawn(prometheus: str, looks: Sequence[tuple[str, int]], pictures: Path | None = None) -> list[dict[str, Any]]:
    """What came of each dashboard in each look, a mode and a width in pixels; and pictures of them in the folder."""
    installed()
    jobs = [
        {
            "board": str(FOLDER / "grafana" / f"{uid}.json"),
            "uid": uid,
            "mode": mode,
            "width": width,
            "wished": WISHED.get(uid, {}),
            **({"picture": str(pictures / f"{uid}-{mode}-{width}.png")} if pictures else {}),
        }
        for uid in GRAFANA
        for mode, width in looks
    ]
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "preview.js"
        _run("node", "bundle.mjs", str(bundle))
        found: list[dict[str, Any]] = json.loads(_run("node", "shoot.mjs", str(bundle), prometheus, json.dumps(jobs)))
    return found


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, cwd=SOURCE, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)[:200]}: {done.stdout}{done.stderr}"
    return done.stdout
