"""docs/lint.md: how to check manifests before they are applied, and every rule."""

from __future__ import annotations

from typing import Final

from exporter.lint.rule import Rule
from exporter.lint.rules.catalogue import RULES
from tools.generate.markdown import (
    as_sentence,
    code_block,
    format_code,
    format_link,
    format_paragraphs,
    format_prose,
    join_blocks,
    markdown_table,
)

_INTRODUCTION: Final = """\
`bootsource-exporter lint PATH...` checks manifests of boot sources in files, before they are applied: plain YAML and
JSON, several documents, Lists, folders, and with `-` what Kustomize or Helm prints. It needs no cluster and looks at no
status. It reads HyperConverged, SSP, DataImportCron, DataSource, DataVolume, StorageClass, StorageProfile,
VolumeSnapshotClass, Template, VirtualMachineTemplate and VirtualMachine, and skips all else."""
_EXAMPLES: Final = """\
bootsource-exporter lint clusters/                                  # all manifests below a folder
kustomize build overlays/prod | bootsource-exporter lint -          # what will be applied
bootsource-exporter lint --for 4.22 --fix hyperconverged.yaml       # correct what is safe to correct"""
_VERSIONS: Final = """\
`--for` names the releases that the manifests are meant for: one, such as `4.22`, a range, such as `4.18..4.23`, or a
version of HCO, such as `1.18`. Without it that is `4.18..4.23`. A message that does not hold for all of them says for
which it does. A release that is newer than all that are known is judged by the newest rules."""
_KNOWING: Final = """\
What files cannot tell is not said. A value with a placeholder (`${NAME}`) is not judged. Documents that are templates
(Helm, Jinja) are skipped and listed, as are templates of a Helm chart and patches of a kustomization: lint what they
render to. Several defaults, and DataImportCrons for one DataSource, are looked for in one folder, since other folders
may be for other clusters. A missing DataSource is reported only if the files declare boot sources at all."""
_SUPPRESSING: Final = """\
A comment suppresses findings of its line, of the next line if it stands alone, or of a whole document if it stands
above its first line. The reason is required; a comment that suppresses nothing is reported."""
_SUPPRESSION: Final = """\
schedule: "0 */5 * * *"  # bootsource-lint: schedule-misleading; reason=five polls a day are meant"""
_BASELINE: Final = """\
With `--baseline FILE`, a report that `lint --output json` has printed, only new findings count. A finding is the same
if rule, file, object, field and text are; its line may have moved."""
_OUTPUT: Final = """\
`--output` is `table`, `json`, `markdown`, `junit`, `sarif` (2.1.0, for code review) or `github` (annotations of a
workflow). Exit codes are those of `audit`: 0 no findings from `--fail-on` on, 1 findings, 2 usage, 3 something could
not be read."""
_FIX: Final = """\
`--fix` corrects what can be meant in one way only and costs nothing that works. It changes the characters concerned and
nothing else: comments and layout stay. What is parsed afterwards is compared with what was meant; an edit that does not
fit is not made. With `-` the corrected text goes to standard output and the report to standard error."""
_PIPELINES: Final = """\
For pre-commit, name this repository and the hook `bootsource-lint`. For GitHub there is a composite action in
`deploy/lint/github`, for GitLab an example in `deploy/lint/gitlab-ci.yml`."""
_PRE_COMMIT: Final = """\
repos:
  - repo: https://github.com/bootsource-exporter/bootsource-exporter
    rev: v0.1.0
    hooks:
      - id: bootsource-lint
        args: [--for, "4.22"]"""


def lint_page() -> str:
    """How it is used, and every rule."""
    rows = [
        (
            format_link(format_code(rule.id), f"#{rule.id}"),
            rule.severity.value,
            "yes" if rule.fixes else "",
            format_prose(rule.title),
        )
        for rule in RULES
    ]
    return join_blocks(
        "# Lint",
        _INTRODUCTION,
        code_block(_EXAMPLES, "bash"),
        "## Releases",
        _VERSIONS,
        "## What is not said",
        _KNOWING,
        "## Output and exit codes",
        _OUTPUT,
        f"JSON has a {format_link('schema', 'lint.schema.json')}.",
        "## Corrections",
        _FIX,
        "## Suppressions and baseline",
        _SUPPRESSING,
        code_block(_SUPPRESSION, "yaml"),
        _BASELINE,
        "## In pipelines",
        _PIPELINES,
        code_block(_PRE_COMMIT, "yaml"),
        "## Rules",
        markdown_table(("Rule", "Severity", "`--fix`", "Problem"), rows),
        *(_describe(rule) for rule in RULES),
    )


def _describe(rule: Rule) -> str:
    told = [f"{format_prose(as_sentence(rule.meaning))} {format_prose(as_sentence(rule.mitigation))}"]
    if rule.checked:
        told = [format_paragraphs(rule.meaning)]
        page = format_link(format_code(rule.id), f"checks/{rule.id}.md")
        told.append(f"A check finds the same in a cluster: {page} says why it matters and what to do.")
    if rule.since:
        told.append(f"Releases: {format_prose(as_sentence(rule.since))}")
    if rule.fixes:
        told.append(f"`--fix` corrects {format_prose(as_sentence(rule.fixes))}")
    return join_blocks(f"### {rule.id}", *told).rstrip("\n")
