"""Room that is kept for what became of mails: a file beside the store that is given up once the disk is full.

A mail that was accepted has to be recorded, whatever else a disk has no room for. So room for that is taken before
anything is sent; where there is none, nothing is.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from digest.errors import StorageError

SIZE: Final = 4_000_000
"""Bytes: some fifty steps of a journal."""


class Ballast:
    """The room beside the store at `path`. It is there from `take` to `give_up` or `drop`."""

    def __init__(self, path: Path) -> None:
        real = path.resolve()
        self._path = real.with_name(f"{real.name}.ballast")
        self._taken = False

    def take(self) -> None:
        """Raises StorageError where there is no such room."""
        if self._taken:
            return
        try:
            held = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            self._taken = True
            try:
                _fill(held)
            finally:
                os.close(held)
        except OSError as error:
            self.drop()
            raise StorageError(
                f"{self._path}: no room to record what becomes of mails ({error.strerror}); nothing was sent: make "
                "room and run again"
            ) from error

    def give_up(self) -> bool:
        """Make room for what must be recorded now. False where there was none to be made."""
        if not self._taken:
            return False
        self.drop()
        return True

    def drop(self) -> None:
        """There is nothing to be recorded any more."""
        if self._taken:
            self._taken = False
            with suppress(OSError):
                self._path.unlink()


def _fill(held: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(held, 0, SIZE)
    else:
        os.pwrite(held, bytes(SIZE), 0)
        os.fsync(held)
