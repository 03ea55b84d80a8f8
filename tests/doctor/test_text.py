"""What people read, and what programs do; the example in the documentation is what is really printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from exporter.base.terminal import Style
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.doctor.cluster import missing_role
from exporter.doctor.diagnosis import Line, Standing, build_diagnosis, to_json
from exporter.doctor.render import render_text

DOCS = Path(__file__).parents[2] / "docs"
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
ACCOUNT = "system:serviceaccount:bootsource:bootsource-exporter"
EXAMPLE = (
    Line(link="cluster", subject="dataimportcrons", status="ok", said="served as v1beta1, 6 kept"),
    Line(
        link="cluster",
        subject="storageclasses",
        status="problem",
        said=f"{ACCOUNT} may not watch storageclasses of storage.k8s.io",
        remedy="give this account the permission: `kubectl apply -f -` takes the YAML below",
        manifest=missing_role(STORAGE_CLASSES, ACCOUNT),
    ),
    Line(
        link="cluster",
        subject="templates",
        status="unknown",
        said="failed: 503 Service Unavailable",
        remedy="see what answers for it in the cluster",
    ),
    Line(link="prometheus", subject="series", status="ok", said="one set of series from each of 2 replicas"),
    Line(
        link="alertmanager",
        subject="routes",
        status="problem",
        said="BootSourceMachineCreationBroken would reach nobody: receiver Critical sends nothing",
        remedy="add a route and a receiver for them; rules/alertmanager/ has an example",
    ),
)


def a_line(status: Standing) -> Line:
    return Line(link="cluster", subject="pods", status=status, said="as it is")


def test_the_example_in_the_documentation() -> None:
    assert f"```text\n{render_text(build_diagnosis(NOW, EXAMPLE), Style())}```" in (DOCS / "doctor.md").read_text()


@pytest.mark.parametrize(
    ("standings", "verdict", "first"),
    [
        (("ok",), "ok", "The chain holds, as far as it was looked at."),
        (("ok", "unknown"), "unknown", "Nothing is known to be broken, but 1 thing could not be told: cluster pods.\n"),
        (("unknown", "problem"), "problem", "The chain is broken at cluster pods: as it is."),
        (("problem", "problem"), "problem", "The chain is broken at cluster pods: as it is (2 problems in all)."),
    ],
)
def test_the_first_line_is_the_verdict(standings: tuple[Standing, ...], verdict: str, first: str) -> None:
    diagnosis = build_diagnosis(NOW, [a_line(each) for each in standings])
    assert diagnosis.verdict == verdict
    assert render_text(diagnosis, Style()).startswith(first)


def test_what_servers_say_cannot_play_with_the_terminal() -> None:
    nasty = Line(link="prometheus", subject="rules", status="problem", said="\x1b[2J\x07boom", remedy="\x1b[31m")
    assert "\x1b" not in render_text(build_diagnosis(NOW, [nasty]), Style())


def test_the_json_is_as_its_schema_says() -> None:
    document = json.loads(to_json(build_diagnosis(NOW, EXAMPLE)))
    jsonschema.validate(document, json.loads((DOCS / "doctor.schema.json").read_text()))
    assert document["schema"] == "bootsource.doctor/v1"
    assert [line["status"] for line in document["lines"]] == ["ok", "problem", "unknown", "ok", "problem"]


def test_the_first_line_of_what_could_not_be_told_says_what_to_do() -> None:
    lines = [a_line("ok"), Line(link="prometheus", subject="rules", status="unknown", said="?", remedy="ask again")]
    first = render_text(build_diagnosis(NOW, lines), Style()).partition("\n\n")[0].replace("\n", " ")
    assert first.endswith("1 thing could not be told: prometheus rules. Do this first: ask again")
