"""The program as users run it, with a configuration file that changes under it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from exporter.model.wire import SUPPRESS
from tests.e2e.test_serve import PROGRAM, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.worlds import a_cron, merge


def suppressing(check: str) -> str:
    """A configuration that mutes the findings of a check."""
    return f"suppressions: [{{check: {check}, reason: known here, owner: me}}]\n"


def test_a_change_of_the_file_counts_while_it_serves(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("checks: {polling-frozen: {severity: critical}}\n")
    with running("demo", "--config", str(file)) as demo:
        demo.ready()
        demo.until(lambda: {f["severity"] for f in demo.findings() if f["check"] == "polling-frozen"} == {"critical"})
        good = demo.samples("bootsource_config_hash")
        assert demo.samples("bootsource_config_last_reload_successful") == {(): 1}

        new = tmp_path / "new.yaml"
        new.write_text(suppressing("polling-frozen"))
        new.replace(file)
        demo.until(lambda: demo.samples("bootsource_findings_suppressed")["polling-frozen",] > 0)
        assert "polling-frozen" not in {labels[0] for labels in demo.samples("bootsource_finding")}
        (told,) = {json.dumps(f["suppressed"]) for f in demo.findings() if f["check"] == "polling-frozen"}
        assert json.loads(told)["owner"] == "me"
        demo.until(lambda: demo.samples("bootsource_config_hash") != good)
        assert b"known here" in demo.get("/")[1]

        file.write_text(suppressing("polling-frozn"))
        demo.until(lambda: demo.samples("bootsource_config_last_reload_successful") == {(): 0})
        assert b"polling-frozn" in demo.get("/")[1]
        assert demo.samples("bootsource_findings_suppressed")["polling-frozen",] > 0

        file.write_text("{}")
        demo.until(lambda: demo.samples("bootsource_config_last_reload_successful") == {(): 1})
        demo.until(lambda: demo.samples("bootsource_findings_suppressed")["polling-frozen",] == 0)
        assert b"polling-frozn" not in demo.get("/")[1]


def test_an_annotation_mutes_for_as_long_as_it_is_there(real: Cluster, kubeconfig: Path) -> None:
    real.load(WORLD)
    broken = a_cron("odd-image-cron", managed="odd", spec={"schedule": "nonsense"})
    real.apply(broken)
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        exporter.until(lambda: exporter.samples("bootsource_check_status")["invalid-schedule", "fail"] == 1)
        note = {SUPPRESS: "invalid-schedule; reason=a lab; owner=me\nnonsense"}
        real.apply(merge(broken, {"metadata": {"annotations": note}}))
        exporter.until(lambda: exporter.samples("bootsource_findings_suppressed")["invalid-schedule",] == 1)
        assert exporter.samples("bootsource_check_status")["invalid-schedule", "pass"] == 1
        found = {f["check"]: f for f in exporter.findings() if f["object"]["name"] == "odd-image-cron"}
        assert found["invalid-schedule"]["suppressed"]["source"] == "annotation"
        assert found["suppression-malformed"]["observed"] == "nonsense"
        real.apply(broken)
        exporter.until(lambda: exporter.samples("bootsource_check_status")["invalid-schedule", "fail"] == 1)


def test_without_a_file_there_is_nothing_to_tell() -> None:
    with running("demo") as demo:
        demo.ready()
        assert demo.samples("bootsource_config_last_reload_successful") == {}
        assert demo.samples("bootsource_config_hash") == {}


def test_a_file_with_mistakes_at_the_start_is_refused_with_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("lisen: x\nlog-level: loud\n")
    done = subprocess.run(
        [*PROGRAM, "serve", "--config", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 2
    assert "line 1: lisen" in done.stderr
    assert "line 2: log-level" in done.stderr
