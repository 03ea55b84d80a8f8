"""The report as JUnit XML: a test case per check. What could not be judged is an error, never a pass."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from exporter.base.phrases import counted
from exporter.base.terminal import clean_block, clean_line
from exporter.output.outline import ReportOutline, suppressed_findings, visible_findings
from exporter.output.phrases import describe_evidence, describe_suppressed, object_name, told_fix
from exporter.report import CheckStatus, Finding, not_collected

_SUITE = "bootsource"


def render_junit(finished: ReportOutline) -> str:
    """The whole report. Only findings from --fail-on up fail a test case; the others are its output."""
    report = finished.report
    failing, visible = {f.fingerprint for f in finished.failing}, visible_findings(report)
    suite = Element("testsuite", name=_SUITE, timestamp=report.at.strftime("%Y-%m-%dT%H:%M:%S"))
    for status in report.checks:
        about = [f for f in visible if f.check == status.check]
        _case(
            suite,
            status,
            not_collected(report),
            [f for f in about if f.fingerprint in failing],
            [f for f in about if f.fingerprint not in failing],
            [f for f in suppressed_findings(report) if f.check == status.check],
        )
    for name, problems in _unreadable(finished):
        case = SubElement(suite, "testcase", classname=_SUITE, name=name)
        _error(case, problems)
    for tag, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(total, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _unreadable(finished: ReportOutline) -> list[tuple[str, list[str]]]:
    """Input that could not be read, and objects that could not be decoded, as test cases of their own."""
    found = [("readable-input", list(finished.problems))]
    found += [(f"readable-{r.resource}", list(r.rejections)) for r in finished.report.resources if r.rejected]
    return [(name, problems) for name, problems in found if problems]


def _case(
    suite: Element,
    status: CheckStatus,
    left_out: frozenset[str],
    failed: list[Finding],
    noted: list[Finding],
    quiet: list[Finding],
) -> None:
    case = SubElement(suite, "testcase", classname=_SUITE, name=status.check)
    if failed:
        message = f"{clean_line(failed[0].summary)}" + (f" (and {len(failed) - 1} more)" if len(failed) > 1 else "")
        failure = SubElement(case, "failure", type=failed[0].severity.value, message=message)
        failure.text = "\n\n".join(map(_describe, failed))
    elif status.blind_on and left_out.issuperset(status.blind_on):
        SubElement(case, "skipped", message=f"the dump does not hold {', '.join(status.blind_on)}")
    elif status.blind_on:
        _error(case, [f"blind: not known: {', '.join(status.blind_on)}"])
    elif status.unknown:
        _error(case, list(status.unknown))
    elif status.status == "disabled":
        SubElement(case, "skipped", message="switched off by configuration")
    elif quiet and not noted:
        SubElement(case, "skipped", message=f"{counted(len(quiet), 'finding')} muted")
    told = [*map(_describe, noted), *(clean_line(f"muted: {describe_suppressed(finding)}") for finding in quiet)]
    if told:
        SubElement(case, "system-out").text = "\n\n".join(told)


def _error(case: Element, reasons: list[str]) -> None:
    reasons = [clean_line(reason) for reason in reasons]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    SubElement(case, "error", type="not-judged", message=reasons[0] + more).text = "\n".join(reasons)


def _describe(finding: Finding) -> str:
    lines = [
        clean_line(line)
        for line in (f"{finding.severity}: {finding.summary}", object_name(finding), describe_evidence(finding))
    ]
    # Only a command has line breaks of its own, as in an annotation; an indented line begins no other finding.
    lines += [clean_block(told_fix(fix)).replace("\n", "\n  ") for fix in finding.offered]
    return "\n".join(filter(None, lines))
