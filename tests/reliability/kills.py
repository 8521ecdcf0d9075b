"""An installation that is killed while it sends, and what its readers and its store have in the end.

One profile with twenty readers has an edition of today that nobody has been sent. `digest send` is killed at some
moment, one more `digest send` goes on, and the next day's `digest run` follows, with an edition of its own. The server
notes each message before it says 250 (`tests/mailservers/sink.py`), so that its journal is the truth.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

READERS = 20
FINAL = ("accepted", "refused", "suppressed", "expired", "in doubt")
SINK = Path(__file__).parents[1] / "mailservers" / "sink.py"
FORKS = Path(__file__).with_name("forks.py")
DIGEST = [sys.executable, "-m", "digest"]

CONFIG = """\
sources: ["*.txt"]
mail:
  from: digest@example.org
  smtp: {{host: 127.0.0.1, port: {port}, tls: none, connections: 2}}
  in_doubt: {policy}
profiles:
  lab:
    keywords: [quantization]
    recipients: [{readers}]
"""


def page(day: int, papers: int = 2) -> tuple[str, set[str]]:
    """A page of papers that the profile wants, and their ids."""
    ids = [f"26{day:02}.{number:05}" for number in range(1, papers + 1)]
    text = "".join(f"We study quantization in the {name} way, and find that it holds.\narXiv:{name}\n" for name in ids)
    return text, set(ids)


@dataclass
class Figures:
    """What was counted over many kills."""

    kills: int = 0
    duplicates: int = 0
    lost: int = 0
    in_doubt: int = 0
    arrived: int = 0
    """How many of those in doubt had arrived."""
    damaged: int = 0
    unfinished: int = 0
    exits: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.kills:,} kills of a run for {READERS} readers: {self.duplicates} duplicates, {self.lost} lost "
            f"papers, {self.damaged} damaged stores, {self.unfinished} unfinished; {self.in_doubt} in doubt, "
            f"of which {self.arrived} had arrived"
        )


@dataclass(frozen=True)
class Scene:
    """An installation on the eve of sending, and the server that it sends to."""

    prepared: Path
    work: Path
    journal: Path
    papers: frozenset[str]
    forks: subprocess.Popen[str]

    def digest(self, *words: str, kill: float | None = None) -> int:
        """The exit code of a command; -9 where it was killed after `kill` seconds."""
        assert self.forks.stdin
        assert self.forks.stdout
        self.forks.stdin.write(json.dumps({"words": words, "cwd": str(self.work), "kill": kill}) + "\n")
        self.forks.stdin.flush()
        return int(self.forks.stdout.readline())

    def fresh(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.prepared, self.work)
        # The witness names the path that the store sends from.
        self.journal.write_bytes(b"")

    def noted(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines()]


@contextmanager
def scene(folder: Path, policy: str = "carry") -> Iterator[Scene]:
    """A prepared installation below `folder`, and a running sink."""
    journal = folder / "journal"
    journal.touch()
    forking = subprocess.Popen([sys.executable, FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with subprocess.Popen([sys.executable, SINK, journal], stdout=subprocess.PIPE, text=True) as sink, forking as forks:
        try:
            assert sink.stdout
            assert forks.stdout
            assert forks.stdout.readline() == "ready\n"
            port = int(sink.stdout.readline())
            prepared = folder / "prepared"
            prepared.mkdir()
            readers = ", ".join(f"reader{number}@example.org" for number in range(READERS))
            (prepared / "digest.yaml").write_text(CONFIG.format(port=port, readers=readers, policy=policy))
            first, ids = page(5)
            (prepared / "first.txt").write_text(first)
            subprocess.run([*DIGEST, "run", "--no-send"], cwd=prepared, check=True, capture_output=True)
            yield Scene(prepared, folder / "work", journal, frozenset(ids | page(6)[1]), forks)
        finally:
            sink.kill()
            forks.kill()


def killed_at(scene: Scene, seconds: float) -> bool:
    """`digest send`, killed after so many seconds; False where it had ended by then."""
    scene.fresh()
    return scene.digest("send", kill=seconds) == -signal.SIGKILL


CALLS = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "unlink",
    "ftruncate",
    "sendmsg",
    "sendto",
    "flock",
    "openat",
)
"""System calls that change something here or elsewhere."""


def calls(scene: Scene) -> Counter[str]:
    """How often one undisturbed `digest send` makes each of them."""
    scene.fresh()
    log = scene.work / "strace"
    command = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}", *DIGEST, "send"]
    subprocess.run(command, cwd=scene.work, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = (line.split(None, 1)[1].partition("(")[0] for line in log.read_text(errors="replace").splitlines())
    return Counter(name for name in names if name in CALLS)


def killed_before(scene: Scene, call: str, number: int) -> bool:
    """`digest send`, killed as it enters that call for that time."""
    scene.fresh()
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    command = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject, *DIGEST, "send"]
    done = subprocess.run(command, cwd=scene.work, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode < 0 or done.returncode == 128 + signal.SIGKILL


def aftermath(scene: Scene, figures: Figures) -> None:
    """Let the next runs go on, and count what readers and store have."""
    figures.kills += 1
    figures.exits[scene.digest("send")] += 1
    in_doubt = _rows(scene, "state = 'in doubt'")
    (scene.work / "second.txt").write_text(page(6)[0])
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    figures.exits[scene.digest("run", "--day", str(tomorrow))] += 1

    noted = scene.noted()
    arrived = Counter((str(one["to"]), str(one["id"])) for one in noted)
    figures.duplicates += sum(count - 1 for count in arrived.values())
    for number in range(READERS):
        reader = f"reader{number}@example.org"
        had = {paper for one in noted if one["to"] == reader for paper in one["papers"]}  # type: ignore[attr-defined]
        figures.lost += len(scene.papers - had)
    figures.in_doubt += len(in_doubt)
    figures.arrived += sum((to, f"<{message_id}>") in arrived for to, message_id in in_doubt)
    figures.damaged += _integrity(scene) != "ok"
    figures.unfinished += len(_rows(scene, f"state NOT IN {FINAL}")) + 2 * READERS - len(_rows(scene, "TRUE"))


def _rows(scene: Scene, condition: str) -> Sequence[tuple[str, str]]:
    with sqlite3.connect(scene.work / "digest.db") as db:
        return db.execute(
            "SELECT address, message_id FROM delivery JOIN subscriber ON subscriber.seq = delivery.subscriber "
            f"WHERE {condition}"
        ).fetchall()


def _integrity(scene: Scene) -> str:
    with sqlite3.connect(scene.work / "digest.db") as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def duration(scene: Scene) -> float:
    """Seconds that one undisturbed `digest send` takes."""
    scene.fresh()
    before = time.perf_counter()
    code = scene.digest("send")
    assert code == 0, code
    return time.perf_counter() - before
