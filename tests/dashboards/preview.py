"""The previews of the dashboards, made once, and what a real browser drew of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.dashboards.documents import GRAFANA, perses
from tests.rig.npm import install, run

SOURCE: Final = Path(__file__).parent.parent / "preview"
WISHED: Final = {"bootsource-detail": {"dataimportcron": "fedora-image-cron"}}
"""The boot source that is shown: one that something is wrong with."""


@dataclass(frozen=True, slots=True)
class Program:
    """What draws, by its published components."""

    page: str
    boards: dict[str, Any]
    prefix: str = ""
    """Of the names of pictures."""


OF_GRAFANA: Final = Program("src/page.jsx", GRAFANA)
OF_PERSES: Final = Program(
    "perses/src/page.jsx", {uid: perses(uid, "v1alpha2")["spec"]["config"] for uid in GRAFANA}, "perses-"
)


def install_program() -> None:
    """Install what draws."""
    install(SOURCE, SOURCE / "perses")


def draw(
    program: Program, prometheus: str, looks: Sequence[tuple[str, int]], pictures: Path | None = None
) -> list[dict[str, Any]]:
    """What came of each dashboard in each look, a mode and a width in pixels; and pictures of them in the folder."""
    install_program()
    with tempfile.TemporaryDirectory() as folder:
        for uid, board in program.boards.items():
            (Path(folder) / f"{uid}.json").write_text(json.dumps(board))
        jobs = [
            {
                "board": f"{folder}/{uid}.json",
                "uid": uid,
                "mode": mode,
                "width": width,
                "wished": WISHED.get(uid, {}),
                **({"picture": str(pictures / f"{program.prefix}{uid}-{mode}-{width}.png")} if pictures else {}),
            }
            for uid in program.boards
            for mode, width in looks
        ]
        bundle = f"{folder}/preview.js"
        ran("node", "bundle.mjs", program.page, bundle)
        found: list[dict[str, Any]] = json.loads(ran("node", "shoot.mjs", bundle, prometheus, json.dumps(jobs)))
    return found


def ran(*command: str, folder: Path = SOURCE) -> str:
    """What a program of the preview has said."""
    return run(*command, folder=folder)
