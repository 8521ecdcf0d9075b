"""`digest.formats.daily_markdown`: headings that are papers, and labelled lines under them."""

import pytest
from builders import a_document

from digest.formats import parse, recognise
from digest.formats.head import head
from digest.model import Listing, Problem

ABS = "https://arxiv.org/abs/2605.00001"


def read(text: str) -> list[Listing | Problem]:
    return list(parse(a_document(text), "daily_markdown"))


@pytest.mark.parametrize(
    "text",
    [
        f"### [1] [Counting papers]({ABS})\n*Ada Moreau,In Cho,Keiko Mori*\n\nAbstract: We count.\n",
        (
            f"## Counting papers\n**Authors**: Ada Moreau, In Cho, Keiko Mori\n**Link**: [arXiv]({ABS})\n\n"
            f"**Abstract**:\nWe count.\n"
        ),
        (
            f"## 1. Counting papers\n- **Authors:** Ada Moreau, In Cho, Keiko Mori\n- **URL:** <{ABS}>\n"
            f"- **Abstract:** We count.\n"
        ),
        (
            f"### Title:\n   Counting papers\n - **Authors:** Ada Moreau, In Cho, Keiko Mori\n"
            f" - **Arxiv link:** {ABS}\n - **Abstract**\n We count.\n"
        ),
        f"**Counting papers**\n\nAuthors: Ada Moreau, In Cho, Keiko Mori\nLink: {ABS}\nAbstract: We count.\n",
        (
            f"## Counting papers\n> Authors: Ada Moreau, In Cho, Keiko Mori\n> [arXiv]({ABS})\n\n"
            f"<details><summary>Abstract</summary>\nWe count.\n</details>\n"
        ),
        (
            f"## 📌 [Counting papers]({ABS})\n\n👥 **Authors**: Ada Moreau, In Cho, Keiko Mori\n\n"
            f"📝 **Abstract**: We count.\n"
        ),
        f"Title: Counting papers\nAuthors: Ada Moreau, In Cho, Keiko Mori\nURL: {ABS}\nAbstract: We count.\n",
        f"### Counting papers\n【作者】Ada Moreau, In Cho, Keiko Mori\n【链接】{ABS}\n【摘要】We count.\n",
        (
            f"Counting papers\n===============\n\nAuthors: Ada Moreau, In Cho, Keiko Mori\n\n"
            f"Abstract: We count.\n\n[PDF]({ABS})\n"
        ),
    ],
)
def test_a_section_is_a_paper(text: str) -> None:
    """The shapes that programs publish: what is labelled is read, wherever the title and the link stand."""
    (found,) = read(text)
    assert isinstance(found, Listing)
    assert found.title.removeprefix("📌 ") == "Counting papers"
    assert found.authors == ("Ada Moreau", "In Cho", "Keiko Mori")
    assert found.abstract == "We count."
    assert dict(found.ids) == {"arxiv": "2605.00001"}
    assert [one.NAME for one in recognise(head(text.encode()))] == ["daily_markdown"]


def test_what_a_model_wrote_is_no_abstract() -> None:
    """Summaries, by whatever name, are details."""
    (found,) = read(f"## [Alpha lists]({ABS})\n**Summary:** s\n**TL;DR**: t\n**Key Insight:** k\nMotivation: m\n")
    assert found.abstract is None
    assert found.details == {"summary": "s", "tldr": "t", "key_insight": "k", "motivation": "m"}


def test_an_abstract_in_parts_stays_one() -> None:
    """Methods and results inside of an abstract are not taken out of it."""
    (found,) = read(f"## [Alpha lists]({ABS})\nAbstract: Background: b.\n\nMethods: m.\n\nResults: r.\n")
    assert found.abstract == "Background: b. Methods: m. Results: r."


def test_headings_tell_the_day_and_the_category() -> None:
    """The day of the nearest heading that names one; arXiv's categories by their codes."""
    one, two = read(
        f"# Papers of 26 May 2026\n## cs.DL [[Back]](#toc)\n### [Alpha lists]({ABS})\nAuthors: Ada Moreau\n"
        "# 2026-05-27\n### [Beta lists](https://arxiv.org/abs/2605.00002)\n"
        "Subjects: Robotics (cs.RO); Vision (cs.CV)\n"
    )
    assert (str(one.published), one.categories) == ("2026-05-26", ("cs.DL",))
    assert (str(two.published), two.categories) == ("2026-05-27", ("cs.RO", "cs.CV"))


def test_a_date_of_two_numbers_is_no_day() -> None:
    """05/10/2026 is in May or in October."""
    (found,) = read(f"# Papers 05/10/2026\n## [Alpha lists]({ABS})\nAuthors: Ada Moreau\n")
    assert found.published is None


def test_a_file_that_breaks_off_gives_whole_papers_only() -> None:
    """The last one, whose details are not closed, is told."""
    one, problem = read(
        f"## [Alpha lists]({ABS})\n<details>\nAbstract: a\n</details>\n"
        f"## [Beta lists](https://arxiv.org/abs/2605.00002)\n<details>\nAbstract: b"
    )
    assert one.title == "Alpha lists"
    assert (problem.line, "breaks off" in problem.what) == (5, True)


def test_other_papers_under_one_are_papers_too() -> None:
    """A section of a paper may list others."""
    one, two = read(f"## [Alpha lists]({ABS})\n*Ada Moreau*\n- [Beta lists](https://arxiv.org/abs/2605.00002)\n")
    assert (one.title, two.title) == ("Alpha lists", "Beta lists")
