"""The calendar of a profile's editions: years, months, weeks and days, newest first."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from digest.model import ArchiveDay
from digest.rendering import wording


class Day(NamedTuple):
    """A day of a month; without an edition `href` is empty."""

    number: int
    href: str = ""
    papers: int = 0


class Week(NamedTuple):
    """The days of one week, Monday first, that lie in the month; `before` and `after` are how many do not."""

    before: int
    days: tuple[Day, ...]
    after: int


class Month(NamedTuple):
    """A month that has editions."""

    name: str
    weeks: tuple[Week, ...]


class Year(NamedTuple):
    """A year that has editions, its months newest first."""

    name: str
    aside: str
    """`120 editions`"""
    months: tuple[Month, ...]


def years(days: Sequence[ArchiveDay], href: Callable[[date], str]) -> list[Year]:
    """The years of `days`, which come newest first; `href` gives the address of a day's edition."""
    made = []
    for year, of_year in groupby(days, key=lambda line: line.day.year):
        lines = list(of_year)
        months = groupby(lines, key=lambda line: (line.day.year, line.day.month))
        made.append(
            Year(
                name=str(year),
                aside=wording.counted(len(lines), "edition"),
                months=tuple(_month(of_month, href) for _, of_month in months),
            )
        )
    return made


def _month(lines: Iterable[ArchiveDay], href: Callable[[date], str]) -> Month:
    shown = {line.day.day: line for line in lines}
    first = next(iter(shown.values())).day.replace(day=1)
    length = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    weeks = []
    number = 1
    while number <= length.day:
        before = first.weekday() if number == 1 else 0
        last = min(number + 6 - before, length.day)
        days = tuple(
            Day(n, href(shown[n].day), shown[n].shown) if n in shown else Day(n) for n in range(number, last + 1)
        )
        weeks.append(Week(before, days, 7 - before - len(days)))
        number = last + 1
    return Month(name=wording.month(first), weeks=tuple(weeks))
