"""Registry URLs and image references: how Go reads the one, and container tools the other.

Sources: Go's net/url.Parse, which CDI's webhook uses; the grammar of distribution references, by which importers,
pollers and kubelets read what follows the scheme.
"""

from __future__ import annotations

import re
from typing import Final

SCHEMES: Final = ("docker", "oci-archive")
"""What CDI admits. Its importer compares them with regard to case, its webhook without."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.%]*\]|[^\s\"<>\\^`{|}\[\]%:]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?")
_USER: Final = re.compile(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")
_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST_PART: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN: Final = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST: Final = r"[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,}"
_REFERENCE: Final = re.compile(rf"(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*(?::{_TAG})?(?:@{_DIGEST})?")
_LONGEST: Final = 1024
"""Characters of a reference that are looked at: names have at most 255, tags 128, digests some 140."""


def scheme_of(url: str) -> str | None:
    """The scheme in lower case, "" if there is none; None if Go cannot parse the URL."""
    if url.startswith(":") or _CONTROL.search(url):
        return None
    rest = url.partition("#")[0]
    match = _SCHEME.match(rest)
    scheme = match[0] if match and rest[match.end() : match.end() + 1] == ":" else ""
    rest = rest[len(scheme) + 1 :] if scheme else rest
    rest = rest.partition("?")[0]
    if not scheme and not rest.startswith("/") and ":" in rest.partition("/")[0]:
        return None
    if scheme and not rest.startswith("/"):
        return scheme.lower()
    authority, path = _split(rest)
    return scheme.lower() if _is_authority(authority) and not _ESCAPE.search(path) else None


def _split(rest: str) -> tuple[str, str]:
    """Host and path, after a scheme or without one."""
    if not rest.startswith("//"):
        return "", rest
    host, slash, path = rest[2:].partition("/")
    return host, slash + path


def _is_authority(authority: str) -> bool:
    user, _, host = authority.rpartition("@")
    return bool(_USER.fullmatch(user)) and not _ESCAPE.search(user) and bool(_HOST.fullmatch(host))


def is_reference(text: str) -> bool:
    """What follows `docker://` names an image."""
    return len(text) <= _LONGEST and _REFERENCE.fullmatch(text) is not None


def is_pinned(text: str) -> bool:
    """The reference ends in a digest."""
    return "@" in text
