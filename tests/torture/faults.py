"""What was found wrong over a whole block: all of it is told, like with like, and the first of each kind in full."""

import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_SHOWN = 25
"""So many kinds are told; the first of them are enough to work on."""

_PARTICULAR = re.compile(r"'.*'|\".*\"|“.*?”|\d+", re.DOTALL)


class Faults:
    """A list of sentences, each with what it is about."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, where: str, what: Iterable[str]) -> None:
        self._found += [(where, one) for one in what]

    @contextmanager
    def of(self, where: str) -> Iterator[None]:
        """What is raised inside is one more fault, and the block goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, the next archive is tried
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/digest/" in frame.filename]
            at = f" at {frames[-1].filename.rpartition('/digest/')[2]}:{frames[-1].lineno}" if frames else ""
            self._found.append((where, f"{type(error).__name__}{at}: {error}"))

    def settle(self) -> None:
        """Raises AssertionError where there is one."""
        kinds: dict[str, list[str]] = {}
        for where, what in self._found:
            kinds.setdefault(_PARTICULAR.sub("…", what)[:150], []).append(f"{where}: {what[:400]}")
        lines = [f"{len(told):>6} × {told[0]}" for told in sorted(kinds.values(), key=len, reverse=True)[:_SHOWN]]
        assert not self._found, "\n".join([f"{len(self._found)} faults of {len(kinds)} kinds", *lines])
