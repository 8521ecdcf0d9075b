"""`digest.formats.pubmed_text`: PubMed's records as text."""

from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

HEAD = "1. J Lists. 2026 May 1;10(2):1-9. doi: 10.1000/jl.1.\n\nCounting papers.\n\nMoreau A(1), Mori K(2).\n\n"
FOOT = "DOI: 10.1000/jl.1\nPMID: 12345678\n\n\n"


def read(text: str) -> list[Listing | Problem]:
    return list(parse(a_document(text)))


def test_a_record_is_read_by_its_paragraphs() -> None:
    """Affiliations and statements are no abstract, whose parts are one."""
    (found,) = read(
        f"{HEAD}Author information:\n(1)University of Lists.\n\nAIM: To count.\n\nRESULTS: Counted.\n\n{FOOT}"
        "Conflict of interest statement: None.\n"
    )
    assert (found.title, found.authors) == ("Counting papers", ("A. Moreau", "K. Mori"))
    assert found.abstract == "AIM: To count. RESULTS: Counted."
    assert dict(found.ids) == {"doi": "10.1000/jl.1", "pmid": "12345678"}
    assert (str(found.published), found.details["volume"], found.details["pages"]) == ("2026-05-01", "10", "1-9")
    assert found.details["conflict_of_interest"] == "None."


def test_a_numbered_line_in_an_abstract_begins_no_record() -> None:
    """A record's number is followed by a journal and a year."""
    one, two = read(f"{HEAD}We say:\n\n2. Count. It is good.\n\n{FOOT}{HEAD.replace('1. J', '2. J')}Text.\n\n{FOOT}")
    assert one.abstract == "We say: 2. Count. It is good."
    assert two.abstract == "Text."


def test_a_title_in_brackets_is_translated() -> None:
    """The language is told on a line of its own."""
    (found,) = read(f"{HEAD.replace('Counting papers.', '[Counting papers].')}[Article in French]\n\n{FOOT}")
    assert (found.title, found.details["language"]) == ("Counting papers", "French")


def test_a_record_without_authors_keeps_its_abstract() -> None:
    """Prose is nobody's name."""
    (found,) = read(HEAD.replace("Moreau A(1), Mori K(2).", "We count papers, and find them few.") + FOOT)
    assert (found.authors, found.abstract) == ((), "We count papers, and find them few.")


def test_what_breaks_off_is_told() -> None:
    """A file cut in the midst of a record gives the whole ones and a problem."""
    one, problem = read(f"{HEAD}Text.\n\n{FOOT}{HEAD.replace('1. J', '2. J')}Text that br")
    assert one.abstract == "Text."
    assert isinstance(problem, Problem)
    assert problem.line == 13


def test_summaries_are_told_apart() -> None:
    """Authors, title, journal in one paragraph each."""
    one, two = read(
        "1: Moreau A, Mori K. Counting papers. J Lists. 2026\n"
        "May 1;10(2):1-9. doi: 10.1000/jl.1. PMID: 12345678; PMCID: PMC12.\n\n"
        "2: Mori K. Are they few? J Lists. 2026 May. PMID: 12345679.\n"
    )
    assert (one.title, one.authors, one.ids["pmcid"]) == ("Counting papers", ("A. Moreau", "K. Mori"), "PMC12")
    assert (two.title, two.details["date"]) == ("Are they few?", "2026-05")
