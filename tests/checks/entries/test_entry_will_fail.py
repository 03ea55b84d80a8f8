from __future__ import annotations

from typing import Any, Final

import pytest

from exporter.checks.entries.entry_will_fail import entry_will_fail
from exporter.checks.polling.digest_unknown import digest_unknown
from tests.checks.entries.clusters import CORP, apply_command, cron_of
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, an_hco, condition, merge, status

CHECK = entry_will_fail
ENTRY: Final = "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].spec"
CDI: Final = a_cdi()


def spec(**fields: Any) -> Manifest:
    return merge(CORP, {"spec": fields})


def entry(**volume: Any) -> Manifest:
    return spec(template={"spec": volume})


def registry(**fields: Any) -> Manifest:
    return entry(source={"registry": {"pullMethod": None, **fields}})


@pytest.mark.parametrize(
    "good",
    [
        pytest.param(CORP, id="fine"),
        pytest.param(spec(retentionPolicy="All"), id="All"),
        pytest.param(spec(managedDataSource="corp.golden"), id="dots are allowed in names"),
        pytest.param(registry(platform={"architecture": "s390x"}), id="architecture"),
        pytest.param(registry(url="docker://localhost:5000/a/b__c:v1.2_3"), id="reference"),
        pytest.param(entry(storage={"volumeMode": "Block", "storageClassName": "fast"}), id="class and mode"),
        pytest.param(registry(url="https://x"), id="what is refused is not judged again"),
        pytest.param(spec(importsToKeep=0), id="another check tells that"),
        pytest.param(spec(retentionPolicy="none"), id="nothing fails of a field without effect"),
        pytest.param(registry(url="docker://quay.io/x@sha256:" + "a" * 64), id="another check tells that as well"),
    ],
)
def test_passes(good: Manifest) -> None:
    assert status(CHECK, an_hco(entries=[good]), CDI) == "pass"


@pytest.mark.parametrize(
    ("bad", "field", "says", "fixed"),
    [
        pytest.param(
            spec(managedDataSource="Corp_Linux"),
            ".managedDataSource",
            "cannot create a DataSource named Corp_Linux",
            "corp-linux",
            id="managedDataSource",
        ),
        pytest.param(
            registry(platform={"architecture": "x86_64"}),
            ".template.spec.source.registry.platform.architecture",
            "no node and no image has the architecture x86_64",
            "amd64",
            id="architecture",
        ),
        pytest.param(
            registry(url="docker://"),
            ".template.spec.source.registry.url",
            "does not name an image",
            None,
            id="docker:// alone",
        ),
        pytest.param(
            registry(url="docker://quay.io/Corp/linux:1"),
            ".template.spec.source.registry.url",
            "does not name an image",
            "docker://quay.io/corp/linux:1",
            id="upper case in a repository",
        ),
        pytest.param(
            registry(url="DOCKER://quay.io/corp/linux:1"),
            ".template.spec.source.registry.url",
            "in lower case only",
            "docker://quay.io/corp/linux:1",
            id="upper case in the scheme",
        ),
        pytest.param(
            registry(url="oci-archive:///images/linux.tar"),
            ".template.spec.source.registry.url",
            "no image can be imported",
            None,
            id="oci-archive",
        ),
        pytest.param(
            entry(storage={"storageClassName": ""}),
            ".template.spec.storage.storageClassName",
            "an empty storageClassName is used as it is",
            None,
            id="empty class",
        ),
        pytest.param(
            entry(storage={"volumeMode": "block"}),
            ".template.spec.storage.volumeMode",
            "is not a volumeMode",
            "Block",
            id="volumeMode",
        ),
    ],
)
def test_says_what_will_happen(bad: Manifest, field: str, says: str, fixed: str | None) -> None:
    hco = an_hco(entries=[bad])
    found = only_finding(CHECK, hco, CDI)
    assert summarize(found)[:3] == ("warning", "HyperConverged kubevirt-hyperconverged", ENTRY + field)
    assert says in found.summary
    if found.fix is not None:
        after = apply_command(fix_command(found), hco)
        assert status(CHECK, after, CDI) == "pass"
    if fixed is not None:
        assert fixed in fix_command(found)


def test_a_cron_without_an_entry_is_named_itself() -> None:
    cron = cron_of(spec(managedDataSource="Corp"))
    found = only_finding(CHECK, an_hco(), CDI, cron)
    assert summarize(found)[1:3] == ("DataImportCron corp-image-cron", "spec.managedDataSource")
    assert found.fix is None


def test_explains_why_nothing_is_imported() -> None:
    bad = registry(platform={"architecture": "sparc"})
    cron = cron_of(bad)
    says = [condition("UpToDate", "False", "NoDigest", "No source digest", hours=5)]
    silent = {**cron, "status": {"conditions": says}}
    assert cause_ids((CHECK,), digest_unknown, an_hco(entries=[bad]), CDI, silent) == {"entry-will-fail"}


def test_a_cron_of_an_entry_is_not_told_twice() -> None:
    bad = spec(managedDataSource="Corp")
    assert only_finding(CHECK, an_hco(entries=[bad]), CDI, cron_of(bad)).object.kind == "HyperConverged"
