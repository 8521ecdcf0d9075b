"""The table `schedule:` of a profile: when its editions are due."""

import re
from datetime import date, time, timedelta
from typing import Annotated

from pydantic import Field, PlainValidator

from digest.config.parts import Table, wrong
from digest.config.tree import shown
from digest.model import Schedule
from digest.plugins import did_you_mean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday`."""

_NAMES = {
    **{name: {number} for number, name in enumerate(DAYS)},
    **{f"{name}day": {number} for number, name in enumerate(("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))},
    "weekdays": {0, 1, 2, 3, 4},
    "weekend": {5, 6},
    "daily": set(range(7)),
}


def _time(text: object) -> time:
    if not isinstance(text, str):
        raise wrong(f"must be a time of day as 6:30 or 18:05, is {shown(text)}")
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", text.strip(), re.ASCII)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    raise wrong(f"must be a time of day as 6:30 or 18:05, is {shown(text)}{_meant(text.strip())}")


def _meant(text: str) -> str:
    """What was meant by a time that is none: `7`, `0730` or `7.30`."""
    found = re.fullmatch(r"(\d{1,2})|(0\d|\d{1,2}[.h])(\d\d)", text, re.ASCII)
    if found and (hour := int(found[1] or found[2].rstrip(".h"))) < 24 and int(found[3] or 0) < 60:
        return f" (did you mean {hour}:{found[3] or '00'}?)"
    # YAML 1.1 reads 6:30 as a number to the base of 60, and what has read it so writes it so.
    number = int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else 24 * 60
    return f" (did a program take {number // 60}:{number % 60:02d} for a number?)" if 60 <= number < 24 * 60 else ""


def _days(value: object) -> frozenset[int]:
    names = value if isinstance(value, list) else [value]
    found: set[int] = set()
    for name in names:
        known = _named(name.strip().lower()) if isinstance(name, str) else None
        if known is None:
            hint = did_you_mean(name.strip().lower()[:64], list(_NAMES)) if isinstance(name, str) else ""
            raise wrong(f"must be daily, weekdays, or days as mon, mon-thu or [mon, thu], is {shown(name)}{hint}")
        found |= known
    if not found:
        raise wrong("must not be empty")
    return frozenset(found)


def _named(name: str) -> set[int] | None:
    """The days of a name, or of a span of two days, which may go over the end of the week."""
    first, _, last = (_NAMES.get(part.strip(), set()) for part in name.partition("-"))
    if len(first) == len(last) == 1:
        (begin,), (end,) = first, last
        return {(begin + number) % 7 for number in range((end - begin) % 7 + 1)}
    return _NAMES.get(name)


def _span(text: object) -> tuple[date, date]:
    try:
        if not isinstance(text, str):
            raise ValueError(text)
        first, _, last = (part.strip() for part in text.partition(" to "))
        span = _day(first), _day(last or first)
    except ValueError:
        raise wrong(f"must be a day or a span, as 2026-08-01 to 2026-08-15, is {shown(text)}") from None
    if span[1] < span[0]:
        raise wrong(f"ends before it begins: {shown(text)}")
    return span


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)


class Timing(Table):
    """When a profile's editions are due, by the clocks of its `zone`."""

    at: Annotated[time | None, PlainValidator(_time, json_schema_input_type=str)] = Field(
        None, description="The time of day, as 6:30; 6:00 where there is none."
    )
    days: Annotated[frozenset[int] | None, PlainValidator(_days, json_schema_input_type=list[str] | str)] = Field(
        None,
        description="The days that have an edition: daily (as without it), weekdays, weekend, a day as mon, a span as "
        "mon-thu, or a list of them.",
    )
    every: int = Field(1, ge=1, le=366, description="At least so many days lie between two editions.")
    grace: int | None = Field(
        None,
        ge=1,
        le=24 * 366,
        description="So many hours after its time an edition that was missed is still made; without it, until the next "
        "one is due.",
    )
    minimum: int = Field(0, ge=0, le=1000, description="Fewer papers make no edition, and wait for the next one.")
    patience: int = Field(3, ge=1, le=366, description="But no paper waits longer than so many days for others.")
    vacation: tuple[Annotated[tuple[date, date], PlainValidator(_span, json_schema_input_type=str)], ...] = Field(
        (), description="Days without editions: one as 2026-12-24, or a span as 2026-08-01 to 2026-08-15."
    )

    def settled(self) -> Schedule:
        usual = Schedule()
        return Schedule(
            at=self.at or usual.at,
            days=self.days or usual.days,
            every=self.every,
            grace=None if self.grace is None else timedelta(hours=self.grace),
            minimum=self.minimum,
            patience=self.patience,
            vacation=self.vacation,
        )
