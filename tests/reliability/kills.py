"""An installation that is killed at its work, and what its readers, its pages and its store have in the end.

One profile has twenty readers. The work is killed at some moment, the same command goes on, and the next day's `digest
run` follows, with an edition of its own. The server notes each message before it says 250 (`mailservers.sink`), so that
its journal is the truth.
"""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

READERS = 20
FINAL = ("accepted", "refused", "suppressed", "expired", "in doubt")
SINK = Path(__file__).parents[1] / "mailservers" / "sink.py"
FORKS = Path(__file__).with_name("forks.py")

CONFIG = """\
sources: ["*.txt"]
mail:
  from: digest@example.org
  smtp: {{host: 127.0.0.1, port: {port}, tls: none, connections: 2}}
  in_doubt: {policy}
profiles:
  lab:
    keywords: [quantization]
    zone: {zone}
    recipients: [{readers}]
"""

WORKS = {
    # The whole of a first run: the store is made, pages are published, everybody is sent the edition.
    "first run": "run",
    # The whole of a run on a later day.
    "run": "run",
    # The whole of a first run that a schedule asks for: the next call must find out what is left to be done.
    "due": "due",
    # What a run published is sent.
    "send": "send",
}
"""What is killed."""


def page(number: int, papers: int = 2) -> tuple[str, set[str]]:
    """A page of papers that the profile wants, and their ids."""
    ids = [f"26{number % 12 + 1:02}.{number * 100 + one:05}" for one in range(1, papers + 1)]
    text = "".join(f"We study quantization in the {name} way, and find that it holds.\narXiv:{name}\n" for name in ids)
    return text, set(ids)


def zone() -> tuple[str, date]:
    """A time zone in which it is morning, and its day: no test meets midnight."""
    now = datetime.now(UTC)
    ahead = 6 - now.hour if now.hour < 19 else 30 - now.hour
    return f"Etc/GMT{-ahead:+}", (now + timedelta(hours=ahead)).date()


@dataclass
class Figures:
    """What was counted over many kills."""

    kills: int = 0
    midway: int = 0
    """Kills in the midst of sending: some had their mail, some had not."""
    duplicates: int = 0
    """Mails that came twice, and papers that came twice though no mail of theirs was in doubt."""
    changed: int = 0
    """Mails under an id that was another mail's."""
    lost: int = 0
    """Papers that a reader never had."""
    damaged: int = 0
    """Stores that are not sound."""
    unfinished: int = 0
    """Deliveries that are not there, or that have come to no end."""
    parts: int = 0
    """Published files that were neither the old nor the new ones when the work had been killed."""
    unlike: int = 0
    """And those that were not as ever when it had been done again."""
    strays: int = 0
    """Files that nobody needs, left behind."""
    doubtful: int = 0
    """Kills that left a mail in doubt."""
    even: int = 0
    """Kills at moments of which all were as likely as the other."""
    even_doubtful: int = 0
    doubts: int = 0
    arrived: int = 0
    """How many of those in doubt had arrived in the end."""
    again: int = 0
    """How many of those in doubt came twice, where they were to be sent again."""
    failed: int = 0
    """Commands that ended otherwise than done, or done with something in doubt to look at."""

    FAULTS = ("changed", "lost", "damaged", "unfinished", "parts", "unlike", "strays", "failed")

    @property
    def faults(self) -> dict[str, int]:
        """What must not be."""
        return {name: count for name, count in asdict(self).items() if name in self.FAULTS and count}


FIGURES = (
    "{kills:,} kill -9 %s: {duplicates:,} duplicates, {lost:,} lost papers, {damaged:,} damaged stores, {parts:,} part "
    "files, {strays:,} stray files, {unfinished:,} unfinished; {midway:,} in the midst of sending, {doubtful:,} left "
    "mails in doubt: {doubts:,}, of which {arrived:,} arrived"
)
"""How they are said, for `conftest.figure`."""


class Pace(NamedTuple):
    """How fast the work is, as long as this machine is as busy as now."""

    seconds: float
    first: float
    """When the first message had arrived."""
    last: float


class Undisturbed(NamedTuple):
    """The work when nobody kills it."""

    pages: dict[str, bytes]
    """What is published then, by path."""
    names: set[str]
    """The files that are there beside the pages."""
    next_pages: dict[str, bytes]
    """What is published after the next day's run."""


@dataclass
class Scene:
    """An installation on the eve of its work, and the server that it sends to."""

    folder: Path
    kind: str
    policy: str
    forks: "subprocess.Popen[str]"
    day: date
    """The day of the work."""
    papers: set[str]
    """What each reader has to have had in the end."""
    next_page: str
    pages: dict[str, bytes] = field(default_factory=dict)
    """What is published before."""
    usual: Undisturbed | None = None
    pace: Pace | None = None
    later: int = 0
    """In so many days is the day of the work."""
    mutant: tuple[str, str, object] | None = None
    """How the program is broken, to see that this is found."""

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def words(self) -> list[str]:
        """The command that is killed."""
        return {"run": ["run"], "due": ["run", "--due"], "send": ["send"]}[WORKS[self.kind]]

    def digest(self, *words: str, **wanted: Any) -> int:
        """The exit code of a command; -9 where it was killed. `wanted` is as in `forks`."""
        job = {"words": words, "cwd": str(self.work), "later": self.later, **wanted}
        if self.mutant:
            job["mutant"] = self.mutant
        assert self.forks.stdin
        assert self.forks.stdout
        self.forks.stdin.write(json.dumps(job) + "\n")
        self.forks.stdin.flush()
        return int(self.forks.stdout.readline())

    @contextmanager
    def slow_server(self, seconds: float) -> Iterator[None]:
        """Meanwhile so long passes between the note of a message and its 250."""
        slow = self.folder / "journal.slow"
        slow.write_text(str(seconds))
        yield
        slow.unlink()

    def prepare(self) -> None:
        """Keep things as they are: it is the eve."""
        shutil.copytree(self.work, self.folder / "prepared")
        self.pages = tree(self.work / "feeds")

    def fresh(self) -> None:
        """It is the eve again. The store stands where it stood, for its witness says where."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.folder / "prepared", self.work)
        self.journal.unlink()
        self.journal.touch()

    def next_day(self) -> int:
        (self.work / "next.txt").write_text(self.next_page)
        return self.digest("run", later=self.later + 1)

    def noted(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines()]

    def names(self) -> set[str]:
        inside = (path.relative_to(self.work) for path in self.work.rglob("*"))
        return {str(path) for path in inside if path.parts[0] != "feeds"}

    def rows(self, condition: str) -> list[tuple[int, str, str]]:
        """Id, address and message id of deliveries."""
        with closing(sqlite3.connect(self.work / "digest.db")) as db:
            return db.execute(
                "SELECT delivery.seq, address, message_id FROM delivery "
                f"JOIN subscriber ON subscriber.seq = delivery.subscriber WHERE {condition}"
            ).fetchall()

    def is_sound(self) -> bool:
        with closing(sqlite3.connect(self.work / "digest.db")) as db:
            try:
                told = [*db.execute("PRAGMA integrity_check"), *db.execute("PRAGMA foreign_key_check")]
            except sqlite3.DatabaseError:
                return False
        return told == [("ok",)]

    def moment(self, chance: Random, *, even: bool) -> float:
        """Seconds after the start: at any time, or while mails are sent."""
        assert self.pace
        return chance.uniform(0, self.pace.seconds) if even else chance.uniform(self.pace.first * 0.9, self.pace.last)

    def measure(self) -> None:
        """Do the work undisturbed, and see how fast that is."""
        self.fresh()
        before = time.monotonic()
        assert self.digest(*self.words) == 0
        seconds = time.monotonic() - before
        moments = [one["at"] - before for one in self.noted()]
        self.pace = Pace(seconds, min(moments), max(moments))


@contextmanager
def scene(folder: Path, kind: str = "send", policy: str = "carry") -> Iterator[Scene]:
    """A prepared installation below `folder`, and a running sink."""
    journal, work = folder / "journal", folder / "work"
    journal.touch()
    work.mkdir()
    sinking = subprocess.Popen([sys.executable, SINK, journal], stdout=subprocess.PIPE, text=True)
    forking = subprocess.Popen([sys.executable, FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with sinking as sink, forking as forks:
        try:
            assert sink.stdout
            assert forks.stdout
            port = int(sink.stdout.readline())
            assert forks.stdout.readline() == "ready\n"
            where, today = zone()
            readers = ", ".join(f"reader{number}@example.org" for number in range(READERS))
            (work / "digest.yaml").write_text(CONFIG.format(port=port, readers=readers, policy=policy, zone=where))
            texts, ids = zip(*map(page, (4, 5, 6)), strict=True)
            day = today + timedelta(days=kind == "run")
            one = Scene(folder, kind, policy, forks, day, ids[1] | ids[2], texts[2])
            if kind == "run":
                (work / "before.txt").write_text(texts[0])
                assert one.digest("run") == 0
                assert len(one.noted()) == READERS
                one.later = 1
            (work / "page.txt").write_text(texts[1])
            if kind == "send":
                assert one.digest("run", "--no-send") == 0
            one.prepare()
            one.usual = undisturbed(one)
            yield one
        finally:
            sink.kill()
            forks.kill()


def undisturbed(scene: Scene) -> Undisturbed:
    """What the work is like; each reader has what is theirs, once."""
    scene.measure()
    pages, names = tree(scene.work / "feeds"), scene.names()
    assert scene.next_day() == 0
    figures = Figures()
    count(scene, figures, [])
    assert (figures.faults, figures.duplicates) == ({}, 0)
    return Undisturbed(pages, names, tree(scene.work / "feeds"))


def tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------------------------------------------- kills


def killed(scene: Scene, *how: object) -> bool:
    """The work, killed as `forks` understands it; False where it had ended by then."""
    scene.fresh()
    return scene.digest(*scene.words, kill=how) == -signal.SIGKILL


CALLS = (
    *("write", "pwrite64", "writev", "pwritev", "sendfile", "copy_file_range", "fallocate", "ftruncate"),
    *("fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "symlink"),
    *("unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "chown", "fchown", "flock"),
    *("connect", "sendto", "sendmsg", "shutdown", "openat"),
)
"""System calls that change something here or elsewhere; of `openat` only those that create a file."""


def calls(scene: Scene) -> list[tuple[str, int]]:
    """All that the work makes of these, in their order: which one, and for which time."""
    scene.fresh()
    log = scene.folder / "strace"
    assert scene.digest(*scene.words, trace=[str(log), *CALLS]) == 0
    lines = [line.split(None, 1) for line in log.read_text(errors="replace").splitlines()]
    seen: Counter[str] = Counter()
    made: list[tuple[str, int]] = []
    for thread, told in lines:
        name = told.partition("(")[0]
        # The thread that looks up the server's name counts for itself, and changes nothing.
        if name in CALLS and thread == lines[0][0]:
            seen[name] += 1
            if name != "openat" or "O_CREAT" in told:
                made.append((name, seen[name]))
    return made


# --------------------------------------------------------------------------------------------------- counts


def aftermath(scene: Scene, figures: Figures, *, even: bool = False) -> None:
    """Let the next runs go on, and count what readers, pages and store have. `even`: any moment was as likely."""
    assert scene.usual
    figures.kills += 1
    figures.even += even
    figures.midway += 0 < len(scene.noted()) < READERS
    figures.parts += len(neither(scene))
    exits = [scene.digest(*scene.words)]
    figures.unlike += len(differing(tree(scene.work / "feeds"), scene.usual.pages))
    if scene.kind != "due":
        figures.strays += len(scene.names() - scene.usual.names)
    # Where mails in doubt are sent again they were once put off.
    doubts = scene.rows("state = 'in doubt' OR attempts > 0")
    figures.doubtful += bool(doubts)
    figures.even_doubtful += even and bool(doubts)
    if scene.policy == "hold":
        exits += decide(scene, doubts)
    exits.append(scene.next_day())
    if scene.kind == "due":
        # Where all was done there was nothing due, and what the dead run had for its work waited for the next one.
        figures.strays += len(scene.names() - scene.usual.names - {"next.txt"})
    figures.unlike += len(differing(tree(scene.work / "feeds"), scene.usual.next_pages))
    figures.failed += sum(code not in (0, 4) for code in exits)
    count(scene, figures, doubts)


def neither(scene: Scene) -> list[str]:
    """Published files that are neither the old nor the new ones. Those that are being written have other names."""
    assert scene.usual
    now, old, new = tree(scene.work / "feeds"), scene.pages, scene.usual.pages
    odd = [path for path, content in now.items() if content not in (old.get(path), new.get(path))]
    gone = [path for path in old if path not in now]
    return [path for path in odd if not Path(path).name.endswith(".digest-new")] + gone


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return [path for path in one.keys() | other.keys() if one.get(path) != other.get(path)]


def decide(scene: Scene, doubts: Sequence[tuple[int, str, str]]) -> list[int]:
    """The operator asks each reader whose mail is in doubt, and says what becomes of it."""
    arrived = {(one["to"], one["id"]) for one in scene.noted()}
    return [
        scene.digest("outbox", "--drop" if (to, f"<{message_id}>") in arrived else "--resend", str(seq))
        for seq, to, message_id in doubts
    ]


def count(scene: Scene, figures: Figures, doubts: Sequence[tuple[int, str, str]]) -> None:
    """What readers and store have, where the deliveries `doubts` were in doubt."""
    noted = scene.noted()
    arrived = Counter((one["to"], one["id"]) for one in noted)
    doubted = {(to, f"<{message_id}>") for _, to, message_id in doubts}
    figures.doubts += len(doubted)
    figures.arrived += len(doubted & arrived.keys())
    figures.duplicates += sum(count - 1 for count in arrived.values())
    figures.again += sum(arrived[one] == 2 for one in doubted)
    figures.changed += len({(one["id"], one["bytes"]) for one in noted}) - len({one["id"] for one in noted})
    certain = {(one["to"], one["id"]): one["papers"] for one in noted if (one["to"], one["id"]) not in doubted}
    had = Counter((to, paper) for (to, _), papers in certain.items() for paper in papers)
    figures.duplicates += sum(count - 1 for count in had.values())
    for number in range(READERS):
        reader = f"reader{number}@example.org"
        figures.lost += len(scene.papers - {paper for one in noted if one["to"] == reader for paper in one["papers"]})
    if not scene.is_sound():
        figures.damaged += 1
        return
    days = 3 if scene.kind == "run" else 2
    figures.unfinished += len(scene.rows(f"state NOT IN {FINAL}")) + abs(days * READERS - len(scene.rows("TRUE")))
