"""One edition a local day in every zone, at every quarter of an hour, in years whose clocks change (T03, M11).

`make check` has a share, `make test` all zones whose clocks change, `TORTURE=all` all zones there are. Of zones that
have the same offset at every hour `make test` takes one for all of them, `TORTURE=all` each.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from digest.clock import instant_of
from digest.model import Schedule
from digest.timetable import Due, Past, due

TORTURE = os.environ.get("TORTURE") == "all"
FIRST, DAYS = date(2026, 1, 1), 730
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
DAY, SECOND, HOUR = timedelta(days=1), timedelta(seconds=1), timedelta(hours=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def changes(zone: str) -> list[datetime]:
    """The instants, to the hour, after which the clocks of a zone were changed."""
    info = ZoneInfo(zone)
    offsets = [(BEGIN + n * HOUR, (BEGIN + n * HOUR).astimezone(info).utcoffset()) for n in range(24 * DAYS)]
    return [instant for (instant, before), (_, after) in pairwise(offsets) if before != after]


ALL = sorted(zone for zone in available_timezones() if zone not in ("localtime", "posixrules"))


def runs(zone: str, found: list[datetime]) -> int:
    """How many days have one instant each, after that of the day before: all of them are checked. Near a change of the
    clocks it is also that at which they show the quarter of an hour.
    """
    info = ZoneInfo(zone)
    near = {change.astimezone(info).date() + n * DAY for change in found for n in range(-3, 4)} | {FIRST}
    for quarter in QUARTERS:
        last = None
        for number in range(DAYS):
            day = FIRST + number * DAY
            instant = instant_of(day, quarter, zone)
            assert last is None or instant > last, (zone, quarter, day)
            last = instant
            if day not in near:
                continue
            shown = instant.astimezone(info)
            if (shown.hour, shown.minute, shown.day) != (quarter.hour, quarter.minute, day.day):
                # The clock never shows it: it is the first instant after the gap.
                before = (instant - SECOND).astimezone(info).replace(tzinfo=None)
                assert before < datetime.combine(day, quarter) < shown.replace(tzinfo=None), (zone, quarter, day)
    return len(QUARTERS) * DAYS


def editions(zone: str, change: datetime, quarter: time) -> list[date]:
    """The editions that come of asking around a change of the clocks, at each instant at which something could be
    done twice or not at all.
    """
    schedule = Schedule(at=quarter)
    middle = change.astimezone(ZoneInfo(zone)).date()
    days = [middle + n * DAY for n in range(-1, 3)]
    ticks = {instant_of(day, quarter, zone) + lag for day in days for lag in (-SECOND, timedelta(), SECOND, HOUR)}
    ticks |= {change + n * HOUR for n in range(-2, 4)}
    made = [days[0] - DAY]
    for now in sorted(ticks):
        found = due(schedule, zone, Past(made), now)
        if isinstance(found, Due):
            made.append(found.day)
            assert not isinstance(due(schedule, zone, Past(made), now), Due)
    return made[1:]


def walk(zone: str, found: list[datetime]) -> int:
    """How many walks over changes of the clocks have one edition a day; all of them have."""
    for change in found:
        middle = change.astimezone(ZoneInfo(zone)).date()
        for quarter in QUARTERS:
            made = editions(zone, change, quarter)
            assert made == [middle + n * DAY for n in range(-1, 3)], (zone, change, quarter, made)
    return len(found) * len(QUARTERS)


def check(zones: dict[str, list[datetime]], figure: Callable[..., None]) -> None:
    checks = transitions = walks = 0
    known: dict[object, tuple[int, int]] = {}
    for zone, found in zones.items():
        info = ZoneInfo(zone)
        like = (
            zone
            if TORTURE
            else (BEGIN.astimezone(info).utcoffset(), *((one, one.astimezone(info).utcoffset()) for one in found))
        )
        if like not in known:
            known[like] = runs(zone, found), walk(zone, found)
        checks, walks = checks + known[like][0], walks + known[like][1]
        transitions += len(found)
    figure(
        "schedules: {zones:,} zones x 2 years x 96 quarter-hours: one edition a local day in {checks:,} days; "
        "{walks:,} walks over {changes:,} clock changes",
        zones=len(zones), checks=checks, walks=walks, changes=transitions,
    )  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Scoresbysund", "Australia/Lord_Howe"])
def test_one_edition_a_day(zone: str, figure: Callable[..., None]) -> None:
    """T03: in zones of three kinds, one edition a local day on any quarter of an hour."""
    check({zone: changes(zone)}, figure)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_edition_a_day_in_every_zone(figure: Callable[..., None]) -> None:
    """T03, M11: in every zone whose clocks change; with `TORTURE=all` in every zone there is."""
    known = {zone: changes(zone) for zone in ALL}
    zones = known if TORTURE else {zone: found for zone, found in known.items() if found}
    assert len(zones) > 150
    check(zones, figure)
