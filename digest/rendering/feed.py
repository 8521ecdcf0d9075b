"""What all feeds share: which papers a document of a feed has, in what order, with what dates, and in what words.

Newest day first, in each the ranking's order. A paper's id and the date on which it was published never change: the
date is that of the edition that showed it first, some seconds later the higher it ranks, so that readers that sort
by date keep that order. None lies in the future and none is the time of a run.

A feed is cut into pages of at most `ENTRIES` entries and `SIZE` bytes, whatever the format. The
current page is what people subscribe to: the newest papers, as they are known now. A paper that was revised is not
shown again: its entry keeps its id and its date of publication, and only `updated` moves, to the day of the revision.
Each day has pages of its own, the archive documents of RFC 5005 section 4, with the papers as its edition had them.
They lead to the next older page and to the next newer one, and are final once a later day has papers: nothing that
is learnt of a paper afterwards changes them. A day without papers has no page.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from html import escape
from itertools import chain, groupby, islice
from typing import NamedTuple

from digest.model import Archive, Edition, Paper, Ranked, Reason, Score, Site
from digest.rendering import addresses, wording
from digest.rendering.once import once
from digest.text import one_line, shorten

ENTRIES = 100
"""So many entries has a page at most."""

SIZE = 250_000
"""So many bytes has a page at most, in each format, unless its only entry is larger."""

DESCRIPTION = "New research papers every day, the best match first, with the reasons why."
LANGUAGE = "en"
GENERATOR = "paperdigest"

_AUTHORS_IN_TEXT = 20
"""A collaboration has thousands; the entry's author elements have them all."""

# No paper is as large, but a broken source may say so, and readers refuse a feed of 5 MB: in characters, but for
# the number of names, of categories and of links.
_TITLE, _NAME, _LINE, _COMMENTS, _ABSTRACT, _ALL_NAMES = 2_000, 200, 10_000, 20_000, 100_000, 150_000
_NAMES, _CATEGORIES, _LINKS = 10_000, 200, 50

# What the marks around them cost at most, in bytes: those of a page, an entry, a name or category, and a reason.
_PAGE, _ENTRY, _PART, _REASON = 4_000, 400, 60, 90


class Entry(NamedTuple):
    """A paper in a feed."""

    paper: Paper
    score: Score
    link: str
    """What it opens: the paper where it can be read, else its place in the edition."""
    published: datetime
    updated: datetime
    size: int
    """How many bytes it takes at most, in whatever format, without its reasons."""


class Page(NamedTuple):
    """One document of a feed. Its path is `prefix` and a format's ending: `ana/2026-05-26.` and `rss.xml`."""

    prefix: str
    entries: Sequence[Entry]
    updated: datetime
    older: str | None = None
    """The prefix of the page that goes on where this one ends."""
    newer: str | None = None
    """The prefix of the page that this one goes on, where both are of the archive."""
    current: str | None = None
    """The prefix of the current page, where this is one of the archive."""


class Channel(NamedTuple):
    """What a feed says of itself, the same on each of its pages."""

    id: str
    title: str
    author: str
    home: str
    """The absolute address of the page for people."""


def channel(archive: Archive, site: Site) -> Channel:
    """What the feed of `archive` says of itself."""
    title, author = one_line(archive.title) or archive.profile, one_line(site.title)
    return Channel(
        id=addresses.feed_id(archive, site),
        title=" – ".join(shorten(part, _TITLE // 2) for part in (title, author) if part),
        author=shorten(author or title, _TITLE),
        home=addresses.profile_page(archive, site),
    )


# ------------------------------------------------------------------------------------------------- pages


def pages(archive: Archive, site: Site) -> Iterator[Page]:
    """The current page, then those of each recent day, newest first; nothing for an archive without an edition, for
    it has no date that a feed could carry.
    """
    if archive.recent:
        days = list(_days(archive, site))
        yield _current(archive, days)
        yield from _archived(archive, days)


def current(archive: Archive, site: Site) -> Page:
    """The first of `pages` alone, for who needs no other. Raises IndexError for an archive without an edition."""
    return _current(archive, list(_days(archive, site)))


def _current(archive: Archive, days: Sequence[tuple[date, list[Entry]]]) -> Page:
    newest = archive.recent[0]
    entries = list(islice(chain.from_iterable(entries for _, entries in days), ENTRIES + 1))
    if archive.revised:
        entries = [
            _revised(entry, archive.revised[entry.paper.id], newest) if entry.paper.id in archive.revised else entry
            for entry in entries
        ]
    fitting = _fitting(entries)
    if fitting < len(entries):
        older: str | None = _page_with(archive, fitting, days)
    else:
        reached = archive.recent[-1].digest.day
        older = _first(archive, next((line.day for line in archive.days if line.shown and line.day < reached), None))
    entries = entries[:fitting]
    updated = max([entry.updated for entry in entries], default=newest.issued)
    return Page(prefix=archive.at(""), entries=entries, updated=updated, older=older)


def _archived(archive: Archive, days: Sequence[tuple[date, list[Entry]]]) -> Iterator[Page]:
    cut = {day: list(_cut(entries)) for day, entries in days}
    bare = {edition.digest.day for edition in archive.recent} - cut.keys()
    known = [line.day for line in archive.days if line.shown and line.day not in bare]
    for day, parts in cut.items():
        older = next((other for other in known if other < day), None)
        newer = next((other for other in reversed(known) if other > day), None)
        links = [
            _prefix(archive, newer, len(cut.get(newer, [()])) - 1) if newer else None,
            *(_prefix(archive, day, number) for number in range(len(parts))),
            _first(archive, older),
        ]
        for number, part in enumerate(parts, 1):
            yield Page(
                prefix=links[number] or "",
                entries=part,
                updated=max(entry.updated for entry in part),
                older=links[number + 1],
                newer=links[number - 1],
                current=archive.at(""),
            )


def _prefix(archive: Archive, day: date, number: int) -> str:
    """`ana/2026-05-26.`, and for the further pages of a large day `ana/2026-05-26-2.`"""
    return archive.path(day, f"-{number + 1}." if number else ".")


def _first(archive: Archive, day: date | None) -> str | None:
    return _prefix(archive, day, 0) if day else None


def _page_with(archive: Archive, place: int, days: Sequence[tuple[date, list[Entry]]]) -> str:
    """The page of the archive that has the entry at `place`, counted from the newest."""
    for day, entries in days:
        for number, part in enumerate(_cut(entries)):
            if place < len(part):
                return _prefix(archive, day, number)
            place -= len(part)
    raise IndexError(place)


def _cut(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    while entries:
        fitting = _fitting(entries)
        yield entries[:fitting]
        entries = entries[fitting:]


def _fitting(entries: Sequence[Entry]) -> int:
    """With how many of `entries` a page is full; one fits always."""
    size = _PAGE
    for count, entry in enumerate(entries):
        size += entry.size + len(entry.link) + sum(map(_reason_size, entry.score.reasons))
        if count and (count == ENTRIES or size > SIZE):
            return count
    return len(entries)


# ----------------------------------------------------------------------------------------------- entries


def _days(archive: Archive, site: Site) -> Iterator[tuple[date, list[Entry]]]:
    """The recent days with papers, newest first, with their entries: each paper on the day that showed it first."""
    first = _first_days(archive)
    for day, those in groupby(archive.recent, key=lambda edition: edition.digest.day):
        editions = list(those)
        entries = [entry for edition in editions for entry in _entries(edition, archive, site)]
        if first:
            entries = [entry for entry in entries if first.get(entry.paper.id, day) == day]
        if len(editions) > 1:
            entries = _once_each(entries)
        if entries:
            yield day, entries


def _once_each(entries: Iterable[Entry]) -> list[Entry]:
    """What several editions of one day show, the best first: of a paper in two of them the higher score, with the
    earlier date.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        other = found.get(entry.paper.id, entry)
        best = max((other, entry), key=lambda entry: entry.score.total)
        published = min(other.published, entry.published)
        found[entry.paper.id] = best._replace(published=published, updated=published)
    return sorted(found.values(), key=lambda entry: (-entry.score.total, entry.paper.id))


def _first_days(archive: Archive) -> Mapping[str, date]:
    """The day on which papers were first shown, of those at least where that is not the day of each edition that has
    them.
    """
    if len(archive.recent) == 1:
        return archive.first
    shown = {ranked.paper.id: edition.digest.day for edition in archive.recent for ranked in edition.digest.ranked}
    if not archive.first and len(shown) == sum(len(edition.digest.ranked) for edition in archive.recent):
        return {}
    # The oldest edition is the last and so the one that stands.
    return shown | {paper: min(day, shown[paper]) for paper, day in archive.first.items() if paper in shown}


def _entries(edition: Edition, archive: Archive, site: Site) -> list[Entry]:
    ranked: Sequence[Ranked] = edition.digest.ranked
    entries = []
    for (paper, score), instant in zip(ranked, _instants(edition.issued, len(ranked)), strict=True):
        link, size = _opens(paper)
        entries.append(Entry(paper, score, link or _place(paper, edition, archive, site), instant, instant, size))
    return entries


@lru_cache(maxsize=64)
def _instants(issued: datetime, count: int) -> list[datetime]:
    """The date of each paper of an edition, the first the latest."""
    return [issued + timedelta(seconds=count - place) for place in range(count)]


@once
def _opens(paper: Paper) -> tuple[str, int]:
    """Where a paper can be read, empty where nowhere, and the size of its entry."""
    found = addresses.links(paper)
    return found[0].href if found else "", _size(paper)


def _place(paper: Paper, edition: Edition, archive: Archive, site: Site) -> str:
    """The paper's place in its edition; what is gathered from several profiles has no pages of its own."""
    shelf = archive if archive.folder else archive._replace(folder=edition.digest.profile)
    return addresses.entry_link(paper, edition, shelf, site)


def _revised(entry: Entry, known: Paper, newest: Edition) -> Entry:
    """`entry` with what is known now. It was updated on the day that the paper itself says, in the profile's zone,
    but neither before it was published nor after the newest edition.
    """
    updated = entry.published
    if known.updated:
        moved = datetime.combine(known.updated, time(), newest.issued.tzinfo)
        updated = max(updated, min(moved, newest.issued))
    link, size = _opens(known)
    return entry._replace(paper=known, updated=updated, link=link or entry.link, size=size)


# ------------------------------------------------------------------------------------------------- words


@once
def title(paper: Paper) -> str:
    """The title of an entry, as plain text; never empty."""
    return shorten(wording.name(paper), _TITLE)


@once
def _names(paper: Paper) -> list[str]:
    return wording.names(paper)


@once
def authors(paper: Paper) -> list[str]:
    """The names of the authors, as plain text."""
    names, size = [], 0
    for name in _names(paper)[:_NAMES]:
        size += len(name)
        if size > _ALL_NAMES:
            break
        names.append(shorten(name, _NAME))
    return names


@once
def categories(paper: Paper) -> list[str]:
    """The categories, as plain text."""
    return [shorten(term, _NAME) for category in paper.categories[:_CATEGORIES] if (term := one_line(category))]


def content(paper: Paper, score: Score) -> str:
    """The text of an entry, as HTML: the abstract, why it is here, who wrote it, when, and where it is."""
    before, after = around(paper)
    return before + reasons(score) + after


@once
def around(paper: Paper) -> tuple[str, str]:
    """The paragraphs of `content` before its reasons and those after them, which are the same for all readers."""
    abstract, comments = wording.abstract(paper), wording.comments(paper)
    known = _names(paper)
    more = len(known) - _AUTHORS_IN_TEXT
    told = ", ".join([*known[:_AUTHORS_IN_TEXT], *([f"and {more:,} more"] if more > 0 else [])])
    links = [link for link in addresses.links(paper)[:_LINKS] if len(link.href) <= _TITLE]
    whole = (
        len(abstract) <= _ABSTRACT
        and len(comments) <= _COMMENTS
        and len(authors(paper)) == len(known)
        and len(paper.categories) <= _CATEGORIES
        and links == addresses.links(paper)
    )
    before = [shorten(abstract, _ABSTRACT) or "The listing gave no abstract.", wording.untitled(paper)]
    after = [
        f"{told} {wording.cut(paper)}",
        " · ".join(wording.facts(paper)),
        f"Comments: {shorten(comments, _COMMENTS)}" if comments else "",
        "" if whole else "This is shortened; the page of the edition has all of it.",
    ]
    where = " · ".join(
        f'<a href="{escape(href)}">{escape(shorten(label, _NAME), quote=False)}</a>' for label, href in links
    )
    return "\n".join(_paragraphs(before, _ABSTRACT)), "".join(
        f"\n{paragraph}" for paragraph in [*_paragraphs(after, _COMMENTS), *([f"<p>{where}</p>"] if where else [])]
    )


def _paragraphs(texts: Iterable[str], width: int) -> list[str]:
    return [f"<p>{escape(shorten(line, width), quote=False)}</p>" for text in texts if (line := text.strip())]


def reasons(score: Score) -> str:
    """The paragraph of `content` that says why a paper is here; empty where there is no reason."""
    if not score.reasons:
        return ""
    return f"\n<p>Score {wording.points(score.total)}: {'; '.join(map(_reason, score.reasons))}</p>"


@lru_cache(maxsize=65536)
def escaped_reasons(score: Score) -> bytes:
    """`reasons`, escaped once more to stand in XML."""
    if not score.reasons:
        return b""
    told = b"; ".join(map(_escaped_reason, score.reasons))
    return b"\n&lt;p&gt;Score %b: %b&lt;/p&gt;" % (wording.points(score.total).encode(), told)


def part_of_reason(text: str) -> str:
    """The signal, the term or the place of a reason."""
    return shorten(one_line(text), _NAME)


@lru_cache(maxsize=65536)
def _reason(reason: Reason) -> str:
    return escape(shorten(one_line(str(reason)), 2 * _NAME), quote=False)


@lru_cache(maxsize=65536)
def _escaped_reason(reason: Reason) -> bytes:
    return escape(_reason(reason), quote=False).encode()


# -------------------------------------------------------------------------------------------------- size


def _size(paper: Paper) -> int:
    """How many bytes an entry of `paper` takes at most, in whatever format, without its link and its reasons."""
    parts = [*authors(paper), *categories(paper)]
    texts = [title(paper), addresses.entry_id(paper), *parts]
    return _ENTRY + _PART * len(parts) + sum(map(_text_size, texts)) + sum(map(_html_size, around(paper)))


def _text_size(text: str) -> int:
    """Escaped twice, as Atom has it: `&amp;amp;`, `&amp;lt;`. A quotation mark is more in an attribute."""
    marks = text.count("&") + text.count("<") + text.count(">")
    return _plain_size(text) + 8 * marks + 5 * text.count('"')


def _html_size(text: str) -> int:
    """Escaped once more: `&amp;`, `&lt;`."""
    return _plain_size(text) + 4 * (text.count("&") + text.count("<") + text.count(">")) + text.count("\n")


def _plain_size(text: str) -> int:
    """As UTF-8; quotation marks and backslashes are two bytes in JSON."""
    return (len(text) if text.isascii() else len(text.encode())) + text.count('"') + text.count("\\")


@lru_cache(maxsize=65536)
def _reason_size(reason: Reason) -> int:
    """In the text, and once more with its parts named, as JSON has it."""
    parts = (part_of_reason(part) for part in (reason.signal, reason.term, reason.place))
    return _REASON + _text_size(_reason(reason)) + sum(map(_text_size, parts))
