"""`digest.formats.arxiv_page`: lists, results and papers' pages as text."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem


def read(text: str) -> list[Listing | Problem]:
    return list(parse(a_document(text)))


@pytest.mark.parametrize(
    "text",
    [
        (
            "[1] arXiv:2605.00001 [pdf, html, other]\nTitle: Counting papers\nAda Moreau, Keiko Mori\n"
            "Subjects: Lists (cs.DL)\n"
        ),
        (
            "[1]  arXiv:2605.00001 [pdf, ps, other]\nTitle: Counting papers\n"
            "Authors: Ada Moreau, Keiko Mori\nSubjects: Lists (cs.DL)\n"
        ),
        (
            "arXiv:2605.00001 [pdf, other]\n\nTitle:\n          Counting papers\n\n"
            "Ada Moreau, Keiko Mori\n\nSubjects:\nLists (cs.DL)\n"
        ),
        (
            "[10] arXiv:2605.00001 [pdf]\nTitle: Counting\n  papers\nAuthors: Ada Moreau,\n"
            "  Keiko Mori\nSubjects: Lists (cs.DL)\n"
        ),
        "1. arXiv:2605.00001 [pdf, other] cs.DL\nCounting papers\nAuthors: Ada Moreau, Keiko Mori\n",
        "1. arXiv:2605.00001 [pdf]\ncs.DL\nCounting papers\nAuthors: Ada Moreau, Keiko Mori\n",
        (
            "arXiv:2605.00001 (cs)\n[Submitted on 1 May 2026]\nTitle:Counting papers\n"
            "Authors:Ada Moreau, Keiko Mori\nView PDF\n"
            "Abstract:We count.\nSubjects:\tLists (cs.DL)\n"
        ),
    ],
)
def test_a_paper_is_read_in_every_skin(text: str) -> None:
    """Lists of before and after 2024, results, a paper's own page."""
    (found,) = read(text)
    assert isinstance(found, Listing)
    assert found.format == "arxiv_page"
    assert (found.title, found.authors) == ("Counting papers", ("Ada Moreau", "Keiko Mori"))
    assert (dict(found.ids), found.categories) == ({"arxiv": "2605.00001"}, ("cs.DL",))


def test_a_recent_list_tells_the_day_of_each_part() -> None:
    """Each heading holds until the next."""
    one, two = read(
        "Tue, 26 May 2026 (showing 1 of 1 entries )\n[1] arXiv:2605.00001 [pdf]\nTitle: One\n"
        "Ada Moreau\nSubjects: Lists (cs.DL)\n\n"
        "Mon, 25 May 2026 (showing 1 of 1 entries )\n[2] arXiv:2605.00002 [pdf]\nTitle: Two\n"
        "Ada Moreau\nSubjects: Lists (cs.DL)\n"
    )
    assert (str(one.published), str(two.published)) == ("2026-05-26", "2026-05-25")
    assert one.kind is None


def test_the_foot_of_a_page_is_no_abstract() -> None:
    """What stands behind the last paper belongs to the page."""
    (found,) = read(
        "[1] arXiv:2605.00001 [pdf]\nTitle: One\nAda Moreau\nSubjects: Lists (cs.DL)\n\n"
        "Total of 1 entries\nAbout\nHelp\n"
    )
    assert found.abstract is None


def test_a_paper_without_a_title_is_a_problem() -> None:
    """With its id and its line."""
    one, two = read("[1] arXiv:2605.00001 [pdf]\n\n[2] arXiv:2605.00002 [pdf]\nTitle: Two\nAda Moreau\n")
    assert (one.line, "2605.00001" in one.what) == (1, True)
    assert two.title == "Two"


def test_an_id_in_a_sentence_begins_no_paper() -> None:
    """Only one with its forms in brackets, or its submission under it."""
    (found,) = read(
        "[1] arXiv:2605.00001 [pdf]\nTitle: One\nAda Moreau\nComments: follow-up to\n"
        "arXiv:2505.00009\nSubjects: Lists (cs.DL)\n"
    )
    assert found.comments == "follow-up to arXiv:2505.00009"
