"""One request and its answer, over one connection, which has an end in time and in bytes however the server behaves.

http.client speaks; the sockets below it are ours. A deadline is one for the whole exchange, for a server that sends a
byte now and then keeps within every limit of a single read. What comes is inflated piece by piece and held compressed.
"""

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from pathlib import Path
from socket import SHUT_RDWR, SOCK_STREAM, socket
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from digest.delivery.settings import Server
from digest.delivery.smtp.connecting import Place, find, reason
from digest.sources.web.addresses import Target, is_public
from digest.sources.web.shapes import HEAD, TAIL

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MOST_WIRE: Final = 15_000_000
MOST: Final = 50_000_000
"""Bytes of an answer as it travels, and of what it inflates to."""
_CHUNK: Final = 65_536
_TOLD: Final = 2_000
"""Bytes that are read of an answer which is no success."""
_BEAT: Final = 1.0
"""So often, in seconds, it is looked how much time is left: there is none any more for who is asked to stop."""
_FINDING: Final = 10.0
_CONNECTING: Final = 20.0
"""Seconds to look up a host, and to reach it, of those that the whole exchange has."""


Fault = Literal["unasked", "unreached", "broken", "refused"]
"""Why there is no answer: nobody was asked; nobody took the connection; it broke, or took too long; or it is one that
is not taken.
"""


class Failed(Exception):
    """There is no answer: why, in words."""

    def __init__(self, why: str, fault: Fault) -> None:
        super().__init__(why)
        self.fault = fault


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    fields: Mapping[str, str]
    """The header's, by their names in lower case."""
    body: bytes = b""
    """Compressed by gzip; of an answer that is no success its first bytes as they are."""
    head: bytes = b""
    tail: bytes = b""
    """The beginning and the end of what the body is, uncompressed."""


class Terms(NamedTuple):
    """What an exchange may cost, and whom it may reach."""

    left: Callable[[], float]
    """Seconds that are left; 0 or less where there are none. What it raises ends the exchange."""
    private: bool = False
    authorities: Path | None = None
    most_wire: int = MOST_WIRE
    most: int = MOST


def exchange(target: Target, fields: Mapping[str, str], terms: Terms) -> Reply:
    """GET `target` with these fields in the header. Raises Failed."""
    wire = _connected(target, terms)
    try:
        connection = _Connection(target, wire)
        try:
            connection.request("GET", target.path, headers=dict(fields))
            response = connection.getresponse()
            return _reply(response, terms)
        except TimeoutError:
            raise Failed("it took too long to answer", "broken") from None
        except (OSError, HTTPException, ValueError) as error:
            raise Failed(f"the connection broke: {_words(error)}", "broken") from None
    finally:
        wire.let_go()


def _words(error: Exception) -> str:
    return reason(error)[:200] or type(error).__name__


# ------------------------------------------------------------------------------------------- the connection


def _connected(target: Target, terms: Terms) -> "_Wire":
    """A connection to the first of the host's addresses that takes us, each given its share of the time."""
    server = Server(
        target.host,
        target.port,
        "tls" if target.scheme == "https" else "none",
        helo="localhost",  # which is not looked up then
        authorities=terms.authorities,
    )
    try:
        place = find(server, max(min(terms.left(), _FINDING), 0.0))
    except OSError as error:
        why = f"{target.host} was not found ({reason(error)}): is this machine on the network?"
        raise Failed(why, "unasked") from None
    allowed = [one for one in place.addresses if terms.private or is_public(one.sockaddr[0])]
    if not allowed:
        what = "which is no public address; `fetch: private: true` allows it"
        found = place.addresses[0].sockaddr[0] if place.addresses else "nowhere"
        raise Failed(f"{target.host} is at {found}, {what}", "unasked")
    failed: OSError = OSError("it has no address")
    for number, address in enumerate(allowed):
        plain = socket(address.family, SOCK_STREAM)
        try:
            seconds = min(terms.left(), _CONNECTING / (len(allowed) - number))
            if seconds <= 0:
                raise TimeoutError("it took too long")
            plain.settimeout(seconds)
            plain.connect(address.sockaddr)
        except OSError as error:
            plain.close()
            failed = error
            continue
        return _secured(plain, target, place, terms)
    raise Failed(f"no connection to {target.host}: {reason(failed)}", "unreached")


def _secured(plain: socket, target: Target, place: Place, terms: Terms) -> "_Wire":
    if not place.context:
        return _Wire(plain, terms.left)
    try:
        plain.settimeout(max(terms.left(), 0.001))
        return _Wire(place.context.wrap_socket(plain, server_hostname=target.host), terms.left)
    except (OSError, ValueError) as error:
        plain.close()
        raise Failed(f"no TLS with {target.host}: {_words(error)}", "unreached") from None


class _Wire:
    """As much of a socket as http.client needs; it is let go of by whoever made it, and by nobody else."""

    def __init__(self, connected: socket, left: Callable[[], float]) -> None:
        self._socket = connected
        self._left = left

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_Stream(self._socket, self._left))

    def sendall(self, data: "ReadableBuffer") -> None:
        self._socket.settimeout(_seconds(self._left))
        self._socket.sendall(data)

    def close(self) -> None:
        """http.client closes before it has read."""

    def let_go(self) -> None:
        try:
            self._socket.shutdown(SHUT_RDWR)
        except OSError:
            pass
        finally:
            self._socket.close()


class _Stream(RawIOBase):
    """What a socket gives, as long as there is time."""

    def __init__(self, connected: socket, left: Callable[[], float]) -> None:
        self._socket = connected
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while True:
            self._socket.settimeout(min(_seconds(self._left), _BEAT))
            with suppress(TimeoutError):
                return self._socket.recv_into(buffer)


def _seconds(left: Callable[[], float]) -> float:
    if (seconds := left()) <= 0:
        raise TimeoutError("it took too long")
    return seconds


class _Connection(HTTPConnection):
    """http.client over a connection that is made already."""

    def __init__(self, target: Target, wire: _Wire) -> None:
        super().__init__(target.host, target.port)
        self.default_port = 443 if target.scheme == "https" else 80  # which is not told in Host
        self.auto_open = 0
        self.sock: Any = wire


# ----------------------------------------------------------------------------------------------- the answer


def _reply(response: HTTPResponse, terms: Terms) -> Reply:
    fields = {name.lower(): value for name, value in response.getheaders()}
    if response.status != 200:
        told = b"" if response.status in (204, 304) else response.read(_TOLD)
        return Reply(response.status, fields, told)
    coding = fields.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Failed(f"it answers in the encoding {coding[:40]!r}, which nobody asked for", "refused")
    length = fields.get("content-length", "")
    if length.isdecimal() and int(length) > terms.most_wire:
        raise Failed(f"the answer has {int(length):,} bytes; {terms.most_wire:,} are read at most", "refused")
    taken = _Taken(terms.most)
    inflater = _Inflater() if coding not in ("identity", "") else None
    wired = 0
    while piece := response.read(_CHUNK):
        wired += len(piece)
        if wired > terms.most_wire:
            raise Failed(f"the answer has more than {terms.most_wire:,} bytes", "refused")
        if inflater:
            inflater.inflate(piece, taken)
        else:
            taken.take(piece)
    if (length.isdecimal() and wired < int(length)) or (inflater and not inflater.ended):
        raise Failed("the answer breaks off in the middle", "broken")
    return Reply(200, fields, *taken.whole())


class _Taken:
    """What an answer is, held compressed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._deflater = zlib.compressobj(level=1, wbits=31)  # a quarter of the time, for a quarter more
        self._held: list[bytes] = []
        self._head = b""
        self._tail = b""

    def take(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._most:
            raise Failed(f"the answer inflates to more than {self._most:,} bytes", "refused")
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
        self._tail = (self._tail + data[-TAIL:])[-TAIL:]
        self._held.append(self._deflater.compress(data))

    def whole(self) -> tuple[bytes, bytes, bytes]:
        return b"".join([*self._held, self._deflater.flush()]), self._head, self._tail


class _Inflater:
    """gzip, of several members too, or deflate with its header or, as some servers have it, without."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(47)
        self._began = False

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def inflate(self, data: bytes, taken: _Taken) -> None:
        made = b""
        while data or len(made) == _CHUNK:  # what fills a piece may not have been all
            if self._stream.eof:
                if not data.startswith(b"\x1f\x8b"):
                    return  # what follows is nothing that anybody compressed
                self._stream = zlib.decompressobj(47)
            try:
                made = self._stream.decompress(data, _CHUNK)
            except zlib.error as error:
                if self._began:
                    raise Failed(f"the answer cannot be inflated: {error}", "refused") from None
                self._stream, self._began = zlib.decompressobj(-15), True
                continue
            self._began = True
            taken.take(made)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
