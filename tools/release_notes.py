"""Prints what CHANGELOG.md says of a release, for its page. `release_notes.py v1.2.3`, the tag of the release.

Refuses a tag that is not the version in pyproject.toml, and a version of which the changelog says nothing: a release
that is half done is not made.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent


class ReleaseError(ValueError):
    """The release cannot be made; the message says what to do."""


def release_notes(changelog: str, version: str) -> str:
    """The section of a version, without its heading. Raises ReleaseError if there is none, or nothing in it."""
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        if re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d", heading.strip()):
            if not text.strip():
                raise ReleaseError(f"the section of {version} in CHANGELOG.md is empty")
            return f"{text.strip()}\n"
    raise ReleaseError(f'CHANGELOG.md has no section "## {version} - YYYY-MM-DD"; rename Unreleased')


def version_of_tag(tag: str, project: str) -> str:
    """The version of a tag. Raises ReleaseError if it is not that of the project."""
    version: str = tomllib.loads(project)["project"]["version"]
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag}, but the version in pyproject.toml is {version}; tag it v{version}")
    return version


def main(words: list[str], root: Path = ROOT) -> int:
    """Print the notes of the tag."""
    if len(words) != 1:
        sys.stderr.write("release_notes.py TAG\n")
        return 2
    try:
        version = version_of_tag(words[0], (root / "pyproject.toml").read_text())
        sys.stdout.write(release_notes((root / "CHANGELOG.md").read_text(), version))
    except (OSError, ReleaseError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
