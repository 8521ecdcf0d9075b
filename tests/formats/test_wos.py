"""`digest.formats.wos` and `digest.formats.endnote`: tags without hyphens."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.formats.endnote import detect as detect_endnote
from digest.formats.head import head
from digest.formats.signs import Sign
from digest.formats.wos import detect as detect_wos
from digest.model import Listing, Problem


def read(text: str | bytes, format: str = "wos") -> list[Listing | Problem]:
    return list(parse(a_document(text), format))


def record(lines: str) -> Listing:
    (listing,) = read(f"FN Clarivate\nVR 1.0\nPT J\nTI Counting\n{lines}\nER\n\nEF")
    assert isinstance(listing, Listing)
    return listing


def test_names_stand_one_a_line_and_prose_is_wrapped() -> None:
    """Full names stand for the short ones; groups come behind."""
    found = record(
        "AU Moreau, A\n   Kim, Z\nAF Moreau, Ada\n   Kim, Zoe\nCA Lists Group\nAB One\n   two\nDE a b;\n   c"
    )
    assert found.authors == ("Ada Moreau", "Zoe Kim", "Lists Group")
    assert (found.abstract, found.categories) == ("One two", ("a b", "c"))
    assert record("AU Moreau, A").authors == ("A Moreau",)


@pytest.mark.parametrize(
    ("lines", "published", "date"),
    [
        ("PD MAY 4\nPY 2023", "2023-05-04", None),
        ("PD MAY\nPY 2023", None, "2023-05"),
        ("PD MAY-JUN\nPY 2023", None, "2023"),
        ("PD SPR\nPY 2023", None, "2023"),
        ("PY 2023", None, "2023"),
        ("PD MAY 4 2023", "2023-05-04", None),
    ],
)
def test_a_day_is_told_or_none(lines: str, published: str | None, date: str | None) -> None:
    """The day is in one tag, the year in another."""
    found = record(lines)
    assert (found.published and found.published.isoformat(), found.details.get("date")) == (published, date)


def test_a_cut_file_and_a_file_without_its_head() -> None:
    """Whole records are read, what has no ER at the end is a problem; several heads are none."""
    one = "PT J\nTI Counting\nER\n\n"
    assert [type(x) for x in read(f"{one}FN Clarivate\nVR 1.0\n{one}EF")] == [Listing, Listing]
    text = f"FN Clarivate\nVR 1.0\n{one}{one}"
    for cut in range(30, len(text)):
        found = read(text[:cut])
        assert len([x for x in found if isinstance(x, Listing)]) == text[:cut].count("\nER")
        assert len(found) == text[:cut].count("\nPT")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("FN Thomson Reuters Web of Knowledge\nVR 1.0\nPT J\n", Sign.CERTAIN),
        ("\ufeffFN Clarivate Analytics Web of Science\nVR 1.0\n", Sign.CERTAIN),
        ("PT J\nAU Kim, Z\n   Moreau, A\nTI x\n", Sign.CERTAIN),
        ("PT J is a tag\nTI x", None),
        ("TY  - JOUR\nTI  - x\n", None),
    ],
)
def test_it_is_recognised_by_its_head_or_a_record(text: str, sign: Sign | None) -> None:
    """RIS looks alike, and has hyphens."""
    assert detect_wos(head(text.encode())) == sign


def test_references_of_endnote_stand_apart_by_blank_lines_or_types() -> None:
    """A blank line in an abstract parts nothing, unless a tag stands behind it."""
    text = "%0 Generic\n%T A\n%X one\n\ntwo\n%0 Generic\n%T B\n\n%A Kim, Z.\n%T C\n"
    found = [x for x in read(text, "endnote") if isinstance(x, Listing)]
    assert [(x.title, x.abstract, x.position.line) for x in found] == [
        ("A", "one two", 1),
        ("B", None, 6),
        ("C", None, 9),
    ]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("%0 Journal Article\n%T x\n", Sign.CERTAIN),
        ("\n%T x\n%A y\n", Sign.CERTAIN),
        ("%A comment of TeX\n%B another\n", None),
        ("% T is temperature\n%T x\n", None),
        ("A text\n%T x\n%A y\n", None),
    ],
)
def test_endnote_is_recognised_by_its_first_tag_and_a_title(text: str, sign: Sign | None) -> None:
    """TeX and BibTeX have signs of percent too."""
    assert detect_endnote(head(text.encode())) == sign
