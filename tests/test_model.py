from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from random import Random

import pytest
from builders import a_digest, a_listing, a_paper, a_ranked, a_reason, an_edition
from hypothesis import given
from hypothesis import strategies as st

from digest import model
from digest.model import Bibliographic, Paper, Position, Problem, Reason, Score, Section, Tally

VALUES = [
    what
    for what in vars(model).values()
    if isinstance(what, type) and what.__module__ == model.__name__ and (is_dataclass(what) or issubclass(what, tuple))
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_values_are_frozen(value: type) -> None:
    """Every value of the model is a frozen data class with slots or a named tuple: nothing is filled in later."""
    if is_dataclass(value):
        assert value.__dataclass_params__.frozen
        assert "__slots__" in vars(value)
    else:
        assert value._fields


@pytest.mark.parametrize(
    "value",
    [a_paper(), a_listing(), a_ranked(), a_reason(), a_digest(), an_edition(), Tally(), Score(), Position("a", 1)],
    ids=lambda value: type(value).__name__,
)
def test_a_value_cannot_be_changed(value: object) -> None:
    """Neither a field nor anything that is no field can be set."""
    names = [field.name for field in fields(value)] if is_dataclass(value) else list(value._fields)
    for name in names:
        with pytest.raises(AttributeError):
            setattr(value, name, None)
    with pytest.raises((AttributeError, TypeError)):
        value.later = 1


def test_nothing_is_known_unless_somebody_tells_it() -> None:
    """Unknown is None, or empty where the field is a collection, and no two values share their collection."""
    known = Bibliographic()
    for field in fields(known):
        assert not getattr(known, field.name)
    assert known.ids is not Bibliographic().ids


def test_a_place_is_written_as_editors_read_it() -> None:
    """A position and a problem begin with `file:line:`; a problem of a whole file has no line."""
    assert str(Position("page.txt", 3)) == "page.txt:3"
    assert str(Problem("page.txt", 3, "odd")) == "page.txt:3: odd"
    assert str(Problem("page.txt", None, "gone")) == "page.txt: gone"


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (3.0, '+3.0 "rag" in title'),
        (0.75, '+0.75 "rag" in title'),
        (-1.5, '-1.5 "rag" in title'),
        (10.0, '+10.0 "rag" in title'),
        (100.0, '+100.0 "rag" in title'),
        (0.05, '+0.05 "rag" in title'),
        (1000.0, '+1000.0 "rag" in title'),
    ],
)
def test_a_reason_is_a_sentence(points: float, text: str) -> None:
    """Points with their sign and one or two decimals, the term in quotes, the place."""
    assert str(Reason(signal="keyword", term="rag", place="title", points=points)) == text


@given(
    st.lists(st.integers(-10_000_000, 10_000_000).map(lambda n: n / 100), max_size=30),
    st.randoms(use_true_random=False),
)
def test_a_total_is_the_sum_in_hundredths(points: list[float], chance: Random) -> None:
    """Points in hundredths add up exactly, in any order, as a person adds the printed numbers."""
    total = Score(tuple(a_reason(point) for point in points)).total
    chance.shuffle(points)
    assert total == Score(tuple(a_reason(point) for point in points)).total
    assert round(total * 100) == sum(round(point * 100) for point in points)
    assert f"{total:.2f}" == f"{total}" or f"{total:.2f}".rstrip("0").rstrip(".") == f"{total}".removesuffix(".0")


def test_a_score_without_reasons_is_zero() -> None:
    """No reasons, no points; and tenths that binary cannot hold add up as on paper."""
    assert Score().total == 0
    assert Score(tuple(a_reason(0.1) for _ in range(3))).total == 0.3


@pytest.mark.parametrize(
    ("known", "day"),
    [
        ({"published": date(2026, 5, 3), "created": date(2026, 5, 1), "updated": date(2026, 5, 2)}, date(2026, 5, 3)),
        ({"created": date(2026, 5, 1), "updated": date(2026, 5, 2)}, date(2026, 5, 1)),
        ({"updated": date(2026, 5, 2)}, date(2026, 5, 2)),
        ({}, None),
    ],
)
def test_the_date_of_a_paper(known: dict[str, date], day: date | None) -> None:
    """A paper is filed under the day it was published, else created, else updated."""
    assert a_paper(**known).date == day


def test_a_paper_tells_what_a_listing_tells() -> None:
    """Whatever a listing may know, a paper has a field for."""
    assert {field.name for field in fields(Bibliographic)} < {field.name for field in fields(Paper)}


@given(st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_a_tally_considers_everything_it_counts(numbers: list[int]) -> None:
    """The papers considered are the sum of all fates, and every field is a fate."""
    tally = Tally(**dict(zip([field.name for field in fields(Tally)], numbers, strict=True)))
    assert tally.considered == sum(numbers)


def test_a_digest_s_papers_are_those_of_its_sections() -> None:
    """All sections' papers, from the top."""
    first, second = a_ranked(a_paper("arxiv:1")), a_ranked(a_paper("arxiv:2"))
    sections = Section(title="Top", ranked=(first,)), Section(title="More", ranked=(second,))
    assert model.Digest(profile="a", title="A", day=date(2026, 5, 26), sections=sections, tally=Tally()).ranked == (
        first,
        second,
    )
    assert a_digest().ranked == ()


def test_an_archive_knows_where_its_files_are() -> None:
    """Paths are made of the archive's folder and a day or a name; an archive at the site's root has none."""
    edition = an_edition(profile="ana", day="2026-05-06")
    archive = model.Archive(profile="ana", title="Ana", recent=(edition,), days=(), folder="x/ana")
    assert archive.path(edition.digest.day) == "x/ana/2026-05-06.html"
    assert archive.path(edition.digest.day, ".json") == "x/ana/2026-05-06.json"
    assert archive.at("rss.xml") == "x/ana/rss.xml"
    assert archive._replace(folder="").at("rss.xml") == "rss.xml"
    assert archive._replace(folder="").path(edition.digest.day) == "2026-05-06.html"
    assert edition.issued == datetime(2026, 5, 6, tzinfo=UTC)
