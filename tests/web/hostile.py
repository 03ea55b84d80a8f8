"""Clients that do not behave, in a process of their own: `python -m tests.web.hostile PORT`, until it is ended.

Its first line says that all have begun.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import count
from typing import Final

HOST: Final = "127.0.0.1"
HALF_OPEN, SLOW, HOSTILE = 500, 200, 100
_PAUSE: Final = 0.25
"""Seconds between two bytes of a slow client, and before one that was cut off comes again."""
_HEAD: Final = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"
ATTACKS: Final = (
    _HEAD + b"X:" + b" " * 8000 + b"\n\r\n\r\n",
    _HEAD + b"X: y\r\n" * 1200 + b"\r\n",
    _HEAD + b"Y" * 100_000,
    _HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 100_000,
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    _HEAD + b"Accept: " + b"text/plain;version=9," * 370 + b"\r\n\r\n",
    _HEAD + b"Accept-Encoding: " + b"gzip;q=0.0," * 700 + b"\r\n\r\n",
    _HEAD + b"Authorization: Bearer " + b"=" * 8000 + b"\r\n\r\n",
    b"GET /?" + b"%41&" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 400,
    b"POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 100,
    b"\x16\x03\x01\x02\x00\x01" + b"\xff" * 600,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00" * 9000,
    b"\r\n" * 8000,
)

Client = Callable[[int, int], Coroutine[None, None, None]]


async def half_open(port: int, number: int) -> None:
    """Say nothing, or begin a request, and wait for the end."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(b"" if number % 2 else _HEAD)
    while await reader.read(4096):
        pass
    writer.close()


async def slow(port: int, number: int) -> None:
    """Send a request byte by byte, or read an answer so."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=1)
    if number % 2:
        for at in range(len(_HEAD)):
            writer.write(_HEAD[at : at + 1])
            await writer.drain()
            await asyncio.sleep(_PAUSE)
    else:
        writer.write(_HEAD + b"\r\n")
        while await reader.read(1):
            await asyncio.sleep(_PAUSE)
    writer.close()


async def hostile(port: int, number: int) -> None:
    """One attack after another, each on a connection of its own, half of which are torn down without a word."""
    for turn in count(number):
        reader, writer = await asyncio.open_connection(HOST, port)
        with suppress(OSError):
            writer.write(ATTACKS[turn % len(ATTACKS)])
            if turn % 2:
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                await reader.read(4096)
        writer.close()
        # Others of this process want their turn, or a hundred clients would come one at a time.
        await asyncio.sleep(0)


async def again(client: Client, port: int, number: int) -> None:
    """Come back whatever happens."""
    while True:
        with suppress(OSError):
            await client(port, number)
        await asyncio.sleep(_PAUSE)


async def attack(port: int) -> None:
    """All of them, for as long as this process lives."""
    kinds = ((half_open, HALF_OPEN), (slow, SLOW), (hostile, HOSTILE))
    tasks = [asyncio.create_task(again(kind, port, number)) for kind, size in kinds for number in range(size)]
    await asyncio.sleep(_PAUSE)
    sys.stdout.write("all have begun\n")
    sys.stdout.flush()
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(attack(int(sys.argv[1])))
