"""Where the server listens, and why it cannot."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

_BACKLOG: Final = 512


class ListenError(Exception):
    """The address cannot be listened on; the message says which and why."""


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; an empty host means all interfaces, IPv4 and IPv6. Raises ListenError."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        listener = _bound(host, port)
    except OSError as error:
        raise ListenError(f"cannot listen on {shown}: {_reason(error)}; choose another address") from error
    except (OverflowError, UnicodeError) as error:
        raise ListenError(f"cannot listen on {shown}: it is not an address; write HOST:PORT") from error
    listener.setblocking(False)
    return listener


def _reason(error: OSError) -> str:
    """The system's words; Python adds the address to them."""
    if isinstance(error, socket.gaierror) or not error.errno:
        return str(error.strerror or error)
    return os.strerror(error.errno)


def _bound(host: str, port: int) -> socket.socket:
    if not host and socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("::", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise
            # IPv6 is compiled in but switched off.
    if not host:
        return socket.create_server(("", port), backlog=_BACKLOG)
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
