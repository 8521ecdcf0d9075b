"""The log of a store that a run sends from: it stays small, and copying it takes nothing from anybody."""

import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from builders import a_digest, a_ranked

from digest.errors import TryAgain
from digest.model import Addressee, Outcome, Parcel
from digest.store import Store, ledger, open_store
from digest.store.ledger import LOG
from digest.store.outbox import Frozen
from digest.store.sqlite import SqliteStore

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
CONTENT = b"x" * 60_000
BATCH = 64
BATCHES = 3 * LOG // (BATCH * len(CONTENT))
"""So many batches that the log has to be copied twice at least."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store with a planned delivery for each message of all batches."""
    with open_store(path) as store:
        edition = store.keep(a_digest(a_ranked(), profile="lab"), NOW)
        to = [Addressee("mail", f"reader{number}@example.org") for number in range(BATCHES * BATCH)]
        store.outbox.plan(edition.digest.profile, edition.digest.day, to, now=NOW, expires=NOW + timedelta(hours=24))
        yield store


def carry(store: Store, note: Callable[[list[int]], None] = lambda ids: None) -> int:
    """Freeze all batches and let a carrier have them; how many messages were accepted. `note` is told of each once the
    journal has it.
    """
    journal = store.outbox.journal("run", "mail", clock=lambda: NOW, chance=lambda: 0.5)
    accepted = 0
    while waiting := store.outbox.planned(BATCH):
        store.outbox.freeze(
            [Frozen(Parcel(one.id, "us@example.org", one.to.address, CONTENT), str(one.id)) for one in waiting]
        )
        parcels = journal.step(wanted=BATCH)
        assert all(parcel.content == CONTENT for parcel in parcels)
        journal.step(marked=[parcel.id for parcel in parcels])
        journal.step(settled=[Outcome(parcel.id, "accepted") for parcel in parcels])
        note([parcel.id for parcel in parcels])
        accepted += len(parcels)
    return accepted


def log_size(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def test_the_log_stays_small_however_much_is_sent(path: Path, store: Store) -> None:
    """S02, S06: the log grows to its limit and a batch more, and is begun anew; the file holds one batch."""
    assert carry(store) == BATCHES * BATCH
    assert log_size(path) < LOG + 3 * BATCH * len(CONTENT)
    assert integrity(path) == "ok"
    store.close()
    assert path.stat().st_size < 3 * BATCH * len(CONTENT) + 4_000_000


def test_what_others_write_while_the_log_is_copied_is_kept(path: Path, store: Store) -> None:
    """S02: whoever unsubscribes again and again while a run sends finds each time recorded, and nothing damaged."""
    done = Event()

    def unsubscribe() -> int:
        count = 0
        with SqliteStore(path, patience=0.0) as mine:
            while not done.is_set():
                with suppress(TryAgain):
                    mine.outbox.suppress("lab", Addressee("mail", f"other{count}@example.org"), "unsubscribed", NOW)
                    count += 1
                sleep(0.001)
        return count

    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(unsubscribe)
        try:
            accepted = carry(store)
        finally:
            done.set()
        assert accepted == BATCHES * BATCH
        recorded = others.result()
        assert len(store.outbox.suppressions()) == recorded > 0
    assert integrity(path) == "ok"


def test_who_reads_keeps_what_they_see(path: Path, store: Store) -> None:
    """A reader that began before the run sees the state of then for as long as it reads, whatever is copied."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        count = "SELECT count(*) FROM delivery WHERE state = 'planned'"
        before = reader.execute(count).fetchone()
        assert carry(store) == BATCHES * BATCH
        assert reader.execute(count).fetchone() == before == (BATCHES * BATCH,)
        reader.execute("COMMIT")
        assert reader.execute(count).fetchone() == (0,)
    assert integrity(path) == "ok"


def go_on(path: Path, noted: Path) -> None:
    """What a run does, in a process that is killed; the log is copied before each batch."""
    vars(ledger)["LOG"] = 0
    with open_store(path) as store, noted.open("a", buffering=1) as file:
        store.outbox.recover(now=NOW)
        carry(store, lambda ids: file.writelines(f"{seq}\n" for seq in ids))


@pytest.mark.slow
def test_a_kill_while_the_log_is_copied_loses_nothing(path: Path, store: Store, tmp_path: Path) -> None:
    """S08: a run that is killed again and again leaves a whole store, in which all that it had recorded is recorded."""
    store.close()
    noted = tmp_path / "noted"
    noted.touch()
    chance = random.Random(4)
    kills = 0
    for _ in range(15):
        run = get_context("fork").Process(target=go_on, args=(path, noted))
        run.start()
        run.join(chance.uniform(0.02, 0.3))
        run.kill()
        run.join()
        kills += run.exitcode == -signal.SIGKILL
        assert integrity(path) == "ok"
        with closing(sqlite3.connect(path)) as db:
            accepted = {str(seq) for (seq,) in db.execute("SELECT seq FROM delivery WHERE state = 'accepted'")}
        assert set(noted.read_text().split()) <= accepted
    assert kills
