"""Output: one generated file, which says in its first line that it is generated, from what, and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

HOW: Final = "make generate"
"""The command that writes all of it."""
MARK: Final = f"by `{HOW}`; do not edit"
"""In the first line of every generated file, and of no other."""


@dataclass(frozen=True, slots=True)
class Output:
    """One generated file."""

    path: str
    """Relative to the root of the repository, with slashes."""
    source: str
    """Where to edit instead."""
    body: Callable[[], str]
    """All but the first line. Of JSON the whole document: the first line becomes part of it."""

    def text(self) -> str:
        """The whole file."""
        said = f"Generated from {self.source} {MARK}."
        match PurePosixPath(self.path).suffix:
            case ".md":
                return f"<!-- {said} -->\n\n{self.body()}"
            case ".svg":
                return f"<!-- {said} -->\n{self.body()}"
            case ".yaml" | ".py" | "":
                return f"# {said}\n{self.body()}"
            case ".libsonnet":
                return f"// {said}\n{self.body()}"
            case ".tmpl":
                return f"{{{{/* {said} */}}}}\n{self.body()}"
            case ".json":
                # JSON has no comments; the schema language has a keyword for them.
                document = json.dumps({"$comment": said, **json.loads(self.body())}, indent=2, ensure_ascii=False)
                return document.replace("{\n  ", "{ ", 1) + "\n"
            case suffix:
                raise ValueError(f"{self.path}: it is not settled how {suffix!r} files tell that they are generated")
