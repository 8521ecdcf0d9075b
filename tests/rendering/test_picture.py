"""The picture of the day: what it shows is true, said in words too, and small."""

import re

import pytest
from builders import a_paper, a_ranked, a_reason, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from rendering_scene import SITE, Outline, an_archive

from digest.model import Edition, Ranked
from digest.rendering import html
from digest.rendering.picture import Picture, picture


def ranked(number: int, points: float, term: str = "reading") -> Ranked:
    return a_ranked(a_paper(f"arxiv:2605.{number:05}"), a_reason(points, term, "title"))


def edition(*points: tuple[float, str]) -> Edition:
    return an_edition(*(ranked(n, score, term) for n, (score, term) in enumerate(points)))


def drawn(*points: tuple[float, str]) -> Picture:
    made = picture(edition(*points))
    assert made
    return made


def figure(edition: Edition) -> str:
    page = html.render(an_archive(edition, profile="ana"), SITE)[0].content.decode()
    return "".join(re.findall(r"<figure.*?</figure>", page, re.DOTALL))


def heights(path: str) -> dict[int, int]:
    """What a reader sees: for each bar, counted from 0, how high it is."""
    return {(int(x) - 5) // 10: int(high) for x, high in re.findall(r"M(\d+) 32v-(\d+)", path)}


DAY = ((8.0, "ice"), (4.0, "graph"), (4.0, "ice"), (2.0, "graph"), (1.0, "ice"))


def test_bars_stand_at_their_rank_as_high_as_their_score() -> None:
    """Each term's row has its papers at their places; the best paper's bar takes all the height."""
    made = drawn(*DAY)
    assert [(row.label, heights(row.bars)) for row in made.rows] == [
        ("ice", {0: 32, 2: 16, 4: 4}),
        ("graph", {1: 16, 3: 8}),
    ]
    assert made.outline == "M0 32V0h10V16h20V24h10V28h10V32z"
    assert (made.width, made.height) == (50, 32)


def test_what_the_bars_show_is_also_said() -> None:
    """Each row counts its papers, tells their best score and leads to that paper; the caption sums up the day."""
    made = drawn(*DAY)
    assert [(row.aside, row.href) for row in made.rows] == [
        ("3 papers, best 8.0", "#arxiv:2605.00000"),
        ("2 papers, best 4.0", "#arxiv:2605.00001"),
    ]
    assert made.caption == "5 papers, best score 8.0, half of them 4.0 or more."
    outline = Outline(figure(edition(*DAY)))
    assert outline.texts("li") == ["ice 3 papers, best 8.0", "graph 2 papers, best 4.0"]
    assert all(attributes["aria-hidden"] == "true" for tag, attributes in outline.elements if tag == "svg")


def test_paper_belongs_to_the_term_that_gave_it_most() -> None:
    """Points are added over the places; the first of equal terms counts, and spellings that differ in case are one."""
    papers = [
        a_ranked(a_paper("text:1"), a_reason(3.0, "a", "title"), a_reason(2.0, "b"), a_reason(2.0, "b", "title")),
        a_ranked(a_paper("text:2"), a_reason(2.0, "A"), a_reason(2.0, "B", "title")),
        a_ranked(a_paper("text:3"), a_reason(1.0, "c"), a_reason(-9.0, "d")),
    ]
    made = picture(an_edition(*papers))
    assert made
    assert [(row.label, sorted(heights(row.bars))) for row in made.rows] == [("b", [0]), ("A", [1]), ("c", [2])]


def test_many_terms_share_the_last_row() -> None:
    """Five terms have rows of their own, those with most points first; a sixth has one too where it is the last."""
    six = drawn(*((float(9 - n), f"term {n}") for n in range(6)))
    assert [row.label for row in six.rows] == [f"term {n}" for n in range(6)]
    ten = drawn(*((float(19 - n), f"term {n}") for n in range(10)))
    assert [row.label for row in ten.rows] == [*(f"term {n}" for n in range(5)), "Other terms"]
    assert ten.rows[-1].aside == "5 papers, best 14.0"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_papers_need_no_picture(count: int) -> None:
    """Two papers are seen at a glance, and none have nothing to show."""
    assert picture(edition(*DAY[:count])) is None
    assert figure(edition(*DAY[:count])) == ""


def test_thousand_papers_make_a_small_picture() -> None:
    """Papers share bars, and every paper is counted; the whole figure stays below 6 kB."""
    many = [(round(60 * 0.99**n, 2), f"a rather long term {n * n % 9}") for n in range(1000)]
    assert len(figure(edition(*many)).encode()) < 6000
    made = drawn(*many)
    assert sum(int(row.aside.split()[0].replace(",", "")) for row in made.rows) == 1000
    assert set().union(*(heights(row.bars) for row in made.rows)) == set(range(-(-1000 // 21)))


@given(st.lists(st.tuples(st.floats(0.01, 99), st.sampled_from("abcdefgh")), min_size=3, max_size=120))
@settings(max_examples=60, deadline=None)
def test_every_paper_is_under_the_outline(points: list[tuple[float, str]]) -> None:
    """Bars fit the frame, stand at different places in each row, and together fill every place."""
    made = drawn(*points)
    seen: set[int] = set()
    for row in made.rows:
        bars = heights(row.bars)
        assert all(1 <= high <= 32 for high in bars.values())
        seen |= set(bars)
    assert seen == set(range(made.width // 10))
    assert made == drawn(*points)
