"""Reads chunked answers as they arrive: all that is there at once, not one chunk after the other.

An API server sends every object in two or three chunks, and http.client reads each of them with three calls. Without
that a watched object costs a third less.
"""

from __future__ import annotations

from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Final

_AT_ONCE: Final = 65536
_LONGEST: Final = 8192
"""Bytes between two chunks at most: a size and its extensions."""


class Answer(HTTPResponse):
    """An answer of http.client whose `read1` takes the chunks apart by itself. Do not mix that with other reads."""

    _left = 0
    """Bytes of the present chunk that are yet to come."""
    _held = b"\r\n"
    """What has arrived of the end of one chunk and the size of the next; before the first chunk there is no end."""

    def read1(self, n: int = -1) -> bytes:
        """What has arrived of the body, at most n bytes; b"" at its end. Raises HTTPException if it breaks off."""
        if self.fp is None or not self.chunked:
            return super().read1(n)
        while True:
            block = self.fp.read1(n if n > 0 else _AT_ONCE)
            if not block:
                raise IncompleteRead(b"")
            body = self._unframed(self._held + block)
            if body or self.fp is None:
                return body

    def _unframed(self, block: bytes) -> bytes:
        """The parts of the body in this block; what is left of it that cannot be told yet is held."""
        pieces, at, self._held = [], 0, b""
        while True:
            if self._left:
                piece = block[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
            end = block.find(b"\r\n", at + 2)
            if end < 0:
                self._hold(block[at:])
                break
            self._left = _size(block[at:end])
            at = end + 2
            if not self._left:
                self._finish(block[at:])
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _hold(self, rest: bytes) -> None:
        if len(rest) > _LONGEST:
            raise HTTPException("the size of a chunk does not end")
        self._held = rest

    def _finish(self, rest: bytes) -> None:
        """Read up to the empty line that ends the answer, so that the connection can be used again."""
        while rest != b"\r\n" and not rest.endswith(b"\r\n\r\n"):
            line = self.fp.readline(_LONGEST)
            if not line:
                break
            rest += line
            if len(rest) > _LONGEST:
                raise HTTPException("what follows after the last chunk does not end")
        self._close_conn()  # type: ignore[attr-defined]


def _size(framing: bytes) -> int:
    """The size of the next chunk out of the line end of the last one and a line `HEX[;EXTENSION]`."""
    digits = framing[2:].partition(b";")[0].strip()
    if not framing.startswith(b"\r\n") or not digits.isalnum():
        raise HTTPException("the answer is not chunked as it says")
    try:
        return int(digits, 16)
    except ValueError:
        raise HTTPException("the answer is not chunked as it says") from None
