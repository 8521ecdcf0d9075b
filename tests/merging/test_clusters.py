from datetime import date
from pathlib import Path
from random import Random

import pytest
from builders import ABSTRACT, a_listing
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.merging import cluster, keys, merge
from digest.model import Listing

OTHER = "Another abstract, of another paper, that is long enough to be told apart from any other text in the world."
NOTICE = (
    "This article has been withdrawn by arXiv administrators because the submitter did not have the authority to "
    "grant a license at the time of submission."
)
ERROR = "Withdrawn by the authors because of a crucial error in the proof of the main theorem of section 2."

# Few values, so that small pages are full of collisions.
FIELDS = st.fixed_dictionaries(
    {
        "ids": st.fixed_dictionaries(
            {},
            optional={
                "arxiv": st.sampled_from(("2605.00001", "2605.00002")),
                "doi": st.sampled_from(("10.1000/x", "10.1000/X", "10.1000/y", "10.48550/arXiv.2605.00001")),
            },
        )
        | st.just({}),
        "abstract": st.sampled_from((ABSTRACT, ABSTRACT.upper().replace(" ", "\n"), OTHER, "Too short.", NOTICE, None)),
        "title": st.sampled_from(
            (None, None, "Counting papers", "Counting papers: Part I", "Counting papers II", "Erratum")
        ),
        "authors": st.sampled_from(((), (), ("Ana Li", "Bo Wu"), ("A. Li",), ("Zoë Quist",), ("伟",))),
        "version": st.sampled_from((None, 1, 2)),
        "updated": st.sampled_from((None, date(2026, 5, 1), date(2026, 5, 2))),
    }
)


def page(*fields: dict[str, object]) -> list[Listing]:
    return [a_listing(line=line, **known) for line, known in enumerate(fields, start=1)]


PAGES = st.lists(FIELDS, max_size=8).map(lambda fields: page(*fields))


def lines(listings: list[Listing]) -> list[list[int]]:
    """The clusters of `listings` by the lines of their members, whatever the order."""
    return sorted(sorted(listings[i].position.line for i in group) for group in cluster(listings))


@given(PAGES, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_the_order_of_listings_does_not_decide_what_is_one_paper(listings: list[Listing], chance: Random) -> None:
    """Any permutation of the listings gives the same clusters, and the same papers up to their order."""
    shuffled = list(listings)
    chance.shuffle(shuffled)
    assert lines(shuffled) == lines(listings)
    assert sorted(merge(shuffled), key=lambda p: p.id) == sorted(merge(listings), key=lambda p: p.id)


@given(PAGES)
@settings(max_examples=150)
def test_every_listing_is_in_exactly_one_paper(listings: list[Listing]) -> None:
    """No listing is lost and none is in two papers; papers and groups come in the order of their first listing."""
    groups = cluster(listings)
    assert sorted(i for group in groups for i in group) == list(range(len(listings)))
    assert all(group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    told = [[listing.position.line for listing in paper.listings] for paper in merge(listings)]
    assert told == [[listings[i].position.line for i in group] for group in groups]


@given(PAGES)
@settings(max_examples=150)
def test_merging_what_was_merged_changes_nothing(listings: list[Listing]) -> None:
    """The listings of the merged papers give the same papers again."""
    papers = merge(listings)
    assert merge(listing for paper in papers for listing in paper.listings) == papers


@given(PAGES)
@settings(max_examples=150)
def test_no_paper_has_two_arxiv_ids(listings: list[Listing]) -> None:
    """Of all listings of one paper, those that know an arXiv id know the same; and none of it is in another paper."""
    owners: dict[str, set[str]] = {}
    for paper in merge(listings):
        known = {found["arxiv"] for listing in paper.listings if "arxiv" in (found := keys(listing))}
        assert len(known) <= 1
        for key in known:
            owners.setdefault(key, set()).add(paper.id)
    assert all(len(papers) == 1 for papers in owners.values())


@given(PAGES)
@settings(max_examples=150)
@example(
    page(
        {"ids": {"arxiv": "2605.00001"}, "abstract": ABSTRACT},
        {"ids": {"arxiv": "2605.00001"}, "abstract": OTHER},
        {"ids": {"arxiv": "2605.00002"}, "abstract": ABSTRACT},
        {"abstract": ABSTRACT},
        {"abstract": OTHER},
    )
)
def test_nothing_is_merged_without_shared_evidence(listings: list[Listing]) -> None:
    """Within a cluster every listing shares a key with another of it, so that all are linked."""
    for group in cluster(listings):
        linked, rest = {group[0]}, set(group[1:])
        while found := {
            i for i in rest if any(set(keys(listings[i]).values()) & set(keys(listings[j]).values()) for j in linked)
        }:
            linked |= found
            rest -= found
        assert not rest


@given(PAGES)
@settings(max_examples=150)
@example(page({"authors": ["Ana Li"]}, {"authors": ["Zoë Quist"]}))
@example(page({"abstract": "Withdrawn."}, {"abstract": "Withdrawn."}))
@example(
    page(
        *({"ids": {"arxiv": f"2605.0000{n}", "doi": "10.1000/x"}, "abstract": None} for n in (1, 2)),
        *({"ids": {"doi": "10.1000/x"}, "abstract": None} for _ in "ab"),
    )
)
def test_no_two_papers_have_one_id(listings: list[Listing]) -> None:
    """Papers that are kept apart are called by different names, whatever they share."""
    ids = [paper.id for paper in merge(listings)]
    assert len(set(ids)) == len(ids)


# ------------------------------------------------------------------------------------------ what merges


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"arxiv": "2605.00001", "version": 1}, {"arxiv": "2605.00001", "version": 3, "abstract": OTHER}),
        ({"arxiv": "2605.00001", "title": "Part I"}, {"arxiv": "2605.00001", "title": "Part II", "abstract": OTHER}),
        ({"ids": {"doi": "10.1000/ABC"}}, {"ids": {"doi": "10.1000/abc"}, "abstract": OTHER}),
        ({"arxiv": "2605.00001"}, {"ids": {"doi": "10.48550/arXiv.2605.00001"}, "abstract": None}),
        ({"arxiv": "2605.00001"}, {"ids": {"doi": "10.48550/ARXIV.2605.00001v2"}, "abstract": None}),
        ({"arxiv": "2605.00001"}, {"ids": {"doi": "10.1000/x"}}),
        ({}, {"abstract": ABSTRACT.replace(" ", "\n")}),
        ({}, {"abstract": ABSTRACT.upper()}),
        ({}, {"abstract": ABSTRACT.replace("reading", "read-\ning")}),
        ({"authors": ["Ana Li", "Bo Wu"]}, {"authors": ["A. Li"]}),
        ({"authors": ["Tomás Říha"]}, {"authors": [r"Tom\'as {\v R}\'iha"]}),
        ({"title": "Counting papers"}, {"title": "Papers, counted"}),
        ({"authors": ["Ana Li"]}, {}),
    ],
)
def test_listings_of_one_paper_come_together(one: dict[str, object], other: dict[str, object]) -> None:
    """A shared id, in any of its spellings, or the same abstract however it is broken, makes one paper."""
    assert len(merge(page(one, other))) == 1


def test_listings_come_together_through_others() -> None:
    """A listing with only an abstract, one with an id and dates, and one that has both are one paper."""
    found = merge(
        page({"ids": {"doi": "10.1000/x"}, "abstract": None}, {}, {"ids": {"doi": "10.1000/x"}, "arxiv": "2605.00001"})
    )
    assert [paper.id for paper in found] == ["arxiv:2605.00001"]


# ------------------------------------------------------------------------------------------ what stays apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"arxiv": "2605.00001"}, {"arxiv": "2605.00002"}),
        ({"arxiv": "2605.00001", "ids": {"doi": "10.1000/x"}}, {"arxiv": "2605.00002", "ids": {"doi": "10.1000/x"}}),
        ({"title": "Counting, Part I"}, {"title": "Counting, Part II"}),
        ({"title": "Counting"}, {"title": "Erratum: Counting"}),
        ({"title": "Counting"}, {"title": "Reply to “Counting”"}),
        ({"title": "Counting in 2025"}, {"title": "Counting in 2026"}),
        ({"authors": ["Ana Li", "Bo Wu"]}, {"authors": ["Zoë Quist", "Tomás Říha"]}),
        ({"abstract": "This paper has been withdrawn."}, {"abstract": "This paper has been withdrawn."}),
        ({"abstract": NOTICE}, {"abstract": NOTICE}),
        ({"abstract": NOTICE, "title": "Dogs"}, {"abstract": NOTICE, "title": "Cats"}),
        ({"abstract": ERROR}, {"abstract": ERROR}),
        ({"abstract": None, "title": "Counting"}, {"abstract": None, "title": "Counting"}),
        ({"abstract": ABSTRACT}, {"abstract": ABSTRACT + " More."}),
        ({"abstract": ""}, {"abstract": ""}),
    ],
)
def test_doubt_keeps_listings_apart(one: dict[str, object], other: dict[str, object]) -> None:
    """Other ids, parts or people, or a text that says too little: two papers rather than one wrong merge."""
    assert len(merge(page(one, other))) == 2


def test_who_may_belong_to_two_papers_belongs_to_none() -> None:
    """A listing whose abstract two arXiv papers have stays alone, and so joins neither by its place on the page."""
    found = merge(page({"arxiv": "2605.00001"}, {}, {"arxiv": "2605.00002"}))
    assert [[listing.position.line for listing in paper.listings] for paper in found] == [[1], [2], [3]]


def test_listings_without_an_id_that_may_belong_to_two_papers_are_one() -> None:
    """Listings of one abstract that join neither of two papers are still one paper with each other."""
    found = merge(page({"arxiv": "2605.00001"}, {}, {"arxiv": "2605.00002"}, {}))
    assert [[listing.position.line for listing in paper.listings] for paper in found] == [[1], [2, 4], [3]]


def test_a_doi_that_two_arxiv_papers_claim_still_joins_those_that_have_only_it() -> None:
    """Listings with one DOI and no arXiv id are one paper, also where that DOI cannot say which arXiv paper it is."""
    same = {"ids": {"doi": "10.1000/x"}, "abstract": None}
    found = merge(page({**same, "arxiv": "2605.00001"}, {**same, "arxiv": "2605.00002"}, same, same))
    assert [paper.id for paper in found] == ["arxiv:2605.00001", "arxiv:2605.00002", "doi:10.1000/x"]


# ------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ({"arxiv": "2605.00001", "ids": {"doi": "10.1000/x"}}, "arxiv:2605.00001"),
        ({"ids": {"doi": "10.1000/X"}}, "doi:10.1000/x"),
        ({"ids": {"doi": "10.48550/arXiv.2605.00001"}}, "arxiv:2605.00001"),
    ],
)
def test_a_paper_is_named_by_its_strongest_key(known: dict[str, object], name: str) -> None:
    """An arXiv id before a DOI before a fingerprint of the abstract."""
    assert merge(page(known))[0].id == name


def test_a_paper_without_ids_keeps_its_name() -> None:
    """It is named by the fingerprint of its abstract alone: a title or authors that come later change nothing."""
    alone = merge(page({}))[0].id
    assert alone.startswith("text:")
    assert merge(page({"title": "Counting", "authors": ["Ana Li"], "abstract": ABSTRACT.upper()}))[0].id == alone


def test_a_paper_without_any_text_has_a_name() -> None:
    """A listing that says nothing at all is still a paper with an id and a headline."""
    (paper,) = merge(page({"abstract": None}))
    assert paper.id.startswith("text:")
    assert paper.headline == "A paper without title or abstract"


def test_short_texts_name_different_papers() -> None:
    """Papers too short for a fingerprint are told apart by whatever they say."""
    ids = {merge(page({"abstract": text, "title": title}))[0].id for text in ("A.", "B.") for title in ("X", "Y")}
    assert len(ids) == 4


def test_nothing_makes_no_paper() -> None:
    """No listings, no papers."""
    assert merge([]) == []
    assert cluster(iter([])) == []


# ------------------------------------------------------------------------------------------ size

MANY = 20_000


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("fields", "papers"),
    [
        (lambda n: {"authors": [f"Given{n} Family{n}"]}, MANY),
        (lambda n: {"title": f"Part {n}"}, MANY),
        (lambda n: {"arxiv": f"2605.{n:05}"}, MANY),
        (lambda n: {"arxiv": "2605.00001", "version": n}, 1),
        (lambda n: {"authors": ["Ana Li"]}, 1),
        (lambda n: {"ids": {"arxiv": f"2605.{n // 2:05}", "doi": f"10.1/{(n + 1) // 2}"}, "abstract": None}, MANY // 2),
        (lambda n: {"ids": {"doi": f"10.1/{n // 2}"}, "abstract": f"{ABSTRACT} {(n + 1) // 2}"}, 1),
    ],
    ids=["teams", "titles", "one text of many ids", "versions", "repeats", "chain of ids", "chain of texts"],
)
def test_a_page_of_repeats_is_merged_in_linear_time(fields, papers: int) -> None:
    """Twenty thousand listings that all share something are merged within a minute."""
    assert len(merge(a_listing(line=n, **fields(n)) for n in range(MANY))) == papers


def test_clusters_of_real_pages(shared: Path) -> None:
    """The seeds' 81 listings are 79 papers, and the one that stands on three pages has what each of them knows."""
    from digest.formats import parse
    from digest.sources.files import fetch

    pages = sorted((shared / "seeds").glob("0*.txt"))
    listings = [item for path in pages for document in fetch([str(path)]) for item in parse(document)]
    assert all(isinstance(item, Listing) for item in listings)
    papers = merge(listings)
    assert (len(listings), len(papers)) == (81, 79)
    (repeated,) = (paper for paper in papers if len(paper.listings) > 1)
    assert len(repeated.listings) == 3
    assert repeated.authors
    assert repeated.ids["arxiv"] == "2508.03332"
    assert repeated.created
    assert len({listing.position.file for listing in repeated.listings}) == 3


def test_the_subject_class_of_an_old_id_makes_no_other_paper():
    """math.GT/0309136 and math/0309136 are one paper."""
    papers = merge([a_listing(arxiv="math.GT/0309136", abstract="One."), a_listing(arxiv="math/0309136", line=2)])
    assert [paper.id for paper in papers] == ["arxiv:math/0309136"]
