"""The record of runs: when each began and how it ended, so that one which died is known by having no end."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from digest.model import Verdict

KEPT: Final = timedelta(days=400)
MOST: Final = 2000
"""So long, and so many of each command, are runs remembered: `digest send` may run every minute."""

PROBLEMS: Final = 50
LENGTH: Final = 500
SUMMARY: Final = 4000
"""So many problems, each of so many characters, and so long a summary are kept of a run."""


class Ended(NamedTuple):
    """How a run ended."""

    exit_code: int
    verdict: Verdict | None = None
    """None: it was stopped by an error, which `summary` tells."""
    summary: str = ""
    """Its last line."""
    days: Mapping[str, date] = {}
    """For each profile the day of the edition that was made."""
    problems: Sequence[str] = ()


class Run(NamedTuple):
    """One run of `digest run` or `digest send`."""

    number: int
    command: str
    process: int
    began: datetime
    ended: datetime | None
    """None: it is at work, or it died."""
    outcome: Ended | None
    """None as long as `ended` is."""


class Runs(Protocol):
    """Every method raises StorageError or TryAgain, and then has changed nothing."""

    def begin(self, command: str, process: int, now: datetime) -> int:
        """A run has begun; its number. Forgets runs beyond `KEPT` and `MOST`."""
        ...

    def end(self, number: int, now: datetime, outcome: Ended) -> None:
        """It has ended so. What is longer than is kept is cut."""
        ...

    def newest(self, limit: int, command: str | None = None) -> list[Run]:
        """At most so many runs, of one command or of any, the one that began last first."""
        ...
