"""Which days of a source are here and which are missing: decided from the ledger, and noted in it afterwards."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from digest.model import Listing, Problem
from digest.store.answers import SETTLED, Coverage, Covered

REACH: Final = 14
"""So many days back is asked for what is missing."""


class Visit(NamedTuple):
    """One day that a source was asked for, before anybody has read what it said."""

    source: str
    day: date
    origins: tuple[str, ...]
    """The documents that came of it."""
    over: bool
    """There will be no more of that day."""
    trouble: str = ""
    """Why they are not all, or not new."""
    stale: str = ""
    """Why what came is of an earlier day."""


def due(known: Mapping[date, Coverage], today: date, *, lag: int = 0, reach: int = REACH) -> list[date]:
    """The days to ask for, oldest first: those up to `today` that are not settled, from the first that the ledger knows
    on, but none that is more than `reach` days ago. A source that was never asked is asked for the day that is over,
    and for today. `lag` is by how many days the service is late.
    """
    first = min(known, default=today - timedelta(days=1 + lag))
    start = max(first, today - timedelta(days=reach))
    days = (start + timedelta(days=number) for number in range((today - start).days + 1))
    return [day for day in days if known.get(day) not in SETTLED]


def found(
    visits: Iterable[Visit], listings: Iterable[Listing], problems: Iterable[Problem], now: datetime
) -> list[Covered]:
    """What is known of those days now that their documents were read."""
    visits = [*visits]
    origins = {origin for visit in visits for origin in visit.origins}
    counts = Counter(_document(listing.position.file, origins) for listing in listings)
    faults = {_document(problem.file, origins): problem.what for problem in reversed([*problems])}
    days = []
    for visit in visits:
        number = sum(counts[origin] for origin in visit.origins)
        fault = next((faults[origin] for origin in visit.origins if origin in faults), "")
        state: Coverage
        if visit.trouble or (fault and not number):
            state = "failed"
        elif visit.stale:
            state = "stale"
        elif not visit.over:
            state = "pending"
        else:
            state = "complete" if number else "empty"
        days.append(Covered(visit.source, visit.day, state, now, number, visit.trouble or visit.stale or fault))
    return days


def _document(file: str, origins: Collection[str]) -> str:
    """Which of `origins` a file came out of: what was unpacked has the names of members behind that of the document."""
    while file and file not in origins:
        file = file.rpartition("!")[0]
    return file
