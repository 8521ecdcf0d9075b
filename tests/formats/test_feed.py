"""Feeds of all kinds, and what is odd in them."""

from datetime import date

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def rss(inside: str, more: str = "") -> str:
    return f'<rss version="2.0" {DC} {more}><channel><title>t</title><item>{inside}</item></channel></rss>'


def one(content: str | bytes) -> Listing:
    (found,) = parse(a_document(content))
    assert isinstance(found, Listing), found
    assert found.format == "feed"
    return found


def items(content: str | bytes) -> tuple[list[Listing], list[Problem]]:
    found = list(parse(a_document(content)))
    return [x for x in found if isinstance(x, Listing)], [x for x in found if isinstance(x, Problem)]


@pytest.mark.parametrize(
    ("inside", "ids"),
    [
        ("<guid>oai:arXiv.org:2605.00001v2</guid>", {"arxiv": "2605.00001"}),
        ("<guid>https://doi.org/10.5555/A.1</guid>", {"doi": "10.5555/a.1"}),
        (
            "<link>https://www.biorxiv.org/content/10.1101/2026.05.01.000001v1?rss=1</link>",
            {"doi": "10.1101/2026.05.01.000001"},
        ),
        ("<dc:identifier>doi:10.5555/A.1</dc:identifier>", {"doi": "10.5555/a.1"}),
        ("<dc:identifier>pmid:123456</dc:identifier>", {"pmid": "123456"}),
        ("<guid>10.48550/arXiv.2605.00001</guid>", {"arxiv": "2605.00001"}),
        ("<link>https://journal.example.org/doi/abs/10.5555/A.1?af=R</link>", {"doi": "10.5555/a.1"}),
        ("<link>https://journal.example.org/7</link>", {}),
        ("<description>We answer doi:10.5555/other.1.</description>", {}),
    ],
)
def test_ids_are_found_where_feeds_put_them(inside: str, ids: dict[str, str]) -> None:
    """A name of the paper is one in its own elements and links, never one that its text cites."""
    assert one(rss(f"<title>T</title>{inside}")).ids == ids


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<dc:creator>Ada Moreau</dc:creator><dc:creator>Kim, Zoë</dc:creator>", ("Ada Moreau", "Zoë Kim")),
        ("<dc:creator>Moreau, A., Kim, Z. H.</dc:creator>", ("A. Moreau", "Z. H. Kim")),
        ("<dc:creator>Ada Moreau, Zoë Kim and Tomás Říha</dc:creator>", ("Ada Moreau", "Zoë Kim", "Tomás Říha")),
        ("<dc:creator>&lt;a href='x'&gt;Ada Moreau&lt;/a&gt; (Lyon), Zoë Kim</dc:creator>", ("Ada Moreau", "Zoë Kim")),
        ("<author>ada@example.org (Ada Moreau)</author>", ("Ada Moreau",)),
        ("<author>noreply@example.org</author>", ()),
        ("<dc:creator>van der Berg, Lotte</dc:creator>", ("Lotte van der Berg",)),
        ("<dc:creator>ATLAS Collaboration</dc:creator>", ("ATLAS Collaboration",)),
        ("<dc:creator>王小明</dc:creator><dc:creator>李雷</dc:creator>", ("王小明", "李雷")),
        ("<dc:creator>Sinha, A.; Kathania, H. K.</dc:creator>", ("A. Sinha", "H. K. Kathania")),
    ],
)
def test_authors_are_people(inside: str, names: tuple[str, ...]) -> None:
    """One element for each name or a list in one, the family name first or last; an address is nobody."""
    assert one(rss(f"<title>T</title>{inside}")).authors == names


@pytest.mark.parametrize(
    ("inside", "title", "abstract"),
    [
        ("<title>a &lt;i&gt;b&lt;/i&gt; &amp;amp; c</title>", "a b & c", None),
        ("<title><![CDATA[H<sub>2</sub>O]]></title>", "H2O", None),
        ("<title>x</title><description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description>", "x", "One. Two."),
        ("<title>x</title><description>if n&lt;m and m&gt;k then</description>", "x", "if n<m and m>k then"),
        ("<title>x</title><description><p>Not <b>quoted</b>.</p></description>", "x", "Not quoted."),
        ("<description>Only a text.</description>", None, "Only a text."),
        ("<title>$\\alpha$ &lt; 5</title>", "$\\alpha$ < 5", None),
    ],
)
def test_markup_becomes_text(inside: str, title: str | None, abstract: str | None) -> None:
    """Elements and entities of HTML are gone from titles and texts, and what only looks like them stays."""
    found = one(rss(inside))
    assert (found.title, found.abstract) == (title, abstract)


@pytest.mark.parametrize(
    ("inside", "published", "told"),
    [
        ("<pubDate>Mon, 01 Jan 2024 00:00:00 -0500</pubDate>", date(2024, 1, 1), None),
        ("<dc:date>2024-01-01T23:59:59Z</dc:date>", date(2024, 1, 1), None),
        ("<dc:date>2024-01</dc:date>", None, "2024-01"),
        ("<dc:date>Spring 2024</dc:date>", None, "2024"),
        ("<pubDate>yesterday</pubDate><dc:date>2024-01-01</dc:date>", date(2024, 1, 1), None),
        ("<pubDate>Mon, 31 Feb 2024 00:00:00 GMT</pubDate>", None, "2024"),
        ("<pubDate></pubDate>", None, None),
    ],
)
def test_dates_are_days_or_details(inside: str, published: date | None, told: str | None) -> None:
    """Where no whole day is told none is made up."""
    found = one(rss(f"<title>T</title>{inside}"))
    assert (found.published, found.details.get("date")) == (published, told)


ITEM = "<item><title>Étagères</title><link>https://lists.example.org/1</link></item>"


@pytest.mark.parametrize(
    "content",
    [
        f'<?xml version="1.0"?><rss version="2.0"><channel>{ITEM}</channel></rss>'.encode(),
        f'\ufeff<?xml version="1.0"?><rss version="2.0"><channel>{ITEM}</channel></rss>'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?><rss><channel>{ITEM}</channel></rss>'.encode("utf-16"),
        f'<?xml version="1.0" encoding="iso-8859-1"?><rss><channel>{ITEM}</channel></rss>'.encode("latin1"),
        f'<?xml version="1.0" encoding="nonsense"?><rss><channel>{ITEM}</channel></rss>'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?><rss><channel>{ITEM}</channel></rss>'.encode(),
        f"<rss><channel>{ITEM}</channel></rss>".encode("latin1"),
        f'<!DOCTYPE rss SYSTEM "rss.dtd">\n<!-- c --><rss><channel>{ITEM}</channel></rss>'.encode(),
        f'<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel/>{ITEM}</rdf:RDF>'.encode(),
        f'<x:rss xmlns:x="http://backend.userland.com/rss2"><channel>{ITEM}</channel></x:rss>'.encode(),
        f"<rss><channel>{ITEM.replace('É', '&Eacute;')}</channel></rss>".encode(),
        f"<rss><channel>\x07{ITEM}</channel></rss>".encode(),
    ],
)
def test_encodings_and_wrappings_make_no_difference(content: bytes) -> None:
    """Whatever the encoding is, says it is, or is not: the entry is the same, and nothing was wrong."""
    found = one(content)
    assert (found.title, found.links) == ("Étagères", {"url": "https://lists.example.org/1"})


def test_two_feeds_in_one_file_are_both_read() -> None:
    """Documents one after another, each with its declaration, are one stream."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    whole = f"{head}<rss><channel>{ITEM}</channel></rss>\n"
    listings, problems = items(whole + whole + f"{head}<feed><entry><title>x</title><updated/></entry></feed>")
    assert [x.title for x in listings] == ["Étagères", "Étagères", "x"]
    assert [x.position.line for x in listings] == [2, 4, 6]
    assert problems == []


def test_an_empty_feed_is_no_problem() -> None:
    """On a day without announcements a feed lists nothing, and nothing is wrong."""
    assert items(
        '<rss version="2.0"><channel><title>t</title><skipDays><day>Sunday</day></skipDays></channel></rss>'
    ) == ([], [])
    assert items('<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><updated/></feed>') == ([], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "<rss><channel><title>Feed error for query: x</title><description>no such</description></channel></rss>",
            "no such",
        ),
        ("<rss><channel><title>t</title><itex><title>T</title></itex></channel></rss>", "<itex>"),
        ("<rss><channel><item><title>T", "breaks off"),
        ("<rss><channel><item/></channel></rss>", "without a title"),
    ],
)
def test_what_lists_nothing_says_why(content: str, said: str) -> None:
    """A feed that tells an error, holds something else, or breaks off in its first entry is told."""
    listings, (problem,) = items(content)
    assert listings == []
    assert said in problem.what


def test_an_entry_that_breaks_off_is_told_and_not_read() -> None:
    """Of a half-written feed the whole entries are read."""
    listings, problems = items(f"<rss><channel>{ITEM}\n<item><title>Half</title><descr")
    assert [x.title for x in listings] == ["Étagères"]
    assert [x.line for x in problems] == [2]


def test_a_missing_end_tag_costs_no_entry() -> None:
    """Where an entry is not closed the entries are read all the same, and the break is told."""
    listings, problems = items(f"<rss><channel><item><title>One</title>{ITEM}{ITEM}</channel></rss>")
    assert sorted(x.title or "" for x in listings) == ["One", "Étagères", "Étagères"]
    assert len(problems) == 1


def test_links_are_addresses() -> None:
    """Only absolute addresses of the web are links."""
    assert one(rss("<title>T</title><link>javascript:alert(1)</link><guid>/relative</guid>")).links == {}
    assert one(rss("<title>T</title><guid>https://a.example.org/1</guid>")).links == {"url": "https://a.example.org/1"}
