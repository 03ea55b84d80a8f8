"""What a release installs names its image by digest, whether Kustomize or Helm installs it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from exporter.base.project import IMAGE
from tests.deploy.rendering import CHART, OVERLAYS, ROOT, built, container, objects, run
from tests.rig.build import build
from tools import pin_image

pytestmark = pytest.mark.manifests

DIGEST: Final = f"sha256:{'0123456789abcdef' * 4}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What is installed, as a clone has it."""
    for folder in ("deploy", "rules", "dashboards"):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True)
    return tmp_path


def charted(checkout: Path, *settings: str) -> str:
    chosen = [word for setting in settings for word in ("--set", setting)]
    done = run(build("helm"), "template", "x", checkout / CHART.relative_to(ROOT), "--kube-version", "1.31.0", *chosen)
    assert done.returncode == 0, done.stderr
    return str(container(objects(done.stdout))["image"])


def test_every_overlay_and_the_chart_name_the_digest(checkout: Path) -> None:
    assert pin_image.main([DIGEST, str(checkout)]) == 0
    for name in OVERLAYS:
        assert container(built(checkout / "deploy/kustomize/overlays" / name))["image"] == f"{IMAGE}@{DIGEST}"
    assert charted(checkout) == f"{IMAGE}@{DIGEST}"
    assert charted(checkout, "image.repository=mirror.example.com/us") == f"mirror.example.com/us@{DIGEST}"


def test_what_a_site_names_wins_over_the_digest_of_the_release(checkout: Path) -> None:
    assert pin_image.main([DIGEST, str(checkout)]) == 0
    other = DIGEST.replace("0", "f")
    assert charted(checkout, "image.tag=v9") == f"{IMAGE}:v9"
    assert charted(checkout, f"image.digest={other}", "image.tag=v9") == f"{IMAGE}@{other}"


@pytest.mark.parametrize("digest", ["sha256:12", "v1", DIGEST.upper(), f"{DIGEST}\n", ""])
def test_what_is_not_a_digest_changes_nothing(checkout: Path, digest: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (checkout / pin_image.BASE).read_text()
    assert pin_image.main([digest, str(checkout)]) == 1
    assert "is not a digest" in capsys.readouterr().err
    assert (checkout / pin_image.BASE).read_text() == before


def test_pinning_twice_is_refused(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pin_image.main([DIGEST, str(checkout)]) == 0
    assert pin_image.main([DIGEST, str(checkout)]) == 1
    assert "run this once, in a clean checkout" in capsys.readouterr().err


def test_the_image_is_the_one_that_the_manifests_name() -> None:
    assert pin_image.IMAGE == IMAGE


def test_the_release_pins_before_it_packs() -> None:
    workflow = (ROOT / ".github/workflows/release.yml").read_text()
    steps = [workflow.index(text) for text in ("tools/pin_image.py", "--create --gzip", "helm package")]
    assert steps == sorted(steps)
    assert re.search(r"needs: \[files, image\]", workflow)
