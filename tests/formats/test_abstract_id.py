"""Pages where an arXiv id closes a paper."""

from datetime import date

import pytest
from builders import a_document

from digest.formats import parse
from digest.formats.pages.shapes import arxiv_line
from digest.model import Listing, Problem

ABSTRACT = (
    "We measure how reading lists change when repeated papers are counted once, and find that a tenth of what a "
    "careful reader opens in a week was opened before."
)
WRAPPED = """\
We measure how reading lists change when repeated papers are counted once, and
find that a tenth of what a careful reader opens in a week was opened before by
the same reader. Nothing else was found, as was to be expected of it."""


def listings(text: str) -> list[Listing]:
    items = list(parse(a_document(text)))
    assert not [x for x in items if isinstance(x, Problem)]
    return [x for x in items if isinstance(x, Listing)]


@pytest.mark.parametrize(
    ("line", "id", "version", "rest"),
    [
        ("arXiv:2508.03332", "2508.03332", None, ""),
        ("arXiv:2508.033323D Gaussian Splatting", "2508.03332", None, "3D Gaussian Splatting"),
        ("arXiv:0704.00012D films", "0704.0001", None, "2D films"),
        ("arXiv:1412.9999We study", "1412.9999", None, "We study"),
        ("arXiv:1501.000015 reasons", "1501.00001", None, "5 reasons"),
        ("arXiv:2508.03332v2", "2508.03332", 2, ""),
        ("arXiv:2508.03332v12We study", "2508.03332", 12, "We study"),
        ("arXiv:2508.03332v23D Gaussian", "2508.03332", 2, "3D Gaussian"),
        ("arXiv:2508.03336.NET is", "2508.03336", None, ".NET is"),
        ("arXiv:2508.03332vLLM serves", "2508.03332", None, "vLLM serves"),
        ("arXiv:hep-th/9901001Branes are", "hep-th/9901001", None, "Branes are"),
        ("arXiv:math.GT/0309136v1", "math.GT/0309136", 1, ""),
        ("arXiv:2508.03332 [cs.LG]", "2508.03332", None, ""),
        ("arXiv:2508.03332$k$-means is", "2508.03332", None, "$k$-means is"),
        ("arXiv:2508.03332 We study", "2508.03332", None, "We study"),
        ("  arXiv: 2508.03332  ", "2508.03332", None, ""),
    ],
)
def test_an_id_ends_by_itself(line, id, version, rest):
    """The digits of an id are counted by its month, so that a glued text is told apart, digits and all."""
    found = arxiv_line(line)
    assert found
    assert (found.id, found.version, found.rest) == (id, version, rest)


@pytest.mark.parametrize(
    "line",
    [
        "arXiv:2105.01234, we show that",
        "arXiv:2105.01234 we show",
        "arXiv:2113.01234",
        "arXiv:21",
        "see arXiv:2105.01234",
        "arXiv is down",
        "arXiv:2105.01234) and others",
    ],
)
def test_a_mention_is_no_closing_id(line):
    """An id that runs on into a sentence, or is none, closes no paper."""
    assert arxiv_line(line) is None


def test_an_id_belongs_to_the_text_before_it():
    """Where the next abstract is glued to an id, the id is the former paper's."""
    one, two, three = listings(
        f"{ABSTRACT}\nlow-bit quantization\narXiv:2508.033323D Gaussians {ABSTRACT}\narXiv:2507.20239Next {ABSTRACT}\n"
        "7 pages\narXiv:2502.19747"
    )
    assert [x.ids["arxiv"] for x in (one, two, three)] == ["2508.03332", "2507.20239", "2502.19747"]
    assert [x.comments for x in (one, two, three)] == ["low-bit quantization", None, "7 pages"]
    assert (two.abstract or "").startswith("3D Gaussians We measure")
    assert [x.position.line for x in (one, two, three)] == [1, 3, 4]


def test_dates_are_read():
    """Created and Updated, on one line or two, or absent, are the dates of the paper above."""
    one, two, three = listings(
        f"{ABSTRACT}\n\nlow-bit quantization\n\narXiv:2508.03332\n\nCreated: 2025-08-05 Updated: 2025-08-06\n\n"
        f"{ABSTRACT} Again.\n\narXiv:2505.23932v3\n\nCreated: 5 May 2025\nUpdated: Jun 7, 2025\n\n"
        f"{ABSTRACT} And again.\n\narXiv:2502.13873\n"
    )
    assert (one.created, one.updated, one.comments) == (date(2025, 8, 5), date(2025, 8, 6), "low-bit quantization")
    assert (two.created, two.updated, two.version) == (date(2025, 5, 5), date(2025, 6, 7), 3)
    assert (three.created, three.updated) == (None, None)


def test_an_impossible_date_is_left_out():
    """A date that no calendar has is unknown; the listing is kept."""
    (one,) = listings(f"{ABSTRACT}\n\narXiv:2508.03332\n\nCreated: 2025-13-45 Updated: 2025-08-06\n")
    assert (one.created, one.updated) == (None, date(2025, 8, 6))


@pytest.mark.parametrize(
    "comments",
    [
        "low-bit quantization",
        "7 pages",
        "12 pages, 3 figures. Accepted at ICML 2025",
        "To appear in the Journal of X",
        "Code: https://example.org/code",
    ],
)
@pytest.mark.parametrize("abstract", [ABSTRACT, WRAPPED])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_comments_are_told_from_the_abstract(abstract, comments, gap):
    """A short last paragraph is comments, whether the abstract is wrapped or not, with blank lines or without."""
    one, two = listings(f"{abstract}{gap}{comments}{gap}arXiv:2605.00001{gap}{abstract}{gap}arXiv:2605.00002\n")
    assert one.abstract == two.abstract == " ".join(abstract.split())
    assert (one.comments, two.comments) == (comments, None)


def test_a_long_last_paragraph_is_abstract():
    """Prose of many sentences above the id is a paragraph of the abstract, not comments."""
    (one,) = listings(f"{ABSTRACT}\n\n{ABSTRACT} {ABSTRACT} {ABSTRACT}\n\narXiv:2605.00001\n")
    assert one.comments is None
    assert (one.abstract or "").count("We measure") == 4


def test_text_without_an_id_is_a_problem():
    """What is left at the end without an id is told with its line."""
    items = list(parse(a_document(f"{ABSTRACT}\narXiv:2605.00001\n{ABSTRACT}\n")))
    assert [type(x) for x in items] == [Listing, Problem]
    assert str(items[1]).startswith("page.txt:3: text without an arXiv id")


def test_an_id_without_text_is_a_problem():
    """Two ids one after the other: the second has no abstract, and that is told."""
    items = list(parse(a_document(f"{ABSTRACT}\narXiv:2605.00001\narXiv:2605.00002\n{ABSTRACT}\narXiv:2605.00003\n")))
    assert [type(x) for x in items] == [Listing, Problem, Listing]
    assert "arXiv:2605.00002 without an abstract" in str(items[1])


def test_a_text_without_end_is_refused_and_not_held():
    """Thousands of lines before an id are one problem, and the next paper is read."""
    endless = "and so on and on\n" * 5000
    text = f"{ABSTRACT}\narXiv:2605.00001\n{endless}arXiv:2605.00002\n{ABSTRACT}\narXiv:2605.00003\n"
    assert [type(x) for x in parse(a_document(text))] == [Listing, Problem, Listing]


def test_names_in_the_midst_of_a_wrapped_abstract_are_no_other_layout():
    """A wrapped line that reads like names does not turn the page into one of authors."""
    text = (
        "We compare tools that are named after people who were known for other things\n"
        "Ada Moreau, Tomás Riha, Keiko Mori, Ngozi Okafor, Lars Iyer, Priya Petrov and\n"
        "many others, and find that the names say nothing of how the tools do at all.\n"
    )
    (one,) = listings(f"{text}8 pages\narXiv:2605.00001\n")
    assert one.abstract == " ".join(text.split())
    assert one.comments == "8 pages"


def test_a_line_that_breaks_off_early_begins_no_comments():
    """A wrapped line that ends early, before a long address, is followed by more of the abstract."""
    text = (
        "We measure how reading lists change when repeated papers are counted once, and\n"
        "all of it can be had from\n"
        "https://example.org/a/rather/long/address/of/code/and/data\n"
    )
    (one,) = listings(f"{text}arXiv:2605.00001\n")
    assert (one.abstract, one.comments) == (" ".join(text.split()), None)


def test_comments_of_two_paragraphs_are_comments():
    """Two remarks with a blank line between them are both comments."""
    (one,) = listings(f"{ABSTRACT}\n\n8 pages\n\nAccepted at the Journal of X\n\narXiv:2605.00001\n")
    assert (one.abstract, one.comments) == (ABSTRACT, "8 pages Accepted at the Journal of X")
