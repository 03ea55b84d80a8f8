"""One report, every rendering, compared whole or parsed back; text from a cluster can do no harm in any of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from exporter.base.terminal import Style
from exporter.checks import CHECKS
from exporter.output.formats import render
from exporter.output.markdown import escape_markdown, fence_code
from exporter.output.outline import ReportOutline
from exporter.report import (
    REPORT,
    CheckStatus,
    Finding,
    FixText,
    ObjectRef,
    Report,
    ResourceStatus,
    Severity,
    Suppression,
)
from exporter.settings.options import REPORT_OUTPUTS

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOSTILE = "a\x1b[31mred\x1b]0;title\x07 | `x` <b>&\r\n::error:: @all \u202eevil\x00\x9b2J"


def a_finding(mark: str, check: str = "no-default", **fields: Any) -> Finding:
    plain = {
        "severity": Severity.WARNING,
        "object": ObjectRef(kind="DataImportCron", namespace="images", name=mark),
        "field": "",
        "summary": f"{mark} is wrong",
        "observed": "",
        "expected": "",
        "since": None,
        "caused_by": (),
        "dependents": {},
        "fix": None,
        "suppressed": None,
    }
    return Finding(fingerprint=mark, check=check, **{**plain, **fields})


def a_report(*findings: Finding, checks: tuple[CheckStatus, ...] = (), **fields: Any) -> Report:
    return Report(at=AT, verdict="fail", findings=findings, checks=checks, resources=(), **fields)


ROOT = a_finding(
    "root",
    severity=Severity.CRITICAL,
    object=ObjectRef(kind="Cluster", namespace="", name=""),
    summary="No StorageClass is default",
    field="metadata.annotations",
    observed="none",
    expected="one true",
    since=AT - timedelta(hours=3),
    dependents={"DataSource": 12, "Template": 1},
    fix=FixText(command="oc annotate storageclass fast a=true", verify="oc get storageclass", risk="volumes move"),
)
WORLD = ReportOutline(
    report=Report(
        at=AT,
        at_source="given",
        verdict="fail",
        findings=(
            ROOT,
            a_finding("other", check="hygiene", severity=Severity.INFO),
            *(a_finding(f"cron-{n:02}", caused_by=("root",), since=AT - timedelta(days=2)) for n in range(11)),
            a_finding("below", caused_by=("cron-00",)),
            a_finding("muted", suppressed=Suppression(reason="known", owner="me", until=None)),
        ),
        checks=(
            CheckStatus(check="no-default", status="fail", blind_on=()),
            CheckStatus(check="hygiene", status="fail", blind_on=()),
            CheckStatus(check="fine", status="pass", blind_on=()),
            CheckStatus(check="no-vms", status="blind", blind_on=("virtualmachines",)),
            CheckStatus(check="vague", status="unknown", blind_on=(), unknown=("DataSource a/b: no condition yet",)),
        ),
        resources=(
            ResourceStatus(resource="virtualmachines", state="disabled", rows=0, rejected=0, detail="switched off"),
            ResourceStatus(resource="cdis", state="live", rows=0, rejected=1, rejections=("x: status: not a map",)),
        ),
        problems=("dump.yaml line 7 is not valid YAML: no",),
    ),
    facts=("OpenShift, HyperConverged 4.18.0", "12 DataImportCrons"),
    version="1.2.3",
)

FAILS = CheckStatus(check="no-default", status="fail", blind_on=())

TABLE = """\
Boot sources as of 2026-06-01 12:00:00 UTC (given)
OpenShift, HyperConverged 4.18.0
12 DataImportCrons

CRITICAL  No StorageClass is default
  Cluster, no-default, for 3 h, since 2026-06-01 09:00:00 UTC
  12 DataSources and 1 Template depend on it
  metadata.annotations: none; expected: one true
  fix (costs): volumes move:
    oc annotate storageclass fast a=true
  verify:
    oc get storageclass
  └─ WARNING  cron-00 is wrong (for 2 d)
     └─ WARNING  below is wrong
  └─ WARNING  cron-01 is wrong (for 2 d)
  └─ WARNING  cron-02 is wrong (for 2 d)
  └─ WARNING  cron-03 is wrong (for 2 d)
  └─ WARNING  cron-04 is wrong (for 2 d)
  └─ WARNING  cron-05 is wrong (for 2 d)
  └─ WARNING  cron-06 is wrong (for 2 d)
  └─ WARNING  cron-07 is wrong (for 2 d)
  └─ WARNING  cron-08 is wrong (for 2 d)
  ... and 2 more; use --output json to see all

INFO  other is wrong
  DataImportCron images/other, hygiene

Muted
  WARNING  muted is wrong (no-default of DataImportCron images/muted): known; me, for ever

Not judged
  input: dump.yaml line 7 is not valid YAML: no
  virtualmachines: disabled, switched off; blind for it: no-vms
  cdis: object not readable: x: status: not a map
  vague: DataSource a/b: no condition yet

FAIL: 2 root causes (1 critical, 1 info) behind 14 findings; 1 finding muted; not everything could
  be judged (4 reasons above)
"""


def test_the_table() -> None:
    assert render(WORLD, "table", Style()) == TABLE


def test_the_table_in_a_narrow_window() -> None:
    text = render(WORLD, "table", Style(width=40))
    commands = [line for line in text.splitlines() if line.startswith("    oc ")]
    assert commands == ["    oc annotate storageclass fast a=true", "    oc get storageclass"]
    assert all(len(line) <= 40 for line in text.splitlines() if line not in commands)


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render(WORLD, "table", Style(colour=True))
    assert "\x1b[1;31mCRITICAL\x1b[0m  No StorageClass" in coloured
    plain = coloured.replace("\x1b[0m", "")
    for code in ("1;31", "1;33", "1;36", "1;32", "1"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == TABLE


def test_without_line_drawing() -> None:
    assert "`- WARNING  cron-00" in render(WORLD, "table", Style(glyphs=False))


@pytest.mark.parametrize(
    ("finished", "line"),
    [
        (ReportOutline(a_report()), "PASS: nothing wrong found by 0 checks"),
        (ReportOutline(a_report(problems=("x",))), "UNKNOWN: nothing wrong found by 0 checks; not everything could be"),
        (ReportOutline(a_report(ROOT)), "FAIL: 1 root cause (1 critical)"),
        (ReportOutline(a_report(a_finding("a")), fail_on=Severity.CRITICAL), "PASS: 1 root cause (1 warning)"),
    ],
    ids=["pass", "unknown", "fail", "below-fail-on"],
)
def test_the_verdict_in_one_line(finished: ReportOutline, line: str) -> None:
    assert render(finished, "table", Style()).split("\n\n")[-1].startswith(line)


def test_a_symptom_of_a_muted_cause_is_a_root() -> None:
    muted = a_finding("cause", suppressed=Suppression(reason="r", owner="o", until=None))
    text = render(ReportOutline(a_report(muted, a_finding("effect", caused_by=("cause",)))), "table", Style())
    assert "\nWARNING  effect is wrong" in text


def test_json_is_the_report() -> None:
    text = render(WORLD, "json", Style())
    assert REPORT.validate_json(text) == WORLD.report
    assert json.loads(text)["findings"][2]["causedBy"] == ["root"]


def test_markdown() -> None:
    text = render(WORLD, "markdown", Style())
    assert "## CRITICAL: No StorageClass is default\n\n- Cluster\n- check no-default\n" in text
    assert "Fix (costs): volumes move:\n\n```sh\noc annotate storageclass fast a=true\n```" in text
    assert "- WARNING: cron-00 is wrong\n  - WARNING: below is wrong\n" in text
    assert "| virtualmachines | disabled, switched off; blind for it: no-vms |" in text


def test_markdown_escapes() -> None:
    assert escape_markdown("a|b `c` <d> *e* [f](g) @all\n# h") == (
        "a\\|b \\`c\\` \\<d\\> \\*e\\* \\[f\\](g) @\u200ball \\# h"
    )
    assert fence_code("x\n```\ny") == "````sh\nx\n```\ny\n````"


def _case(root: Element, name: str) -> Element:
    (found,) = [case for case in root.iter("testcase") if case.get("name") == name]
    return found


def test_junit() -> None:
    root = fromstring(render(WORLD, "junit", Style()))
    suite = root[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "errors")} == {"tests": "7", "failures": "1", "errors": "4"}
    failure = _case(root, "no-default").find("failure")
    assert failure is not None
    assert failure.get("message") == "No StorageClass is default (and 12 more)"
    assert [child.tag for child in _case(root, "hygiene")] == ["system-out"]
    assert list(_case(root, "fine")) == []
    for name in ("no-vms", "vague", "readable-input", "readable-cdis"):
        assert [child.tag for child in _case(root, name)] == ["error"]


QUIET = Suppression(reason="known", owner="me", until=AT + timedelta(days=1), source="annotation")


def test_what_is_muted_or_switched_off_is_skipped_by_junit_and_never_a_pass() -> None:
    checks = (
        CheckStatus(check="no-default", status="pass", blind_on=()),
        CheckStatus(check="hygiene", status="disabled", blind_on=()),
    )
    report = a_report(a_finding("root", suppressed=QUIET), checks=checks)
    root = fromstring(render(ReportOutline(report=report), "junit", Style()))
    assert root[0].get("skipped") == "2"
    muted = _case(root, "no-default")
    assert [child.tag for child in muted] == ["skipped", "system-out"]
    assert "known; me, until 2026-06-02 12:00:00 UTC" in (muted[1].text or "")
    assert _case(root, "hygiene")[0].get("message") == "switched off by configuration"


def test_what_is_muted_stands_apart_and_fails_nothing() -> None:
    finished = ReportOutline(report=a_report(a_finding("root", suppressed=QUIET)))
    assert finished.failing == ()
    table = render(finished, "table", Style(width=200))
    assert "\nMuted\n  WARNING  root is wrong (no-default of DataImportCron images/root): known; me, until " in table
    assert table.endswith("PASS: nothing wrong found by 0 checks; 1 finding muted\n")
    assert "\n## Muted\n\n- WARNING  root is wrong" in render(finished, "markdown", Style())


def test_checks_that_are_switched_off_are_told() -> None:
    checks = (
        CheckStatus(check="hygiene", status="disabled", blind_on=()),
        CheckStatus(check="a", status="pass", blind_on=()),
    )
    table = render(ReportOutline(report=a_report(checks=checks)), "table", Style())
    assert table.endswith("PASS: nothing wrong found by 1 check; 1 check disabled\n")


def test_sarif() -> None:
    document = json.loads(render(WORLD, "sarif", Style()))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert run["tool"]["driver"]["version"] == "1.2.3"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["no-default", "hygiene", "fine", "no-vms", "vague"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 4
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("cluster/")
    assert [r["level"] for r in run["results"][:3]] == ["error", "note", "warning"]
    (muted,) = run["results"][-1]["suppressions"]
    assert (muted["kind"], muted["justification"]) == ("external", "known")
    assert muted["properties"] == {"owner": "me", "until": None, "source": "configuration"}


def test_sarif_describes_the_rules_it_knows() -> None:
    check = CHECKS[0]
    report = a_report(checks=(CheckStatus(check=check.id, status="pass", blind_on=()),))
    document = json.loads(render(ReportOutline(report, checks=CHECKS), "sarif", Style()))
    (rule,) = document["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"]) == (check.id, check.summary)


def _hostile() -> ReportOutline:
    finding = a_finding(
        "x",
        check="c",
        object=ObjectRef(kind=HOSTILE, namespace=HOSTILE, name=HOSTILE),
        field=HOSTILE,
        summary=HOSTILE,
        observed=HOSTILE,
        expected=HOSTILE,
        since=datetime.min.replace(tzinfo=UTC),
        dependents={HOSTILE: 1},
        fix=FixText(command=HOSTILE, verify=HOSTILE, risk=HOSTILE),
    )
    status = CheckStatus(check="c", status="fail", blind_on=("r",), unknown=(HOSTILE,))
    resource = ResourceStatus(resource="r", state="failed", rows=0, rejected=1, detail=HOSTILE, rejections=(HOSTILE,))
    report = a_report(finding, checks=(status,), problems=(HOSTILE,))
    return ReportOutline(replace(report, resources=(resource,)), facts=(HOSTILE,))


@pytest.mark.parametrize("output", [o for o in REPORT_OUTPUTS if o != "json"])
def test_hostile_text_cannot_move_the_cursor_or_break_the_format(output: str) -> None:
    text = render(_hostile(), output, Style())
    assert not {c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\x1b"}
    assert "title" not in text.replace(" title=", "")  # a property of workflow commands
    if output == "sarif":
        json.loads(text)
    if output == "junit":
        fromstring(text)
    if output == "markdown":
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        assert {line.replace("\\|", "").count("|") for line in rows} == {3}


def test_hostile_text_in_json_is_escaped_but_kept() -> None:
    text = render(_hostile(), "json", Style())
    assert json.loads(text)["findings"][0]["summary"] == HOSTILE
    assert not {c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2028\ufeff"}


def test_a_summary_cannot_pretend_to_be_another_finding_in_junit() -> None:
    forged = a_finding("x", summary="fine\ncritical: all is lost", observed="a\nb")
    told = fromstring(render(ReportOutline(a_report(forged, checks=(FAILS,))), "junit", Style()))
    texts = [element.text or "" for element in told.iter() if element.tag in ("failure", "system-out")]
    assert texts
    assert not [line for text in texts for line in text.splitlines() if line.startswith(("critical", "b"))]
