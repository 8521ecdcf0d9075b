"""What was fetched over the network, and whom to leave alone: kept, so that neither is forgotten with the process.

An answer is kept whole, beside what tells whether it is still good (ETag, Last-Modified): both come in one step, so
that a server which says "unchanged" never speaks of something that was lost.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple, Protocol

KEPT: Final = timedelta(days=14)
"""So long is an answer kept that nobody asks for any more."""

COVERED: Final = timedelta(days=400)
"""So long is it known which days were fetched."""

Coverage = Literal["pending", "complete", "empty", "stale", "failed"]
"""What is known of one day of one source.

pending   asked while the day was not over: there may be more
complete  all that the source lists of that day is here
empty     the source was asked, and lists nothing on that day
stale     the source answers, but with what it listed on an earlier day
failed    the source could not be asked
"""

SETTLED: Final[tuple[Coverage, ...]] = ("complete", "empty")
"""A day that needs not be asked for again."""


class Answer(NamedTuple):
    """The last good answer of an address."""

    url: str
    house: str
    """Whose it is: requests to one house keep a distance to each other."""
    at: datetime
    """When it was last known to be good."""
    body: bytes
    """Compressed by gzip, whatever it came as."""
    final: str = ""
    """The address that gave it, after redirects; the same where it is empty."""
    etag: str = ""
    modified: str = ""
    """Both to be sent back as they came (RFC 9110 section 13)."""
    media_type: str = ""


class Rest(NamedTuple):
    """Somebody is to be left alone."""

    place: str
    """A house, or one address."""
    until: datetime
    tries: int
    """How many failed in a row."""
    why: str


class Covered(NamedTuple):
    """One day of one source."""

    source: str
    day: date
    state: Coverage
    at: datetime
    """When that was found out."""
    listings: int = 0
    detail: str = ""


class Answers(Protocol):
    """Every method raises StorageError or TryAgain, and then has changed nothing."""

    def answer(self, url: str) -> Answer | None:
        """The last good answer of that address."""
        ...

    def keep(self, answer: Answer) -> None:
        """Keep it in the place of the last one. Its address is good: nobody rests because of it any more."""
        ...

    def aside(self, url: str) -> list[Answer]:
        """Answers of that address which were to be read when another one took their place: whoever fetched them was
        stopped before. The oldest first.
        """
        ...

    def of_house(self, house: str) -> list[Answer]:
        """All that is kept of that house, the oldest first."""
        ...

    def last(self, house: str) -> datetime | None:
        """When that house gave its latest answer."""
        ...

    def rest(self, place: str) -> Rest | None:
        """Whether that place is to be left alone, or was."""
        ...

    def let_rest(self, rest: Rest) -> None:
        """Leave that place alone."""
        ...

    def forget(self, now: datetime) -> None:
        """Let go of what is older than `KEPT` and `COVERED`."""
        ...

    def cover(self, days: Sequence[Covered]) -> None:
        """Keep what is known of those days, now that all kept answers were read, and what they list is in the store.
        What was settled stays so: it is not failed, stale or pending later.
        """
        ...

    def covered(self, source: str | None = None, since: date = date.min) -> list[Covered]:
        """What is known of the days of one source, or of all, by source and day."""
        ...
