"""When editions are due: pure functions of a schedule, a zone, what was done and the instant that it is.

    turn     the day whose hour has struck last: on each day, once, the sources are read
    due      the day whose edition is due now, or why there is none
    agenda   both, for all profiles

What is done is known by its local day and never by an instant. So being asked every minute is the same as once a day,
on days on which clocks change too; after days without power one edition is due, and not one for each; and a clock that
is set back makes nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from digest.clock import day_of, instant_of
from digest.model import Digest, Profile, Schedule

DAY: Final = timedelta(days=1)

FARTHEST: Final = 800
"""So many days are looked through for one that has an edition: more than the longest vacation."""


class Past(NamedTuple):
    """What was done for a profile."""

    editions: Sequence[date] = ()
    """The days of its editions."""
    turns: Sequence[date] = ()
    """The days on which its turn was taken and no edition of the day was made."""

    def by(self, day: date) -> tuple[date | None, date | None]:
        """The last of `editions`, and of all, up to `day`. Days to come, which a clock put there that was wrong, do not
        count.
        """
        return _last(self.editions, day), _last([*self.editions, *self.turns], day)


class Due(NamedTuple):
    """An edition is to be made."""

    day: date
    late: timedelta
    """How long after its time it is."""


class Wait(NamedTuple):
    """No edition is to be made now."""

    why: Literal["done", "missed", "not yet"]
    """`done`: its turn was taken, though what there was may have been too little; `missed`: its time was longer ago
    than the grace; `not yet`: no day before this one has an edition.
    """
    day: date | None
    """Of the edition that is done or missed."""


class Agenda(NamedTuple):
    """What is to be done now."""

    days: Mapping[str, date]
    """For each profile whose edition is due, the edition's day."""
    turns: Mapping[str, date]
    """For each profile whose turn is to be taken, the day of it: where an edition is due late, a later one."""

    def __bool__(self) -> bool:
        return bool(self.days or self.turns)


def turn(schedule: Schedule, zone: str, now: datetime) -> date:
    """The latest day whose hour has struck in `zone`, whether or not it has an edition."""
    # A gap can put the hour of a day into the next one, and a fold at midnight can repeat the end of the day before.
    day = day_of(now, zone) + DAY
    while instant_of(day, schedule.at, zone) > now:
        day -= DAY
    return day


def has_edition(schedule: Schedule, day: date) -> bool:
    """The schedule has an edition on that day, as far as the day itself says."""
    return day.weekday() in schedule.days and not any(first <= day <= last for first, last in schedule.vacation)


def due(schedule: Schedule, zone: str, past: Past, now: datetime) -> Due | Wait:
    """The day whose edition is due, the latest where several were missed; or why none is. Who was never served has
    missed no day.
    """
    today = turn(schedule, zone, now)
    edition, taken = past.by(max(today, day_of(now, zone)))
    day = next((one for n in range(FARTHEST) if has_edition(schedule, one := today - n * DAY)), None)
    if day is None or (not taken and day < day_of(now, zone)):
        return Wait("not yet", None)
    if edition and (day - edition).days < schedule.every:
        return Wait("done", edition)
    if taken and day <= taken:
        return Wait("done", day)
    late = now - instant_of(day, schedule.at, zone)
    return Due(day, late) if _in_grace(schedule, late) else Wait("missed", day)


def next_turn(schedule: Schedule, zone: str, now: datetime) -> datetime:
    """The first instant after `now` at which an hour strikes, so that there is something to do."""
    return instant_of(turn(schedule, zone, now) + DAY, schedule.at, zone)


def next_after(schedule: Schedule, zone: str, past: Past, now: datetime) -> datetime | None:
    """The first instant after `now` at which an edition will be due, where what is due now is made before; None where
    that is farther away than anybody plans.
    """
    today = turn(schedule, zone, now)
    found = due(schedule, zone, past, now)
    last = found.day if isinstance(found, Due) else past.by(max(today, day_of(now, zone)))[0]
    later = (today + n * DAY for n in range(1, FARTHEST))
    day = next((one for one in later if has_edition(schedule, one) and _apart(last, one) >= schedule.every), None)
    return instant_of(day, schedule.at, zone) if day else None


def agenda(
    profiles: Iterable[Profile],
    past: Mapping[str, Past],
    now: datetime,
    *,
    unfinished: bool = False,
    again: Mapping[str, date] | None = None,
) -> Agenda:
    """What is to be done at `now`. `unfinished`: the last run died, or was stopped by an error, so that the newest
    editions may be neither published nor sent: they are due again, and stay as they were kept. `again`: it had nothing
    to show, for a source failed: its turns are taken again, and the editions of the days that it was for are due again
    within their grace, as far as they are the newest.
    """
    days: dict[str, date] = {}
    turns: dict[str, date] = {}
    for one in profiles:
        done = past.get(one.name, Past())
        today = turn(one.schedule, one.zone, now)
        edition, taken = done.by(max(today, day_of(now, one.zone)))
        found = due(one.schedule, one.zone, done, now)
        day = found.day if isinstance(found, Due) or found.day == edition else None
        if day and (unfinished or isinstance(found, Due)):
            days[one.name] = day
        elif again is not None and (day := found.day):
            was_for = again.get(one.name, today if today != edition else None)
            if day == was_for and _in_grace(one.schedule, now - instant_of(day, one.schedule.at, one.zone)):
                days[one.name] = day
        if one.name in days or unfinished or again is not None or (taken or day_of(now, one.zone) - DAY) < today:
            turns[one.name] = today
    return Agenda(days, turns)


def waits(schedule: Schedule, digest: Digest, waiting: Mapping[date, int]) -> bool:
    """Whether the papers that `digest` shows are too few, and wait for the next edition. `waiting` is how many there
    were at each turn since the last edition.
    """
    shown, day = len(digest.ranked), digest.day
    if shown >= schedule.minimum:
        return False
    since = min((one for one, number in waiting.items() if number and one <= day), default=day)
    return not shown or (day - since).days < schedule.patience


def _in_grace(schedule: Schedule, late: timedelta) -> bool:
    return schedule.grace is None or late <= schedule.grace


def _last(days: Iterable[date], until: date) -> date | None:
    return max((day for day in days if day <= until), default=None)


def _apart(last: date | None, day: date) -> int:
    return (day - last).days if last else FARTHEST
