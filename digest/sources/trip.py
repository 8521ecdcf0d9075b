"""What a source is sent out with: somebody who asks addresses, the days that are missing, and a note of what came back.

    def fetch(settings, trip):
        yield from trip.bring(trip.due(), lambda day: [trip.get(f"https://example.org/{day}")])

Each day is asked by itself: one that fails is noted as failed, asked again by a later run, and stops no other.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from digest.errors import SourceError
from digest.model import Document, Problem
from digest.sources.days import REACH, Visit, due
from digest.sources.web.waiting import reason
from digest.store.answers import Answers, Coverage

if TYPE_CHECKING:
    from digest.sources.web.client import Got
    from digest.sources.web.shapes import Shape


class Get(Protocol):
    """`digest.sources.web.client.Client.get`."""

    def __call__(
        self,
        url: str,
        shape: "Shape" = "any",
        *,
        secret: Mapping[str, str] | None = None,
        doubt: Callable[[bytes], str] | None = None,
        slow: bool = False,
    ) -> "Got": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One source on its way."""

    name: str
    """What messages and the ledger call the source."""
    client: Get
    now: datetime
    known: Mapping[date, Coverage]
    """What the ledger has of the source."""
    answers: Answers
    """Where what was fetched is kept."""
    contact: str = ""
    """The operator's address, for services that want it in what they are asked."""
    holidays: Collection[str] = ()
    """More days without announcements than `digest.announcements` knows."""
    visits: list[Visit] = field(default_factory=list)
    """Where the days that were asked are noted."""
    heard: "list[Got]" = field(default_factory=list)
    """What the client gave since the last day was begun, also what a source makes no document of."""

    @property
    def today(self) -> date:
        """By UTC, as services count days."""
        return self.now.date()

    def due(self, *, lag: int = 0, reach: int = REACH) -> list[date]:
        """The days to ask for, oldest first: see `digest.sources.days.due`."""
        return due(self.known, self.today, lag=lag, reach=reach)

    def get(
        self,
        url: str,
        shape: "Shape" = "any",
        *,
        secret: Mapping[str, str] | None = None,
        doubt: Callable[[bytes], str] | None = None,
        slow: bool = False,
        since: date | None = None,
    ) -> "Got":
        """As the client's; `since` is that of the documents which are made of it."""
        got = self.client(url, shape, secret=secret, doubt=doubt, slow=slow)._replace(since=since)
        self.heard.append(got)
        return got

    def bring(
        self, days: Iterable[date], ask: "Callable[[date], Iterable[Got]]", *, lag: int = 0, dated: bool = True
    ) -> Iterator[Document | Problem]:
        """The documents that `ask` gets of each of `days`, named by the source and, where they are `dated`, the day.

        A day is over for the service `lag` days after its end by UTC, and here when all that was said of it was said
        after that. What is not dated has no days that could be missing: what was asked today is today's.
        """
        failed: dict[str, list[date]] = {}
        words: dict[str, str] = {}
        for day in days:
            origins: list[str] = []
            trouble = ""
            self.heard.clear()
            name = f"{self.name} {day}" if dated else self.name
            try:
                for number, got in enumerate(ask(day), 1):
                    origins.append(name if number == 1 else f"{name} ({number})")
                    yield got.document(origins[-1])
                yield from self.earlier(name)
            except SourceError as error:
                trouble = str(error)
            trouble = next((got.trouble for got in self.heard if got.trouble), trouble)
            if trouble:
                failed.setdefault(reason(trouble), []).append(day)
                words[reason(trouble)] = trouble
            said = min((got.answer.at.date() for got in self.heard), default=self.today)
            self.note(day, origins, over=not dated or (said - day).days > lag, trouble=trouble)
        for why, missing in failed.items():
            yield Problem(self.name, None, f"{words[why]}{_named(missing) if dated else ''}")

    def earlier(self, name: str) -> "Iterator[Document]":
        """What was fetched by a run that was stopped before anybody had read it, and is listed no more."""
        for got in self.heard:
            for answer in got.aside:
                yield got._replace(answer=answer).document(f"{name}, as of {answer.at:%Y-%m-%d %H:%M}")

    def note(self, day: date, origins: Sequence[str], *, over: bool, trouble: str = "", stale: str = "") -> None:
        """How a day went: see `digest.sources.days.Visit`."""
        self.visits.append(Visit(self.name, day, tuple(origins), over, trouble, stale))


def _named(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f" ({days[0]})"
    return f" ({len(days)} days from {days[0]} to {days[-1]})"
