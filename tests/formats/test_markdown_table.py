"""`digest.formats.markdown_table`: rows of tables, whatever their columns are called."""

import pytest
from builders import a_document

from digest.formats import parse, recognise
from digest.formats.head import head
from digest.model import Listing, Problem

ABS = "https://arxiv.org/abs/2605.00001"


def read(text: str) -> list[Listing | Problem]:
    return list(parse(a_document(text)))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("| Title | Authors | Link |", f"| Counting papers | Ada Moreau | [Read more]({ABS}) |"),
        ("Paper | Author | PDF", f"Counting papers | Ada Moreau | {ABS}"),
        ("| Date | **Title** | Authors |", f"| 2026-05-01 | [Counting papers]({ABS}) | Ada Moreau |"),
        ("| # | Paper Title | Authors | arXiv |", "| 1 | **Counting papers** | Ada Moreau | 2605.00001 |"),
        (
            "| Paper | Authors | Links |",
            f"| Counting papers | Ada Moreau | [Paper]({ABS}), [Code](https://github.com/a/b) |",
        ),
        ("| 标题 | 作者 | 链接 |", f"| Counting papers | Ada Moreau | [链接]({ABS}) |"),
    ],
)
def test_columns_are_known_by_their_names(header: str, row: str) -> None:
    """In any order, with bars around the row or not."""
    bars = header.strip("|").count("|")
    text = f"{header}\n|{'---|' * (bars + 1)}\n{row}\n"
    assert [one.NAME for one in recognise(head(text.encode()))] == ["markdown_table"]
    (found,) = read(text)
    assert (found.title, found.authors, dict(found.ids)) == (
        "Counting papers",
        ("Ada Moreau",),
        {"arxiv": "2605.00001"},
    )
    assert ABS in (*found.links.values(), ABS if "arXiv" in header else "")


def test_a_title_in_bold_parts_from_what_follows_it() -> None:
    """`1) **Title** - what it is about` in one cell; the links in another."""
    (found,) = read(
        f"| **Paper** | **Links** |\n|--|--|\n"
        f"| 1) **Counting papers** - shorter lists. | [Paper]({ABS}), [Tweet](https://x.org/1) |\n"
    )
    assert found.title == "Counting papers"
    assert found.details == {"note": "shorter lists."} or found.details == {"note": "shorter lists"}
    assert found.links == {"abs": ABS, "blog": "https://x.org/1"}


def test_an_abstract_that_opens_in_a_cell_is_one() -> None:
    """`<details>` in a cell is how some tables hold an abstract."""
    (found,) = read(
        f"| **Title** | **Date** | **Abstract** | **Comment** |\n|---|---|---|---|\n"
        f"| **[Counting papers]({ABS})** | 2026-05-01 | <details><summary>Show</summary>We count.</details>|8 pages|\n"
    )
    assert (found.title, found.abstract, found.comments) == ("Counting papers", "We count.", "8 pages")
    assert str(found.published) == "2026-05-01"


def test_too_many_cells_are_one_text_and_too_few_are_empty() -> None:
    """A bar that no backslash stands before is a part of the longest text."""
    one, two = read(
        f"| Title | Summary | Link |\n|--|--|--|\n| Alpha lists | one | two | [x]({ABS}) |\n"
        f"| [Beta lists](https://arxiv.org/abs/2605.00002) |\n"
    )
    assert (one.details["summary"], one.ids["arxiv"]) == ("one | two", "2605.00001")
    assert (two.title, dict(two.details)) == ("Beta lists", {})


def test_other_tables_list_nothing() -> None:
    """A table of numbers, or of things that are no papers."""
    for text in (
        "| Name | Value |\n|--|--|\n| a | 1 |\n",
        "| Model | Code |\n|--|--|\n| Net | [link](https://github.com/a/b) |\n",
        "a | b\n",
    ):
        (problem,) = read(text)
        assert isinstance(problem, Problem)
        assert "no listing that is known" in problem.what
