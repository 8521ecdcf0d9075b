"""The network under a dialogue: addresses, sockets, TLS. Nothing here waits: the owner waits for all connections."""

import errno
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from digest.delivery.settings import Server
from digest.delivery.smtp.dialogue import Dialogue, Said

_CHUNK = 262_144
_PIECES = 16
"""How many pieces go to the network in one call."""


class Deadlines(NamedTuple):
    """Seconds for each step as a whole, however often bytes come (RFC 5321 section 4.5.3.2)."""

    connect: float = 30.0
    command: float = 300.0
    body: float = 180.0
    dot: float = 600.0
    quit: float = 2.0


class Address(NamedTuple):
    """Where to connect to."""

    family: int
    sockaddr: Any


def resolve(server: Server) -> list[Address]:
    """Where the server is, each once, in the order in which to try. Raises OSError."""
    if server.host.startswith("/"):
        return [Address(socket.AF_UNIX, server.host)]
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(Address(family, sockaddr) for family, _, _, _, sockaddr in found))


def is_private(address: Address) -> bool:
    """What goes there stays on this machine."""
    from ipaddress import ip_address

    return address.family == socket.AF_UNIX or ip_address(address.sockaddr[0].partition("%")[0]).is_loopback


def own_name(server: Server) -> str:
    """How we introduce ourselves: this machine's full name, or its address in brackets (RFC 5321 section 4.1.3)."""
    if server.helo:
        return server.helo
    name = socket.getfqdn()
    return name if "." in name and name.isascii() and not name.endswith(".arpa") else "[127.0.0.1]"


def trust(server: Server) -> ssl.SSLContext:
    """Certificates are checked, with the name in them (RFC 6125), and TLS is 1.2 at least. Raises OSError."""
    context = ssl.create_default_context(cafile=str(server.authorities) if server.authorities else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Connection:
    """One dialogue over one socket, from connecting to its end."""

    def __init__(
        self,
        server: Server,
        dialogue: Dialogue,
        addresses: Sequence[Address],
        context: ssl.SSLContext | None,
        deadlines: Deadlines,
        now: float,
    ) -> None:
        self.dialogue = dialogue
        self._server = server
        self._addresses = list(addresses)
        self._context = context
        self._deadlines = deadlines
        self.socket: socket.socket | None = None
        self._step: Literal["connecting", "shaking", "talking"] = "connecting"
        self._watched: object = None
        self._until = 0.0
        self._wants_write = False
        self._connect(now)

    # ------------------------------------------------------------------------------------------- the owner

    @property
    def open(self) -> bool:
        return not self.dialogue.closed

    @property
    def writes(self) -> bool:
        """It waits until it may write."""
        return self._step == "connecting" or self._wants_write

    def turn(self, now: float) -> None:
        """Read what came, write what may go. For a connection that is ready for either, or has something to say."""
        if self._step == "connecting":
            self._connected(now)
        if self._step == "shaking":
            self._shake()
        if self._step == "talking":
            self._read()
            self.write()
        self._tidy()

    def write(self) -> None:
        """Hand to the network what may go now."""
        self._wants_write = False
        sock, dialogue = self.socket, self.dialogue
        if self._step != "talking" or not sock:
            return
        try:
            while dialogue.pending and not dialogue.closed:
                pieces = [dialogue.pending[number] for number in range(min(len(dialogue.pending), _PIECES))]
                if isinstance(sock, ssl.SSLSocket):
                    dialogue.sent(sock.send(pieces[0]))
                else:
                    dialogue.sent(sock.sendmsg(pieces))
        except (BlockingIOError, ssl.SSLWantWriteError):
            self._wants_write = True
        except ssl.SSLWantReadError:
            pass
        except OSError as error:
            # Its last words may be waiting to be read: 421, or why it would not have the message.
            self._read()
            dialogue.lose(_reason(error))

    def look(self, now: float) -> float:
        """Seconds until the step that it is at must be done; it is lost where they are over."""
        dialogue = self.dialogue
        watched = (self._step, dialogue.answers, dialogue.midway, bool(dialogue.awaits))
        said, seconds = self._patience(dialogue)
        if watched != self._watched and self._step != "connecting":
            self._watched, self._until = watched, now + seconds
        left = self._until - now
        if left > 0 or (not dialogue.awaits and self._step == "talking" and not dialogue.pending):
            return max(left, 0.0) or seconds
        if self._step == "connecting":
            self._connect(now, "it did not answer")
        else:
            dialogue.lose(f"no answer to {said} in {seconds:g} s")
        self._tidy()
        return 0.0

    def close(self) -> None:
        if self.socket:
            self.socket.close()
            self.socket = None

    # ------------------------------------------------------------------------------------------- the steps

    def _patience(self, dialogue: Dialogue) -> tuple[str, float]:
        said: Said | None = dialogue.awaits
        if self._step == "shaking":
            return "the TLS handshake", self._deadlines.command
        if said == "QUIT":
            return said, self._deadlines.quit
        if said in ("dot", "lone dot"):
            return "the end of the message", self._deadlines.dot
        if not said and dialogue.pending:
            return "the message's body", self._deadlines.body
        return said or "nothing", self._deadlines.command

    def _connect(self, now: float, why: str = "there is no address") -> None:
        """Try the next address, or give up."""
        self.close()
        while self._addresses:
            address = self._addresses.pop(0)
            try:
                self.socket = socket.socket(address.family, socket.SOCK_STREAM)
                self.socket.setblocking(False)
                failed = self.socket.connect_ex(address.sockaddr)
            except OSError as error:
                failed = error.errno or errno.EINVAL
            if failed in (0, errno.EINPROGRESS):
                self._until = now + self._deadlines.connect / (1 + len(self._addresses))
                return
            self.close()
            why = os.strerror(failed)
        self.dialogue.halt = f"no connection: {why}"
        self.dialogue.lose(why)

    def _connected(self, now: float) -> None:
        assert self.socket
        if failed := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._connect(now, os.strerror(failed))
            return
        try:
            self.socket.getpeername()
        except OSError:
            return  # not yet
        if self.socket.family != socket.AF_UNIX:
            # The final dot is sent apart: Nagle's algorithm would hold it back until the body is acknowledged.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server.tls == "tls":
            self._secure()
        else:
            self._step = "talking"

    def _secure(self) -> None:
        assert self.socket
        assert self._context
        self.socket = self._context.wrap_socket(
            self.socket, server_hostname=self._server.host, do_handshake_on_connect=False
        )
        self._step = "shaking"

    def _shake(self) -> None:
        assert isinstance(self.socket, ssl.SSLSocket)
        self._wants_write = False
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._wants_write = True
            return
        except OSError as error:
            self.dialogue.halt = f"no TLS with {self._server.host}: {_reason(error)}; nothing is sent in clear text"
            self.dialogue.lose(self.dialogue.halt)
            return
        self._step = "talking"
        if self.dialogue.securing:
            self.dialogue.secured()

    def _read(self) -> None:
        sock, dialogue = self.socket, self.dialogue
        try:
            while sock and not dialogue.closed:
                data = sock.recv(_CHUNK)
                if not data:
                    dialogue.lose("it hung up")
                    return
                dialogue.receive(data)
                if dialogue.securing:
                    self._secure()
                    self._shake()
                    return
                if len(data) < _CHUNK and not isinstance(sock, ssl.SSLSocket):
                    return
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except ssl.SSLWantWriteError:
            self._wants_write = True
        except OSError as error:
            dialogue.lose(_reason(error))

    def _tidy(self) -> None:
        if self.dialogue.closed:
            self.close()


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    return error.strerror or str(error)
