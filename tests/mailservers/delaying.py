"""A network of some length: passes bytes on, both ways, each after so many seconds, and as many as come."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep

_Pieces = SimpleQueue[tuple[float, bytes]]


@contextmanager
def delaying(port: int, seconds: float) -> Iterator[int]:
    """The port of a proxy to that `port` of this machine; a byte takes `seconds` each way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_serve, args=[listener, port, seconds], daemon=True).start()
        yield int(listener.getsockname()[1])
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, port: int, seconds: float) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            Thread(target=_pass, args=[client, port, seconds], daemon=True).start()


def _pass(client: socket.socket, port: int, seconds: float) -> None:
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        threads = []
        for source, target in ((client, server), (server, client)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pieces: _Pieces = SimpleQueue()
            threads += [
                Thread(target=_read, args=[source, pieces, seconds], daemon=True),
                Thread(target=_write, args=[target, pieces], daemon=True),
            ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _read(source: socket.socket, pieces: _Pieces, seconds: float) -> None:
    data = b"-"
    while data:
        try:
            data = source.recv(65_536)
        except OSError:
            data = b""
        pieces.put((monotonic() + seconds, data))


def _write(target: socket.socket, pieces: _Pieces) -> None:
    with suppress(OSError):
        while True:
            due, data = pieces.get()
            sleep(max(0.0, due - monotonic()))
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
