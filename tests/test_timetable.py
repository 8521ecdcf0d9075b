"""`digest.timetable`: which edition is due, by a schedule, what was done and the instant that it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from builders import a_profile
from hypothesis import given
from hypothesis import strategies as st

from digest.clock import instant_of
from digest.model import Schedule
from digest.timetable import DAY, Agenda, Due, Past, Wait, agenda, due, next_after, next_turn, turn

MONDAY = date(2026, 5, 25)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAILY = Schedule()
WEEKLY = Schedule(days=frozenset({0}))
BERLIN = "Europe/Berlin"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of May 2026, or of the month after it, in UTC."""
    return datetime(2026, 5, 1, hour, minute, tzinfo=UTC) + (day - 1) * DAY


def may(*days: int) -> list[date]:
    return [date(2026, 5, 1) + (day - 1) * DAY for day in days]


@pytest.mark.parametrize(
    ("zone", "day", "wall", "instant"),
    [
        ("UTC", "2026-05-26", "06:00", "2026-05-26T06:00Z"),
        ("Asia/Kathmandu", "2026-05-26", "06:00", "2026-05-26T00:15Z"),
        # A gap: the first instant after it, whatever the wall clock was to show.
        (BERLIN, "2026-03-29", "02:00", "2026-03-29T01:00Z"),
        (BERLIN, "2026-03-29", "02:59", "2026-03-29T01:00Z"),
        (BERLIN, "2026-03-29", "03:00", "2026-03-29T01:00Z"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30Z"),
        # A fold: the first of the two.
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30Z"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45Z"),
        # Midnight does not exist; the gap ends the day; a day that was left out.
        ("Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00Z"),
        ("America/Scoresbysund", "2026-03-28", "23:15", "2026-03-29T01:00Z"),
        ("Pacific/Apia", "2011-12-30", "06:00", "2011-12-30T10:00Z"),
    ],
)
def test_the_instant_of_a_wall_time(zone: str, day: str, wall: str, instant: str) -> None:
    """T02: what a clock never shows is the first instant after the gap, what it shows twice is the first time."""
    found = instant_of(date.fromisoformat(day), time.fromisoformat(wall), zone)
    assert found == datetime.fromisoformat(instant)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("schedule", "past", "now", "expected"),
    [
        # On time, done, not yet.
        (DAILY, Past(may(25)), at(26, 6), Due(may(26)[0], timedelta())),
        (DAILY, Past(may(25, 26)), at(26, 6), Wait("done", may(26)[0])),
        (DAILY, Past(may(25)), at(26, 5, 59), Wait("done", may(25)[0])),
        (Schedule(vacation=((date(2020, 1, 1), MONDAY),)), Past(), at(25, 12), Wait("not yet", None)),
        # Nobody was there: one edition, of the latest day, and not one for each.
        (DAILY, Past(may(20)), at(26, 15), Due(may(26)[0], 9 * HOUR)),
        (DAILY, Past(may(20)), at(26, 5), Due(may(25)[0], 23 * HOUR)),
        (DAILY, Past(), at(26, 15), Due(may(26)[0], 9 * HOUR)),
        (DAILY, Past(), at(26, 5), Wait("not yet", None)),
        (WEEKLY, Past(), at(27, 15), Wait("not yet", None)),
        (WEEKLY, Past(may(18)), at(27, 15), Due(MONDAY, 57 * HOUR)),
        # Not beyond the grace.
        (Schedule(grace=3 * HOUR), Past(may(20)), at(26, 9), Due(may(26)[0], 3 * HOUR)),
        (Schedule(grace=3 * HOUR), Past(may(20)), at(26, 9, 1), Wait("missed", may(26)[0])),
        # By hand, before the hour, for another day, or for one to come.
        (DAILY, Past(may(26)), at(26, 5), Wait("done", may(26)[0])),
        (WEEKLY, Past(may(18, 20)), at(24, 12), Wait("done", may(20)[0])),
        (WEEKLY, Past(may(18, 20)), at(25, 12), Due(MONDAY, 6 * HOUR)),
        # A clock that was a year ahead put an edition there: what was done before it counts.
        (DAILY, Past([*may(25, 26), date(2027, 5, 26)]), at(26, 7), Wait("done", may(26)[0])),
        (DAILY, Past([*may(25, 26), date(2027, 5, 26)]), at(27, 7), Due(may(27)[0], HOUR)),
        # The turn was taken, and there was too little.
        (DAILY, Past(may(24), may(25, 26)), at(26, 7), Wait("done", may(26)[0])),
        (DAILY, Past(may(24), may(25, 26)), at(27, 7), Due(may(27)[0], HOUR)),
        # Every third day.
        (Schedule(every=3), Past(may(25)), at(27, 7), Wait("done", MONDAY)),
        (Schedule(every=3), Past(may(25)), at(28, 7), Due(may(28)[0], HOUR)),
        (Schedule(every=3), Past(may(25)), at(30, 7), Due(may(30)[0], HOUR)),
        # Vacation.
        (Schedule(vacation=((MONDAY, may(27)[0]),)), Past(may(24)), at(27, 7), Wait("done", may(24)[0])),
        (Schedule(vacation=((MONDAY, may(27)[0]),)), Past(may(24)), at(28, 7), Due(may(28)[0], HOUR)),
    ],
)
def test_what_is_due(schedule: Schedule, past: Past, now: datetime, expected: Due | Wait) -> None:
    """D15, T01: what is due is a local day: the latest, once, within the grace."""
    assert due(schedule, "UTC", past, now) == expected


def test_what_comes_next() -> None:
    """The next edition is after the one that is due now, on a day that has one; the next turn is on any day."""
    assert next_after(DAILY, BERLIN, Past(), at(26, 3, 59)) == at(26, 4)
    assert next_after(DAILY, BERLIN, Past(), at(26, 4)) == at(27, 4)
    assert next_after(WEEKLY, BERLIN, Past(), at(25, 5)) == at(32, 4)
    assert next_turn(WEEKLY, BERLIN, at(25, 5)) == at(26, 4)
    assert next_after(Schedule(every=3), "UTC", Past(may(25)), at(25, 7)) == at(28, 6)
    assert next_after(Schedule(every=3), "UTC", Past(may(20)), at(25, 7)) == at(28, 6), "today's is made before"
    assert next_after(Schedule(vacation=((MONDAY, may(27)[0]),)), "UTC", Past(may(24)), at(25, 7)) == at(28, 6)
    assert next_after(Schedule(vacation=((MONDAY, date(2100, 1, 1)),)), "UTC", Past(may(24)), at(25, 7)) is None


def test_the_agenda() -> None:
    """A turn is taken on each day, with or without an edition; what died is finished; what is done is left alone."""
    week, day = a_profile("week", schedule=WEEKLY), a_profile("day", schedule=Schedule(at=time(7)))
    past = {"week": Past(may(25)), "day": Past(may(25))}
    assert agenda([week, day], past, at(26, 6)) == Agenda({}, {"week": may(26)[0]})
    assert agenda([week, day], past, at(26, 7)) == Agenda({"day": may(26)[0]}, {"week": may(26)[0], "day": may(26)[0]})
    done = {"week": Past(may(25), may(26)), "day": Past(may(25, 26))}
    assert not agenda([week, day], done, at(26, 23))
    assert agenda([week, day], done, at(26, 23), unfinished=True).days == {"week": MONDAY, "day": may(26)[0]}
    assert agenda([week], {}, at(28, 7)) == Agenda({}, {"week": may(28)[0]}), "who begins has missed no Monday"
    assert not agenda([week], {}, at(28, 5))
    assert not agenda([week], {"week": Past(may(25), may(28))}, at(28, 8))


def test_what_is_done_again() -> None:
    """Where a source failed the turn is taken again, and the edition that was made, or held, is made again; none of a
    day that was over by then.
    """
    week, day = a_profile("week", schedule=WEEKLY), a_profile("day", schedule=Schedule(grace=3 * HOUR))
    past = {"week": Past(may(25), may(26, 28)), "day": Past(may(25, 28))}
    turns = {"week": may(28)[0], "day": may(28)[0]}
    assert agenda([week, day], past, at(28, 7), again={"day": may(28)[0]}) == Agenda({"day": may(28)[0]}, turns)
    assert agenda([week, day], past, at(28, 10), again={"day": may(28)[0]}) == Agenda({}, turns), "beyond the grace"
    assert agenda([week, day], past, at(28, 7), again={"day": may(20)[0]}) == Agenda({}, turns), "of a day by hand"
    assert agenda([week], past, at(27, 7), again={"week": MONDAY}).days == {"week": MONDAY}, "it was made late"
    held = {"day": Past(may(25), may(28))}
    assert agenda([day], held, at(28, 7), again={}) == Agenda({"day": may(28)[0]}, {"day": may(28)[0]})
    assert agenda([day], {"day": Past(may(28))}, at(29, 7), again={}).days == {"day": may(29)[0]}, "that is due"


# ------------------------------------------------------------------------------------------- laws

INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE)
ZONES = st.sampled_from(
    "UTC Europe/Berlin America/New_York America/Scoresbysund Australia/Lord_Howe Asia/Beirut Africa/Casablanca "
    "America/Havana Pacific/Chatham Pacific/Kiritimati Asia/Kathmandu America/St_Johns".split()
)
SPANS = st.dates(date(2026, 1, 1), date(2027, 12, 31)).flatmap(
    lambda first: st.tuples(st.just(first), st.dates(first, first + 20 * DAY))
)
SCHEDULES = st.builds(
    Schedule,
    at=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    every=st.integers(1, 9),
    grace=st.none() | st.integers(1, 200).map(lambda hours: hours * HOUR),
    vacation=st.lists(SPANS, max_size=2).map(tuple),
)


def life(schedule: Schedule, zone: str, ticks: list[datetime]) -> Iterator[tuple[datetime, date]]:
    """The editions that come of asking at each of `ticks`, and the instant of each."""
    editions: list[date] = []
    turns: list[date] = []
    profile = a_profile(zone=zone, schedule=schedule)
    for now in ticks:
        found = agenda([profile], {"ana": Past(editions, turns)}, now)
        if day := found.days.get("ana"):
            editions.append(day)
            yield now, day
        if today := found.turns.get("ana"):
            turns.append(today)
        assert not agenda([profile], {"ana": Past(editions, turns)}, now), "what is done is not due"


@pytest.mark.slow
@given(SCHEDULES, ZONES, INSTANTS)
def test_every_minute_is_the_same_as_once_a_day(schedule: Schedule, zone: str, start: datetime) -> None:
    """T05: asked often, or only at the instants that are foretold, the editions are the same."""
    often = [start + n * 10 * MINUTE for n in range(6 * 24 * 12)]
    rarely = [start]
    while (later := next_turn(schedule, zone, rarely[-1])) <= often[-1]:
        rarely.append(later)
    days = [day for _, day in life(schedule, zone, often)]
    assert days == [day for _, day in life(schedule, zone, rarely)]
    assert days == sorted(set(days))


@given(SCHEDULES, ZONES, st.lists(INSTANTS, min_size=2, max_size=40))
def test_however_rarely_it_is_asked(schedule: Schedule, zone: str, ticks: list[datetime]) -> None:
    """D15: at most one edition each time, never of a day to come, never beyond the grace; each on a day of its own."""
    made = list(life(schedule, zone, sorted(ticks)))
    days = [day for _, day in made]
    assert days == sorted(set(days))
    assert len({now for now, _ in made}) == len(made)
    for now, day in made:
        late = now - instant_of(day, schedule.at, zone)
        assert timedelta() <= late
        assert schedule.grace is None or late <= schedule.grace
        assert day.weekday() in schedule.days
    assert all((later - day).days >= schedule.every for day, later in pairwise(days))


@given(SCHEDULES, ZONES, st.lists(INSTANTS, min_size=2, max_size=30))
def test_clocks_that_jump(schedule: Schedule, zone: str, ticks: list[datetime]) -> None:
    """T04: in whatever order the instants come, no day has a second edition."""
    days = [day for _, day in life(schedule, zone, ticks)]
    assert len(days) == len(set(days))


@given(SCHEDULES, ZONES, INSTANTS)
def test_what_is_foretold_comes(schedule: Schedule, zone: str, now: datetime) -> None:
    """At the instant that is foretold an edition is due, and a second before it is not."""
    past = Past([turn(schedule, zone, now)])
    then = next_after(schedule, zone, past, now)
    assert then
    assert isinstance(due(schedule, zone, past, then), Due)
    assert not isinstance(due(schedule, zone, past, then - timedelta(seconds=1)), Due)
