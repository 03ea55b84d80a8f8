"""Links to the OpenShift console: the page that it has for every object, named by group, version and kind."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import htpy as h

from exporter.cluster.resources import WATCHED
from exporter.output.html.document import Place

_RESOURCES: Final = {resource.kind: resource for resource in WATCHED}
_SERVED_EVERYWHERE: Final = {"HyperConverged": "v1beta1", "VirtualMachine": "v1"}
"""Of kinds with several versions the one that every supported release serves. Those that have none get no link."""


def console_link(place: Place, kind: str, namespace: str, name: str) -> h.Node:
    """A link to an object in the console; nothing where its address is not known, or the object is none of its own."""
    address = console_address(place.console, kind, namespace, name)
    return h.a(href=address, rel="noreferrer")["Open in the console"] if address else None


def console_address(console: str, kind: str, namespace: str, name: str) -> str:
    """Where the console shows an object; "" if that cannot be told."""
    resource = _RESOURCES.get(kind)
    if not console or resource is None or not name:
        return ""
    version = resource.versions[0] if len(resource.versions) == 1 else _SERVED_EVERYWHERE.get(kind)
    where = f"ns/{quote(namespace, safe='', errors='replace')}" if namespace else "cluster"
    path = f"{resource.group or 'core'}~{version}~{kind}/{quote(name, safe='', errors='replace')}"
    return f"{console}/k8s/{where}/{path}" if version else ""
