"""The network under a dialogue: addresses, sockets, TLS. Nothing here waits: the owner waits for all connections."""

import errno
import os
import socket
import ssl
from ipaddress import ip_address
from selectors import EVENT_READ, EVENT_WRITE
from threading import Thread
from typing import Any, Literal, NamedTuple

from digest.delivery.settings import Server
from digest.delivery.smtp.dialogue import Dialogue
from digest.delivery.smtp.timing import Deadlines

_CHUNK = 65_536
_PIECES = 16
"""How many pieces go to the network in one call."""

# ------------------------------------------------------------------------------------------------- where to


class Address(NamedTuple):
    """Where to connect to."""

    family: int
    sockaddr: Any


class Place(NamedTuple):
    """A server as it is found from here."""

    addresses: tuple[Address, ...]
    """In the order in which to try them."""
    name: str
    """How we introduce ourselves there."""
    context: ssl.SSLContext | None
    """Whom we trust; None where what we say is not encrypted."""

    @property
    def private(self) -> bool:
        """What goes there stays on this machine."""
        return all(
            family == socket.AF_UNIX or ip_address(sockaddr[0].partition("%")[0]).is_loopback
            for family, sockaddr in self.addresses
        )


def find(server: Server, seconds: float) -> Place:
    """Look the server up, within `seconds`. Raises OSError."""
    found: list[Place] = []
    failed: list[Exception] = []

    def look() -> None:
        try:
            found.append(Place(_addresses(server), server.helo or _own_name(), _trust(server)))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    # The system's resolver knows no deadline.
    thread = Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0] if isinstance(failed[0], OSError) else OSError(errno.EINVAL, "that is no host's name")
    if not found:
        raise OSError(errno.ETIMEDOUT, f"its address was not found in {seconds:g} s")
    return found[0]


def _addresses(server: Server) -> tuple[Address, ...]:
    if server.host.startswith("/"):
        return (Address(socket.AF_UNIX, server.host),)
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(Address(family, sockaddr) for family, _, _, _, sockaddr in found))


def _own_name() -> str:
    """This machine's full name, or an address in brackets where it has none (RFC 5321 section 4.1.3)."""
    name = socket.getfqdn()
    return name if "." in name and name.isascii() and not name.endswith(".arpa") else "[127.0.0.1]"


def _trust(server: Server) -> ssl.SSLContext | None:
    """Certificates are checked, with the name in them (RFC 6125), and TLS is 1.2 at least."""
    if server.tls == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=str(server.authorities) if server.authorities else None)
    except OSError as error:
        what = error.strerror or "there are no certificates in it"
        raise OSError(errno.ENOENT, f"authorities: {server.authorities}: {what}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


# ------------------------------------------------------------------------------------------- one connection


class Connection:
    """One dialogue over one socket, from connecting to its end."""

    def __init__(self, server: Server, dialogue: Dialogue, place: Place, deadlines: Deadlines, now: float) -> None:
        """Begins to connect. Nothing is raised here or later: the dialogue is `closed`, and says why."""
        self.dialogue = dialogue
        self._server = server
        self._addresses = list(place.addresses)
        self._context = place.context
        self._deadlines = deadlines
        self._socket: socket.socket | None = None
        self._step: Literal["connecting", "shaking", "talking"] = "connecting"
        self._blocked = False
        """It cannot go on before it may write."""
        self._began = now
        self._at: object = None
        """What it was waiting for when it was last looked at, and until when that has to come."""
        self._until = 0.0
        self._connect(now, "it has no address")

    @property
    def waits_for(self) -> tuple[socket.socket | None, int]:
        """The socket and the events for which to wait; no socket when it is over."""
        if self.dialogue.closed or not self._socket:
            return None, 0
        if self._step == "connecting":
            return self._socket, EVENT_WRITE
        return self._socket, EVENT_READ | EVENT_WRITE if self._blocked else EVENT_READ

    def is_old(self, now: float) -> bool:
        """It is not to be given another message."""
        return now - self._began >= self._deadlines.session

    def turn(self, now: float) -> None:
        """Read what came, write what may go."""
        if self._step == "connecting":
            self._connected(now)
        if self._step == "shaking":
            self._shake()
        if self._step == "talking":
            self._read()
            self.write()
        if self.dialogue.closed:
            self.close()

    def hear(self) -> None:
        """Read what came, before something is said that cannot be taken back."""
        if self._step == "talking":
            self._read()

    def write(self) -> None:
        """Hand to the network what may go now."""
        dialogue, sock = self.dialogue, self._socket
        if self._step != "talking" or not sock:
            return
        self._blocked = False
        try:
            while (pieces := dialogue.pending(_PIECES)) and not dialogue.closed:
                if isinstance(sock, ssl.SSLSocket):
                    dialogue.sent(sock.send(pieces[0]))
                else:
                    dialogue.sent(sock.sendmsg(pieces))
        except (BlockingIOError, ssl.SSLWantWriteError):
            self._blocked = True
        except ssl.SSLWantReadError:
            pass
        except OSError as error:
            self._read()  # its last words may be there: 421, or why it would not have the message
            dialogue.lose(reason(error))

    def look(self, now: float) -> float:
        """Seconds until the step that it is at has to be done; it is lost where they are over."""
        dialogue = self.dialogue
        at = (self._step, dialogue.answers, dialogue.awaits)
        if at != self._at and self._step != "connecting":
            self._at, self._until = at, now + self._patience()
        if self._step == "talking" and not dialogue.awaits and not dialogue.writing:
            return self._deadlines.command  # it has nothing to do
        if (left := self._until - now) > 0:
            return left
        if self._step == "connecting":
            self._connect(now, "it did not answer")
        else:
            dialogue.time_out(self._patience(), shaking=self._step == "shaking")
        if dialogue.closed:
            self.close()
        return 0.0

    def close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None

    def _patience(self) -> float:
        awaits = self.dialogue.awaits
        if awaits in ("dot", "lone dot"):
            return self._deadlines.dot
        return self._deadlines.command if awaits or self._step == "shaking" else self._deadlines.body

    # ------------------------------------------------------------------------------------------- the steps

    def _connect(self, now: float, why: str) -> None:
        """Try the next address, each for its share of what is left of the time; or give up."""
        self.close()
        while self._addresses:
            share = (self._began + self._deadlines.connect - now) / len(self._addresses)
            address = self._addresses.pop(0)
            try:
                self._socket = socket.socket(address.family, socket.SOCK_STREAM)
                self._socket.setblocking(False)
                failed = self._socket.connect_ex(address.sockaddr)
            except OSError as error:
                failed = error.errno or errno.EINVAL
            if failed in (0, errno.EINPROGRESS):
                self._until = now + max(share, 0.0)
                return
            self.close()
            why = os.strerror(failed)
        self.dialogue.give_up(f"no connection: {why}", turned_away=True)

    def _connected(self, now: float) -> None:
        assert self._socket
        if failed := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._connect(now, os.strerror(failed))
            return
        try:
            self._socket.getpeername()
        except OSError:
            return  # not yet
        if self._socket.family != socket.AF_UNIX:
            # The final dot is sent apart: Nagle's algorithm would hold it back until the body is acknowledged.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server.tls == "tls":
            self._secure()
        else:
            self._step = "talking"

    def _secure(self) -> None:
        """Begin the handshake."""
        assert self._socket
        assert self._context
        try:
            self._socket = self._context.wrap_socket(
                self._socket, server_hostname=self._server.host, do_handshake_on_connect=False
            )
            self._step = "shaking"
        except (OSError, ValueError) as error:  # it hung up, or the host's name is none
            self._has_no_tls(error)

    def _shake(self) -> None:
        assert isinstance(self._socket, ssl.SSLSocket)
        self._blocked = False
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._blocked = True
            return
        except (OSError, ValueError) as error:
            self._has_no_tls(error)
            return
        self._step = "talking"
        if self.dialogue.securing:
            self.dialogue.secured()

    def _has_no_tls(self, error: Exception) -> None:
        why = f"no TLS with {self._server.host}: {reason(error)}; nothing is sent in clear text"
        self.dialogue.give_up(why, turned_away=isinstance(error, (ssl.SSLEOFError, ConnectionError)))

    def _read(self) -> None:
        sock, dialogue = self._socket, self.dialogue
        try:
            while sock and not dialogue.closed:
                data = sock.recv(_CHUNK)
                if not data:
                    dialogue.lose("it hung up")
                    return
                dialogue.receive(data)
                if dialogue.securing:
                    self._secure()
                    if self._step == "shaking":
                        self._shake()
                    return
                if len(data) < _CHUNK and not isinstance(sock, ssl.SSLSocket):
                    return  # a socket of TLS may hold more that no selector knows of
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except ssl.SSLWantWriteError:
            self._blocked = True
        except OSError as error:
            dialogue.lose(reason(error))


def reason(error: Exception) -> str:
    """Why a connection failed, in words without a secret in them."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError):
        return "it hung up"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
