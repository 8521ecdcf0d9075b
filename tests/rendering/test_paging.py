"""Pages of feeds: small enough, final once a later day has papers, and together everything that was ever shown."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import feedparser
import pytest
from builders import a_paper, a_ranked, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from rendering_scene import LONG, SITE, an_archive

from digest.model import Archive, ArchiveDay, Edition, Paper, Ranked, Reason, Rendition
from digest.rendering import everything, render
from digest.rendering.feed import ENTRIES, SIZE

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
FORMATS = {"rss": "rss.xml", "atom": "atom.xml", "jsonfeed": "feed.json"}
FIRST = date(2026, 5, 1)


def numbered(number: int, **known: object) -> Ranked:
    return a_ranked(a_paper(f"arxiv:2605.{number:05}", **known))


def history(*counts: int, whole: int = 99, profile: str = "ana") -> Archive:
    """An archive with an edition a day, of so many papers each; the newest `whole` of them are recent."""
    made: list[Edition] = []
    number = 0
    for place, count in enumerate(counts):
        day = (FIRST + timedelta(days=place)).isoformat()
        papers = [numbered(number + n) for n in range(count)]
        made.append(an_edition(*papers, day=day, number=place + 1, profile=profile))
        number += count
    archive = an_archive(*reversed(made), profile=profile, title=profile)
    return archive._replace(recent=archive.recent[:whole])


def published(archive: Archive, kind: str) -> dict[str, Rendition]:
    return {f"{SITE.base_url}{rendition.path}": rendition for rendition in render(archive, SITE, [kind])}


def links(rendition: Rendition) -> dict[str, str]:
    """The addresses that a page names, by what they are."""
    if rendition.format == "jsonfeed":
        page = json.loads(rendition.content)
        return {"prev-archive": page["next_url"]} if "next_url" in page else {}
    found = etree.fromstring(rendition.content)
    return {link.get("rel"): link.get("href") for link in [*found.iterfind(f".//{ATOM}link")] if link.get("rel")}


def ids(rendition: Rendition) -> list[str]:
    if rendition.format == "jsonfeed":
        return [item["id"] for item in json.loads(rendition.content)["items"]]
    return [entry.id for entry in feedparser.parse(rendition.content).entries]


def walk(files: dict[str, Rendition], start: str) -> Iterator[Rendition]:
    """The pages as a reader finds them: from the one that it subscribes to, always to the older one."""
    address: str | None = start
    while address:
        yield files[address]
        address = links(files[address]).get("prev-archive")


def shown(archive: Archive) -> list[str]:
    return [
        f"https://arxiv.org/abs/{ranked.paper.ids['arxiv']}"
        for edition in archive.recent
        for ranked in edition.digest.ranked
    ]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "counts", [(1,), (3, 2), (3, 0, 2, 0), (0, 0, 1), (60, 60, 60), (250, 1), (101,), (100,), (30,) * 12, (99, 2)]
)
def test_every_paper_ever_shown_can_be_reached(counts: tuple[int, ...], kind: str) -> None:
    """F17, RFC 5005 section 4: from the current page over prev-archive or next_url, newest first, none left out."""
    archive = history(*counts)
    files = published(archive, kind)
    walked = [entry for page in walk(files, f"{SITE.base_url}ana/{FORMATS[kind]}") for entry in ids(page)]
    assert [*dict.fromkeys(walked)] == shown(archive)
    assert len(walked) < len(shown(archive)) + 2 * ENTRIES


@given(st.lists(st.sampled_from([0, 1, 2, 101]), min_size=1, max_size=5), st.integers(1, 3))
@settings(max_examples=15)
def test_every_page_that_is_named_is_published_by_some_run(counts: list[int], whole: int) -> None:
    """A run renders only recent days: what their pages name was published by that run or an earlier one."""
    files: dict[str, Rendition] = {}
    for days in range(1, len(counts) + 1):
        files |= published(history(*counts[:days], whole=whole), "atom")
    walked = [entry for page in walk(files, f"{SITE.base_url}ana/atom.xml") for entry in ids(page)]
    assert [*dict.fromkeys(walked)] == shown(history(*counts))
    assert all(address in files for page in files.values() for address in links(page).values() if "ana/2" in address)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_days_pages_are_final_once_a_later_day_has_papers(kind: str) -> None:
    """RFC 5005 section 4: later editions, a smaller window and what is learnt of papers change no byte of them."""
    counts = (2, 150, 0, 3, 1, 2)
    final: dict[str, bytes] = {}
    for days in range(1, len(counts) + 1):
        archive = history(*counts[:days], whole=3)
        revised = {
            ranked.paper.id: replace(ranked.paper, title="Otherwise")
            for edition in archive.recent
            for ranked in edition.digest.ranked
        }
        newest = next((line.day for line in archive.days if line.shown), None)
        for rendition in render(archive._replace(revised=revised), SITE, [kind]):
            if rendition.path != f"ana/{FORMATS[kind]}":
                assert final.get(rendition.path, rendition.content) == rendition.content
                if str(newest) not in rendition.path:
                    final[rendition.path] = rendition.content
    assert len(final) == 5


def test_pages_name_their_neighbours_both_ways() -> None:
    """RFC 5005 section 4: older and newer pages lead to each other, all to the current one, and say what they are."""
    for kind in ("rss", "atom"):
        files = published(history(2, 0, 250, 1), kind)
        pages = [*walk(files, f"{SITE.base_url}ana/{kind}.xml")]
        archived = [page for page in files.values() if "ana/2" in page.path]
        assert pages[0].path == f"ana/{kind}.xml"
        assert [page.path for page in archived] == [
            f"ana/2026-05-04.{kind}.xml",
            f"ana/2026-05-03.{kind}.xml",
            f"ana/2026-05-03-2.{kind}.xml",
            f"ana/2026-05-03-3.{kind}.xml",
            f"ana/2026-05-01.{kind}.xml",
        ]
        for newer, older in pairwise(archived):
            assert links(newer)["prev-archive"] == f"{SITE.base_url}{older.path}"
            assert links(older)["next-archive"] == f"{SITE.base_url}{newer.path}"
        assert "prev-archive" not in links(archived[-1])
        assert "next-archive" not in links(archived[0])
        assert {links(page)["current"] for page in archived} == {f"{SITE.base_url}ana/{kind}.xml"}
        for page in files.values():
            assert links(page)["self"] == f"{SITE.base_url}{page.path}"  # F10
            marks = len(etree.fromstring(page.content).findall(f".//{HISTORY}archive"))
            assert marks == (page in archived)


def test_json_pages_are_of_one_feed() -> None:
    """JSON Feed 1.1 `feed_url` tells one feed from another: every page names the current one."""
    files = published(history(2, 250, 1), "jsonfeed")
    assert len(files) == 6
    assert {json.loads(page.content)["feed_url"] for page in files.values()} == {f"{SITE.base_url}ana/feed.json"}


def test_a_day_without_papers_has_no_page() -> None:
    """Quiet days are left out of the chain, and the feed of a profile that was always quiet has one page."""
    assert [*published(history(0, 0), "rss")] == [f"{SITE.base_url}ana/rss.xml"]
    assert len(published(history(1, 0, 0, 1, 0), "rss")) == 3


# ---------------------------------------------------------------------------------------------- size


def full_of(text: str, number: int) -> Ranked:
    paper = a_paper(
        f"text:{number}",
        ids={},
        title=text,
        headline=text,
        abstract=text,
        comments=text,
        authors=(text, text[:9]),
        categories=(text[:9],),
        links={"code": "https://example.org/?a=1&b=2"},
    )
    return a_ranked(paper, Reason("keyword", text[:90], "title", 1.25), Reason("author", text[:90], "authors", 0.5))


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=9), st.integers(1, 400), st.integers(1, 130))
@settings(max_examples=12)
def test_no_page_is_larger_than_readers_like(texts: list[str], times: int, count: int) -> None:
    """F17: at most 100 entries and 250 kB in every format, whatever the texts hold."""
    papers = [full_of(texts[number % len(texts)] * times, number) for number in range(count)]
    archive = an_archive(an_edition(*papers))
    pages: dict[str, list[list[str]]] = {}
    for kind in FORMATS:
        for rendition in render(archive, SITE, [kind]):
            entries = ids(rendition)
            assert 1 <= len(entries) <= ENTRIES
            assert len(rendition.content) <= SIZE or len(entries) == 1
            pages.setdefault(kind, []).append(entries)
    # F12: whatever the format, a page has the same papers.
    assert pages["rss"] == pages["atom"] == pages["jsonfeed"]


def test_pages_are_well_filled() -> None:
    """Ordinary papers fill a page to more than three quarters of what it may have."""
    archive = an_archive(an_edition(*(numbered(number, abstract=LONG * 5) for number in range(100))))
    for kind in FORMATS:
        assert len(render(archive, SITE, [kind])[0].content) > 0.75 * SIZE


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["&", "—", '"', "\\", "\U0001f600", "a "])
def test_no_feed_is_larger_than_readers_take(letter: str) -> None:
    """F17: a page is never over 5 MB, though one entry had megabytes in every field; what is cut says so."""
    much = letter * 150_000
    huge = full_of(much, 1).paper
    crowd = replace(
        huge,
        authors=tuple(letter * (number % 50 + 1) for number in range(12_000)),
        categories=(much,) * 5 + ("cs.LG",) * 2000,
        links={f"{much}{number}": f"https://example.org/{number}" for number in range(90)},
    )
    archive = an_archive(an_edition(a_ranked(crowd, Reason(much, much, much, 1.0)), a_ranked()))
    for kind in FORMATS:
        for rendition in render(archive, SITE, [kind]):
            assert len(rendition.content) < 5_000_000
            assert ids(rendition)
        assert b"This is shortened" in render(archive, SITE, [kind])[0].content


# ------------------------------------------------------------------------------------------- revisions


def entry(archive: Archive, kind: str, place: int = 0) -> tuple[str, ...]:
    """The id, the title and the two dates of an entry of the current page."""
    content = render(archive, SITE, [kind])[0].content
    if kind == "jsonfeed":
        item = json.loads(content)["items"][place]
        return item["id"], item["title"], item["date_published"], item["date_modified"]
    found = feedparser.parse(content).entries[place]
    return found.id, found.title, found.published, ("updated" in found and found.updated) or ""


@pytest.mark.parametrize("kind", FORMATS)
def test_a_revised_paper_keeps_its_id_and_its_date(kind: str) -> None:
    """F08: its entry has what is known now, its id and date stay, and the update is of the paper's own day."""
    archive = history(2, 1, 1)
    paper = archive.recent[2].digest.ranked[0].paper
    known = replace(paper, title="A better title", headline="A better title", updated=date(2026, 5, 2))
    before = entry(archive, kind, 2)
    after = entry(archive._replace(revised={paper.id: known}), kind, 2)
    assert after[0] == before[0]
    assert after[2] == before[2]
    assert after[1] == "A better title"
    if kind != "rss":  # which has no such date
        assert after[3] == "2026-05-02T00:00:00+00:00"
        assert before[3] == before[2]


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 2), st.booleans())
def test_no_update_is_before_publication_or_after_the_newest_edition(updated: date, place: int, dated: bool) -> None:
    """F09: whatever date a source gives a revision."""
    archive = history(1, 1, 1)
    paper = archive.recent[place].digest.ranked[0].paper
    revised = {paper.id: replace(paper, abstract="Other words.", updated=updated if dated else None)}
    _, _, published_at, updated_at = entry(archive._replace(revised=revised), "jsonfeed", place)
    newest = archive.recent[0].issued
    assert published_at <= updated_at
    assert datetime.fromisoformat(updated_at) <= max(newest, datetime.fromisoformat(published_at))


def test_feeds_that_saw_a_revision_say_so() -> None:
    """RFC 4287 section 4.2.15: the feed's own date is its newest entry's, a revised one's as well."""
    tuesday = an_edition(numbered(1), day="2026-05-26")
    quiet = an_edition(day="2026-05-28")
    paper = tuesday.digest.ranked[0].paper
    archive = an_archive(quiet, tuesday)
    known = replace(paper, updated=date(2026, 5, 27))
    for one, wanted in ((archive, "2026-05-26T00:00:01"), (archive._replace(revised={paper.id: known}), "2026-05-27T")):
        feed = etree.fromstring(render(one, SITE, ["atom"])[0].content)
        assert feed.findtext(f"{ATOM}updated").startswith(wanted)


@pytest.mark.parametrize("build", [lambda: history(3, 0, 2), lambda: everything.gathered([history(3, 0, 2)])])
def test_a_hundred_rebuilds_are_the_same_bytes(build: Callable[[], Archive]) -> None:
    """F15: from values that are equal and not the same, so that nothing that is kept can hide a difference."""
    first = render(build(), SITE, FORMATS)
    assert all(render(build(), SITE, FORMATS) == first for _ in range(99))


def test_a_paper_stays_on_the_day_that_showed_it_first() -> None:
    """F06: where two editions show a paper, its entry is that of the older one, and so is its date."""
    paper: Paper = a_paper("arxiv:2605.00001")
    again = an_edition(a_ranked(paper), numbered(2), day="2026-05-26")
    before = an_edition(a_ranked(paper), day="2026-05-25")
    archive = an_archive(again, before)
    assert entry(archive, "jsonfeed", 1)[2] == datetime(2026, 5, 25, 0, 0, 1, tzinfo=UTC).isoformat()
    gone = Archive(
        "ana",
        "Ana",
        (again,),
        (ArchiveDay(again.digest.day, 2, 2, None), ArchiveDay(before.digest.day, 1, 1, None)),
        "ana",
        first={paper.id: before.digest.day},
    )
    assert [ids(page) for page in render(gone, SITE, ["rss"])] == [["https://arxiv.org/abs/2605.00002"]] * 2
