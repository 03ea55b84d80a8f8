"""What the operators do where no pair of states was recorded, by the rules that are known of them."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, WATCHED
from exporter.whatif import Foresight, foresee
from exporter.whatif.changes import Change, ChangeError, DeleteObject, MakeDefault, NoDefault, SwitchEntry, SwitchGate
from exporter.whatif.document import Action, Actor, Certainty
from exporter.whatif.draft import Draft
from exporter.whatif.encoding import encode, merge
from exporter.whatif.foresee import run_changes
from exporter.whatif.json_patch import PatchError, apply_json_patch
from exporter.whatif.manifests import ApplyManifest
from exporter.whatif.upgrade import Upgrade
from tests.whatif.recorded import IMAGES, cluster, hyperconverged_of, objects
from tests.worlds import a_machine, a_template, dumped


def after(state: str, *changes: Change) -> Foresight:
    found, at = cluster(state)
    return foresee(found, changes, at)


def applied(kind: str, name: str, namespace: str = "", **parts: Any) -> ApplyManifest:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **parts.pop("metadata", {})}
    return ApplyManifest({"kind": kind, "metadata": meta, **parts}, "a file")


def sources(**fields: Any) -> ApplyManifest:
    return applied("HyperConverged", "kubevirt-hyperconverged", spec={"workloadSources": fields})


def told(foresight: Foresight, *actions: Action) -> list[str]:
    return [f"{s.actor} {s.action} {s.object.name}" for s in foresight.steps if s.action in actions]


def test_a_refusal_ends_the_reconcile_of_ssp_before_it_deletes_what_is_left() -> None:
    foresight = after("h05", hyperconverged_of("h09"))
    assert told(foresight, Action.REFUSE, Action.KEEP) == ["ssp keep my-custom-cron", "apiserver refuse bad-sched-cron"]
    (made,) = [s for s in foresight.steps if s.action is Action.CREATE and s.object.kind == "DataImportCron"]
    assert made.certainty is Certainty.DEPENDS
    assert {"invalid-schedule", "ssp-degraded"} <= {f.check for f in foresight.appear}


def test_a_namespace_that_does_not_exist_costs_the_data_sources_and_keeps_the_images() -> None:
    foresight = after("h01", sources(commonBootImageNamespace="nowhere"))
    assert foresight.summary.images_deleted == 0
    assert told(foresight, Action.RESET, Action.LOSE) == [
        "ssp reset centos-stream9",
        "ssp reset fedora",
        "users lose centos-stream9",
        "users lose fedora",
    ]


def test_to_opt_in_again_makes_the_data_import_cron_and_imports() -> None:
    label = {"labels": {"cdi.kubevirt.io/dataImportCron": "true"}}
    foresight = after("h07b", applied("DataSource", "fedora", IMAGES, metadata=label))
    assert told(foresight, Action.CREATE, Action.IMPORT) == [
        "ssp create fedora-image-cron",
        "cdi import fedora-image-cron",
    ]
    assert [f.check for f in foresight.disappear] == ["cron-opted-out"]


def test_multi_arch_replaces_each_source_and_points_at_the_default_architecture() -> None:
    found, at = cluster("h01")
    view = run_changes(found, (sources(enableMultiArchBootImageImport=True),), at)
    crons = sorted(key.name for key in view[DATA_IMPORT_CRONS].rows)
    assert crons == [f"{name}-image-cron-amd64" for name in ("centos-stream10", "centos-stream9", "fedora")]
    pointer = view[DATA_SOURCES].rows[next(k for k in view[DATA_SOURCES].rows if k.name == "fedora")]
    assert pointer.spec.source.data_source is not None
    assert pointer.spec.source.data_source.name == "fedora-amd64"
    assert pointer.ready.true  # type: ignore[union-attr]


def test_an_upgrade_to_retention_none_adopts_images_without_a_download() -> None:
    foresight = after("4.18-h01", Upgrade("4.22"))
    assert foresight.summary.crons_replaced == 3
    assert (foresight.summary.images_deleted, foresight.summary.images_imported) == (0, 0)
    assert len(told(foresight, Action.ADOPT)) == 3
    assert foresight.summary.sources_lost == 0


@pytest.mark.parametrize("version", ["soon", "0.0", "4", "1.2", "4.10"])
def test_an_upgrade_to_nowhere_is_refused(version: str) -> None:
    with pytest.raises(ChangeError):
        after("4.18-h01", Upgrade(version))


def test_images_stay_with_retention_all_and_go_with_none() -> None:
    assert after("4.18-h32", SwitchEntry("fedora-image-cron", on=False)).summary.images_deleted == 0
    foresight = after("h01", SwitchEntry("fedora-image-cron", on=False))
    assert (foresight.summary.images_deleted, foresight.summary.sources_lost) == (1, 1)


def test_a_disabled_common_entry_comes_back_as_hco_is_known_to_have_it() -> None:
    found, at = cluster("h01")
    off = run_changes(found, (SwitchEntry("fedora-image-cron", on=False),), at)
    foresight = foresee(off, (SwitchEntry("fedora-image-cron", on=True),), at)
    made = [s for s in foresight.steps if s.action is Action.CREATE and s.object.kind == "DataImportCron"]
    assert [(s.object.name, s.certainty) for s in made] == [("fedora-image-cron", Certainty.DEPENDS)]


def test_without_a_class_a_snapshot_is_lost_and_a_claim_is_kept() -> None:
    snapshot, claim = after("c13", NoDefault()), after("c01", NoDefault())
    assert (snapshot.summary.images_deleted, snapshot.summary.sources_lost) == (1, 1)
    assert [s.loss for s in snapshot.steps if s.action is Action.IMPORT] == [True]
    assert (claim.summary.images_deleted, claim.summary.sources_lost) == (0, 0)


def test_without_snapshot_crds_a_move_freezes_and_deletes_nothing() -> None:
    foresight = after("v7", MakeDefault("gp3", virt=True), NoDefault())
    assert foresight.summary.images_deleted == 0


def test_an_edit_that_an_operator_reverts_says_so() -> None:
    source = {"source": {"pvc": {"name": "other"}}}
    foresight = after("c01", applied("DataSource", "fedora", IMAGES, spec=source))
    assert told(foresight, Action.EDIT, Action.CHANGE) == ["you edit fedora", "cdi change fedora"]
    assert foresight.summary.sources_lost == 0


@pytest.mark.parametrize(
    ("state", "version", "spec", "said"),
    [
        ("h01", "v1beta1", {"featureGates": {"enableCommonBootImageImport": False}}, "The conversion to"),
        ("4.18-h01", "v1beta1", {"enableCommonBootImageImport": False}, "has no effect"),
        ("h01", "v1", {"virtualization": {}}, "Nothing that boot sources depend on"),
    ],
)
def test_a_gate_where_nobody_looks_changes_nothing_and_is_named(
    state: str, version: str, spec: dict[str, Any], said: str
) -> None:
    """h19 of both generations."""
    edit = {"apiVersion": f"hco.kubevirt.io/{version}", "kind": "HyperConverged"}
    meta = {"name": "kubevirt-hyperconverged", "namespace": "kubevirt-hyperconverged"}
    foresight = after(state, ApplyManifest({**edit, "metadata": meta, "spec": spec}, "a file"))
    assert {s.action for s in foresight.steps} == {Action.KEEP}
    assert said in foresight.steps[0].summary


def test_an_older_api_version_reaches_the_gate_where_the_cluster_has_it() -> None:
    edit = {"apiVersion": "hco.kubevirt.io/v1beta1", "kind": "HyperConverged"}
    spec = {"enableCommonBootImageImport": False}
    meta = {"name": "kubevirt-hyperconverged"}
    foresight = after("h01", ApplyManifest({**edit, "metadata": meta, "spec": spec}, "a file"))
    assert foresight.steps[0].fields[0].path == "spec.workloadSources.enableCommonBootImageImport"
    assert foresight.summary.crons_deleted == 3


DIGEST = "sha256:" + "2b" * 32


@pytest.mark.parametrize(("state", "deleted"), [("c01", 0), ("h01", 1)])
def test_a_newer_digest_is_imported_and_old_images_go_beyond_the_number_to_keep(state: str, deleted: int) -> None:
    """c02 and c14 began like this. 3 are kept by default; HCO 1.18 and later says 1."""
    notes = {"annotations": {"cdi.kubevirt.io/storage.import.sourceDesiredDigest": DIGEST}}
    foresight = after(state, applied("DataImportCron", "fedora-image-cron", IMAGES, metadata=notes))
    claims = {f.path: f.after for s in foresight.steps if s.action is Action.IMPORT for f in s.fields}
    assert claims["status.currentImports[0].DataVolumeName"] == "fedora-2b2b2b2b2b2b"
    assert foresight.summary.images_deleted == deleted
    assert foresight.outages == ()


def test_the_spec_of_a_data_import_cron_cannot_be_changed() -> None:
    foresight = after("c01", applied("DataImportCron", "fedora-image-cron", IMAGES, spec={"schedule": "0 0 * * *"}))
    assert [(s.actor, s.action) for s in foresight.steps] == [(Actor.API_SERVER, Action.REFUSE)]
    assert foresight.summary.refused == 1


def test_a_deleted_image_is_imported_again_and_a_deleted_cron_is_made_again() -> None:
    image = after("h14b", DeleteObject("PersistentVolumeClaim", IMAGES, "fedora-ab9c704110f5"))
    assert told(image, Action.IMPORT) == ["cdi import fedora-image-cron"]
    cron = after("h14b", DeleteObject("dataimportcron", IMAGES, "fedora-image-cron"))
    assert told(cron, Action.CREATE)[0] == "ssp create fedora-image-cron"


def test_templates_and_waiting_machines_are_named_when_they_lose_their_source() -> None:
    using = [a_template("web", namespace=IMAGES), a_machine("vm", namespace=IMAGES, failure="not found")]
    _, at = cluster("h01")
    foresight = foresee(dumped(*objects("h01"), *using), (SwitchGate(on=False),), at)
    (lost,) = [s for s in foresight.steps if s.action is Action.LOSE and s.object.name == "fedora"]
    assert {(a.kind, a.name) for a in lost.affected} == {("Template", "web"), ("VirtualMachine", "vm")}
    assert lost.affected_count == len(lost.affected)


@pytest.mark.parametrize("state", ["c08", "c13", "h01", "h09", "4.18-h01", "4.18-h32"])
def test_a_row_that_is_written_back_and_read_again_is_the_same(state: str) -> None:
    """Kinds whose rows are their models; of the others a manifest stands for the whole object."""
    found, _ = cluster(state)
    for resource in WATCHED:
        for key, row in found[resource].rows.items():
            if type(row) is resource.wire and resource.plural not in ("ssps", "pods", "events"):
                again = resource.codec().from_value(encode(row)).row
                old, new = encode(row), encode(again)
                assert old == new, key


def test_a_draft_leaves_the_cluster_alone() -> None:
    found, at = cluster("h01")
    before = {table.resource: dict(table.rows) for table in found}
    foresee(found, (SwitchGate(on=False),), at)
    assert {table.resource: dict(table.rows) for table in found} == before
    assert Draft(found, at).view() is not found


def test_a_merge_patch_merges_maps_replaces_lists_and_removes_by_null() -> None:
    assert merge({"a": {"b": 1, "c": 2}, "l": [1]}, {"a": {"b": None, "d": 3}, "l": [2]}) == {
        "a": {"c": 2, "d": 3},
        "l": [2],
    }


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        ('[{"op": "replace", "path": "/a/0", "value": 3}]', {"a": [3, 2]}),
        ('[{"op": "add", "path": "/a/-", "value": 3}]', {"a": [1, 2, 3]}),
        ('[{"op": "add", "path": "/a/1", "value": 3}]', {"a": [1, 3, 2]}),
        ('[{"op": "remove", "path": "/a/0"}]', {"a": [2]}),
        ('[{"op": "add", "path": "/b~1c", "value": 1}]', {"a": [1, 2], "b/c": 1}),
        ('[{"op": "copy", "from": "/a/0", "path": "/b"}]', {"a": [1, 2], "b": 1}),
        ('[{"op": "move", "from": "/a", "path": "/b"}]', {"b": [1, 2]}),
        ('[{"op": "test", "path": "/a/0", "value": 1}]', {"a": [1, 2]}),
    ],
)
def test_a_json_patch_does_what_the_standard_says(patch: str, result: Any) -> None:
    assert apply_json_patch({"a": [1, 2]}, patch) == result


@pytest.mark.parametrize(
    "patch",
    [
        "{",
        "7",
        '[{"op": "replace", "path": "/b", "value": 1}]',
        '[{"op": "remove", "path": "/a/7"}]',
        '[{"op": "add", "path": "a", "value": 1}]',
        '[{"op": "dance", "path": "/a"}]',
        '[{"op": "test", "path": "/a", "value": 1}]',
        "[7]",
    ],
)
def test_a_json_patch_that_cannot_be_applied_is_an_error(patch: str) -> None:
    with pytest.raises(PatchError):
        apply_json_patch({"a": [1, 2]}, patch)
