"""uvicorn, as `digest serve` runs it: one process, plain HTTP behind a proxy, and no patience without end."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from digest.errors import UsageError
from digest.web.guards import FRAMES, HEADERS
from digest.web.media import NOTHING

IDLE: Final = 5
"""Seconds that a connection is kept for another request."""
CONNECTIONS: Final = 1000
"""So many are open at a time; more are closed at once."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free. Raises UsageError where that cannot be."""
    made: socket.socket | None = None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        # Named as TCP, for else asyncio leaves Nagle's algorithm on, and each answer waits 40 ms for the client's ACK.
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(256)
        return made
    except OSError as error:
        if made:
            made.close()
        taken = error.errno == errno.EADDRINUSE
        more = "another program listens there; name another --port" if taken else error.strerror or str(error)
        raise UsageError(f"cannot listen at {host} port {port}: {more}") from None


def make_server(
    site: ASGIApp, protocol: "type[Patient] | None" = None, stopping: Callable[[], bool] = lambda: False
) -> uvicorn.Server:
    """What answers, once `run` is called with sockets, until SIGTERM or SIGINT; then what is under way is finished, for
    at most 30 seconds. `stopping` tells of one that came before uvicorn listened to signals itself.
    """
    config = uvicorn.Config(
        site,
        http=protocol or Patient,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=30,
    )
    server = Server(config)
    server.stopping = stopping
    return server


class Server(uvicorn.Server):
    """uvicorn's, which also ends where it was asked to before it had begun."""

    stopping: Callable[[], bool]

    async def on_tick(self, counter: int) -> bool:
        return self.stopping() or await super().on_tick(counter)


class Patient(H11Protocol):
    """uvicorn's protocol, with an end to its patience where it has none of its own: for a head that never comes whole,
    and for an answer that nobody takes (W17).
    """

    for_head = 10.0
    """Seconds that a client has for a request's head, from its connection or its first byte."""
    for_reader = 30.0
    """Seconds after which a client that takes nothing of its answer is given up."""

    _head: asyncio.TimerHandle | None = None
    _taken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in H11Protocol
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._head, self._taken):
            if timer:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader(self.transport.get_write_buffer_size() + 1)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._taken:
            self._taken.cancel()

    def send_400_response(self, msg: str) -> None:
        """As uvicorn's, with what every answer has."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        policy = {"Content-Security-Policy": f"{NOTHING}; {FRAMES}", "Content-Type": "text/plain; charset=utf-8"}
        headers = [*(HEADERS | policy).items(), ("Content-Length", str(len(msg))), ("Connection", "close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_head(self) -> None:
        """While no request is answered: what comes is a head, or what is left of a body that nobody reads."""
        if self.cycle and not self.cycle.response_complete:
            if self._head:
                self._head.cancel()
            self._head = None
        elif not self._head:
            self._head = self.loop.call_later(self.for_head, self.transport.abort)

    def _wait_for_reader(self, left: int) -> None:
        now = self.transport.get_write_buffer_size()
        if now >= left:
            self.transport.abort()
        else:
            self._taken = self.loop.call_later(self.for_reader, self._wait_for_reader, now)
