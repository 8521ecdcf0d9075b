from datetime import date
from itertools import permutations
from random import Random

import pytest
from builders import ABSTRACT, a_listing
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.merging import fuse
from digest.model import Listing, Paper

MAY_1, MAY_2, MAY_3 = (date(2026, 5, day) for day in (1, 2, 3))


def fused(*fields: dict[str, object]) -> Paper:
    """The paper of listings with these fields, on one line each; the same in every order."""
    listings = [a_listing(line=line, **known) for line, known in enumerate(fields, start=1)]
    papers = {repr(fuse(order)): fuse(order) for order in permutations(listings)}
    assert len(papers) == 1
    return papers.popitem()[1]


@pytest.mark.parametrize(
    ("field", "fields", "expected"),
    [
        # Of texts the newest version's, of one version's the longest, of one length the first by alphabet.
        ("title", ({"version": 1, "title": "A long first title"}, {"version": 2, "title": "Second"}), "Second"),
        ("title", ({"version": 2, "title": None}, {"version": 1, "title": "First"}), "First"),
        ("title", ({"title": "Old, and longer", "updated": MAY_1}, {"title": "New", "updated": MAY_2}), "New"),
        ("title", ({"title": "Cut"}, {"title": "Cut no more"}), "Cut no more"),
        ("title", ({"title": "Beta"}, {"title": "Able"}), "Able"),
        ("title", ({"title": ""}, {"title": None}), None),
        ("abstract", ({"version": 1, "abstract": ABSTRACT}, {"version": 2, "abstract": "New."}), "New."),
        ("abstract", ({"abstract": "Old.", "created": MAY_1}, {"abstract": "New.", "published": MAY_2}), "New."),
        ("comments", ({"comments": "9 pages"}, {"comments": "9 pages, 2 figures"}), "9 pages, 2 figures"),
        ("comments", ({"comments": None}, {"comments": None}), None),
        # Of lists of authors a whole one, then the longest, the newest, the one with the fullest names.
        (
            "authors",
            ({"authors": ["A", "B"], "authors_truncated": True, "version": 2}, {"authors": ["Ana Li"], "version": 1}),
            ("Ana Li",),
        ),
        ("authors", ({"authors": []}, {"authors": ["A"], "authors_truncated": True}), ("A",)),
        ("authors", ({"authors": ["A", "B"], "version": 1}, {"authors": ["A"], "version": 2}), ("A", "B")),
        ("authors", ({"authors": ["A. Li"], "version": 1}, {"authors": ["B. Li"], "version": 2}), ("B. Li",)),
        ("authors", ({"authors": ["A. Li"]}, {"authors": ["Ana Li"]}), ("Ana Li",)),
        ("authors_truncated", ({"authors": ["A"], "authors_truncated": True}, {"authors": ["A", "B"]}), False),
        ("authors_truncated", ({"authors": ["A"], "authors_truncated": True}, {}), True),
        ("author_count", ({"author_count": 9}, {"author_count": None}, {"author_count": 12}), 12),
        # Dates: the first and the last that are known.
        ("created", ({"created": MAY_2}, {"created": MAY_1}, {"created": None}), MAY_1),
        ("published", ({"published": MAY_2}, {"published": MAY_3}), MAY_2),
        ("updated", ({"updated": MAY_2}, {"updated": MAY_3}, {"updated": None}), MAY_3),
        ("created", ({}, {}), None),
        ("version", ({"version": 2}, {"version": None}, {"version": 10}), 10),
        ("version", ({}, {}), None),
        # What can be counted or united.
        ("metrics", ({"metrics": {"stars": 2, "comments": 1}}, {"metrics": {"stars": 5}}), {"comments": 1, "stars": 5}),
        ("metrics", ({"metrics": {"stars": 0}}, {}), {"stars": 0}),
        ("ids", ({"ids": {"arxiv": "1"}}, {"ids": {"doi": "10.1/x"}}), {"arxiv": "1", "doi": "10.1/x"}),
        (
            "ids",
            ({"ids": {"doi": "10.1/old"}, "version": 1}, {"ids": {"doi": "10.1/new"}, "version": 2}),
            {"doi": "10.1/new"},
        ),
        ("links", ({"links": {"b": "2"}}, {"links": {"a": "1", "b": "1"}}), {"a": "1", "b": "1"}),
        (
            "categories",
            ({"categories": ("cs.LG", "cs.CL"), "version": 1}, {"categories": ("cs.CL", "stat.ML"), "version": 2}),
            ("cs.CL", "stat.ML", "cs.LG"),
        ),
        # A paper that is new somewhere is new.
        ("kind", ({"kind": "replaced"}, {"kind": "new"}, {"kind": None}), "new"),
        ("kind", ({"kind": "replaced"}, {"kind": "cross-list"}), "cross-list"),
        ("kind", ({}, {}), None),
        ("headline", ({"title": "The title"}, {}), "The title"),
        ("headline", ({"abstract": "Short. We present moss."}, {"abstract": None}), "We present moss"),
        ("headline", ({"abstract": None}, {"abstract": ""}), "A paper without title or abstract"),
    ],
)
def test_each_field_comes_from_who_knows_it_best(field: str, fields: tuple, expected: object) -> None:
    """Newest text, whole list of authors, first and last dates, most of what is counted; in any order."""
    assert getattr(fused(*fields), field) == expected


def test_a_paper_of_one_listing_says_what_that_says() -> None:
    """Nothing is lost or changed in a paper that was listed once."""
    listing = a_listing(
        version=2,
        created=MAY_1,
        kind="new",
        arxiv="2605.00001",
        title="T",
        authors=["A", "B"],
        authors_truncated=True,
        author_count=9,
        comments="c",
        categories=("cs.LG",),
        updated=MAY_2,
        published=MAY_3,
        links={"abs": "https://arxiv.org/abs/2605.00001"},
        metrics={"n": 1},
    )
    paper = fuse([listing])
    assert paper.listings == (listing,)
    for name in listing.__dataclass_fields__.keys() - {"position", "format"}:
        assert getattr(paper, name) == getattr(listing, name), name


def test_the_same_listing_twice_is_the_paper_of_it_once() -> None:
    """A repeat adds a listing and changes no other field of the paper."""
    listing = a_listing(arxiv="2605.00001", title="T", authors=["A"], categories=("cs.LG",), created=MAY_1)
    once, twice = fuse([listing]), fuse([listing, listing])
    for name in once.__dataclass_fields__.keys() - {"listings"}:
        assert getattr(twice, name) == getattr(once, name), name


def test_listings_are_kept_in_the_order_of_their_positions() -> None:
    """Files by name, lines by number and not by alphabet."""
    places = [("a", 2), ("a", 10), ("b", 1)]
    listings = [a_listing(file=file, line=line) for file, line in places]
    kept = fuse(reversed(listings)).listings
    assert [(listing.position.file, listing.position.line) for listing in kept] == places


VALUES = st.fixed_dictionaries(
    {
        "line": st.integers(1, 2),
        "title": st.sampled_from((None, "Ab", "Ba", "Abc")),
        "authors": st.sampled_from(((), ("A B",), ("A C",), ("A", "B"))),
        "authors_truncated": st.booleans(),
        "version": st.sampled_from((None, 1, 2)),
        "created": st.sampled_from((None, MAY_1, MAY_2)),
        "categories": st.sampled_from(((), ("x", "y"), ("y", "x"))),
        "links": st.sampled_from(({}, {"a": "1"}, {"a": "2", "b": "1"})),
        "metrics": st.sampled_from(({}, {"n": 1}, {"n": 2, "m": 0})),
        "kind": st.sampled_from((None, "new", "replaced")),
    }
).map(lambda fields: a_listing(arxiv="2605.00001", **fields))


@given(st.lists(VALUES, min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_a_paper_does_not_depend_on_the_order_of_its_listings(listings: list[Listing], chance: Random) -> None:
    """The same listings in another order are the same paper, also where two stood in one place on different days."""
    shuffled = list(listings)
    chance.shuffle(shuffled)
    assert repr(fuse(shuffled)) == repr(fuse(listings))


def test_a_name_that_is_given_is_kept() -> None:
    """fuse takes the name it is given, and else finds the strongest key itself."""
    listing = a_listing(arxiv="2605.00001")
    assert fuse([listing], "known").id == "known"
    assert fuse([listing]).id == "arxiv:2605.00001"
