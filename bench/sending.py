"""Mails into Postfix's smtp-sink: ours beside smtplib and Postfix's own smtp-source, in turn.

As a program it prints JSON objects, one a line:  python sending.py COUNT TURNS FAR CONNECTIONS,...
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import NamedTuple

from clients import SIZE, Sent
from figures import Far, Sending
from measuring import PLACES, spend

CLIENTS = Path(__file__).with_name("clients.py")
DELAYING = Path(__file__).with_name("delaying.py")

DELAY = 0.05
"""Seconds there and back, where the server is far."""


def program(name: str) -> str:
    """Where Postfix's program is; empty where it is not."""
    return shutil.which(name, path=PLACES) or ""


@contextmanager
def sink() -> Iterator[int]:
    """A server that takes every mail and keeps none; its port."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    command = [program("smtp-sink"), f"127.0.0.1:{port}", "1000"]
    if os.getuid() == 0:
        command[1:1] = ["-u", "nobody"]
    with subprocess.Popen(command) as server:
        try:
            until = monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    if server.poll() is not None or monotonic() > until:
                        raise SystemExit("bench: smtp-sink does not start") from None
                    sleep(0.02)
            yield port
        finally:
            server.kill()


@contextmanager
def far(port: int) -> Iterator[int]:
    """The port of a way to `port` that takes `DELAY`."""
    command: list[str | Path] = [sys.executable, DELAYING, str(port), str(DELAY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout
            yield int(proxy.stdout.readline())
        finally:
            proxy.kill()


def client(kind: str, port: int, count: int, *others: str) -> Sent:
    command: list[str | Path] = [sys.executable, CLIENTS, kind, str(port), str(count), *others]
    return Sent(**json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))


def ours(port: int, count: int, connections: int) -> Sent:
    with TemporaryDirectory(prefix="bench-") as folder:
        return client("ours", port, count, str(connections), folder)


class Source(NamedTuple):
    """What smtp-source did."""

    cpu: float
    rate: float


def source(port: int, count: int, connections: int) -> Source:
    folder = Path(__file__).parent
    words = ["-d", "-s", str(connections), "-m", str(count), "-l", str(SIZE), "-f", "us@example.org"]
    start = perf_counter()
    spent = spend([program("smtp-source"), *words, "-t", "you@example.org", f"127.0.0.1:{port}"], folder)
    return Source(spent.cpu / count, count / (perf_counter() - start))


class Turn(NamedTuple):
    """One go of each, all of the same minute."""

    ours: Sent
    source: Source
    plain: dict[str, float]
    """CPU seconds a mail of smtplib, by what it is given."""
    kept: float
    """Mails a second of smtplib over one connection."""


def turn(port: int, count: int, connections: int) -> Turn:
    few = max(count // 5, 1)
    made = ours(port, count, connections)
    theirs = source(port, count, connections)
    plain = {kind: client(kind, port, few) for kind in ("bytes", "text", "message", "each")}
    costs = {kind: sent.cpu / few for kind, sent in plain.items()}
    return Turn(made, theirs, costs, plain["bytes"].rate)


def sending(count: int, turns: int, connections: int) -> Sending:
    with sink() as port:
        found = [turn(port, count, connections) for _ in range(turns)]

    def ratio(kind: str) -> float:
        return median(one.ours.cpu / count / one.plain[kind] for one in found)

    return Sending(
        connections=connections,
        count=count,
        cpu=median(one.ours.cpu / count for one in found),
        freezing=median(one.ours.freezing / count for one in found),
        to_bytes=ratio("bytes"),
        to_text=ratio("text"),
        to_message=ratio("message"),
        to_each=ratio("each"),
        carrying=median((one.ours.cpu - one.ours.freezing) / count / one.plain["bytes"] for one in found),
        to_source_cpu=median(one.ours.cpu / count / one.source.cpu for one in found),
        rate=median(count / one.ours.wall for one in found),
        to_source=median(count / one.ours.wall / one.source.rate for one in found),
        to_kept=median(count / one.ours.wall / one.kept for one in found),
        rise=max(one.ours.rise for one in found),
        log=max(one.ours.log for one in found),
    )


def over_there(count: int, turns: int) -> Far:
    """One connection over the long way, ours and smtplib's in turn."""
    with sink() as port, far(port) as way:
        found = [[go.rate for go in _far_goes(way, count)] for _ in range(turns)]
    return Far(
        delay=DELAY,
        count=count,
        rate=median(own for own, _, _ in found),
        plain=median(kept for _, kept, _ in found),
        ratio=median(own / kept for own, kept, _ in found),
        to_each=median(own / each for own, _, each in found),
    )


def _far_goes(way: int, count: int) -> tuple[Sent, Sent, Sent]:
    return ours(way, count, 1), client("bytes", way, count), client("each", way, max(count // 2, 2))


def main(count: str, turns: str, few: str, connections: str) -> None:
    rows: Sequence[Sending | Far] = [
        *(sending(int(count), int(turns), int(number)) for number in connections.split(",")),
        over_there(int(few), int(turns)),
    ]
    for row in rows:
        print(json.dumps(asdict(row)))


if __name__ == "__main__":
    main(*sys.argv[1:])
