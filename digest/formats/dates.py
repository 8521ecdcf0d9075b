"""Dates as listings write them: one small function a dialect, tried in turn."""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from digest.patterns import pattern

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = pattern(r"(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DAY_FIRST = pattern(r"(?:[A-Za-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9})\.?,? (\d{4})\b")
_MONTH_FIRST = pattern(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b"
)
_SLASHED = pattern(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_COMPACT = pattern(r"(\d{4})(\d\d)(\d\d)(?!\d)")
_YEAR_NAMED = pattern(r"(\d{4})[ /-]([A-Za-z]{3,9})\.?[ /-](\d{1,2})(?!\d)")
_YEARLESS = pattern(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?![\d,])")


class YearlessDate(NamedTuple):
    """A month and a day of a year that is not told."""

    month: int
    day: int

    def of(self, year: int) -> date | None:
        """The date in `year`; None where that year has no such day (29 February)."""
        return _date(year, self.month, self.day)


def parse_date(text: str) -> date | None:
    """The date that `text` begins with, or None: 2025-08-05 (and with a time behind it), 2025/08/05, 20250805, Tue,
    5 Aug 2025, Aug 5, 2025, 2025 Aug 5. A date of two numbers of two digits, of which nobody can say which is the
    month, is none.
    """
    return next((day for dialect in _DIALECTS if (day := dialect(text.strip()))), None)


def parse_yearless(text: str) -> YearlessDate | None:
    """The date without a year that `text` begins with (May 26), or None."""
    found = _YEARLESS.match(text.strip())
    month = _month(found[1]) if found else None
    if not found or not month or not 1 <= int(found[2]) <= 31:
        return None
    return YearlessDate(month, int(found[2]))


def _iso(text: str) -> date | None:
    found = _ISO.match(text)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _day_first(text: str) -> date | None:
    found = _DAY_FIRST.match(text)
    return _date(int(found[3]), _month(found[2]), int(found[1])) if found else None


def _month_first(text: str) -> date | None:
    found = _MONTH_FIRST.match(text)
    return _date(int(found[3]), _month(found[1]), int(found[2])) if found else None


def _slashed(text: str) -> date | None:
    found = _SLASHED.match(text) or _COMPACT.match(text)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _year_named(text: str) -> date | None:
    found = _YEAR_NAMED.match(text)
    return _date(int(found[1]), _month(found[2]), int(found[3])) if found else None


_DIALECTS: tuple[Callable[[str], date | None], ...] = (_iso, _day_first, _month_first, _slashed, _year_named)


def of_parts(year: object, month: object = None, day: object = None) -> tuple[date | None, str]:
    """A date told in parts, as numbers or names: the day where all three are known, and else as much of it as is
    (`2023`, `2023-05`), which is no day and goes into a listing's `details["date"]`.
    """
    told = [str(part).strip() for part in (year, month, day) if part not in (None, "")]
    if not told or not re.fullmatch(r"\d{4}", told[0]):
        return None, ""
    number = _month_number(told[1]) if len(told) > 1 else 0
    if not number:
        return None, told[0]
    whole = _date(int(told[0]), number, int(told[2])) if len(told) > 2 and told[2].isdecimal() else None
    return whole, "" if whole else f"{told[0]}-{number:02}"


def of_text(text: str) -> tuple[date | None, str]:
    """The same of a date told in one text: `5 Aug 2025`, `Aug 2025`, `2025-08`, `2025 Summer`; of a stretch of time the
    year in which it begins.
    """
    text = text.strip()
    if day := parse_date(text):
        return day, ""
    found = _YEAR_MONTH.fullmatch(text) or _YEAR_FIRST.fullmatch(text) or _MONTH_YEAR.fullmatch(text)
    if found and (part := of_parts(found["year"], found["month"])[1]):
        return None, part
    year = _YEAR.search(text)
    return None, year[0] if year else ""


_YEAR_MONTH = pattern(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})")
_YEAR_FIRST = pattern(r"(?P<year>\d{4})[ -](?P<month>[A-Za-z]{3,9})\.?")
_MONTH_YEAR = pattern(r"(?P<month>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})")
_YEAR = pattern(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def _month_number(text: str) -> int:
    number = int(text) if text.isdecimal() else _month(text)
    return number if 1 <= number <= 12 else 0


def _month(name: str) -> int:
    """1 to 12, or 0 where `name` is no month: three letters (Sept: four) or the whole English name."""
    low = name.lower()
    number = _MONTHS.index(low[:3]) + 1 if low[:3] in _MONTHS else 0
    whole = number and date(2000, number, 1).strftime("%B").lower()
    return number if number and (len(low) == 3 or low in (whole, "sept")) else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
