"""The wish to stop: the first SIGTERM or SIGINT asks, the second one is obeyed at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """A function that tells whether somebody has asked this process to stop, so that what is on its way is finished.

    Before it is called for the first time there is nothing to be finished: a signal then ends the process as ever.
    """
    asked = False
    before: dict[int, Any] = {}

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(number, before[number])

    def stopping() -> bool:
        if not before:
            before.update({number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)})
            for number in before:
                signal.signal(number, ask)
        return asked

    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
