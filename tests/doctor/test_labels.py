"""What is known of the labels of an alert before it fires."""

from __future__ import annotations

import re

import pytest
import responses

from exporter.doctor.labels import alert_labels
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.routing import AlertLabels
from exporter.doctor.server import MonitoringServer

URL = "http://localhost:9090"
NAME = "BootSourceNotPolled"


def known(rules: object, config: str | None = "global: {}") -> AlertLabels:
    """Of one alert, by a Prometheus that tells this."""
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/api/v1/rules", json={"status": "success", "data": rules})
        if config is None:
            mock.get(re.compile(f"{URL}/.*"), status=403)
        else:
            mock.get(re.compile(f"{URL}/.*"), json={"status": "success", "data": {"yaml": config}})
        return alert_labels(MonitoringServer("Prometheus", URL))[NAME]


def loaded(*labels: dict[str, str]) -> dict[str, object]:
    """Copies of a rule with these labels."""
    return {"groups": [{"rules": [{"name": "Other"}, *({"name": NAME, "labels": each} for each in labels)]}]}


def test_what_the_loaded_rule_sets_counts_and_not_what_ours_would() -> None:
    alert = known(loaded({"namespace": "ops", "severity": "info"}))
    assert (alert.value("namespace"), alert.value("severity"), alert.value("team")) == ("ops", "info", "")
    assert alert.value("alertname") == NAME


def test_labels_of_instances_are_not_known() -> None:
    assert known(loaded({})).value("object") is None


def test_a_rule_that_is_not_loaded_has_the_labels_that_it_would_have() -> None:
    assert known(loaded()).value("team") == "virtualization"


def test_copies_that_differ() -> None:
    alert = known(loaded({"namespace": "ops", "team": "a"}, {"namespace": "lab", "team": "a"}))
    assert (alert.value("namespace"), alert.value("team")) == (None, "a")


def test_external_labels_are_added_where_there_is_none_of_the_name() -> None:
    alert = known(loaded({"team": "a"}), "global: {external_labels: {prometheus: k8s, team: b, object: c}}")
    assert (alert.value("prometheus"), alert.value("team"), alert.value("object")) == ("k8s", "a", None)


@pytest.mark.parametrize(
    "config",
    [
        *(None, "{", "[]", "7", "alerting: {alert_relabel_configs: [{action: drop}]}"),
        "alerting: {alertmanagers: [{alert_relabel_configs: [{action: drop}]}]}",
    ],
    ids=["not told", "broken", "a list", "a number", "relabelled", "relabelled for one"],
)
def test_without_the_configuration_there_may_be_other_labels(config: str | None) -> None:
    alert = known(loaded({"namespace": "ops"}), config)
    assert (alert.value("namespace"), alert.value("prometheus")) == ("ops", None)


@pytest.mark.parametrize("odd", [[], {"groups": [None]}, {"groups": [{"rules": [{}]}]}, "text"], ids=repr)
def test_odd_rules_are_a_fault(odd: object) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/api/v1/rules", json={"status": "success", "data": odd})
        with pytest.raises(QuestionError):
            alert_labels(MonitoringServer("Prometheus", URL))
