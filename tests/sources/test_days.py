"""Which days are missing, and what is known of them once their documents were read."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import a_listing

from digest.model import Problem
from digest.sources.days import Visit, due, found

TODAY = date(2026, 5, 26)
NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)


def ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in days]


def test_a_source_that_was_never_asked_is_asked_for_the_day_that_is_over_and_for_today():
    """The first run does not fetch a past that nobody asked for; a service that is late is asked for more."""
    assert due({}, TODAY) == ago(1, 0)
    assert due({}, TODAY, lag=2) == ago(3, 2, 1, 0)


def test_missed_days_are_asked_for():
    """All days since the first that is known which are not settled; those before nobody wanted."""
    known = dict(zip(ago(6, 5, 3, 2), ("complete", "failed", "empty", "pending"), strict=True))
    assert due(known, TODAY) == ago(5, 4, 2, 1, 0)
    assert due({ago(5)[0]: "stale"}, TODAY) == ago(5, 4, 3, 2, 1, 0)


def test_there_is_an_end_to_the_past():
    """After months of silence no more than two weeks are asked for."""
    assert due({ago(200)[0]: "complete"}, TODAY) == ago(*range(14, -1, -1))


def test_a_clock_that_was_ahead_asks_for_nothing():
    """Days of the future that the ledger knows are no days to ask for."""
    assert due({TODAY + timedelta(days=3): "complete"}, TODAY) == []


@pytest.mark.parametrize(
    ("visit", "listings", "fault", "state"),
    [
        ({}, 2, "", "complete"),
        ({}, 0, "", "empty"),
        ({"over": False}, 2, "", "pending"),
        ({"over": False}, 0, "", "pending"),
        ({"trouble": "HTTP 500"}, 2, "", "failed"),
        ({}, 0, "cannot be read", "failed"),
        ({}, 2, "one record cannot be read", "complete"),
        ({"stale": "it is of yesterday"}, 2, "", "stale"),
    ],
)
def test_what_is_known_of_a_day(visit, listings, fault, state):
    """Complete and empty are days that were read to their end; what failed says why."""
    noted = Visit(**{"source": "a", "day": TODAY, "origins": ("a 1", "a 1 (2)"), "over": True, **visit})
    read = [a_listing(file=file) for file in ("a 1", "a 1 (2)!x.txt")[:listings]]
    problems = [Problem("a 1", 3, fault)] if fault else []
    (day,) = found([noted], [*read, a_listing(file="a 1 (3)")], problems, NOW)
    assert (day.source, day.day, day.state, day.at, day.listings) == ("a", TODAY, state, NOW, listings)
    assert day.detail == (noted.trouble or noted.stale or fault)


def test_documents_are_told_apart_whatever_they_are_called():
    """Names may have the sign in them that stands before the names of members, or begin alike."""
    visits = [Visit("a", TODAY, ("Lists!", "Lists"), over=True), Visit("b", TODAY, ("Lists!x",), over=True)]
    files = ("Lists!", "Lists!!m.eml", "Lists!y!z", "Lists!x", "Lists!x!m.eml", "other", "")
    rows = found(visits, [a_listing(file=file) for file in files], [], NOW)
    assert [row.listings for row in rows] == [3, 2]
