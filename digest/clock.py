"""The only place that asks what time it is. Everything else is given a day or an instant."""

import time as time_
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The local calendar day in `zone`, an IANA name. Raises `ZoneInfoNotFoundError` (a KeyError)."""
    return day_of(now(), zone)


def day_of(instant: datetime, zone: str) -> date:
    """The local calendar day of an aware instant in `zone`, as `today`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def today_here() -> date:
    """The calendar day on this machine, by its own zone (`TZ`); by UTC where that is no zone."""
    try:
        return now().astimezone().date()
    except ValueError:  # an offset of a day or more
        return now().date()


def monotonic() -> float:
    """Seconds since some instant; only differences mean something."""
    return time_.monotonic()


def shown(instant: datetime, zone: str) -> str:
    """The instant as the clocks of `zone` show it: `Tue 2026-05-26 06:00 Europe/Berlin`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} {zone}"


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a local day, with that day's offset from UTC, so that it prints as that day.

    Where midnight does not exist (a clock change at 00:00) it is the instant that midnight would have been
    by the offset before the change, as PEP 495 defines for `fold=0`: still the same local day.
    """
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    offset = midnight.utcoffset()
    return midnight.replace(tzinfo=UTC if not offset else timezone(offset))


def instant_of(day: date, at: time, zone: str) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `at` on that day.

    Where they show it twice (a clock set back) it is the first time; where they never do (a clock set forward, or a day
    that a zone left out) it is the first instant after the gap, which may be of the next day.
    """
    wall = datetime.combine(day, at, ZoneInfo(zone))
    offset, other = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    assert offset is not None
    assert other is not None
    bare = wall.replace(tzinfo=UTC)
    if offset >= other:
        return bare - offset
    # PEP 495: in a gap, `fold=0` has the offset before it, and so an instant after the change; `fold=1` the reverse.
    before, after = bare - other, bare - offset
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if middle.astimezone(wall.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


_SECOND = timedelta(seconds=1)
