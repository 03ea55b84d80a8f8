from __future__ import annotations

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.references.template_source_missing import template_source_missing
from tests.checks.datasources.sources import a_placeholder
from tests.checks.references.consumers import a_template_on, a_users_template, source_ref
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import (
    IMAGES,
    Manifest,
    a_cron,
    a_data_source,
    a_template,
    ago,
    evaluate_manifests,
    findings,
    manifest,
    merge,
    status,
)

CHECK = template_source_missing
DEPRECATED: Manifest = {"metadata": {"labels": {"template.kubevirt.io/deprecated": "true"}}}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), a_users_template()], id="it exists"),
        pytest.param([a_placeholder(), a_users_template(source="win11")], id="a placeholder"),
        pytest.param([merge(a_template(), DEPRECATED)], id="a deprecated template"),
        pytest.param([a_template_on(source_ref("x-${UNKNOWN}", IMAGES))], id="a parameter that nobody declares"),
        pytest.param([a_template_on(source_ref("x", "${NAME}"))], id="a namespace that is generated"),
        pytest.param([a_template_on(source_ref("x", IMAGES, "${NAME}"))], id="a kind that is generated"),
        pytest.param([a_template_on(source_ref("x"))], id="the namespace of the machine, which is not made yet"),
        pytest.param([manifest("template.openshift.io/v1", "Template", "web", "team-a")], id="no virtual machine"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_template_of_somebodys_own_is_a_root() -> None:
    finding = only_finding(CHECK, a_users_template(source="corp-alma8"))
    assert finding.summary == f"Template office refers to DataSource {IMAGES}/corp-alma8, which does not exist"
    assert summarize(finding) == (
        "warning",
        "Template office",
        "objects[kind=VirtualMachine].spec.dataVolumeTemplates[0].spec.sourceRef",
        f"{IMAGES}/corp-alma8",
        "an existing DataSource",
    )
    assert finding.since is None
    assert fix_command(finding) == "oc edit template office -n team-a"
    assert cause_ids(DATASOURCES, CHECK, a_users_template(source="corp-alma8")) == set()


def test_a_namesake_elsewhere_is_mentioned() -> None:
    finding = only_finding(CHECK, a_data_source(), a_users_template(namespace="team-a"))
    assert finding.expected == f"an existing DataSource; {IMAGES}/fedora exists"


def test_common_templates_are_not_to_be_edited() -> None:
    finding = only_finding(CHECK, a_template())
    assert finding.fix is None
    assert cause_ids(DATASOURCES, CHECK, a_template()) == {"data-source-missing"}


def test_one_finding_for_each_datasource_and_for_each_refused_kind() -> None:
    refs = [
        source_ref("a", IMAGES),
        source_ref("a", IMAGES),
        source_ref("b", IMAGES),
        source_ref("c", IMAGES, "Snapshot"),
    ]
    found = findings(CHECK, a_template_on(*refs))
    assert sorted(f.observed for f in found) == ["Snapshot", f"{IMAGES}/a", f"{IMAGES}/b"]
    assert len({f.fingerprint for f in found}) == 3


def test_a_kind_that_kubevirt_does_not_follow() -> None:
    finding = only_finding(CHECK, a_template_on(source_ref("x", IMAGES, "PersistentVolumeClaim")))
    assert finding.summary == "Template office refers to a PersistentVolumeClaim, which KubeVirt does not support"
    assert finding.field.endswith(".sourceRef.kind")
    assert finding.expected == "DataSource"


def test_a_boot_source_that_was_just_made_gets_ten_minutes() -> None:
    young = a_cron(metadata={"creationTimestamp": ago(minutes=9)}, status=None)
    assert status(CHECK, young, a_users_template()) == "pass"
    old = a_cron(metadata={"creationTimestamp": ago(minutes=11)}, status=None)
    assert status(CHECK, old, a_users_template()) == "fail"


def test_an_undecodable_datasource_is_not_missing() -> None:
    broken = a_data_source(spec={"source": "nonsense"})
    report = evaluate_manifests(CHECK, broken, a_users_template()).report
    assert report.findings == ()
    assert report.checks[0].status == "unknown"
