"""Names of operating systems, as preferences of instance types, common boot sources and people spell them. Pure.

Source of the spellings: kubevirt/common-instancetypes (`rhel.9`, `windows.2k22.virtio`, `centos.stream9`) and the
DataSources that SSP makes (`rhel9`, `win2k22`, `centos-stream9`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

_SEPARATORS: Final = ".-_ "
_SYSTEMS: Final = (
    ("centosstream", "CentOS Stream"),
    ("centoslinux", "CentOS Linux"),
    ("centos", "CentOS Linux"),
    ("redhatenterpriselinux", "Red Hat Enterprise Linux"),
    ("rhel", "Red Hat Enterprise Linux"),
    ("fedora", "Fedora"),
    ("windowsserver", "Windows Server"),
    ("windows2k", "Windows Server 20"),
    ("win2k", "Windows Server 20"),
    ("windows", "Windows"),
    ("win", "Windows"),
    ("ubuntu", "Ubuntu"),
    ("debian", "Debian"),
    ("opensuseleap", "openSUSE Leap"),
    ("opensusetumbleweed", "openSUSE Tumbleweed"),
    ("opensuse", "openSUSE"),
    ("suselinuxenterpriseserver", "SUSE Linux Enterprise Server"),
    ("sles", "SUSE Linux Enterprise Server"),
    ("oraclelinux", "Oracle Linux"),
    ("almalinux", "AlmaLinux"),
    ("rockylinux", "Rocky Linux"),
    ("alpinelinux", "Alpine Linux"),
    ("alpine", "Alpine Linux"),
    ("cirros", "CirrOS"),
    ("linux", "Linux"),
)
"""How a spelling begins, without separators, and the name. A longer beginning stands before its own beginning."""


class System(NamedTuple):
    """An operating system, as its makers call it."""

    name: str
    version: str
    """Such as `9`, `9.4`, `22.04` or `2022`; "" if it is not known."""

    def __str__(self) -> str:
        """`Red Hat Enterprise Linux 9`."""
        return f"{self.name} {self.version}".rstrip()


def system_name(spelling: str) -> str:
    """`Red Hat Enterprise Linux 9` for `rhel.9` and `rhel9`; "" if the system is not known."""
    system = parse_system(spelling)
    return str(system) if system else ""


def parse_system(spelling: str) -> System | None:
    """The system that a preference, a label or the name of an image spells; None if it is not known."""
    for beginning, name in _SYSTEMS:
        rest = _after(beginning, spelling.lower())
        if rest is not None:
            return _with_version(name, _leading_version(rest))
    return None


def _with_version(name: str, version: str) -> System:
    """Windows Server is told by its year, which `2k22` shortens; Ubuntu's `2204` lacks its dot."""
    if name.endswith(" 20"):
        return System(name.removesuffix(" 20"), f"20{version}" if version else "")
    if name == "Windows" and len(version) == 4 and version.startswith("20"):
        return System("Windows Server", version)
    if name == "Ubuntu" and len(version) == 4 and version.isdigit():
        return System(name, f"{version[:2]}.{version[2:]}")
    return System(name, version)


def _after(beginning: str, spelling: str) -> str | None:
    """What follows the beginning, separators ignored; None if the spelling does not begin so."""
    place = 0
    for letter in beginning:
        while place < len(spelling) and spelling[place] in _SEPARATORS:
            place += 1
        if place == len(spelling) or spelling[place] != letter:
            return None
        place += 1
    return spelling[place:].lstrip(_SEPARATORS)


def _leading_version(rest: str) -> str:
    end = next((place for place, letter in enumerate(rest) if not (letter.isdigit() or letter == ".")), len(rest))
    return rest[:end].strip(".")
