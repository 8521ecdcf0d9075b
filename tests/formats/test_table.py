"""`digest.formats.table`: CSV and TSV with a header of papers."""

import csv
import io

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st

from digest.formats import parse
from digest.formats.head import head
from digest.formats.signs import Sign
from digest.formats.table import detect
from digest.model import Listing, Problem


def read(text: str | bytes) -> list[Listing | Problem]:
    return list(parse(a_document(text), "csv"))


def titles(text: str | bytes) -> list[str | int | None]:
    return [x.title if isinstance(x, Listing) else x.line for x in read(text)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_header_shows_the_delimiter(delimiter: str, encoding: str, end: str) -> None:
    """Whatever stands between cells, in whatever encoding, columns in any order and case."""
    rows = [["doi", "TITLE", "Author(s)"], ["10.1000/x", "Über, Listen; und | mehr", "Kim, Zoë; Moreau, Ada"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    (found,) = list(parse(a_document(out.getvalue().encode(encoding))))
    assert isinstance(found, Listing)
    assert (found.format, found.title, found.ids) == ("csv", "Über, Listen; und | mehr", {"doi": "10.1000/x"})
    assert found.authors == ("Zoë Kim", "Ada Moreau")


def test_a_row_begins_where_its_first_line_does() -> None:
    """Quoted cells may hold lines, blank ones too."""
    found = read('Title,Year,Abstract\nA,2020,"one\n\ntwo"\n\nB,2021,"x"\n')
    assert [(x.title, x.position.line) for x in found if isinstance(x, Listing)] == [("A", 2), ("B", 6)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Title,Authors,Year\nA,x,2020\nB,y\nC,z,2021\n", ["A", "B", "C"]),
        ("Title,Authors,Year\nA,x,2020\nB,y\n", ["A", 3]),
        ("Title,Authors,Year\nA,x,2020\nB,b,y,2021\nC,z,2021\n", ["A", 3, "C"]),
        ("Title,Authors,Year\nA,x,2020,\nB,y,2021,\n", ["A", "B"]),
        ("Title,Authors,Year\nA,x,2020\n,,\n \nB,y,2021\n", ["A", "B"]),
        ("Title,Authors,Year\nA,x,2020\n,y,2021\n", ["A", 3]),
        ("Title,Authors,Year\nA,x,2020\nTitle,Authors,Year\nB,y,2021\n", ["A", "B"]),
        ("Title,Authors,Year\nA,x,2020\nYear,Title,DOI\n2021,B,10.1000/b\n", ["A", "B"]),
        ('Title,Authors,Year\n"A,x,2020\nB,y,2021\nC,z,2022\n', [2, "B", "C"]),
        ('Title,Authors,Year\nA,x,2020\n"B,y', ["A", 3]),
        ('"Title","Authors","Year"\n"1","A","x","2020"\n"2","B","y","2021"\n', ["A", "B"]),
        ("sep=,\nTitle,Authors,Year\nA,x,2020\n", ["A"]),
        ("Exported from a library\n3 entries\n\nTitle,Authors,Year\nA,x,2020\n", ["A"]),
        ('Title,Authors,Year\nA 5" disk,x,2020\nB,y,2021\n', ['A 5" disk', "B"]),
    ],
)
def test_odd_rows_are_read_or_told(text: str, told: list[str | int]) -> None:
    """Short and long rows, blank ones, headers again, open quotes: the title of a row, or the line of a problem."""
    assert titles(text) == told


def test_a_row_of_ten_megabytes_costs_itself() -> None:
    """In one line or in many."""
    for monster in ("x" * 10_000_000, '"' + f"{'x y ' * 20}\n" * 125_000 + '"'):
        found = titles(f"Title,Authors,Year\nA,x,2020\n{monster},y,2021\nC,z,2022\n")
        assert found[:2] == ["A", 3]
        assert found[-1] == "C"


def test_columns_of_the_web_of_science_are_its_tags() -> None:
    """Tabs without quotes; the same tags as in its tagged text."""
    found = read('PT\tAU\tTI\tSO\tPY\tDI\tUT\nJ\tKim, Z; Moreau, A\t"Open quote\tLISTS\t2020\t10.1000/x\tWOS:1\n')
    assert [(x.title, x.authors, x.ids) for x in found if isinstance(x, Listing)] == [
        ('"Open quote', ("Z Kim", "A Moreau"), {"doi": "10.1000/x"})
    ]


def test_cells_lose_what_guards_them() -> None:
    """From spreadsheets that would take them for formulas."""
    text = 'Title,Authors,DOI\n"=""A""",\'=x,"=HYPERLINK(""https://doi.org/10.1000/x"";""here"")"\n'
    (found,) = read(text)
    assert isinstance(found, Listing)
    assert (found.title, found.authors, found.ids) == ("A", ("=x",), {"doi": "10.1000/x"})


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Title,Authors,Year\nA,x,2020\n", Sign.CERTAIN),
        ("title\tabstract\nA\tB\n", Sign.CERTAIN),
        ("Title,Authors,Year\n", None),
        ("Title\nA\nB\n", None),
        ("name,age\nA,1\n", None),
        ("Title, and a few words about the year in which nothing of that kind was to be had\nA, B\n", None),
        ("| Title | Authors |\n|---|---|\n| A | B |\n", None),
        ("Ada Moreau, Tomás Říha\nWe count papers.\n", None),
    ],
)
def test_a_table_is_recognised_by_its_header_and_a_row(text: str, sign: Sign | None) -> None:
    """A header alone lists nothing, and prose has commas too."""
    assert detect(head(text.encode())) == sign


CELLS = st.text(st.sampled_from("ab é,;\"\n\t|='-"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_what_the_standard_library_writes_is_read(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    """As many rows as have a title or an abstract, each once."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows(
        [("Title", "Abstract", "Shelf"), *((f"T{n} {a}", f"A{b}", f"S{c}") for n, (a, b, c) in enumerate(rows))]
    )
    found = read(out.getvalue())
    assert [x.title and x.title.split()[0] for x in found if isinstance(x, Listing)] == [
        f"T{n}" for n in range(len(rows))
    ]
