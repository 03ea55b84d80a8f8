from __future__ import annotations

import pytest

from exporter.checks.storage.default_annotation_without_effect import default_annotation_without_effect
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_storage_class, findings, status

CHECK = default_annotation_without_effect
VIRT = "storageclass.kubevirt.io/is-default-virt-class"
KUBERNETES = "storageclass.kubernetes.io/is-default-class"
BETA = "storageclass.beta.kubernetes.io/is-default-class"


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_storage_class()], id="no annotation"),
        pytest.param([a_storage_class(virt="true", default="true")], id="true"),
        pytest.param([a_storage_class(virt="false", default="false", beta="false")], id="false is a legal no"),
        pytest.param([a_storage_class(default="true", beta="true")], id="the beta key beside the real one"),
        pytest.param([a_storage_class(virt="true")], id="virt, CDI of unknown version"),
        pytest.param([a_storage_class(virt="true"), a_cdi("v1.58.0")], id="virt, CDI 1.58"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("world", "key", "observed", "expected", "words"),
    [
        pytest.param(
            [a_storage_class(virt="True")],
            VIRT,
            "True",
            "exactly true or false",
            "does not make it default",
            id="virt True",
        ),
        pytest.param(
            [a_storage_class(default="yes")],
            KUBERNETES,
            "yes",
            "exactly true or false",
            "does not",
            id="Kubernetes yes",
        ),
        pytest.param([a_storage_class(beta="1")], BETA, "1", "exactly true or false", "does not", id="beta 1"),
        pytest.param(
            [a_storage_class(beta="true")],
            BETA,
            "true",
            f"{KUBERNETES}=true, or no such annotation",
            "for CDI it is not",
            id="beta only",
        ),
        pytest.param(
            [a_storage_class(virt="true"), a_cdi("v1.57.1")],
            VIRT,
            "true",
            "CDI 1.58 or later",
            "CDI 1.57 does not know",
            id="old CDI",
        ),
    ],
)
def test_an_annotation_without_effect_is_a_hint(
    world: list[Manifest], key: str, observed: str, expected: str, words: str
) -> None:
    finding = only_finding(CHECK, *world)
    assert summarize(finding) == ("info", "StorageClass fast", f"metadata.annotations[{key}]", observed, expected)
    assert words in finding.summary
    right = KUBERNETES if a_cdi("v1.57.1") in world else VIRT
    assert fix_command(finding) == f"kubectl annotate storageclass fast {right}=true --overwrite"
    beside = only_finding(CHECK, *world, a_storage_class("other", default="true"))
    assert fix_command(beside) == f"kubectl annotate storageclass fast {key}-"


def test_each_key_is_a_finding_of_its_own() -> None:
    found = findings(CHECK, a_storage_class(virt="True", default="TRUE"))
    assert len({f.fingerprint for f in found}) == 2
