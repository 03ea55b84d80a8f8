"""Rows beside the recorded ones: from the CRDs, CDI's code and the facts of each version."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exporter.joins.admission import (
    REMOVE,
    AdmissionRule,
    RefusedBy,
    admit,
    apply_changes,
    entry_refusals,
    find_fix,
    list_refusals,
)
from tests.joins.admission.manifests import PVC, VALID, having, instead, name, registry, size, spec, volume
from tests.worlds import Manifest, merge

NEWEST = 66
SIZE_FIELD = "spec.template.spec.storage.resources.requests.storage"
TWO_MODES = ["ReadWriteOnce", "ReadWriteMany"]
URL = "docker://quay.io/containerdisks/fedora:latest"
CLAIM = {"name": "golden", "namespace": "images"}
ENABLE = "dataimportcrontemplate.kubevirt.io/enable"


def labels(**pairs: Any) -> Manifest:
    return merge(VALID, {"metadata": {"labels": pairs}})


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(size("1Mi"), id="the smallest size"),
        pytest.param(size(1048576), id="a number of bytes that is enough"),
        pytest.param(size("+1.5e9"), id="exponent and sign"),
        pytest.param(size("99999E"), id="capped"),
        pytest.param(volume(source={"pvc": CLAIM}, storage={}), id="a copy takes its size from its source"),
        pytest.param(instead(accessModes=["ReadWriteOncePod"]), id="pvc for one pod"),
        pytest.param(volume(storage={**PVC, "accessModes": TWO_MODES}), id="storage, two modes"),
        pytest.param(volume(storage={**PVC, "accessModes": []}), id="storage, no mode"),
        pytest.param(volume(checkpoints=[], finalCheckpoint=False), id="unsettable, but empty"),
        pytest.param(spec(schedule=""), id="empty schedule"),
        pytest.param(spec(serviceAccountName="importer"), id="service account"),
        pytest.param(spec(importsToKeep=2.0), id="a whole number is one, however it is written"),
        pytest.param(spec(garbageCollect=None), id="null counts as not set"),
        pytest.param(spec(managedDataSource="m" * 63), id="63 characters"),
        pytest.param(registry(url="DOCKER://quay.io/x"), id="schemes have no case for the webhook"),
        pytest.param(registry(url="docker:x"), id="a scheme is enough"),
        pytest.param(labels(**{"example.com/Team": "a_b.c", "empty": ""}), id="labels"),
    ],
)
def test_admitted(manifest: Manifest) -> None:
    assert admit(manifest, NEWEST).refusals == ()


@pytest.mark.parametrize(
    ("manifest", "by", "field", "says"),
    [
        pytest.param(spec(schedule=5), RefusedBy.SCHEMA, "spec.schedule", "Invalid value", id="a number for a string"),
        pytest.param(spec(template=[]), RefusedBy.SCHEMA, "spec.template", "Invalid value", id="a list for an object"),
        pytest.param(volume(preallocation="yes"), RefusedBy.SCHEMA, "spec.template.spec.preallocation", "", id="flag"),
        pytest.param(
            volume(contentType="iso"), RefusedBy.SCHEMA, "spec.template.spec.contentType", "", id="not in the enum"
        ),
        pytest.param(spec(importsToKeep=2**31), RefusedBy.SCHEMA, "spec.importsToKeep", "", id="beyond 32 bits"),
        pytest.param(spec(importsToKeep=True), RefusedBy.SCHEMA, "spec.importsToKeep", "", id="true is no number"),
        pytest.param(
            spec(serviceAccountName=""), RefusedBy.SCHEMA, "spec.serviceAccountName", "", id="empty service account"
        ),
        pytest.param(
            spec(template={}), RefusedBy.SCHEMA, "spec.template.spec", "Required value", id="template without spec"
        ),
        pytest.param(
            size(30.5),
            RefusedBy.SCHEMA,
            SIZE_FIELD,
            "",
            id="a fraction of a byte",
        ),
        pytest.param(
            volume(storage={**PVC, "accessModes": [None]}),
            RefusedBy.SCHEMA,
            "spec.template.spec.storage.accessModes.0",
            "",
            id="null",
        ),
        pytest.param(
            volume(sourceRef={"kind": "DataSource"}),
            RefusedBy.SCHEMA,
            "spec.template.spec.sourceRef.name",
            "Required",
            id="nested",
        ),
        pytest.param(having((("spec",), REMOVE)), RefusedBy.SCHEMA, "spec", "spec: Required value", id="no spec"),
        pytest.param(having((("metadata",), REMOVE)), RefusedBy.SCHEMA, "metadata", "", id="no metadata"),
        pytest.param(name(""), RefusedBy.SCHEMA, "metadata.name", "", id="no name"),
        pytest.param(
            name("Fedora"), RefusedBy.SCHEMA, "metadata.name", "lowercase RFC 1123", id="upper case in the name"
        ),
        pytest.param(name("n" * 254), RefusedBy.SCHEMA, "metadata.name", "", id="beyond what any object may be called"),
        pytest.param(labels(team="a b"), RefusedBy.SCHEMA, "metadata.labels.team", "", id="space in a label"),
        pytest.param(labels(team=True), RefusedBy.SCHEMA, "metadata.labels.team", "", id="a label that is not text"),
        pytest.param(
            size("1e1.5"),
            RefusedBy.WEBHOOK,
            SIZE_FIELD,
            "",
            id="a pattern that is no quantity",
        ),
        pytest.param(
            size("500m"),
            RefusedBy.WEBHOOK,
            SIZE_FIELD,
            "at least 1MiB",
            id="half a byte",
        ),
        pytest.param(size("0"), RefusedBy.WEBHOOK, SIZE_FIELD, "less than zero", id="zero"),
        pytest.param(
            instead(resources={}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.pvc.resources.requests.storage",
            "PVC size is missing",
            id="pvc without size",
        ),
        pytest.param(
            volume(source={"pvc": CLAIM}, storage=REMOVE, pvc={"accessModes": ["ReadWriteOnce"]}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.pvc.resources.requests.storage",
            "PVC size is missing",
            id="a copy into pvc needs a size",
        ),
        pytest.param(
            instead(accessModes=TWO_MODES),
            RefusedBy.WEBHOOK,
            "spec.template.spec.pvc.accessModes",
            "PVC multiple accessModes",
            id="pvc with two modes",
        ),
        pytest.param(
            volume(storage={**PVC, "accessModes": ["RWX"]}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.storage.accessModes",
            'Unsupported value: "RWX"',
            id="storage, unknown mode",
        ),
        pytest.param(
            volume(storage={**PVC, "dataSource": {"kind": "VolumeSnapshot", "name": "x"}}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.storage.dataSource",
            "External population",
            id="dataSource",
        ),
        pytest.param(
            volume(storage={**PVC, "storageClassName": "c" * 254}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.storage.storageClassName",
            "253 characters",
            id="class name",
        ),
        pytest.param(
            volume(sourceRef={"kind": "DataSource", "name": "x"}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.sourceRef",
            "Unsettable fields",
            id="sourceRef",
        ),
        pytest.param(
            volume(source={"pvc": {"name": "", "namespace": "x"}}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source.pvc.name",
            "source PVC is not valid",
            id="claim without a name",
        ),
        pytest.param(
            volume(source={"colour": {}}),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source",
            "Missing source",
            id="a kind unknown",
        ),
        pytest.param(
            registry(imageStream=""),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source.registry",
            "either URL or ImageStream",
            id="an empty imageStream is one",
        ),
        pytest.param(
            registry(pullMethod=""),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source.registry.pullMethod",
            "ImportMethod  is neither",
            id="an empty pullMethod is one",
        ),
        pytest.param(
            registry(url="docker://quay.io:latest"),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source.registry.url",
            "Illegal registry source URL docker://quay.io:latest",
            id="a tag where a port stands",
        ),
        pytest.param(
            registry(url="quay.io:443/x"),
            RefusedBy.WEBHOOK,
            "spec.template.spec.source.registry.url",
            "Illegal registry source URL scheme",
            id="a host that looks like a scheme",
        ),
        pytest.param(
            spec(garbageCollect="outdated"), RefusedBy.WEBHOOK, "spec.garbageCollect", "GarbageCollect", id="case"
        ),
        pytest.param(spec(garbageCollect=""), RefusedBy.WEBHOOK, "spec.garbageCollect", "GarbageCollect", id="empty"),
        pytest.param(spec(managedDataSource=""), RefusedBy.WEBHOOK, "spec.managedDataSource", "Managed", id="no name"),
    ],
)
def test_refused(manifest: Manifest, by: RefusedBy, field: str, says: str) -> None:
    first = admit(manifest, NEWEST).refusals[0]
    assert (first.by, first.field) == (by, field)
    assert says in first.says
    assert first.reason
    assert first.observed
    assert first.expected


@pytest.mark.parametrize(
    ("manifest", "before", "since"),
    [
        pytest.param(spec(schedule=""), 57, 58, id="empty schedule"),
        pytest.param(instead(accessModes=["ReadWriteOncePod"]), 58, 59, id="ReadWriteOncePod"),
        pytest.param(volume(source={"pvc": CLAIM}), 61, 62, id="PVC as a source"),
        pytest.param(volume(source={"pvc": CLAIM}, storage={}), 61, 62, id="without size"),
    ],
)
def test_newer_versions_admit_more(manifest: Manifest, before: int, since: int) -> None:
    assert [admit(manifest, minor).admitted for minor in (before, since)] == [False, True]
    assert admit(manifest, None).admitted is None


@pytest.mark.parametrize(
    ("manifest", "before", "since"),
    [
        pytest.param(size("512Ki"), 59, 60, id="smallest size"),
        pytest.param(spec(schedule="0 0 * * 7"), 58, 59, id="grammar of schedules"),
        pytest.param(spec(serviceAccountName=""), 63, 64, id="a field that is dropped before"),
        pytest.param(volume(storage={**PVC, "storageClassName": "c" * 254}), 56, 57, id="class name"),
        pytest.param(volume(storage={**PVC, "dataSource": {"kind": "x", "name": "y"}}), 55, 56, id="dataSource"),
    ],
)
def test_newer_versions_refuse_more(manifest: Manifest, before: int, since: int) -> None:
    assert [admit(manifest, minor).admitted for minor in (before, since)] == [True, False]
    assert admit(manifest, None).admitted is None


def test_all_mistakes_are_listed_in_order() -> None:
    bad = having((("metadata", "name"), "n" * 64), (("spec", "importsToKeep"), -1), (("spec", "schedule"), "x"))
    assert [r.rule for r in admit(bad, NEWEST).refusals] == [
        AdmissionRule.NAME_LENGTH,
        AdmissionRule.SCHEDULE,
        AdmissionRule.IMPORTS_TO_KEEP,
    ]


def test_a_field_is_refused_once() -> None:
    """What the schema refuses is not missing for the webhook as well."""
    assert [r.by for r in admit(size("30GB"), NEWEST).refusals] == [RefusedBy.SCHEMA]
    assert [r.by for r in admit(spec(template=7), NEWEST).refusals] == [RefusedBy.SCHEMA]


def test_unknown_fields_are_named() -> None:
    found = admit(having((("spec", "template", "spec", "storage", "storageClass"), "fast")), NEWEST)
    assert found.admitted
    assert found.unknown_fields == (("spec", "template", "spec", "storage", "storageClass"),)


@pytest.mark.parametrize(
    ("manifest", "rule"),
    [
        pytest.param(name("n" * 44), AdmissionRule.CRON_JOB, id="name too long for a CronJob"),
        pytest.param(spec(schedule="TZ=UTC 0 0 * * *"), AdmissionRule.CRON_JOB, id="time zone in a CronJob"),
        pytest.param(spec(schedule="0 0 31 2 *"), AdmissionRule.NEVER_FIRES, id="31 February"),
        pytest.param(
            having((("spec", "schedule"), "@every 1h"), (("spec", "template", "spec", "source"), {"pvc": CLAIM})),
            AdmissionRule.NEVER_FIRES,
            id="@every that the controller postpones",
        ),
        pytest.param(spec(importsToKeep=0), AdmissionRule.KEEPS_NONE, id="keeps nothing"),
        pytest.param(registry(url=f"docker://quay.io/x@sha256:{'a' * 64}"), AdmissionRule.DIGEST, id="digest"),
        pytest.param(registry(url="oci-archive://x", pullMethod="node"), AdmissionRule.ARCHIVE, id="archive on a node"),
    ],
)
def test_hazards_that_other_checks_report(manifest: Manifest, rule: AdmissionRule) -> None:
    verdict = admit(manifest, NEWEST)
    assert verdict.admitted
    assert [h.rule for h in verdict.hazards] == [rule]


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(name("n" * 43), id="a name that just fits"),
        pytest.param(having((("metadata", "name"), "n" * 63), (("spec", "schedule"), "")), id="nothing polls"),
        pytest.param(spec(schedule="@every 1h"), id="@every by a CronJob"),
        pytest.param(having((("spec", "importsToKeep"), 0), (("spec", "garbageCollect"), "Never")), id="Never"),
    ],
)
def test_no_hazard(manifest: Manifest) -> None:
    assert admit(manifest, NEWEST).hazards == ()


def test_repaired_is_admitted() -> None:
    bad = having((("spec", "template", "spec", "contentType"), "kubevirt"), (("spec", "importsToKeep"), -1))
    changes = find_fix(bad, NEWEST)
    assert changes is not None
    assert admit(apply_changes(bad, changes), NEWEST).admitted


def test_what_was_meant_is_taken_from_what_was_admitted() -> None:
    bad = volume(source={"registry": {}})
    assert find_fix(bad, NEWEST) is None
    changes = find_fix(bad, NEWEST, VALID)
    assert changes is not None
    assert apply_changes(bad, changes) == VALID


def test_nothing_to_repair() -> None:
    assert find_fix(VALID, NEWEST) is None


@pytest.mark.parametrize(
    ("value", "admitted", "suggested"),
    [
        pytest.param("True", True, None, id="any case"),
        pytest.param("false", True, None, id="off"),
        pytest.param("no", False, "false", id="no"),
        pytest.param(" true ", False, "true", id="spaces"),
        pytest.param("maybe", False, None, id="cannot be told"),
    ],
)
def test_hco_refuses_other_values_of_its_annotation(value: str, admitted: bool, suggested: str | None) -> None:
    found = list(entry_refusals(merge(VALID, {"metadata": {"annotations": {ENABLE: value}}})))
    assert (not found) is admitted
    if found:
        assert found[0].by is RefusedBy.HCO
        assert (found[0].change and found[0].change.value) == suggested


def test_hco_refuses_duplicates_and_entries_without_spec() -> None:
    bare: Manifest = {"metadata": {"name": "bare"}}
    off: Manifest = {"metadata": {"name": "off", "annotations": {ENABLE: "false"}}}
    rules = [[r.rule for r in found] for found in list_refusals([VALID, bare, off, VALID])]
    assert rules == [[AdmissionRule.DUPLICATE], [AdmissionRule.SPEC_MISSING], [], [AdmissionRule.DUPLICATE]]


def test_json_survives() -> None:
    """A manifest is JSON: what comes out of a change is JSON again."""
    json.dumps(apply_changes(VALID, find_fix(size(30), NEWEST) or ()))
