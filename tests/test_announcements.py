"""`digest.announcements`: when arXiv announces, and what of it an edition covers."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from builders import a_listing, a_profile
from hypothesis import given
from hypothesis import strategies as st

from digest.announcements import (
    HOLIDAYS,
    Announcement,
    between,
    covered,
    following,
    has_announcement,
    latest,
    named,
    standing,
)
from digest.merging import merge
from digest.model import Digest, Problem, Schedule
from digest.pipeline import choosing, composed, keep
from digest.rendering import wording
from digest.store import open_store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SUNDAY = date(2026, 5, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def evenings(zone: str, hour: int, day: date, before: date | None = None) -> list[str]:
    profile = a_profile(zone=zone, schedule=Schedule(at=time(hour)))
    return [f"{one.evening:%a %d}" for one in covered(profile, day, before)]


def test_the_week() -> None:
    """Sunday to Thursday, at 20:00 in New York: midnight by UTC in summer, one o'clock in winter."""
    week = [has_announcement(SUNDAY + n * DAY) for n in range(7)]
    assert week == [True] * 5 + [False] * 2
    assert latest(at("2026-05-25T00:00")) == Announcement(SUNDAY, at("2026-05-25T00:00"))
    assert latest(at("2026-05-24T23:59")).evening == date(2026, 5, 21)
    assert following(at("2026-05-24T23:59")).evening == SUNDAY
    assert latest(at("2026-11-24T01:00")) == Announcement(date(2026, 11, 23), at("2026-11-24T01:00"))


def test_holidays() -> None:
    """arXiv's own, more of the operator's; one on a Friday takes Sunday's announcement with it."""
    assert not has_announcement(date(2026, 9, 7))
    assert not has_announcement(date(2026, 11, 26))
    assert not has_announcement(date(2026, 7, 5)), "Friday 3 July is on the list"
    assert has_announcement(date(2026, 7, 2))
    assert not has_announcement(date(2026, 5, 26), ["05-26"])
    assert not has_announcement(date(2026, 5, 26), ["2026-05-26"])
    assert has_announcement(date(2026, 5, 26), ["2027-05-26"])
    assert named(date(2026, 12, 25), ["12-25"])
    assert not named(date(2026, 12, 25), [])
    assert {day.year for day in HOLIDAYS} == {2026}


@pytest.mark.parametrize(
    ("zone", "hour", "week"),
    [
        # Monday 25 May to Sunday 31 May.
        ("Europe/Berlin", 6, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
        ("America/New_York", 6, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
        ("America/New_York", 20, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
        ("Pacific/Honolulu", 17, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
        ("Pacific/Honolulu", 18, ["Mon 25", "Tue 26", "Wed 27", "Thu 28", "", "", "Sun 31"]),
        ("Asia/Tokyo", 6, ["", "Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", ""]),
        ("Asia/Tokyo", 10, ["", "Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", ""]),
        ("Asia/Tokyo", 13, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
        ("Pacific/Auckland", 1, ["", "Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", ""]),
        ("Pacific/Auckland", 23, ["Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28", "", ""]),
    ],
)
def test_what_a_day_covers(zone: str, hour: int, week: list[str]) -> None:
    """An edition covers what came to be read since the turn before it, wherever its reader is: arXiv's feeds are made
    at midnight in New York.
    """
    assert ["".join(evenings(zone, hour, date(2026, 5, 25) + n * DAY)) for n in range(7)] == week


def test_what_several_days_cover() -> None:
    """After a week, or days without power, an edition covers all since the one before it."""
    assert evenings("Europe/Berlin", 6, date(2026, 5, 29), date(2026, 5, 22)) == [
        "Sun 24", "Mon 25", "Tue 26", "Wed 27", "Thu 28",
    ]  # fmt: skip


@given(
    st.integers(0, 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    st.lists(st.integers(1, 20_000), min_size=1, max_size=5),
)
def test_each_announcement_is_covered_once(start: datetime, steps: list[int]) -> None:
    """However time is cut into pieces, the pieces have each announcement once, in order; and so say `latest` and
    `following`.
    """
    cuts = [start]
    for minutes in steps:
        cuts.append(cuts[-1] + timedelta(minutes=minutes))
    pieces = [one for after, until in pairwise(cuts) for one in between(after, until)]
    assert pieces == between(cuts[0], cuts[-1])
    assert len(set(pieces)) == len(pieces)
    assert following(start).at > start >= latest(start).at
    assert between(latest(start).at, following(start).at) == [following(start)]


@pytest.mark.parametrize(
    ("news", "read", "state"),
    [
        ("2026-05-26T04:00", "2026-05-26T04:00", "out"),
        ("2026-05-25T04:00", "2026-05-26T01:59", "due"),
        ("2026-05-25T04:00", "2026-05-26T09:59", "due"),
        ("2026-05-25T04:00", "2026-05-26T10:00", "late"),
        ("2026-05-25T04:00", "2026-05-25T04:00", "due"),
        (None, None, "due"),
        (None, "2026-05-26T12:00", "late"),
    ],
)
def test_how_it_stands(news: str | None, read: str | None, state: str) -> None:
    """Out where something new came since; late where it was looked for in vain, at six in the morning or later."""
    found = standing(at("2026-05-26T13:00"), news and at(news), read and at(read))  # type: ignore[arg-type]
    assert (found.state, found.latest.evening, found.following.evening) == (state, date(2026, 5, 25), date(2026, 5, 26))


# ------------------------------------------------------------------------------------------- in editions


def edition(day: date, *arxiv: str, folder: Path | None = None, problems: tuple[Problem, ...] = ()) -> Digest:
    profile = a_profile(keywords={"reading": 1}, zone="Europe/Berlin")
    papers = merge([a_listing(arxiv=one) if one else a_listing(ids={"doi": "10.1/x"}) for one in arxiv])
    if not folder:
        return composed(choosing(papers, [profile], {"ana": day}, None)(profile), profile, day, None, problems)
    with open_store(folder / "digest.db") as store:
        choice = choosing(store.save(papers).papers, [profile], {"ana": day}, store)(profile)
        return keep(composed(choice, profile, day, store, problems), profile, store).digest


def test_an_edition_says_what_it_covers(tmp_path: Path) -> None:
    """One that shows papers of arXiv's names the announcement, from the edition before it on; others name none."""
    assert edition(date(2026, 5, 26), "2605.00001").announced == (date(2026, 5, 25),)
    assert edition(date(2026, 5, 26), "").announced == ()
    assert edition(date(2026, 5, 26)).announced == ()
    edition(date(2026, 5, 22), folder=tmp_path)
    later = edition(date(2026, 5, 26), "2605.00001", folder=tmp_path)
    assert later.announced == (date(2026, 5, 24), date(2026, 5, 25))
    with open_store(tmp_path / "digest.db") as store:
        kept = store.edition("ana", date(2026, 5, 26))
    assert kept
    assert kept.digest == later


def test_how_it_is_said() -> None:
    """One by its day, several by the first and the last."""
    one = edition(date(2026, 5, 26), "2605.00001")
    assert wording.announced(one) == "arXiv's announcement of Monday, 25 May 2026"
    assert wording.covering(one) == "1 paper · arXiv's announcement of Monday, 25 May 2026"
    assert wording.announced(edition(date(2026, 5, 26))) == ""


def test_several_are_said_by_their_ends(tmp_path: Path) -> None:
    """From the first to the last."""
    edition(date(2026, 5, 22), folder=tmp_path)
    several = edition(date(2026, 5, 26), "2605.00001", folder=tmp_path)
    assert wording.announced(several) == "arXiv's announcements of 24 May 2026 to 25 May 2026"


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (date(2026, 5, 25), "quiet day"),
        (date(2026, 5, 30), "holiday"),
        (date(2026, 5, 31), "holiday"),
        (date(2026, 9, 8), "holiday"),
    ],
)
def test_a_day_without_an_announcement_is_a_holiday(day: date, verdict: str) -> None:
    """Where nothing was to come nothing is missing: weekends, and the day after a holiday in New York."""
    assert edition(day).verdict == verdict
