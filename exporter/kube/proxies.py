"""The proxy for a server by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, read the way Go programs do.

Python's urllib ignores CIDR ranges in NO_PROXY, and OpenShift writes the service network as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from exporter.kube.errors import ConfigurationError


def proxy_for(url: str, environ: Mapping[str, str], given: str = "") -> str:
    """The proxy's URL for this server: `given`, else the environment's; "" for none.

    Raises ConfigurationError for a scheme other than http and https.
    """
    parts = urlsplit(url)
    name = f"{parts.scheme}_proxy"
    proxy = given or environ.get(name.upper()) or environ.get(name) or ""
    if not proxy or _bypasses(parts.hostname or "", parts.port, environ.get("NO_PROXY") or environ.get("no_proxy", "")):
        return ""
    return _require_valid(proxy, "proxy-url" if given else f"${name.upper()}")


def _require_valid(proxy: str, where: str) -> str:
    """The proxy's URL with a scheme. Raises ConfigurationError, which names `where` but not the URL."""
    full = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(full)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The URL is not shown, because it may contain a password.
        raise ConfigurationError(f"{where} is no proxy that can be used; give http://HOST:PORT or https://HOST:PORT")
    return full.rstrip("/")


def _bypasses(host: str, port: int | None, no_proxy: str) -> bool:
    if host == "localhost" or _is_loopback(host):
        return True
    return any(_matches(host, port, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _matches(host: str, port: int | None, entry: str) -> bool:
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        pass  # one of the two is a name
    name, colon, only = entry.rpartition(":")
    if colon and only.isdigit():
        if port is not None and int(only) != port:
            return False
        entry = name
    if entry.startswith(("*.", ".")):
        return host.endswith(entry.removeprefix("*"))
    return host == entry or host.endswith(f".{entry}")
