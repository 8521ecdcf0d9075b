"""JATS and NLM articles."""

from datetime import date

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

TITLE = "<title-group><article-title>T</article-title></title-group>"


def one(meta: str, attributes: str = "") -> Listing:
    front = f"<front><article-meta>{meta}</article-meta></front>"
    (found,) = parse(a_document(f"<article {attributes}>{front}</article>"))
    assert isinstance(found, Listing)
    return found


@pytest.mark.parametrize(
    ("contributors", "names"),
    [
        ("<contrib><name><surname>Kim</surname><given-names>Zoë</given-names></name></contrib>", ("Zoë Kim",)),
        ("<contrib><name><surname>王</surname><given-names>小明</given-names></name></contrib>", ("王小明",)),
        ("<contrib><string-name>Zoë Kim</string-name></contrib>", ("Zoë Kim",)),
        ("<contrib><name><surname>Kim<xref>*</xref></surname></name></contrib>", ("Kim",)),
        ("<contrib><anonymous/></contrib>", ()),
        ('<contrib contrib-type="reviewer"><name><surname>Kim</surname></name></contrib>', ()),
        ("<contrib><collab>LISTS Consortium<xref>1</xref></collab></contrib>", ("LISTS Consortium",)),
        (
            "<contrib><name-alternatives><name xml:lang='zh'>L</name><name>G</name></name-alternatives></contrib>",
            ("G",),
        ),
    ],
)
def test_contributors_are_people(contributors: str, names: tuple[str, ...]) -> None:
    """Authors by their parts, without marks; who reviewed is none."""
    assert one(f"{TITLE}<contrib-group>{contributors}</contrib-group>").authors == names


@pytest.mark.parametrize(
    ("dates", "published", "part"),
    [
        (
            '<pub-date pub-type="epub"><day>02</day><month>05</month><year>2026</year></pub-date>',
            date(2026, 5, 2),
            None,
        ),
        ('<pub-date date-type="pub" iso-8601-date="2026-05-02"/>', date(2026, 5, 2), None),
        ('<pub-date pub-type="ppub"><month>May</month><year>2026</year></pub-date>', None, "2026-05"),
        ('<pub-date pub-type="collection"><year>2026</year></pub-date>', None, "2026"),
        ('<pub-date pub-type="pmc-release"><day>1</day><month>1</month><year>2026</year></pub-date>', None, None),
        ("<pub-date><string-date>May 2, 2026</string-date></pub-date>", date(2026, 5, 2), None),
    ],
)
def test_publication_has_a_day_or_less(dates: str, published: date | None, part: str | None) -> None:
    """Archives' own dates are none of the paper's."""
    found = one(TITLE + dates)
    assert (found.published, found.details.get("date")) == (published, part)


@pytest.mark.parametrize(
    ("abstracts", "said"),
    [
        ("<abstract><p>One.</p><p>Two.</p></abstract>", "One. Two."),
        ("<abstract><title>ABSTRACT</title><p>One.</p></abstract>", "One."),
        ("<abstract><title>Aims</title><p>One.</p></abstract>", "Aims One."),
        ('<abstract abstract-type="teaser"><p>Buy.</p></abstract>', None),
        ('<abstract abstract-type="short"><p>Short.</p></abstract>', "Short."),
        ('<abstract abstract-type="toc"><p>x</p></abstract><abstract><p>One.</p></abstract>', "One."),
        (
            "<abstract><p>Let <inline-formula><tex-math>x^2</tex-math></inline-formula> be.</p></abstract>",
            "Let $x^2$ be.",
        ),
        ("<abstract><p>As <xref>Fig. 1</xref> shows.</p></abstract>", "As Fig. 1 shows."),
    ],
)
def test_of_several_abstracts_the_text_is_taken(abstracts: str, said: str | None) -> None:
    """Sections keep their titles; what is beside the text is left out."""
    assert one(TITLE + abstracts).abstract == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<article><front><article-meta/></front></article>", "an article: without"),
        ("<articles><item><article-meta/></item></articles>", "<item>"),
        ("<article><front><article-meta>" + TITLE, "breaks off"),
    ],
)
def test_what_lists_nothing_says_why(content: str, said: str) -> None:
    """An article without texts, sets of something else, and half an article are problems."""
    (problem,) = parse(a_document(content))
    assert isinstance(problem, Problem)
    assert said in problem.what


def test_an_article_of_html_is_none() -> None:
    """HTML has an element of that name, too."""
    (problem,) = parse(a_document("<article><h1>News</h1><p>Text.</p></article>"))
    assert isinstance(problem, Problem)
    assert "no listing that is known" in problem.what
