"""DBLP's XML."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem


def one(inside: str, kind: str = "article") -> Listing:
    (found,) = parse(
        a_document(f'<dblp><{kind} mdate="2026-01-01" key="x/y"><title>T.</title>{inside}</{kind}></dblp>')
    )
    assert isinstance(found, Listing)
    return found


@pytest.mark.parametrize(
    ("written", "name"),
    [("Wei Wang 0001", "Wei Wang"), ("Louis XIV", "Louis XIV"), ("J&ouml;rg M.", "Jörg M."), ("王小明 0023", "王小明")],
)
def test_a_number_behind_a_name_is_no_name(written: str, name: str) -> None:
    """It tells namesakes apart."""
    assert one(f"<author>{written}</author>").authors == (name,)


@pytest.mark.parametrize(
    ("inside", "ids", "links"),
    [
        ("<ee>https://doi.org/10.5555/A</ee>", {"doi": "10.5555/a"}, {"doi": "https://doi.org/10.5555/A"}),
        (
            "<ee>http://arxiv.org/abs/2605.00001</ee>",
            {"arxiv": "2605.00001"},
            {"abs": "http://arxiv.org/abs/2605.00001"},
        ),
        (
            "<ee>https://openreview.net/forum?id=ab12</ee>",
            {"openreview": "ab12"},
            {"url": "https://openreview.net/forum?id=ab12"},
        ),
        ("<volume>abs/2605.00001</volume><journal>CoRR</journal>", {"arxiv": "2605.00001"}, {}),
        ("<volume>abs/2605.00001</volume><journal>Other</journal>", {}, {}),
        ("<isbn>978-0-306-40615-7</isbn>", {"isbn": "9780306406157"}, {}),
        ("<url>db/x.html#y</url>", {}, {"dblp": "https://dblp.org/db/x.html#y"}),
    ],
)
def test_electronic_editions_name_the_paper(inside: str, ids: dict[str, str], links: dict[str, str]) -> None:
    """DOIs, arXiv ids and others come from the links; CoRR's volumes are arXiv's ids."""
    found = one(inside)
    assert (found.ids, found.links) == (ids, links)


@pytest.mark.parametrize(
    ("inside", "told"),
    [("<year>2026</year>", "2026"), ("<month>May</month><year>2026</year>", "2026-05"), ("<year>x</year>", None)],
)
def test_a_year_or_a_month_is_no_day(inside: str, told: str | None) -> None:
    """DBLP tells no days."""
    found = one(inside)
    assert (found.published, found.details.get("date")) == (None, told)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<dblp><book key="x" mdate="y"><year>2026</year></book></dblp>', "x: without a title"),
        ("<dblp><artikel>x</artikel></dblp>", "<artikel>"),
        ('<result><hits sent="1"><hit><info/></hit></hits></result>', "a hit without a title"),
        ('<dblp><article key="x" mdate="y"><title>T', "breaks off"),
    ],
)
def test_what_lists_nothing_says_why(content: str, said: str) -> None:
    """Records without a title, and what is none, are problems."""
    (problem,) = parse(a_document(content))
    assert isinstance(problem, Problem)
    assert said in problem.what


def test_people_are_no_papers() -> None:
    """Their records list nothing, and nothing is wrong with them."""
    page = '<www mdate="2020-01-01" key="homepages/m/A"><author>Ada Moreau</author><title>Home Page</title></www>'
    assert list(parse(a_document(f"<dblp>{page}</dblp>"))) == []


def test_a_record_may_stand_alone() -> None:
    """With its key and day it is known without anything around it."""
    (found,) = parse(a_document('<book mdate="2026-01-01" key="books/x"><title>T.</title></book>'))
    assert isinstance(found, Listing)
    assert found.details["type"] == "book"
