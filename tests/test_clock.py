from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digest import clock

ZONES = sorted(
    zone for zone in available_timezones() if not zone.startswith(("posix", "right/")) and zone != "localtime"
)


def test_now_is_aware_and_in_utc() -> None:
    """The present instant carries its zone, UTC, and does not run backwards by more than the machine's clock does."""
    before = datetime.now(UTC)
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - before) < timedelta(minutes=1)


def test_the_day_depends_on_where_one_is() -> None:
    """Twenty-six hours of zones lie on two days at least, and each zone's day is that of its own wall clock."""
    days = {zone: clock.today(zone) for zone in ("Pacific/Kiritimati", "UTC", "Etc/GMT+12")}
    assert days["Etc/GMT+12"] < days["Pacific/Kiritimati"]
    assert days["Etc/GMT+12"] <= days["UTC"] <= days["Pacific/Kiritimati"]
    assert clock.today_here() in set(days.values()) | {days["UTC"] + timedelta(1), days["UTC"] - timedelta(1)}


def test_an_unknown_zone_is_a_key_error() -> None:
    """A zone that does not exist raises ZoneInfoNotFoundError, which is a KeyError."""
    for ask in (
        lambda: clock.today("Europe/Atlantis"),
        lambda: clock.start_of_day(date(2026, 5, 26), "Europe/Atlantis"),
    ):
        with pytest.raises(ZoneInfoNotFoundError):
            ask()


def test_seconds_pass() -> None:
    """The monotonic clock does not go back."""
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    ("zone", "start", "instant"),
    [
        ("UTC", "2026-05-26T00:00:00+00:00", "2026-05-26T00:00:00Z"),
        ("Europe/Berlin", "2026-05-26T00:00:00+02:00", "2026-05-25T22:00:00Z"),
        ("Europe/Berlin", "2026-01-26T00:00:00+01:00", "2026-01-25T23:00:00Z"),
        ("Asia/Kathmandu", "2026-05-26T00:00:00+05:45", "2026-05-25T18:15:00Z"),
        # Midnight did not exist: the clock went from 00:00 to 01:00.
        ("America/Sao_Paulo", "2018-11-04T00:00:00-03:00", "2018-11-04T03:00:00Z"),
        ("Africa/Cairo", "2023-04-28T00:00:00+02:00", "2023-04-27T22:00:00Z"),
        # Midnight came twice: the clock went from 01:00 to 00:00.
        ("America/Havana", "2023-11-05T00:00:00-04:00", "2023-11-05T04:00:00Z"),
    ],
)
def test_the_start_of_a_day(zone: str, start: str, instant: str) -> None:
    """The first instant of a local day, where midnight exists once, twice or not at all, written with its offset."""
    found = clock.start_of_day(date.fromisoformat(start[:10]), zone)
    assert found.isoformat() == start
    assert found == datetime.fromisoformat(instant)


@given(st.dates(date(1980, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES))
@settings(max_examples=500)
def test_a_day_begins_with_its_start(day: date, zone: str) -> None:
    """At the start of a day it is that day in its zone, and just before it was an earlier one."""
    here = ZoneInfo(zone)
    assume(datetime.combine(day, datetime.min.time(), UTC).astimezone(here).date() >= day - timedelta(1))
    start = clock.start_of_day(day, zone)
    skipped = {
        date(1993, 8, 21),
        date(1994, 12, 31),
        date(1994, 12, 30),
        date(2011, 12, 30),
    }  # days that islands left out
    assert start.astimezone(here).date() == day or day in skipped
    assert (start - timedelta(microseconds=1)).astimezone(here).date() < day
    assert start.isoformat().startswith(f"{day}T00:00:00")
