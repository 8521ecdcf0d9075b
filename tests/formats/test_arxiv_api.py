"""What arXiv's API answers."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem

HEAD = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="urn:o"><id>http://arxiv.org/api/x</id><title>q</title>'


def read(inside: str) -> list[Listing | Problem]:
    return list(parse(a_document(f"{HEAD}{inside}</feed>")))


def test_a_query_that_found_nothing_lists_nothing() -> None:
    """An empty answer is one, also where the start lies behind the end."""
    assert read("<o:totalResults>0</o:totalResults><o:startIndex>0</o:startIndex>") == []
    assert read("<o:totalResults>5</o:totalResults><o:startIndex>5</o:startIndex>") == []


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<o:totalResults>5</o:totalResults>", "there are 5 results, and gives none"),
        ("<entri><title>T</title></entri>", "<entri>"),
        ("<entry><id>http://arxiv.org/abs/2605.00001v1</id></entry>", "2605.00001v1: without a title"),
        (
            "<entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>wrong</summary></entry>",
            "error: wrong",
        ),
    ],
)
def test_what_the_api_failed_to_give_is_told(inside: str, said: str) -> None:
    """Results that are promised and missing, errors, and entries without a text are problems."""
    (problem,) = read(inside)
    assert isinstance(problem, Problem)
    assert said in problem.what


def test_a_date_of_revision_is_one_only_where_it_was_revised() -> None:
    """The first version's two dates are the same."""
    entry = "<entry><title>T</title><published>2026-05-01T00</published><updated>2026-05-0{}T00</updated></entry>"
    first, second = read(entry.format(1) + entry.format(4))
    assert isinstance(first, Listing)
    assert isinstance(second, Listing)
    assert first.updated is None
    assert str(second.updated) == "2026-05-04"
    assert first.created == second.created
