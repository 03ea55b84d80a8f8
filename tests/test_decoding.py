"""Machines have a decoder of their own: what comes out is what the decoder of all other kinds makes of them."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.cluster.resources import VIRTUAL_MACHINES
from exporter.model import fast_decoder
from exporter.model.cdi import DataSource
from exporter.model.interning import intern

MACHINE = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "resourceVersion": "17",
        "creationTimestamp": "2025-01-06T08:00:00Z",
        "annotations": {"kubevirt.io/immediate-data-volume-creation": "false"},
        "managedFields": [{"manager": "virt-controller", "fieldsV1": {"f:status": {}}}],
    },
    "spec": {
        "dataVolumeTemplates": [
            {
                "metadata": {"name": "root"},
                "spec": {"sourceRef": {"kind": "DataSource", "namespace": "images", "name": "rhel9"}},
            }
        ]
    },
    "status": {
        "created": False,
        "printableStatus": "Stopped",
        "conditions": [
            {"type": "Failure", "status": "True", "reason": "FailedCreate", "message": "no", "lastTransitionTime": "x"}
        ],
    },
}
PLACES = (
    *(("metadata",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "annotations")),
    *(("metadata", "creationTimestamp"), ("metadata", "resourceVersion"), ("spec",), ("spec", "dataVolumeTemplates")),
    *(("spec", "dataVolumeTemplates", 0), ("spec", "dataVolumeTemplates", 0, "metadata", "name")),
    *(("spec", "dataVolumeTemplates", 0, "spec"), ("spec", "dataVolumeTemplates", 0, "spec", "sourceRef")),
    *(("spec", "dataVolumeTemplates", 0, "spec", "sourceRef", "name"), ("status",), ("status", "created")),
    *(("status", "conditions"), ("status", "conditions", 0), ("status", "conditions", 0, "message")),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "true", "5", "2025-01-06T08:00:00+02:00", "2025-01-06", "\u00e4", "a" * 99]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["name", "api_version", "kind", "x"]), st.text(max_size=3), max_size=2),
)


def with_value(place: tuple[Any, ...], value: object) -> dict[str, Any]:
    """The machine with something else at one place."""
    machine: dict[str, Any] = json.loads(json.dumps(MACHINE))
    at: Any = machine
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return machine


def without(place: tuple[Any, ...]) -> dict[str, Any]:
    machine = with_value(place, None)
    at: Any = machine
    for step in place[:-1]:
        at = at[step]
    del at[place[-1]]
    return machine


def same(machine: dict[str, Any]) -> None:
    line = json.dumps({"type": "MODIFIED", "object": machine}).encode()
    assert VIRTUAL_MACHINES.codec().from_event(line) == replace(VIRTUAL_MACHINES, numerous=False).codec().from_event(
        line
    )


@given(st.sampled_from(PLACES), ODD)
def test_odd_values_are_decoded_or_rejected_as_everywhere(place: tuple[Any, ...], value: object) -> None:
    same(with_value(place, value))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_missing_fields_are_what_they_are_everywhere(place: tuple[Any, ...]) -> None:
    same(without(place))


def test_an_ordinary_machine_needs_no_second_look() -> None:
    decoded = fast_decoder.build_decoder(VIRTUAL_MACHINES.wire)(
        json.dumps({"type": "ADDED", "object": MACHINE}).encode()
    )
    row = VIRTUAL_MACHINES.row(decoded.object)
    assert row == VIRTUAL_MACHINES.codec().from_value(MACHINE).row
    assert row is not None
    assert [reference.name for reference in row.references] == ["rhel9"]


def test_a_model_that_calls_functions_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot afford a function per field"):
        fast_decoder.build_decoder(DataSource)


def test_equal_names_are_one_and_texts_that_differ_cost_nothing_for_ever() -> None:
    first, again = "".join(("name", "space")), "".join(("name", "space"))
    assert first is not again
    assert intern(first) is intern(again)
    tracemalloc.start()
    try:
        for number in range(50_000):
            intern(f"a name that has been there for a moment: {number}")
        assert tracemalloc.get_traced_memory()[0] < 2**21  # all of them would be five MiB
    finally:
        tracemalloc.stop()
