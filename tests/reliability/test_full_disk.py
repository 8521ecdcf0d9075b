"""A disk that runs full, or fails, under a whole run: it stops before the next mail, and nothing is lost or repeated.

A run publishes an edition and sends it to a server that notes each mail, elsewhere, before it says 250. The disk is a
small one that was filled but for some bytes (M16), or a system call fails as on one (`strace`). Then there is room
again, and the next run goes on.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import kills
import pytest
from installations import Installation, needs

from digest.clock import today
from digest.store.ballast import SIZE

TORTURE = os.environ.get("TORTURE") == "all"
CRAMPED = Path(__file__).with_name("cramped.py")
READERS = 6
DISK = 32_000_000
TOMORROW = str(today("UTC") + timedelta(days=1))

pytestmark = pytest.mark.slow


@dataclass
class Figures:
    """What was counted."""

    points: int = 0
    ends: Counter[int] = field(default_factory=Counter)
    arrived: int = 0
    """How many mails had arrived when the disk was full."""
    unrecorded: int = 0
    """How many of these were not recorded as accepted."""

    def __str__(self) -> str:
        ends = ", ".join(f"{count} x exit {code}" for code, count in sorted(self.ends.items()))
        return (
            f"{self.points} points: {ends}; {self.arrived} mails had arrived by then, {self.unrecorded} of them not "
            "recorded as accepted; 0 duplicates, 0 lost papers, 0 damaged stores"
        )


@dataclass
class Scene:
    """An installation on the eve of its second edition, what a good run makes of it, and a server."""

    prepared: Path
    work: Path
    journal: Path
    forks: subprocess.Popen[str]
    old: dict[str, bytes]
    new: dict[str, bytes]

    @property
    def here(self) -> Installation:
        return Installation(self.work, READERS)

    def digest(self, *words: str, later: int = 0) -> int:
        assert self.forks.stdin
        assert self.forks.stdout
        self.forks.stdin.write(json.dumps({"words": words, "cwd": str(self.work), "later": later}) + "\n")
        self.forks.stdin.flush()
        return int(self.forks.stdout.readline())

    def fresh(self) -> None:
        for entry in self.work.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(self.prepared, self.work, dirs_exist_ok=True)
        self.journal.write_bytes(b"")

    def noted(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def check(self, code: int, figures: Figures) -> set[str]:
        """What a run that ended with `code` left; there is room again. The recipients whose mail was recorded as
        accepted.
        """
        figures.points += 1
        figures.ends[code] += 1
        assert code in (0, 4, 5), code
        site = self.here.published()
        for name, content in site.items():
            assert content in (self.old.get(name), self.new.get(name)), f"{name} is neither old nor new"
        assert self.old.keys() <= site.keys()
        assert self.here.is_whole()
        recorded = {address for address, day, state in self.rows() if state == "accepted" and day == TOMORROW}
        arrived = [one["to"] for one in self.noted()]
        assert recorded <= set(arrived)
        assert len(arrived) == len(set(arrived))
        figures.arrived += len(arrived)
        figures.unrecorded += len(set(arrived) - recorded)
        return recorded

    def goes_on(self) -> None:
        """The next run ends well, and everybody has had every paper once."""
        code = self.digest("run", later=1)
        assert code in (0, 4), code
        (self.work / "more.txt").write_text(kills.page(7)[0])
        assert self.digest("run", later=2) in (0, 4)
        mails = Counter((one["to"], one["id"]) for one in self.noted())
        assert max(mails.values()) == 1, mails
        had: dict[str, set[str]] = {}
        for one in self.noted():
            had.setdefault(one["to"], set()).update(one["papers"])
        wanted = kills.page(6)[1] | kills.page(7)[1]
        assert {reader: wanted - papers for reader, papers in had.items() if wanted - papers} == {}
        assert len(had) == READERS
        assert self.here.is_whole()
        left = [entry.name for entry in self.work.iterdir() if re.search(r"ballast|-wal|-shm|\.new", entry.name)]
        assert left == []
        assert self.here.published().keys() >= self.new.keys()
        unfinished = [state for _, _, state in self.rows() if state not in kills.FINAL]
        assert unfinished == []

    def rows(self) -> list[tuple[str, str, str]]:
        with closing(sqlite3.connect(self.work / "digest.db")) as db:
            return db.execute(
                "SELECT address, day, state FROM delivery JOIN subscriber ON subscriber.seq = delivery.subscriber "
                "JOIN edition ON edition.seq = delivery.edition"
            ).fetchall()


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """`folder/disk` is where the installation works; it may be a disk of its own."""
    journal, prepared, work = folder / "journal", folder / "prepared", folder / "disk"
    journal.touch()
    prepared.mkdir()
    work.mkdir(exist_ok=True)
    forking = subprocess.Popen([sys.executable, CRAMPED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    sinking = subprocess.Popen([sys.executable, kills.SINK, journal], stdout=subprocess.PIPE, text=True)
    with sinking as sink, forking as forks:
        try:
            assert sink.stdout
            assert forks.stdout
            assert forks.stdout.readline() == "ready\n"
            readers = ", ".join(f"reader{number}@example.org" for number in range(READERS))
            port = int(sink.stdout.readline())
            config = kills.CONFIG.format(port=port, readers=readers, policy="carry", zone="UTC")
            (work / "digest.yaml").write_text(config)
            made = Scene(prepared, work, journal, forks, {}, {})
            Installation(work, READERS).page(5)
            assert made.digest("run") == 0
            Installation(work, READERS).page(6)
            shutil.copytree(work, prepared, dirs_exist_ok=True)
            made.old = made.here.published()
            assert made.digest("run", later=1) == 0
            made.new = made.here.published()
            assert len(made.noted()) == 2 * READERS
            yield made
        finally:
            sink.kill()
            forks.kill()


# --------------------------------------------------------------------------------------------------- a small disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own at `tmp_path/disk`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("may not mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], capture_output=True)


def fill(disk: Path, left: int) -> Path:
    """A file that takes all room of the disk but so many bytes."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        free = shutil.disk_usage(disk).free
        if free > left:
            os.posix_fallocate(file.fileno(), 0, free - left)
    return filler


def fill_up(disk: Path) -> Path:
    """A file that takes all room of a disk that somebody else is writing to."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096 if shutil.disk_usage(disk).free < 1_000_000 else 1_000_000))
    return filler


def rooms() -> list[int]:
    """How many bytes are left, in pages: little, about as much as outcomes need, and more than enough."""
    page, share = 4096, 1 if TORTURE else 4
    little = range(0, 120 * page, 3 * page * share)
    around = range(SIZE, SIZE + 250 * page, 2 * page * share)
    more = range(SIZE + 250 * page, SIZE + 900 * page, 20 * page * share)
    return [*little, *around, *more, SIZE - page]


@pytest.mark.timeout(900)
def test_a_disk_that_runs_full(tmp_path: Path, disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """M16, S05, S06: with any room that is left, every mail that was accepted is recorded as accepted."""
    figures = Figures()
    with scene(tmp_path) as it:
        for left in rooms():
            it.fresh()
            filler = fill(disk, left)
            code = it.digest("run", later=1)
            filler.unlink()
            it.check(code, figures)
            assert figures.unrecorded == 0, left
            it.goes_on()
    with capsys.disabled():
        sys.stdout.write(f"\na disk that runs full, {figures}\n")
    assert figures.points >= 50
    assert figures.ends[5] > 20
    assert figures.ends[0] > 0


@pytest.mark.timeout(900)
def test_a_disk_that_runs_full_while_mails_go_out(
    tmp_path: Path, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M16, section 3: the disk is filled by somebody else between two mails; it stops before the next, and what was
    accepted is recorded, in room that was kept for it.
    """
    figures = Figures()
    with scene(tmp_path) as it:
        for mail in range(READERS + 1):
            it.fresh()
            begun = subprocess.Popen(
                [sys.executable, CRAMPED, "1", "run"],
                cwd=it.work,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            with begun:
                while len(it.noted()) < mail and begun.poll() is None:
                    pass
                filler = None if begun.poll() is not None else fill_up(disk)
                assert begun.stderr
                said = begun.stderr.read()
            if filler:
                filler.unlink()
            it.check(begun.returncode, figures)
            assert figures.unrecorded == 0, mail
            assert begun.returncode != 5 or "disk" in said or "room" in said or "space" in said, said
            it.goes_on()
    with capsys.disabled():
        sys.stdout.write(f"\na disk that is filled between two mails, {figures}\n")


# ---------------------------------------------------------------------------------------------- calls that fail

FAULTS = [
    ("ENOSPC", "write"),
    ("ENOSPC", "pwrite64"),
    ("ENOSPC", "ftruncate"),
    ("ENOSPC", "fallocate"),
    ("EIO", "fsync"),
    ("EIO", "fdatasync"),
]


def traced(it: Scene, *options: str) -> int:
    """The exit code of the run under strace."""
    command = ["strace", "-f", "-qq", *options, sys.executable, str(CRAMPED), "1", "run"]
    done = subprocess.run(command, cwd=it.work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode


@pytest.mark.parametrize(("fault", "call"), FAULTS)
@pytest.mark.timeout(1800)
def test_a_call_that_fails(fault: str, call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """M16, S05: one call fails as on a full or a broken disk, each in its turn. On a full one every mail that was
    accepted is recorded; what a broken one could not record is in doubt and counted, and comes with the next edition.
    """
    needs("strace")
    figures = Figures()
    with scene(tmp_path) as it:
        it.fresh()
        log = tmp_path / "strace"
        assert traced(it, "-o", str(log), "-e", f"trace={call}") == 0
        count = sum(f" {call}(" in line for line in log.read_text(errors="replace").splitlines())
        # Of the many small writes of the store every tenth is enough.
        step = 1 if TORTURE else 10 if call == "pwrite64" else 5
        for number in range(1, count + 1, step):
            it.fresh()
            inject = f"inject={call}:error={fault}:when={number}"
            code = traced(it, "-o", os.devnull, "-e", f"trace={call}", "-e", inject)
            # 120: Python could not write to where its own output goes.
            it.check(5 if code == 120 else code, figures)
            it.goes_on()
    with capsys.disabled():
        sys.stdout.write(f"\n{fault} from {call}, {figures}\n")
    assert figures.points >= count // step
    if fault == "ENOSPC":
        assert figures.unrecorded == 0
