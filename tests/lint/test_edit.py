"""Corrections: only the characters concerned change, and what is corrected is clean."""

from __future__ import annotations

import difflib

import pytest
import yaml

from tests.lint.linting import fixed, found, lint_text
from tests.lint.shapes import Shape, load_shapes
from tests.lint.test_lint import _CRON

FIXABLE = [s for s in load_shapes() if any(f.fixable for f in lint_text(s.text, s.target).findings)]

STYLED = """\
# Boot sources of the lab.   (two spaces stay)

apiVersion:   "cdi.kubevirt.io/v1beta1"
kind:  DataImportCron   # a kind
metadata:
    name:  'debian'

spec:
    # when
    schedule:   "0 3 * * *"
    managedDataSource: debian
    garbageCollect: 'outdated'     # comment behind
    importsToKeep:   0
    template:
        spec:
            source:
                registry:
                    url: >-
                        docker://quay.io/containerdisks/debian:12
                    pullMethod: "Node"
                    secretRef: pull   # goes away
                    # stays
            storage: {resources: {requests: {storage:   "30GB"  }}}
"""


def test_comments_and_layout_stay() -> None:
    diff = [line for line in difflib.ndiff(STYLED.splitlines(), fixed(STYLED).splitlines()) if line[:1] in "+-"]
    assert diff == [
        "-     garbageCollect: 'outdated'     # comment behind",
        "+     garbageCollect: 'Outdated'     # comment behind",
        "-     importsToKeep:   0",
        "+     importsToKeep:   1",
        '-                     pullMethod: "Node"',
        '+                     pullMethod: "node"',
        "-                     secretRef: pull   # goes away",
        '-             storage: {resources: {requests: {storage:   "30GB"  }}}',
        '+             storage: {resources: {requests: {storage:   "30G"  }}}',
    ]


@pytest.mark.parametrize("shape", FIXABLE, ids=lambda shape: shape.name)
def test_what_is_corrected_is_gone(shape: Shape) -> None:
    after = lint_text(fixed(shape.text, shape.target), shape.target)
    assert [f.rule for f in after.findings if f.fixable] == []
    assert yaml.safe_load_all(fixed(shape.text, shape.target)) is not None


def test_line_ends_stay() -> None:
    windows = STYLED.replace("\n", "\r\n")
    assert fixed(windows) == fixed(STYLED).replace("\n", "\r\n")


def test_a_file_without_a_last_line_break() -> None:
    text = _CRON.replace("{registry:", "{registry: {imageStream: rhel9}}\n      x: {registry:").rstrip("\n")
    assert found(fixed(text)) == [line for line in found(text) if "refused" not in line]


def test_an_anchor_that_is_used_elsewhere_is_not_edited() -> None:
    text = _CRON.replace("storage: 30Gi", "storage: &size 30GB").replace(
        "debian}", "debian, annotations: {size: *size}}"
    )
    ordered = text.replace("metadata: {name: debian, annotations: {size: *size}}\n", "")
    ordered += "metadata: {name: debian, annotations: {size: *size}}\n"
    assert fixed(ordered) == ordered
    assert "entry-refused-by-cdi" in found(ordered)[0]


def test_a_suppressed_finding_is_not_corrected() -> None:
    text = _CRON.replace("30Gi}}}", "30GB}}}  # bootsource-lint: entry-refused-by-cdi; reason=on purpose")
    assert fixed(text) == text


def test_many_documents_are_corrected_at_once() -> None:
    text = "---\n".join(_CRON.replace("30Gi", "30GB") for _ in range(20))
    assert fixed(text) == text.replace("30GB", "30G")
