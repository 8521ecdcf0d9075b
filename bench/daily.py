"""A daily run of one reader, whole, from an empty memory: 1,000 new papers in a feed on this machine, and a mail into
Postfix's smtp-sink; beside what else reads feeds every morning, in turn.

As a program it prints JSON objects, one a line:  python daily.py PAPERS TURNS PYTHON
"""

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter
from typing import NamedTuple

from figures import Daily
from formats import WRITTEN
from measuring import Spent, spend, surroundings
from pages import many
from sending import sink

PEERS = ("rss2email==3.14", "reader[cli]==3.26", "sgmllib3k==1.0.0")
LIMITS = {"rss2email": 5.0, "reader": 3.0}
"""Times as much CPU time as ours each must take at least."""

READER = "reader@example.org"
CONFIG = """\
sources: [{{feed: {url}}}]
fetch: {{private: true}}
mail: {{from: digest@example.org, smtp: {{host: 127.0.0.1, port: {port}, tls: none}}}}
profiles:
  ana: {{keywords: {{reading: 2, lists: 1, papers: 1}}, recipients: [{reader}]}}
"""
SMTP = (("email-protocol", "smtp"), ("smtp-server", "127.0.0.1:{port}"), ("smtp-ssl-protocol", ""))


class Place(NamedTuple):
    """Where a run is to happen, and what it talks to."""

    folder: Path
    url: str
    port: int


Command = list[str | Path]


def ours(python: Path, place: Place) -> Command:
    config = CONFIG.format(url=place.url, port=place.port, reader=READER)
    (place.folder / "digest.yaml").write_text(config, encoding="utf-8")
    return [python.with_name("digest"), "run"]


def rss2email(peers: Path, place: Place, digest: bool) -> Command:
    command: Command = [peers / "r2e", "-c", "r2e.cfg", "-d", "r2e.json"]
    spend([*command, "new", READER], place.folder)
    file = place.folder / "r2e.cfg"
    config = file.read_text(encoding="utf-8")
    for key, value in (*SMTP, ("digest", str(digest))):
        config = re.sub(rf"(?m)^{key} *=.*$", f"{key} = {value.format(port=place.port)}", config, count=1)
    file.write_text(config, encoding="utf-8")
    spend([*command, "add", "papers", place.url], place.folder)
    return [*command, "run"]


def reader(peers: Path, place: Place) -> Command:
    command: Command = [peers / "python", "-m", "reader", "--db", "reader.db"]
    spend([*command, "add", place.url], place.folder)
    return [*command, "update"]


@contextmanager
def fed(papers: int) -> Iterator[str]:
    """The address of arXiv's feed of so many papers, on this machine."""
    head, item, foot = WRITTEN["feed"]
    data = "".join([head, *map(item, islice(many(papers), papers)), foot]).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed.xml"
        server.shutdown()


def installed(folder: Path) -> Path:
    """The programs' folder of an environment with the peers. Raises CalledProcessError where pip cannot get them."""
    programs = folder / "bin"
    mark = folder / "peers"
    if not mark.exists() or mark.read_text(encoding="utf-8") != "\n".join(PEERS):
        venv.create(folder, with_pip=False, symlinks=True, clear=True)
        pip: Command = [sys.executable, "-m", "pip", "--quiet", "--python", programs / "python", "install", "--compile"]
        subprocess.run([*pip, *PEERS], env=surroundings(), check=True)
        mark.write_text("\n".join(PEERS), encoding="utf-8")
    return programs


class Turn(NamedTuple):
    spent: Spent
    wall: float


def measured(papers: int, turns: int, python: Path, peers: Path) -> list[Daily]:
    tools: dict[str, Callable[[Place], Command]] = {
        "digest": lambda place: ours(python, place),
        "rss2email": lambda place: rss2email(peers, place, digest=False),
        "rss2email, digest": lambda place: rss2email(peers, place, digest=True),
        "reader": lambda place: reader(peers, place),
    }
    found: dict[str, list[Turn]] = {name: [] for name in tools}
    with fed(papers) as url, sink() as port:
        for turn in range(turns + 1):
            for name, prepared in tools.items():
                with TemporaryDirectory(prefix="bench-") as folder:
                    place = Place(Path(folder), url, port)
                    command = prepared(place)
                    start = perf_counter()
                    spent = spend(command, place.folder)
                    if turn:  # the first one makes byte code
                        found[name].append(Turn(spent, perf_counter() - start))
    mine = found["digest"]
    return [
        Daily(
            tool=name,
            papers=papers,
            cpu=median(one.spent.cpu for one in theirs),
            wall=median(one.wall for one in theirs),
            peak=max(one.spent.peak for one in theirs),
            ratio=median(other.spent.cpu / own.spent.cpu for other, own in zip(theirs, mine, strict=True)),
            limit=LIMITS.get(name, 0.0),
        )
        for name, theirs in found.items()
    ]


def main(papers: str, turns: str, python: str) -> None:
    peers = installed(Path(__file__).parents[1] / "build" / "peers")
    os.environ.update(HOME=os.devnull, PYTHONWARNINGS="ignore")
    for one in measured(int(papers), int(turns), Path(python), peers):
        print(json.dumps(asdict(one)))


if __name__ == "__main__":
    main(*sys.argv[1:])
