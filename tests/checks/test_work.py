"""The work of what connects findings grows as what is connected does, not as the product of both sides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from exporter.checks.check import Cause, Check, Context, Failed, Verdict, check
from exporter.checks.engine import evaluate
from exporter.checks.fixes import Fix
from exporter.checks.offers import Offers
from exporter.checks.policy import EVERY, ObjectPattern, Policy, SuppressionRule
from exporter.cluster.resource import Ref
from exporter.cluster.resources import CRON_JOBS, DATA_IMPORT_CRONS, DATA_SOURCES, PODS
from exporter.joins.pods import job_pollers
from exporter.report import Severity
from exporter.schedule.timetable import Timetable
from tests.checks.test_engine import TEXTS
from tests.work import count_calls, excessive
from tests.worlds import NOW, Manifest, a_cron, a_data_source, cluster, manifest

SMALL, TIMES = 100, 4


def a_check(name: str, over: Any, judge: Callable[[Any, Context], Verdict]) -> Check:
    declare = cast("Any", check)(
        id=name,
        severity=Severity.WARNING,
        over=over,
        reads=(DATA_IMPORT_CRONS, DATA_SOURCES),
        alert_for=timedelta(hours=1),
        **TEXTS,
    )
    return cast("Check", declare(judge))


def failing(*causes: Cause) -> Callable[[Any, Context], Verdict]:
    return lambda _subject, ctx: Failed(summary=f"{ctx.ref} fails", causes=causes)


ROOT = a_check("cdi-degraded", DATA_IMPORT_CRONS, failing())
HUB = a_check("ssp-degraded", None, failing(Cause("cdi-degraded")))
SYMPTOM = a_check("data-source-not-ready", DATA_SOURCES, failing(Cause("ssp-degraded")))
SHARED = a_check("data-source-not-ready", DATA_SOURCES, failing(Cause("cdi-degraded")))


def evaluated(checks: tuple[Check, ...], size: int, policy: Policy = Policy()) -> Any:  # noqa: B008  (immutable)
    objects = [made for n in range(size) for made in (a_cron(f"c{n}"), a_data_source(f"s{n}"))]
    snapshot = cluster(*objects)
    platform = cast("Any", SimpleNamespace())
    return evaluate(
        checks, snapshot, NOW, timetable=Timetable(), platform=platform, dependents=lambda refs: (), policy=policy
    )


def grown(work: Callable[[int], object]) -> dict[str, tuple[int, int]]:
    small, large = (count_calls(partial(work, size)) for size in (SMALL, SMALL * TIMES))
    return excessive(small, large, TIMES)


@pytest.mark.parametrize("checks", [(ROOT, HUB, SYMPTOM), (ROOT, SHARED)], ids=["through one", "directly"])
def test_many_causes_of_many_symptoms(checks: tuple[Check, ...]) -> None:
    assert grown(lambda size: evaluated(checks, size)) == {}
    report = evaluated(checks, SMALL).report
    assert max(len(finding.caused_by) for finding in report.findings) == 20


def rules(size: int) -> Policy:
    """As many rules as failures: by names, by namespaces, for one check or for all."""
    exact = (ObjectPattern(kind="DataSource", name=f"s{n}") for n in range(size))
    spaces = (ObjectPattern(namespace=f"team-{n}", name="web-*") for n in range(size))
    return Policy(
        rules=tuple(
            SuppressionRule(checks=(EVERY,) if n % 2 else (SHARED.id,), selector=selector, reason="known", owner="us")
            for n, selector in enumerate((*exact, *spaces))
        )
    )


def test_many_suppressions_of_many_failures() -> None:
    assert grown(lambda size: evaluated((ROOT, SHARED), size, rules(size))) == {}
    findings = evaluated((ROOT, SHARED), SMALL, rules(SMALL)).report.findings
    assert [f.suppressed is None for f in findings if f.check == SHARED.id] == [False] * SMALL
    assert all(f.suppressed is None for f in findings if f.check == ROOT.id)


class CountedRef(Ref):
    """Counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedRef.compared += 1
        return tuple.__eq__(self, cast("Any", other))

    __hash__ = Ref.__hash__


def offered(size: int) -> int:
    """Comparisons where all images are imported again by one fix, and none of them could be imported."""
    refs = [CountedRef("DataImportCron", "images", f"c{n}") for n in range(size)]
    stop = cast("Any", SimpleNamespace(id="import-failing", mitigation="x"))
    again = Fix("oc delete all", risk="deletes", imports=tuple(refs))
    everything = (Fix("oc delete one", risk="deletes", imports=(ref,)) for ref in refs)
    problems = [
        cast("Any", SimpleNamespace(fingerprint=f"f{n}", check=stop, ref=ref, failed=Failed(summary="x", fix=fix)))
        for n, (ref, fix) in enumerate(zip(refs, everything, strict=True))
    ]
    root = cast(
        "Any", SimpleNamespace(fingerprint="root", check=stop, ref=refs[0], failed=Failed(summary="x", fix=again))
    )
    CountedRef.compared = 0
    offers = Offers([root, *problems])
    for problem in (root, *problems):
        offers.fixes(problem, (), ())
    return CountedRef.compared


def test_many_fixes_that_import_what_many_findings_stop() -> None:
    assert offered(SMALL * TIMES) < 20 * SMALL * TIMES


def pollers(size: int) -> list[Manifest]:
    jobs = [
        manifest("batch/v1", "CronJob", f"poll-{n}", "cdi", metadata={"labels": labels(n)}, spec={"schedule": "@daily"})
        for n in range(size)
    ]
    return [
        *jobs,
        *(pod(f"poll-{n}-2938471", n) for n in range(size)),
        *(pod(f"initial-job-poll-{n}", n) for n in range(2)),
    ]


def labels(number: int) -> dict[str, str]:
    return {"cdi.kubevirt.io/dataImportCronNs": "images", "cdi.kubevirt.io/dataImportCron": f"c{number}"}


def pod(job: str, number: int) -> Manifest:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": "u"}
    meta, spec = {"ownerReferences": [owner]}, {"containers": [{"name": "cdi-source-update-poller"}]}
    return manifest("v1", "Pod", f"{job}-x{number}", "cdi", metadata=meta, spec=spec)


def test_many_pods_of_many_cron_jobs() -> None:
    snapshots = {size: cluster(*pollers(size)) for size in (SMALL, SMALL * TIMES)}
    assert len(snapshots[SMALL][PODS]) == SMALL + 2
    assert len(snapshots[SMALL][CRON_JOBS]) == SMALL
    assert grown(lambda size: snapshots[size].join(job_pollers)) == {}
    found = {str(cron) for cron, _ in snapshots[SMALL].join(job_pollers).values()}
    assert found == {f"images/c{n}" for n in range(SMALL)}
