"""What an export says of one work, gathered field by field: every program has its own fields, a listing has these.

work = Work()
work.identify("https://doi.org/10.1000/X")      ids and links, by what they are
work.tell("venue", "Journal of Lists")          details
work.date("2023/05/03/")                        a whole day is `published`; what is less is `details["date"]`
work.listing(position, NAME, title=…)           a Listing; a Problem where it has neither title nor abstract
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final

from digest.formats.dates import of_parts, parse_date
from digest.formats.people import Team, bibtex, inverted, team
from digest.formats.prose import plain
from digest.identifiers import arxiv, named
from digest.model import Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line


class Work:
    """Gathers; nothing in it raises, and nothing that is told once is told again by what comes later."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.version: int | None = None
        self.links: dict[str, str] = {}
        self.metrics: dict[str, int] = {}
        self.details: dict[str, str] = {}
        """Of what `tell` was told several times the first, until the listing is made."""
        self._told: dict[str, dict[str, None]] = {}
        self.published: date | None = None

    def identify(self, text: str, scheme: str = "") -> bool:
        """Keep the id that `text` is, in whatever spelling, or a bare one of `scheme`; False where it is none."""
        text = text.strip()
        if not text or len(text) > 1000:
            return False
        found = named(text)
        if not found and scheme:
            found = named(f"{scheme}:{text}")
        if "arxiv" in found and self.ids.get("arxiv", found["arxiv"]) == found["arxiv"]:
            told = arxiv(text)
            self.version = (told.version if told else None) or self.version
        for kind, id_ in found.items():
            self.ids.setdefault(kind, id_)
        return bool(found)

    def link(self, address: str, name: str = "") -> bool:
        """Keep an absolute address, under what it leads to, and the id in it; False where it is none."""
        address = one_line(address)
        if not _ADDRESS.fullmatch(address) or len(address) > 4000:
            return False
        self.identify(address)
        if address in self.links.values():
            return True
        name = name or _leads_to(address)
        count = 1
        while f"{name}{count if count > 1 else ''}" in self.links and count < 50:
            count += 1
        self.links.setdefault(f"{name}{count if count > 1 else ''}", address)
        return True

    def tell(self, name: str, *values: str) -> None:
        """Keep what a source says beside what a listing has fields for; several values with semicolons between."""
        for value in values:
            if text := one_line(value):
                self.details.setdefault(name, text)
                self._told.setdefault(name, {})[text] = None

    def told(self, name: str) -> str:
        """All that `tell` was told under a name."""
        return "; ".join(self._told.get(name, ()))

    def count(self, name: str, text: str) -> bool:
        """Keep a whole number; False where `text` is none."""
        digits = text.strip().replace(",", "")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
            return False
        self.metrics.setdefault(name, int(digits))
        return True

    def note(self, text: str) -> None:
        """Keep a note, and the numbers that citation indexes write into theirs."""
        self.tell("note", plain(text))
        for name, form in _COUNTS:
            if found := form.search(text):
                self.count(name, found[1])

    def date(self, text: str, year: str = "") -> bool:
        """Keep when it was published, as far as that is told; False where nothing of it is understood."""
        day, part = when(text, year)
        if day and not self.published:
            self.published = day
        elif part and len(part) > len(self.details.get("date", "")):
            self.details["date"] = part
        return bool(day or part)

    def pages(self, first: str, last: str = "") -> None:
        """Keep the first and the last page, or a span of them."""
        first, last = one_line(first), one_line(last)
        if first or last:
            span = f"{first}-{last}" if first and last and first != last and "-" not in first else first or last
            self.details.setdefault("pages", re.sub(r"\s*[-‐‑–—]+\s*", "-", span))

    def listing(
        self,
        position: Position,
        format: str,
        *,
        title: str = "",
        authors: Team | None = None,
        abstract: str = "",
        comments: str = "",
        categories: Iterable[str] = (),
        **more: Any,
    ) -> Listing | Problem:
        """All that was gathered, as a listing; texts are cleaned of markup here."""
        title, abstract = plain(title), plain(abstract)
        if not title and not abstract:
            named_as = ", ".join(f"{scheme}:{id_}" for scheme, id_ in self.ids.items())
            what = f"an entry without a title and an abstract{f' ({named_as})' if named_as else ''}"
            return Problem(position.file, position.line, what)
        self.details |= {name: self.told(name) for name, values in self._told.items() if len(values) > 1}
        people = authors or Team()
        if self.published:
            # What is less than the day it belongs to says nothing more.
            part = self.details.get("date", "")
            if part and self.published.isoformat().startswith(part):
                del self.details["date"]
        return Listing(
            position=position,
            format=format,
            ids=self.ids,
            version=self.version,
            title=title or None,
            authors=people.names,
            authors_truncated=people.truncated,
            author_count=people.total,
            abstract=abstract or None,
            comments=plain(comments) or None,
            categories=tuple(dict.fromkeys(text for one in categories if (text := plain(one)))),
            published=self.published,
            links=self.links,
            metrics=self.metrics,
            details=self.details,
            **more,
        )


_ADDRESS: Final = pattern(r"https?://[^\s/<>\"]+\.?[^\s<>\"]*", re.IGNORECASE)


def _leads_to(address: str) -> str:
    low = address.lower()
    if re.match(r"https?://(?:dx\.|www\.)?doi\.org/", low):
        return "doi"
    if re.search(r"arxiv\.org/pdf/|\.pdf(?:[?#]|$)", low):
        return "pdf"
    return "abs" if re.match(r"https?://(?:\w+\.)?arxiv\.org/abs/", low) else "url"


_COUNTS: Final = (
    ("citations", pattern(r"\b(?:Times Cited in Web of Science Core Collection|Times Cited|Cited By)\s*:?\s*(?:"
                             r"\(since \d{4}\)\s*)?(\d{1,9})", re.IGNORECASE)),
    ("references", pattern(r"Cited Reference Count\s*:?\s*(\d{1,9})", re.IGNORECASE)),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------ dates


@lru_cache(maxsize=4096)
def when(text: str, year: str = "") -> tuple[date | None, str]:
    """The day that `text` tells, or as much of one: `2018 Apr 15`, `2019/05//`, `2019///Spring`, `15 May 2019`; `AUG`
    and `MAY 15` of a `year` that is told elsewhere. Of a stretch of time the month it is in, else its first year.
    """
    text = text[:100].strip(" /.,;")
    told_year = _YEAR.search(text) or _YEAR.search(year[:100])
    if not _STRETCH.search(text):
        if day := parse_date(text):
            return day, ""
        for form in _PARTS:
            if found := form.fullmatch(text):
                told = found.groupdict()
                return of_parts(told_year and told_year[0], told.get("month"), told.get("day"))
    months = {part for name in _NAME.findall(text) if (part := of_parts("2000", name)[1]) != "2000"}
    return of_parts(told_year and told_year[0], months.pop()[5:] if len(months) == 1 else None)


_NAME: Final = pattern(r"[^\W\d_]{3,9}")
_YEAR: Final = pattern(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_STRETCH: Final = pattern(
    r"[^\W\d]\.?\s*[-–/]\s*[^\W\d]|[^\W\d]\.?\s+\d{1,2}\s*[-–]|^\d{1,2}\s*[-–]\s*\d{1,2}\.?\s+[^\W\d]|\d{4}-[\d-]+/|\d--"
)
_YEAR_PART: Final = r"(?:1[4-9]|20)\d\d"
_MONTH_PART: Final = r"(?P<month>\d{1,2}|[^\W\d_]{3,9})\.?"
_DAY_PART: Final = r"(?P<day>\d{1,2})\.?"
_PARTS: Final = tuple(
    pattern(form)
    for form in (
        rf"{_YEAR_PART}(?:\s*[-/.\s]\s*{_MONTH_PART}(?:\s*[-/.\s]\s*{_DAY_PART})?)?",
        rf"(?:{_DAY_PART}[-/\s]+)?(?P<month>[^\W\d_]{{3,9}})\.?,?[-/\s]+{_YEAR_PART}",
        rf"(?P<month>\d{{1,2}})/{_YEAR_PART}",
        rf"(?P<month>[^\W\d_]{{3,9}})\.?(?:\s+{_DAY_PART})?",
        rf"{_DAY_PART}\s+(?P<month>[^\W\d_]{{3,9}})\.?",
    )
)


# ------------------------------------------------------------------------------------------------ lists


def people(values: Iterable[str]) -> Team:
    """The authors of fields that hold a name each, the family's first where there is a comma; where a program put
    several into one, semicolons stand between them, or `and`.
    """
    names: list[str] = []
    truncated = False
    for value in values:
        for part in value.split(";") if ";" in value else value.split("\n"):
            before, joined, after = part.partition(" and ")
            if joined and "," in before and "," in after:
                several = bibtex(part)
                names += several.names
                truncated = truncated or several.truncated
            elif part.strip():
                names.append(inverted(part))
    found = team(names)
    return Team(found.names, found.truncated or truncated, found.total)


def subjects(values: Iterable[str], marks: str = ";|", *, lines: bool = True) -> tuple[str, ...]:
    """The keywords of fields that hold one each, or several: on `lines` of their own, or with one of `marks` between
    them, the first that there is.
    """
    found: list[str] = []
    for value in values:
        for part in value.split("\n") if lines else [value]:
            mark = next((mark for mark in marks if mark in part), None)
            found += part.split(mark) if mark else [part]
    return tuple(dict.fromkeys(text for one in found if (text := one_line(one))))
