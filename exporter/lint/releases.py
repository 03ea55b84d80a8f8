"""The releases that manifests are meant for: `4.18..4.23`, one release, or one of HCO's own numbering."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exporter.joins.platform import NEWER_THAN_ANY, cdi_of_product
from exporter.model.hco_layout import Release

_OFFSET: Final = 4
"""OpenShift Virtualization 4.y ships HCO 1.(y-4)."""
OLDEST: Final[Release] = (1, 8)
"""OpenShift Virtualization 4.12, the oldest release that is described."""
NEWEST: Final[Release] = (1, 19)
"""OpenShift Virtualization 4.23. What is newer is judged by the same rules."""
DEFAULT: Final = "4.18..4.23"
_VERSION: Final = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9A-Za-z.+-]{1,40})?")


def _release_of(text: str) -> Release | None:
    """The release that a version names; None if it names none that can be judged."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    major, minor = int(match[1]), int(match[2])
    if major == 4:
        major, minor = 1, minor - _OFFSET
    return (major, minor) if (major, minor) >= OLDEST else None


def product_name(release: Release) -> str:
    """What OpenShift Virtualization calls it: 4.22 for HCO 1.18."""
    return f"4.{release[1] + _OFFSET}" if release[0] == 1 else f"{release[0]}.{release[1]}"


def cdi_minor_of(release: Release) -> int:
    """The minor of CDI 1 that a release ships."""
    return cdi_of_product(release[1] + _OFFSET) if release[0] == 1 else NEWER_THAN_ANY


@dataclass(frozen=True, slots=True)
class Target:
    """The releases that manifests are judged for, the oldest first."""

    releases: tuple[Release, ...]

    def __str__(self) -> str:
        """As --for takes it."""
        names = [product_name(release) for release in self.releases]
        return names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"

    def clause(self, holds: Iterable[Release], among: Iterable[Release] | None = None) -> str:
        """On which releases something holds, as words that follow a sentence; "" if on all."""
        all_of = tuple(self.releases if among is None else among)
        some = [release for release in all_of if release in set(holds)]
        if len(some) == len(all_of):
            return ""
        first, last = product_name(some[0]), product_name(some[-1])
        if some[-1] == all_of[-1]:
            return f" (OpenShift Virtualization {first}{' and later' if some[-1] >= NEWEST or len(some) > 1 else ''})"
        return (
            f" (OpenShift Virtualization {first})"
            if first == last
            else f" (OpenShift Virtualization {first} to {last})"
        )


def parse_target(text: str) -> Target:
    """Read `VERSION` or `FIRST..LAST`. Raises ValueError, worded to follow the text."""
    first, dots, last = text.partition("..")
    start, end = _release_of(first), _release_of(last if dots else first)
    if start is None or end is None:
        raise ValueError(
            f"is not a version that can be judged; write {product_name(OLDEST)} or later, a range such as {DEFAULT}, "
            "or a version of HCO such as 1.18"
        )
    if start > end:
        raise ValueError("is a range from a newer version to an older one; write the older one first")
    if start[0] != 1:
        return Target((start,))
    newest = end[1] if end[0] == 1 else max(NEWEST[1], start[1])
    releases = [(1, minor) for minor in range(start[1], min(newest, start[1] + 100) + 1)]
    return Target((*releases, *([end] if end[0] != 1 else [])))
