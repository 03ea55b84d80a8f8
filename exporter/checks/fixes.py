"""Fixes: what an administrator can run, and the commands that it is made of. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporter.cluster.resource import Ref


@dataclass(frozen=True, slots=True)
class Fix:
    """What an administrator can run. Commands are shell-quoted and correct for the API versions that are served."""

    command: str
    verify: str
    """Shows that it worked."""
    risk: str
    """What the command may break or cost; "" if nothing."""


def command(*words: str) -> str:
    """A command line, each word quoted for the shell."""
    return shlex.join(words)


def merge_patch(client: str, target: Sequence[str], patch: Mapping[str, Any]) -> str:
    """`oc patch TARGET --type merge -p PATCH`. A merge patch also works where the key does not exist yet."""
    return command(client, "patch", *target, "--type", "merge", "-p", json.dumps(patch, separators=(",", ":")))


def named(ref: Ref, resource: str = "") -> tuple[str, ...]:
    """The words that name an object to oc and kubectl: `resource name [-n namespace]`."""
    words = (resource or ref.kind.lower(), ref.name)
    return (*words, "-n", ref.namespace) if ref.namespace else words
