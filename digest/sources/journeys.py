"""All sources of a run on their way, with one client between them, in the order of the config."""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from time import sleep
from typing import Final

from digest import __version__, clock
from digest.model import Document, Problem
from digest.sources import visit
from digest.sources.days import Visit
from digest.sources.settings import Fetching, Wanted
from digest.sources.trip import Trip
from digest.sources.web.client import Client
from digest.store.answers import Answers

_BEAT: Final = 1.0
"""So often, in seconds, whoever waits looks whether somebody has asked to stop."""


def journeys(
    wanted: Sequence[Wanted],
    fetching: Fetching,
    answers: Answers,
    visits: list[Visit],
    holidays: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, Callable[[], Iterable[Document | Problem]]]]:
    """For each source its name and how it is asked, which raises TryAgain when somebody is `stopping`. The days that
    were asked for are noted in `visits`.
    """
    now = clock.now()
    answers.forget(now)
    client = Client(
        fetching,
        answers,
        agent=f"paperdigest/{__version__}",
        clock=clock.now,
        monotonic=clock.monotonic,
        sleep=partial(_wait, stopping),
        chance=random.random,
        stopping=stopping,
    )
    left = sum(one.is_service for one in wanted)
    for one in wanted:
        if one.is_service:
            client.begin(left)
            left -= 1
        trip = Trip(
            name=one.name,
            client=client.get,
            answers=answers,
            now=now,
            known={row.day: row.state for row in answers.covered(one.name)},
            contact=fetching.contact,
            holidays=holidays,
            visits=visits,
        )
        yield one.name, partial(visit, one, trip)


def _wait(stopping: Callable[[], bool], seconds: float) -> None:
    """So long, or until somebody asks to stop."""
    end = clock.monotonic() + seconds
    while (left := end - clock.monotonic()) > 0 and not stopping():
        sleep(min(left, _BEAT))
