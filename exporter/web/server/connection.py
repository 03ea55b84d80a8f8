"""Connection: one client, what has been read of its request, and what is left to send."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum

from exporter.web.server.channel import Channel
from exporter.web.server.http import END_OF_HEAD, Certificate, RefusedError, Request, Response, parse_request

log = logging.getLogger(__name__)


class Phase(Enum):
    """What a connection is doing."""

    GREETING = "greeting"
    """In the middle of the TLS handshake."""
    READING = "reading"
    """Waiting for a request, or for the rest of one."""
    QUEUED = "queued"
    """As many requests as may be are worked on: this one is begun when one of them is done."""
    HANDLING = "handling"
    """A thread works on the answer; nobody else touches the connection meanwhile."""
    WRITING = "writing"
    """The client has not taken all of the answer yet."""
    ENDING = "ending"
    """All is sent. Closing now would make the network drop an answer that the client has not read yet."""


@dataclass(slots=True, eq=False)
class ClientConnection:
    """A client."""

    channel: Channel
    deadline: float
    """When patience ends in the present phase; a clock's monotonic seconds."""
    since: float = 0.0
    """When the client was accepted, had sent its last request, or had taken its last answer; monotonic seconds."""
    phase: Phase = Phase.READING
    awaited: int = 0
    """What the selector waits for on its behalf; 0 if it does not know the connection."""
    certificate: Certificate | None = None
    """What the client has proved to be in the handshake."""
    received: bytearray = field(default_factory=bytearray)
    searched: int = 0
    """The end of the head is not in so many bytes of what was received."""
    queued: Request | None = None
    """The request that waits for its turn."""
    unsent: list[memoryview] = field(default_factory=list)
    keep_alive: bool = True
    refused: bool = False
    """It was not listened to until the end."""
    answered: bool = False
    """It has got an answer before: it may be idle for longer."""

    def identify(self) -> None:
        """Remember what the client has proved to be, once: the handshake is over. Raises RefusedError.

        A certificate that its authority has signed can still be one that Python cannot read, for instance because of
        a distribution point that is not UTF-8.
        """
        try:
            self.certificate = self.channel.certificate
        except (ValueError, OSError) as error:
            log.warning("a client certificate cannot be read; the client is refused", extra={"error": str(error)})
            raise RefusedError(400, "your client certificate cannot be read: a name in it is malformed") from None

    def receive(self) -> bool:
        """Take what has arrived; False if the client has gone."""
        data = self.channel.receive()
        if data:
            self.received += data
        return data != b""

    def request(self, limit: int) -> Request | None:
        """The next request, if all of its head is there. Raises RefusedError."""
        end = self.received.find(END_OF_HEAD, self.searched)
        self.searched = max(0, len(self.received) - len(END_OF_HEAD) + 1) if end < 0 else 0
        if end > limit or (end < 0 and len(self.received) > limit):
            raise RefusedError(431, f"the request line and headers are longer than {limit} bytes")
        if end < 0:
            return None
        # Some clients end the request before with a line break too many.
        head = bytes(self.received[:end]).lstrip(b"\r\n")
        del self.received[: end + len(END_OF_HEAD)]
        return parse_request(head, self.certificate)

    def answer(self, response: Response, *, body: bool, keep_alive: bool) -> None:
        """Get the answer ready to be sent."""
        self.keep_alive = keep_alive
        self.unsent = [memoryview(response.head(keep_alive=keep_alive))]
        if body:
            self.unsent += (memoryview(piece) for piece in response.pieces if piece)

    def send(self) -> bool:
        """Send as much as the client takes now; False if it has gone."""
        while self.unsent:
            try:
                sent = self.channel.send(self.unsent)
            except OSError:
                return False
            if sent is None:
                return True
            while self.unsent and sent >= len(self.unsent[0]):
                sent -= len(self.unsent.pop(0))
            if self.unsent:
                self.unsent[0] = self.unsent[0][sent:]
        return True

    def give_up(self) -> None:
        """Send nothing more: the connection is to be closed."""
        self.unsent.clear()
        self.keep_alive = False

    def close(self) -> None:
        """Forget the client."""
        self.unsent.clear()
        self.channel.close()
