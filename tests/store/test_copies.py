"""Copies of a store, and the witness by which one is known: a copy sends nothing, and a restore loses nothing."""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from numbered_papers import papers
from outboxes import NOW, claimed, freeze, journal, kept, planned, reader, readers, states

from digest.errors import StorageError, TryAgain
from digest.model import Outcome
from digest.store import copies, open_store, witness
from digest.store.copies import backup, restore
from digest.store.safety import PAGE, alone
from digest.store.witness import adopt, begin_session, standing

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder / "digest.db"


def sent(path: Path, sessions: int = 1, number: int = 3) -> Path:
    """A store that has sent something from its place: the first of so many rows was accepted."""
    with open_store(path) as store:
        for _ in range(sessions):
            assert standing(store, path) == ""
            begin_session(store, path)
        if not store.outbox.deliveries():
            planned(store, readers(number))
            first, *_ = claimed(store, wanted=1)
            journal(store).step(settled=[Outcome(first, "accepted")])
    return path


def stands(path: Path) -> str:
    with open_store(path) as store:
        return standing(store, path)


def whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


class Cut(Exception):
    """The process was killed here."""


@contextmanager
def killed_at(number: int, *places: tuple[Any, str]) -> Iterator[list[int]]:
    """Whatever goes on ends as it enters one of `places` for that time; the list has how often they were entered."""
    seen = [0]
    before = [(owner, name, getattr(owner, name)) for owner, name in places]

    def cut(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **known: Any) -> Any:
            seen[0] += 1
            if seen[0] == number:
                raise Cut
            return real(*given, **known)

        return call

    for owner, name, real in before:
        setattr(owner, name, cut(real))
    try:
        yield seen
    except Cut:
        pass
    finally:
        for owner, name, real in before:
            setattr(owner, name, real)


# -------------------------------------------------------------------------------------------------- the witness


def test_a_store_may_send_where_it_sent_before(path: Path) -> None:
    """D12: each session is counted, and nothing is in its way."""
    sent(path, sessions=3)
    told = json.loads(witness.name(path).read_text())
    assert (told["sessions"], told["path"]) == (3, str(path))
    assert stands(path) == ""
    assert witness.name(path).stat().st_mode & 0o777 == 0o600


def test_a_store_that_never_sent_may(path: Path) -> None:
    """A new store needs no witness, and asking changes nothing."""
    open_store(path).close()
    assert stands(path) == ""
    assert not witness.name(path).exists()


def test_a_name_that_leads_to_the_store_is_its_name(path: Path, tmp_path: Path) -> None:
    """D12: a link to the store or to its folder is no copy, and one lock is held by all its names."""
    sent(path)
    (tmp_path / "link").symlink_to(path.parent)
    (tmp_path / "file.db").symlink_to(path)
    for other in (tmp_path / "link" / "digest.db", tmp_path / "file.db"):
        assert stands(other) == ""
        with alone(path), pytest.raises(TryAgain), alone(other):
            pass


@pytest.mark.parametrize("how", ["copied", "moved", "without the witness", "torn", "unreadable", "of other kinds"])
def test_a_copy_does_not_send(how: str, path: Path, tmp_path: Path) -> None:
    """D12: a store that is elsewhere, or whose witness does not tell of it, is one that may not know what was sent."""
    sent(path, sessions=2)
    beside = witness.name(path)
    if how in ("copied", "moved"):
        there = tmp_path / "there"
        (shutil.copytree if how == "copied" else shutil.move)(path.parent, there)
        path = there / "digest.db"
    elif how == "without the witness":
        beside.unlink()
    elif how == "torn":
        os.truncate(beside, 20)
    elif how == "unreadable":
        beside.unlink()
        beside.mkdir()
    else:
        beside.write_text('{"instance": 1, "sessions": [], "machine": null, "path": {}}')
    why = stands(path)
    assert str(path) in why
    assert "only if the original sends no more: digest restore --adopt" in why


def test_a_store_of_another_machine_does_not_send(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """D12: the same path on another machine; a machine without a name is like itself."""
    sent(path)
    (tmp_path / "machine-id").write_text("0123456789abcdef\n")
    monkeypatch.setattr(witness, "_MACHINE", tmp_path / "machine-id")
    assert "was copied or moved" in stands(path)
    monkeypatch.setattr(witness, "_MACHINE", tmp_path / "none")
    assert witness.machine() == ""


def test_an_older_copy_does_not_send(path: Path, tmp_path: Path) -> None:
    """D12: yesterday's file, put back by hand, has not seen what was sent since."""
    sent(path)
    shutil.copy(path, tmp_path / "yesterday.db")
    sent(path)
    shutil.copy(tmp_path / "yesterday.db", path)
    assert "is an older copy of the store that sent from here" in stands(path)


def test_another_store_in_the_place_does_not_send(path: Path, tmp_path: Path) -> None:
    """D12: a witness is of one store."""
    sent(path)
    other = sent(tmp_path / "other.db", sessions=5)
    shutil.copy(other, path)
    assert "is not the store that sent from here" in stands(path)


@pytest.mark.parametrize("sessions", [0, 1, 3])
def test_a_session_that_is_cut_short_is_in_nobodys_way(sessions: int, path: Path) -> None:
    """D12, promise 6: killed at each of its writes, the next run sends without a hand."""
    sent(path, sessions)
    writes = (witness, "_write"), (os, "fsync"), (Path, "replace")
    for number in range(1, 20):
        with open_store(path) as store:
            with killed_at(number, (type(store), "secret"), *writes) as seen:
                begin_session(store, path)
            assert standing(store, path) == ""
        if seen[0] < number:
            break
    assert 5 < number < 20
    with open_store(path) as store:
        begin_session(store, path)
        assert standing(store, path) == ""


def test_an_adoption_that_is_cut_short_is_not_done(path: Path) -> None:
    """D12: killed at each of its writes, the store is still one that must be adopted, and then is one that sends."""
    number = 0
    while True:
        number += 1
        sent(path)
        witness.name(path).unlink()
        with open_store(path) as store:
            with killed_at(number, (type(store), "secret"), (type(store.outbox), "adopt"), (witness, "_write")) as seen:
                adopt(store, path, NOW)
            done = seen[0] < number
            assert bool(standing(store, path)) != done
            adopt(store, path, NOW)
            assert standing(store, path) == ""
            assert set(states(store).values()) == {"accepted", "in doubt"}
            assert claimed(store) == []
        for left in path.parent.iterdir():
            left.unlink()
        if done:
            break
    assert number > 5


def test_of_two_copies_one_sends(path: Path, tmp_path: Path) -> None:
    """D12: a copy is adopted, and the original's place then has a witness of another store; each says so."""
    sent(path)
    copy = tmp_path / "there" / "digest.db"
    shutil.copytree(path.parent, copy.parent)
    with open_store(copy) as store:
        assert adopt(store, copy, NOW) == 2
    assert stands(copy) == ""
    assert stands(path) == ""  # the original knows nothing of it: two machines cannot
    shutil.copy(copy, path)
    assert "is not the store that sent from here" in stands(path)


def test_a_witness_that_cannot_be_written_stops_the_session(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S06: nothing is sent that a copy of the store could send again."""
    sent(path)

    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        open_store(path) as store,
        pytest.raises(StorageError, match=r"witness: cannot be written: .*; nothing was sent"),
    ):
        begin_session(store, path)
    monkeypatch.undo()
    assert stands(path) == ""


# ------------------------------------------------------------------------------------------ a store that is gone


@pytest.mark.parametrize("how", ["whole", "torn", "empty", "a folder"])
def test_a_store_that_sent_is_missed(how: str, path: Path) -> None:
    """S07: never a fresh store over one that was there; not even where its witness cannot be read."""
    sent(path)
    path.unlink()
    beside = witness.name(path)
    if how == "torn":
        os.truncate(beside, 10)
    elif how == "empty":
        beside.write_bytes(b"")
    elif how == "a folder":
        beside.unlink()
        beside.mkdir()
    with pytest.raises(StorageError) as told:
        open_store(path)
    assert f"digest restore BACKUP --store {path}" in str(told.value)
    assert "digest run --init" in str(told.value)
    assert not path.exists()


def test_a_store_may_be_begun_anew(path: Path) -> None:
    """S07: only by saying so; what stood there before is then not missed."""
    sent(path)
    path.unlink()
    with open_store(path, anew=True) as store:
        assert store.papers() == 0
        assert standing(store, path) == ""
        assert store.outbox.deliveries() == []
    assert stands(path) == ""


# ------------------------------------------------------------------------------------------------------ backups


def test_a_backup_is_one_whole_file(path: Path, tmp_path: Path) -> None:
    """S10: everything is in it, only its owner reads it, and the store is as before."""
    sent(path)
    before = path.read_bytes()
    assert backup(path, tmp_path / "copy.db") == tmp_path / "copy.db"
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"here", "copy.db"}
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert db.execute("SELECT count(*) FROM delivery").fetchone() == (3,)


def test_a_backup_is_taken_while_others_write(path: Path, tmp_path: Path) -> None:
    """S10: each copy has what was committed before it began, and is whole, while another process goes on saving."""
    open_store(path).close()
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from digest.store import open_store\nfrom numbered_papers import papers\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "for n in range(1, 100_000, 25):\n    store.save(papers(n, 25))\n    print(n + 24, flush=True)\n"
    )
    folders = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "store")))
    other = subprocess.Popen(
        [sys.executable, "-c", code, path], env={**os.environ, "PYTHONPATH": folders}, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout
        for number in range(4):
            saved = int(other.stdout.readline())
            copy = backup(path, tmp_path / f"{number}.db")
            assert whole(copy)
            with closing(sqlite3.connect(copy)) as db:
                (count,) = db.execute("SELECT count(*) FROM paper").fetchone()
            assert count >= saved
            assert count % 25 == 0
        other.kill()


def test_a_backup_replaces_nothing_unasked(path: Path, tmp_path: Path) -> None:
    """S10: a file that is there is left alone; replaced in one step where that is said; a folder never."""
    sent(path)
    there = tmp_path / "copy.db"
    there.write_text("something else")
    with pytest.raises(StorageError, match="is there already and was left alone"):
        backup(path, there)
    assert there.read_text() == "something else"
    backup(path, there, replace=True)
    assert whole(there)
    with pytest.raises(StorageError, match="is the store itself"):
        backup(path, path, replace=True)
    with pytest.raises(StorageError, match="cannot be opened or created"):
        backup(path, tmp_path, replace=True)
    with pytest.raises(StorageError, match="cannot be opened or created"):
        backup(path, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(StorageError, match="there is no store at"):
        backup(tmp_path / "none.db", tmp_path / "more.db")
    assert {one.name for one in tmp_path.iterdir()} == {"here", "copy.db"}


@pytest.mark.slow
def test_a_backup_without_room_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """S05, S10: on a full disk there is no part of a copy, and an older copy stays whole."""
    sent(path)
    with open_store(path) as store:
        store.save(papers(1, 500))
    older = backup(path, tmp_path / "older.db")
    before = older.read_bytes()
    code = (
        "import sys, resource, signal\nfrom pathlib import Path\nfrom digest.store.copies import backup\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))\n"
        "from digest.errors import StorageError\n"
        "try:\n    backup(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)\n"
        "except StorageError as error:\n    print(error)\n    sys.exit(error.exit_code)\n"
    )
    for room in (33_000, 40_000, 100_000, len(before) - 1):  # the store's own index needs 32 kB
        done = subprocess.run(
            [sys.executable, "-c", code, path, older, str(room)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 5, done.stderr
        assert "older.db" in done.stdout
        assert older.read_bytes() == before
        assert {one.name for one in tmp_path.iterdir()} == {"here", "older.db"}


# ----------------------------------------------------------------------------------------------------- restoring


def test_a_restored_store_sends_nothing_until_it_is_adopted(path: Path, tmp_path: Path) -> None:
    """D12: rows after the backup may have been sent; the old store is kept; the next edition is sent again."""
    sent(path)
    copy = backup(path, tmp_path / "copy.db")
    with open_store(path) as store:
        freeze(store)
        journal(store).step(settled=[Outcome(one, "accepted") for one in claimed(store)])
    kept_as = restore(copy, path)
    assert kept_as == path.with_name("digest.db.replaced-1")
    with open_store(kept_as) as store:
        assert {*states(store).values()} == {"accepted"}
    with open_store(path) as store:
        assert "came out of a backup" in standing(store, path)
        assert adopt(store, path, NOW) == 2
        assert standing(store, path) == ""
        assert claimed(store) == []
        planned(store, readers(3), "2026-05-27", NOW + timedelta(days=1))
        assert len(claimed(store, NOW + timedelta(days=1))) == 3
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT value FROM secret WHERE name = 'restored'").fetchall() != [("yes",)]


def test_a_restored_copy_does_not_send_elsewhere_either(path: Path, tmp_path: Path) -> None:
    """D12: a backup put to where nothing was."""
    copy = backup(sent(path), tmp_path / "copy.db")
    there = tmp_path / "there" / "deep" / "digest.db"
    assert restore(copy, there) is None
    assert "came out of a backup" in stands(there)
    there.unlink()
    with pytest.raises(StorageError, match="was here and is gone"):
        open_store(there)


def test_what_is_no_backup_changes_nothing(path: Path, tmp_path: Path) -> None:
    """S10: a wrong, damaged or missing file is refused, and the store is as it was."""
    before = sent(path).read_bytes()
    files = {one.name for one in path.parent.iterdir()}
    (tmp_path / "text").write_text("no database" * 1000)
    damaged = bytearray(before)
    damaged[PAGE * 2 : PAGE * 4] = b"\xff" * (2 * PAGE)
    (tmp_path / "damaged").write_bytes(damaged)
    for name in ("text", "damaged", "none"):
        with pytest.raises(StorageError, match=name):
            restore(tmp_path / name, path)
    with pytest.raises(StorageError, match="is the store itself"):
        restore(path, path)
    assert path.read_bytes() == before
    assert {one.name for one in path.parent.iterdir()} - files <= {"digest.db.lock"}


def test_nothing_is_restored_under_a_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S10: not while a run is at work, nor while anybody has the store open: SQLite would delete the new one's log."""
    copy = backup(sent(path), tmp_path / "copy.db")
    before = path.read_bytes()
    with alone(path), pytest.raises(TryAgain, match="another run is at work"):
        restore(copy, path)
    monkeypatch.setattr(copies, "opened", lambda path: copies_opened(path, 0.05))
    with open_store(path) as store:
        store.papers()
        with pytest.raises(TryAgain, match="in use by another process"):
            restore(copy, path)
    assert path.read_bytes() == before
    assert restore(copy, path)


copies_opened = copies.opened


def test_a_damaged_store_can_be_replaced(path: Path, tmp_path: Path) -> None:
    """S07: that is what backups are for; the damaged file and its log are kept."""
    copy = backup(sent(path), tmp_path / "copy.db")
    path.write_bytes(b"\xff" * 50_000)
    path.with_name("digest.db-wal").write_bytes(b"a log")
    kept_as = restore(copy, path)
    assert kept_as
    assert kept_as.read_bytes() == b"\xff" * 50_000
    assert kept_as.with_name(f"{kept_as.name}-wal").read_bytes() == b"a log"
    assert whole(path)
    assert "came out of a backup" in stands(path)


def test_a_log_of_before_is_in_the_file_that_is_kept(path: Path, tmp_path: Path) -> None:
    """Promise 2: what a killed run had committed into the log alone is in the old store, wherever that is now."""
    copy = backup(sent(path), tmp_path / "copy.db")
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom digest.store import open_store\n"
        "store = open_store(Path(sys.argv[1]))\nstore.secret('in the log', lambda: 'yes')\nos._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert path.with_name("digest.db-wal").stat().st_size
    kept_as = restore(copy, path)
    assert kept_as
    with open_store(kept_as) as store:
        assert store.secret("in the log", lambda: "no") == "yes"
    with open_store(path) as store:
        assert store.secret("in the log", lambda: "no") == "no"


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [False, True])
def test_a_restore_that_is_cut_short_loses_nothing(damaged: bool, path: Path, tmp_path: Path) -> None:
    """S10, S07: killed at each step there is the old store, the new one, or a missed one; calling again helps."""
    with open_store(path) as store:
        kept(store)
    copy = backup(path, tmp_path / "copy.db")
    content = path.read_bytes() if not damaged else b"\xff" * 20_000
    steps = (Path, "rename"), (Path, "replace"), (Path, "unlink"), (os, "fsync"), (copies, "copy"), (witness, "expect")
    ends, number = set(), 0
    while True:
        number += 1
        for left in path.parent.iterdir():
            left.unlink()
        path.write_bytes(content)
        if damaged:
            path.with_name("digest.db-wal").write_bytes(b"a log")
        with killed_at(number, *steps) as seen:
            restore(copy, path)
        if not path.exists() or (damaged and path.read_bytes() == content):
            found = "old" if path.exists() else "missed"
            with pytest.raises(StorageError, match="digest restore BACKUP"):
                open_store(path)
        else:
            found = "new" if stands(path) else "old"
        ends.add(found)
        kept_as = [one for one in path.parent.iterdir() if one.name.endswith("replaced-1")]
        assert path.exists() or kept_as
        if found != "new":
            restore(copy, path)
        assert "came out of a backup" in stands(path)
        names = {one.name for one in path.parent.iterdir()}
        assert names - {"digest.db.replaced-1-wal"} == {
            "digest.db",
            "digest.db.lock",
            "digest.db.witness",
            "digest.db.replaced-1",
        }
        if seen[0] < number:
            break
    assert ends == {"old", "missed", "new"}
    assert number > 10


def test_what_a_killed_restore_left_is_never_taken_for_another_backups(path: Path, tmp_path: Path) -> None:
    """S10: a log beside the unfinished copy would be replayed into the next one."""
    sent(path)
    copy = backup(path, tmp_path / "copy.db")
    made = path.with_name(".digest.db.restored")
    made.write_bytes(b"half a copy")
    for end in ("-wal", "-shm"):
        made.with_name(f"{made.name}{end}").write_bytes(b"of another")
    restore(copy, path)
    assert whole(path)
    assert not [one.name for one in path.parent.iterdir() if "restored" in one.name]


def test_a_store_of_an_older_layout_is_restored(path: Path, tmp_path: Path) -> None:
    """S10: a backup of an older version is brought up to date, and no copy of a copy stays behind."""
    from digest.store.safety import migrate
    from digest.store.schema import MIGRATIONS

    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:1])
    restore(old, path)
    with open_store(path) as store:
        assert store.papers() == 0
    assert {one.name for one in path.parent.iterdir()} == {"digest.db", "digest.db.lock", "digest.db.witness"}


def test_a_reader_is_known_by_everything_they_are(path: Path) -> None:
    """D12: an adopted store keeps its readers, whom nothing is sent to, and marks in links."""
    with open_store(path) as store:
        store.outbox.enrol("ana", {reader(): "mark"})
        store.outbox.suppress("ana", reader(), "unsubscribed", NOW)
        adopt(store, path, NOW)
        found = store.outbox.subscriber("mark")
        assert found
        assert found.to == reader()
        assert len(store.outbox.suppressions()) == 1
