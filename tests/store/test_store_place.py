"""Where a store may lie, who may work with it, and what a change of its layout survives."""

import fcntl
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from numbered_papers import papers
from outboxes import NOW, freeze, kept, planned, readers

from digest.errors import StorageError, TryAgain
from digest.store import open_store
from digest.store.ballast import SIZE, Ballast
from digest.store.safety import REMOTE, Full, alone, failure, file_system, migrate, refuse_remote, room, sweep
from digest.store.schema import MIGRATIONS
from digest.store.sqlite import SqliteStore

# The children of a fork here run code of ours and end; newer Pythons warn of it where pytest has threads.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:26 / /proc rw - proc proc rw
31 22 0:40 / /home rw shared:7 - nfs4 files.example.org:/home rw,vers=4.2
32 31 8:2 / /home/ana/local\040disk rw - xfs /dev/sdb1 rw
33 22 0:41 / /mnt rw - ext4 /dev/sdc1 rw
34 22 0:42 / /mnt rw - cifs //files/share rw
35 22 0:43 / /home/ana/local\040disk/far master:2 propagate_from:1 - fuse.sshfs far:/ rw
a line of no mount
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


# ------------------------------------------------------------------------------------------------- file systems


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/digest.db", "ext4"),
        ("/home/ana/digest.db", "nfs4"),
        ("/home/ana/local disk/digest.db", "xfs"),
        ("/home/ana/local disk/far/digest.db", "fuse.sshfs"),
        ("/mnt/digest.db", "cifs"),  # what was mounted last hides the others
        ("/homes/digest.db", "ext4"),
    ],
)
def test_the_deepest_mount_is_the_places(place: str, kind: str) -> None:
    """S03 (proc(5), mountinfo): of several mounts above a path the deepest counts, and there the last."""
    assert file_system(Path(place), MOUNTS) == kind


@pytest.mark.parametrize("kind", sorted(REMOTE))
def test_a_place_on_another_machine_is_refused(kind: str, path: Path) -> None:
    """S03: no database is safe there; the published folder may lie anywhere."""
    mounts = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / {path.parent} rw - {kind} far:/ rw\n"
    with pytest.raises(StorageError, match=f"another machine \\({kind}\\)") as told:
        refuse_remote(path, mounts)
    assert "the published folder may lie anywhere" in str(told.value)
    refuse_remote(path, mounts.replace(f" {kind} ", " ext4 "))


def test_a_link_to_another_machine_leads_there(path: Path, tmp_path: Path) -> None:
    """S03: what counts is where the file is, not how it is called."""
    far = tmp_path / "far"
    far.mkdir()
    path.symlink_to(far / "digest.db")
    with pytest.raises(StorageError, match="another machine"):
        refuse_remote(path, f"1 0 8:1 / / rw - ext4 x rw\n2 1 0:9 / {far} rw - nfs far:/ rw\n")


def test_this_machines_mounts_are_read(path: Path) -> None:
    """S03: where the system says nothing of its mounts, nothing is refused; here it is no remote place."""
    refuse_remote(path)


# --------------------------------------------------------------------------------------------------------- room


def test_a_run_needs_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S06: 50 MB, or three times the store, whichever is more."""
    free = 49_999_999
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=free))
    with pytest.raises(StorageError, match="50 MB free, and a run may need 50 MB"):
        room(path)
    free = 50_000_000
    room(path)
    with path.open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(StorageError, match="50 MB free, and a run may need 60 MB"):
        room(path)
    free = 60_000_000
    room(path)


def test_room_is_looked_for_where_the_store_will_be(tmp_path: Path) -> None:
    """S06: the folder need not be there yet."""
    room(tmp_path / "not" / "there" / "digest.db", least=1)
    with pytest.raises(StorageError, match=str(tmp_path)):
        room(tmp_path / "not" / "there" / "digest.db", least=2**62)


def test_a_ballast_is_there_while_something_is_sent(path: Path) -> None:
    """S06: room for outcomes is taken before anything is claimed, and given back when the store is closed."""
    beside = path.with_name("digest.db.ballast")
    with open_store(path) as store:
        assert not beside.exists()
        store.outbox.journal("run", "mail", clock=lambda: NOW, chance=lambda: 0.0)
        assert beside.stat().st_size == SIZE
        assert beside.stat().st_blocks * 512 >= SIZE
        assert beside.stat().st_mode & 0o777 == 0o600
    assert not beside.exists()


def test_a_ballast_is_given_up_once(path: Path) -> None:
    """What was given up cannot be given up again, until it is taken again; a killed run's is taken over."""
    ballast = Ballast(path)
    assert not ballast.give_up()
    path.with_name("digest.db.ballast").write_bytes(b"of a killed run")
    for _ in range(2):
        ballast.take()
        ballast.take()
        assert path.with_name("digest.db.ballast").stat().st_size == SIZE
        assert ballast.give_up()
        assert not ballast.give_up()
        assert not path.with_name("digest.db.ballast").exists()


def test_nothing_is_sent_without_room_for_outcomes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S06: sending never starts where outcomes could not be written, and no part of a ballast is left."""

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with open_store(path) as store:
        with pytest.raises(StorageError, match=r"no room to record .*; nothing was sent"):
            store.outbox.journal("run", "mail", clock=lambda: NOW, chance=lambda: 0.0)
        assert not path.with_name("digest.db.ballast").exists()


# -------------------------------------------------------------------------------------------------- what is meant


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (sqlite3.SQLITE_FULL, Full, "is the disk full"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, Full, "is the disk full"),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageError, "is the disk full"),
        (sqlite3.SQLITE_BUSY, TryAgain, "is in use"),
        (sqlite3.SQLITE_BUSY_RECOVERY, TryAgain, "is in use"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, TryAgain, "is in use"),
        (sqlite3.SQLITE_PROTOCOL, TryAgain, "is in use"),
        (sqlite3.SQLITE_CORRUPT_VTAB, StorageError, "damaged"),
        (sqlite3.SQLITE_ERROR, StorageError, "damaged"),
        (sqlite3.SQLITE_NOTADB, StorageError, "is not a store of digest"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StorageError, "can be written"),
        (sqlite3.SQLITE_CANTOPEN, StorageError, "can be written"),
        (sqlite3.SQLITE_CONSTRAINT, StorageError, "a word of SQLite"),
    ],
)
def test_failures_of_sqlite_are_told(code: int, kind: type, told: str, path: Path) -> None:
    """S05: each kind of failure has its sentence and its exit code (https://sqlite.org/rescode.html)."""
    error = sqlite3.OperationalError("a word of SQLite")
    error.sqlite_errorcode = code
    found = failure(path, error)
    assert type(found) is kind
    assert told in str(found)
    assert str(path) in str(found)


# ---------------------------------------------------------------------------------------------------- the lock


def test_one_works_at_a_time(path: Path) -> None:
    """D13: within a process and between processes; free again when it ends, also by an error."""
    with alone(path):
        with pytest.raises(TryAgain, match=rf"process {os.getpid()}\); nothing was done"), alone(path):
            pass
        child = os.fork()
        if not child:
            try:
                with alone(path):
                    os._exit(0)
            except TryAgain:
                os._exit(75)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 75
    with pytest.raises(ValueError, match="of the work"), alone(path):
        raise ValueError("of the work")
    with alone(path):
        pass


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """S05: no run without its lock."""
    with pytest.raises(StorageError, match="cannot be written"), alone(tmp_path / "not there" / "digest.db"):
        pass


# ------------------------------------------------------------------------------------------------------ the log


def test_the_last_one_to_close_copies_the_log(path: Path) -> None:
    """S02: nobody else ever does, however large it grows; so there are never two at a time."""
    with open_store(path) as last:
        before = path.read_bytes()
        with open_store(path) as store:
            store.save(papers(1, 2000))
            planned(store, readers(200))
        assert path.read_bytes() == before
        log = path.with_name("digest.db-wal")
        assert log.stat().st_size > 1000 * 4096  # more than SQLite's own limit for such copies
        assert last.papers() == 2000
    assert path.read_bytes() != before
    assert not log.exists()


# -------------------------------------------------------------------------------------------------- new layouts


def of_layout(path: Path, version: int) -> Path:
    """A store of an older version, with papers in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:version])
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("INSERT INTO paper (id) VALUES ('arxiv:2605.00001')")
    return path


def in_a_child(work: Callable[[], object]) -> int:
    """The exit code of a fork that does `work`; negative for a signal."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_store_is_kept_before_its_layout_changes(version: int, path: Path) -> None:
    """S10: a copy first, whole, of the old layout; once."""
    of_layout(path, version)
    for _ in range(2):
        with open_store(path) as store:
            assert store.papers() == 1
    kept_as = path.with_name(f"digest.db.before-{len(MIGRATIONS)}")
    with closing(sqlite3.connect(kept_as)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
        assert db.execute("SELECT id FROM paper").fetchall() == [("arxiv:2605.00001",)]
    assert sorted(os.listdir(path.parent)) == [path.name, kept_as.name]


@pytest.mark.slow
def test_a_change_of_layout_that_is_killed_is_done_the_next_time(path: Path) -> None:
    """S10: killed at each statement the file has the old layout or the new one, and the next run goes on."""
    of_layout(path, 1)
    prepared = path.read_bytes()
    killed = number = 0
    while killed == number:
        number += 1
        for left in path.parent.iterdir():
            left.unlink()
        path.write_bytes(prepared)

        def work(last: int = number) -> None:
            seen = [0]

            def count(statement: str) -> None:
                seen[0] += 1
                if seen[0] == last:
                    os.kill(os.getpid(), signal.SIGKILL)

            connect = sqlite3.connect

            def connected(*given: object, **known: object) -> sqlite3.Connection:
                made = connect(*given, **known)  # type: ignore[call-overload]
                made.set_trace_callback(count)
                return made  # type: ignore[no-any-return]

            sqlite3.connect = connected  # type: ignore[assignment]
            SqliteStore(path).close()

        killed += in_a_child(work) == -signal.SIGKILL
        with open_store(path) as store:
            assert store.papers() == 1
            assert store.outbox.deliveries() == []
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        names = {one.name for one in path.parent.iterdir()}
        assert names == {path.name, f"{path.name}.before-{len(MIGRATIONS)}"}
    assert killed > 30


def test_many_may_change_the_layout_at_once(path: Path) -> None:
    """S10: whoever comes first does it; the others wait, and there is one copy of before, whole."""
    of_layout(path, 1)
    children = []
    for _ in range(6):
        child = os.fork()
        if not child:
            try:
                with SqliteStore(path, patience=30) as store:
                    os._exit(store.papers() - 1)
            finally:
                os._exit(99)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 6
    with closing(sqlite3.connect(path.with_name(f"digest.db.before-{len(MIGRATIONS)}"))) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


def test_what_an_older_ledger_has_frozen_stays_as_it_is(path: Path) -> None:
    """E07: of mails of before the ledger knew whether anybody has them, none is written anew."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:4])
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("INSERT INTO edition VALUES (1, 'ana', '2026-05-26', 1, '', 0, 1, NULL, '{}')")
        for number, state in enumerate(("planned", "rendered"), 1):
            db.execute("INSERT INTO subscriber VALUES (?, 'ana', 'mail', ?, ?, '')", [number, state, state])
            row = [number, number, state]
            db.execute(
                "INSERT INTO delivery (edition, subscriber, channel, seq, state, changed, expires) "
                "VALUES (1, ?, 'mail', ?, ?, 0, 9e9)",
                row,
            )
        db.execute("INSERT INTO message VALUES (2, '', x'00')")
    with open_store(path) as store:
        freeze(store)
        assert store.outbox.thaw("ana", "mail", "new", NOW) == 1
        assert {one.id: one.state for one in store.outbox.deliveries()} == {1: "planned", 2: "rendered"}


def test_the_ledger_checks_its_rows(path: Path) -> None:
    """S01, D02: a row that no version of the ledger would write is refused by the file itself."""
    with open_store(path) as store:
        planned(store, readers(2))
        kept(store, "2026-05-27")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for statement in (
            "UPDATE delivery SET state = 'lost'",
            "UPDATE delivery SET state = 'claimed'",
            "UPDATE delivery SET run = 'a run'",
            "UPDATE delivery SET state = 'deferred'",
            "UPDATE delivery SET due = 1.0",
            "UPDATE delivery SET attempts = -1",
            "UPDATE delivery SET carried_into = seq",
            "UPDATE delivery SET carried_into = 99",
            "UPDATE delivery SET carry = 2",
            "UPDATE delivery SET sealed = 2",
            "UPDATE delivery SET edition = 99",
            "UPDATE delivery SET expires = 'soon'",
            "UPDATE delivery SET subscriber = 1",
            "INSERT INTO message VALUES (99, '', x'00')",
            "INSERT INTO suppression VALUES ('', 'mail', 'a', 'a', 'a whim', 0, '')",
            "INSERT INTO bounce VALUES ('a', 'mail', 'a', 2, 0, '')",
            "DELETE FROM subscriber",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(statement)


def test_what_making_a_store_left_is_swept(path: Path) -> None:
    """S08: the folder of a run that was killed just after the store was there goes with the next run, unless somebody
    makes a store beside it meanwhile; nothing else goes.
    """
    open_store(path).close()
    left, other = path.parent / ".digest.db.new-abc", path.parent / ".other.db.new-abc"
    for folder in (left, other):
        folder.mkdir()
        (folder / "digest.db").write_bytes(b"half")
    turn = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)
    sweep(path)
    assert left.exists()
    os.close(turn)
    sweep(path)
    assert not left.exists()
    assert path.exists()
    assert other.exists()
