"""JSON Schemas of what an API server takes, made of its own OpenAPI document, for kubeconform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.rig.cluster import Cluster

_KIND: Final = "x-kubernetes-group-version-kind"
LOCATION: Final = "{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json"


def write(cluster: Cluster, directory: Path) -> str:
    """A file per kind of object; the pattern of their paths."""
    # The index calls itself plain text.
    index = json.loads(cluster.call("GET", "/openapi/v3")["message"])
    for path in index["paths"].values():
        document = cluster.call("GET", path["serverRelativeURL"])
        schemas = document.get("components", {}).get("schemas", {})
        for schema in schemas.values():
            _close(schema)
        for name, schema in schemas.items():
            for kind in schema.get(_KIND, ()):
                # kubeconform takes the version for the group where there is none.
                group = kind["group"] or kind["version"]
                file = directory / f"{kind['kind'].lower()}-{group}-{kind['version']}.json"
                whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
                file.write_text(json.dumps(whole))
    return str(directory / LOCATION)


def _close(schema: Any) -> None:
    """Allow no field that is not named, as a server does that validates strictly."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for child in schema.values():
            _close(child)
    elif isinstance(schema, list):
        for child in schema:
            _close(child)
