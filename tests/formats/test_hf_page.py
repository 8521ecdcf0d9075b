"""The text of a Hugging Face Daily Papers page."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

HEAD = """\
new

Get trending papers in your email inbox!

Subscribe

Daily Papers

byAK and the research community

May 26

"""
ABSTRACT = (
    "We measure how reading lists change when repeated papers are counted once, and find that a tenth of what a "
    "careful reader opens in a week was opened before."
)


def paper(title: str = "Counting papers once", meta: str = "  • 8 authors\n·\nDec 4, 2025 2\n\n") -> str:
    return f"{title}\n\n{ABSTRACT}\n\n{meta}"


def listings(text: str, **known: object) -> list[Listing]:
    items = list(parse(replace(a_document(text), **known)))
    assert not [x for x in items if isinstance(x, Problem)]
    return [x for x in items if isinstance(x, Listing)]


def test_the_head_is_no_paper():
    """The page's head gives nothing, and each paper its title, abstract, number of authors, date and comments."""
    one, two = listings(HEAD + paper() + paper("Once more", "  • 1 author\n·\nJan 10, 2017\n\n"))
    assert (one.title, one.abstract, one.author_count) == ("Counting papers once", ABSTRACT, 8)
    assert (one.published, one.metrics) == (date(2025, 12, 4), {"comment_count": 2})
    assert (two.title, two.author_count, two.published, two.metrics) == ("Once more", 1, date(2017, 1, 10), {})
    assert one.authors == ()


def test_a_page_without_its_head_is_read():
    """A page that was copied without its head is the same page."""
    assert [x.title for x in listings(paper("One") + paper("Two"))] == ["One", "Two"]


def test_a_paper_without_authors_and_date_is_a_paper():
    """A title and an abstract alone are a paper, at the start, in the midst and at the end."""
    found = listings(HEAD + paper("One", "") + paper("Two") + paper("Three", "") + paper("Four", "") + paper("Five"))
    assert [x.title for x in found] == ["One", "Two", "Three", "Four", "Five"]
    assert [x.author_count for x in found] == [None, 8, None, None, 8]


@pytest.mark.parametrize(
    ("dates", "page", "expected"),
    [
        (["May 21", "Dec 4, 2025"], "May 26", date(2026, 5, 21)),
        (["May 21", "Jun 1, 2024", "Jul 3, 2023"], "May 26", date(2025, 5, 21)),
        (["Jan 2", "Dec 30, 2025"], "Jan 5", date(2026, 1, 2)),
        (["Dec 30", "Dec 4, 2025"], "Jan 5", date(2025, 12, 30)),
        (["May 27", "Dec 4, 2025"], "May 26", date(2026, 5, 27)),
        (["Feb 29", "Feb 1, 2023"], "Mar 1", date(2024, 2, 29)),
        (["Feb 29", "Feb 1, 2024"], "Mar 1", None),
        (["May 21"], "May 26", None),
        (["May 21", "Jan 2, 2021"], "May 26", None),
    ],
)
def test_the_year_is_inferred_from_the_page(dates, page, expected):
    """A date without a year is of the year after the latest written one; not later than the page; else unknown."""
    text = HEAD.replace("May 26", page) + "".join(
        paper(f"Paper {i}", f"  • 3 authors\n·\n{day}\n\n") for i, day in enumerate(dates)
    )
    assert listings(text)[0].published == expected


def test_the_year_is_at_least_that_of_an_id():
    """An arXiv id on the page puts the page's year at its own, without any written year."""
    text = HEAD + f"Counting\n\n{ABSTRACT} See arXiv:2605.21700.\n\n  • 3 authors\n·\nMay 21\n\n"
    assert listings(text)[0].published == date(2026, 5, 21)


def test_the_year_is_never_after_the_fetch():
    """A page cannot be younger than its fetching, whatever years it writes."""
    text = HEAD + paper("One", "  • 3 authors\n·\nMay 21\n\n") + paper("Two", "  • 3 authors\n·\nMay 1, 2026\n\n")
    assert listings(text)[0].published == date(2027, 5, 21)
    fetched = datetime(2026, 5, 26, 8, tzinfo=UTC)
    assert listings(text, fetched=fetched)[0].published == date(2026, 5, 21)


@pytest.mark.parametrize(
    ("line", "published", "comments"),
    [
        ("Dec 4, 2025", date(2025, 12, 4), None),
        ("Dec 4, 2025 12", date(2025, 12, 4), 12),
        ("December 4, 2025 1", date(2025, 12, 4), 1),
        ("Sept 4, 2025", date(2025, 9, 4), None),
        ("2025-12-04 3", date(2025, 12, 4), 3),
    ],
)
def test_dates_and_numbers_of_comments(line, published, comments):
    """A number behind a date is the number of comments; a year is none."""
    (one,) = listings(HEAD + paper(meta=f"  • 8 authors\n·\n{line}\n\n"))
    assert one.published == published
    assert one.metrics.get("comment_count") == comments


def test_titles_and_abstracts_may_be_wrapped_or_in_paragraphs():
    """Lines without a blank one between them are one text, and a second long paragraph is abstract."""
    text = HEAD + f"Counting papers\nonce\n\n{ABSTRACT}\n{ABSTRACT}\n\n{ABSTRACT}\n\n  • 8 authors\n·\nDec 4, 2025\n\n"
    (one,) = listings(text)
    assert one.title == "Counting papers once"
    assert one.abstract == " ".join([ABSTRACT] * 3)


def test_a_short_abstract_is_an_abstract():
    """Below a title a short sentence is the abstract; a title alone has none."""
    meta = "  • 8 authors\n·\nDec 4, 2025\n\n"
    one, two, three = listings(HEAD + f"Counting\n\nWe count.\n\n{meta}Alone\n\n{meta}" + paper("Last"))
    assert (one.title, one.abstract) == ("Counting", "We count.")
    assert (two.title, two.abstract) == ("Alone", None)
    assert three.title == "Last"


def test_what_is_no_paper_in_the_midst_is_a_problem():
    """An abstract without a title, and a stray line between papers, are told with their lines."""
    text = HEAD + f"{ABSTRACT}\n\n  • 8 authors\n·\nDec 4, 2025\n\n" + paper() + "Advertisement\n\n" + paper("Last")
    items = list(parse(a_document(text)))
    assert [x.title for x in items if isinstance(x, Listing)] == ["Counting papers once", "Last"]
    problems = [x for x in items if isinstance(x, Problem)]
    assert any("abstract without a title" in p.what and p.line == 13 for p in problems)
    assert any("Advertisement" in p.what for p in problems)


def test_two_pages_in_one_file_are_both_read():
    """The head of a second page in the same file is no problem."""
    found = listings(HEAD + paper("One") + paper("Two") + HEAD + paper("Three"))
    assert [x.title for x in found] == ["One", "Two", "Three"]


def test_numbers_by_themselves_are_neither_titles_nor_lost_papers():
    """A number of votes above a paper, or of comments below its date, disturbs nothing."""
    one, two = listings(HEAD + "23\n\n" + paper(meta="  • 8 authors\n·\nDec 4, 2025\n3\n\n") + "17\n\n" + paper("Two"))
    assert (one.title, one.metrics) == ("Counting papers once", {"comment_count": 3})
    assert two.title == "Two"


def test_short_paragraphs_of_an_abstract_stay_with_it():
    """A short paragraph that ends as no title does belongs to the abstract around it."""
    meta = "  • 8 authors\n·\nDec 4, 2025\n\n"
    one, two = listings(HEAD + f"Counting\n\n{ABSTRACT}\n\nWe find this:\n\n{ABSTRACT}\n\n{meta}" + paper("Last"))
    assert (one.title, one.abstract) == ("Counting", f"{ABSTRACT} We find this: {ABSTRACT}")
    assert two.title == "Last"
