"""deploy/helm: the chart. Its templates of rules and dashboards take what is generated elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from textwrap import wrap
from typing import Any, Final

from exporter.base.project import HOME
from exporter.base.version import installed_version
from tools.generate.deploy.objects import MANIFESTS
from tools.generate.deploy.template import render_template
from tools.generate.deploy.tree import SiteValue
from tools.generate.deploy.values import NEEDED_WITH, VALUES
from tools.generate.deploy.yaml_text import STEP, dump_document, entry_lines
from tools.generate.markdown import format_code, format_prose, join_blocks, markdown_table
from tools.generate.output import Output
from tools.generate.schemas import DIALECT

CHART: Final = "deploy/helm/bootsource-exporter"
_SOURCE: Final = "tools/generate/deploy"
_WIDTH: Final = 118
_ABOUT: Final = "Tells whether the next virtual machine of KubeVirt or OpenShift Virtualization boots the right image."


def _chart() -> str:
    return dump_document(
        {
            "apiVersion": "v2",
            "name": "bootsource-exporter",
            "description": _ABOUT,
            "type": "application",
            "version": installed_version(),
            "appVersion": installed_version(),
            # What OpenShift 4.12 is made of, the oldest one that the support matrix names.
            "kubeVersion": ">=1.25.0-0",
            "home": HOME,
            "sources": [HOME],
            "icon": f"{HOME.replace('github.com', 'raw.githubusercontent.com')}/main/docs/images/icon.svg",
            "keywords": ["kubevirt", "openshift-virtualization", "prometheus", "exporter"],
            # The last key: a release adds the digest of the image to it, see tools/pin_image.py.
            "annotations": {
                "artifacthub.io/category": "monitoring-logging",
                "artifacthub.io/license": "Apache-2.0",
                "artifacthub.io/links": dump_document(
                    [
                        {"name": "Installing", "url": f"{HOME}/blob/main/docs/installing.md"},
                        {"name": "Support", "url": f"{HOME}/issues"},
                    ]
                ),
            },
        }
    )


def _nest_values() -> dict[str, Any]:
    """The values by the parts of their paths."""
    nested: dict[str, Any] = {}
    for value in VALUES:
        *outer, last = value.path.split(".")
        inside = nested
        for part in outer:
            inside = inside.setdefault(part, {})
        inside[last] = value
    return nested


def _values() -> str:
    return "\n".join(_lines(_nest_values())).lstrip("\n") + "\n"


def _lines(nested: dict[str, Any], indent: str = "") -> Iterator[str]:
    for key, child in nested.items():
        if not indent:
            yield ""
        if isinstance(child, SiteValue):
            yield from (f"{indent}# {line}" for line in wrap(child.help, _WIDTH - len(indent)))
            yield from (indent + line for line in entry_lines(key, child.default))
        else:
            yield f"{indent}{key}:"
            yield from _lines(child, indent + STEP)


def _schema() -> str:
    # Helm itself puts `global` there, if the chart is a part of another one.
    return json.dumps({"$schema": DIALECT, **_describe(_nest_values(), {"global": {"type": "object"}})})


def _describe(nested: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    properties = {
        key: {"description": child.help, **child.schema}
        if isinstance(child, SiteValue)
        else {**_describe(child, {}), **NEEDED_WITH.get(key, {})}
        for key, child in nested.items()
    }
    return {"type": "object", "additionalProperties": False, "properties": {**properties, **more}}


def _readme() -> str:
    rows = [
        (format_code(value.path), format_code(json.dumps(value.default)), format_prose(value.help)) for value in VALUES
    ]
    return join_blocks(
        "# Chart of bootsource-exporter",
        _ABOUT,
        "How to install it is told in [docs/installing.md](../../../docs/installing.md). Every value has a schema, so "
        "that a wrong one is refused.",
        markdown_table(("Value", "Default", "What it is"), rows),
    )


HELM: Final = (
    Output(f"{CHART}/Chart.yaml", _SOURCE, _chart),
    Output(f"{CHART}/values.yaml", _SOURCE, _values),
    Output(f"{CHART}/values.schema.json", _SOURCE, _schema),
    Output(f"{CHART}/README.md", _SOURCE, _readme),
    *(Output(f"{CHART}/templates/{each.file}.yaml", _SOURCE, partial(render_template, each)) for each in MANIFESTS),
)
