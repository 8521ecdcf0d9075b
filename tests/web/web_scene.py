"""An installation with readers, its site driven without a socket, and the same served by a process of its own."""

import asyncio
import gzip
import http.client
import os
import queue
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from starlette.types import ASGIApp

from digest.app import App, make_app
from digest.config import load
from digest.delivery import leaving

ANA, BO = "ana.moreau@example.org", "bo@example.org"
CONFIG = """\
site: {title: Paper digest, base_url: "https://papers.example.org/"}
sources: ["*.txt"]
mail: {from: digest@example.org, maildir: box, unsubscribe_url: "https://papers.example.org/"}
profiles:
  lab: {title: My papers, keywords: [quantization], recipients: [ana.moreau@example.org, Bo Ek <bo@example.org>]}
  hidden: {title: Nobody's business, keywords: [quantization], private: true}
"""


def an_installation(folder: Path, config: str = CONFIG) -> App:
    """What a first `digest run` leaves in `folder`: two readers of `lab` have had the edition of today."""
    (folder / "digest.yaml").write_text(config, encoding="utf-8")
    a_page(folder, 5)
    app = make_app(load(folder / "digest.yaml"))
    app.run(office=app.office())
    return app


def a_page(folder: Path, day: int) -> None:
    papers = (
        f"We study quantization in way {number} of {day}, and find that it holds.\narXiv:26{day:02}.{number:05}\n"
        for number in range(1, 4)
    )
    (folder / f"{day}.txt").write_text("".join(papers), encoding="utf-8")


def token(app: App, address: str, profile: str = "lab") -> str:
    """The token in the links of the mails to that reader, as their mails have it."""
    assert app.store
    assert app.mailing
    for mail in sorted((app.store.parent / "box" / "new").iterdir()):
        text = mail.read_text(encoding="utf-8")
        if re.search(rf"(?m)^To: .*\b{re.escape(address)}", text):
            found = re.search(rf"<{re.escape(app.mailing.leave_at)}{leaving.PATH}([\w-]+)>", text)
            assert found
            return found[1]
    raise AssertionError(f"no mail to {address}")


def everything(app: App) -> list[str]:
    """All that the store's file says, as SQL."""
    with sqlite3.connect(app.store or "") as db:
        return [*db.iterdump()]


# ------------------------------------------------------------------------------------------ without a socket


class Answer(NamedTuple):
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> bytes:
        """The body out of its coding."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


Body = bytes | Sequence[bytes]


def ask(site: ASGIApp, path: str, method: str = "GET", body: Body = b"", **headers: str) -> Answer:
    """One request; `_` in the name of a header is `-`."""
    return asyncio.run(asking(site, path, method, body, **headers))


async def asking(site: ASGIApp, path: str, method: str = "GET", body: Body = b"", **headers: str) -> Answer:
    chunks = [body] if isinstance(body, bytes) else [*body]
    sent: list[Any] = []

    async def receive() -> Any:
        if not chunks:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await site(scope, receive, send)
    start, *rest = sent
    names = [name for name, _ in start["headers"]]
    assert len(names) == len(set(names)), names
    return Answer(
        start["status"],
        {name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in rest),
    )


# --------------------------------------------------------------------------------------------- in a process


class Served(NamedTuple):
    """A running `digest serve`."""

    port: int
    process: "subprocess.Popen[str]"
    lines: "queue.Queue[str]"
    """What it has said on standard error since it began to serve."""
    before: list[str]
    """And before."""

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return exchange(connection, path, method, body, **headers)
        finally:
            connection.close()

    def log(self, least: int = 0) -> list[str]:
        found: list[str] = []
        until = time.monotonic() + 10
        while not self.lines.empty() or (len(found) < least and time.monotonic() < until):
            with suppress(queue.Empty):
                found.append(self.lines.get(timeout=0.1))
        return found


def exchange(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> Answer:
    """One request over a connection that may go on."""
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Served]:
    """`digest serve` of the config in `folder` on a free port, until the end."""
    command = [sys.executable, "-m", "digest", "serve", "--port", "0", *words]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stderr
        lines: queue.Queue[str] = queue.Queue()
        reading = threading.Thread(target=lambda: [lines.put(line.rstrip("\n")) for line in process.stderr or ()])
        reading.start()
        try:
            said = [""]
            while not (found := re.search(r"serving .* at http://127\.0\.0\.1:(\d+)/", said[-1])):
                said.append(lines.get(timeout=30))
            yield Served(int(found[1]), process, lines, said[1:-1])
        finally:
            process.kill()
            reading.join()
