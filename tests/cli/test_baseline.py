"""Audits against a former report: what is new, what has changed, what is fixed, and what nobody can tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporter.cli import main
from exporter.commands.baseline import compare, load_report
from exporter.report import CheckStatus, Finding, Report, Severity, Suppression, to_json
from exporter.settings.settings import SettingsError
from tests.metrics.reports import a_finding, a_report
from tests.worlds import NOW, Manifest, a_cron, a_data_source

BEFORE = NOW - timedelta(days=1)
QUIET = Suppression(reason="known", owner="me", until=None)


def former(*findings: Finding) -> Report:
    return a_report(*findings, at=BEFORE)


def marks(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.fingerprint for finding in findings]


class TestComparison:
    def test_the_same_is_nothing(self) -> None:
        told = compare(former(a_finding("a")), a_report(a_finding("a", summary="a is older now", since=None)))
        assert (told.new, told.changed, told.fixed, told.unknown) == ((), (), (), ())
        assert told.at == BEFORE

    def test_new_and_fixed(self) -> None:
        told = compare(former(a_finding("a")), a_report(a_finding("b")))
        assert told.new == ("b",)
        assert marks(told.fixed) == ["a"]

    @pytest.mark.parametrize(
        ("then", "now", "what", "worse"),
        [
            ({}, {"severity": Severity.CRITICAL}, "severity: warning, now critical", True),
            ({}, {"severity": Severity.INFO}, "severity: warning, now info", False),
            ({}, {"suppressed": QUIET}, "muted: no, now yes", False),
            ({"suppressed": QUIET}, {}, "muted: yes, now no", True),
            ({"observed": "a"}, {"observed": "b"}, "observed: a, now b", False),
            ({}, {"expected": "b"}, "expected: none, now b", False),
            ({"field": "x"}, {"field": "y"}, "field: x, now y", False),
        ],
    )
    def test_what_has_changed(self, then: dict[str, Any], now: dict[str, Any], what: str, worse: bool) -> None:
        (change,) = compare(former(a_finding("a", **then)), a_report(a_finding("a", **now))).changed
        assert (change.fingerprint, change.what, change.worse) == ("a", (what,), worse)

    @pytest.mark.parametrize(
        "status",
        [
            CheckStatus(check="polling-frozen", status="blind", blind_on=("dataimportcrons",)),
            CheckStatus(check="polling-frozen", status="unknown", blind_on=(), unknown=("x: silent",)),
            CheckStatus(check="polling-frozen", status="fail", blind_on=(), unknown=("x: silent",)),
            CheckStatus(check="polling-frozen", status="pass", blind_on=("nodes",)),
            CheckStatus(check="polling-frozen", status="disabled", blind_on=()),
            CheckStatus(check="another", status="pass", blind_on=()),
        ],
        ids=lambda s: f"{s.check}-{s.status}",
    )
    def test_what_a_check_cannot_tell_is_not_fixed(self, status: CheckStatus) -> None:
        told = compare(former(a_finding("a")), a_report(checks=(status,)))
        assert told.fixed == ()
        assert marks(told.unknown) == ["a"]

    def test_nothing_is_fixed_by_a_dump_that_could_not_be_read(self) -> None:
        told = compare(former(a_finding("a")), a_report(problems=("x.yaml is broken",)))
        assert (marks(told.fixed), marks(told.unknown)) == ([], ["a"])

    @given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")), st.booleans())
    def test_every_finding_is_told_once(self, then: set[str], now: set[str], sees: bool) -> None:
        status = CheckStatus(check="polling-frozen", status="fail" if sees else "blind", blind_on=())
        report = a_report(*map(a_finding, sorted(now)), checks=(status,))
        told = compare(former(*map(a_finding, sorted(then))), report)
        assert set(told.new) == now - then
        assert set(marks(told.fixed)) == (then - now if sees else set())
        assert set(marks(told.unknown)) == (set() if sees else then - now)


class TestFile:
    def test_a_report_comes_back_whole(self, tmp_path: Path) -> None:
        report = a_report(a_finding("a", suppressed=QUIET))
        path = tmp_path / "report.json"
        path.write_bytes(to_json(report))
        assert load_report(path) == report

    def test_one_of_an_older_version_lacks_keys(self, tmp_path: Path) -> None:
        document = json.loads(to_json(a_report(a_finding("a", suppressed=QUIET))))
        del document["baseline"], document["problems"], document["findings"][0]["suppressed"]["source"]
        path = tmp_path / "report.json"
        path.write_text(json.dumps(document))
        assert marks(load_report(path).findings) == ["a"]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", "Invalid JSON"),
            (b"[]", "Input should be an object"),
            (b"{}", "at: Field required"),
            (b'{"schema": "other/v1"}', "schema: Input should be 'bootsource.report/v1'"),
            (b"\xff", "Invalid JSON"),
        ],
    )
    def test_anything_else_is_one_clear_line(self, tmp_path: Path, content: bytes, told: str) -> None:
        path = tmp_path / "report.json"
        path.write_bytes(content)
        with pytest.raises(SettingsError) as caught:
            load_report(path)
        (line,) = caught.value.lines
        assert line.startswith(f"--baseline: {path} is no report of bootsource.report/v1 (")
        assert told in line
        assert line.endswith("name what `audit --output json` has printed")


Audit = Callable[..., tuple[int, str]]
FINE = (a_cron(), a_data_source())
BROKEN = a_cron("odd-image-cron", managed="odd", spec={"schedule": "nonsense"})
OTHER = a_cron("bad-image-cron", managed="bad", spec={"schedule": "nonsense"})


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    def run(*manifests: Manifest, output: str = "table", words: tuple[str, ...] = ("--complete",)) -> tuple[int, str]:
        dump = tmp_path / "dump.yaml"
        dump.write_text(yaml.safe_dump_all(manifests))
        code = main(["audit", "--from", str(dump), "--at", "2026-08-21T12:00:00Z", "--output", output, *words])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def baseline(audit: Audit, tmp_path: Path) -> tuple[str, ...]:
    """The words that compare with a cluster that has one broken cron."""
    path = tmp_path / "before.json"
    path.write_text(audit(*FINE, BROKEN, output="json")[1])
    return "--complete", "--baseline", str(path)


class TestAudit:
    def test_what_was_there_before_does_not_fail(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        assert audit(*FINE, BROKEN)[0] == 1
        code, told = audit(*FINE, BROKEN, words=baseline)
        assert code == 0
        assert "0 new, 0 changed and 0 fixed since 2026-08-21 12:00:00 UTC" in told
        assert "odd-image-cron" not in told.partition("\nStill open\n")[0]
        assert "The schedule of odd-image-cron cannot be parsed" in told.partition("\nStill open\n")[2]
        assert "; still open: " in " ".join(told.split())

    def test_what_is_new_fails(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        code, told = audit(*FINE, BROKEN, OTHER, words=baseline)
        assert code == 1
        assert "FAIL: " in told
        assert "  new\n" in told
        assert "bad-image-cron" in told

    def test_what_is_fixed_is_told(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        code, told = audit(*FINE, words=baseline)
        assert code == 0
        assert "\nFixed\n  WARNING  The schedule of " in told

    def test_what_cannot_be_told_is_not_fixed(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        code, told = audit(a_data_source(), words=baseline[1:])
        assert code == 3
        assert "\nNot known whether fixed\n" in told
        assert "\nFixed\n" not in told

    def test_as_json_nothing_is_left_out(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        _, text = audit(*FINE, BROKEN, OTHER, output="json", words=baseline)
        report = json.loads(text)
        new = {f["fingerprint"] for f in report["findings"] if f["object"]["name"] == "bad-image-cron"}
        assert new <= set(report["baseline"]["new"])
        assert {f["object"]["name"] for f in report["findings"]} >= {"odd-image-cron", "bad-image-cron"}

    def test_as_sarif_every_result_has_its_state(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        _, text = audit(*FINE, OTHER, output="sarif", words=baseline)
        results = json.loads(text)["runs"][0]["results"]
        states = {(r["ruleId"], r["locations"][0]["logicalLocations"][0]["name"]): r["baselineState"] for r in results}
        assert states["invalid-schedule", "bad-image-cron"] == "new"
        assert states["invalid-schedule", "odd-image-cron"] == "absent"

    def test_as_junit_only_what_is_new_is_a_failure(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        _, text = audit(*FINE, BROKEN, output="junit", words=baseline)
        assert fromstring(text).find("testsuite").get("failures") == "0"  # type: ignore[union-attr]
        _, text = audit(*FINE, BROKEN, OTHER, output="junit", words=baseline)
        case = fromstring(text).find(".//testcase[@name='invalid-schedule']/failure")
        assert case is not None
        assert "bad-image-cron" in (case.text or "")
        assert "odd-image-cron" not in (case.text or "")

    def test_as_markdown(self, audit: Audit, baseline: tuple[str, ...]) -> None:
        _, text = audit(*FINE, OTHER, output="markdown", words=baseline)
        assert "\n- new\n" in text
        assert "\n## Fixed\n\n- WARNING" in text

    def test_a_baseline_that_is_none(self, audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert audit(*FINE, words=("--baseline", str(tmp_path / "nowhere")))[0] == 2
        bad = tmp_path / "bad.json"
        bad.write_text("{}")
        assert main(["audit", "--from", str(tmp_path), "--baseline", str(bad)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_muted_finding_is_no_failure_even_if_it_is_new() -> None:
    from exporter.output.outline import ReportOutline

    report = a_report(a_finding("a", suppressed=QUIET))
    assert ReportOutline(replace(report, baseline=compare(former(), report))).failing == ()
