"""RSS, Atom and JSON Feed: valid, faithful, the same for the same archive."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import feedparser
import pytest
from builders import a_paper, a_ranked, an_edition
from feedlint import check
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from rendering_scene import SITE, Outline, an_archive, editions, hrefs_outside

from digest.errors import UsageError
from digest.model import Archive, Problem, Reason, Rendition, Site
from digest.rendering import addresses, render, wording
from digest.rendering.feed import ENTRIES
from digest.text import one_line

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"


def checked(renditions: list[Rendition], site: Site) -> list[Rendition]:
    """F01: the lint has no remark on any of them."""
    for rendition in renditions:
        assert check(rendition.path, rendition.content, site.base_url, datetime(2026, 11, 24, tzinfo=UTC)) == []
    return renditions


def rss(archive: Archive, site: Site = SITE) -> etree._Element:
    rendition, *_ = checked(render(archive, site, ["rss"]), site)
    return etree.fromstring(rendition.content).find("channel")


def atom(archive: Archive, site: Site = SITE) -> etree._Element:
    rendition, *_ = checked(render(archive, site, ["atom"]), site)
    return etree.fromstring(rendition.content)


def texts(element: etree._Element, path: str) -> list[str]:
    return [found.text for found in element.findall(path)]


def test_all_feeds_parse_back_to_the_same_entries_in_the_rankings_order() -> None:
    """F12: ids, titles, links and dates of RSS, Atom and JSON are equal, newest edition first, in ranked order."""
    archive = an_archive(*editions())
    told = {}
    for name in ("rss", "atom"):
        parsed = feedparser.parse(
            render(archive, SITE, [name])[0].content, sanitize_html=False, resolve_relative_uris=False
        )
        assert not parsed.bozo
        told[name] = [
            (e.id, unescape(e.title), e.link, datetime(*e.published_parsed[:6], tzinfo=UTC)) for e in parsed.entries
        ]
    items = json.loads(render(archive, SITE, ["jsonfeed"])[0].content)["items"]
    told["jsonfeed"] = [(i["id"], i["title"], i["url"], datetime.fromisoformat(i["date_published"])) for i in items]
    assert told["rss"] == told["atom"] == told["jsonfeed"]
    assert [entry[2] for entry in told["rss"]] == [
        "https://arxiv.org/abs/2605.00001",
        "https://doi.org/10.1000/a%3Cb%3E",
        "https://example.org/digest/efficient/2026-05-26.html#text:0f1e2d",
        "https://arxiv.org/abs/hep-th/9901001",
    ]
    assert [entry[1] for entry in told["rss"]] == [
        "Quantizing once: 4 < 8 & <b>bold</b>",
        "We present a way to read less",
        "Many hands",
        "Old ids have a slash",
    ]


def test_ids_come_from_the_papers_id_alone() -> None:
    """F06, F07: an arXiv address without version, a DOI address, else a name-based UUID."""
    archive = an_archive(*editions())
    ids = texts(rss(archive), "item/guid")
    assert ids == texts(atom(archive), f"{ATOM}entry/{ATOM}id")
    assert ids[:2] == ["https://arxiv.org/abs/2605.00001", "https://doi.org/10.1000/a%3Cb%3E"]
    assert ids[2] == "urn:uuid:" + ids[2].removeprefix("urn:uuid:").lower()
    learnt = a_paper("text:0f1e2d", title="Another title", ids={"arxiv": "2605.00009"})
    assert texts(rss(an_archive(an_edition(a_ranked(learnt)))), "item/guid") == [ids[2]]
    assert {guid.get("isPermaLink") for guid in rss(archive).findall("item/guid")} == {"false"}


def test_a_higher_paper_has_a_later_date() -> None:
    """Readers that sort by date keep the ranking, and no date reaches the next day."""
    tuesday, monday = editions()
    instants = [
        datetime.fromisoformat(text) for text in texts(atom(an_archive(tuesday, monday)), f"{ATOM}entry/{ATOM}updated")
    ]
    assert instants == [tuesday.issued + timedelta(seconds=seconds) for seconds in (4, 3, 2, 1)]


def test_feed_carries_its_newest_entrys_date_and_never_now() -> None:
    """F09, F15: lastBuildDate and updated are the newest entry's, or the edition's own where it shows nothing."""
    tuesday, monday = editions()
    assert rss(an_archive(tuesday, monday)).findtext("lastBuildDate") == "Tue, 26 May 2026 00:00:04 +0000"
    assert atom(an_archive(monday)).findtext(f"{ATOM}updated") == "2026-05-25T00:00:00+00:00"
    assert rss(an_archive(monday)).findtext("lastBuildDate") == "Mon, 25 May 2026 00:00:00 +0000"


def test_profile_without_editions_has_no_feed() -> None:
    """A feed must carry a date, and before the first edition there is none."""
    assert render(an_archive(), SITE, ["rss", "atom"]) == []


def test_self_link_needs_an_address() -> None:
    """F10: rel=self is absolute in both feeds where a base address is set, and left out where none is."""
    archive = an_archive(*editions())
    path = f"{ATOM}link[@rel='self']"
    assert rss(archive).find(path).get("href") == "https://example.org/digest/efficient/rss.xml"
    assert atom(archive).find(path).get("href") == "https://example.org/digest/efficient/atom.xml"
    nowhere = replace(SITE, base_url=None)
    assert rss(archive, nowhere).find(path) is None
    assert atom(archive, nowhere).find(path) is None
    assert rss(archive, nowhere).findtext("link") == "http://localhost:8000/efficient/"
    assert atom(archive, nowhere).findtext(f"{ATOM}id") != atom(archive).findtext(f"{ATOM}id")


def test_atom_has_what_the_standard_demands() -> None:
    """F02: id, title and updated on feed and entries, an author within reach, one alternate link each."""
    feed = atom(an_archive(*editions()))
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert sum(link.get("rel", "alternate") == "alternate" for link in element.findall(f"{ATOM}link")) == 1
    assert texts(feed, f"{ATOM}author/{ATOM}name") == ["Paper digest"]
    assert {content.get("type") for content in feed.iter(f"{ATOM}content")} == {"html"}


def test_titles_with_markup_come_out_as_they_were_written() -> None:
    """F03, F04: Atom titles are HTML, escaped twice; RSS writes hexadecimal references."""
    archive = an_archive(*editions())
    title = "Quantizing once: 4 < 8 & <b>bold</b>"
    found = atom(archive).find(f"{ATOM}entry/{ATOM}title")
    assert (found.get("type"), unescape(found.text)) == ("html", title)
    assert texts(rss(archive), "item/title")[0] == title
    rendition, *_ = render(archive, SITE, ["rss"])
    assert b"<title>Quantizing once: 4 &#x3C; 8 &#x26; &#x3C;b&#x3E;bold&#x3C;/b&#x3E;</title>" in rendition.content


def test_each_author_is_an_element() -> None:
    """RSS gets a dc:creator and Atom an author for each name, also without e-mail addresses."""
    archive = an_archive(*editions())
    first = ["Abhijit Sinha", "Łucja Wiśniewska"]
    assert texts(rss(archive).find("item"), f"{DC}creator") == first
    assert texts(atom(archive).find(f"{ATOM}entry"), f"{ATOM}author/{ATOM}name") == first
    assert texts(rss(archive).find("item"), "category") == ["cs.LG", "cs.CL"]
    assert [c.get("term") for c in atom(archive).find(f"{ATOM}entry").iter(f"{ATOM}category")] == ["cs.LG", "cs.CL"]


def test_text_says_why_who_and_where() -> None:
    """An entry's text has the abstract, the score with every reason, authors, dates, comments and links."""
    ranked, untitled, crowd, _ = rss(an_archive(*editions())).findall("item")
    text = ranked.findtext("description")
    paragraphs = Outline(text).texts("p")
    assert paragraphs[1].startswith('Score 10.0: +3.0 "quantizing" in title; +1.5 "quantization" in abstract; ')
    assert paragraphs[1].endswith('; +5.0 "Sinha, A." in authors')
    assert paragraphs[2:] == [
        "Abhijit Sinha, Łucja Wiśniewska et al.",
        "24 May 2026 · revised 25 May 2026 · version 2 · replaced · cs.LG, cs.CL",
        "Comments: 12 pages; quantization code inside",
        "arXiv:2605.00001 · PDF · Code",
    ]
    assert "Headline made from the abstract; the listing gave no title." in untitled.findtext("description")
    assert "8 authors" in untitled.findtext("description")
    assert "<p></p>" not in crowd.findtext("description")


def test_crowd_is_cut_in_the_text_only() -> None:
    """A collaboration's 3,000 names are all elements, and twenty of them are text."""
    paper = a_paper(authors=[f"Author {n}" for n in range(3000)])
    item = rss(an_archive(an_edition(a_ranked(paper)))).find("item")
    assert len(item.findall(f"{DC}creator")) == 3000
    assert "Author 19, and 2,980 more</p>" in item.findtext("description")


def test_feed_has_whole_papers_and_not_too_many() -> None:
    """At most a hundred entries, the newest and best ones, each paper once."""
    many = [a_ranked(a_paper(f"arxiv:2605.{n:05}")) for n in range(ENTRIES - 1)]
    again = an_edition(
        many[0], a_ranked(a_paper("arxiv:2604.00001")), a_ranked(a_paper("arxiv:2604.00002")), day="2026-05-25"
    )
    ids = texts(rss(an_archive(an_edition(*many, number=2), again)), "item/guid")
    assert len(ids) == ENTRIES
    assert ids[-1].endswith("2604.00001")
    assert len(set(ids)) == ENTRIES


def test_paper_without_any_text_still_has_a_title() -> None:
    """Feeds must name each entry: where a headline cleans to nothing the id stands for it."""
    paper = a_paper("text:abc", ids={}, title=None, headline="\x00", abstract=None, authors=())
    archive = an_archive(an_edition(a_ranked(paper)))
    assert texts(rss(archive), "item/title") == ["text:abc"]
    assert "The listing gave no title." in rss(archive).findtext("item/description")


def test_unknown_format_is_refused_by_name() -> None:
    """A format that nobody registered is a UsageError that offers the nearest."""
    with pytest.raises(UsageError, match=r"no renderer 'atm' .did you mean 'atom'"):
        render(an_archive(), SITE, ["atm"])


def test_same_archive_gives_the_same_bytes() -> None:
    """F15: a hundred renderings are equal, and hash seeds and time zones make no difference."""
    archive = an_archive(*editions())
    first = render(archive, SITE)
    assert all(render(archive, SITE) == first for _ in range(100))
    program = (
        "import hashlib; from rendering_scene import *; from digest.rendering import render\n"
        "print(hashlib.sha256(b''.join(r.content for r in render(an_archive(*editions()), SITE))).hexdigest())"
    )
    here = Path(__file__).parent
    path = ":".join([str(here), str(here.parent), str(here.parents[1])])
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": path, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Los_Angeles"))
    }
    assert len(seen) == 1


def test_entries_are_not_dated_later_than_their_day() -> None:
    """F09: the largest edition's first entry is dated minutes after midnight, not hours."""
    papers = [a_ranked(a_paper(f"arxiv:2605.{n:05}")) for n in range(500)]
    first = datetime.fromisoformat(texts(atom(an_archive(an_edition(*papers))), f"{ATOM}entry/{ATOM}updated")[0])
    assert first - datetime(2026, 5, 26, tzinfo=UTC) < timedelta(minutes=10)


# Everything a Python string can hold, lone surrogates too.
anything = st.text(st.characters(exclude_categories=()), max_size=40)


@given(anything, anything, anything, st.lists(anything, max_size=3), anything, anything)
@settings(max_examples=60, deadline=None)
def test_any_text_in_any_field_comes_back_cleaned(
    title: str, abstract: str, comments: str, authors: list[str], term: str, identifier: str
) -> None:
    """F05: whatever the fields hold, both feeds are well-formed and give the cleaned text back."""
    paper = a_paper(
        f"text:{identifier}",
        ids={"doi": identifier},
        title=title,
        headline=title,
        abstract=abstract,
        comments=comments,
        authors=authors,
        categories=tuple(authors),
        links={"url": f"https://example.org/{identifier}", term: comments},
    )
    ranked = a_ranked(paper, Reason(signal="keyword", term=term, place="title", points=1.0))
    edition = an_edition(ranked, problems=(Problem(term, 1, abstract),))
    archive = an_archive(edition, title=title)
    site = Site(title=comments, note=abstract)
    item = rss(archive, site).find("item")
    entry = atom(archive, site).find(f"{ATOM}entry")
    names = wording.names(paper)
    assert item.findtext("title") == wording.name(paper)
    assert unescape(entry.findtext(f"{ATOM}title")) == wording.name(paper)
    assert texts(item, f"{DC}creator") == names
    assert texts(entry, f"{ATOM}author/{ATOM}name") == names
    assert texts(item, "category") == [name for author in authors if (name := one_line(author))]
    description = Outline(item.findtext("description"))
    assert entry.findtext(f"{ATOM}content") == item.findtext("description")
    assert set(description.tags()) <= {"p", "a"}
    if wording.abstract(paper):
        assert description.texts("p")[0] == " ".join(wording.abstract(paper).split())
    assert all(href.startswith(("http://", "https://", "mailto:")) for href in hrefs_outside(description))


@given(anything)
@settings(max_examples=200)
def test_only_known_schemes_are_ever_written(address: str) -> None:
    """W09: what `href` lets through begins with http, https or mailto and has nothing that ends an attribute."""
    for given_address in (address, f"https://{address}", f"  JavaScript:{address}"):
        written = addresses.href(given_address)
        if written is not None:
            assert written.lower().startswith(("http://", "https://", "mailto:"))
            assert not set(written) & set(' \n\t"<>\\^`{|}')
