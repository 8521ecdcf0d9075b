"""Whole archives by number: the same number gives the same archive on every machine. `ALL` of them have more than
2,000 editions, and hold every naughty string in every field.

Each text of an archive is told from all others by two marks, words at its start and end that stand nowhere else, so
that a test can ask whether it came out whole. A share of them is left without, as it stands in the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any, NamedTuple, Protocol

from digest.model import (
    Archive,
    ArchiveDay,
    Digest,
    Edition,
    Listing,
    Paper,
    Position,
    Problem,
    Ranked,
    Reason,
    Score,
    Section,
    Site,
    Tally,
)
from torture import naughty

FIELDS = (
    "title", "headline", "abstract", "comments", "author", "category", "label", "address", "arxiv", "doi", "id",
    "term", "place", "signal", "section", "profile", "old", "site", "note", "problem", "file", "listing",
)  # fmt: skip
"""The places for texts in an archive, by the names that marks and tests know them by."""

ALL = 1660
"""So many archives are tried; they have more than 2,000 editions."""

_WORDS = (
    "we show that the quantization of large language models to four bits keeps accuracy while attention heads learn "
    "sparse features over long documents for speech recognition retrieval and planning under uncertainty in sea ice"
).split()

_NAMES = (
    "Ada Moreau",
    "Tomás Říha",
    "Łucja Wiśniewska",
    "A. B. C. de la Cruz",
    "李 明",
    "O'Neil, J.",
    "HALCYON Collaboration",
)

_FIRST, _LAST = date(1996, 2, 29), date(2026, 11, 20)


_POINTS = (3.0, 1.5, 0.25, 0.01, -1.0, 100.0, 12345.67, 0.0, 1e9)


class Told(Protocol):
    """Gives a text for a field, or None where it need not be there."""

    def __call__(self, field: str, *, always: bool = False) -> str | None: ...


class Mark(NamedTuple):
    """Two words that stand around one text."""

    field: str
    start: str
    end: str
    length: int
    """Of the text with both, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An archive, and what of it an output must show."""

    number: int
    archive: Archive
    site: Site
    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    """By the id of the paper, or by `""` for what is said of the whole."""


def an_archive(number: int, *, harmless: bool = False) -> Made:
    """The archive of that number; `harmless` gives one of the same shape whose texts are ordinary."""
    return _Maker(number, harmless=harmless).made()


def strings() -> Sequence[str]:
    """The strings that texts are made of, in their order."""
    return naughty.texts()


class _Maker:
    """One archive in the making."""

    def __init__(self, number: int, *, harmless: bool) -> None:
        self.number = number
        self.random = Random(number)
        self.harmless = harmless
        self.marks: dict[str, list[Mark]] = {"": []}
        self.count = 0
        self.used: list[tuple[str, str]] = []
        """Every naughty string that was put in a field as it stands."""
        self.full = number < len(strings()) and not harmless
        """It is one of those that together have every string in every field: no field of its first papers is left
        out, and each has the string whose turn it is.
        """

    # ------------------------------------------------------------------------------------------- the whole

    def made(self) -> Made:
        random = self.random
        editions = self.editions()
        title = self.told("profile", always=True)
        recent = tuple(replace(one, digest=replace(one.digest, title=title)) for one in editions)
        profile = random.choice(("ana", "efficient-inference", "x", "0" * 64, "a-b"))
        private = f"{random.getrandbits(128):032x}"
        archive = Archive(
            profile=profile,
            title=title,
            recent=recent,
            days=(*map(_line, recent), *self.older(recent)),
            folder=private if random.random() < 0.15 else profile,
            revised=self.revised(recent),
        )
        site = Site(
            title=self.told("site", always=True),
            base_url=random.choice(
                (None, "https://example.org/digest/", "http://[::1]:8000/", "https://xn--bcher-kva.example/a/b/")
            ),
            note=self.note(),
        )
        marks = {paper: tuple(marks) for paper, marks in self.marks.items()}
        return Made(number=self.number, archive=archive, site=site, marks=marks)

    def editions(self) -> list[Edition]:
        random = self.random
        day = _FIRST + timedelta(days=random.randrange((_LAST - _FIRST).days))
        number = random.choice((1, 2, 3, 10, 999, 123456))
        editions = []
        count = 0 if self.number % 50 == 49 and not self.full else random.choice((1, 1, 1, 1, 2, 3))
        for _ in range(1 if self.full else count):
            editions.append(self.edition(day, max(number, 1), first=not editions))
            number -= 1
            day -= timedelta(days=random.choice((1, 1, 1, 2, 7, 40, 400)))
        return editions

    def edition(self, day: date, number: int, *, first: bool) -> Edition:
        random = self.random
        papers = 0 if not first and random.random() < 0.3 else self.length(most=40 if first else 6)
        if first:
            papers = 3 if self.full else max(papers, self.number % 20 != 19)
        ranked = [self.ranked(f"{number}.{i}", place=i if first else 9) for i in range(papers)]
        ranked.sort(key=lambda one: -one.score.total)
        cuts = sorted(random.randrange(papers + 1) for _ in range(random.choice((0, 0, 1, 2)))) if papers else []
        cuts = [1, 2] if self.full and first else cuts
        runs = zip([0, *cuts], [*cuts, papers], strict=True)
        sections = tuple(Section(self.told("section", always=True), tuple(ranked[a:b])) for a, b in runs if b > a)
        left = (self.length(most=5000) if random.random() < 0.6 else 0 for _ in range(5))
        tally = Tally(
            shown=papers,
            beyond_limit=next(left),
            below_threshold=next(left),
            unmatched=next(left),
            muted=next(left),
            already_shown=next(left),
        )
        problems = tuple(
            Problem(
                self.told("file", always=True), random.choice((None, 1, 77, 10**9)), self.told("problem", always=True)
            )
            for _ in range(random.choice((0, 0, 1, 3)) or self.full)
        )
        digest = Digest(profile="ana", title="", day=day, sections=sections, tally=tally, problems=problems)
        zone = timezone(timedelta(minutes=random.choice((0, 60, 120, -300, 345, 840, -720))))
        return Edition(digest=digest, number=number, issued=datetime.combine(day, datetime.min.time(), zone))

    def revised(self, recent: Sequence[Edition]) -> dict[str, Paper]:
        """What is known by now of some of the papers."""
        papers = [ranked.paper for edition in recent for ranked in edition.digest.ranked]
        chosen = [paper for paper in papers if not self.harmless and self.random.random() < 0.05]
        revised = {}
        for paper in chosen:
            title = self.text("title")
            revised[paper.id] = replace(
                paper,
                title=title,
                headline=title or paper.headline,
                abstract=self.text("abstract"),
                version=(paper.version or 1) + 1,
                updated=self.day(),
            )
            self.marks.pop(paper.id, None)
        return revised

    def older(self, recent: Sequence[Edition]) -> list[ArchiveDay]:
        if not recent or (self.random.random() < 0.6 and not self.full):
            return []
        day, number = recent[-1].digest.day, max(recent[-1].number, 1)
        lines = []
        for _ in range(self.length(most=30) or self.full):
            day -= timedelta(days=self.random.choice((1, 1, 7, 31, 366)))
            number = max(number - 1, 1)
            shown = self.length(most=20) or int(self.full)
            headline = self.told("old") if shown else None
            lines.append(ArchiveDay(day=max(day, date(1991, 8, 14)), number=number, shown=shown, headline=headline))
        return list({line.day: line for line in lines}.values())

    def note(self) -> str:
        if self.harmless:
            return (
                "For the *reading group*:\n\n- tell [Ana](mailto:a@example.org)\n- come on **Friday**\n\n# See\n\n`x`"
            )
        if self.full:
            return self.told("note", always=True)
        if self.random.random() < 0.4:
            return ""
        joint = self.random.choice(("\n\n", "\n", "\n\n- ", "\n# "))
        return joint.join(self.text("note", always=True) for _ in range(self.random.choice((1, 1, 2, 5))))

    # ------------------------------------------------------------------------------------------- a paper

    def ranked(self, unique: str, *, place: int) -> Ranked:
        """A paper; those at places 0 and 1 have every field in full archives, the latter but a title."""
        random = self.random
        full = self.full and place < 2
        told = self.cycled if full else self.text
        before, self.marks[""] = self.marks[""], []
        known_as = self.id(unique, told, full=full)
        title = None if full and place else told("title")
        paper = Paper(
            id=known_as,
            headline=title or told("headline") or "",
            title=title,
            authors=self.authors(told, full=full),
            authors_truncated=random.random() < 0.2,
            author_count=random.choice((None, None, 0, 1, 8, 12, 3000)),
            abstract=told("abstract"),
            comments=told("comments"),
            categories=tuple(self.several(lambda: told("category") or "", ("cs.LG", "cs.CL", "hep-th", "math.AG"))),
            ids=self.ids(known_as, told, full=full),
            links=self.links(told, full=full),
            metrics={"comment_count": random.randrange(9)} if random.random() < 0.2 else {},
            listings=tuple(
                Listing(position=Position(told("listing") or "", random.choice((1, 40, 10**7))), format="abstract_id")
                for _ in range(random.choice((0, 1, 1, 2, 9)) or full)
            ),
            version=random.choice((None, None, 1, 2, 17)),
            kind=random.choice((None, None, "new", "cross-list", "replaced")),
            created=self.day(),
            updated=self.day(),
            published=self.day(),
        )
        score = Score(tuple(self.reason(paper, told, full=full) for _ in range(random.choice((1, 1, 2, 3, 12)))))
        self.marks[known_as], self.marks[""] = self.marks[""], before
        return Ranked(paper, score)

    def id(self, unique: str, told: Told, *, full: bool) -> str:
        kind = self.random.random() if not full else 1.0
        if kind < 0.5 or self.harmless:
            return f"arxiv:26{self.random.randrange(1, 13):02}.{self.random.randrange(10**5):05}{unique}"
        if kind < 0.65:
            return f"doi:10.1000/{self.count}{unique}"
        if kind < 0.75:
            return f"text:{self.random.getrandbits(64):016x}{unique}"
        scheme = self.random.choice(("arxiv:", "doi:", "text:", ""))
        return f"{scheme}{told('id', always=True)}{unique}"

    def ids(self, known_as: str, told: Told, *, full: bool) -> dict[str, str]:
        scheme, _, value = known_as.partition(":")
        ids = {scheme: value} if scheme in ("arxiv", "doi") and self.random.random() < 0.9 else {}
        if full or self.random.random() < 0.2:
            ids["doi"] = told("doi") or ""
        if full or self.random.random() < 0.1:
            ids["arxiv"] = told("arxiv") or ""
        if self.random.random() < 0.1:
            ids[self.random.choice(("pmid", "", "x<y>"))] = told("id") or ""
        return ids

    def authors(self, told: Told, *, full: bool) -> tuple[str, ...]:
        chance = self.random.random() if not full else 1.0
        if chance < 0.1:
            return ()
        if chance < 0.13:
            return tuple(f"Author {n}" for n in range(self.random.choice((21, 60, 300))))
        return tuple(self.several(lambda: told("author") or "", _NAMES))

    def links(self, told: Told, *, full: bool) -> dict[str, str]:
        if full:
            return {"code": f"https://example.org/{told('address')}", told("label") or "": told("address") or ""}
        found = {}
        for _ in range(self.random.choice((0, 0, 1, 2, 5))):
            label = self.random.choice(("url", "abs", "pdf", "code", "html", None)) or told("label", always=True)
            found[label or ""] = self.address(told)
        return found

    def address(self, told: Told) -> str:
        if self.harmless or self.random.random() < 0.3:
            return f"https://example.org/{self.random.randrange(10**6)}?a=1&b=2"
        if self.random.random() < 0.6:
            return naughty.ADDRESSES[self.random.randrange(len(naughty.ADDRESSES))]
        text = told("address") or ""
        return self.random.choice(("https://example.org/", "https://", "javascript:", "", "mailto:")) + text

    def reason(self, paper: Paper, told: Told, *, full: bool) -> Reason:
        random = self.random
        if full:
            return Reason(told("signal") or "", told("term") or "", told("place") or "", random.choice(_POINTS))
        text = random.choice((paper.title or "", paper.abstract or "", paper.comments or "", *paper.authors))
        words = text.split()
        term = random.choice(words) if words and random.random() < 0.6 else told("term", always=True) or ""
        common = self.harmless or random.random() < 0.8
        return Reason(
            signal=random.choice(("keyword", "keyword", "author")) if common else told("signal") or "",
            term=term,
            place=random.choice(("title", "abstract", "comments", "authors")) if common else told("place") or "",
            points=random.choice(_POINTS),
        )

    # ------------------------------------------------------------------------------------------- small things

    def length(self, most: int) -> int:
        """A number from 0 to `most`, small ones far more often."""
        return int(most * self.random.random() ** 7)

    def day(self) -> date | None:
        chance = self.random.random()
        if chance < 0.4:
            return None
        if chance < 0.45:
            return self.random.choice((date.min, date.max, date(1900, 1, 1), date(2100, 2, 28)))
        return _FIRST + timedelta(days=self.random.randrange((_LAST - _FIRST).days))

    def several(self, told: Callable[[], str], usual: Sequence[str]) -> list[str]:
        count = self.random.choice((1, 1, 2, 3, 9))
        return [self.random.choice(usual) if i and self.random.random() < 0.6 else told() for i in range(count)]

    def told(self, field: str, *, always: bool = False) -> Any:
        """A text of the whole archive: the one whose turn it is in full archives."""
        return self.cycled(field) if self.full else self.text(field, always=always)

    def cycled(self, field: str, *, always: bool = False) -> str:
        """The string whose turn it is for this field, as it stands: each has one in as many archives as there are."""
        every = strings()
        text = every[(self.number + 37 * FIELDS.index(field)) % len(every)]
        self.used.append((field, text))
        return text

    def text(self, field: str, *, always: bool = False) -> Any:
        """A text for a field, None sometimes unless it is needed `always`."""
        random = self.random
        if self.harmless:
            return self.marked(field, self.sentence(plain=True))
        chance = random.random()
        if chance < 0.1 and not always:
            return None
        if chance < 0.45:
            text = self.sentence()
        elif chance < 0.85:
            text = random.choice(strings())
        elif chance < 0.95:
            pieces = (random.choice(strings())[:300] for _ in range(random.randrange(2, 5)))
            text = random.choice(("", " ", "\n")).join(pieces)
        else:
            text = "".join(chr(random.choice((random.randrange(0x250), random.randrange(0x110000)))) for _ in range(40))
        if random.random() < 0.3:
            self.used.append((field, text))
            return text
        return self.marked(field, text)

    def marked(self, field: str, text: str) -> str:
        self.count += 1
        start, end = f"qz{field}{self.count}a", f"qz{field}{self.count}e"
        whole = f"{start} {text} {end}"
        self.marks[""].append(Mark(field, start, end, len(whole)))
        return whole

    def sentence(self, *, plain: bool = False) -> str:
        words = self.random.choices(_WORDS, k=self.random.choice((3, 8, 30, 120)))
        if not plain and self.random.random() < 0.3:
            words.insert(len(words) // 2, self.random.choice(naughty.TEX))
        lengths = range(0, len(words), 12)
        return " ".join(f"{' '.join(words[start : start + 12]).capitalize()}." for start in lengths)


def _line(edition: Edition) -> ArchiveDay:
    ranked = edition.digest.ranked
    return ArchiveDay(
        day=edition.digest.day,
        number=edition.number,
        shown=len(ranked),
        headline=ranked[0].paper.headline if ranked else None,
    )


def used(number: int) -> list[tuple[str, str]]:
    """Which strings stand as they are in which fields of that archive."""
    maker = _Maker(number, harmless=False)
    maker.made()
    return maker.used
