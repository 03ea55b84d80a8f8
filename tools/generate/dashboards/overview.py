"""Boot sources overview: is anything broken, how many, since when, what next."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards import causes, platform, sources
from tools.generate.dashboards.model import FINDINGS, IMPORTS, RESTARTS, Dashboard, Row

OVERVIEW: Final = Dashboard(
    uid="bootsource-overview",
    title="Boot sources overview",
    description="Will the next virtual machine boot the right image? If not: why, since when, and what to mend first.",
    rows=(
        Row("Answer", causes.FIRST),
        Row("Causes", (causes.CAUSES,)),
        Row("Boot sources", sources.PANELS),
        Row("Platform", platform.PANELS),
    ),
    annotations=(FINDINGS, IMPORTS, RESTARTS),
)
