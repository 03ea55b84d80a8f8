from __future__ import annotations

import pytest

from exporter.checks.references.cloning_by_view_role import cloning_by_view_role
from exporter.cluster.resources import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS
from exporter.kube.contract import State
from tests.checks.references.bindings import SOURCER, a_binding, a_group, a_user, an_account
from tests.checks.references.consumers import a_clone
from tests.checks.storage.assertions import fix_command, only_finding
from tests.worlds import Manifest, findings, manifest, status

CHECK = cloning_by_view_role


def cdi(version: str) -> Manifest:
    """CDI of this version."""
    return manifest("cdi.kubevirt.io/v1beta1", "CDI", "cdi", status={"observedVersion": version})


NOW_GONE, NEXT, LATER = cdi("v1.66.0"), cdi("v1.65.2"), cdi("v1.61.1")
CLONED = a_clone(source={"source": {"pvc": {"name": "office", "namespace": "golden"}}}, phase="Succeeded")
"""A volume of namespace shop that was cloned from namespace golden."""


@pytest.mark.parametrize(
    "bindings",
    [
        pytest.param([], id="nobody is bound"),
        pytest.param([a_binding(an_account(), role=SOURCER)], id="the new role"),
        pytest.param([a_binding(an_account(), role="edit")], id="edit includes it"),
        pytest.param([a_binding(an_account(), role="view")], id="a role to look, and nothing was cloned"),
        pytest.param([a_binding(a_user("jane"), role="view"), CLONED], id="people look by view"),
        pytest.param(
            [a_binding(an_account()), a_binding(an_account(), role=SOURCER, name="new")], id="the new role beside it"
        ),
        pytest.param(
            [a_binding(an_account()), a_binding(a_group("system:serviceaccounts:shop"), role="ours", name="new")],
            id="another role by a group",
        ),
        pytest.param(
            [a_binding(an_account()), a_binding(a_group("system:authenticated"), role=SOURCER, name="n", namespace="")],
            id="another role in all namespaces",
        ),
        pytest.param(
            [a_binding(a_user("system:serviceaccount:shop:default")), a_binding(an_account(), role=SOURCER, name="n")],
            id="a service account as a user",
        ),
    ],
)
def test_passes(bindings: list[Manifest]) -> None:
    assert status(CHECK, NEXT, *bindings) == "pass"


def test_before_the_upgrade() -> None:
    finding = only_finding(CHECK, NEXT, a_binding(an_account(), an_account("bank", "robot")))
    assert finding.severity.value == "warning"
    assert finding.summary == (
        "CDI 1.66 will take the permission to clone from namespace golden from role cdi.kubevirt.io:view, "
        "bound to ServiceAccount shop/default, ServiceAccount bank/robot"
    )
    assert (finding.object.kind, finding.object.name) == ("Namespace", "golden")
    assert fix_command(finding) == (
        "kubectl create rolebinding clone-sourcers -n golden --clusterrole=cdi.kubevirt.io:clone-sourcer "
        "--serviceaccount=shop:default --serviceaccount=bank:robot"
    )
    assert finding.fixes[0].note.startswith("Takes effect with the upgrade")


def test_after_the_upgrade() -> None:
    finding = only_finding(CHECK, NOW_GONE, a_binding(an_account()))
    assert finding.summary.startswith("CDI 1.66 has taken the permission to clone from namespace golden")


@pytest.mark.parametrize(
    ("objects", "severity"),
    [
        ([LATER, a_binding(an_account())], "info"),
        ([NEXT, a_binding(a_user("jane"))], "info"),
        ([NOW_GONE, a_binding(a_user("jane"), an_account())], "warning"),
        ([NEXT, CLONED, a_binding(a_group("system:serviceaccounts:shop"), role="view")], "warning"),
        ([NEXT, CLONED, a_binding(a_group("system:serviceaccounts"), role="view")], "warning"),
    ],
    ids=["long before", "a person", "a person and an account", "view, and cloned", "view for all accounts"],
)
def test_how_bad_it_is(objects: list[Manifest], severity: str) -> None:
    assert only_finding(CHECK, *objects).severity.value == severity


def test_in_all_namespaces() -> None:
    finding = only_finding(CHECK, NEXT, a_binding(an_account(), namespace=""))
    assert (finding.object.kind, finding.object.name) == ("ClusterRoleBinding", "cloners")
    assert "clone from all namespaces" in finding.summary
    assert fix_command(finding).startswith("kubectl create clusterrolebinding clone-sourcers --clusterrole=")


def test_all_bindings_of_a_namespace_are_one_finding() -> None:
    bindings = [a_binding(an_account(f"team-{n}"), name=f"b-{n}") for n in range(9)]
    finding = only_finding(CHECK, NEXT, *bindings)
    assert finding.dependents == {"RoleBinding": 9}
    assert "and 4 more" in finding.summary


def test_hundreds_of_subjects_take_several_commands() -> None:
    (finding,) = findings(CHECK, NEXT, a_binding(*(an_account(f"team-{n:03}") for n in range(150))))
    names = [fix.command.split()[3] for fix in finding.fixes]
    assert names == ["clone-sourcers", "clone-sourcers-2"]


@pytest.mark.parametrize("resource", [ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS], ids=str)
def test_what_cannot_be_read(resource: object) -> None:
    """Another binding may allow it as well."""
    states = {resource: State.FORBIDDEN}
    assert status(CHECK, NEXT, a_binding(an_account()), states=states) == "blind"
    many = a_binding(*(an_account(f"team-{n}") for n in range(1001)), name="many", role=SOURCER)
    assert status(CHECK, NEXT, a_binding(an_account()), many) == "unknown"


def test_cdi_of_no_version() -> None:
    assert status(CHECK, a_binding(an_account())) == "unknown"
    assert status(CHECK) == "pass"
