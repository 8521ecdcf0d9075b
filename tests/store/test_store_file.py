"""The SQLite file: what it survives, and what is said where it cannot be used."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import a_digest, a_paper, a_ranked
from numbered_papers import papers

from digest.errors import DigestError, StorageError, TryAgain
from digest.store import open_store
from digest.store.schema import MIGRATIONS
from digest.store.sqlite import PATIENCE, SqliteStore, make_durable, migrate

ISSUED = datetime(2026, 5, 26, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
HEAD = """
import sys
from pathlib import Path
from digest.store import open_store
from numbered_papers import papers
args = sys.argv[1:]
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process that runs `code` with `papers` and `open_store` at hand, and its arguments in `args`."""
    folders = [ROOT, ROOT / "tests", ROOT / "tests" / "store"]
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *arguments: object) -> tuple[int, str]:
    with start(code, *arguments) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out + err


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


def filled(path: Path, count: int = 50) -> Path:
    with open_store(path) as store:
        store.save(papers(1, count))
        store.keep(a_digest(), ISSUED)
    return path


def refused(path: Path, kind: type[DigestError] = StorageError) -> str:
    """What is said when `path` is opened; the file there is left as it was."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(kind) as told:
        SqliteStore(path, patience=0.05)
    assert before is None or path.read_bytes() == before
    assert str(path) in str(told.value)
    return str(told.value)


# --------------------------------------------------------------------------------------------- a new store


def test_a_missing_file_is_created_with_its_folder(tmp_path: Path) -> None:
    """A store is one file once it is closed; nothing else is left beside it."""
    path = tmp_path / "of mine" / "deep" / "100% digest?.db"
    filled(path)
    assert os.listdir(path.parent) == [path.name]


def test_a_new_file_is_its_owners(path: Path) -> None:
    """O07: nobody but its owner reads the store: it has people's addresses."""
    filled(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_opening_writes_nothing(path: Path) -> None:
    """Opening and closing a store leaves its bytes alone."""
    before = filled(path).read_bytes()
    open_store(path).close()
    assert path.read_bytes() == before


def test_many_may_create_it_at_once(path: Path) -> None:
    """Whoever comes first creates the file; the others use it, and what each saves is there."""
    barrier = threading.Barrier(8)

    def save(number: int) -> None:
        mine = papers(number * 10, 10)
        barrier.wait()
        with SqliteStore(path, patience=30) as store:
            store.save(mine)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(8)))
    with open_store(path) as store:
        assert store.papers() == 80
    assert os.listdir(path.parent) == [path.name]


def test_commits_are_durable_and_checked(path: Path) -> None:
    """S01: write-ahead log, full synchronisation, foreign keys, and only the last to close copies the log."""
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        make_durable(db, path)
        got = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "mmap_size")
        }
        strict = {name: strict for _, name, _, _, _, strict in db.execute("PRAGMA table_list") if name[:6] != "sqlite"}
    assert got == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 0, "mmap_size": 0}
    assert set(strict.values()) == {1}


def test_a_place_without_a_log_is_refused(path: Path) -> None:
    """Where a setting that durability needs does not take, the store does not work on."""
    with closing(sqlite3.connect(":memory:")) as db, pytest.raises(StorageError, match="journal_mode = memory"):
        make_durable(db, path)


def test_it_waits_for_others(path: Path) -> None:
    """S04: a store that another process is writing is waited for, 5 seconds where nothing else is said."""
    filled(path)
    code = """
import sqlite3, time
db = sqlite3.connect(args[0], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(0.5)
"""
    assert PATIENCE == 5
    with start(code, path) as other, open_store(path) as store:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        assert store.save(papers(100, 1)).new == 1


def test_the_tables_check_what_they_hold(path: Path) -> None:
    """S01: a row that no version of the store would write is refused by the file itself."""
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for statement in (
            "INSERT INTO paper (id) VALUES ('')",
            "UPDATE paper SET same_as = seq",
            "UPDATE listing SET content = 'no JSON'",
            "UPDATE listing SET paper = 999",
            "UPDATE edition SET day = '2026-5-26'",
            "UPDATE edition SET number = 0",
            "UPDATE edition SET number = 'one'",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(statement)


# ------------------------------------------------------------------------------------------------ migrations


def test_a_migration_is_applied_once() -> None:
    """The file's version says which migrations it has seen; the others follow in their order."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        more = (*MIGRATIONS, ("CREATE TABLE note (text TEXT) STRICT", "INSERT INTO note VALUES ('once')"))
        migrate(db, more)
        migrate(db, more)
        assert db.execute("SELECT count(*) FROM note").fetchone() == (1,)
        assert db.execute("PRAGMA user_version").fetchone() == (len(more),)


def test_a_migration_that_fails_changes_nothing() -> None:
    """S10: all missing migrations are one step: after a failure the file is as it was."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        with pytest.raises(sqlite3.OperationalError):
            migrate(db, (*MIGRATIONS, ("CREATE TABLE note (text TEXT) STRICT",), ("NOT SQL",)))
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'note'").fetchone() == (0,)


def test_a_newer_file_is_refused(path: Path) -> None:
    """S10: a file of a newer version is not touched by an older one."""
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()
    assert "newer version of digest (layout 99" in refused(path)


# ------------------------------------------------------------------------------------- files that are no store


@pytest.mark.parametrize("content", ["profiles:\n", "a long text that is no database\n" * 100])
def test_another_file_is_refused(path: Path, content: str) -> None:
    """A file that is no database is left as it is."""
    path.write_text(content)
    assert "not a store" in refused(path)


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    """An SQLite database that is no store gets no tables of ours."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE feeds (url TEXT)")
        db.commit()
    assert "another program" in refused(path)


def test_an_empty_file_is_no_new_store(path: Path) -> None:
    """A store is put in place whole: an empty file was a store, and starting anew would show all papers again."""
    path.touch()
    assert "delete it to begin anew" in refused(path)


def test_a_store_without_its_file_is_no_new_store(path: Path) -> None:
    """S07: where the log of a store is left, its file has been lost and is not made anew."""
    path.with_name("digest.db-wal").write_bytes(b"log")
    assert "is missing" in refused(path)
    assert not path.exists()


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.02])
def test_a_truncated_file_is_refused(path: Path, kept: float) -> None:
    """S07: a store that lost its end is left as it is, and the message says what to do."""
    os.truncate(filled(path), int(path.stat().st_size * kept))
    assert "damaged" in (told := refused(path))
    assert f"put a backup in its place (digest restore BACKUP --store {path})" in told


def test_a_damaged_file_is_refused(path: Path) -> None:
    """S07: a page that was overwritten is found when the store is opened."""
    content = bytearray(filled(path).read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(content)
    assert "damaged" in refused(path)


def test_a_job_that_is_short_does_not_read_the_whole_file(path: Path) -> None:
    """Who looked before opens the store without a look for damage, and is told of it where it meets some; what is no
    store at all is refused as ever.
    """
    content = bytearray(filled(path, 2000).read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    assert "damaged" in refused(path)
    with SqliteStore(path, wholly=False) as store:
        assert store.outbox.subscriber("nobody's") is None
        with pytest.raises(StorageError, match="damaged"):
            store.find("no such words")
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageError, match="is not a store"):
        SqliteStore(path, wholly=False)


def test_damage_that_happens_later_is_told_too(path: Path) -> None:
    """A file that goes bad under an open store ends in the same message, not in a traceback."""
    filled(path, 2000)  # more than SQLite holds in its cache
    with open_store(path) as store:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * (size - 8192))
        with pytest.raises(StorageError, match="damaged"):
            store.find("no such words")


def test_a_text_that_is_not_ours_is_told_as_damage(path: Path) -> None:
    """One bit that is wrong within an edition, which SQLite takes for as good as any, is told so too."""
    with open_store(path) as store:
        digest = a_digest(a_ranked(a_paper()))
        store.keep(digest, ISSUED)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE edition SET digest = replace(digest, '\"reasons\"', '\"reacons\"')")
    with open_store(path) as store, pytest.raises(StorageError, match=r"damaged \(there is no paper number 1,"):
        store.edition(digest.profile, digest.day)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no file, whatever is in it."""
    assert "is a folder" in refused(tmp_path)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    """A path below a file cannot be created."""
    tmp_path.joinpath("file").touch()
    assert "name a file that can be written" in refused(tmp_path / "file" / "digest.db")


def test_a_folder_that_takes_no_files_is_told() -> None:
    """A folder that cannot be written ends in a sentence."""
    if not Path("/proc/self").is_dir():
        pytest.skip("needs a folder in which nobody can create a file: /proc")
    assert "name a file that can be written" in refused(Path("/proc/self/digest.db"))


def test_a_link_that_leads_nowhere_is_told(path: Path) -> None:
    """A symbolic link to a missing file is not followed to create it."""
    path.symlink_to(path.with_name("nowhere"))
    assert "can be written" in refused(path)


def test_a_closed_store_says_so(path: Path) -> None:
    """No error of sqlite3 leaves the store, not even for a mistake of its user."""
    store = open_store(path)
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.papers()


# ------------------------------------------------------------------------------------------ other processes


def test_a_locked_store_is_to_be_tried_again(path: Path) -> None:
    """While another process writes, a store can be opened and read; writing is refused for now (S04)."""
    filled(path)
    code = """
import sqlite3
db = sqlite3.connect(args[0], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
input()
"""
    with start(code, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with SqliteStore(path, patience=0.05) as store:
            assert store.papers() == 50
            with pytest.raises(TryAgain, match="in use by another process"):
                store.save(papers(100, 1))
            with pytest.raises(TryAgain):
                store.keep(a_digest(day="2026-05-27"), ISSUED)
            other.communicate("\n")
            assert store.save(papers(100, 1)).new == 1


def test_a_store_that_another_process_keeps_for_itself_is_to_be_tried_again(path: Path) -> None:
    """A store that cannot even be read says so when it is opened."""
    filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN IMMEDIATE")
        refused(path, TryAgain)


def test_a_transaction_that_fails_half_way_leaves_nothing(path: Path) -> None:
    """An error in the midst of a save undoes all of it, and the store goes on working."""
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TRIGGER halfway BEFORE INSERT ON paper_key WHEN new.key = 'arxiv:2605.00105' "
            "BEGIN SELECT raise(ABORT, 'halfway'); END"
        )
        db.commit()
    with open_store(path) as store:
        with pytest.raises(StorageError, match="halfway"):
            store.save(papers(100, 10))
        assert store.papers() == 50
        assert store.find("2605.00101") == []
        assert store.save(papers(110, 10)).new == 10


# ------------------------------------------------------------------------------------ full disks and sudden ends

LIMITED = """
import resource, signal
store = open_store(Path(args[0]))
signal.signal(signal.SIGXFSZ, getattr(signal, args[2]))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(args[1]), resource.RLIM_INFINITY))
"""


@pytest.mark.parametrize("room", [40_000, 300_000, 1_500_000])
def test_a_full_disk_undoes_the_save(path: Path, room: int) -> None:
    """S05: where the log cannot grow, nothing is saved, the message says so, and the next run works."""
    filled(path)
    code = """
from digest.errors import StorageError
try:
    store.save(papers(100, 1000))
except StorageError as error:
    print(error)
    print(store.papers())
"""
    status, told = run(LIMITED + code, path, room, "SIG_IGN")
    assert status == 0, told
    assert "is the disk full? Nothing was changed" in told
    assert told.endswith("\n50\n")
    with open_store(path) as store:
        assert store.papers() == 50
        assert store.save(papers(100, 1000)).new == 1000


def test_a_full_disk_at_opening_is_told(path: Path) -> None:
    """S05: a store that has no room even to be opened says the same, and is left as it is."""
    before = filled(path).read_bytes()
    code = """
store.close()
from digest.errors import StorageError
try:
    open_store(Path(args[0]))
except StorageError as error:
    print(error)
"""
    status, told = run(LIMITED + code, path, 1000, "SIG_IGN")
    assert status == 0, told
    assert "is the disk full? Nothing was changed" in told
    assert path.read_bytes() == before


def test_a_full_disk_creates_no_store(tmp_path: Path) -> None:
    """A store that cannot be created leaves nothing behind."""
    code = """
from digest.errors import StorageError
try:
    open_store(Path(args[3]))
except StorageError as error:
    print(error)
"""
    path = tmp_path / "new" / "digest.db"
    status, told = run(LIMITED + code, tmp_path / "other.db", 10_000, "SIG_IGN", path)
    assert status == 0, told
    assert "is the disk full?" in told
    assert list(path.parent.iterdir()) == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A small disk of so many kB, empty each time; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(size: int) -> Path:
        subprocess.run(["umount", folder], capture_output=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", folder], capture_output=True)
        if made.returncode:
            pytest.skip("may not mount a small disk")
        return folder

    yield mounted
    subprocess.run(["umount", folder], capture_output=True)


def test_a_store_is_created_whole_or_not_at_all(disk: Callable[[int], Path]) -> None:
    """S05: whatever room a disk has, there is a whole store or none, and no error but ours."""
    outcomes = set()
    for size in range(4, 800, 16):
        path = disk(size) / "digest.db"
        with suppress(StorageError):
            open_store(path).close()
            outcomes.add("opened")
        if path.exists():
            with open_store(Path(shutil.copy(path, path.parents[1] / f"{size}.db"))) as store:
                assert store.papers() == 0
        else:
            assert list(path.parent.iterdir()) == []
            outcomes.add("none")
    assert outcomes == {"opened", "none"}


def test_a_real_full_disk_undoes_the_save(disk: Callable[[int], Path]) -> None:
    """S05: a save that does not fit leaves the store as it was, to be used once there is room."""
    path = disk(900) / "digest.db"
    with open_store(path) as store:
        store.save(papers(1, 20))
        with pytest.raises(StorageError, match="is the disk full"):
            store.save(papers(100, 300))
        assert store.papers() == 20
    with open_store(path) as store:
        assert store.papers() == 20
        assert store.save(papers(21, 1)).new == 1


@pytest.mark.parametrize("room", [33_000, 40_000, 200_000, 1_000_000, 2_300_000])
def test_a_process_that_is_killed_in_the_midst_of_a_save_leaves_the_old_state(path: Path, room: int) -> None:
    """S08: the system ends the process at the write that passes `room` bytes; nothing of the save is kept,
    and the next run needs no hand.
    """
    filled(path)
    status, told = run(LIMITED + "store.save(papers(100, 1000))", path, room, "SIG_DFL")
    assert status == -signal.SIGXFSZ, told
    with open_store(path) as store:
        assert store.papers() == 50
        assert store.save(papers(100, 1000)).new == 1000


def test_a_process_that_is_killed_keeps_what_it_saved(path: Path) -> None:
    """S08: after kill -9 each save is there whole or not at all, and none that was reported is missing."""
    code = """
with open_store(Path(args[0])) as store:
    for n in range(1, 100_000, 25):
        store.save(papers(n, 25))
        print(n, flush=True)
"""
    for round_ in range(3):
        folder = path.parent / str(round_)
        with start(code, folder / "digest.db") as process:
            assert process.stdout is not None
            for _ in range(3 + round_):
                reported = int(process.stdout.readline()) + 24
            process.kill()
        assert process.returncode == -signal.SIGKILL
        with open_store(folder / "digest.db") as store:
            assert store.papers() >= reported
            assert store.papers() % 25 == 0
            assert store.save(papers(1, reported)).unchanged == reported


@pytest.mark.parametrize("room", [0, 100, 5_000, 30_000, 33_000, 50_000])
def test_a_process_that_is_killed_while_it_creates_the_store_needs_no_hand(tmp_path: Path, room: int) -> None:
    """S08: there is a whole new store or none, and the next run creates it and takes away what was left of the old."""
    path = tmp_path / "new" / "digest.db"
    status, told = run(LIMITED + "open_store(Path(args[3]))", tmp_path / "other.db", room, "SIG_DFL", path)
    assert status == -signal.SIGXFSZ, told
    with open_store(path) as store:
        assert store.papers() == 0
    assert {one.name for one in path.parent.iterdir()} == {"digest.db"}


# -------------------------------------------------------------------------------------------------- size


@pytest.mark.slow
def test_saving_is_linear(tmp_path: Path) -> None:
    """Ten times the papers cost the database at most thirteen times the steps: new, known, and listed anew."""

    def steps(folder: Path, count: int) -> list[int]:
        counted = []
        with SqliteStore(folder / "digest.db") as store:
            for batch in (papers(1, count), papers(1, count), papers(1, count, file="other.txt")):
                hundreds: list[None] = []
                store._connection.set_progress_handler(lambda seen=hundreds: seen.append(None), 100)
                store.save(batch)
                store._connection.set_progress_handler(None, 0)
                counted.append(len(hundreds))
        return counted

    for small, large in zip(steps(tmp_path / "a", 500), steps(tmp_path / "b", 5000), strict=True):
        assert 0 < large < 13 * small
