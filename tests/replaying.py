"""A server on loopback that answers as it was told to, with its faults, and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import ssl


class Asked(NamedTuple):
    """One request."""

    path: str
    """With the query."""
    fields: Mapping[str, str]
    """By their names in lower case."""

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))


class Told(NamedTuple):
    """One answer."""

    body: bytes | str = b""
    status: int = 200
    fields: Mapping[str, str] = {}
    pieces: Iterable[bytes] | None = None
    """In place of the body: what is sent as it is, one after the other, below the header."""
    length: int | None = None
    """What the header says in place of the body's length; -1: nothing."""
    hangs: bool = False
    """Afterwards nothing more comes, and the connection stays."""


Script = Told | str | bytes | list[Told] | Callable[[Asked], Told]


class Replay:
    """`answers` are by path, with the query or without; of a list each is given once, and the last one again."""

    def __init__(self, answers: Mapping[str, Script] | None = None, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self.answers: dict[str, Script] = dict(answers or {})
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connected, args=(connection,), daemon=True).start()

    def _connected(self, connection: socket.socket) -> None:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        with ExitStack() as counted, connection, suppress(OSError):
            counted.callback(self._leave)
            connection.settimeout(30)
            if not self._context:
                self._answer(connection, counted)
            else:
                with self._context.wrap_socket(connection, server_side=True) as secured:
                    self._answer(secured, counted)

    def _leave(self) -> None:
        with self._lock:
            self._at_once -= 1

    def _answer(self, connection: socket.socket, counted: ExitStack) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65_536)):
                return
            data += more
        first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        asked = Asked(first.split(" ")[1], fields)
        self.asked.append(asked)
        told = self._told(asked)
        body = told.body.encode() if isinstance(told.body, str) else told.body
        length = len(body) if told.length is None else told.length
        head = [f"HTTP/1.1 {told.status} Told", *(f"{name}: {value}" for name, value in told.fields.items())]
        if length >= 0 and told.pieces is None:
            head.append(f"Content-Length: {length}")
        # What the client says of the connection is what it gets.
        connection.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1"))
        if told.pieces is None and not told.hangs:
            counted.close()  # who has its answer may come again before this thread goes on
        for piece in told.pieces if told.pieces is not None else (body,):
            connection.sendall(piece)
        if told.hangs:
            with suppress(OSError):
                connection.recv(1)  # until the client goes
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)

    def _told(self, asked: Asked) -> Told:
        script = self.answers.get(asked.path, self.answers.get(asked.path.partition("?")[0]))
        if script is None:
            return Told("there is no such thing", 404)
        if callable(script):
            return script(asked)
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script if isinstance(script, Told) else Told(script)
