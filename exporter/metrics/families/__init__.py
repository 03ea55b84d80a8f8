"""FAMILIES: everything that is exposed about a cluster, in the order of the exposition. One module per area."""

from __future__ import annotations

from typing import Final

from exporter.metrics.families.crons import CRONS
from exporter.metrics.families.data_sources import DATA_SOURCE_FAMILIES
from exporter.metrics.families.findings import FINDINGS
from exporter.metrics.families.images import IMAGES
from exporter.metrics.families.operators import OPERATORS
from exporter.metrics.families.references import REFERENCES
from exporter.metrics.families.resources import RESOURCES
from exporter.metrics.families.schedules import SCHEDULES
from exporter.metrics.families.storage import STORAGE
from exporter.metrics.family import Family

FAMILIES: Final[tuple[Family, ...]] = (
    *OPERATORS,
    *STORAGE,
    *CRONS,
    *SCHEDULES,
    *DATA_SOURCE_FAMILIES,
    *IMAGES,
    *REFERENCES,
    *FINDINGS,
    *RESOURCES,
)
