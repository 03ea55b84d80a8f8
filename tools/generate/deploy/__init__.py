"""deploy/: what is installed, as kustomizations and as a Helm chart, both from the same trees.

An object is a dict that looks like its YAML (`access`, `workload`, `network`, `monitoring`). Leaves that differ from
site to site are values of the chart (`values`), or depend on a condition (`tree.When`). Two writers read the trees:
`template` writes them with `{{ }}` for the chart, and `tree.resolved` computes them for one site; `kustomize` does
that for the base and for each overlay, and `patches` writes the difference.

CONTRIBUTING.md shows how to change a manifest, and docs/design.md why this is generated.
"""

from __future__ import annotations

from typing import Final

from tools.generate.deploy.chart import HELM
from tools.generate.deploy.kustomize import KUSTOMIZE

DEPLOY: Final = (*KUSTOMIZE, *HELM)
