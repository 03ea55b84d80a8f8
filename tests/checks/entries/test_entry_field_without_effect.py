from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries.entry_field_without_effect import entry_field_without_effect
from tests.checks.entries.clusters import CORP, apply_command, cron_of
from tests.checks.storage.assertions import fix_command, only_finding
from tests.worlds import Manifest, a_cdi, an_hco, merge, status

CHECK = entry_field_without_effect
CDI = a_cdi()


def spec(**fields: Any) -> Manifest:
    return merge(CORP, {"spec": fields})


def registry(**fields: Any) -> Manifest:
    return spec(template={"spec": {"source": {"registry": fields}}})


@pytest.mark.parametrize(
    "good",
    [
        pytest.param(CORP, id="fine"),
        pytest.param(spec(retentionPolicy="All"), id="All"),
        pytest.param(registry(pullMethod="pod", secretRef="creds"), id="pods use the secret"),
        pytest.param(spec(managedDataSource="Corp"), id="what fails is another finding"),
    ],
)
def test_passes(good: Manifest) -> None:
    assert status(CHECK, an_hco(entries=[good]), CDI) == "pass"


@pytest.mark.parametrize(
    ("bad", "says", "expected"),
    [
        pytest.param(spec(retentionPolicy="none"), "reads whatever is not None as All", "None or All", id="policy"),
        pytest.param(
            registry(pullMethod="node", secretRef="creds"),
            "secretRef has no effect",
            "not set, or pullMethod pod",
            id="secret",
        ),
        pytest.param(
            registry(pullMethod="node", certConfigMap="ca"),
            "certConfigMap has no effect",
            "not set, or pullMethod pod",
            id="certificates",
        ),
    ],
)
def test_says_what_becomes_of_it(bad: Manifest, says: str, expected: str) -> None:
    hco = an_hco(entries=[bad])
    found = only_finding(CHECK, hco, CDI)
    assert (found.severity, found.expected) == ("info", expected)
    assert says in found.summary
    assert status(CHECK, apply_command(fix_command(found), hco), CDI) == "pass"


def test_a_field_that_this_version_drops() -> None:
    bad = registry(platform={"architecture": "arm64"})
    assert "CDI knows it only from 1.63 on" in only_finding(CHECK, an_hco(entries=[bad]), a_cdi("v1.62.0")).summary
    assert status(CHECK, an_hco(entries=[bad]), a_cdi("v1.63.0")) == "pass"
    assert status(CHECK, an_hco(entries=[bad])) == "pass"


def test_of_a_cron_without_an_entry() -> None:
    found = only_finding(CHECK, an_hco(), CDI, cron_of(spec(retentionPolicy="Keep")))
    assert (found.object.kind, found.field, found.fix) == ("DataImportCron", "spec.retentionPolicy", None)
