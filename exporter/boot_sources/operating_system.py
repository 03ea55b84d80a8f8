"""Names of operating systems, as preferences of instance types and common boot sources spell them. Pure.

Source of the spellings: kubevirt/common-instancetypes (`rhel.9`, `windows.2k22.virtio`, `centos.stream9`) and the
DataSources that SSP makes (`rhel9`, `win2k22`, `centos-stream9`).
"""

from __future__ import annotations

from typing import Final

_SEPARATORS: Final = ".-_"
_SYSTEMS: Final = (
    ("centosstream", "CentOS Stream"),
    ("centos", "CentOS Linux"),
    ("rhel", "Red Hat Enterprise Linux"),
    ("fedora", "Fedora"),
    ("windows2k", "Windows Server 20"),
    ("win2k", "Windows Server 20"),
    ("windows", "Windows"),
    ("win", "Windows"),
    ("ubuntu", "Ubuntu"),
    ("debian", "Debian"),
    ("opensuseleap", "openSUSE Leap"),
    ("opensusetumbleweed", "openSUSE Tumbleweed"),
    ("opensuse", "openSUSE"),
    ("sles", "SUSE Linux Enterprise Server"),
    ("oraclelinux", "Oracle Linux"),
    ("almalinux", "AlmaLinux"),
    ("rockylinux", "Rocky Linux"),
    ("alpine", "Alpine Linux"),
    ("cirros", "CirrOS"),
    ("linux", "Linux"),
)
"""How a spelling begins, without separators, and the name. A longer beginning stands before its own beginning."""


def system_name(spelling: str) -> str:
    """`Red Hat Enterprise Linux 9` for `rhel.9` and `rhel9`; "" if the system is not known."""
    for beginning, name in _SYSTEMS:
        rest = _after(beginning, spelling.lower())
        if rest is not None:
            version = _leading_version(rest)
            return name + (version if name.endswith("20") else f" {version}".rstrip())
    return ""


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
