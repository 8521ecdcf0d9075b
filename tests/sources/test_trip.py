"""Sources on their way: each day by itself, what failed told once, and a note of everything."""

import gzip
from datetime import date

import pytest
from fetching_scene import FEED, START

from digest import clock
from digest.errors import SourceError, UsageError
from digest.model import Document, Problem
from digest.sources import visit
from digest.sources.days import Visit
from digest.sources.journeys import journeys
from digest.sources.settings import Feed, Fetching, Folder, Wanted
from digest.sources.trip import Trip
from digest.sources.web.client import Got
from digest.store.answers import Answer

MONDAY, TUESDAY = date(2026, 5, 25), date(2026, 5, 26)


def an_answer(trouble: str = "") -> Got:
    return Got(Answer("https://example.org/", "example.org", START, gzip.compress(FEED.encode())), trouble)


def a_trip(get=lambda url, shape="any", **_: an_answer(), **known) -> Trip:
    return Trip(**{"name": "lists", "client": get, "answers": None, "now": START, "known": {}, **known})


def said(items) -> list[str]:
    return [item.origin if isinstance(item, Document) else str(item) for item in items]


def test_each_day_is_named():
    """A document is called by its source and its day, and further pages by their number."""
    trip = a_trip()
    items = trip.bring([MONDAY, TUESDAY], lambda day: [trip.get("x") for _ in range(2 if day == MONDAY else 1)])
    assert said(items) == ["lists 2026-05-25", "lists 2026-05-25 (2)", "lists 2026-05-26"]
    assert trip.visits == [
        Visit("lists", MONDAY, ("lists 2026-05-25", "lists 2026-05-25 (2)"), over=True),
        Visit("lists", TUESDAY, ("lists 2026-05-26",), over=False),
    ]


def test_a_day_that_fails_stops_no_other():
    """What came of it before is read; the same trouble of several days is told once, with the days."""

    def ask(day):
        yield an_answer()
        if day < TUESDAY:
            raise SourceError("HTTP 500: it has failed")

    trip = a_trip()
    sunday = date(2026, 5, 24)
    told = said(trip.bring([sunday, MONDAY, TUESDAY], ask))
    assert told[:3] == ["lists 2026-05-24", "lists 2026-05-25", "lists 2026-05-26"]
    assert told[3:] == ["lists: HTTP 500: it has failed (2 days from 2026-05-24 to 2026-05-25)"]
    assert [(one.day, one.trouble) for one in trip.visits] == [
        (sunday, "HTTP 500: it has failed"),
        (MONDAY, "HTTP 500: it has failed"),
        (TUESDAY, ""),
    ]


def test_an_older_answer_is_read_and_told():
    """Nothing is lost by a source that fails: what it said last is read, and the reader knows."""
    trip = a_trip(lambda url, shape="any", **_: an_answer("it is down; what it said on Monday is read again"))
    items = [*visit(Wanted("feed", "lists", Feed("https://example.org/")), trip)]
    assert isinstance(items[0], Document)
    assert items[1] == Problem("lists", None, "it is down; what it said on Monday is read again")


def test_a_late_service_has_no_day_that_is_over():
    """With a lag of a day, yesterday is still going on."""
    trip = a_trip()
    list(trip.bring([date(2026, 5, 24), MONDAY], lambda day: [an_answer()], lag=1))
    assert [one.over for one in trip.visits] == [True, False]


def test_a_kind_that_nobody_knows_is_told():
    """A source that no package has is the config's mistake."""
    with pytest.raises(UsageError, match="no source 'fed'"):
        visit(Wanted("fed", "x", None), a_trip())


def test_a_source_that_takes_its_time_leaves_some_to_the_next(answers, monkeypatch, tmp_path):
    """Each has its turn with a share of the time; a folder of this machine needs none."""
    seconds = 0.0
    monkeypatch.setattr(clock, "monotonic", lambda: seconds)
    wanted = [
        Wanted("feed", "slow", Feed("http://localhost:1/a")),
        Wanted("feed", "next", Feed("http://localhost:1/b")),
    ]
    wanted.insert(1, Wanted("folder", "listings", Folder(tmp_path)))
    found = {}
    for name, fetch in journeys(wanted, Fetching(patience=600, deadline=60), answers, []):
        seconds += {"slow": 310, "next": 200}.get(name, 0)
        found[name] = next(iter(said(item for item in fetch() if isinstance(item, Problem))), "")
    assert "its share of the time for all sources is over" in found["slow"]
    assert "which is no public address" in found["next"]
