"""RULES: what lint looks at. A rule that a check has too takes its words from the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from exporter.checks import CHECKS
from exporter.lint.rule import Problem, Rule, Tree
from exporter.lint.rules.boot_sources import cron_problems
from exporter.lint.rules.hyperconverged import hyperconverged_problems
from exporter.lint.rules.metadata import metadata_problems
from exporter.lint.rules.references import reference_problems
from exporter.lint.rules.rivals import rival_problems
from exporter.lint.rules.ssp import ssp_problems
from exporter.lint.rules.storage import storage_problems
from exporter.lint.source import Manifest
from exporter.report import Severity

_CHECKS: Final = {check.id: check for check in CHECKS}
SYNTAX: Final = "manifest-unreadable"
UNUSED: Final = "lint-suppression-unused"
MALFORMED: Final = "lint-suppression-malformed"


def _check(name: str, *, fixes: str = "", since: str = "", mitigation: str = "") -> Rule:
    """A rule that is a check as well."""
    check = _CHECKS[name]
    return Rule(
        id=check.id,
        title=check.summary,
        severity=check.severity,
        meaning=check.meaning,
        mitigation=mitigation or check.mitigation,
        checked=True,
        fixes=fixes,
        since=since,
    )


def _own(
    name: str, title: str, severity: Severity, meaning: str, mitigation: str, *, fixes: str = "", since: str = ""
) -> Rule:
    """A rule about what only a manifest can show."""
    return Rule(
        id=name,
        title=title,
        severity=severity,
        meaning=meaning,
        mitigation=mitigation,
        checked=False,
        fixes=fixes,
        since=since,
    )


RULES: Final[tuple[Rule, ...]] = (
    _own(
        SYNTAX,
        "A manifest cannot be parsed",
        Severity.CRITICAL,
        "The document is not valid YAML or JSON, or a key stands twice in one object: which of the two was meant cannot "
        "be told. Documents that fail because they are templates (Helm, Jinja) are skipped, and said to be.",
        "Correct the document at the place that the message names.",
    ),
    _own(
        "api-version-not-served",
        "An object that no API server of these releases accepts",
        Severity.CRITICAL,
        "HyperConverged is `v1beta1`, and from 4.22 on also `v1`; its only name is `kubevirt-hyperconverged`.",
        "Use a version that the releases serve, with the fields of that version.",
    ),
    _own(
        "field-of-other-version",
        "A field of HyperConverged stands where another version has it",
        Severity.WARNING,
        "The version `v1` keeps boot sources below `spec.workloadSources`, `v1beta1` at the top of the spec; feature "
        "gates are a list in `v1` and a map in `v1beta1`. The API server drops a field that its version does not have "
        "without a word, so that the setting is lost.",
        "Move the field to the place that the message names, or change apiVersion.",
    ),
    _own(
        "field-unknown",
        "A field is misspelt, or stands at the wrong place",
        Severity.WARNING,
        "The API server drops fields that are not in the schema unless the client asks for strict validation. Often the "
        "indentation is wrong, as with `storage` beside `spec` of the template, or a name is in the singular.",
        "Correct the name or the place as the message says.",
        fixes="a misspelt name, unless it switches boot images on or off",
    ),
    _own(
        "metadata-refused",
        "A name, label or annotation that the API server refuses",
        Severity.CRITICAL,
        'Values of labels and annotations are strings: `true` and `1` need quotation marks, as in `"true"`. Names and '
        "keys have a limited length and a limited set of characters.",
        "Put the value in quotation marks, or correct the name.",
        fixes="quotation marks around values of labels and annotations",
    ),
    _check("gate-at-dead-path", since="HCO 1.15 (4.19) for `spec`, v1 for `spec.workloadSources`"),
    _check("entry-without-source"),
    _check(
        "entry-refused-by-cdi",
        fixes="what can be meant in one way only, such as `docker://` before an image, or pullMethod node with an "
        "ImageStream",
    ),
    _check(
        "entry-will-fail",
        fixes="architectures and URLs that are written in another way than CDI reads them",
    ),
    _check("entry-field-without-effect", fixes="secretRef and certConfigMap that are not used"),
    _check("duplicate-entry"),
    _check("duplicate-managed-data-source"),
    _check("rival-cron"),
    _check("enable-annotation-mistyped"),
    _check("invalid-schedule"),
    _check("schedule-never-fires"),
    _check("schedule-refused-by-cronjob", fixes="a time zone that is UTC"),
    _own(
        "schedule-misleading",
        "CDI reads a schedule otherwise than people think",
        Severity.INFO,
        "The schedule is valid. It polls at every minute of an hour, or more than 48 times a day; or it names a day of "
        "month and a day of week, of which one is enough; or it has a step that does not divide its range, which begins "
        "anew at each start of the range.",
        "Write a schedule that says plainly when to poll, for example `0 3 * * *`.",
    ),
    _check("image-pinned-by-digest"),
    _check("imports-to-keep-zero", fixes="importsToKeep 0 to 1"),
    _own(
        "retention-fills-storage",
        "Old images fill the storage",
        Severity.WARNING,
        "With garbageCollect Never CDI deletes no image; with a high importsToKeep it keeps as many beside each other, "
        "each of its full size.",
        "Leave garbageCollect out, and set importsToKeep to 1.",
    ),
    _check("default-annotation-without-effect"),
    _check("multiple-default-storage-classes"),
    _check("multiple-virt-default-storage-classes"),
    _check("clone-strategy-without-effect"),
    _own(
        "storage-profile-refused",
        "A StorageProfile that the API server refuses",
        Severity.WARNING,
        "Each item of claimPropertySets needs accessModes and volumeMode, and both have fixed values, as cloneStrategy "
        "and dataImportCronSourceFormat have.",
        "Write one of the values that the message names.",
        fixes="values in the wrong case",
    ),
    _own(
        "clone-source-refused",
        "A volume that no source can be told of",
        Severity.WARNING,
        "A volume has either source or sourceRef; a sourceRef names a DataSource and nothing else, and a DataSource has "
        "one source.",
        "Keep one source, of a kind that is supported.",
    ),
    _check("data-source-pointer-broken"),
    _check("machine-source-missing"),
    _check("template-source-missing"),
    _check("machine-template-source-missing"),
    _own(
        MALFORMED,
        "A suppression comment cannot be understood",
        Severity.WARNING,
        "A comment `# bootsource-lint: RULE[, RULE]; reason=TEXT` suppresses findings. The reason is required.",
        "Name rules of this page, and a reason.",
    ),
    _own(
        UNUSED,
        "A suppression comment suppresses nothing",
        Severity.INFO,
        "The finding is gone, or the comment does not stand at or above its line.",
        "Remove the comment, or move it.",
    ),
)
"""All rules, in the order in which the page lists them."""
BY_ID: Final = {rule.id: rule for rule in RULES}
_JUDGES: Final[tuple[Callable[[Tree], Iterable[tuple[Manifest, Problem]]], ...]] = (
    metadata_problems,
    hyperconverged_problems,
    ssp_problems,
    cron_problems,
    rival_problems,
    storage_problems,
    reference_problems,
)


def find_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """Everything that is wrong with the manifests."""
    for judge in _JUDGES:
        yield from judge(tree)
