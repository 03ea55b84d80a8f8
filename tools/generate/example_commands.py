"""Example commands of each check: what to look at, and fixes that the sample clusters of the tests were offered.

Names of objects are placeholders, since a reader has others. A fix depends on the version; each says of which it is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from exporter.checks.check import Check
from exporter.cluster.resource import Resource
from exporter.cluster.resources import HYPERCONVERGEDS
from tools.generate.markdown import code_block

_SAMPLES: Final = Path(__file__).parents[2] / "tests" / "clusters" / "samples"
_INLINE: Final = re.compile(r"`((?:oc|virtctl) [^`]+)`")
_MOST: Final = 3
"""Fixes of a check: the safe one first, then versions and alternatives that differ."""
_OPERATORS: Final = "oc get hyperconverged,ssp,cdi,storageclass,storageprofile -A"
_CLUSTER_SCOPED: Final = {"StorageClass", "StorageProfile", "CDI", "VolumeSnapshotClass"}


def look_commands(check: Check) -> str:
    """A block of commands that show what the check finds, with placeholders."""
    lines = [command.strip() for command in _INLINE.findall(check.diagnosis)] or [_describe(check)]
    return code_block("\n".join(dict.fromkeys(lines)), "bash")


def fix_commands(check: Check) -> str:
    """A block of fixes with placeholders; the program that tells them, where no command is right."""
    blocks = list(_fixes(check.id))[:_MOST]
    asked = "# With the names and for the version of your cluster\nbootsource-exporter audit"
    return code_block("\n".join((*blocks, asked)), "bash")


def _describe(check: Check) -> str:
    if not isinstance(check.over, Resource):
        return _OPERATORS
    where = "" if check.over.kind in _CLUSTER_SCOPED else " -n NAMESPACE"
    return f"oc describe {check.over.kind.lower()} NAME{where}"


def _fixes(check: str) -> Iterator[str]:
    """The fixes in all samples, the safe ones first, each with what it says and costs as a comment."""
    seen: set[str] = set()
    found = [(shape, fix, about) for shape, finding, about in _findings(check) for fix in finding.get("fixes", ())]
    for shape, fix, about in sorted(found, key=lambda item: item[1]["kind"] == "costs"):
        command = _with_placeholders(fix.get("command", ""), about)
        if command and command not in seen:
            seen.add(command)
            cost = f"COSTS: {fix['risk']}" if fix.get("risk") else "safe"
            yield f"# {cost} (as offered on {shape})\n{command}"


@cache
def _all_findings() -> tuple[tuple[str, dict[str, Any], str], ...]:
    found = []
    for file in sorted(_SAMPLES.glob("*.findings.yaml")):
        head = (_SAMPLES / f"{file.name.removesuffix('.findings.yaml')}.yaml").read_text().partition("\n")[0]
        shape = re.search(r"Shape: (\S+?)\.$", head)
        if shape:
            name = "Kubernetes" if shape[1] == "kubernetes" else f"OpenShift {shape[1].partition('-')[0]}"
            found += [(name, finding, finding["about"]) for finding in yaml.safe_load(file.read_text()) or ()]
    return tuple(found)


def _findings(check: str) -> list[tuple[str, dict[str, Any], str]]:
    return [each for each in _all_findings() if each[1]["finding"].split()[-1] == check]


def _with_placeholders(command: str, about: str) -> str:
    """The name and the namespace of the object of a finding as placeholders; there is one HyperConverged."""
    kind, _, path = about.partition(" ")
    namespace, _, name = path.rpartition("/")
    words = shlex.split(command) if name and kind != HYPERCONVERGEDS.kind else []
    places = {name: "NAME", **({namespace: "NAMESPACE"} if namespace else {})}
    plain = [places.get(word, word) for word in words]
    return " ".join(word if word in places.values() else shlex.quote(word) for word in plain) if words else command
