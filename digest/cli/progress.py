"""A progress bar on standard error, where it is a terminal and the work is long enough to wonder about."""

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from digest.clock import monotonic

T = TypeVar("T")

_PATIENCE = 0.5
"""Seconds of work before anything is shown."""
_PAUSE = 0.1
"""Seconds between two drawings."""
_CELLS = 24


class Bar:
    """Draws how far work has come, and wipes it away at its end."""

    def __init__(self, stream: TextIO, patience: float = _PATIENCE) -> None:
        self._stream = stream
        self._next = monotonic() + patience
        self._drawn = False

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """`items`, each counted as it is taken."""
        for done, item in enumerate(items, 1):
            yield item
            if done % 64 == 0 and monotonic() >= self._next:
                self._draw(what, done, total)
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False

    def _draw(self, what: str, done: int, total: int | None) -> None:
        if total:
            full = min(_CELLS, _CELLS * done // total)
            line = f"{what:9} {'━' * full}{'╌' * (_CELLS - full)} {done:,} of {total:,}"
        else:
            line = f"{what:9} {done:,}"
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()
        self._drawn = True
        self._next = monotonic() + _PAUSE


def watching() -> Bar | None:
    """A bar where somebody may be looking; None where standard error goes into a file or a pipe."""
    return Bar(sys.stderr) if sys.stderr.isatty() else None
