"""What the page about installing says can be done, works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.rendering import (
    KUSTOMIZE,
    OVERLAYS,
    ROOT,
    VALUES,
    built,
    configuration,
    container,
    environment,
    helm,
    objects,
    objects_of_kind,
)
from tests.deploy.test_both_forms import layered

PAGE = (ROOT / "docs/installing.md").read_text()
TEXTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def check(file: str) -> str:
    """What the program has against a configuration file."""
    command = [sys.executable, "-m", "exporter", "config", "check", "--config", file]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


EXAMPLES = [yaml.safe_load(text) for text in TEXTS]


def test_every_overlay_is_offered_with_the_values_that_make_the_same() -> None:
    rows = dict(re.findall(r"^\| [^|]+ \| `([a-z-]+)` \| `?([^|`]+?)`? \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(OVERLAYS)
    for name, values in VALUES.items():
        assert rows[name] == (values[0] if values else "nothing")


def test_the_kustomization_of_a_site_works(tmp_path: Path) -> None:
    (example,) = (each for each in EXAMPLES if each.get("kind") == "Kustomization")
    made = layered(tmp_path, *yaml.safe_dump(example).splitlines())
    (deployment,) = objects_of_kind(made, "Deployment")
    assert deployment["spec"]["replicas"] == 2
    assert container(made)["image"].startswith("mirror.example.com/bootsource-exporter:")
    assert "severity: critical" in configuration(made)


def test_the_values_of_a_site_are_accepted(tmp_path: Path) -> None:
    (example,) = (text for text in TEXTS if text.startswith("platform:"))
    file = tmp_path / "values.yaml"
    file.write_text(example)
    done = helm(values=file)
    assert done.returncode == 0, done.stderr
    made = objects(done.stdout)
    assert environment(made)["BOOTSOURCE_DISABLE"] == "virtualmachines"
    file.write_text(configuration(made))
    assert check(str(file)) == ""


@pytest.mark.parametrize("key", ["networkPolicy", "monitoring"])
def test_other_examples_of_values_are_accepted_and_say_what_the_chart_knows(tmp_path: Path, key: str) -> None:
    texts = [*TEXTS, *re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/security.md").read_text(), re.DOTALL)]
    (example,) = (loaded for text in texts if set(loaded := yaml.safe_load(text)) == {key})
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(example))
    plain, made = (helm("tls.secretName=x", values=values) for values in (None, file))
    assert made.returncode == 0, made.stderr
    assert made.stdout != plain.stdout


def test_the_certificate_is_what_the_overlay_looks_for() -> None:
    (certificate,) = (each for each in EXAMPLES if each.get("kind") == "Certificate")
    made = built(KUSTOMIZE / "overlays/prometheus-operator-tls")
    (monitor,) = objects_of_kind(made, "ServiceMonitor")
    tls = monitor["spec"]["endpoints"][0]["tlsConfig"]
    assert certificate["spec"]["dnsNames"] == [tls["serverName"]]
    assert certificate["spec"]["secretName"] == tls["ca"]["secret"]["name"]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"deploy/kustomize/[a-z/-]+[a-z]", PAGE))))
def test_folders_that_are_named_are_there(path: str) -> None:
    assert (ROOT / path / "kustomization.yaml").is_file()


def test_what_is_installed_is_listed() -> None:
    listed = PAGE.partition("## What is installed")[2].partition("\n## ")[0]
    kinds = {item["kind"] for name in OVERLAYS for item in built(KUSTOMIZE / "overlays" / name)}
    kinds -= {"Namespace"}
    for kind in kinds:
        short = kind.removesuffix("Binding")
        assert short in listed or kind in listed, kind
