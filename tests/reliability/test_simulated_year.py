"""A year of arXiv's announcements with faults and restarts: every paper is offered once, to each reader (M21, T05).

The clock is simulated, and so are arXiv, whose listing has the papers of its last five announcements, and cron, which
calls `digest run --due` some times a day, now late, now twice, now not at all for up to four days. Runs die between any
two steps, sources and mail fail, disks fill up, clocks jump. Pages are not rendered; all else is the real program with
its store and its Maildir. `make test` has a year, `TORTURE=all` ten.
"""

import email
import email.policy
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from digest import clock, publishing
from digest.announcements import Announcement, between
from digest.cli import main
from digest.errors import StorageError
from digest.sending.office import PostOffice
from digest.store.diary import Diary
from digest.store.sqlite import SqliteStore

TORTURE = os.environ.get("TORTURE") == "all"
SEED = int(os.environ.get("SEED", "20261128"))
BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
KEPT = 5
"""So many announcements are in a listing."""
QUIET = 16 * DAY
"""So long nothing goes wrong at the end, and what was announced in its first days must have come."""

CONFIG = """\
sources: [listing.txt]
mail: {from: digest@example.org, maildir: mails}
profiles:
  daily:
    keywords: [quantization]
    zone: Europe/Berlin
    limit: 1000
    recipients: [daily@example.org]
  weekly:
    keywords: [quantization]
    zone: Asia/Tokyo
    limit: 1000
    recipients: [weekly@example.org]
    schedule: {at: 8:30, days: sat}
  large:
    keywords: [quantization]
    zone: America/Los_Angeles
    limit: 1000
    recipients: [large@example.org]
    schedule: {at: 2:30, days: weekdays, minimum: 12, patience: 3}
  third:
    keywords: [quantization]
    zone: Australia/Lord_Howe
    limit: 1000
    recipients: [third@example.org]
    schedule: {at: 18:00, every: 3, vacation: [2026-03-01 to 2026-03-20, 2026-07-04, 2026-08-01 to 2026-08-15]}
"""
PROFILES = ("daily", "weekly", "large", "third")
VACATION = [(date(2026, 3, 1), date(2026, 3, 20)), (date(2026, 7, 4), date(2026, 7, 4)),
            (date(2026, 8, 1), date(2026, 8, 15))]  # fmt: skip

STEPS: dict[str, tuple[Any, str]] = {
    "save": (SqliteStore, "save"),
    "keep": (SqliteStore, "keep"),
    "turn": (SqliteStore, "take_turn"),
    "publish": (publishing, "publish"),
    "deliver": (PostOffice, "deliver"),
    "end": (Diary, "end"),
}
"""What a run does, one after the other: it dies before or after any of these."""


class World:
    """arXiv, a machine with a clock and a cron, and what goes wrong with it."""

    def __init__(self, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.now = BEGIN
        self.announced: list[tuple[Announcement, list[str]]] = []
        self.known = BEGIN - 7 * DAY
        self.faults = Counter[str]()
        self.calls = 0
        self._dies: tuple[str, str] | None = None
        self._dead = False
        folder.mkdir()
        (folder / "digest.yaml").write_text(CONFIG, encoding="utf-8")
        monkeypatch.chdir(folder)
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(publishing, "publish", lambda *_: [])
        for name, (owner, method) in STEPS.items():
            monkeypatch.setattr(owner, method, self._step(name, getattr(owner, method)))

    def _step(self, name: str, whole: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            if self._dead:
                raise KeyboardInterrupt  # whoever is dead does nothing more
            self._perhaps(name, "before")
            done = whole(*arguments, **named)
            self._perhaps(name, "after")
            return done

        return step

    def _perhaps(self, name: str, when: str) -> None:
        if self._dies == (name, when):
            self._dead = True
            self.faults["deaths"] += 1
            raise KeyboardInterrupt
        if self._dies == (name, f"full {when}"):
            self.faults["full disks"] += 1
            raise StorageError("no room")

    # ---------------------------------------------------------------------------------------------- arXiv

    def announce(self) -> None:
        """What arXiv announced until now is in its listing."""
        for one in between(self.known, self.now):
            stem = f"{one.evening:%y%m}"
            first = int(f"{one.evening:%d}") * 100
            papers = [f"{stem}.{first + n:05}" for n in range(self.chance.choice([0, 1, 2, 5, 9]))]
            self.announced.append((one, papers))
        self.known = max(self.known, self.now)
        recent = [paper for _, papers in self.announced[-KEPT:] for paper in papers]
        text = "".join(
            f"We study quantization in the {one} way, and find that it holds.\narXiv:{one}\n" for one in recent
        )
        (self.folder / "listing.txt").write_text(text or "Nothing new.\narXiv:0704.00001\n", encoding="utf-8")

    # -------------------------------------------------------------------------------------------- machine

    def call(self, fault: str = "") -> int:
        """cron calls, and something goes wrong."""
        self.calls += 1
        listing, mails, away = (self.folder / name for name in ("listing.txt", "mails", "mails.away"))
        right = self.now
        if fault == "dies":
            self._dies = self.chance.choice(list(STEPS)), self.chance.choice(["before", "after"])
        elif fault == "full":
            self._dies = (
                self.chance.choice(["keep", "publish", "deliver"]),
                self.chance.choice(["full before", "full after"]),
            )
        elif fault == "no source":
            listing.unlink()
        elif fault == "no mail":
            if mails.exists():
                mails.rename(away)
            mails.write_text("in the way")
        elif fault == "clock":
            self.now += self.chance.choice([-2 * HOUR, -30 * HOUR, 3 * HOUR, 2 * DAY])
        code = main(["run", "--due"])
        self._dies, self._dead = None, False
        if fault in ("no source", "no mail", "clock"):
            self.faults[fault] += 1
        if fault == "no mail":
            mails.unlink()
            if away.exists():
                away.rename(mails)
        self.now = right
        self.announce()
        return code

    def live(self, until: datetime, *, calm: bool = False) -> None:
        """Some calls a day; otherwise one in eight goes wrong, and now and then nobody calls for days."""
        while self.now < until:
            pause = self.chance.choice([MINUTE, 3 * HOUR, 6 * HOUR, 11 * HOUR])
            if not calm and self.chance.random() < 0.02:
                pause = self.chance.choice([1, 2, 4]) * DAY
                self.faults["days without power"] += 1
            self.now += pause
            self.announce()
            wrong = not calm and self.chance.random() < 0.125
            faults = ["dies", "dies", "dies", "full", "no source", "no mail", "clock"]
            code = self.call(self.chance.choice(faults) if wrong else "")
            assert code in (0, 3, 4, 5, 130), code

    # ------------------------------------------------------------------------------------------ afterwards

    def rows(self, what: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "digest.db")) as db:
            return db.execute(what).fetchall()

    def offered(self) -> dict[str, Counter[str]]:
        """How often each paper was in an edition, by profile."""
        found = {name: Counter[str]() for name in PROFILES}
        for profile, paper in self.rows("SELECT profile, id FROM edition_paper JOIN edition ON seq = edition"):
            found[profile][paper.removeprefix("arxiv:")] += 1
        return found

    def mailed(self) -> dict[str, Counter[str]]:
        """How often each paper was in a mail, by profile."""
        found = {name: Counter[str]() for name in PROFILES}
        for path in (self.folder / "mails" / "new").iterdir():
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))  # type: ignore[attr-defined]
            papers = set(re.findall(r"arXiv:(\d{4}\.\d{5})", body.get_content()))
            found[str(message["To"]).partition("@")[0]].update(papers)
        return found


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", range(10 if TORTURE else 1))
def test_a_year(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[..., None]) -> None:
    """M21: every announced paper is in one edition and one mail of each profile; 0 violations."""
    world = World(tmp_path / "here", SEED + number, monkeypatch)
    end = BEGIN + 345 * DAY
    world.live(end)
    world.live(end + QUIET, calm=True)
    check(world, end)
    papers = sum(len(papers) for _, papers in world.announced)
    editions = world.rows("SELECT count(*) FROM edition")[0][0]
    figure(
        "simulated years: {years:,}, {announced:,} announcements of {papers:,} papers, {calls:,} calls, {faults:,} "
        "faults ({deaths:,} deaths), {editions:,} editions: 0 violations",
        years=1, announced=len(world.announced), papers=papers, calls=world.calls, editions=editions,
        faults=sum(world.faults.values()), deaths=world.faults["deaths"],
    )  # fmt: skip


def test_some_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for six weeks, with a vacation in them."""
    monkeypatch.setattr(f"{__name__}.BEGIN", BEGIN + 40 * DAY)
    world = World(tmp_path / "here", SEED, monkeypatch)
    end = BEGIN + 25 * DAY
    world.live(end)
    world.live(end + QUIET, calm=True)
    check(world, end)


def check(world: World, end: datetime) -> None:
    """What must be so after all that happened."""
    offered, mailed = world.offered(), world.mailed()
    must = {paper for one, papers in world.announced for paper in papers if one.at <= end}
    for name in PROFILES:
        assert max(offered[name].values()) == 1, (name, offered[name].most_common(3))
        assert must <= offered[name].keys(), (name, sorted(must - offered[name].keys()))
        twice = {paper: number for paper, number in mailed[name].items() if number > 1}
        assert not twice, (name, twice)
        assert must <= mailed[name].keys(), (name, sorted(must - mailed[name].keys()))
    days = [(profile, date.fromisoformat(day)) for profile, day in world.rows("SELECT profile, day FROM edition")]
    assert len(days) == len(set(days))
    assert {day.weekday() for profile, day in days if profile == "weekly"} == {5}
    assert all(day.weekday() < 5 for profile, day in days if profile == "large")
    assert not [day for profile, day in days if profile == "third" and any(a <= day <= b for a, b in VACATION)]
    third = sorted(day for profile, day in days if profile == "third")
    # An edition of a day to come, which a clock put there that was ahead, does not count once the clock is right.
    assert sum((later - day).days < 3 for day, later in pairwise(third)) <= world.faults["clock"]
    assert world.rows("PRAGMA integrity_check") == [("ok",)]
    assert not world.rows("SELECT 1 FROM delivery WHERE state IN ('claimed', 'dot sent')")
