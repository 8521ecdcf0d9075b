"""`digest.formats.ris`: RIS in its dialects, and beside rispy."""

from html import unescape
from pathlib import Path

import pytest
import rispy
from builders import a_document
from formats_scene import SAMPLES

from digest.formats import parse
from digest.formats.head import head
from digest.formats.ris import detect
from digest.formats.signs import Sign
from digest.model import Listing, Problem
from digest.text import one_line


def read(text: str | bytes) -> list[Listing | Problem]:
    return list(parse(a_document(text), "ris"))


def record(lines: str) -> Listing:
    (listing,) = read(f"TY  - JOUR\nTI  - Counting\n{lines}\nER  - \n")
    assert isinstance(listing, Listing)
    return listing


@pytest.mark.parametrize(
    ("lines", "published", "date"),
    [
        ("PY  - 2023", None, "2023"),
        ("PY  - 2023/05/04/", "2023-05-04", None),
        ("Y1  - 2023/05/04/Thursday", "2023-05-04", None),
        ("PY  - 2023/05//", None, "2023-05"),
        ("PY  - 2023///Spring", None, "2023"),
        ("PY  - 2023\nDA  - 2023/05/04", "2023-05-04", None),
        ("DA  - May 4\nPY  - 2023", "2023-05-04", None),
        ("DA  - MAY\nPY  - 2023", None, "2023-05"),
        ("DA  - 2023-05-04", "2023-05-04", None),
        ("DA  - 05/04/2023\nPY  - 2023", None, "2023"),
        ("PY  - in press", None, None),
        ("Y2  - 2023/05/04/", None, None),
    ],
)
def test_a_day_is_told_or_none(lines: str, published: str | None, date: str | None) -> None:
    """A date with three parts is a day; one of two numbers of two digits is none; Y2 is when somebody looked."""
    found = record(lines)
    assert (found.published and found.published.isoformat(), found.details.get("date")) == (published, date)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("AU  - Moreau, Ada\nA1  - Kim, Z.", ["Ada Moreau", "Z. Kim"]),
        ("AU  - Moreau, Ada; Kim, Z.", ["Ada Moreau", "Z. Kim"]),
        ("AU  - Moreau, Ada and Kim, Zoë", ["Ada Moreau", "Zoë Kim"]),
        ("AU  - Department of Health and Human Services", ["Department of Health and Human Services"]),
        ("AU  - Říha, Tomás, Jr.", ["Tomás Říha, Jr."]),
        ("AU  - 王, 小明", ["王小明"]),
        ("AU  - Moreau, Ada\nAU  - et al.", ["Ada Moreau"]),
    ],
)
def test_authors_are_people(lines: str, names: list[str]) -> None:
    """One a line, or what programs put into one."""
    found = record(lines)
    assert list(found.authors) == names
    assert found.authors_truncated == ("et al" in lines)


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        ("DO  - https://doi.org/10.1000/X", {"doi": "10.1000/x"}),
        ("DO  - doi:10.1000/X.", {"doi": "10.1000/x"}),
        ("M3  - 10.1000/X", {"doi": "10.1000/x"}),
        ("UR  - https://arxiv.org/abs/2605.00001v2", {"arxiv": "2605.00001"}),
        ("AN  - 33782057\nDB  - PubMed", {"pmid": "33782057"}),
        ("AN  - 33782057\nDP  - NLM\nC2  - PMC7997936", {"pmid": "33782057", "pmcid": "PMC7997936"}),
        ("AN  - 33782057\nDB  - Lists", {}),
        ("C2  - 33782057\nDB  - Scopus", {"pmid": "33782057"}),
        ("SN  - 978-3-16-148410-0 (ISBN)", {"isbn": "9783161484100"}),
        ("SN  - 20762615 (ISSN)", {}),
    ],
)
def test_identifiers_are_read_wherever_a_program_puts_them(lines: str, ids: dict[str, str]) -> None:
    """In their own tags, in addresses, and where EndNote and Scopus put them for want of one."""
    assert record(lines).ids == ids


def test_venues_and_pages() -> None:
    """The fullest name of a journal, shorter ones beside it; pages as a span, numbers of articles by themselves."""
    found = record(
        "T2  - Journal of Lists\nJA  - J. Lists\nSP  - 1\nEP  - 9\nC7  - e1\nXX  - odd\nJO  - Journal of Lists"
    )
    assert found.details == {
        "type": "JOUR", "venue": "Journal of Lists", "venue_short": "J. Lists", "pages": "1-9",
        "article_number": "e1", "xx": "odd",
    }  # fmt: skip
    assert record("SP  - 1--9").details["pages"] == "1-9"
    assert record("SP  - 15\nEP  - 15").details["pages"] == "15"


def test_what_goes_on_is_of_the_tag_before_it() -> None:
    """Blank lines, lines that look nearly like tags, and keywords on lines of their own."""
    found = record("AB  - One\n\ntwo\nAB - three\nA  - four\nKW  - a b\nc\nd; e")
    assert found.abstract == "One two AB - three A - four"
    assert found.categories == ("a b", "c", "d", "e")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_told_apart(encoding: str, end: str) -> None:
    """The same records with their lines, whatever system wrote them."""
    text = "\nTY  - JOUR\nTI  - Über Listen\nER  - \n\nTY  - JOUR\nTI  - Zählen\nER  - \n".replace("\n", end)
    found = read(text.encode(encoding))
    assert [(x.title, x.position.line) for x in found if isinstance(x, Listing)] == [("Über Listen", 2), ("Zählen", 6)]


def test_files_put_behind_each_other_are_one() -> None:
    """A byte order mark in the midst of a file hides no record."""
    assert len(read("\ufeffTY  - JOUR\nTI  - A\nER  - \n".encode() * 3)) == 3


def test_a_file_that_breaks_off_gives_whole_records_and_a_problem() -> None:
    """Wherever it is cut, what has no ER at the end of the file is no listing."""
    text = "".join(f"TY  - JOUR\nTI  - Title {n}\nAB  - Abstract\nER  - \n\n" for n in range(3))
    for cut in range(12, len(text)):
        found = read(text[:cut])
        assert len([x for x in found if isinstance(x, Listing)]) == text[:cut].count("ER  -")
        assert len(found) == text[:cut].count("TY  -")


def test_a_file_without_any_end_of_record_is_read() -> None:
    """Some programs close nothing: each record is closed by the next, and the last by the file."""
    found = read("TY  - JOUR\nTI  - A\n\nTY  - JOUR\nTI  - B\n")
    assert [x.title for x in found if isinstance(x, Listing)] == ["A", "B"]


def test_a_field_of_ten_megabytes_costs_its_record() -> None:
    """It is a problem with its line; the records around it are read."""
    small = "TY  - JOUR\nTI  - {}\nER  - \n"
    found = read(small.format("A") + small.format("x" * 10_000_000) + small.format("C"))
    assert [x.title if isinstance(x, Listing) else x.line for x in found] == ["A", 4, "C"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("TY  - JOUR\nTI  - x\n", Sign.CERTAIN),
        ("Provider: x\n\nTY - JOUR\nAU - x\n", Sign.CERTAIN),
        ("PMID- 1\nTI  - x\n", None),
        ("TY  - not a type of reference at all\nTI  - x", None),
        ("PT J\nAU x\nTI y\n", None),
    ],
)
def test_ris_is_recognised_by_a_type_and_another_tag(text: str, sign: Sign | None) -> None:
    """MEDLINE and the Web of Science have tags too, and no type of reference."""
    assert detect(head(text.encode())) == sign


# ------------------------------------------------------------------------------------------ beside the oracle


def compared(text: str) -> None:
    """Titles, abstracts, DOIs and how many authors and keywords there are, as rispy reads them."""
    theirs = rispy.loads(text)
    ours = [x for x in read(text) if isinstance(x, Listing)]
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert our.title == one_line(unescape(their.get("title") or their.get("primary_title")))
        assert our.abstract == (one_line(unescape(their.get("abstract") or their.get("notes_abstract") or "")) or None)
        assert our.ids.get("doi") == (
            their["doi"].lower().removeprefix("https://doi.org/") if "doi" in their else our.ids.get("doi")
        )
        # `et al.` is no name.
        assert len(our.authors) + our.authors_truncated == len(their.get("authors", [])) + len(
            their.get("first_authors", [])
        )
        assert our.details.get("volume") == their.get("volume")


@pytest.mark.parametrize("file", ["ris_export.txt", "scopus.ris", "wos_test.ris"])
def test_real_records_are_read_as_rispy_reads_them(shared: Path, file: str) -> None:
    """rispy takes a lone carriage return for a part of a line; a file that has some is given to it with line ends."""
    text = (shared / "formats" / "12_exports" / file).read_bytes().decode("utf-8-sig")
    compared(text.replace("\r\n", "\n").replace("\r", "\n"))


def test_invented_records_are_read_as_rispy_reads_them() -> None:
    """The sample in the Web of Science's dialect."""
    text = (SAMPLES / "ris" / "wos_style.ris").read_bytes().decode("utf-8-sig")
    compared(text.replace("\r", "\n"))
