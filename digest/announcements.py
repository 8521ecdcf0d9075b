"""arXiv's announcements: at 20:00 in New York from Sunday to Thursday, but for holidays. What is announced on an
evening was submitted by 14:00 of that day, on Sunday by 14:00 of Friday
(https://info.arxiv.org/help/availability.html).

    between    those after an instant, until another
    covered    those of an edition: which came to be read after the turn before it, until its own
    latest     the last one that was to be out
    following  the next one
    standing   whether the latest is out, late, or not looked for yet

An announcement is called by the day of its evening in New York, wherever its readers are.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

from digest.clock import day_of, instant_of
from digest.model import Profile

ZONE: Final = "America/New_York"
AT: Final = time(20)
READ: Final = time(0)
"""When arXiv makes its feeds, on the day after an announcement's evening (https://info.arxiv.org/help/rss.html)."""
LATE: Final = time(6)
"""An announcement that cannot be read is late from then on, on the same day."""

HOLIDAYS: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        "2026-01-01 2026-01-19 2026-06-19 2026-07-03 2026-09-07 2026-11-26 2026-12-25 2026-12-29 2026-12-31".split()
    )
)
"""As arXiv lists them; each year's are added when they are told. On a Friday nothing is announced anyway: a holiday
there leaves Friday's submissions undone, which are Sunday's announcement (the list of 2025 had Sunday 6 July for Friday
4 July).
"""

_DAY = timedelta(days=1)
_EVENINGS = (6, 0, 1, 2, 3)
_FRIDAY = 4
_FARTHEST = 60


class Announcement(NamedTuple):
    """One of arXiv's announcements."""

    evening: date
    """Its day in New York."""
    at: datetime


class Standing(NamedTuple):
    """How it stands with the latest announcement."""

    state: Literal["out", "late", "due"]
    """`out`: something new was read since; `late`: sources were read when it was to be there, and had nothing new;
    `due`: they were not read since.
    """
    latest: Announcement
    following: Announcement


def has_announcement(evening: date, holidays: Collection[str] = ()) -> bool:
    """Something is announced on that evening in New York. `holidays` are more days without, as 2026-12-25 or 12-25."""
    if evening.weekday() not in _EVENINGS or named(evening, holidays) or evening in HOLIDAYS:
        return False
    friday = evening - 2 * _DAY
    return not (friday.weekday() == _FRIDAY and friday in HOLIDAYS)


def late_from(evening: date) -> datetime:
    """From when an announcement is late that cannot be read yet."""
    return instant_of(evening + _DAY, LATE, ZONE)


def named(day: date, holidays: Collection[str]) -> bool:
    """`day` is one of `holidays`, as 2026-12-25 or, every year, 12-25."""
    return day.isoformat() in holidays or day.isoformat()[5:] in holidays


def between(after: datetime, until: datetime, holidays: Collection[str] = ()) -> list[Announcement]:
    """The announcements after one instant, up to another."""
    found = []
    evening = day_of(after, ZONE)
    while (at := instant_of(evening, AT, ZONE)) <= until:
        if at > after and has_announcement(evening, holidays):
            found.append(Announcement(evening, at))
        evening += _DAY
    return found


def covered(profile: Profile, day: date, before: date | None, holidays: Collection[str] = ()) -> list[Announcement]:
    """The announcements that the profile's edition of `day` covers: those that came to be read between its turn and
    that of `before`, the day of the edition before it, where there is one.
    """
    at, zone = profile.schedule.at, profile.zone
    after, until = instant_of(before or day - _DAY, at, zone), instant_of(day, at, zone)
    found = between(after - _DAY, until, holidays)
    return [one for one in found if after < instant_of(one.evening + _DAY, READ, ZONE) <= until]


def latest(now: datetime, holidays: Collection[str] = ()) -> Announcement:
    """The last announcement that was to be out by `now`."""
    return next(one for one in _around(now, -1, holidays) if one.at <= now)


def following(now: datetime, holidays: Collection[str] = ()) -> Announcement:
    """The next announcement after `now`."""
    return next(one for one in _around(now, 1, holidays) if one.at > now)


def standing(now: datetime, news: datetime | None, read: datetime | None, holidays: Collection[str] = ()) -> Standing:
    """How it stands with the latest announcement. Something new was last read at `news`, and sources at `read`."""
    last, next_ = latest(now, holidays), following(now, holidays)
    state: Literal["out", "late", "due"] = "due"
    if news and news >= last.at:
        state = "out"
    elif read and read >= late_from(last.evening):
        state = "late"
    return Standing(state, last, next_)


def _around(now: datetime, step: int, holidays: Collection[str]) -> Iterator[Announcement]:
    """The announcements from the present day in New York on, forward or backward; where holidays leave none, that of
    the present day.
    """
    today = day_of(now, ZONE)
    for number in range(_FARTHEST):
        evening = today + number * step * _DAY
        if has_announcement(evening, holidays):
            yield Announcement(evening, instant_of(evening, AT, ZONE))
    evening = today + step * _FARTHEST * _DAY
    yield Announcement(evening, instant_of(evening, AT, ZONE))
