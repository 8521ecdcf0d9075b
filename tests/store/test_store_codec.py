from datetime import date
from inspect import signature
from typing import Any, TypeVar

import pytest
from builders import a_digest, a_listing, a_paper, a_ranked, a_reason
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Digest, Listing, Paper, Problem, Ranked, Reason, Score, Section, Tally
from digest.store.codec import dump_digest, dump_listing, load_digest, load_listing

T = TypeVar("T")


def few(values: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=2).map(tuple)


def whole(kind: type[T], **known: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Values with every field drawn, by its type: a new field that the codec forgets is found."""
    return st.builds(kind, **{name: known.get(name, ...) for name in signature(kind).parameters})


LISTINGS = whole(Listing)
PAPERS = whole(Paper, listings=few(LISTINGS))
REASONS = whole(Reason, points=st.floats(allow_nan=False, allow_infinity=False))
RANKED = whole(Ranked, paper=PAPERS, score=whole(Score, reasons=few(REASONS)))
DIGESTS = whole(
    Digest, sections=few(whole(Section, ranked=few(RANKED))), tally=whole(Tally), problems=few(whole(Problem))
)


@settings(deadline=None)
@given(LISTINGS)
def test_every_field_of_a_listing_comes_back(listing: Listing) -> None:
    """A listing that is written and read is equal in every field."""
    assert load_listing(dump_listing(listing)) == listing


@settings(deadline=None, max_examples=30)
@given(DIGESTS)
def test_every_field_of_a_digest_comes_back(digest: Digest) -> None:
    """A digest that is written and read is equal in every field, down to its papers' listings."""
    assert load_digest(dump_digest(digest)) == digest


def test_a_text_that_looks_like_the_seam_of_a_digest_is_a_text() -> None:
    """Whatever a source says cannot end a paper."""
    title = '{"paper":{},"reasons":[]},"reasons":['
    digest = a_digest(a_ranked(a_paper(title=title, details={'"paper":': ',"reasons":[', "reasons": title})))
    assert load_digest(dump_digest(digest)) == digest


def test_equal_listings_are_equal_texts() -> None:
    """The order in which a mapping was filled makes no difference to the text."""
    one = a_listing(links={"html": "https://example.org/a", "code": "https://example.org/b"})
    other = a_listing(links={"code": "https://example.org/b", "html": "https://example.org/a"})
    assert dump_listing(one) == dump_listing(other)


def test_what_is_unknown_is_left_out() -> None:
    """A listing's text names only what is known."""
    text = dump_listing(a_listing(abstract="Short.", created=date(2026, 5, 26)))
    assert text == '{"abstract":"Short.","created":"2026-05-26","format":"abstract_id","position":["page.txt",1]}'


def test_any_text_can_be_written() -> None:
    """NUL, lone surrogates and astral characters survive, though clean texts have none of the first two."""
    digest = a_digest(problems=(Problem("a\ud800.txt", None, "\x00 and 𝔸"),))
    assert dump_digest(digest).isascii()
    assert load_digest(dump_digest(digest)) == digest


@pytest.mark.parametrize("points", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_refused(points: float) -> None:
    """JSON has no NaN and no infinity: such a digest is a mistake of the caller."""
    with pytest.raises(ValueError, match="JSON"):
        dump_digest(a_digest(a_ranked(None, a_reason(points))))
