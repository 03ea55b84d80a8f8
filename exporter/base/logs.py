"""Logs: one line per event on standard error, as logfmt or JSON, without secrets and without floods.

Fields of an event are passed as `extra={...}`; each becomes a key of its own.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Final, TextIO

from exporter.base.terminal import clean_line, escape_json

_OWN: Final = "exporter"
_USERINFO: Final = re.compile(r"(?<=://)[^/\s@\"']+@")
_BEARER: Final = re.compile(r"\b(bearer|basic)(\s+|%20)[A-Za-z0-9._~+/=-]{4,}", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}|\bsha256~[A-Za-z0-9_-]{8,}")
"""JSON web tokens, and OpenShift's own."""
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "repeated"}
_WINDOW: Final = 60.0
"""Seconds for which an identical message is dropped: a broken watch would otherwise log with every retry."""
_REMEMBERED: Final = 512
"""Messages to compare with. Above that the oldest is forgotten, so that changing texts cannot fill the memory."""


def redact_secrets(text: str) -> str:
    """Replace credentials in URLs, Authorization headers and tokens with `[redacted]`."""
    text = _USERINFO.sub("[redacted]@", text)
    text = _BEARER.sub(r"\1 [redacted]", text)
    return _TOKEN.sub("[redacted]", text)


class RepeatFilter(logging.Filter):
    """Passes an identical message once a minute; the next one that passes says how many were dropped."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._lock = Lock()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        fields = tuple(sorted((key, str(value)) for key, value in _fields(record).items()))
        event = (record.name, record.levelno, record.getMessage(), fields)
        with self._lock:
            now = self._monotonic()
            since, left_out = self._seen.get(event, (now - _WINDOW, 0))
            if now - since < _WINDOW:
                self._seen[event] = (since, left_out + 1)
                return False
            self._seen.pop(event, None)
            if len(self._seen) >= _REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[event] = (now, 0)
        record.repeated = left_out
        return True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _event(record: logging.LogRecord) -> dict[str, object]:
    event: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "msg": _safe(record.getMessage()),
    }
    event.update((clean_line(key), _value(value)) for key, value in _fields(record).items())
    if getattr(record, "repeated", 0):
        event["repeated"] = record.repeated  # type: ignore[attr-defined]
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        event["error"] = _safe(f"{type(error).__name__}: {error}")
        event["traceback"] = redact_secrets(logging.Formatter().formatException(record.exc_info))
    return event


def _safe(text: str) -> str:
    return redact_secrets(clean_line(text))


def _value(value: object) -> object:
    return value if isinstance(value, bool | int | float) or value is None else _safe(str(value))


class JsonFormatter(logging.Formatter):
    """One JSON object per event."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return escape_json(json.dumps(_event(record), ensure_ascii=False))


class LogfmtFormatter(logging.Formatter):
    """`key=value` pairs; values with spaces, quotes or equals signs are quoted as in JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return " ".join(f"{key.replace(' ', '_')}={_quote_logfmt(value)}" for key, value in _event(record).items())


def _quote_logfmt(value: object) -> str:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text if re.fullmatch(r"[^\s\"=\\]+", text) else escape_json(json.dumps(text, ensure_ascii=False))


class _Stderr(logging.StreamHandler[TextIO]):
    """Looks up `sys.stderr` for every record, because tests and callers replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


@contextmanager
def log_to_stderr(form: str, level: str, monotonic: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Write logs of at least this level to standard error while the context lasts.

    `form` is `logfmt` or `json`. Other packages log from `warning` on, whatever the level: their details may carry
    secrets.
    """
    handler = _Stderr()
    handler.setFormatter(JsonFormatter() if form == "json" else LogfmtFormatter())
    handler.addFilter(RepeatFilter(monotonic))
    root, own = logging.getLogger(), logging.getLogger(_OWN)
    before = own.level
    own.setLevel(level.upper())
    handler.setLevel(level.upper())
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        own.setLevel(before)


def set_level(level: str) -> None:
    """Change the level inside a running `log_to_stderr` context."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Stderr):
            handler.setLevel(level.upper())
            logging.getLogger(_OWN).setLevel(level.upper())
