"""Rules, places, suppressions: what lint says of a text."""

from __future__ import annotations

import pytest

from exporter.lint.releases import parse_target
from exporter.lint.rules.catalogue import RULES
from tests.lint.linting import SAMPLES, found, lint_text, only

_CRON = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataImportCron
metadata: {name: debian}
spec:
  schedule: "0 3 * * *"
  managedDataSource: debian
  template:
    spec:
      source: {registry: {url: "docker://quay.io/containerdisks/debian:12"}}
      storage: {resources: {requests: {storage: 30Gi}}}
"""


def healthy_samples() -> list[tuple[str, str]]:
    names = sorted(p.name for p in SAMPLES.glob("healthy-*.yaml") if "findings" not in p.name)
    releases = [name.removeprefix("healthy-").split("-")[0].removesuffix(".yaml") for name in names]
    return [(name, release if release[0].isdigit() else "4.22") for name, release in zip(names, releases, strict=True)]


@pytest.mark.parametrize(("name", "release"), healthy_samples(), ids=lambda value: value)
def test_healthy_samples_are_clean(name: str, release: str) -> None:
    linted = lint_text((SAMPLES / name).read_text("utf-8"), release)
    assert (linted.findings, linted.skipped) == ([], [])
    assert linted.objects >= 10


def test_a_valid_manifest_is_clean_on_all_releases() -> None:
    assert found(_CRON, "4.12..5.0") == []


def test_a_list_is_opened_and_places_are_those_of_the_file() -> None:
    item = "".join(f"  {line}\n" for line in _CRON.replace("30Gi", "30GB").splitlines())
    text = f"# two\n---\napiVersion: v1\nkind: List\nitems:\n-{item[1:]}-{item[1:].replace('debian', 'other')}"
    assert found(text) == ["15:42 entry-refused-by-cdi", "25:42 entry-refused-by-cdi"]


def test_json_is_linted() -> None:
    text = '{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",\n "metadata": {"name": "a", "annotations":\n'
    text += '  {"storageclass.kubevirt.io/is-default-virt-class": "yes"}}}'
    assert found(text) == ["3:4 default-annotation-without-effect"]


def test_the_message_says_what_and_where_and_what_to_do() -> None:
    finding = only(_CRON.replace("docker://quay.io", "quay.io"))
    assert finding.summary == (
        "CDI refuses DataImportCron debian because the URL quay.io/containerdisks/debian:12 does not begin with "
        "docker:// or oci-archive://"
    )
    assert finding.remedy == ("Set spec.template.spec.source.registry.url to docker://quay.io/containerdisks/debian:12")
    assert (finding.field, finding.object.kind) == ("spec.template.spec.source.registry.url", "DataImportCron")
    assert finding.page.endswith("/docs/lint.md#entry-refused-by-cdi")
    assert finding.fixable


@pytest.mark.parametrize(
    ("target", "clause"),
    [
        ("4.18", "has no effect, since CDI knows it only from 1.63 on"),
        ("4.18..4.23", "only from 1.63 on (OpenShift Virtualization 4.18 to 4.19)"),
        ("4.20..4.23", ""),
    ],
)
def test_a_message_says_for_which_releases_it_holds(target: str, clause: str) -> None:
    text = _CRON.replace('debian:12"', 'debian:12", platform: {architecture: arm64}')
    findings = lint_text(text, target).findings
    assert [f.summary.endswith(clause) for f in findings] == [True] * bool(clause)


@pytest.mark.parametrize(
    ("text", "releases"),
    [("4.22", "4.22"), ("1.18", "4.22"), ("4.18..4.20", "4.18..4.20"), ("1.14..4.19", "4.18..4.19"), ("5.0", "5.0")],
)
def test_targets(text: str, releases: str) -> None:
    assert str(parse_target(text)) == releases


@pytest.mark.parametrize("text", ["", "latest", "4.2", "4.20..4.18", "..", "4.18..", "9" * 5000])
def test_targets_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        parse_target(text)


@pytest.mark.parametrize(
    "text",
    [
        _CRON.replace("name: debian}", "name: {{ .Values.name }}}"),
        _CRON.replace("spec:\n  schedule", "{{- if .Values.on }}\nspec:\n  schedule"),
        _CRON.replace("name: debian}", 'name: "{{ name }}"}'),
    ],
)
def test_templates_are_skipped_and_said_to_be(text: str) -> None:
    linted = lint_text(text)
    assert linted.findings == []
    assert len(linted.skipped) == 1
    assert "lint what it renders to" in linted.skipped[0].why


def test_a_template_inside_of_a_script_is_no_template() -> None:
    text = _CRON + "  note: |\n    #!jinja\n    {{ v1.local_hostname }}\n"
    assert found(text) == ["11:3 field-unknown"]


def test_what_is_filled_in_later_is_not_judged() -> None:
    assert found(_CRON.replace('"0 3 * * *"', '"${SCHEDULE}"').replace("30Gi", '"${SIZE}"')) == []


def test_a_broken_document_costs_only_itself() -> None:
    text = f"{_CRON}---\nkind: DataImportCron\na: [1\nb: 2\n---\n{_CRON.replace('30Gi', '0')}"
    assert found(text) == ["14:2 manifest-unreadable", "25:40 entry-refused-by-cdi"]


def test_a_repeated_key_is_reported_at_its_line() -> None:
    assert found(_CRON + "  schedule: again\n")[0].split()[1] == "manifest-unreadable"


class TestSuppression:
    BAD = _CRON.replace("0 3 * * *", "0 3 * * 8")

    def test_at_the_end_of_the_line(self) -> None:
        text = self.BAD.replace('8"', '8" # bootsource-lint: invalid-schedule; reason=for a test')
        assert only(text).suppressed == "for a test"

    def test_on_the_line_above(self) -> None:
        text = self.BAD.replace("  schedule", "  # bootsource-lint: invalid-schedule; reason=x\n  # why\n  schedule")
        assert only(text).suppressed == "x"

    def test_of_a_document(self) -> None:
        text = f"{_CRON}---\n# bootsource-lint: *; reason=generated\n{self.BAD}"
        assert only(text).suppressed == "generated"

    def test_not_of_another_line_or_rule(self) -> None:
        text = self.BAD.replace("  managed", "  # bootsource-lint: rival-cron; reason=x\n  managed")
        assert found(text) == ["5:3 invalid-schedule", "6:3 lint-suppression-unused"]

    @pytest.mark.parametrize(
        "words", ["invalid-schedule", "invalid-schedule; reason=", "nonsense; reason=x", "; reason=x"]
    )
    def test_a_malformed_one_is_reported(self, words: str) -> None:
        text = self.BAD.replace('8"', f'8" # bootsource-lint: {words}')
        assert found(text) == ["5:3 invalid-schedule", "5:25 lint-suppression-malformed"]


def test_ids_are_unique_and_described() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.title and rule.meaning and rule.mitigation for rule in RULES)
