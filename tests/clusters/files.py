"""The sample clusters as files, and beside each what must be found in it.

Healthy and messy clusters are whole dumps, which `audit --from` reads. A cluster with one thing wrong is the difference
to the healthy one that it was: the objects that are gone, and those that are new or changed, whole. So a reader sees
what is broken. `python -m tests.clusters.files NAME` prints any of them whole; without a name it writes all files anew,
and their diff shows what a change of the checks means.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from exporter.checks.evaluate import evaluate_cluster
from exporter.report import Finding, FixText, Report
from tests.clusters.broken import BROKEN
from tests.clusters.healthy import healthy
from tests.clusters.sample import Sample
from tests.clusters.shapes import SHAPES
from tests.worlds import NOW, Manifest

FOLDER: Final = Path(__file__).parent / "samples"
HEALTHY: Final = tuple(f"healthy-{name}" for name in SHAPES)
NAMES: Final = (*HEALTHY, *BROKEN)
_HOW: Final = "# bootsource-exporter audit --complete --at 2026-08-21T12:00:00Z --from tests/clusters/samples/{}.yaml"


class _Compact(yaml.SafeDumper):
    """Innermost collections on one line, no anchors: as short as it can be read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Plain(yaml.SafeDumper):
    """One property per line."""


def sample(name: str) -> Sample:
    """The cluster of this name, made anew."""
    if name in HEALTHY:
        return healthy(name.removeprefix("healthy-"))
    shape, breaks = BROKEN[name]
    made = healthy(shape)
    breaks(made)
    return made


def about(name: str) -> str:
    """What it shows."""
    if name in HEALTHY:
        return f"Nothing is wrong: {name.removeprefix('healthy-')} as its controllers leave it."
    shape, breaks = BROKEN[name]
    return f"{' '.join((breaks.__doc__ or '').split())} Shape: {shape}."


def is_whole(name: str) -> bool:
    """Its file holds the whole cluster."""
    return name in HEALTHY or name.startswith("messy-")


def as_file(name: str) -> str:
    """The file of a cluster."""
    if is_whole(name):
        return f"# {about(name)}\n{_HOW.format(name)}\n{_yaml(sample(name).objects)}"
    base, made = healthy(BROKEN[name][0]), sample(name).objects
    were = {_key(o): o for o in base.objects}
    changed = [o for o in made if were.get(_key(o)) != o]
    gone = sorted(" ".join(key) for key in were.keys() - {_key(o) for o in made})
    head = {"base": f"healthy-{base.shape.name}", "gone": gone}
    return f"# {about(name)}\n{_yaml([head, *changed])}"


def _key(manifest: Manifest) -> tuple[str, str]:
    meta = manifest["metadata"]
    return manifest["kind"], "/".join(filter(None, (meta.get("namespace", ""), meta["name"])))


def _yaml(documents: list[Manifest]) -> str:
    return yaml.dump_all(
        documents, Dumper=_Compact, sort_keys=False, width=120, default_flow_style=None, explicit_start=True
    )


def load_cluster(name: str) -> list[Manifest]:
    """The manifests of the cluster that the file stands for."""
    documents = list(yaml.load_all((FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader))
    if is_whole(name):
        return documents
    head, *changed = documents
    new = {_key(o) for o in changed}
    kept = [o for o in load_cluster(head["base"]) if _key(o) not in new and " ".join(_key(o)) not in head["gone"]]
    return [*kept, *changed]


def describe_findings(report: Report) -> list[Manifest]:
    """A report's findings, reduced to what a reader would check."""
    by_mark = {f.fingerprint: f for f in report.findings}
    return [_describe(f, by_mark) for f in report.findings]


def _describe(finding: Finding, by_mark: dict[str, Finding]) -> Manifest:
    said = {
        "finding": f"{finding.severity} {finding.check}",
        "about": _where(finding),
        "summary": finding.summary,
        "field": finding.field,
        "observed": finding.observed,
        "expected": finding.expected,
        "causedBy": [f"{by_mark[m].check} {_where(by_mark[m])}" for m in finding.caused_by],
        "dependents": dict(finding.dependents),
        "fix": finding.fix.command if finding.fix else "",
        "fixes": [_fix(fix) for fix in finding.fixes],
    }
    return {key: value for key, value in said.items() if value}


def _fix(fix: FixText) -> Manifest:
    told = {"kind": fix.kind.value, "command": fix.command, "costs": fix.risk, "note": fix.note}
    return {key: value for key, value in told.items() if value}


def _where(finding: Finding) -> str:
    at = finding.object
    return " ".join(filter(None, (at.kind, "/".join(filter(None, (at.namespace, at.name))))))


def as_findings(name: str) -> str:
    """What must be found in it, as YAML."""
    found = describe_findings(evaluate_cluster(sample(name).view(), NOW).report)
    return yaml.dump(found, Dumper=_Plain, sort_keys=False, width=10_000, default_flow_style=False)


def findings(name: str) -> list[Manifest]:
    """What the file says must be found."""
    return list(yaml.load((FOLDER / f"{name}.findings.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader) or ())


def generate_files() -> Iterator[tuple[Path, str]]:
    """Every file and its content."""
    for name in NAMES:
        yield FOLDER / f"{name}.yaml", as_file(name)
        yield FOLDER / f"{name}.findings.yaml", as_findings(name)


def main(words: list[str]) -> int:
    """Print one, or write them all and remove what no sample stands for."""
    if words:
        sys.stdout.write(_yaml(sample(words[0]).objects))
        return 0
    FOLDER.mkdir(exist_ok=True)
    wanted = dict(generate_files())
    for old in set(FOLDER.iterdir()) - set(wanted):
        old.unlink()
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
