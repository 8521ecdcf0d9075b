"""Copies of the store: taken while anything runs, put back with care, known as copies until somebody adopts them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from digest.durable import make_durable_folder
from digest.errors import StorageError, TryAgain
from digest.store import open_store, witness
from digest.store.safety import alone, check, copy, failure, opened, told


def backup(store: Path, target: Path, *, replace: bool = False) -> Path:
    """A whole, checked copy of the store at `target`, one file that only its owner may read.

    Raises StorageError where the store cannot be read, where `target` is there and may not be replaced, and where it
    cannot be written: no part of a copy is left then.
    """
    if target.exists() and not replace:
        raise StorageError(f"{target} is there already and was left alone; name another file, or say --replace")
    if target.resolve() == store.resolve():
        raise StorageError(f"{target} is the store itself; name another file")
    _must_be_there(store)
    with told(store), closing(opened(store)) as connection:
        check(connection, store)
        with told(target):
            copy(connection, target)
    return target


def restore(source: Path, store: Path) -> Path | None:
    """Put the backup `source` in the place of the store, where it makes editions but sends nothing until it is adopted
    (`digest.store.witness`). What was there is kept beside it: its path, or None where there was nothing.

    Raises StorageError for what is no backup, and TryAgain while anybody uses the store; then nothing was changed.
    Killed at any moment it leaves the old store, the new one, or none that is missed: to be called again.
    """
    _must_be_there(source)
    store = store.resolve()
    if source.resolve() == store:
        raise StorageError(f"{source} is the store itself; name a backup")
    with told(store):
        store.parent.mkdir(parents=True, exist_ok=True)
    made = store.with_name(f".{store.name}.restored")
    with alone(store), told(store):
        _sweep(made)
        try:
            with told(source), closing(opened(source)) as connection:
                check(connection, source)
                with told(store):
                    copy(connection, made)
            with open_store(made) as copied:
                witness.mark_restored(copied)
            with _to_itself(store):
                witness.expect(store)
                kept = _set_aside(store)
                made.replace(store)
                make_durable_folder(store.parent)
        finally:
            _sweep(made)
    return kept


@contextmanager
def _to_itself(store: Path) -> Iterator[None]:
    """Nobody else has the store open, and all of it is in its one file, wherever that can be had: one that is damaged
    may refuse. SQLite deletes a log by its name, so whoever still had the old store open would delete the new one's.
    """
    if not store.is_file():
        yield
        return
    with closing(opened(store)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if isinstance(said := failure(store, error), TryAgain):
                raise said from error
        yield


def _set_aside(store: Path) -> Path | None:
    """Rename the store, then its log, so that no log is ever taken for one of the file that comes in its place, and no
    store is ever opened without its log.
    """
    parts = [end for end in ("", "-wal") if store.with_name(f"{store.name}{end}").exists()]
    if not parts:
        return None
    number = 1
    # A run that was killed in the midst of this may have left the log to follow.
    while any(store.with_name(f"{store.name}.replaced-{number}{end}").exists() for end in parts):
        number += 1
    kept = store.with_name(f"{store.name}.replaced-{number}")
    for end in parts:
        store.with_name(f"{store.name}{end}").rename(kept.with_name(f"{kept.name}{end}"))
        make_durable_folder(store.parent)
    store.with_name(f"{store.name}-shm").unlink(missing_ok=True)  # the log's index, which is made anew
    return kept


def _sweep(made: Path) -> None:
    """Remove what was made on the way, also by a run that was killed: its log would be taken for another file's."""
    for entry in [*made.parent.iterdir()]:
        if entry.name.startswith((made.name, f".{made.name}")):
            entry.unlink(missing_ok=True)


def _must_be_there(path: Path) -> None:
    if not path.is_file():
        raise StorageError(f"there is no store at {path}")
