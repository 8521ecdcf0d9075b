"""Clocks that jump between any two steps of sending: no mail comes twice, none waits for years (T04, M12).

An installation's life is a list of steps, each at the instant that its clock shows; between them the clock is set back
or forward. `make test` has 50 random lives, `TORTURE=all` a thousand.
"""

import email
import email.policy
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from installations import Installation, installed, needs

from digest import clock
from digest.model import Outcome
from digest.sending import carriers
from digest.store.backoff import FURTHEST

TORTURE = os.environ.get("TORTURE") == "all"
SEED = int(os.environ.get("SEED", "20261128"))
NOON = datetime(2026, 5, 26, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = ("-2h", "+365d", "@1970-01-02 00:00:00", "@2038-01-19 03:14:06", "@2028-02-29 12:00:00")
JUMPS = (-2 * HOUR, 365 * DAY, datetime(1970, 1, 2, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, tzinfo=UTC))


class Life:
    """An installation, its clock, and a server that does as chance has it."""

    def __init__(self, here: Installation, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = here
        self.chance = chance
        self.now = NOON
        self.told: list[tuple[str, str]] = []
        """What the server accepted: the recipient and the Message-ID of each."""
        self.had: dict[str, set[str]] = {}
        """The papers that each recipient was told of."""
        monkeypatch.chdir(here.folder)
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(carriers, "mail", lambda mailing, watch: self)

    def carry(self, journal: object, stopping: object) -> str:
        """A carrier whose server takes a while, during which the clock may jump."""
        step = journal.step  # type: ignore[attr-defined]
        parcels = step(wanted=2)
        while parcels:
            settled = []
            for parcel in parcels:
                self.jump(0.1)
                if self.chance.random() < 0.05:
                    raise KeyboardInterrupt  # the run is killed: nothing of it goes on
                step(marked=[parcel.id])
                self.jump(0.1)
                fate = self.chance.random()
                if fate < 0.7:
                    self.accept(parcel.recipient, parcel.content)
                    settled.append(Outcome(parcel.id, "accepted"))
                elif fate < 0.8:
                    settled.append(Outcome(parcel.id, "deferred", "451"))
                elif fate < 0.9:
                    settled.append(Outcome(parcel.id, "in doubt", "no answer"))
                else:
                    settled.append(Outcome(parcel.id, "refused", "554"))
            parcels = step(settled=settled, wanted=2)
        return ""

    def accept(self, recipient: str, content: bytes) -> None:
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.told.append((recipient, str(message["Message-ID"])))
        body = message.get_body(("plain",))
        assert body
        self.had.setdefault(recipient, set()).update(re.findall(r"arXiv:(\S+)", body.get_content()))

    def jump(self, chance: float) -> None:
        if self.chance.random() < chance:
            where = self.chance.choice([*JUMPS, NOON, NOON])
            self.now = where if isinstance(where, datetime) else self.now + where

    def step(self) -> None:
        """The next run, some time later, by a clock that may have been set."""
        self.now += self.chance.choice([timedelta(minutes=10), HOUR, DAY])
        self.jump(0.4)
        command = self.chance.choice(["run", "run", "send"])
        self.here.page(self.chance.randrange(1, 28), 1)
        code = self.here.digest(command)
        assert code in (0, 3, 4, 130), code

    def end(self) -> None:
        """The clock is right again, and a few days go by with a server that takes everything."""
        self.chance = Kind()
        self.now = NOON + 5 * DAY
        for number in range(3):
            self.here.page(20 + number, 1)
            assert self.here.digest("run") in (0, 3, 4)
            self.now += 25 * HOUR


class Kind(random.Random):
    """Nothing bad happens by chance any more."""

    def random(self) -> float:
        return 0.5


def rows(here: Installation, what: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(here.store)) as db:
        return db.execute(what).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(100 if TORTURE else 5))
def test_clocks_that_jump(batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """M12, T04: 0 extra mails; nothing is left waiting once the clock is right; whatever it showed before."""
    for number in range(10):
        seed = SEED + 10 * batch + number
        life = Life(installed(tmp_path / str(number), 2), random.Random(seed), monkeypatch)
        for _ in range(5):
            life.step()
        life.end()
        arrived = Counter(life.told)
        assert max(arrived.values()) == 1, (seed, arrived.most_common(2))
        left = rows(life.here, "SELECT state, due, expires FROM delivery WHERE state NOT IN "
                    "('accepted', 'refused', 'suppressed', 'expired', 'in doubt')")  # fmt: skip
        assert left == [], seed
        assert life.here.is_whole(), seed
        # What was not surely accepted went with a later mail, unless it is of the very last.
        last = rows(life.here, "SELECT max(seq) FROM delivery")[0][0]
        uncarried = rows(
            life.here,
            "SELECT seq, state FROM delivery WHERE state <> 'accepted' AND carried_into IS NULL",
        )
        assert all(seq >= last - 1 for seq, _ in uncarried), (seed, uncarried, last)  # type: ignore[operator]


@pytest.mark.parametrize("where", JUMPS, ids=["back 2 h", "forward 1 y", "1970", "2038"])
def test_one_jump_between_two_runs(
    where: timedelta | datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T04: at most one edition more, and never one that was sent; back again, the next day is like any other."""
    life = Life(installed(tmp_path / "here", 2), Kind(), monkeypatch)
    assert life.here.digest("run") == 0
    assert len(life.told) == 2
    life.now = where if isinstance(where, datetime) else NOON + where
    life.here.page(6)
    assert life.here.digest("run") == 0
    assert life.here.digest("send") == 0
    editions = len(rows(life.here, "SELECT seq FROM edition"))
    assert editions <= 2
    assert len(life.told) == len(set(life.told)) == 2 * editions
    life.now = NOON + DAY
    life.here.page(7)
    assert life.here.digest("run") == 0
    assert len(life.told) == len(set(life.told)) == 2 * len(rows(life.here, "SELECT seq FROM edition"))


@pytest.mark.parametrize("where", JUMPS, ids=["back 2 h", "forward 1 y", "1970", "2038"])
def test_what_was_put_off_by_a_wrong_clock(
    where: timedelta | datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M12: no wait is negative, and none is longer than a backoff once the next run has begun."""

    class Busy(Kind):
        def random(self) -> float:
            return 0.75  # deferred, and no jump

    life = Life(installed(tmp_path / "here", 2), Busy(), monkeypatch)
    life.now = where if isinstance(where, datetime) else NOON + where
    assert life.here.digest("run") == 0
    due = rows(life.here, "SELECT due FROM delivery")
    assert len(due) == 2
    assert all(at > life.now.timestamp() for (at,) in due)  # type: ignore[operator]
    life.now = NOON
    # What was planned for a day of 1970 is over, and goes with the next edition.
    over = life.now - DAY > (where if isinstance(where, datetime) else NOON)
    assert life.here.digest("send") == (4 if over else 0)
    waits = [at - NOON.timestamp() for (at,) in rows(life.here, "SELECT due FROM delivery WHERE due IS NOT NULL")]  # type: ignore[operator]
    assert all(0 <= wait <= FURTHEST for wait in waits)
    life.chance = Kind()
    life.now = NOON + 2 * HOUR
    life.here.page(6)
    assert life.here.digest("run") == 0
    assert set(life.here.states()) == ({"expired", "accepted"} if over else {"accepted"})
    same_day = where == JUMPS[0]
    assert {len(told) for told in life.had.values()} == {2 if same_day else 4}


@pytest.mark.slow
@pytest.mark.parametrize("shown", SHOWN)
def test_the_whole_program_with_another_clock(shown: str, tmp_path: Path) -> None:
    """T04, T09: run under libfaketime with another wall clock, then with the right one: each mail arrives once."""
    needs("faketime")
    here = installed(tmp_path / "here", 2)

    def run(*words: str, at: str = "") -> int:
        faked = ["faketime", "-f", at] if at else []
        done = subprocess.run(
            [*faked, sys.executable, "-m", "digest", *words], cwd=here.folder, capture_output=True, text=True
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    assert run("run", at=shown) == 0
    first = here.arrived()
    assert sum(first.values()) == 2
    here.page(6)
    for words in (["run"], ["send"], ["run"]):
        assert run(*words) == 0
    assert max(here.arrived().values()) == 1
    assert first.items() <= here.arrived().items()
    assert sum(here.arrived().values()) <= 4
    assert here.is_whole()
