"""Tables and flat objects whose columns nobody specified."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.formats.columns import listing, lists_papers, named, written
from digest.formats.values import instant, number, parts, text, when
from digest.model import Listing, Position

HERE = Position("table.csv", 2)


def of(**record: object) -> Listing:
    return listing({name.replace("_", " "): value for name, value in record.items()}, HERE, "csv")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Title", "title"),
        ("Author(s)", "authors"),
        ("Author full names", "full_authors"),
        ("Publication Year", "year"),
        ("publication_date", "published"),
        ("Source title", "venue"),
        ("Journal/Book", "venue"),
        ("Abstract Note", "abstract"),
        ("arXiv ID", "arxiv"),
        ("PMID", "pmid"),
        ("Cited by", "citations"),
        ("citationCount", "citations"),
        ("Manual Tags", "categories"),
        ("weather", None),
    ],
)
def test_columns_are_known_by_the_names_people_use(column, field):
    """Case, spaces and punctuation do not count."""
    assert named(column) == field


@pytest.mark.parametrize(
    ("names", "whether"),
    [
        ("title authors year", True),
        ("Title DOI URL", True),
        ("abstract title url", True),
        ("title", False),
        ("title price stock", False),
        ("name email phone", False),
        ("title url", False),
    ],
)
def test_a_table_of_papers_has_a_title_and_more(names, whether):
    """A title alone is of anything; with two more things that papers have it is of a paper."""
    assert lists_papers(names.split()) is whether


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Moreau, Ada and Kim, Zoe", "Ada Moreau|Zoe Kim"),
        ("Ada Moreau, Zoe Kim and Bo Li", "Ada Moreau|Zoe Kim|Bo Li"),
        ("Moreau, Ada; Kim, Zoe", "Ada Moreau|Zoe Kim"),
        ("Ada Moreau; Zoe Kim", "Ada Moreau|Zoe Kim"),
        ("Smith J, Doe AB, Roe C.", "J. Smith|A. B. Doe|C. Roe"),
        ("Moreau A.B.; Kim Z.", "A. B. Moreau|Z. Kim"),
        ("Moreau, Ada", "Ada Moreau"),
        ("['Ada Moreau', \"Zoe O'Kim\"]", "Ada Moreau|Zoe O'Kim"),
        ('["Ada Moreau"]', "Ada Moreau"),
        ("Ada Moreau|Kim, Zoe", "Ada Moreau|Zoe Kim"),
        ("", ""),
    ],
)
def test_names_in_one_text_are_people(text, names):
    """Whatever stands between names, and whichever part of a name comes first."""
    assert "|".join(written(text).names) == names


def test_a_list_that_was_cut_says_so():
    """`et al.` is no name."""
    assert written("Ada Moreau, Zoe Kim et al.").truncated


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (["Ada Moreau", "Kim, Zoe"], ("Ada Moreau", "Zoe Kim")),
        ([{"name": "Ada Moreau"}, {"given": "Zoe", "family": "Kim"}], ("Ada Moreau", "Zoe Kim")),
        ([{"firstName": "Zoe", "middle": "B.", "lastName": "Kim"}], ("Zoe B. Kim",)),
        ([["Moreau", "Ada", ""], ["ATLAS Collaboration", ""]], ("Ada Moreau", "ATLAS Collaboration")),
        ([{"author": {"display_name": "Ada Moreau"}}], ("Ada Moreau",)),
        ([None, 3, {}], ()),
    ],
)
def test_names_in_a_list_are_people(value, names):
    """Texts, objects by the names of their parts, and lists of family and given name."""
    assert of(authors=value).authors == names


def test_a_record_becomes_a_listing():
    """Each known column is a field, each other one a detail under its own name."""
    found = of(
        Title="A <i>title</i>",
        Authors="Moreau, Ada; Kim, Zoe",
        Publication_Year=2020,
        Month="5",
        Keywords="counting; lists",
        Tags=["x"],
        DOI="https://doi.org/10.1000/ABC",
        URL="https://arxiv.org/abs/2101.00001v2",
        Cited_by="1,234",
        Page_start="3",
        Page_end="9",
        My_own_mark="read it",
        empty=None,
    )
    assert found == Listing(
        position=HERE,
        format="csv",
        ids={"arxiv": "2101.00001", "doi": "10.1000/abc"},
        version=2,
        title="A title",
        authors=("Ada Moreau", "Zoe Kim"),
        categories=("counting", "lists", "x"),
        links={"url": "https://arxiv.org/abs/2101.00001v2"},
        metrics={"citations": 1234},
        details={"pages": "3-9", "date": "2020-05", "my_own_mark": "read it"},
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2023-05-04T10:00:00Z", (date(2023, 5, 4), "")),
        ("4 May 2023", (date(2023, 5, 4), "")),
        ("2023-05", (None, "2023-05")),
        ("2023-05-00", (None, "2023-05")),
        ("2023", (None, "2023")),
        (2023, (None, "2023")),
        ("May 2023", (None, "2023-05")),
        ("2023 May", (None, "2023-05")),
        ("2023-13-45", (None, "2023")),
        ("soon", (None, "")),
        ({}, (None, "")),
    ],
)
def test_days_are_told_as_far_as_they_are_known(value, found):
    """A month or a year is no day."""
    assert when(value) == found


def test_dates_in_parts_and_instants():
    """CSL's parts may be texts and may be missing; an instant is in milliseconds or seconds."""
    assert parts({"date-parts": [["2023", 5, 4]]}) == (date(2023, 5, 4), "")
    assert parts({"date-parts": [[2023]]}) == (None, "2023")
    assert parts({"date-parts": [[None]]}) == parts({"date-parts": []}) == parts(None) == (None, "")
    assert instant(1_600_000_000_000) == instant(1_600_000_000) == date(2020, 9, 13)
    assert instant(10**30) is instant("x") is instant(True) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


@given(st.dictionaries(st.sampled_from("title authors doi id url date year keywords pages x citations".split()), JSON))
def test_no_value_raises(record):
    """A value of any type gives a listing, whose texts are texts."""
    found = listing(record, HERE, "csv")
    assert all(isinstance(name, str) for name in (*found.authors, *found.categories, *found.details.values()))


@given(JSON)
def test_no_value_is_no_text_or_number(value):
    """Texts and numbers come out of anything."""
    assert isinstance(text(value), str)
    assert isinstance(number(value), int | None)
