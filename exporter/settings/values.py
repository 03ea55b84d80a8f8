"""From the text of an option to its value. Errors are worded to follow the text: `'x' is not ...; write ...`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from exporter.base.durations import PATTERN, parse_duration
from exporter.settings.settings import suggest

if TYPE_CHECKING:
    from exporter.cluster.resource import Resource

T = TypeVar("T")


class Address(NamedTuple):
    """Where to listen; an empty host means all interfaces."""

    host: str
    port: int

    def __str__(self) -> str:
        """HOST:PORT, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_one(parse: Callable[[str], T]) -> Callable[[Sequence[str]], T]:
    """The value of the only text."""
    return lambda texts: parse(texts[-1])


def parse_text(text: str) -> str:
    """The text itself."""
    return text


def parse_several(texts: Sequence[str]) -> tuple[str, ...]:
    """All texts as they are."""
    return tuple(texts)


ADDRESS: Final = {"type": "string", "pattern": r"^(\[[^\]]+\]|[^:\[\]/\s]*):[0-9]{1,5}$"}
"""What an address looks like, as JSON Schema."""


NAMESPACE: Final = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
"""What a namespace looks like, as JSON Schema: a label of RFC 1123."""
_MOST_NAMESPACES: Final = 50
"""Each namespace needs a connection and a thread for every resource that is watched per namespace."""


def parse_namespaces(texts: Sequence[str]) -> frozenset[str]:
    """Namespaces, each text a list separated by commas."""
    found = frozenset(filter(None, (word.strip() for text in texts for word in text.split(","))))
    for name in sorted(found):
        if not re.fullmatch(NAMESPACE["pattern"], name):
            raise ValueError(f"holds {name!r}, which cannot be a namespace; use lower-case letters, digits and dashes")
    if len(found) > _MOST_NAMESPACES:
        raise ValueError(f"names {len(found)} namespaces; name at most {_MOST_NAMESPACES}, or leave it out to read all")
    return found


def parse_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Names, each text a list separated by commas."""
    found = tuple(filter(None, (word.strip() for text in texts for word in text.split(","))))
    for name in found:
        if found.count(name) > 1:
            raise ValueError(f"names {name} more than once")
    return found


def parse_path(text: str) -> Path:
    """A path. Whether the file can be used is checked when it is read."""
    return Path(text).expanduser()


def parse_address(text: str) -> Address:
    """HOST:PORT."""
    match = re.fullmatch(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^:\[\]/\s]*)):(?P<port>\d{1,5})", text)
    if not match or int(match["port"]) > 65535:
        raise ValueError("is not HOST:PORT; write for instance 127.0.0.1:8080, [::1]:8080, or :8080 for all interfaces")
    return Address(match["six"] or match["host"] or "", int(match["port"]))


def parse_file(text: str) -> Path:
    """A kubeconfig that exists."""
    return _require_file(text, "name a kubeconfig, or leave the option out to find one as kubectl does")


def parse_config_file(text: str) -> Path:
    """A configuration file that exists."""
    return _require_file(text, "name a configuration file, or leave the option out")


def parse_report_file(text: str) -> Path:
    """A report that exists."""
    return _require_file(text, "name a report that `audit --output json` has printed")


def parse_ca_file(text: str) -> Path:
    """Certificates that exist."""
    return _require_file(text, "name a PEM file with the certificate of the CA")


def parse_url(text: str) -> str:
    """An HTTP address without credentials."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address; write for instance https://HOST:PORT or http://localhost:9090/prometheus")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds credentials, which others can see; pass a token with --token-file")
    if parts.query or parts.fragment:
        raise ValueError("holds more than a path; leave out what comes after ? or #")
    return text


def _require_file(text: str, remedy: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"is not a file; {remedy}")
    return path


def choice_parser(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is not one of {', '.join(choices)}{suggest(text, choices)}")
        return text

    return parse


def words_parser(*choices: str) -> Callable[[Sequence[str]], frozenset[str]]:
    """Some of these words, each text a list separated by commas."""

    def parse(texts: Sequence[str]) -> frozenset[str]:
        found = frozenset(filter(None, (word.strip().lower() for text in texts for word in text.split(","))))
        for word in sorted(found.difference(choices)):
            raise ValueError(f"holds {word!r}, which is not one of {', '.join(choices)}{suggest(word, choices)}")
        return found

    return parse


def parse_switch(text: str) -> bool:
    """The words true and false, or 1 and 0."""
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError("is neither true nor false")
    return text.lower() in ("true", "1")


def parse_rfc3339(text: str) -> datetime:
    """An RFC 3339 instant, in UTC."""
    expected = "is not an RFC 3339 instant with a time zone; write for instance 2026-01-31T12:00:00Z"
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(expected) from None
    if value.tzinfo is None:
        raise ValueError(expected)
    if not 2000 <= value.year < 2200:
        # Checks look back and ahead by years; Kubernetes itself is younger than this.
        raise ValueError("lies outside the years 2000 to 2199")
    return value.astimezone(UTC)


TIMEOUT: Final = {
    "type": ["string", "integer"],
    "pattern": f"^({PATTERN}|[0-9]{{1,6}})$",
    "minimum": 1,
    "maximum": 86400,
}
"""What a duration looks like that may be a bare number of seconds, as JSON Schema."""
DURATION: Final = {"type": "string", "pattern": f"^{PATTERN}$"}
"""What a duration looks like, as JSON Schema."""


def duration_parser(least: str, most: str, example: str) -> Callable[[str], timedelta]:
    """A duration within these limits, in the grammar of `exporter.base.durations`."""

    def parse(text: str) -> timedelta:
        with suppress(ValueError):
            value = parse_duration(text)
            if parse_duration(least) <= value <= parse_duration(most):
                return value
        raise ValueError(f"is not a duration between {least} and {most}; write for instance {example}")

    return parse


def parse_timeout(text: str) -> timedelta:
    """At most a day. A bare number is seconds: this option took it before durations had one grammar."""
    return duration_parser("1s", "24h", "90s or 5m")(f"{text}s" if text.isascii() and text.isdigit() else text)


def _watched_resources() -> tuple[Resource[Any], ...]:
    # Imported here, so that --help does not load the models.
    watched: tuple[Resource[Any], ...] = import_module("exporter.cluster.resources").WATCHED
    return watched


def switchable_names() -> tuple[str, ...]:
    """Names of the resources that may be switched off."""
    return tuple(sorted(str(r) for r in _watched_resources() if r.switchable))


def parse_disabled(texts: Sequence[str]) -> frozenset[Resource[Any]]:
    """Resources by name, each text a list separated by commas."""
    by_name = {str(r): r for r in _watched_resources()}
    chosen = set()
    for word in (w.strip().lower() for text in texts for w in text.split(",")):
        if not word:
            continue
        if word not in by_name:
            raise ValueError(f"names no resource that is watched ({word}); choose from {', '.join(switchable_names())}")
        if not by_name[word].switchable:
            raise ValueError(
                f"cannot be switched off ({word} is always needed); choose from {', '.join(switchable_names())}"
            )
        chosen.add(by_name[word])
    return frozenset(chosen)
