"""What JSON holds, as what listings are made of, whatever type a source gave it: a number where a text is expected, a
text where a list is, null anywhere. Nothing here raises.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from digest.formats.dates import of_parts, parse_date
from digest.formats.prose import plain
from digest.identifiers import arxiv, named
from digest.patterns import pattern
from digest.text import one_line

_LARGEST: Final = 1 << 53
_DEEPEST: Final = 4


def at(value: Any, *path: str) -> Any:
    """What stands at a path of keys; None where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, depth: int = 0) -> str:
    """A text or a number on one line; the first that there is of a list; empty for all else."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list) and depth < _DEEPEST:
        return next((found for one in value if (found := text(one, depth + 1))), "")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:  # as no NaN is
        return str(int(value)) if value == int(value) else str(value)
    return ""


def prose(value: Any) -> str:
    """The same of a text with markup in it."""
    if isinstance(value, list):
        return next((found for one in value if isinstance(one, str) and (found := plain(one))), "")
    return plain(value) if isinstance(value, str) else text(value)


def texts(value: Any, *keys: str) -> list[str]:
    """All texts of a list, or the one that there is; of objects what is at the first of `keys` that they have."""
    found: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        told = next((got for key in keys if (got := prose(one.get(key)))), "") if isinstance(one, dict) else prose(one)
        if told and not isinstance(one, list):
            found.append(told)
    return found


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """In their order, each once."""
    return tuple(dict.fromkeys(value for value in values if value))


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or the one that there is."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """A whole number, also as a text: `12`, `12.0`, `"1,234"`."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        value = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 17 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return int(value) if value == int(value) else None


# ------------------------------------------------------------------------------------------------------- dates

Day = tuple[date | None, str]
"""A whole day, or as much of it as is told: `2023`, `2023-05`."""


def when(*values: Any) -> Day:
    """The first of `values` that tells a day, else the part of one that tells most."""
    part = ""
    for value in values:
        told = text(value) if value is not None else ""
        if told:
            day, rest = _when(told)
            if day:
                return day, ""
            part = max(part, rest, key=len)
    return None, part


@lru_cache(maxsize=4096)
def _when(told: str) -> Day:
    if day := parse_date(told):
        return day, ""
    found = _PARTIAL.match(told)
    if found:
        return of_parts(found["year"], found["month"], found["day"])
    named_month = _MONTH_YEAR.match(told)
    return of_parts(named_month["year"], named_month["month"]) if named_month else (None, "")


_PARTIAL: Final = pattern(
    r"(?P<year>(?:1[5-9]|20)\d\d)(?:[-/. ](?P<month>\d{1,2}|[A-Za-z]{3,9})(?:[-/. ](?P<day>\d{1,2}))?)?(?![\w-])"
)
_MONTH_YEAR: Final = pattern(r"(?P<month>[A-Za-z]{3,9})\.?,? (?P<year>(?:1[5-9]|20)\d\d)$")


def parts(value: Any) -> Day:
    """A date as CSL has it: `{"date-parts": [[2023, 5, 4]]}`, of which the last parts may be missing."""
    told = value.get("date-parts") if isinstance(value, dict) else None
    first = told[0] if isinstance(told, list) and told else None
    if not isinstance(first, list) or not first:
        return None, ""
    return of_parts(*[text(part) or None for part in first[:3]])


def instant(value: Any) -> date | None:
    """The day, in UTC, of a number of milliseconds since 1970; of seconds where it is too small for them."""
    told = number(value)
    if told is None or told <= 0:
        return None
    seconds = told / 1000 if told > 100_000_000_000 else told
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


# ------------------------------------------------------------------------------- what a listing keeps by names


def identified(*values: Any) -> tuple[dict[str, str], int | None]:
    """The ids in `values`, which may be addresses, by their schemes, and the version of the arXiv one."""
    ids: dict[str, str] = {}
    version = None
    for value in values:
        told = text(value)
        if told and len(told) < 500:
            for scheme, id_ in named(told).items():
                ids.setdefault(scheme, id_)
            if version is None and "arxiv" in ids and (found := arxiv(told)) and found.id == ids["arxiv"]:
                version = found.version
    return ids, version


def address(value: Any) -> str:
    """An absolute address of the web; empty for all else."""
    told = value.strip() if isinstance(value, str) else ""
    if not _WEB.fullmatch(told) or len(told) > 5000 or told != one_line(told):
        return ""
    try:
        return told if "[" not in told or urlsplit(told).hostname else ""
    except ValueError:
        return ""


_WEB: Final = pattern(r"https?://[^\s/?#:@]\S*", re.IGNORECASE)


def links(**values: Any) -> dict[str, str]:
    """Those that are addresses, each once."""
    found: dict[str, str] = {}
    for name, value in values.items():
        told = address(value)
        if told and told not in found.values():
            found[name] = told
    return found


def metrics(**values: Any) -> dict[str, int]:
    """Those that are numbers."""
    return {name: told for name, value in values.items() if (told := number(value)) is not None}


def details(**values: Any) -> dict[str, str]:
    """Those that say something; several are put together with semicolons. A name may end in `_` (`type_`)."""
    found: dict[str, str] = {}
    for name, value in values.items():
        told = "; ".join(unique(texts(value))) if isinstance(value, list) else prose(value)
        if told:
            found[name.removesuffix("_")] = told
    return found


def without(record: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What a record has beside what is `known`."""
    names = set(known)
    return {name: value for name, value in record.items() if name not in names}
