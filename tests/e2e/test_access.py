"""Who may see what is served, decided by a real API server: tokens, certificates, roles, and a server that is down."""

from __future__ import annotations

import itertools
import logging
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest

from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.web.decisions import NO, YES
from exporter.web.guard import KubernetesGuard
from exporter.web.routes import ROUTES
from exporter.web.server.certificates import CertificateFiles, load
from exporter.web.server.http import Certificate, Request, Response
from exporter.web.server.server import HttpServer
from tests.metrics.scraping import HandClock
from tests.rig.cluster import Cluster
from tests.rig.plugin import FORBIDDEN_TOKEN
from tests.rig.servers import ADMIN_TOKEN, ISSUER, ApiServer
from tests.web.client import Answer, Wire, get, serving

METRICS = {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}
REVIEWS = (
    {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
    {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
)
_NUMBERS = itertools.count(1)


class Guarded:
    """A server behind the guard, and what the guard has counted."""

    def __init__(self, client: Client, *audiences: str) -> None:
        self.clock = HandClock()
        self.outcomes: list[str] = []
        self.guard = KubernetesGuard(client, self.clock, self.outcomes.append, audiences)
        self.server: HttpServer

    def handle(self, request: Request) -> Response:
        return self.guard(request) or Response(200, b"seen\n")

    def ask(self, token: str = "", path: str = "/metrics") -> Answer:
        return get(self.server, path, *((f"Authorization: Bearer {token}",) if token else ()))


def client_of(api: ApiServer, token: str = ADMIN_TOKEN) -> Client:
    tls = ssl.create_default_context(cafile=str(api.ca))
    return Client(Connection(api.url, tls, lambda _fresh: f"Bearer {token}"))


@contextmanager
def guarding(api: ApiServer, token: str = ADMIN_TOKEN, *audiences: str) -> Iterator[Guarded]:
    client = client_of(api, token)
    guarded = Guarded(client, *audiences)
    try:
        with serving(guarded.handle) as guarded.server:
            yield guarded
    finally:
        client.close()


@pytest.fixture
def guarded(real: Cluster) -> Iterator[Guarded]:
    with guarding(real.server) as running:
        yield running


@pytest.fixture
def account(namespace: str) -> str:
    return f"prometheus-{next(_NUMBERS)}"


def user(namespace: str, account: str) -> str:
    return f"system:serviceaccount:{namespace}:{account}"


def until(true: Callable[[], bool]) -> None:
    """Roles take effect a moment after they are written."""
    for _ in range(500):
        if true():
            return
        Event().wait(0.02)
    raise AssertionError("it never came true")


def allowed(real: Cluster, namespace: str, account: str) -> str:
    """A token of an account that may get /metrics."""
    token = real.token(namespace, account)
    real.grant(user(namespace, account), METRICS)
    review = {"user": user(namespace, account), "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": review}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    until(lambda: bool(real.call("POST", path, body)["status"]["allowed"]))
    return token


def test_who_may_sees_what_they_may(real: Cluster, guarded: Guarded, namespace: str, account: str) -> None:
    token = allowed(real, namespace, account)
    assert guarded.ask(token).status == 200
    refused = guarded.ask(token, "/api/v1/findings")
    assert refused.status == 403
    assert f"{user(namespace, account)} may not get this" in refused.body.decode()
    assert "nonResourceURL /bootsource/api/v1/findings" in refused.body.decode()
    assert guarded.outcomes == ["allowed", "forbidden"]


def test_who_is_granted_all_of_it_sees_all_of_it(real: Cluster, guarded: Guarded, namespace: str) -> None:
    token = real.token(namespace, "viewer")
    real.grant(user(namespace, "viewer"), {"nonResourceURLs": ["/metrics", "/bootsource/*"], "verbs": ["get"]})
    for route in ROUTES:
        until(partial(sees, guarded, token, route.path))


def sees(guarded: Guarded, token: str, path: str) -> bool:
    guarded.clock.passed += timedelta(seconds=NO + 1)
    return guarded.ask(token, path).status == 200


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.guarded])
def test_an_account_that_was_granted_nothing_sees_nothing(
    real: Cluster, guarded: Guarded, namespace: str, path: str
) -> None:
    # Every account may get /api/* of the API server itself: what is served here must not pass for that.
    assert guarded.ask(real.token(namespace, "nothing"), path).status == 403


def test_who_is_nobody_is_told_what_is_needed(guarded: Guarded) -> None:
    answer = guarded.ask()
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert get(guarded.server, "/metrics", "Authorization: Basic YTpi").status == 401
    assert get(guarded.server, "/metrics", "Authorization: Bearer a b").status == 401


def test_tokens_that_are_no_good(
    real: Cluster, guarded: Guarded, start_api_server: Callable[..., ApiServer], namespace: str, account: str
) -> None:
    good = allowed(real, namespace, account)
    meta = real.call("GET", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}")
    header, claims, signature = good.split(".")
    bad = {
        "expired": real.server.account_token(meta, -1),
        "signed by another cluster": start_api_server().account_token(meta, 600),
        "changed": f"{header}.{claims}.{signature[::-1]}",
        "unsigned": f"{header}.{claims}.",
        "nonsense": "nonsense",
    }
    assert {why: guarded.ask(token).status for why, token in bad.items()} == dict.fromkeys(bad, 401)
    assert guarded.ask(FORBIDDEN_TOKEN).status == 403


def test_the_token_of_a_deleted_account_is_no_good(real: Cluster, guarded: Guarded, namespace: str) -> None:
    token = allowed(real, namespace, "deleted")
    real.delete({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deleted", "namespace": namespace}})
    assert guarded.ask(token).status == 401


def test_what_was_granted_lasts_for_a_minute_after_it_was_taken_away(
    real: Cluster, guarded: Guarded, namespace: str, account: str
) -> None:
    token = real.token(namespace, account)
    role, binding = real.grant(user(namespace, account), METRICS)

    def seen_after(seconds: float) -> int:
        guarded.clock.passed += timedelta(seconds=seconds)
        return guarded.ask(token).status

    until(lambda: seen_after(NO + 1) == 200)
    real.empty([binding, role])
    assert seen_after(YES - 1) == 200
    until(lambda: seen_after(YES + 1) == 403)


def test_a_token_for_another_audience_is_no_good_and_ours_may_be_named(
    real: Cluster, guarded: Guarded, namespace: str, account: str
) -> None:
    allowed(real, namespace, account)
    request = {"spec": {"audiences": ["bootsource-exporter"], "expirationSeconds": 600}}
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", **request}
    ours = real.call("POST", path, body)["status"]["token"]
    assert guarded.ask(ours).status == 401
    with guarding(real.server, ADMIN_TOKEN, "bootsource-exporter") as own:
        assert own.ask(ours).status == 200
        assert own.ask(real.token(namespace, account)).status == 401
    with guarding(real.server, ADMIN_TOKEN, "bootsource-exporter", ISSUER) as both:
        assert both.ask(real.token(namespace, account)).status == 200


def test_a_client_certificate_is_a_user_and_its_groups(real: Cluster, tmp_path_factory: pytest.TempPathFactory) -> None:
    real.grant("alice", METRICS)
    known, stranger = real.server.client_certificate("alice"), real.server.client_certificate("mallory")
    admin = real.server.client_certificate("root", ["system:masters"])
    server = real.server.client_certificate("exporter")
    context = load(CertificateFiles(server.certificate, server.key, real.ca)).context
    client = client_of(real.server)
    guarded = Guarded(client)
    guarded.clock.passed = datetime.now(UTC) - guarded.clock.now()

    def ask(pair: object, path: str = "/metrics") -> int:
        asking = ssl.create_default_context(cafile=str(real.ca))
        if pair is not None:
            asking.load_cert_chain(pair.certificate, pair.key)  # type: ignore[attr-defined]
        guarded.clock.passed += timedelta(seconds=NO + 1)
        return get(guarded.server, path, wire=Wire(None, asking)).status

    with serving(guarded.handle, Wire(lambda: context)) as guarded.server:
        until(lambda: ask(known) == 200)
        assert ask(known, "/") == 403
        assert ask(stranger) == 403
        assert ask(admin, "/") == 200
        assert ask(None) == 401
    client.close()


def test_if_the_api_server_cannot_be_asked_nobody_gets_in(
    start_api_server: Callable[..., ApiServer], caplog: pytest.LogCaptureFixture
) -> None:
    api = start_api_server()
    with guarding(api) as guarded:
        api.end()
        with caplog.at_level(logging.DEBUG):
            answer = guarded.ask("some-secret-token")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert b"cannot tell" in answer.body
        assert "some-secret-token" not in caplog.text
        assert guarded.outcomes == ["unavailable"]
        api.start()
        assert guarded.ask(ADMIN_TOKEN).status == 200


def test_an_exporter_that_may_not_ask_says_what_it_lacks(
    real: Cluster, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    own = real.token(namespace, "exporter")
    with guarding(real.server, own) as guarded:
        assert guarded.ask(ADMIN_TOKEN).status == 503
        assert "tokenreviews" in str(caplog.records[-1].__dict__["error"])
        assert "grant this account create on it" in str(caplog.records[-1].__dict__["error"])
        real.grant(user(namespace, "exporter"), *REVIEWS)
        assert guarded.ask(ADMIN_TOKEN).status == 200


def test_a_slow_api_server_keeps_nobody_waiting_whose_decision_is_known(real: Cluster, namespace: str) -> None:
    token = allowed(real, namespace, "known")
    with guarding(real.server) as guarded, ThreadPoolExecutor(60) as strangers:
        assert guarded.ask(token).status == 200
        with real.server.frozen():
            flood = [strangers.submit(guarded.ask, f"stranger-{number % 30}") for number in range(60)]
            until(lambda: any(each.done() for each in flood))
            assert guarded.ask(token).status == 200
            answers = [each.result(30) for each in flood]
        assert {answer.status for answer in answers} == {503}
        assert guarded.ask(token).status == 200


class Counting(Client):
    """Remembers what the API server was asked."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.asked: list[str] = []

    def branch(self) -> Client:
        return self

    def post_json(self, path: str, body: Any, *, read_timeout: float = 30) -> dict[str, Any]:
        self.asked.append(path.rpartition("/")[2])
        return super().post_json(path, body, read_timeout=read_timeout)


@contextmanager
def counting(real: Cluster) -> Iterator[tuple[Guarded, Counting]]:
    tls = ssl.create_default_context(cafile=str(real.ca))
    client = Counting(Connection(real.url, tls, lambda _fresh: f"Bearer {ADMIN_TOKEN}"))
    guarded = Guarded(client)
    try:
        with serving(guarded.handle) as guarded.server:
            yield guarded, client
    finally:
        client.close()


def test_many_requests_with_one_token_cost_one_review(real: Cluster) -> None:
    with counting(real) as (guarded, client):
        threads = [Thread(target=guarded.ask, args=(ADMIN_TOKEN,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert guarded.outcomes == ["allowed"] * 12
    assert client.asked == ["tokenreviews", "subjectaccessreviews"]


def test_invented_tokens_cost_few_reviews_and_keep_nobody_out(real: Cluster) -> None:
    with counting(real) as (guarded, client), ThreadPoolExecutor(30) as strangers:
        assert guarded.ask(ADMIN_TOKEN).status == 200
        guarded.clock.passed += timedelta(seconds=YES + 1)
        client.asked.clear()
        statuses = [answer.status for answer in strangers.map(guarded.ask, (f"invented-{n}" for n in range(300)))]
        assert set(statuses) == {401, 503}
        assert client.asked == ["tokenreviews"] * 20
        assert guarded.ask(ADMIN_TOKEN).status == 200


def test_a_certificate_without_a_name_is_nobodys(guarded: Guarded) -> None:
    refused = guarded.guard(Request("GET", "/metrics", certificate=Certificate("")))
    assert refused is not None
    assert refused.status == 401
