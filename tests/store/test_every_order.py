"""Every order in which two mails can go out, cut at every step, with every answer: promises 2 and 3, and M22.

A model of a run with two connections drives the real ledger, over a database in memory: a kill loses no commit, which
`tests/reliability` proves of the file. Nothing is left to chance: `make test` has every seventh case, and seven has
nothing in common with the number of answers and policies; `TORTURE=all` has all 10,500.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, islice, product
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from outboxes import DAY, HOUR, NOW, frozen, kept, readers

from digest.model import Edition, Outcome, Parcel
from digest.store import open_store
from digest.store.ballast import Ballast
from digest.store.ledger import Ledger
from digest.store.safety import transaction
from digest.store.shown import ShownPapers

Answer = Literal["accepts", "refuses", "defers", "takes it and is silent", "loses it and is silent"]
ANSWERS: tuple[Answer, ...] = ("accepts", "refuses", "defers", "takes it and is silent", "loses it and is silent")
Policy = Literal["carry", "resend", "hold"]
POLICIES: tuple[Policy, ...] = ("carry", "resend", "hold")
STEPS = ("mark", "dot", "settle")
SHARE = 1 if os.environ.get("TORTURE") == "all" else 7


class Case(NamedTuple):
    """Which of the two mails takes its next step, when; after how many steps the run dies; and what the server does."""

    order: tuple[int, ...]
    dies: int
    answers: tuple[Answer, Answer]
    policy: Policy


def cases() -> Iterator[Case]:
    places = range(2 * len(STEPS))
    orders = [tuple(int(place in first) for place in places) for first in combinations(places, len(STEPS))]
    for order, dies, answers, policy in product(orders, range(2 * len(STEPS) + 1), product(ANSWERS, ANSWERS), POLICIES):
        yield Case(order, dies, answers, policy)  # type: ignore[arg-type]


@dataclass
class Server:
    """What arrived: the truth, whatever the ledger believes."""

    arrived: list[int] = field(default_factory=list)

    def take(self, parcel: Parcel, answer: Answer) -> Outcome:
        if answer in ("accepts", "takes it and is silent"):
            self.arrived.append(parcel.id)
        if answer.endswith("silent"):
            return Outcome(parcel.id, "in doubt", "no answer")
        return Outcome(parcel.id, {"accepts": "accepted", "refuses": "refused", "defers": "deferred"}[answer])  # type: ignore[arg-type]


@dataclass
class Scene:
    """Two readers, two editions, a ledger in memory."""

    prepared: bytes
    editions: list[Edition]
    nowhere: Path

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.deserialize(self.prepared)

        @contextmanager
        def begin(kind: str) -> Iterator[sqlite3.Connection]:
            with transaction(db, kind):
                yield db

        def begun(kind: str) -> AbstractContextManager[sqlite3.Connection]:
            return begin(kind)

        try:
            yield Ledger(begun, Ballast(self.nowhere), lambda: None, ShownPapers())
        finally:
            db.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    path = folder / "digest.db"
    with open_store(path) as store:
        editions = [kept(store, f"2026-05-{day}") for day in (26, 27)]
        store.outbox.plan(editions[0].digest.profile, editions[0].digest.day, readers(2), now=NOW, expires=NOW + DAY)
        store.outbox.freeze([frozen(one) for one in store.outbox.planned(10)])
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = DELETE").fetchall()  # memory has no log
        return Scene(db.serialize(), editions, folder / "none.db")


def send(ledger: Ledger, server: Server, policy: Policy, now: datetime, run: str) -> None:
    """A run that nothing happens to, with a server that takes everything."""
    resend = policy == "resend"
    ledger.recover(now=now, resend=resend)
    steps = ledger.journal(run, "mail", clock=lambda: now, chance=lambda: 0.0, resend=resend)
    while parcels := steps.step(wanted=2):
        steps.step(marked=[parcel.id for parcel in parcels])
        steps.step(settled=[server.take(parcel, "accepts") for parcel in parcels])


def play(case: Case, ledger: Ledger, editions: list[Edition]) -> tuple[Server, set[int]]:
    """The run that dies, the one after it, and the next day's; what arrived, and which rows were surely accepted."""
    server, resend = Server(), case.policy == "resend"
    steps = ledger.journal("first", "mail", clock=lambda: NOW, chance=lambda: 0.0, resend=resend)
    parcels = steps.step(wanted=2)
    taken = [0, 0]
    outcomes: dict[int, Outcome] = {}
    recorded: set[int] = set()
    for which in case.order[: case.dies]:
        parcel, step = parcels[which], STEPS[taken[which]]
        taken[which] += 1
        if step == "mark":
            steps.step(marked=[parcel.id])
        elif step == "dot":
            outcomes[which] = server.take(parcel, case.answers[which])
        else:
            steps.step(settled=[outcomes[which]])
            if outcomes[which].state == "accepted":
                recorded.add(parcel.id)
    send(ledger, server, case.policy, NOW + HOUR, "second")
    tomorrow = NOW + DAY + HOUR
    ledger.plan(
        editions[1].digest.profile,
        editions[1].digest.day,
        readers(2),
        now=tomorrow,
        expires=tomorrow + DAY,
        carry=case.policy != "hold",
    )
    ledger.freeze([frozen(one) for one in ledger.planned(10)])
    send(ledger, server, case.policy, tomorrow, "third")
    return server, recorded


@pytest.mark.slow
def test_every_order(scene: Scene) -> None:
    """Promises 2 and 3, D05, D06: nothing that was accepted comes again, and no paper is lost, in any order."""
    count = 0
    for case in islice(cases(), 0, None, SHARE):
        with scene.ledger() as ledger:
            server, recorded = play(case, ledger, scene.editions)
            arrived = Counter(server.arrived)
            rows = {one.id: one for one in ledger.deliveries()}
            assert set(recorded) <= {number for number, one in rows.items() if one.state == "accepted"}, case
            assert all(arrived[number] == 1 for number in recorded), case
            twice = {number for number, times in arrived.items() if times > 1}
            assert not twice or case.policy == "resend", case
            for number in (1, 2):
                carried = rows[number].carried_into
                told = {number} | ({carried} if carried else set())
                held = rows[number].state == "in doubt" and not carried
                assert any(arrived[one] for one in told) or (held and case.policy == "hold"), case
                # Whatever takes it along says so.
                assert not carried or scene.editions[0] in ledger.content(carried).editions, case
            assert Counter(one.state for one in rows.values() if one.day == scene.editions[1].digest.day) == {
                "accepted": 2
            }, case
        count += 1
    assert count == -(-20 * 7 * 25 * 3 // SHARE)
