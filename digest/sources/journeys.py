"""All sources of a run on their way, with one client between them, in the order of the config."""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from time import sleep
from typing import Any, Final

from digest import __version__, clock
from digest.errors import TryAgain
from digest.model import Document, Problem
from digest.sources import visit
from digest.sources.days import Visit
from digest.sources.settings import Fetching, Wanted
from digest.sources.trip import Trip
from digest.sources.web.client import Client, Got
from digest.sources.web.shapes import Shape
from digest.store.answers import Answers

BLINK: Final = 0.5
"""Seconds after which a wait looks whether it is to go on."""


def journeys(
    wanted: Sequence[Wanted],
    fetching: Fetching,
    answers: Answers,
    visits: list[Visit],
    holidays: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = sleep,
) -> Iterator[tuple[str, Callable[[], Iterable[Document | Problem]]]]:
    """For each source its name and how it is asked. The days that were asked for are noted in `visits`.

    Raises TryAgain before the next address is asked, and in a wait, once somebody wants us to stop: sources may take
    minutes, and an edition without some of them is better made later.
    """

    def go_on() -> None:
        if stopping():
            raise TryAgain("asked to stop while sources were asked: no edition was made, the next run goes on")

    def wait(seconds: float) -> None:
        while seconds > 0:
            go_on()
            sleep(min(seconds, BLINK))
            seconds -= BLINK

    def get(url: str, shape: Shape = "any", **how: Any) -> Got:
        go_on()
        return client.get(url, shape, **how)

    now = clock.now()
    answers.forget(now)
    client = Client(
        fetching,
        answers,
        agent=f"paperdigest/{__version__}",
        clock=clock.now,
        monotonic=clock.monotonic,
        sleep=wait,
        chance=random.random,
    )
    for one in wanted:
        go_on()
        trip = Trip(
            name=one.name,
            client=get,
            answers=answers,
            now=now,
            known={row.day: row.state for row in answers.covered(one.name)},
            contact=fetching.contact,
            holidays=holidays,
            visits=visits,
        )
        yield one.name, partial(visit, one, trip)
