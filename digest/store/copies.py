"""Copies of the store: taken while anything runs, put back with care, known as copies until somebody adopts them."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from digest.errors import StorageError
from digest.store import open_store, witness
from digest.store.safety import alone, check, copy, make_durable_folder, told


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
    with told(store), closing(_opened(store)) as connection:
        check(connection, store)
        with told(target):
            copy(connection, target)
    return target


def restore(source: Path, store: Path) -> Path | None:
    """Put the backup `source` in the place of the store, where it makes editions but sends nothing until it is adopted
    (`digest.store.witness`). What was there is kept beside it: its path, or None where there was nothing.

    Raises StorageError for what is no backup, and TryAgain while a run is at work; then nothing was changed.
    """
    _must_be_there(source)
    if source.resolve() == store.resolve():
        raise StorageError(f"{source} is the store itself; name a backup")
    store.parent.mkdir(parents=True, exist_ok=True)
    made = store.with_name(f".{store.name}.restored")
    with alone(store):
        try:
            with told(source), closing(_opened(source)) as connection:
                check(connection, source)
                copy(connection, made)
            with open_store(made) as copied:
                witness.mark_restored(copied)
            with told(store):
                kept = _set_aside(store)
                made.replace(store)
                make_durable_folder(store.parent)
        finally:
            for name in (made.name, f"{made.name}-wal", f"{made.name}-shm"):
                made.with_name(name).unlink(missing_ok=True)
    return kept


def _set_aside(store: Path) -> Path | None:
    """Rename the store and its log, so that the log is never taken for one of the file that comes in its place."""
    if not any(store.with_name(f"{store.name}{end}").exists() for end in ("", "-wal")):
        return None
    number = 1
    while (kept := store.with_name(f"{store.name}.replaced-{number}")).exists():
        number += 1
    for end in ("-shm", "-wal", ""):
        part = store.with_name(f"{store.name}{end}")
        if part.exists():
            os.rename(part, kept.with_name(f"{kept.name}{end}"))
    return kept


def _must_be_there(path: Path) -> None:
    if not path.is_file():
        raise StorageError(f"there is no store at {path}")


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5.0, isolation_level=None)
