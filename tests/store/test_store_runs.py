"""What every store keeps of runs and of trouble: part of the contract in `test_store_contract.py`."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from builders import a_digest, a_paper, a_ranked
from conftest import Opener

from digest.model import Addressee
from digest.store import Store, open_store
from digest.store.outbox import Trouble
from digest.store.runs import KEPT, LENGTH, MOST, PROBLEMS, SUMMARY, Ended, Run
from digest.store.safety import migrate
from digest.store.schema import MIGRATIONS

MORNING = datetime(2026, 5, 26, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


# ------------------------------------------------------------------------------------------------- runs


def test_a_run_comes_back_as_it_was_told(opener: Opener, tmp_path: Path) -> None:
    """What a run says of its end is there when the store is opened again."""
    outcome = Ended(
        3, "source failed", "source failed: 0 listings", {"ana": date(2026, 5, 26)}, ("page.txt: is empty", "b: é")
    )
    with opener(tmp_path) as store:
        number = store.runs.begin("run", 4711, MORNING)
        store.runs.end(number, MORNING + MINUTE, outcome)
    with opener(tmp_path) as store:
        assert store.runs.newest(9) == [Run(number, "run", 4711, MORNING, MORNING + MINUTE, outcome)]


def test_a_run_that_died_has_no_end(store: Store) -> None:
    """Nothing but its beginning is known of a run that was killed, also when others came after it."""
    died = store.runs.begin("run", 1, MORNING)
    store.runs.end(store.runs.begin("send", 2, MORNING + MINUTE), MORNING + 2 * MINUTE, Ended(0))
    assert store.runs.newest(9)[1] == Run(died, "run", 1, MORNING, None, None)


def test_runs_are_told_by_their_command(store: Store) -> None:
    """Those that began last come first, of one command or of all, also where the clock went back."""
    numbers = [store.runs.begin(command, 1, MORNING - number * MINUTE) for number, command in enumerate(["run"] * 3)]
    numbers.append(store.runs.begin("send", 1, MORNING))
    assert [run.number for run in store.runs.newest(9)] == numbers[::-1]
    assert [run.number for run in store.runs.newest(2, "run")] == [numbers[2], numbers[1]]
    assert [run.number for run in store.runs.newest(9, "send")] == [numbers[3]]
    assert store.runs.newest(9, "serve") == []


def test_old_runs_are_forgotten(store: Store) -> None:
    """A run is remembered for 400 days; the one that begins is, whatever its clock says."""
    store.runs.begin("run", 1, MORNING)
    second = store.runs.begin("run", 1, MORNING + KEPT)
    third = store.runs.begin("run", 1, MORNING + KEPT + MINUTE)
    assert [run.number for run in store.runs.newest(9)] == [third, second]
    back = store.runs.begin("run", 1, MORNING - 2 * KEPT)
    assert store.runs.newest(1)[0].number == back


def test_the_many_do_not_push_out_the_few(store: Store) -> None:
    """`digest send` every minute leaves so many of its runs, and every `digest run` stays."""
    first = store.runs.begin("run", 1, MORNING)
    for number in range(MOST + 5):
        store.runs.begin("send", 1, MORNING + number * MINUTE)
    assert len(store.runs.newest(9999, "send")) == MOST
    assert [run.number for run in store.runs.newest(9, "run")] == [first]


def test_a_run_keeps_no_more_than_a_person_reads(store: Store) -> None:
    """A thousand problems, and a line without end, are cut."""
    number = store.runs.begin("run", 1, MORNING)
    store.runs.end(number, MORNING, Ended(3, "source failed", "x" * 99_999, {}, ["y" * 9999] * 999))
    (run,) = store.runs.newest(1)
    assert run.outcome
    assert len(run.outcome.summary) == SUMMARY
    assert [*run.outcome.problems] == ["y" * LENGTH] * PROBLEMS


# ---------------------------------------------------------------------------------------------- troubles


def test_troubles_are_kept_as_they_are(store: Store) -> None:
    """These and no others, with since when, and whether somebody was told, and that it is over."""
    told = Trouble("channel: mail", "mail stopped", MORNING, MORNING + MINUTE, MORNING + 2 * MINUTE)
    fresh = Trouble("source: page.txt", "page.txt: is empty", MORNING + MINUTE)
    store.outbox.keep_troubles([fresh, told])
    assert store.outbox.troubles() == [told, fresh]
    store.outbox.keep_troubles([fresh])
    assert store.outbox.troubles() == [fresh]


# ----------------------------------------------------------------------------------------------- secrets


def test_a_secret_is_looked_at_without_making_one(store: Store) -> None:
    """Asking what is known of a secret makes none."""
    assert store.known_secret("key") is None
    store.secret("key", lambda: "made")
    assert store.known_secret("key") == "made"


# ---------------------------------------------------------------------------------------- what is in doubt


def test_what_is_in_doubt_is_so_until_somebody_decides(store: Store) -> None:
    """D06: a delivery in doubt is listed until its papers went with a later edition, or the operator said something."""
    readers = [Addressee("mail", f"{name}@example.org") for name in ("ana", "bo")]

    def planned(day: str, *, carry: bool, issued: datetime = MORNING) -> None:
        edition = store.keep(a_digest(a_ranked(a_paper()), day=day), issued)
        until = MORNING + timedelta(days=1)
        store.outbox.plan("ana", edition.digest.day, readers, now=MORNING, expires=until, carry=carry)

    for day in ("2026-05-25", "2026-05-26"):
        planned(day, carry=False)
        store.outbox.adopt(MORNING)
    doubts = store.outbox.doubts()
    assert [(one.to.address, one.day.day) for one in doubts] == [
        ("bo@example.org", 26), ("ana@example.org", 26), ("bo@example.org", 25), ("ana@example.org", 25)
    ]  # fmt: skip
    store.outbox.decide(doubts[0].id, "drop", MORNING)
    store.outbox.decide(doubts[3].id, "carry", MORNING)
    assert store.outbox.doubts() == doubts[1:3]
    planned("2026-05-27", carry=True, issued=MORNING + timedelta(days=1))
    assert store.outbox.doubts() == []


# ---------------------------------------------------------------------------------------------- migration


def test_a_store_of_before_keeps_its_troubles(tmp_path: Path) -> None:
    """S10: a store that was made before runs were on record gains the record, and loses nothing."""
    path = tmp_path / "digest.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:3])
        db.execute("INSERT INTO trouble VALUES ('copy', 'nothing is sent', 1000.0, NULL)")
    with open_store(path) as store:
        assert store.outbox.troubles() == [Trouble("copy", "nothing is sent", datetime.fromtimestamp(1000, UTC))]
        store.runs.end(store.runs.begin("run", 1, MORNING), MORNING, Ended(0))
        assert store.runs.newest(1)[0].outcome == Ended(0)
