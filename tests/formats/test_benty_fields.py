"""`digest.formats.benty_fields`: the page's papers, however a browser copies their buttons."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

BUTTONS = "Show abstract\n|\nShow figures\n|\nShow BibTeX\n|\nShow discussion\n0\n|\nView PDF\n|\n"


def read(text: str) -> list[Listing | Problem]:
    return list(parse(a_document(text)))


@pytest.mark.parametrize(
    "paper",
    [
        f"1.\nCounting papers\nAda Moreau, Keiko Mori\n{BUTTONS}2605.00001v2\nWe count.\nVote\n",
        f"1. Counting papers\nAda Moreau,\nKeiko Mori\n{BUTTONS}2605.00001v2We count.\nVote\n",
        (
            f"1.\n\nCounting papers\n\nAda Moreau\n, Keiko Mori\n\n"
            f"{BUTTONS.replace(chr(10) + '|' + chr(10), ' | ')}2605.00001v2 We count.\n"
        ),
        (
            f"1.\r\nCounting papers\r\nAda Moreau, Keiko Mori\r\n"
            f"{BUTTONS.replace(chr(10), chr(13) + chr(10))}2605.00001v2\r\nWe\r\ncount.\r\n"
        ),
        (
            f"1.\nCounting papers\nAda Moreau, Keiko Mori\n"
            f"{BUTTONS.replace('Show abs', 'Hide abs')}2605.00001v2\nWe count.\n"
        ),
    ],
)
def test_a_paper_is_read_however_it_was_copied(paper: str) -> None:
    """Numbers and ids on lines of their own or glued, buttons in a column or in a row."""
    (found,) = read(f"Papers for Friday 1 May 2026\n{paper}")
    assert (found.title, found.authors) == ("Counting papers", ("Ada Moreau", "Keiko Mori"))
    assert (dict(found.ids), found.version) == ({"arxiv": "2605.00001"}, 2)
    assert (found.abstract, str(found.published)) == ("We count.", "2026-05-01")


def test_a_number_in_an_abstract_begins_no_paper() -> None:
    """Only what has its buttons behind it is one."""
    (found,) = read(
        f"1.\nCounting papers\nAda Moreau\n{BUTTONS}2605.00001v1\nWe count\n2.\nmany papers.\n1.0 of them.\nVote\n"
    )
    assert found.abstract == "We count 2. many papers. 1.0 of them."


def test_where_a_paper_is_printed_is_no_author() -> None:
    """A line with numbers under the authors is a venue."""
    (found,) = read(f"1.\nCounting papers\nAda Moreau\nJournal of Lists, Vol. 3\n{BUTTONS}2605.00001v1\nWe count.\n")
    assert found.authors == ("Ada Moreau",)
    assert found.details == {"venue": "Journal of Lists, Vol. 3"}


def test_what_breaks_off_is_told() -> None:
    """A paper whose id is missing, with its line; those around it are read."""
    items = read(
        f"1.\nOne\nAda Moreau\nShow abstract\n|\nShow BibTeX\n2.\nTwo\nKeiko Mori\n{BUTTONS}2605.00002v1\nText.\n"
    )
    assert isinstance(items[0], Problem)
    assert items[0].line == 1
    assert items[1].title == "Two"
