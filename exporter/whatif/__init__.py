"""Foresees what HCO, SSP and CDI would do after a change, from one description of a cluster, without touching it.

What belongs here: changes, the operators in small, the steps that they take, and the comparison of findings before and
after. What does not: reading a cluster or a dump (`commands`), and the rules themselves where the checks use them too
(`joins`). Pure: the same cluster, changes and instant always give the same answer.
"""

from exporter.whatif.document import FORESIGHT, Foresight, to_json
from exporter.whatif.foresee import foresee

__all__ = ["FORESIGHT", "Foresight", "foresee", "to_json"]
