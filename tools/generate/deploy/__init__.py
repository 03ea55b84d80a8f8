"""deploy/: what is installed, as kustomizations and as a Helm chart, both from the same trees."""

from __future__ import annotations

from typing import Final

from tools.generate.deploy.chart import HELM
from tools.generate.deploy.kustomize import KUSTOMIZE

DEPLOY: Final = (*KUSTOMIZE, *HELM)
