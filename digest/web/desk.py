"""The store, asked by threads of its own: a few at a time, for a store that is locked must not keep files from readers.

It is opened anew for each question (see `digest.store.sqlite`), and never made: a server that began an empty store
where one is missing would answer for readers it knows nothing of.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from digest.errors import StorageError, TryAgain
from digest.store import Store, open_store

_THREADS: Final = 4
_QUEUE: Final = 32
"""Who comes when so many wait is sent away at once."""

T = TypeVar("T")


class Desk:
    """Questions to the store at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="digest-store")
        self._waiting = 0

    async def ask(self, question: Callable[[Store], T]) -> T:
        """What `question` finds. Raises StorageError, or TryAgain where the store is held by somebody else for longer
        than it waits, or too many wait already; then nothing was changed.
        """
        if self._waiting >= _QUEUE:
            raise TryAgain(f"{self._path}: too many wait for it; nothing was changed")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)
        finally:
            self._waiting -= 1

    def look(self) -> None:
        """Read the store wholly, once, to find damage. Raises StorageError or TryAgain."""
        self._find()
        with open_store(self._path):
            pass

    def _answer(self, question: Callable[[Store], T]) -> T:
        self._find()
        with open_store(self._path, wholly=False) as store:
            return question(store)

    def _find(self) -> None:
        if not self._path.exists():
            raise StorageError(
                f"{self._path} is missing: the first `digest run` makes it; where there was one, put a backup in its "
                "place (digest restore BACKUP)"
            )
