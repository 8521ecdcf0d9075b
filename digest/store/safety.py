"""The store's file: how it is found, made, checked, changed and locked, and what its failures mean.

Nothing is ever created over a store that was there once: its witness (`digest.store.witness`) is asked. Whatever is
refused is left as it is.
"""

import fcntl
import glob
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from digest.durable import make_durable_folder
from digest.errors import DigestError, StorageError, TryAgain
from digest.store import witness
from digest.store.codec import Garbled
from digest.store.schema import APPLICATION_ID, MIGRATIONS

LEAST_ROOM: Final = 50_000_000
"""Bytes that must be free before a run, or three times the store, whichever is more."""

PAGE: Final = 8_192
"""Bytes of a page in a new store: larger ones take a message in fewer pieces, smaller ones make a commit of few rows
cheaper.
"""

REMOTE: Final = frozenset(
    "nfs nfs4 cifs smb smb3 smbfs 9p afs ceph glusterfs lustre fuse.sshfs fuse.glusterfs fuse.s3fs fuse.rclone".split()
)
"""File systems on which locks and the log's shared memory cannot be relied on (https://sqlite.org/wal.html)."""


class Full(StorageError):
    """The disk has no room for what was to be written."""


def is_there(path: Path, *, anew: bool = False) -> bool:
    """False where a store may be created. Raises StorageError for what cannot be one, or was one; `anew` says that a
    store that was there and is gone is not missed.
    """
    if path.is_dir():
        raise StorageError(f"{path} is a folder: name a file in it as the store")
    if path.exists():
        # A store is put in its place whole (see `_create`), so it is never empty by itself.
        if path.stat().st_size == 0:
            raise StorageError(f"{path} is empty: {_put_back(path)}, or delete it to begin anew")
        return True
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StorageError(
            f"{path} is missing, though {log} is there: put the store back, or {_put_back(path)}, or delete both to "
            "begin anew"
        )
    if not anew and witness.is_missed(path):
        raise StorageError(
            f"{path} was here and is gone: {_put_back(path)}, or begin anew, with nothing remembered, by "
            "digest run --init"
        )
    return False


def create(path: Path) -> None:
    """Put a new store at `path` in one step, unless another process does so first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    turn = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _sweep(path)
        with TemporaryDirectory(prefix=_making(path), dir=path.parent) as folder:
            made = Path(folder, path.name)
            with closing(sqlite3.connect(made, isolation_level=None)) as connection:
                connection.execute(f"PRAGMA page_size = {PAGE}")
                make_durable(connection, made)
                migrate(connection)
                # Closing does the same, but says nothing where the disk is too full for it.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            made.chmod(0o600)  # it has people's addresses
            with suppress(FileExistsError):
                os.link(made, path)
    finally:
        os.close(turn)
    make_durable_folder(path.parent)


def sweep(path: Path) -> None:
    """Take away what a run left that was killed just after it had put a new store at `path`."""
    path = path.resolve()
    with suppress(OSError):
        turn = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sweep(path)
        finally:
            os.close(turn)


def _sweep(path: Path) -> None:
    """For who alone makes stores in the folder now."""
    for left in path.parent.glob(f"{glob.escape(_making(path))}*"):
        shutil.rmtree(left)


def _making(path: Path) -> str:
    """How the name of a folder begins in which a new store is made."""
    return f".{path.name}.new-"


def check(connection: sqlite3.Connection, path: Path, *, wholly: bool = True) -> None:
    """Raises StorageError for a database that is not a store, is too new or is damaged; writes nothing. Whether it is
    damaged is looked at only `wholly`, for that reads the whole file.
    """
    if pragma(connection, "application_id") != APPLICATION_ID:
        raise StorageError(
            f"{path} is a database of another program: name another file as the store; if it was one, {_put_back(path)}"
        )
    version = pragma(connection, "user_version")
    if version > len(MIGRATIONS):
        raise StorageError(
            f"{path} was written by a newer version of digest (layout {version}; this one knows {len(MIGRATIONS)}): "
            f"install that version, or name another file as the store; if it never was, {_put_back(path)}"
        )
    if wholly and (report := pragma(connection, "quick_check(1)")) != "ok":
        raise StorageError(damaged(path, report))


def make_durable(connection: sqlite3.Connection, path: Path) -> None:
    """Settings without which a commit may be lost or half kept; StorageError where one does not take."""
    connection.execute("PRAGMA mmap_size = 0")
    # A batch of messages is written once: it fits in the cache, what a statement may have to undo stays in memory, and
    # what is deleted is not overwritten, as Debian's SQLite would (whoever can read the file can read all of it).
    for setting in ("cache_size = -16000", "temp_store = MEMORY", "secure_delete = OFF"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    for setting, wanted in {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "wal_autocheckpoint": 0,
        "foreign_keys": 1,
    }.items():
        connection.execute(f"PRAGMA {setting} = {wanted}").fetchall()
        if (got := pragma(connection, setting)) != wanted:
            raise StorageError(
                f"{path}: SQLite keeps {setting} = {got} where {wanted} is needed: "
                "name a file on a local disk as the store"
            )


def keep_before_migration(path: Path) -> None:
    """A copy of a store that is about to be changed by migrations; the first one is kept, where there are several."""
    kept = path.with_name(f"{path.name}.before-{len(MIGRATIONS)}")
    if not kept.exists():
        # Whoever writes to a database cannot copy it.
        with closing(opened(path)) as reading:
            copy(reading, kept)


def copy(connection: sqlite3.Connection, target: Path) -> None:
    """A whole and checked copy of the database at `target`, which is replaced in one step; also while others write.

    Raises sqlite3.Error or OSError, and then leaves no file behind.
    """
    made = target.with_name(f".{target.name}.new")
    made.unlink(missing_ok=True)
    try:
        made.touch(mode=0o600)
        with closing(sqlite3.connect(made, isolation_level=None)) as fresh:
            connection.backup(fresh)
            # A copy is one file, wherever it is taken.
            fresh.execute("PRAGMA journal_mode = DELETE").fetchall()
            if (report := pragma(fresh, "quick_check(1)")) != "ok":
                raise sqlite3.DatabaseError(str(report))
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    make_durable_folder(target.parent)


def migrate(
    connection: sqlite3.Connection,
    migrations: Sequence[Sequence[str]] = MIGRATIONS,
    before: Callable[[], None] = lambda: None,
) -> None:
    """Apply the migrations that a database has not seen: all of them, or after a failure none. `before` is called
    first, where there are some; nobody else can write meanwhile.
    """
    if pragma(connection, "user_version") < len(migrations):
        with transaction(connection, "IMMEDIATE"):
            # Another process may have come first.
            missing = migrations[pragma(connection, "user_version") :]
            if missing:
                before()
            for statements in missing:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(migrations)}")


def opened(path: Path, patience: float = 5.0) -> sqlite3.Connection:
    """A connection to the database at `path`, waiting `patience` seconds for others. A file that vanished is an error,
    and not an empty memory.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None)


def pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already; the first error is the one to tell.
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


# ------------------------------------------------------------------------------------- the place and the lock


def room(path: Path, least: int = LEAST_ROOM) -> None:
    """Raises StorageError where the disk has less room than a run may need (S06): so a run that starts can say what
    became of it.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        size = path.stat().st_size if path.exists() else 0
        if free < (wanted := max(least, 3 * size)):
            raise StorageError(
                f"{folder} has {free / 1e6:,.0f} MB free, and a run may need {wanted / 1e6:,.0f} MB: make room and run "
                "again; nothing was done"
            )


def refuse_remote(path: Path, mounts: str | None = None) -> None:
    """Raises StorageError for a store on a file system of another machine (S03). `mounts` is what the system says of
    its mounts (proc(5), mountinfo), where it says so at all.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return
    kind = file_system(path.absolute().resolve(), mounts)
    if kind in REMOTE:
        raise StorageError(
            f"{path} lies on a file system of another machine ({kind}), where no database is safe: name a file on a "
            "local disk as the store; the published folder may lie anywhere"
        )


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that `path` lies on: that of the deepest mount above it, the last of several there."""
    deepest, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        place = Path(_unescaped(fields[4]))
        if path.is_relative_to(place) and len(place.parts) >= deepest:
            deepest, kind = len(place.parts), after.split(" ")[0]
    return kind


def _unescaped(text: str) -> str:
    """A path as mountinfo writes it: `\\040` is a space."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """One run at a time: a second one on the same store, by whatever name, raises TryAgain, and the lock goes with its
    process.
    """
    real = store.resolve()
    path = real.with_name(f"{real.name}.lock")
    try:
        file = path.open("a+")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read(20).strip()
            named = f" (process {who})" if who.isdecimal() else ""
            raise TryAgain(f"{store}: another run is at work with it{named}; nothing was done") from None
        with suppress(OSError):  # on a full disk the lock holds, and nobody is named
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)


def at_work(store: Path) -> int | None:
    """The process of the run that is at work with the store; None where there is none, or it named itself not yet.

    Only where a process is named is the lock looked at, and a run that ended takes its name away: so a run that begins
    meanwhile is not kept from it.
    """
    with suppress(OSError), store.with_name(f"{store.name}.lock").open() as file:
        who = file.read(20).strip()
        if who.isdecimal():
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(who)
    return None


# -------------------------------------------------------------------------------------------- what went wrong


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Every failure of SQLite and of the file system as a DigestError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise failure(path, error) from error
    except Garbled as error:
        raise StorageError(damaged(path, error)) from error
    except OSError as error:
        raise StorageError(
            f"{path} cannot be opened or created: {error.strerror or error}: name a file that can be written"
        ) from error


def failure(path: Path, error: sqlite3.Error) -> DigestError:
    # The low byte is the kind of error, the rest its details: https://sqlite.org/rescode.html
    whole = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
    code = whole & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return TryAgain(f"{path} is in use by another process; nothing was changed")
    if code == sqlite3.SQLITE_NOTADB:
        return StorageError(
            f"{path} is not a store of digest, or is damaged; it was left as it is: name another file as the store, or "
            f"{_put_back(path)}"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):  # or its tables are not those that its version has
        return StorageError(damaged(path, error))
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        # The index of a log that cannot grow is told as an error of its own (S05).
        kind = Full if whole in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE) else StorageError
        return kind(f"{path}: {error}: is the disk full? Nothing was changed; make room and run again")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StorageError(f"{path}: {error}: see that the file and its folder can be written")
    return StorageError(f"{path}: {error}")


def damaged(path: Path, detail: object) -> str:
    return f"{path} is damaged ({detail}); it was left as it is: {_put_back(path)}, or name another file as the store"


def _put_back(path: Path) -> str:
    return f"put a backup in its place (digest restore BACKUP --store {path})"
