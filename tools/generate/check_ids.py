"""The ids of all checks as a type, from the names of their modules."""

from __future__ import annotations

from tools.generate.coverage import REPOSITORY
from tools.generate.output import Output

_CHECKS = REPOSITORY / "exporter" / "checks"


def check_ids() -> str:
    """A module whose type names every check: the type checker then knows a misspelt one."""
    files = (path for path in _CHECKS.glob("*/*.py") if path.parent.name != "shared")
    names = sorted(path.stem.replace("_", "-") for path in files if not path.stem.startswith("_"))
    literals = "".join(f'    "{name}",\n' for name in names)
    return (
        '"""The ids of all checks. A cause, or an alert that inhibits a check, names one of them."""\n\n'
        "from typing import Literal\n\n"
        f"CheckId = Literal[\n{literals}]\n"
    )


CHECK_IDS = Output("exporter/checks/ids.py", "exporter/checks", check_ids)
