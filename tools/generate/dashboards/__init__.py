"""dashboards/: what is drawn from our metrics, once for each program that draws it."""

from __future__ import annotations

from functools import partial
from typing import Final

from tools.generate.dashboards import gallery, grafana, manifests, openshift, perses, reference
from tools.generate.dashboards.definitions import DASHBOARDS
from tools.generate.output import Output

_SOURCE: Final = "tools/generate/dashboards"

_DRAWN: Final = tuple(
    Output(f"dashboards/{place}/{board.uid}.{ending}", _SOURCE, partial(written, board))
    for board in DASHBOARDS
    for place, ending, written in (
        ("grafana", "json", grafana.grafana_json),
        ("gallery", "json", gallery.gallery_json),
        ("grafana-operator", "yaml", manifests.grafana_resource),
        ("configmaps", "yaml", manifests.grafana_config_map),
        ("openshift", "yaml", openshift.console_config_map),
        ("perses/v1alpha1", "yaml", partial(perses.perses_resource, version="v1alpha1")),
        ("perses/v1alpha2", "yaml", partial(perses.perses_resource, version="v1alpha2")),
    )
)
OUTPUTS: Final = (
    *_DRAWN,
    Output("dashboards/grafana/.lint", _SOURCE, gallery.lint_exclusions),
    Output("mixin/mixin.libsonnet", _SOURCE, gallery.mixin),
    Output("docs/dashboards.md", _SOURCE, reference.dashboards_page),
)
