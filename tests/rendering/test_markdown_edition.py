"""Markdown editions: complete, and whatever a source said is text in them."""

import re
from html.parser import HTMLParser

import markdown
import pytest
from builders import a_paper, a_ranked, a_reason, an_edition
from hostile import collected, texts
from hypothesis import given
from hypothesis import strategies as st
from rendering_scene import SITE, Outline, an_archive, editions

from digest.model import Archive, Position, Section, Site
from digest.rendering import render, wording
from digest.rendering.commonmark import destination, link, text
from digest.text import one_line

DIALECTS = {"plain": [], "extra": ["extra", "admonition", "sane_lists", "toc", "wikilinks", "nl2br"]}
"""Two of the package's: as it is, and with what gives more signs a meaning."""


class Shown(HTMLParser):
    """What a browser makes of HTML: its text and the elements in it. Comments and the like count as elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.tags.append("!--")

    handle_decl = handle_pi = unknown_decl = handle_comment


def md(archive: Archive, site: Site = SITE) -> str:
    return render(archive, site, ["md"])[0].content.decode()


def page(archive: Archive, site: Site = SITE) -> Outline:
    return Outline(markdown.markdown(md(archive, site), output_format="html"))


def assert_is_text(said: str, dialect: str) -> None:
    shown = Shown(markdown.markdown(text(said), extensions=DIALECTS[dialect]))
    assert " ".join(shown.text.split()) == " ".join(one_line(said).split())
    assert set(shown.tags) <= {"p"}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(texts | st.text())
def test_every_text_comes_back_as_text(dialect: str, said: str) -> None:
    """W08: what is escaped and rendered shows what was said, without a single element of its own."""
    assert_is_text(said, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_collected_attacks_come_back_as_text(dialect: str) -> None:
    """W08: every naughty string and every XSS vector is shown as it stands."""
    attacks = collected()
    if not attacks:
        pytest.skip("the folder of real data, ../shared, is not here")
    for said in attacks:
        assert_is_text(said, dialect)


@given(texts)
def test_a_label_stays_inside_its_link(said: str) -> None:
    """A title is all of the link's text, and the link leads where it should."""
    html = markdown.markdown(link(said, "https://example.org/a_(b)?c=1&copy=2#d"))
    outline = Outline(html)
    assert outline.tags() == ["p", "a"]
    assert outline.texts("a") == [" ".join(one_line(said).split())]
    assert outline.values("href") == ["https://example.org/a_%28b%29?c=1&copy=2#d"]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("5 * 3 * 2", r"5 \* 3 \* 2"),
        ("snake_case", r"snake\_case"),
        ("1. First", r"1\. First"),
        ("2) Second", r"2\) Second"),
        ("- item", r"\- item"),
        ("+3.0 points", r"\+3.0 points"),
        ("3.5 is a number", "3.5 is a number"),
        ("# Head #tag", r"\# Head \#tag"),
        ("saves $5 and $10", "saves &#36;5 and &#36;10"),
        ("~~gone~~", "&#126;&#126;gone&#126;&#126;"),
        ("==lit== %%hid%%", "&#61;&#61;lit&#61;&#61; &#37;&#37;hid&#37;&#37;"),
        ("a | b", "a &#124; b"),
        ("AT&T, R&D, a & b, &copy;", "AT&amp;T, R&amp;D, a & b, &amp;copy;"),
        ("see https://x.org and www.y.org", r"see https&#58;//x.org and www\.y.org"),
        ("ratio 1:2, :smile:", "ratio 1:2, &#58;smile:"),
        ("= setext", "&#61; setext"),
        ("{{ liquid }} [[wiki]]", r"\{\{ liquid \}\} \[\[wiki\]\]"),
    ],
)
def test_signs_are_escaped_where_they_would_mean_something(said: str, written: str) -> None:
    """Signs of CommonMark, GitHub, Obsidian and site generators are escaped; plain prose stays readable."""
    assert text(said) == written


@pytest.mark.parametrize(
    ("href", "written"),
    [
        ("https://x.org/a(b)c", "https://x.org/a%28b%29c"),
        ("https://x.org/?a=1&copy;=2&b=$c$", "https://x.org/?a=1&amp;copy;=2&b=%24c%24"),
        ("https://[::1]:80/[a]", "https://[::1]:80/%5Ba%5D"),
        ("mailto:ana@x.org", "mailto:ana@x.org"),
        ("https://x.org/a_b~c*", "https://x.org/a_b~c*"),
    ],
)
def test_addresses_end_where_they_end(href: str, written: str) -> None:
    """What would close a link early, or mean something inside it, is percent-encoded."""
    assert destination(href) == written


def test_an_edition_is_complete() -> None:
    """Each paper has its title with a link, authors, facts, score, reasons, abstract, comments, links and places."""
    tuesday, monday = editions()
    outline = page(an_archive(tuesday, monday))
    everything = " ".join(outline.texts("h1", "h2", "p", "li"))
    assert outline.texts("h1") == ["Efficient inference: Tuesday, 26 May 2026"]
    assert outline.texts("h2") == [
        f"{rank}. {wording.name(ranked.paper)}" for rank, ranked in enumerate(tuesday.digest.ranked, start=1)
    ]
    for ranked in tuesday.digest.ranked:
        paper = ranked.paper
        told = [*wording.names(paper), wording.cut(paper), *wording.facts(paper), wording.abstract(paper)]
        told += [wording.comments(paper), wording.untitled(paper), *map(str, ranked.score.reasons)]
        told += [
            f"Score {wording.points(ranked.score.total)}",
            *(wording.listed_at(x.position) for x in paper.listings),
        ]
        assert [text for text in told if text not in everything] == []
    assert "monday.txt:7: an abstract without authors" in outline.texts("li")
    assert "4 of 16 papers; 7 more below the threshold" in everything
    assert outline.values("href")[:2] == [
        "https://example.org/digest/efficient/2026-05-26.html",
        "https://arxiv.org/abs/2605.00001",
    ]
    assert set(outline.tags()) == {"h1", "h2", "p", "a", "strong", "ul", "li", "hr"}


def test_a_quiet_day_says_why() -> None:
    """An edition without papers tells what became of those that were listed."""
    _, monday = editions()
    assert wording.quiet(monday.digest) in page(an_archive(monday)).texts("p")


def test_sections_have_headings_of_their_own() -> None:
    """With two sections, papers are one level deeper; ranks count on."""
    edition = an_edition(a_ranked())
    sections = tuple(Section(title=name, ranked=(a_ranked(),)) for name in ("Must *read*", "Rest"))
    digest = type(edition.digest)(
        profile="ana", title="Ana", day=edition.digest.day, sections=sections, tally=edition.digest.tally
    )
    outline = page(an_archive(type(edition)(digest=digest, number=1, issued=edition.issued), profile="ana"))
    assert outline.texts("h2") == ["Must *read*", "Rest"]
    assert outline.texts("h3") == ["1. Counting papers once", "2. Counting papers once"]


def test_one_rendition_for_each_recent_edition() -> None:
    """`<folder>/<day>.md`, and the same bytes when it is rendered again."""
    archive = an_archive(*editions())
    first, second = render(archive, SITE, ["md"]), render(archive, SITE, ["md"])
    assert [(r.path, r.media_type) for r in first] == [
        ("efficient/2026-05-26.md", "text/markdown"),
        ("efficient/2026-05-25.md", "text/markdown"),
    ]
    assert first == second


def test_without_an_address_of_the_site_nothing_leads_there() -> None:
    """Where nobody said where the folder is served, the edition's page is not linked."""
    assert "web" not in md(an_archive(*editions()), Site())


@given(texts, texts, texts)
def test_hostile_editions_have_only_the_elements_of_an_edition(one: str, two: str, three: str) -> None:
    """W08, W09: whatever stands in whichever field, no element is the source's, and no scheme but the three."""
    listing = type("L", (), {"position": Position(one, 3)})
    paper = a_paper(
        f"text:{one}",
        ids={"arxiv": two, "doi": three},
        title=one,
        headline=one,
        abstract=two,
        authors=(three, two),
        comments=one,
        categories=(three,),
        links={two: f"javascript:{one}", three: f"https://x.org/{two}"},
        listings=(listing,),
    )
    edition = an_edition(a_ranked(paper, a_reason(1.0, one, two)), profile="ana", title=three)
    outline = page(an_archive(edition, profile="ana", title=three), Site(title=two))
    assert set(outline.tags()) <= {"h1", "h2", "p", "a", "strong", "hr"}
    assert len(outline.texts("h2")) == 1
    assert all(re.match("https?://|mailto:", href) for href in outline.values("href"))
