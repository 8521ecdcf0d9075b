"""What the ledger costs: as much as there is to do, and not as much as there ever was."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from outboxes import DAY, HOUR, NOW, freeze, frozen, journal, kept, planned, readers

import digest.store.ledger_statements as sql
from digest.model import Outcome
from digest.sending import due_days
from digest.store import Store, open_store
from digest.store.sqlite import SqliteStore

# Statements that look at every row of a table, and why they may.
MAY_SCAN = {
    "ADOPT": "once in the life of a copy",
    "DISMISS": "readers of one profile, whom it compares with those of the config",
    "SUPPRESSIONS": "it tells all of them",
    "TROUBLES": "it tells all of them, which are few",
    "DROP_TROUBLES": "it drops all of them",
    "DROP_MESSAGES": "messages that are kept, by number and without their content",
    "DROP_OLD_MESSAGES": "messages that are kept, by number and without their content",
}
FEW = ("delivery_planned", "delivery_rendered", "delivery_deferred", "delivery_midway", "delivery_troubled")
"""Partial indexes: they have the rows in some states, which are few."""
STATEMENTS = {
    name: text
    for name, text in vars(sql).items()
    if name.isupper() and not name.startswith("_") and isinstance(text, str) and name != "DELIVERY"
}
STATEMENTS |= {f"SETTLE {state}": text for state, text in sql.SETTLE.items()}
STATEMENTS |= {f"IN_STATE {state}": text for state, text in sql.IN_STATE.items()}
STATEMENTS |= {
    "filtered by profile": sql.filtered(True, False, True, ()),
    "filtered by profile and day": sql.filtered(True, True, False, ("accepted",)),
    "filtered by state": sql.filtered(False, False, False, tuple(sql.IN_STATE)),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("tables") / "digest.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        yield db


def looked_at(db: sqlite3.Connection, statement: str) -> list[str]:
    """The steps of SQLite's plan that go through every row of a table of ours."""
    marks = max([int(number) for number in range(1, 10) if f"?{number}" in statement] or [statement.count("?")])
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * marks)]
    tables = {"delivery", "edition", "subscriber", "message", "bounce", "suppression", "held", "trouble"}
    scans = [step for step in plan if step.split()[0] == "SCAN" and step.split()[1] in tables]
    return [step for step in scans if not step.endswith(FEW)]


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_use_indexes(name: str, tables: sqlite3.Connection) -> None:
    """A ledger of years is not read where a day is asked for."""
    if not name.isupper() or name not in MAY_SCAN:
        assert looked_at(tables, STATEMENTS[name]) == []


def test_what_may_scan_is_there() -> None:
    """An exception that nothing needs any more is taken out."""
    assert set(MAY_SCAN) <= set(STATEMENTS)


@contextmanager
def counted(store: Store) -> Iterator[Callable[[], int]]:
    """How many hundreds of steps SQLite took so far."""
    assert isinstance(store, SqliteStore)
    hundreds: list[None] = []
    store._connection.set_progress_handler(lambda: hundreds.append(None), 100)
    try:
        yield lambda: len(hundreds)
    finally:
        store._connection.set_progress_handler(None, 0)


def a_day(store: Store, number: int, count: int) -> dict[str, int]:
    """What each part of sending an edition to so many readers costs, on the day of that number."""
    now = NOW + number * DAY
    day = f"2026-{5 + (25 + number) // 30:02}-{(25 + number) % 30 + 1:02}"
    edition = kept(store, day)
    spent: dict[str, int] = {}
    outbox = store.outbox
    with counted(store) as steps:

        def part(name: str, work: Callable[[], object]) -> None:
            before = steps()
            work()
            spent[name] = steps() - before

        part("recover", lambda: outbox.recover(now=now))
        part(
            "plan",
            lambda: outbox.plan(edition.digest.profile, edition.digest.day, readers(count), now=now, expires=now + DAY),
        )
        part("freeze", lambda: freeze(store))
        part("carry", lambda: carry(store, now))
        part("expire", lambda: outbox.expire(now + HOUR))
        part("look", lambda: (outbox.deliveries(profile="ana", limit=1), outbox.tally("ana", edition.digest.day)))
    return spent


def carry(store: Store, now: object) -> None:
    """Claim, mark and settle all, two at a time; every tenth is put off."""
    steps = journal(store, now)  # type: ignore[arg-type]
    parcels = steps.step(wanted=2)
    while parcels:
        steps.step(marked=[one.id for one in parcels])
        outcomes = [Outcome(one.id, "deferred" if one.id % 10 == 0 else "accepted") for one in parcels]
        parcels = steps.step(settled=outcomes, wanted=2)


@pytest.mark.slow
def test_sending_is_linear(tmp_path: Path) -> None:
    """Ten times the readers cost the database at most thirteen times the steps, in each part of a run."""
    spent = []
    for count in (100, 1000):
        with SqliteStore(tmp_path / f"{count}.db") as store:
            spent.append(a_day(store, 0, count))
    for name, large in spent[1].items():
        assert large < 13 * (spent[0][name] + 2), (name, spent)


@pytest.mark.slow
def test_a_long_past_costs_nothing(tmp_path: Path) -> None:
    """The thirtieth day costs the database no more than half as much again as the second."""
    with SqliteStore(tmp_path / "digest.db") as store:
        days = [a_day(store, number, 50) for number in range(30)]
    for name, late in days[-1].items():
        assert late < 1.5 * days[1][name] + 10, (name, days[1], days[-1])


def test_what_is_due_is_found_by_the_newest_day(tmp_path: Path) -> None:
    """Asking which editions are to be planned reads the newest rows of the profile, and no others."""
    from builders import a_profile

    with SqliteStore(tmp_path / "digest.db") as store:
        spent = []
        for number in range(30):
            planned(store, readers(5), (NOW + number * DAY).date().isoformat(), NOW + number * DAY)
            with counted(store) as steps:
                due_days(a_profile(), (NOW + number * DAY).date(), store)
                spent.append(steps())
    assert spent[-1] <= spent[2] + 5


def test_a_step_writes_a_short_row(tmp_path: Path) -> None:
    """What a message says is written once, when it is frozen, and not with each change of its state."""
    with SqliteStore(tmp_path / "digest.db") as store:
        planned(store, readers(1))
        [one] = store.outbox.planned(1)
        letter = frozen(one)
        store.outbox.freeze([letter._replace(parcel=letter.parcel._replace(content=b"x" * 5_000_000))])
        log = tmp_path / "digest.db-wal"
        before = log.stat().st_size
        assert before > 5_000_000
        steps = journal(store, NOW)
        for _ in range(5):
            [parcel] = steps.step(wanted=1)
            steps.step(marked=[parcel.id])
            steps.step(settled=[Outcome(parcel.id, "deferred")])
            steps = journal(store, (store.outbox.deliveries()[0].due or NOW) + timedelta(seconds=1))
        assert log.stat().st_size - before < 15 * 100_000
