"""Removes what is sensitive from an object before it is written: secrets, cloud-init, credentials in addresses.

No check reads any of it. Names stay: those of namespaces, nodes, VMs, images and Secrets.
"""

from __future__ import annotations

import re
from typing import Any, Final

REMOVED: Final = "(removed by bootsource-exporter)"
_FIELDS: Final = frozenset(
    {
        *("userData", "userDataBase64", "networkData", "networkDataBase64"),
        *("password", "token", "bearerToken", "accessKey", "accessKeyId", "secretKey", "privateKey", "extraHeaders"),
    }
)
"""Fields whose text is removed at any depth; references to Secrets are objects and stay."""
_ANNOTATIONS: Final = frozenset({"kubectl.kubernetes.io/last-applied-configuration", "kubevirt.io/ignitiondata"})
_COPIED: Final = re.compile(r'"(?:' + "|".join(sorted(_FIELDS)) + r')\\*"')
"""A sensitive field in an object that an annotation holds as text."""
_PARAMETER: Final = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
_CREDENTIALS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/\s@\"']{1,500}@")
"""User and password in a URL. The counts are bounded so that no text takes quadratic time."""


def redact(value: dict[str, Any]) -> None:
    """Remove what is sensitive from an object, in place."""
    todo: list[Any] = [value]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            node[:] = [_text(item) if isinstance(item, str) else item for item in node]
            todo.extend(item for item in node if isinstance(item, dict | list))
        else:
            _redact_fields(node)
            todo.extend(item for item in node.values() if isinstance(item, dict | list))


def _redact_fields(node: dict[str, Any]) -> None:
    for key, item in node.items():
        if key in _FIELDS and not isinstance(item, dict):
            node[key] = [REMOVED] if isinstance(item, list) else REMOVED
        elif isinstance(item, str):
            node[key] = _text(item)
        elif key == "annotations" and isinstance(item, dict):
            _drop_copies(item)
        elif isinstance(item, list) and key in ("env", "parameters"):
            _redact_values(item, of_all=key == "env")


def _drop_copies(annotations: dict[str, Any]) -> None:
    """Annotations that hold a copy of the object, or of what is sensitive in one. Templates hold objects, too."""
    for name, text in list(annotations.items()):
        if name in _ANNOTATIONS or (isinstance(text, str) and _COPIED.search(text)):
            del annotations[name]


def _redact_values(listed: list[Any], *, of_all: bool) -> None:
    """Environment variables lose their values, parameters of templates only those that are secrets by their names."""
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            continue
        if of_all or _PARAMETER.search(str(item.get("name"))):
            item["value"] = REMOVED


def _text(text: str) -> str:
    return _CREDENTIALS.sub(r"\1", text) if "://" in text else text
