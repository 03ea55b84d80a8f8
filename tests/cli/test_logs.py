"""One line per event, nothing secret in it, no floods."""

from __future__ import annotations

import json
import logging

import pytest

from exporter.base import logs

LOG = logging.getLogger("exporter.example")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_logfmt(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr("logfmt", "info"):
        LOG.info("listed %s", "all", extra={"resource": "ssps", "rows": 3, "first try": True, "why": 'a "b"=c'})
    (line,) = lines(capsys)
    stamp, rest = line.split(" ", 1)
    assert stamp.startswith("time=20")
    assert stamp.endswith("Z")
    assert rest == (
        'level=info logger=exporter.example msg="listed all" resource=ssps rows=3 first_try=true why="a \\"b\\"=c"'
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr("json", "info"):
        LOG.warning("gone", extra={"rows": 3, "none": None})
    event = json.loads(lines(capsys)[0])
    del event["time"]
    assert event == {"level": "warning", "logger": "exporter.example", "msg": "gone", "rows": 3, "none": None}


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_an_error_with_its_traceback_is_one_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr(form, "info"):
        try:
            int("line\nbreak")
        except ValueError:
            LOG.exception("failed\nbadly\x1b[31m")
    (line,) = lines(capsys)
    assert "failed badly" in line
    assert "ValueError: invalid literal" in line
    assert "Traceback" in line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET https://user:pass@host:6443/api", "GET https://[redacted]@host:6443/api"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic [redacted]"),
        ("token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJl.c2lnbmF0dXJl here", "token [redacted] here"),
        ("sha256~AbCdEfGhIjKl used", "[redacted] used"),
        (
            "image sha256:0123abcd from docker://quay.io/x@sha256:12",
            "image sha256:0123abcd from docker://quay.io/x@sha256:12",
        ),
    ],
)
def test_secrets_are_left_out(text: str, kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr("json", "info"):
        LOG.info("%s", text, extra={"url": text})
    event = json.loads(lines(capsys)[0])
    assert (event["msg"], event["url"]) == (kept, kept)


def test_identical_messages_are_written_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = 0.0
    with logs.log_to_stderr("logfmt", "info", lambda: seconds):
        for now in (0, 10, 59, 61, 62):
            seconds = float(now)
            LOG.info("again")
            LOG.info("at %s", now)
    told = [line.split("msg=")[1] for line in lines(capsys)]
    assert told == ["again", '"at 0"', '"at 10"', '"at 59"', "again repeated=2", '"at 61"', '"at 62"']


def test_what_is_remembered_is_bounded() -> None:
    seen = logs.RepeatFilter(lambda: 0.0)
    for n in range(2000):
        seen.filter(logging.makeLogRecord({"msg": f"m{n}"}))
    assert len(seen._seen) <= 512


def test_levels_and_other_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr("logfmt", "debug"):
        LOG.debug("ours")
        logging.getLogger("urllib3").debug("theirs")
        logging.getLogger("urllib3").warning("theirs, loud")
    with logs.log_to_stderr("logfmt", "error"):
        LOG.warning("quiet")
    LOG.info("after")
    assert [line.split("msg=")[1] for line in lines(capsys)] == ["ours", '"theirs, loud"']


def test_the_level_can_change_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_stderr("logfmt", "info"):
        LOG.debug("too early")
        logs.set_level("debug")
        LOG.debug("details")
        logs.set_level("error")
        LOG.info("quiet again")
    assert [line.split("msg=")[1] for line in lines(capsys)] == ["details"]
