"""A client with a memory, a clock that goes on by itself, and a server on loopback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from digest.pipeline import Reading, gathered, read
from digest.sources import visit
from digest.sources.days import found
from digest.sources.settings import Fetching, Wanted
from digest.sources.trip import Trip
from digest.sources.web.client import Client

if TYPE_CHECKING:
    from digest.store.answers import Answers

START = datetime(2026, 5, 26, 6, tzinfo=UTC)

FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Lists</title><item>'
    "<title>Counting papers once</title><link>https://example.org/1</link>"
    "<description>We measure how reading lists change when repeated papers are counted once.</description>"
    "</item></channel></rss>"
)


class Time:
    """It passes while somebody sleeps, and by `step` seconds each time that it is looked at."""

    def __init__(self, at: datetime = START, step: float = 0.0) -> None:
        self.at = at
        self.step = step
        self.slept: list[float] = []
        self._seconds = 0.0

    def clock(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        self._seconds += self.step
        return self._seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.go_on(seconds)

    def go_on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self._seconds += seconds


def a_client(answers: Answers, time: Time | None = None, *, chance: float = 0.0, **known: Any) -> Client:
    """A client that may ask loopback; `known` are those of `Fetching`, and `exchange`."""
    time = time or Time()
    more = {name: known.pop(name) for name in ("exchange", "stopping") if name in known}
    return Client(
        Fetching(**{"private": True, **known}),
        answers,
        agent="paperdigest/0",
        clock=time.clock,
        monotonic=time.monotonic,
        sleep=time.sleep,
        chance=lambda: chance,
        **more,
    )


class Brought(NamedTuple):
    """What a source brought home."""

    ids: list[str]
    """Of the listings, in their order: arXiv id, or DOI, or whatever comes first; the title where there is none."""
    problems: list[str]
    days: dict[str, tuple[str, int]]
    """The ledger afterwards: for each day its state and how much it lists."""
    reading: Reading


def bring(kind: str, settings: Any, answers: Answers, time: Time | None = None, **known: Any) -> Brought:
    """One source of that kind on its way, as in a run: what it brought is read, and then its days are noted."""
    time = time or Time()
    name = known.pop("name", kind)
    holidays = known.pop("holidays", ())
    trip = Trip(
        name=name,
        client=a_client(answers, time, **known).get,
        answers=answers,
        now=time.at,
        known={row.day: row.state for row in answers.covered(name)},
        contact=known.get("contact", ""),
        holidays=holidays,
    )
    wanted = Wanted(kind, name, settings)
    reading = read(gathered([(name, lambda: visit(wanted, trip))]))
    answers.cover(found(trip.visits, reading.listings, reading.problems, time.at))
    return Brought(
        [next(iter(one.ids.values()), one.title or "") for one in reading.listings],
        [str(problem) for problem in reading.problems],
        {row.day.isoformat(): (row.state, row.listings) for row in answers.covered(name)},
        reading,
    )
