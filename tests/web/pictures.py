"""`python -m tests.web.pictures`: photographs the page on the sample cluster of the demo, for docs/images."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Final

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.demo.sample import sample_objects
from exporter.output.facts import facts_of
from exporter.web.routes import Router
from exporter.web.site import ClusterView
from tests.metrics.reports import a_finding, a_report
from tests.rig.npm import install, run
from tests.web.client import serving
from tests.web.pages import Elements, markup
from tests.web.test_browser import HERE
from tests.web.test_routes import State
from tests.worlds import IMAGES, NOW, a_cron, a_data_source, a_snapshot, a_template, cluster

PICTURES: Final = Path(__file__).parents[2] / "docs" / "images"
DIGEST: Final = PICTURES / "page.digest"
_KINDS: Final = {resource.kind for resource in WATCHED}
LOOKS: Final = (
    ("page", "/", 1280, "light"),
    ("page-dark", "/", 1280, "dark"),
    ("page-phone", "/", 390, "light"),
    ("page-boot-source", f"/boot-sources/{IMAGES}/fedora", 1280, "light"),
)


def sample_state() -> State:
    """The sample cluster at a fixed time, so that the pictures change only when the page does."""
    frozen = cluster(*(manifest for manifest in sample_objects(NOW) if manifest["kind"] in _KINDS))
    state = State(evaluate_cluster(frozen, NOW).report, frozen)
    state.site.clusters = {
        "": ClusterView("", "https://api.example:6443", state.judged, tuple, lambda: facts_of(frozen))
    }
    return state


def layout_digest() -> str:
    """Changes when the pages look different: with the style sheet, or with the elements of two small pages."""
    frozen = cluster(a_cron(), a_data_source(), a_snapshot(), a_template())
    report = a_report(a_finding("fedora", kind="DataSource"))
    digest = hashlib.sha256(files("exporter.output.html").joinpath("style.css").read_bytes())
    for path in ("/", f"/boot-sources/{IMAGES}/fedora"):
        elements = Elements(markup(report, path, frozen=frozen))
        digest.update(json.dumps([elements.tags, elements.classes]).encode())
    return digest.hexdigest()


def photograph(folder: Path) -> list[dict[str, object]]:
    """Write the pictures, and tell what the browser says of each page."""
    install(HERE)
    with serving(Router(sample_state().site, lambda _route, _code: None)) as server:
        looks = [
            {"world": "sample", "path": path, "width": width, "mode": mode, "picture": str(folder / f"{name}.png")}
            for name, path, width, mode in LOOKS
        ]
        bases = {"sample": f"http://127.0.0.1:{server.port}"}
        told = json.loads(run("node", "browser.mjs", json.dumps(bases), json.dumps(looks), folder=HERE))
    return list(told["looks"])


if __name__ == "__main__":
    photograph(PICTURES)
    DIGEST.write_text(f"{layout_digest()}\n")
