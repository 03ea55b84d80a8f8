"""What is said of a cluster whose API server refuses, does not serve, or does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from exporter.base.clock import SystemClock
from exporter.cluster.permissions import VERBS, build_role, permission_for
from exporter.cluster.resources import PODS, STORAGE_CLASSES, TEMPLATES, WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.doctor import cluster
from exporter.doctor.diagnosis import Line
from exporter.doctor.reviews import ask_rights
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.contract import State
from tests.kube.fake import Answer, FakeApi, Request, status


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as made:
        yield made


def settled(**states: State) -> ClusterSnapshot:
    """Every table in the state that is named for it, else live and empty."""
    store = Store(WATCHED, SystemClock())
    for resource in WATCHED:
        store.settle(resource, states.get(resource.plural, State.NOT_SERVED))
    return store.freeze()


def review(*, allowed: bool, user: str = "") -> Answer:
    """The answer to a review of either kind."""
    return lambda request: request.body(201, {"status": {"allowed": allowed, "userInfo": {"username": user}}})


def looked(api: FakeApi, tables: ClusterSnapshot) -> dict[str, Line]:
    """What is said, by subject."""
    client = Client(Connection(api.url))
    try:
        return {line.subject: line for line in cluster.check_access(tables, ask_rights(client, WATCHED, 20.0), {})}
    finally:
        client.close()


def test_what_is_not_served_needs_no_permission(api: FakeApi) -> None:
    api.lists = [review(allowed=False, user="me")]
    said = looked(api, settled(storageclasses=State.FORBIDDEN))
    assert (said["storageclasses"].status, said["templates"].status) == ("problem", "ok")
    assert said["templates"].said.endswith("so there are none; if it ever does, this account may not read it")
    assert said["templates"].manifest == ""


def test_the_yaml_of_an_account_whose_name_is_not_told_says_what_to_fill_in(api: FakeApi) -> None:
    api.lists = [status(404), review(allowed=False)]
    said = looked(api, settled(storageclasses=State.FORBIDDEN))["storageclasses"]
    assert "put the account's name in place of NAME" in said.remedy
    assert "name: NAME\n" in said.manifest


def test_what_is_granted_to_one_account_takes_nothing_from_another() -> None:
    def made(user: str) -> dict[str, Any]:
        return {m["kind"]: m for m in build_role(permission_for(STORAGE_CLASSES), user)}

    mine, yours = made("me@example.com"), made("https://issuer.example#you")
    assert mine["ClusterRole"] == yours["ClusterRole"]
    assert mine["ClusterRole"]["rules"][0]["verbs"] == list(VERBS)
    names = [each["ClusterRoleBinding"]["metadata"]["name"] for each in (mine, yours)]
    assert names == [
        "bootsource-exporter-read-storageclasses:me@example.com",
        "bootsource-exporter-read-storageclasses:https:_2f_2fissuer.example_23you",
    ]


@pytest.mark.parametrize("failing", [status(503, "busy"), Request.cut], ids=["503", "cut off"])
def test_reviews_that_fail_are_not_asked_for_once_per_resource(api: FakeApi, failing: Answer) -> None:
    api.lists = [failing]
    said = looked(api, settled(storageclasses=State.FORBIDDEN, templates=State.FAILED))
    assert len(api.requests) == 1
    assert said["permissions"].status == "unknown"
    assert said[STORAGE_CLASSES.plural].status == "problem", "what the list has shown still counts"
    assert said[TEMPLATES.plural].status == "unknown"


def test_what_is_granted_in_some_namespaces_is_a_binding_in_each() -> None:
    role, *bindings = build_role(permission_for(PODS), "me", ("one", "two"))
    assert role["kind"] == "ClusterRole"
    assert [(b["kind"], b["metadata"]["namespace"]) for b in bindings] == [
        ("RoleBinding", "one"),
        ("RoleBinding", "two"),
    ]
    assert {b["roleRef"]["name"] for b in bindings} == {role["metadata"]["name"]}


def test_permissions_are_asked_for_in_the_namespaces_that_are_read(api: FakeApi) -> None:
    reviewed: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        reviewed.extend(
            filter(None, [request.sent["spec"].get("resourceAttributes")] if "spec" in request.sent else [])
        )
        review(allowed=True, user="me")(request)

    api.lists = [note]
    client = Client(Connection(api.url))
    try:
        ask_rights(client, [PODS, STORAGE_CLASSES], 20.0, frozenset({"one", "two"}))
    finally:
        client.close()
    places = [(what["resource"], what["namespace"]) for what in reviewed]
    assert set(places) == {("pods", "one"), ("pods", "two"), ("storageclasses", "")}


def test_a_namespace_that_is_hidden_by_choice_is_no_problem_and_one_that_is_forbidden_is(api: FakeApi) -> None:
    api.lists = [review(allowed=True)]
    store = Store(WATCHED, SystemClock())
    for resource in WATCHED:
        store.settle(resource, State.LIVE)
    store.leave_out(frozenset({"lab"}))
    chosen = looked(api, store.freeze())
    assert (chosen["pods"].status, chosen["checks"].status) == ("ok", "ok")
    assert chosen["pods"].said.endswith("not visible in lab (left out of --namespaces)")
    assert "do not see all namespaces of" in chosen["checks"].said
    store.settle_part(PODS, "one", State.LIVE)
    store.settle_part(PODS, "two", State.FORBIDDEN)
    forbidden = looked(api, store.freeze())
    assert (forbidden["pods"].status, forbidden["checks"].status) == ("problem", "unknown")


def test_checks_that_are_blind_on_purpose_are_no_doubt(api: FakeApi) -> None:
    api.lists = [review(allowed=True)]
    off = looked(api, settled(templates=State.DISABLED))["checks"]
    assert off.status == "ok"
    assert off.said.endswith("are blind without templates, which was switched off")
    assert looked(api, settled(templates=State.DISABLED, pods=State.FAILED))["checks"].status == "unknown"
