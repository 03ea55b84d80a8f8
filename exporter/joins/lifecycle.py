"""Until when the makers of operating systems maintain them: a small table, and what is configured beside it. Pure.

The table holds releases whose last day of maintenance has been published: for everyone who has an ordinary
subscription, without extensions that are bought apart. A release that it does not hold is not judged. Nothing is ever
concluded from the dates of its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final, NamedTuple

from exporter.cluster.snapshot import Given
from exporter.joins.operating_systems import System

COMPILED: Final = date(2025, 8, 1)
"""When the table was last compared with what the makers publish."""
_RHEL: Final = {"6": "2020-11-30", "7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"}
_TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    # End of maintenance support: access.redhat.com/support/policy/updates/errata
    "Red Hat Enterprise Linux": _RHEL,
    # www.centos.org/cl-vs-cs and its announcements
    "CentOS Linux": {"6": "2020-11-30", "7": "2024-06-30", "8": "2021-12-31"},
    "CentOS Stream": {"8": "2024-05-31", "9": "2027-05-31"},
    # docs.fedoraproject.org, end of life
    "Fedora": {
        "33": "2021-11-30",
        "34": "2022-06-07",
        "35": "2022-12-13",
        "36": "2023-05-16",
        "37": "2023-12-05",
        "38": "2024-05-21",
        "39": "2024-11-26",
        "40": "2025-05-13",
        "42": "2026-05-13",
    },
    # Standard security maintenance: ubuntu.com/about/release-cycle
    "Ubuntu": {
        "14.04": "2019-04-25",
        "16.04": "2021-04-30",
        "18.04": "2023-05-31",
        "20.04": "2025-05-31",
        "22.04": "2027-06-01",
        "24.04": "2029-05-31",
        "24.10": "2025-07-10",
        "25.04": "2026-01-15",
    },
    # Long term support: wiki.debian.org/LTS
    "Debian": {
        "8": "2020-06-30",
        "9": "2022-06-30",
        "10": "2024-06-30",
        "11": "2026-08-31",
        "12": "2028-06-30",
        "13": "2030-06-30",
    },
    # End of extended support: learn.microsoft.com/lifecycle
    "Windows Server": {
        "2008": "2020-01-14",
        "2012": "2023-10-10",
        "2016": "2027-01-12",
        "2019": "2029-01-09",
        "2022": "2031-10-14",
        "2025": "2034-11-14",
    },
    "Windows": {"7": "2020-01-14", "8.1": "2023-01-10", "10": "2025-10-14"},
    # General support of the last service pack: www.suse.com/lifecycle
    "SUSE Linux Enterprise Server": {"11": "2019-03-31", "12": "2024-10-31", "15": "2031-07-31"},
    # en.opensuse.org/Lifetime
    "openSUSE Leap": {"42.3": "2019-06-30", "15.3": "2022-12-31", "15.4": "2023-12-07", "15.5": "2024-12-31"},
    # www.oracle.com, premier support
    "Oracle Linux": {"6": "2021-03-31", "7": "2024-12-31", "8": "2029-07-31", "9": "2032-06-30"},
    # wiki.almalinux.org, rockylinux.org: active and security support together
    "AlmaLinux": {"8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31"},
    "Rocky Linux": {"8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"},
}
SHIPPED: Final[Mapping[str, date]] = MappingProxyType(
    {
        f"{name} {version}": date.fromisoformat(last)
        for name, versions in _TABLE.items()
        for version, last in versions.items()
    }
)
"""The last day of maintenance by release, spelt as `list` does."""


class EndOfLife(NamedTuple):
    """When the maintenance of a release ends, or has ended."""

    at: datetime
    """The end of the last day, in UTC."""
    compiled: date | None
    """When the table was compiled that says so; None if it is configured."""


@dataclass(frozen=True, slots=True)
class ImagePolicy:
    """What is configured about images, beside the thresholds of checks."""

    end_of_life: Mapping[str, date | None] = field(default_factory=lambda: MappingProxyType({}))
    """By release: the last day of maintenance instead of the table's; None: it is not judged."""
    max_age: tuple[tuple[str, timedelta], ...] = ()
    """How old images may be: patterns with a slash match the namespace and name of a DataSource, others the operating
    system. The first that matches counts."""

    def age_limit(self, source: str, system: str) -> timedelta | None:
        """The limit for a DataSource (`namespace/name`) and its operating system; None if none is configured."""
        for pattern, limit in self.max_age:
            if fnmatchcase(source, pattern) if "/" in pattern else bool(system) and fnmatchcase(system, pattern):
                return limit
        return None

    def end_of(self, system: System) -> EndOfLife | None:
        """When the maintenance of a system ends; None if that is not known.

        A minor release such as 9.4 is maintained as long as its major one, unless it is listed itself.
        """
        for version in dict.fromkeys((system.version, system.version.partition(".")[0])):
            release = str(System(system.name, version))
            if release in self.end_of_life:
                configured = self.end_of_life[release]
                return EndOfLife(_end_of(configured), None) if configured else None
            if release in SHIPPED:
                return EndOfLife(_end_of(SHIPPED[release]), COMPILED)
        return None


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


IMAGE_POLICY: Final = Given("image policy", ImagePolicy())
