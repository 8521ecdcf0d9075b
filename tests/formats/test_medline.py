"""`digest.formats.medline`: MEDLINE as PubMed and PubMed Central export it."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.formats.head import head
from digest.formats.medline import detect
from digest.formats.signs import Sign
from digest.model import Listing, Problem


def read(text: str | bytes) -> list[Listing | Problem]:
    return list(parse(a_document(text), "medline"))


def record(lines: str) -> Listing:
    (listing,) = read(f"PMID- 1\nTI  - Counting.\n{lines}\nSO  - J Lists.\n")
    assert isinstance(listing, Listing)
    return listing


@pytest.mark.parametrize(
    ("lines", "published", "date", "told"),
    [
        ("DP  - 2018 Apr 15", "2018-04-15", None, None),
        ("DP  - 2018 Apr", None, "2018-04", None),
        ("DP  - 2018", None, "2018", None),
        ("DP  - 2018 Apr-May", None, "2018", "2018 Apr-May"),
        ("DP  - 2018 Spring", None, "2018", "2018 Spring"),
        ("DP  - 2018 Dec-2019 Jan", None, "2018", "2018 Dec-2019 Jan"),
        ("DP  - 2018 Apr\nDEP - 20180305", "2018-03-05", "2018-04", None),
        ("DP  - 2018 Apr 15\nDEP - 20180305", "2018-03-05", None, "2018 Apr 15"),
        ("DP  - 2018\nDEP - 20181331", None, "2018", None),
    ],
)
def test_a_day_is_told_or_none(lines: str, published: str | None, date: str | None, told: str | None) -> None:
    """The electronic publication's, which comes first, else the issue's; what is told of the issue is kept."""
    found = record(lines)
    days = (found.published and found.published.isoformat(), found.details.get("date"), found.details.get("date_told"))
    assert days == (published, date, told)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("FAU - Moreau, Ada B\nAU  - Moreau AB\nFAU - Říha, Tomás Jr", ["Ada B Moreau", "Tomás Říha, Jr"]),
        ("AU  - Moreau AB\nAU  - van der Berg L", ["A. B. Moreau", "L. van der Berg"]),
        ("FAU - Moreau, Ada\nAU  - Moreau A\nAU  - Kim Z", ["Ada Moreau", "Z. Kim"]),
        ("FAU - Moreau, Ada\nAD  - Kim University\nAUID- x\nCN  - Lists Group", ["Ada Moreau", "Lists Group"]),
        ("CN  - Lists Study Group", ["Lists Study Group"]),
    ],
)  # fmt: skip
def test_authors_are_people_and_groups_in_their_order(lines: str, names: list[str]) -> None:
    """Full names where there are any, short ones where there are none; affiliations are no names."""
    assert list(record(lines).authors) == names


def test_what_goes_on_is_indented() -> None:
    """Lines that are wrapped are one, and subjects and keywords are categories as they are written."""
    found = record("AB  - One\n      two - three\n      AB  - four\nMH  - Humans\nMH  - Lists/*methods\nOT  - lists")
    assert found.abstract == "One two - three AB - four"
    assert found.categories == ("Humans", "Lists/*methods", "lists")


def test_numbers_of_pubmed_central_stand_first_or_last() -> None:
    """In PubMed's export they are among the last tags, in PubMed Central's the first; neither parts a record."""
    last = "PMID- 1\nTI  - A.\nPMC - PMC11\nSO  - x\n"
    first = "PMC - PMC11\nPMID- 1\nTI  - A.\nSO  - x\n"
    alone = "PMC - PMC11\nTI  - A.\nSO  - x\n"
    for text in (last, first):
        for between in ("", "\n", "\n\n"):
            found = [x for x in read(f"{text}{between}{text}") if isinstance(x, Listing)]
            assert [x.ids for x in found] == [{"pmid": "1", "pmcid": "PMC11"}] * 2
    assert [x.ids for x in read(f"\n{alone}\n{alone}") if isinstance(x, Listing)] == [{"pmcid": "PMC11"}] * 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_line_ends_are_told_apart(encoding: str, end: str) -> None:
    """The same records with their lines, whatever system wrote them."""
    text = "\nPMID- 1\nTI  - Über Listen\nSO  - x\n\nPMID- 2\nTI  - Zählen\nSO  - x\n".replace("\n", end)
    found = read(text.encode(encoding))
    assert [(x.title, x.position.line) for x in found if isinstance(x, Listing)] == [("Über Listen", 2), ("Zählen", 6)]


def test_a_file_that_breaks_off_gives_whole_records_and_a_problem() -> None:
    """SO is the last of what PubMed writes: where a record has none and the others do, it was cut off."""
    text = "".join(f"PMID- {n}\nTI  - Title {n}\nAB  - Abstract\nSO  - J Lists.\n\n" for n in range(3))
    for cut in range(text.index("PMID- 1") + 8, len(text)):
        found = read(text[:cut])
        assert len([x for x in found if isinstance(x, Listing)]) == text[:cut].count("SO  -")
        assert len(found) == text[:cut].count("PMID-")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("PMID- 1\nOWN - NLM\n", Sign.CERTAIN),
        ("\nPMC - PMC1\nPMID- 1\nDP  - 2018\n", Sign.CERTAIN),
        ("TY  - JOUR\nTI  - x\n", None),
        ("PMID- is what PubMed calls it\nTI  - x", None),
    ],
)
def test_medline_is_recognised_by_a_number_and_another_tag(text: str, sign: Sign | None) -> None:
    """RIS has some of its tags, and no PMID."""
    assert detect(head(text.encode())) == sign
