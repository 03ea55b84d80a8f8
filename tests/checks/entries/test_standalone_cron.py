from __future__ import annotations

import pytest

from exporter.checks.entries.standalone_cron import standalone_cron
from tests.checks.entries.clusters import FEDORA, cron_of, platform
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import SSP_OWNED, Manifest, a_cron, findings

CHECK = standalone_cron
UNOWNED = {"annotations": dict.fromkeys(SSP_OWNED)}
MINE = a_cron("console-made", managed="mine", metadata=UNOWNED)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(platform(), id="SSP's"),
        pytest.param([MINE], id="without SSP all are made by hand"),
        pytest.param(platform(entries=[], crons=[cron_of(FEDORA, metadata=UNOWNED)]), id="of the name of an entry"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert findings(CHECK, *world) == ()


def test_fails() -> None:
    found = only_finding(CHECK, *platform(more=[MINE]))
    assert summarize(found) == (
        "info",
        "DataImportCron console-made",
        "metadata.annotations[operator-sdk/primary-resource]",
        "not set",
        "SSP as owner, or nothing if it is made by hand on purpose",
    )
