"""`python -m tests.dashboards.pictures`: photographs the dashboards, on a week of real data, for docs/images."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.dashboards.documents import FOLDER
from tests.dashboards.live import run_prometheus, until
from tests.dashboards.preview import OF_GRAFANA, OF_PERSES, draw

LOOKS = [(mode, width) for mode in ("light", "dark") for width in (1920, 1280)]
IMAGES = FOLDER.parent / "docs" / "images"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, run_prometheus(Path(folder)) as prometheus:
        # What is asked about a span ends up to two minutes ago: by then it shall not be the past that was made up.
        until(lambda: prometheus.query("count_over_time(up[4m]) > 90"), seconds=400)
        draw(OF_GRAFANA, prometheus.url, LOOKS, IMAGES)
        draw(OF_PERSES, prometheus.url, LOOKS[:1], IMAGES)
