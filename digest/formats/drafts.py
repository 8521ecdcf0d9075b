"""A listing in the making: fields, links and texts as a note has them, one after the other, in whatever order.

What is said twice is said by whoever comes first; every link keeps a name of its own; what has no field is a detail.
"""

import re
from typing import Final

from digest.formats import labels, markdown
from digest.formats.columns import written
from digest.formats.dates import parse_date
from digest.formats.markdown import Link
from digest.formats.people import Team, listed
from digest.formats.references import Reference
from digest.formats.values import Day, address, when
from digest.identifiers import ARXIV, arxiv
from digest.model import Listing, Position
from digest.patterns import pattern
from digest.text import one_line

_NOWHERE: Final = pattern(r"https?://(?:\w+\.)?arxiv\.org/(?:abs|pdf|html)?/?", re.IGNORECASE)
"""An address that a program has made of an id that it did not have."""


class Draft:
    """What is known of a paper so far."""

    def __init__(self) -> None:
        self.title = ""
        self.team = Team()
        self.abstract = ""
        self.comments = ""
        self.categories: list[str] = []
        self.ids: dict[str, str] = {}
        self.version: int | None = None
        self.links: dict[str, str] = {}
        self.days: dict[str, Day] = {}
        self.details: dict[str, str] = {}

    @property
    def hollow(self) -> bool:
        """There is an id, or a link, and nothing that says what is behind it."""
        return not self.title and not self.abstract

    def conflicts(self, other: dict[str, str]) -> bool:
        """Whether `other` are the ids of another paper."""
        return any(self.ids.get(scheme, id_) != id_ for scheme, id_ in other.items())

    def identify(self, text: str) -> bool:
        """Take the id that `text` is; whether it is one."""
        found = labels.named_by(text)
        for scheme, id_ in found.items():
            self.ids.setdefault(scheme, id_)
        if self.version is None and (told := arxiv(text)) and self.ids.get("arxiv") == told.id:
            self.version = told.version
        return bool(found)

    def link(self, link: Link, kind: str = "") -> None:
        target = address(link.target)
        if not target or target in self.links.values() or _NOWHERE.fullmatch(target):
            return
        name = kind if kind and kind != "link" else labels.kind(link)
        name = "url" if name == "abs" and not labels.named_by(target) else name
        if labels.is_paper(link) and name not in ("code", "data", "demo", "video"):
            self.identify(target)
        number = 2
        base = name
        while name in self.links:
            name, number = f"{base}{number}", number + 1
        self.links[name] = target

    def add(self, field: str, value: str) -> None:
        """A field by its label; `value` is Markdown, of one line or several."""
        if field.startswith("details:"):
            self.detail(field.removeprefix("details:"), markdown.plain(value))
        elif field in ("arxiv", "doi", "pmid"):
            self._identified(field, value)
        elif field in ("link", "pdf", "code", "project"):
            self._linked(field, value)
        else:
            for link in markdown.links(value) if field in ("title", "venue", "abstract") else ():
                self.link(link)
            self._told(field, markdown.plain(value))

    def _identified(self, field: str, value: str) -> None:
        for link in markdown.links(value):
            self.link(link)
        bare = markdown.plain(value).strip(" .,;()[]")
        if not (self.identify(bare) or self.identify(f"{field}:{bare}")) and bare and "://" not in bare:
            self.detail("id", bare)

    def _linked(self, field: str, value: str) -> None:
        found = markdown.links(value)
        for link in found:
            self.link(
                link,
                field if field in ("code", "project") or (field == "pdf" and not labels.named_by(link.target)) else "",
            )
        if not found and not self.identify(bare := markdown.plain(value)) and bare:
            self.detail(field, bare)

    def _told(self, field: str, value: str) -> None:
        if not value:
            return
        if field == "title":
            self.title = self.title or value
        elif field == "authors":
            self.team = self.team if self.team.names else people(value)
        elif field == "abstract":
            self.abstract = self.abstract or value
        elif field == "comments":
            self.comments = self.comments or value
        elif field == "categories":
            self.categories += subjects(value)
        elif field == "venue":
            self.detail("venue", value)
        elif (day := when(value)) != (None, ""):
            self.days.setdefault(field, day)
        else:
            self.detail("date", value)

    def detail(self, name: str, value: str) -> None:
        value = one_line(value)
        if value and name in self.details and name in ("note", "summary") and value not in self.details[name]:
            self.details[name] += f" {value}"
        elif value:
            self.details.setdefault(name, value)

    def describe(self, reference: Reference) -> None:
        """Take what stands in a reference and is not known yet."""
        self.title = self.title or reference.title
        if reference.team.names and not self.team.names:
            self.team = reference.team
        self.detail("venue", reference.venue)
        if reference.date != (None, ""):
            self.days.setdefault("published", reference.date)
        self.detail("note", reference.note)

    def made(self, position: Position, format: str, categories: list[str], day: Day) -> Listing:
        """The listing; `categories` and `day` are those of the headings above it."""
        days = {**({"published": day} if day != (None, "") else {}), **self.days}
        part = next((told for _, told in self.days.values() if told), "")
        details = dict(self.details)
        if part and "date" not in details:
            details["date"] = part
        return Listing(
            position=position,
            format=format,
            ids=self.ids,
            version=self.version,
            title=self.title or None,
            authors=self.team.names,
            authors_truncated=self.team.truncated,
            author_count=self.team.total,
            abstract=self.abstract or None,
            comments=self.comments or None,
            categories=tuple(dict.fromkeys((*self.categories, *categories))),
            created=days.get("created", (None, ""))[0],
            updated=days.get("updated", (None, ""))[0],
            published=days.get("published", (None, ""))[0],
            links=self.links,
            details=details,
        )


def people(value: str) -> Team:
    """The names in a field of authors; arXiv's order, or another that tables have."""
    bare = value.strip(" ,;.")
    found = listed(bare)
    return written(bare) if ";" in bare or "|" in bare or not found.names else found


def subjects(value: str) -> list[str]:
    """The categories in a field: arXiv's codes apart by spaces, or words apart by commas, semicolons or bars; of
    `Machine Learning (cs.LG)` the code is kept, as arXiv's own listings have it.
    """
    bare = re.sub(r"^(?:subjects?|categor(?:y|ies))\s*[:：]\s*", "", value, flags=re.IGNORECASE)
    words = bare.replace(",", " ").replace(";", " ").split()
    if words and all(_CODE.fullmatch(word) for word in words):
        return words
    separator = next((one for one in (";", "|", ",", "、") if one in bare), ";")
    parts = [part.strip(" `#[]") for part in bare.split(separator)]
    return [found[1] if (found := _CODED.search(part)) else part for part in parts if part]


_CODE: Final = pattern(
    r"[a-z-]{2,10}\.[A-Za-z-]{2,10}|(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph)"
)
_CODED: Final = pattern(rf"\(({_CODE.pattern})\)")
_TH: Final = r"(?:st|nd|rd|th)?"
_DAY: Final = pattern(
    rf"(?<!\d)(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}{_TH} [A-Za-z]{{3,9}}\.?,? \d{{4}}|"
    rf"[A-Za-z]{{3,9}}\.? \d{{1,2}}{_TH},? \d{{4}})(?!\d)"
)
_CHINESE: Final = pattern(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
BARE_ID: Final = pattern(rf"(?:arxiv\s*:\s*)?{ARXIV}(?:v\d{{1,3}})?(?:\.pdf)?(?:\s*\[[a-z.-]+\])?", re.IGNORECASE)


def day_in(text: str) -> Day:
    """The day that a heading names somewhere."""
    if found := _CHINESE.search(text[:300]):
        text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    for found in _DAY.finditer(text[:300]):
        told = re.sub(r"^(\d{4})-(\d{1,2})-(\d{1,2})$", lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", found[0])
        if day := parse_date(told):
            return day, ""
    return None, ""
