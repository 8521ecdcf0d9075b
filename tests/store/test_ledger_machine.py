"""The ledger against a model of it that fits on a page (M22): whatever happens, in any order, with any clock.

`make test` has a share; `TORTURE=all` has many times as many.
"""

import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from outboxes import DAY, HOUR, NOW, content, frozen, journal, kept, readers

from digest.errors import UsageError
from digest.model import Addressee, Edition, Outcome, State
from digest.store import Store, open_store
from digest.store.backoff import FURTHEST, backoff

TORTURE = os.environ.get("TORTURE") == "all"
READERS = readers(3)
WAITING = ("planned", "rendered", "deferred")
MIDWAY = ("claimed", "dot sent")
OPEN = ("refused", "expired", "in doubt")
EITHER = st.booleans()
WHO = st.sampled_from(READERS)


@dataclass
class Row:
    """What the model knows of a delivery."""

    day: date
    to: Addressee
    state: State
    expires: datetime
    attempts: int = 0
    due: datetime | None = None
    carry: int = 0
    carried_into: int | None = None
    run: str = ""
    frozen: bool = False
    sealed: bool = False
    """Somebody may have its bytes."""
    dismissed: bool = False
    left: bool = False
    lost: bool = False
    """Its bytes are not kept any more, or may not be."""


@dataclass
class Model:
    """The ledger, as its contract says."""

    rows: dict[int, Row] = field(default_factory=dict)
    held: set[Addressee] = field(default_factory=set)
    adopted: datetime | None = None
    copied: set[date] = field(default_factory=set)
    """Editions that were there when the copy was adopted."""

    def of(self, *wanted: str) -> list[int]:
        return [number for number, row in self.rows.items() if row.state in wanted]

    def move(self, number: int, state: State) -> None:
        row = self.rows[number]
        assert row.state != "accepted", "what was accepted stays so"
        row.state, row.due = state, None
        row.run = row.run if state in MIDWAY else ""

    def plan(self, edition: Edition, to: list[Addressee], now: datetime, expires: datetime, carry: bool) -> None:
        for one in to:
            mine = [number for number, row in self.rows.items() if row.to == one]
            if any(self.rows[number].day == edition.digest.day for number in mine):
                continue
            along: list[int] = []
            if one not in self.held:
                along = [number for number in mine if self.goes_along(self.rows[number], carry)]
            if not edition.digest.ranked and not along:
                continue
            late = self.adopted is not None and edition.issued <= self.adopted
            late = late or edition.digest.day in self.copied
            state: State = "expired" if expires <= now else "planned"
            state = "suppressed" if one in self.held else "in doubt" if late else state
            made = len(self.rows) + 1
            self.rows[made] = Row(edition.digest.day, one, state, expires, lost=late)
            for number in along:
                self.rows[number].carried_into = made
            for number in [one for first in along for one in self.worn_out(first, 0)]:
                self.rows[number].carry, self.rows[number].carried_into = -1, made
                self.rows[number].left = True

    def worn_out(self, number: int, refusals: int) -> list[int]:
        """That row, and what it took along, as far as three mails with it were refused after their dot by then."""
        row = self.rows[number]
        refusals += row.state == "refused" and row.sealed
        taken = [one for one, other in self.rows.items() if other.carried_into == number and not other.left]
        return [number] * (refusals >= 3) + [one for other in taken for one in self.worn_out(other, refusals)]

    def goes_along(self, row: Row, carry: bool) -> bool:
        free = row.carried_into is None and row.carry >= 0
        return free and (
            row.state in ("expired", "refused")
            or (row.state == "in doubt" and (carry or row.carry == 1))
            or (row.state == "suppressed" and row.dismissed)
        )


class Ledger(RuleBasedStateMachine):
    """Everything that may happen to a ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name, "digest.db")
        self.store: Store = open_store(self.path)
        self.model = Model()
        self.now = NOW
        self.day = NOW.date()
        self.runs = 1
        self.accepted: set[int] = set()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @property
    def run(self) -> str:
        return f"run {self.runs}"

    def some(self, data: st.DataObject, *wanted: str) -> int:
        return data.draw(st.sampled_from(self.model.of(*wanted)))

    # ----------------------------------------------------------------------------------------------- planning

    @initialize()
    def begin(self) -> None:
        kept(self.store, self.day.isoformat())

    @rule(shown=st.integers(0, 2))
    def next_day(self, shown: int) -> None:
        self.day += DAY
        self.now += DAY
        kept(self.store, self.day.isoformat(), shown)

    @rule(to=st.lists(WHO, unique=True), hours=st.sampled_from([0, 1, 24, 24 * 30]), carry=EITHER)
    def plan(self, to: list[Addressee], hours: int, carry: bool) -> None:
        edition = self.store.edition("ana", self.day)
        assert edition
        expires = self.now + hours * HOUR
        self.store.outbox.plan(
            edition.digest.profile, edition.digest.day, to, now=self.now, expires=expires, carry=carry
        )
        self.model.plan(edition, to, self.now, expires, carry)

    @rule(to=st.lists(WHO, unique=True))
    def dismiss(self, to: list[Addressee]) -> None:
        self.store.outbox.dismiss("ana", to, self.now)
        for number in self.model.of(*WAITING):
            if self.model.rows[number].to not in to:
                self.model.move(number, "suppressed")
                self.model.rows[number].dismissed = True

    @precondition(lambda self: self.model.of("planned"))
    @rule(limit=st.integers(1, 4))
    def freeze(self, limit: int) -> None:
        waiting = self.store.outbox.planned(limit)
        assert [one.id for one in waiting] == self.model.of("planned")[:limit]
        for one in waiting:
            told = self.store.outbox.content(one.id).editions
            assert {edition.digest.day for edition in told} == self.taken(one.id)
            assert told[0].digest.day == one.day
        self.store.outbox.freeze([frozen(one) for one in waiting])
        for one in waiting:
            self.model.move(one.id, "rendered")
            self.model.rows[one.id].frozen = True

    @rule(changed=EITHER)
    def thaw(self, changed: bool) -> None:
        """The config has changed, or not, since things were written."""
        expected = [one for one in self.model.of("rendered", "deferred") if changed and not self.model.rows[one].sealed]
        assert self.store.outbox.thaw("ana", "mail", "new" if changed else "old", self.now) == len(expected)
        for number in expected:
            self.model.move(number, "planned")
            self.model.rows[number].frozen = False
            self.model.rows[number].attempts = 0

    def taken(self, number: int) -> set[date]:
        """The days of a row, and of all that it takes along."""
        days = {self.model.rows[number].day}
        for earlier, one in self.model.rows.items():
            if one.carried_into == number and not one.left:
                days |= self.taken(earlier)
        return days

    # ------------------------------------------------------------------------------------------------ sending

    @rule(wanted=st.integers(0, 4))
    def claim(self, wanted: int) -> None:
        parcels = journal(self.store, self.now, self.run).step(wanted=wanted)
        free = [number for number, row in self.model.rows.items() if row.expires > self.now]
        free = [number for number in free if self.model.rows[number].to not in self.model.held]
        ready = [number for number in free if self.model.rows[number].state == "rendered"]
        late = [number for number in free if self.model.rows[number].state == "deferred"]
        due = sorted((when, number) for number in late if (when := self.model.rows[number].due) and when <= self.now)
        expected = [*ready, *(number for _, number in due)][:wanted]
        assert [parcel.id for parcel in parcels] == sorted(expected)
        for parcel in parcels:
            self.model.move(parcel.id, "claimed")
            self.model.rows[parcel.id].run = self.run
            assert parcel.content == content(parcel.id), "the same bytes at each try"

    @precondition(lambda self: self.model.of("claimed"))
    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        number = self.some(data, "claimed")
        journal(self.store, self.now, self.run).step(marked=[number])
        self.model.move(number, "dot sent")
        self.model.rows[number].sealed = True

    @precondition(lambda self: self.model.of(*MIDWAY))
    @rule(
        data=st.data(),
        resend=EITHER,
        state=st.sampled_from(["accepted", "refused", "deferred", "in doubt", "rendered"]),
    )
    def settle(self, data: st.DataObject, resend: bool, state: State) -> None:
        number = self.some(data, *MIDWAY)
        row = self.model.rows[number]
        steps = journal(self.store, self.now, self.run, resend=resend)
        ends: State = "deferred" if resend and state == "in doubt" else state
        fits = {"in doubt": row.state == "dot sent", "rendered": row.state == "claimed"}.get(ends, True)
        if not fits:
            with pytest.raises(ValueError, match="cannot be settled"):
                steps.step(settled=[Outcome(number, state)])  # type: ignore[arg-type]
            return
        steps.step(settled=[Outcome(number, state)])  # type: ignore[arg-type]
        self.model.move(number, ends)
        if ends == "deferred":
            row.attempts += 1
            row.due = self.now + timedelta(seconds=backoff(row.attempts, 0.0))
        if ends == "accepted":
            self.accepted.add(number)

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data())
    def settle_what_another_run_has(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from([*self.model.rows]))
        with pytest.raises(ValueError, match="cannot be settled"):
            journal(self.store, self.now, "another run").step(settled=[Outcome(number, "accepted")])

    @rule(resend=EITHER)
    def crash(self, resend: bool) -> None:
        """The process is gone, and the next run begins."""
        self.store.close()
        self.store = open_store(self.path)
        self.runs += 1
        left = self.store.outbox.recover(now=self.now, resend=resend)
        assert [one.id for one in left] == self.model.of(*MIDWAY)
        for number in self.model.of("claimed"):
            self.model.move(number, "rendered")
        for number in self.model.of("dot sent"):
            self.model.move(number, "deferred" if resend else "in doubt")
            if resend:
                self.model.rows[number].due = self.now
                self.model.rows[number].attempts += 1
        for number in self.model.of(*WAITING):
            row = self.model.rows[number]
            if row.due and row.due > self.now + timedelta(seconds=FURTHEST):
                row.due = self.now
            if row.expires > self.now + 31 * DAY:
                row.expires = self.now + DAY

    @rule()
    def expire(self) -> None:
        over = self.store.outbox.expire(self.now)
        for number in self.model.of(*WAITING):
            if self.model.rows[number].to in self.model.held:
                self.model.move(number, "suppressed")
        expected = [number for number in self.model.of(*WAITING) if self.model.rows[number].expires <= self.now]
        assert [one.id for one in over] == expected
        for number in expected:
            self.model.move(number, "expired")
        for number in self.model.of("accepted", "suppressed", *OPEN):
            self.model.rows[number].lost |= self.store.outbox.message(number) is None

    # ----------------------------------------------------------------------------------------- people and time

    @rule(who=WHO)
    def suppress(self, who: Addressee) -> None:
        assert self.store.outbox.suppress("ana", who, "unsubscribed", self.now) == (who not in self.model.held)
        self.model.held.add(who)
        for number in self.model.of(*WAITING):
            if self.model.rows[number].to == who:
                self.model.move(number, "suppressed")

    @rule(who=WHO)
    def release(self, who: Addressee) -> None:
        assert self.store.outbox.release("ana", who) == (who in self.model.held)
        self.model.held.discard(who)

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data(), how=st.sampled_from(["resend", "carry", "drop"]))
    def decide(self, data: st.DataObject, how: str) -> None:
        number = data.draw(st.sampled_from([*self.model.rows]))
        one = self.model.rows[number]
        there = self.store.outbox.message(number) is not None
        may = one.state in OPEN and not one.carried_into
        if not may or (how == "resend" and (not there or one.to in self.model.held)):
            with pytest.raises(UsageError):
                self.store.outbox.decide(number, how, self.now)  # type: ignore[arg-type]
            return
        self.store.outbox.decide(number, how, self.now)  # type: ignore[arg-type]
        one.carry = {"resend": 0, "carry": 1, "drop": -1}[how]
        if how == "resend":
            self.model.move(number, "rendered")
            one.expires = max(one.expires, self.now + DAY)

    @rule()
    def adopt(self) -> None:
        self.store.outbox.adopt(self.now)
        self.model.adopted = self.now
        self.model.copied = {line.day for line in self.store.archive("ana", "Ana", 0).days}
        for number in self.model.of(*WAITING, *MIDWAY):
            self.model.move(number, "in doubt")
            self.model.rows[number].sealed = True

    @rule(jump=st.sampled_from([HOUR, -2 * HOUR, 26 * HOUR, 365 * DAY, -365 * DAY, 8 * DAY]))
    def clock(self, jump: timedelta) -> None:
        self.now += jump

    # ---------------------------------------------------------------------------------------------- invariants

    @invariant()
    def holds(self) -> None:
        """The rows are those of the model; nothing accepted has moved; the sums are right; what is needed is there."""
        found = {one.id: one for one in self.store.outbox.deliveries()}
        assert found.keys() == self.model.rows.keys()
        for number, expected in self.model.rows.items():
            one = found[number]
            assert (one.state, one.attempts, one.day, one.to, one.due, one.expires, one.carried_into) == (
                expected.state,
                expected.attempts,
                expected.day,
                expected.to,
                expected.due,
                expected.expires,
                expected.carried_into,
            ), number
            assert one.carried_into is None or one.carried_into > number
        assert {number for number in self.accepted if found[number].state != "accepted"} == set()
        sums = Counter((one.day, one.state) for one in found.values())
        for day in {one.day for one in found.values()}:
            told = self.store.outbox.tally("ana", day)
            assert {(day, state): count for state, count in told.items()} == {
                key: count for key, count in sums.items() if key[0] == day
            }
        for number in self.model.of("rendered", *MIDWAY, "deferred"):
            assert self.store.outbox.message(number) == content(number)

    @invariant()
    def is_whole(self) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            twice = db.execute("SELECT 1 FROM delivery GROUP BY edition, subscriber HAVING count(*) > 1").fetchall()
            assert twice == []


Ledger.TestCase.settings = settings(max_examples=3000 if TORTURE else 60, stateful_step_count=40, deadline=None)
TestLedger = pytest.mark.slow(Ledger.TestCase)
