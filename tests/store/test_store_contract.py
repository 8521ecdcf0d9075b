"""What every store does, whatever it keeps its data in. A second kind of store adds its opener to OPENERS in
`conftest.py`.
"""

import random
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import a_digest, a_listing, a_paper, a_ranked
from conftest import OPENERS, Opener
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.merging import cluster, fuse, merge
from digest.model import Addressee, Edition, Listing, Paper, Problem
from digest.store import Store

T = "The first text says in quite a lot of words what it is about, so that it tells a paper from others."
U = "Another text, no less long than the first, has other words in it and so belongs to other papers than that."
V = "A third one, which is about something else again, and says so at a length that is enough to tell it apart."
DAY = date(2026, 5, 26)
ISSUED = datetime(2026, 5, 25, 22, tzinfo=UTC)


def numbered(number: int, **known: object) -> Listing:
    """A listing of a paper of its own."""
    abstract = f"Paper number {number} is told from the others by its number and by nothing else in this long text."
    return a_listing(**{"arxiv": f"2605.{number:05d}", "line": number, "abstract": abstract, **known})  # type: ignore[arg-type]


def papers(*numbers: int) -> list[Paper]:
    return merge(numbered(number) for number in numbers)


def waiting(store: Store, profile: str, besides: date | None = None) -> list[Paper]:
    """What no edition of the profile has considered."""
    return store.papers_since(store.considered(profile, besides))


def ids(found: list[Paper] | tuple[Paper, ...]) -> list[str]:
    return [paper.id for paper in found]


# ------------------------------------------------------------------------------------------------- papers


def test_new_papers_come_back_as_they_were_given(store: Store) -> None:
    """Papers that nobody knew are kept whole, in the given order."""
    given_ = papers(2, 1, 3)
    changes = store.save(given_)
    assert changes.papers == tuple(given_)
    assert (changes.new, changes.updated, changes.unchanged) == (3, 0, 0)
    assert store.papers() == 3


def test_saving_twice_changes_nothing(store: Store) -> None:
    """What is known just so is told apart from what is new."""
    store.save(papers(1, 2))
    changes = store.save(papers(2, 1))
    assert ids(changes.papers) == ["arxiv:2605.00002", "arxiv:2605.00001"]
    assert (changes.new, changes.updated, changes.unchanged) == (0, 0, 2)
    assert store.papers() == 2


def test_saving_nothing_changes_nothing(store: Store) -> None:
    """An empty save is no error."""
    assert store.save([]).papers == ()


def test_a_new_listing_joins_its_paper(store: Store) -> None:
    """A paper that is listed elsewhere gains that listing and what it tells."""
    store.save(merge([numbered(1, title="Counting")]))
    changes = store.save(merge([numbered(1, file="other.txt", authors=["Ada Moreau"]), numbered(2)]))
    assert (changes.new, changes.updated, changes.unchanged) == (1, 1, 0)
    paper = changes.papers[0]
    assert (paper.title, paper.authors, len(paper.listings)) == ("Counting", ("Ada Moreau",), 2)


def test_other_words_at_the_same_place_are_another_listing(store: Store) -> None:
    """A file that is listed again under its path with other content does not replace what it said before."""
    store.save(merge([numbered(1, comments="8 pages")]))
    changes = store.save(merge([numbered(1, comments="9 pages, accepted")]))
    assert changes.updated == 1
    assert {listing.comments for listing in changes.papers[0].listings} == {"8 pages", "9 pages, accepted"}


def test_the_first_id_stays_when_a_stronger_one_is_learnt(store: Store) -> None:
    """Feeds hang on a paper's id: it does not change when its arXiv id becomes known."""
    [before] = store.save(merge([a_listing(abstract=T)])).papers
    [after] = store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")])).papers
    assert before.id.startswith("text:")
    assert after.id == before.id
    assert after.ids == {"arxiv": "2605.00001"}


def test_a_link_between_two_known_papers_makes_them_one(store: Store) -> None:
    """The older id survives, and the younger one still finds the paper."""
    [old, young] = store.save(merge([a_listing(abstract=T), a_listing(abstract=None, arxiv="2605.00001")])).papers
    changes = store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")]))
    [paper] = changes.papers
    assert (changes.new, changes.updated, changes.unchanged) == (0, 1, 0)
    assert paper.id == old.id
    assert len(paper.listings) == 3
    assert store.find(young.id) == store.find(old.id) == [paper]
    assert store.find("https://arxiv.org/abs/2605.00001") == [paper]
    assert store.papers() == 1


def test_a_chain_of_links_ends_at_the_oldest(store: Store) -> None:
    """A paper that became another, which became a third, is found under all three ids."""
    texts = merge(
        [
            a_listing(abstract=T),
            a_listing(abstract=U, line=2, ids={"doi": "10.1000/x"}),
            a_listing(abstract=V, line=3, arxiv="2605.00001"),
        ]
    )
    first, second, third = store.save(texts).papers
    store.save(merge([a_listing(abstract=V, ids={"doi": "10.1000/x"}, file="b.txt")]))
    [one] = store.find(third.id)
    assert one.id == second.id
    store.save(merge([a_listing(abstract=T, ids={"doi": "10.1000/x"}, file="c.txt")]))
    [one] = store.find(third.id)
    assert one.id == first.id
    assert len(one.listings) == 5
    assert store.find(second.id) == [one]
    assert store.papers() == 1


def test_what_cluster_keeps_apart_stays_apart(store: Store) -> None:
    """Two arXiv ids are two papers, though a listing has the text of both."""
    store.save(merge([a_listing(abstract=T, arxiv="2605.00001"), a_listing(abstract=T, arxiv="2605.00002", line=2)]))
    changes = store.save(merge([a_listing(abstract=T, file="b.txt")]))
    assert changes.new == 1
    assert store.papers() == 3


def test_what_is_known_of_others_is_heard_too(store: Store) -> None:
    """Before known papers become one, `cluster` is asked about all papers that share keys with them, also with
    listings of theirs from which the link is far: here a third paper of the same text speaks against it.
    """
    store.save(merge([a_listing(abstract=U)]))
    store.save(
        merge([a_listing(abstract=T), a_listing(abstract=T, title="Reader 2", ids={"doi": "10.1000/x"}, line=2)])
    )
    [torn] = store.save(merge([a_listing(abstract=U, ids={"doi": "10.1000/x"}, line=3)])).papers
    assert len(torn.listings) == 4
    store.save(merge([a_listing(abstract=T, title="Reader 3", arxiv="2605.00001")]))
    store.save(merge([a_listing(abstract=V, arxiv="2605.00002")]))
    [linked] = store.save(merge([a_listing(abstract=None, arxiv="2605.00002", ids={"doi": "10.1000/x"})])).papers
    assert linked.id == "arxiv:2605.00002"
    assert len(linked.listings) == 2
    assert store.find(torn.id) == [torn]


def test_papers_of_one_name_get_two_ids(store: Store) -> None:
    """Papers that share a text but are kept apart have ids of their own, and keep them."""
    both = merge([a_listing(abstract=T, title="Part 1"), a_listing(abstract=T, title="Part 2", line=2)])
    one, other = store.save(both).papers
    assert one.id != other.id
    assert one.id.partition("~")[0] == other.id.partition("~")[0]
    assert store.save(both[::-1]).papers == (other, one)
    assert store.find(other.id) == [other]


def test_a_name_that_is_taken_later_gives_another_id(store: Store) -> None:
    """A paper whose name another paper has since before does not become that paper."""
    store.save(merge([a_listing(abstract=T, title="Part 1")]))
    [other] = store.save(merge([a_listing(abstract=T, title="Part 2", line=2)])).papers
    assert other.title == "Part 2"
    assert len(other.listings) == 1


def test_one_save_merges_what_it_is_given_apart(store: Store) -> None:
    """Papers of two runs of `merge` that are one paper are returned once."""
    changes = store.save([*merge([numbered(1)]), *papers(2), *merge([numbered(1, file="b.txt")])])
    assert ids(changes.papers) == ["arxiv:2605.00001", "arxiv:2605.00002"]
    assert (changes.new, store.papers()) == (2, 2)


def test_a_paper_without_listings_is_refused(store: Store) -> None:
    """Such a paper could not be made again from what is kept: a mistake of the caller, before anything is kept."""
    with pytest.raises(ValueError, match="without listings"):
        store.save([*papers(1), a_paper("arxiv:2605.77777")])
    assert store.papers() == 0


def test_a_listing_without_any_key_is_kept_once(store: Store) -> None:
    """Where neither an id nor a long text tells a listing, being equal does."""
    untold = merge([a_listing(abstract="Withdrawn.", title="Gone")])
    store.save(untold)
    assert store.save(untold).unchanged == 1
    assert store.save(merge([a_listing(abstract="Withdrawn.", title="Gone", line=9)])).new == 1


# --------------------------------------------------------------------------------------------- papers: laws


def drawn(file: str, line: int, ids: dict[str, str], abstract: str, title: str | None, authors: list[str]) -> Listing:
    ids = dict(sorted(ids.items()))  # equal listings have an equal repr
    return a_listing(file=file, line=line, ids=ids, abstract=abstract, title=title, authors=authors)


_LISTINGS = st.lists(
    st.builds(
        drawn,
        st.sampled_from(["a.txt", "b.txt"]),
        st.integers(1, 4),
        st.fixed_dictionaries(
            {},
            optional={
                "arxiv": st.sampled_from(["2605.00001", "2605.00002"]),
                "doi": st.sampled_from(["10.1000/x", "10.48550/arxiv.2605.00001"]),
            },
        ),
        st.sampled_from([T, U, "Too short to tell."]),
        st.sampled_from([None, "Reader 2", "Reader 3"]),
        st.sampled_from([[], ["Ada Moreau"], ["Bo Lind"]]),
    ),
    max_size=9,
)
_SPLITS = st.integers(0, 2**16)


def each_apart(listings: list[Listing]) -> list[Paper]:
    """Every listing as a paper of its own, as if no two had been merged."""
    return [fuse([listing]) for listing in listings]


def parts(found: tuple[Paper, ...] | list[Paper]) -> set[tuple[str, ...]]:
    return {tuple(sorted(map(repr, paper.listings))) for paper in found}


def facts(found: tuple[Paper, ...]) -> list[str]:
    """All that is known of papers but their ids."""
    return sorted(repr(paper).replace(f"id={paper.id!r}", "") for paper in found)


@settings(deadline=None, max_examples=40)
@given(_LISTINGS, _SPLITS)
@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS.keys())
def test_the_order_in_a_save_decides_nothing_but_ids(opener: Opener, listings: list[Listing], seed: int) -> None:
    """Any order and any grouping of the same listings give the papers that `merge` gives."""
    distinct = list({repr(listing): listing for listing in listings}.values())
    shuffled = random.Random(seed).sample(distinct, len(distinct))
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        with opener(Path(folder)) as store:
            merged = store.save(merge(distinct))
        with opener(Path(other)) as store:
            apart = store.save(each_apart(shuffled))
    assert parts(merged.papers) == parts(apart.papers) == parts(merge(distinct))
    assert facts(merged.papers) == facts(apart.papers)
    assert merged.new == apart.new == len(merged.papers)


@settings(deadline=None, max_examples=40)
@given(st.lists(_LISTINGS, min_size=1, max_size=4), _SPLITS)
@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS.keys())
def test_saves_lose_nothing_and_merge_nothing_that_cluster_would_not(
    opener: Opener, saves: list[list[Listing]], seed: int
) -> None:
    """After any saves every listing stands in one paper, papers only grow, their ids stay good, no paper has
    two arXiv ids, no arXiv id two papers, and known papers become one only where `cluster` says so.
    """
    chance = random.Random(seed)
    told: list[Listing] = []
    before: tuple[Paper, ...] = ()
    with TemporaryDirectory() as folder, opener(Path(folder)) as store:
        for listings in saves:
            told += listings
            batch = merge(listings) if chance.random() < 0.5 else each_apart(listings)
            changes = store.save(batch)
            assert changes.new + changes.updated + changes.unchanged == len(changes.papers)

            again = store.save(chance.sample(each_apart(told), len(told)))
            assert (again.new, again.updated) == (0, 0)
            after = again.papers
            assert store.papers() == len(after) == len({paper.id for paper in after})
            stored = [listing for paper in after for listing in paper.listings]
            assert sorted(map(repr, stored)) == sorted({repr(listing) for listing in told})

            groups = [{repr(stored[i]) for i in group} for group in cluster(stored)]
            for paper in after:
                content = set(map(repr, paper.listings))
                older = [old for old in before if content & set(map(repr, old.listings))]
                assert all(set(map(repr, old.listings)) <= content for old in older)
                assert len(older) < 2 or any(content <= group for group in groups)
                for old in older:
                    assert store.find(old.id) == [paper]
                if older:
                    assert paper.id in ids(older)
                assert len({listing.ids["arxiv"] for listing in paper.listings if "arxiv" in listing.ids}) < 2
            named = [paper.ids["arxiv"] for paper in after if "arxiv" in paper.ids]
            assert len(named) == len(set(named))
            before = after


# ---------------------------------------------------------------------------------------------- editions


def test_an_edition_is_numbered_and_comes_back_as_it_was(store: Store) -> None:
    """The first edition of a profile is number 1, and reading it gives an equal value."""
    digest = a_digest(*map(a_ranked, store.save(papers(1, 2)).papers))
    edition = store.keep(digest, ISSUED)
    assert edition == Edition(digest=digest, number=1, issued=ISSUED)
    assert store.edition("ana", DAY) == edition


def test_there_is_one_edition_a_day(store: Store) -> None:
    """A second digest of the day gives the edition that is kept, whatever it shows (D01)."""
    kept = store.keep(a_digest(a_ranked()), ISSUED)
    assert store.keep(a_digest(title="Another"), ISSUED + timedelta(hours=1)) == kept
    assert store.edition("ana", DAY) == kept
    assert len(store.archive("ana", "Ana", 9).days) == 1


def test_an_empty_edition_gives_way_on_its_day(store: Store) -> None:
    """An edition that shows nothing gives its day and number to one that shows a paper, and that one stays."""
    store.keep(a_digest(day="2026-05-25"), ISSUED)
    assert store.keep(a_digest(), ISSUED).number == 2
    full = store.keep(a_digest(a_ranked()), ISSUED)
    assert full.number == 2
    assert store.keep(a_digest(), ISSUED) == full
    assert store.edition("ana", DAY) == full
    assert [line.number for line in store.archive("ana", "Ana", 9).days] == [2, 1]


def test_an_edition_that_failed_gives_way_to_one_that_did_not(store: Store) -> None:
    """Where a source failed and nothing is shown, the same day tried again tells what it was: as quiet as it seemed."""
    failed = a_digest(problems=(Problem("arxiv", None, "cannot be asked"),))
    assert store.keep(failed, ISSUED).digest == failed
    read = store.keep(a_digest(), ISSUED)
    assert (read.number, read.digest.problems) == (1, ())
    assert store.keep(failed, ISSUED) == read


def test_papers_wait_for_the_day_that_is_left_out(store: Store) -> None:
    """For a day whose own edition does not count, papers wait since the edition before it."""
    store.keep(a_digest(day="2026-05-25"), ISSUED)
    store.save(papers(1))
    store.keep(a_digest(), ISSUED)
    assert waiting(store, "ana") == []
    assert ids(waiting(store, "ana", besides=DAY)) == ["arxiv:2605.00001"]


def test_numbers_count_up_for_each_profile(store: Store) -> None:
    """Each profile has numbers of its own, in the order in which its editions were kept."""
    days = ["2026-05-26", "2026-05-28", "2026-05-27"]
    assert [store.keep(a_digest(day=day), ISSUED).number for day in days] == [1, 2, 3]
    assert store.keep(a_digest(profile="ben"), ISSUED).number == 1


def test_a_missing_edition_is_none(store: Store) -> None:
    """A day without edition, and a profile that nobody knows, have none."""
    store.keep(a_digest(), ISSUED)
    assert store.edition("ana", date(2026, 5, 27)) is None
    assert store.edition("ben", DAY) is None


def test_an_edition_never_changes(store: Store) -> None:
    """What is learnt of a paper later does not reach the editions that showed it."""
    digest = a_digest(*map(a_ranked, store.save(papers(1)).papers))
    kept = store.keep(digest, ISSUED)
    store.save(merge([numbered(1, file="b.txt", title="A title at last")]))
    assert store.edition("ana", DAY) == kept


def test_an_edition_keeps_its_instant(store: Store) -> None:
    """An instant in another zone is the same instant when it comes back."""
    issued = datetime(2026, 5, 26, tzinfo=timezone(timedelta(hours=2)))
    store.keep(a_digest(), issued)
    edition = store.edition("ana", DAY)
    assert edition is not None
    assert edition.issued == issued


def test_a_naive_instant_is_refused(store: Store) -> None:
    """Only aware instants are kept."""
    with pytest.raises(ValueError, match="aware"):
        store.keep(a_digest(), datetime(2026, 5, 26))  # noqa: DTZ001
    assert store.edition("ana", DAY) is None


def test_shown_tells_the_first_day(store: Store) -> None:
    """A paper that two editions showed counts from the first; other profiles do not count."""
    one, two = map(a_ranked, store.save(papers(1, 2)).papers)
    store.keep(a_digest(one, day="2026-05-27"), ISSUED)
    store.keep(a_digest(one, two, day="2026-05-26"), ISSUED)
    store.keep(a_digest(two, profile="ben", day="2026-05-20"), ISSUED)
    assert store.shown("ana") == {one.paper.id: DAY, two.paper.id: DAY}
    assert store.shown("ana", besides=DAY) == {one.paper.id: date(2026, 5, 27)}
    assert store.shown("cem") == {}


def test_shown_follows_a_paper_to_its_older_id(store: Store) -> None:
    """A paper that was shown, and then turns out to be an older one, counts as that one being shown."""
    old, young = store.save(merge([a_listing(abstract=T), a_listing(abstract=None, arxiv="2605.00001")])).papers
    store.keep(a_digest(a_ranked(young)), ISSUED)
    assert store.shown("ana") == {young.id: DAY}
    store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")]))
    assert store.shown("ana") == {old.id: DAY}


def test_shown_counts_papers_that_nobody_saved(store: Store) -> None:
    """An edition is history: what it showed was shown, though the store does not know the paper."""
    store.keep(a_digest(a_ranked(a_paper("doi:10.1000/x"))), ISSUED)
    assert store.shown("ana") == {"doi:10.1000/x": DAY}


def test_papers_that_came_after_the_edition_wait(store: Store) -> None:
    """What became known after the latest edition was kept waits for the next one, in the order it came."""
    store.save(papers(1))
    assert waiting(store, "ana") == []
    store.keep(a_digest(), ISSUED)
    assert waiting(store, "ana") == []
    store.save(papers(3, 2, 1))
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00003", "arxiv:2605.00002"]
    assert waiting(store, "ben") == []


def test_a_second_digest_of_the_day_considers_nothing(store: Store) -> None:
    """Keeping an edition again leaves the waiting papers waiting; the next day's edition considers them."""
    store.keep(a_digest(), ISSUED)
    store.save(papers(1))
    store.keep(a_digest(), ISSUED)
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00001"]
    store.keep(a_digest(day="2026-05-27"), ISSUED)
    assert waiting(store, "ana") == []


def test_an_edition_of_an_earlier_day_considers_too(store: Store) -> None:
    """What counts is when an edition was kept, not its day."""
    store.keep(a_digest(), ISSUED)
    store.save(papers(1))
    store.keep(a_digest(day="2026-05-01"), ISSUED)
    assert waiting(store, "ana") == []


def test_a_known_paper_does_not_wait_for_a_new_listing(store: Store) -> None:
    """A paper that an edition considered does not wait again, neither by a listing nor by becoming one
    with a paper that waits.
    """
    store.save(merge([a_listing(abstract=T)]))
    store.keep(a_digest(), ISSUED)
    store.save(merge([a_listing(abstract=None, arxiv="2605.00001")]))
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00001"]
    store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")]))
    assert waiting(store, "ana") == []
    store.save(papers(7))
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00007"]


def test_the_archive_has_a_line_for_each_edition(store: Store) -> None:
    """Newest day first: as many whole editions as were asked for, and a line for every one."""
    ranked = [a_ranked(paper) for paper in papers(1, 2)]
    for day, shown in {"2026-05-25": ranked, "2026-05-27": [], "2026-05-26": ranked[1:]}.items():
        store.keep(a_digest(*shown, day=day), ISSUED)
    store.keep(a_digest(profile="ben"), ISSUED)
    archive = store.archive("ana", "Ana's papers", 2)
    assert (archive.profile, archive.title) == ("ana", "Ana's papers")
    assert [edition.digest.day.isoformat() for edition in archive.recent] == ["2026-05-27", "2026-05-26"]
    assert [(line.day.isoformat(), line.number, line.shown, line.headline) for line in archive.days] == [
        ("2026-05-27", 2, 0, None),
        ("2026-05-26", 3, 1, ranked[1].paper.headline),
        ("2026-05-25", 1, 2, ranked[0].paper.headline),
    ]
    assert archive.folder == "ana"


@pytest.mark.parametrize("recent", [0, -1])
def test_an_archive_may_be_lines_only(store: Store, recent: int) -> None:
    """Where no whole edition is asked for there is none."""
    store.keep(a_digest(), ISSUED)
    archive = store.archive("ana", "Ana", recent)
    assert archive.recent == ()
    assert len(archive.days) == 1


def test_an_archive_tells_what_is_known_otherwise_by_now(store: Store) -> None:
    """F08: a paper of a recent edition that got another title, abstract, version or date, under the id it has there."""
    one, two, three = store.save(papers(1, 2, 3)).papers
    edition = store.keep(a_digest(*map(a_ranked, (one, two, three))), ISSUED)
    assert store.archive("ana", "Ana", 9).revised == {}
    again = numbered(2, line=9, file="b.txt")
    later = numbered(3, title="A better title", version=2, updated=date(2026, 5, 27), file="b.txt")
    store.save(merge([again, later]))
    archive = store.archive("ana", "Ana", 9)
    assert archive.recent == (edition,)
    assert [*archive.revised] == [three.id]
    revised = archive.revised[three.id]
    assert (revised.id, revised.title, revised.version, revised.updated) == (
        three.id,
        "A better title",
        2,
        date(2026, 5, 27),
    )
    assert store.archive("ana", "Ana", 0).revised == {}


def test_a_revised_paper_keeps_the_id_that_the_edition_knows(store: Store) -> None:
    """F06: a paper that was found to be an older one is told under its former id, which its feed entry has."""
    (older,) = store.save(merge([a_listing(abstract=T)])).papers
    (younger,) = store.save(merge([a_listing(abstract=None, arxiv="2605.00001")])).papers
    store.keep(a_digest(a_ranked(younger)), ISSUED)
    store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")]))
    (revised,) = store.archive("ana", "Ana", 9).revised.items()
    assert revised[0] == revised[1].id == younger.id != older.id
    assert revised[1].abstract == T


def test_shown_papers_are_told_as_their_editions_have_them(store: Store) -> None:
    """Every paper of the editions from a day on, newest day first and in each edition's order; nobody else's."""
    odd = a_paper("text:1", headline='Odd "\ud800 é', authors=())
    for day, shown in {"2026-05-25": papers(1), "2026-05-26": [*papers(9, 2), odd], "2026-05-27": papers(1)}.items():
        store.keep(a_digest(*map(a_ranked, shown), day=day), ISSUED)
    store.keep(a_digest(a_ranked(), profile="ben"), ISSUED)
    told = store.shown_papers("ana", date(2026, 5, 26))
    assert [(paper.day.day, paper.id) for paper in told] == [
        (27, "arxiv:2605.00001"),
        (26, "arxiv:2605.00009"),
        (26, "arxiv:2605.00002"),
        (26, "text:1"),
    ]
    assert told[-1][2:] == (odd.headline, ())
    assert told[0][2:] == (papers(1)[0].headline, papers(1)[0].authors)
    assert store.shown_papers("ana", date(2026, 5, 28)) == []


# -------------------------------------------------------------------------------------------------- find


def test_find_by_any_name(store: Store) -> None:
    """An id, an arXiv id in any spelling and a DOI all lead to the paper."""
    [paper, _] = store.save(merge([numbered(1, ids={"doi": "10.1000/x"}), numbered(2)])).papers
    for text in ["arxiv:2605.00001", "https://arxiv.org/abs/2605.00001v3", "doi:10.1000/X", "10.1000/x"]:
        assert store.find(text) == [paper]


def test_find_by_an_identifier_that_was_learnt_later(store: Store) -> None:
    """A paper is found by each identifier that any listing gave it, though its id is another."""
    store.save(merge([a_listing(abstract=T)]))
    store.save(merge([a_listing(abstract=T, arxiv="2605.00001", file="b.txt")]))
    [paper] = store.find("2605.00001")
    assert paper.id.startswith("text:")


def test_an_id_finds_its_paper_only(store: Store) -> None:
    """Papers that are kept apart share keys, but an id is one paper's; a DOI of several finds them all."""
    both = [numbered(n, ids={"doi": "10.1000/x", "arxiv": f"2605.0000{n}"}) for n in (1, 2)]
    store.save(merge([a_listing(abstract=None, ids={"doi": "10.1000/x"})]))
    store.save(merge(both))
    assert ids(store.find("doi:10.1000/x")) == ["doi:10.1000/x"]
    assert ids(store.find("10.1000/x")) == ["arxiv:2605.00001", "arxiv:2605.00002", "doi:10.1000/x"]


def test_find_by_words(store: Store) -> None:
    """All words must stand in the title, headline or abstract; what is found is in order of id."""
    store.save(
        merge([numbered(2, title="Reading Lists"), numbered(1, title="Lists of Müller"), numbered(3, title="List")])
    )
    assert ids(store.find("LISTS")) == ["arxiv:2605.00001", "arxiv:2605.00002"]
    assert ids(store.find("lists, Muller")) == ["arxiv:2605.00001"]
    assert store.find("lists nowhere") == []


def test_find_returns_at_most_ten(store: Store) -> None:
    """Of many papers the first ten by id are returned."""
    store.save(papers(*range(30, 0, -1)))
    assert ids(store.find("paper number")) == [f"arxiv:2605.{n:05d}" for n in range(1, 11)]


@pytest.mark.parametrize("text", ["", "  ", "?!", "' OR 1=1 --", '"', "%", "arxiv:2605.99999", "\ud800", "\x00"])
def test_find_nothing(store: Store, text: str) -> None:
    """Text that means no paper finds none, and none of it is SQL (W14)."""
    store.save(papers(1))
    assert store.find(text) == []


# --------------------------------------------------------------------------------------------- open and close


def test_all_is_there_after_closing_and_opening(opener: Opener, tmp_path: Path) -> None:
    """Papers and editions outlive the store that kept them."""
    with opener(tmp_path) as store:
        paper = store.save(papers(1)).papers[0]
        edition = store.keep(a_digest(a_ranked(paper)), ISSUED)
        store.save(papers(2))
    with opener(tmp_path) as store:
        assert store.find(paper.id) == [paper]
        assert store.edition("ana", DAY) == edition
        assert store.shown("ana") == {paper.id: DAY}
        assert ids(waiting(store, "ana")) == ["arxiv:2605.00002"]
        assert store.papers() == 2


def test_a_store_may_be_closed_twice(opener: Opener, tmp_path: Path) -> None:
    """Closing is leaving: doing it again is no error."""
    store = opener(tmp_path)
    store.close()
    store.close()


# -------------------------------------------------------------------------------------------- secrets


def test_a_secret_stays_until_it_is_renewed(store: Store) -> None:
    """What was made once is told again under its name; only renewing makes another."""
    made = iter("abc")
    assert [store.secret("folder of ana", lambda: next(made)) for _ in range(3)] == ["a", "a", "a"]
    assert store.secret("folder of ben", lambda: next(made)) == "b"
    assert store.secret("folder of ana", lambda: next(made), renew=True) == "c"
    assert store.secret("folder of ana", lambda: next(made)) == "c"
    assert store.secret("folder of ben", lambda: next(made)) == "b"


# ------------------------------------------------------------------------------------------ what is held back


ANA = Addressee("mail", "Ana@Example.org")


def test_what_holds_a_reader_back_is_told(store: Store) -> None:
    """Suppressions of the profile and those of all profiles hold a reader back, however the address is written; those
    of others do not.
    """
    for profile, address, reason in (
        ("ana", "ana@example.org", "unsubscribed"),
        ("", "ana@example.org", "bounced"),
        ("bo", "ana@example.org", "operator"),
        ("ana", "bo@example.org", "operator"),
    ):
        store.outbox.suppress(profile, Addressee("mail", address), reason, ISSUED, "why")  # type: ignore[arg-type]
    held = store.outbox.held("ana", ANA)
    assert [(one.profile, one.reason, one.since, one.detail) for one in held] == [
        ("", "bounced", ISSUED, "why"),
        ("ana", "unsubscribed", ISSUED, "why"),
    ]
    assert store.outbox.held("ana", Addressee("webhook", "ana@example.org")) == []
    assert [one.profile for one in store.outbox.held("cy", ANA)] == [""]


def test_a_release_may_be_of_one_reason(store: Store) -> None:
    """Where a reason is given, what was held back for another one stays so; without one all of the profile goes."""
    store.outbox.suppress("ana", ANA, "operator", ISSUED)
    assert not store.outbox.release("ana", ANA, "unsubscribed")
    assert [one.reason for one in store.outbox.held("ana", ANA)] == ["operator"]
    assert store.outbox.release("ana", ANA)
    store.outbox.suppress("ana", ANA, "unsubscribed", ISSUED)
    store.outbox.suppress("", ANA, "unsubscribed", ISSUED)
    assert store.outbox.release("ana", ANA, "unsubscribed")
    assert [one.profile for one in store.outbox.held("ana", ANA)] == [""]
    assert not store.outbox.release("ana", ANA, "unsubscribed")


# ------------------------------------------------------------------------------------------------- one step


def test_what_is_done_together_is_one_step(opener: Opener, tmp_path: Path) -> None:
    """Editions that are kept together are all there afterwards, and each could be read meanwhile."""
    with opener(tmp_path) as store:
        with store.together():
            for name in ("ana", "bob"):
                store.keep(a_digest(a_ranked(), profile=name), ISSUED)
                assert store.edition(name, DAY)
        store.save(papers(1))
    with opener(tmp_path) as store:
        assert store.edition("ana", DAY)
        assert store.edition("bob", DAY)


def test_a_step_that_fails_leaves_nothing(store: Store) -> None:
    """Where anything raises, none of what was done together is kept, and the store goes on."""

    def keep(*issued: datetime) -> None:
        with store.together():
            for name, at in zip(("ana", "bob"), issued, strict=True):
                store.keep(a_digest(a_ranked(), profile=name), at)

    with pytest.raises(ValueError, match="aware"):
        keep(ISSUED, ISSUED.replace(tzinfo=None))
    assert store.edition("ana", DAY) is None
    assert store.keep(a_digest(a_ranked(), profile="bob"), ISSUED).number == 1


# ----------------------------------------------------------------------------------------------- together


def test_steps_in_a_step_are_part_of_it(store: Store) -> None:
    """What is done together within what is done together is kept with it, and the outer step goes on afterwards."""
    with store.together():
        with store.together():
            store.secret("inner", lambda: "1")
        store.secret("outer", lambda: "2")
    assert [store.known_secret(name) for name in ("inner", "outer")] == ["1", "2"]


@pytest.mark.parametrize("deep", [False, True])
def test_of_a_step_in_which_something_failed_nothing_is_kept(store: Store, deep: bool) -> None:
    """Where a part of a step fails, and whoever asked for it goes on, the step fails at its end with the same, and the
    next one is like any other.
    """

    def half() -> None:
        store.save(papers(1))
        store.outbox.plan("ana", DAY, [Addressee("mail", "ana@example.org")], now=ISSUED, expires=ISSUED)

    def step() -> None:
        with store.together():
            store.secret("before", lambda: "1")
            with suppress(ValueError), store.together() if deep else nullcontext():
                half()
            store.secret("after", lambda: "2")

    with pytest.raises(ValueError, match="no edition"):
        step()
    assert [store.known_secret(name) for name in ("before", "after")] == [None, None]
    assert store.papers() == 0
    with store.together():
        store.secret("before", lambda: "3")
    assert store.known_secret("before") == "3"
