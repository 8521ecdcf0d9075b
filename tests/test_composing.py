from datetime import date

import pytest
from builders import a_listing, a_paper, a_profile, a_ranked, a_reason
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composing import compose, fate
from digest.merging import merge
from digest.model import Kind, Problem, Ranked, Tally
from digest.ranking import rank

DAY = date(2026, 5, 26)


def ranked(*points: float, titles: tuple[str, ...] = ()) -> list[Ranked]:
    """Papers with these scores, best first, called arxiv:1, arxiv:2 and so on in the order given."""
    papers = [
        a_ranked(a_paper(f"arxiv:{n}", title=titles[n - 1] if titles else "A paper"), a_reason(points=score))
        for n, score in enumerate(points, start=1)
    ]
    return sorted(papers, key=lambda r: (-r.score.total, r.paper.id))


def ids(*papers: Ranked) -> list[str]:
    return [r.paper.id for r in papers]


INPUTS = st.tuples(
    st.lists(st.sampled_from((-3.0, 0.0, 0.25, 1.0, 2.0, 2.0, 3.0, 9.5)), max_size=12).map(
        lambda points: ranked(*points)
    ),
    st.integers(0, 6),
    st.sampled_from((-1.0, 0.0, 1.0, 2.5)),
    st.sets(st.integers(1, 12)).map(lambda numbers: {f"arxiv:{n}": DAY for n in numbers}),
    st.sampled_from(((), ("counting",), ("paper",))),
)


@given(INPUTS)
@settings(max_examples=150)
def test_every_paper_has_one_fate(inputs) -> None:
    """The tally counts each paper that was considered exactly once, and as many shown as the sections have."""
    papers, limit, threshold, shown, mutes = inputs
    digest = compose(papers, a_profile(limit=limit, threshold=threshold, mutes=mutes), DAY, shown)
    assert digest.tally.considered == len(papers)
    assert digest.tally.shown == len(digest.ranked) <= limit


def test_papers_that_nothing_speaks_for_are_counted() -> None:
    """Papers that were not even ranked stand in the tally beside those whose reasons come to nothing."""
    assert compose(ranked(2.0, -1.0), a_profile(), DAY, others=7).tally == Tally(shown=1, unmatched=8)


@given(INPUTS)
@settings(max_examples=150)
def test_sections_part_the_papers_in_the_ranking_s_order(inputs) -> None:
    """Read from the top, the sections are the first papers of the ranking that may be shown; none is empty."""
    papers, limit, threshold, shown, mutes = inputs
    profile = a_profile(limit=limit, threshold=threshold, mutes=mutes)
    digest = compose(papers, profile, DAY, shown)
    wanted = [
        r for r, what in zip(papers, fate(papers, profile, shown), strict=True) if what in ("shown", "beyond_limit")
    ]
    assert list(digest.ranked) == wanted[:limit]
    assert all(section.ranked for section in digest.sections)
    assert len({section.title for section in digest.sections}) == len(digest.sections) <= 2


@given(INPUTS)
@settings(max_examples=150)
def test_what_is_shown_was_wanted_and_is_new(inputs) -> None:
    """No shown paper has a score of 0 or less or below the threshold, was shown before, or is muted."""
    papers, limit, threshold, shown, mutes = inputs
    digest = compose(papers, a_profile(limit=limit, threshold=threshold, mutes=mutes), DAY, shown)
    for r in digest.ranked:
        assert r.score.total > 0
        assert r.score.total >= threshold
        assert r.paper.id not in shown
        assert not (mutes and mutes[0] in r.paper.title.lower())


def test_the_limit_is_the_number_of_papers() -> None:
    """The best papers up to the limit are shown, the others counted as beyond it."""
    digest = compose(ranked(4, 3, 2, 1), a_profile(limit=2), DAY)
    assert ids(*digest.ranked) == ["arxiv:1", "arxiv:2"]
    assert digest.tally == Tally(shown=2, beyond_limit=2)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_shows_nothing(limit: int) -> None:
    """With no room at all every paper is beyond the limit."""
    assert compose(ranked(4, 3), a_profile(limit=limit), DAY).tally == Tally(beyond_limit=2)


def test_the_threshold_is_the_least_score_that_is_shown() -> None:
    """A score of just the threshold is shown, a hundredth less is not."""
    digest = compose(ranked(2, 1.99), a_profile(threshold=2), DAY)
    assert ids(*digest.ranked) == ["arxiv:1"]
    assert digest.tally == Tally(shown=1, below_threshold=1)


@pytest.mark.parametrize("threshold", [-100.0, 0.0])
def test_no_threshold_shows_what_has_no_score(threshold: float) -> None:
    """Papers of score 0 or less match nothing, however low the threshold is set."""
    assert compose(ranked(1, 0, -1), a_profile(threshold=threshold), DAY).tally == Tally(shown=1, unmatched=2)


def test_what_was_shown_is_not_shown_again() -> None:
    """A paper the profile has been shown does not return, and takes no room from the next."""
    digest = compose(ranked(3, 2, 1), a_profile(limit=1), DAY, {"arxiv:1": DAY, "arxiv:99": DAY})
    assert ids(*digest.ranked) == ["arxiv:2"]
    assert digest.tally == Tally(shown=1, already_shown=1, beyond_limit=1)


def test_muted_papers_are_left_out() -> None:
    """A paper with a muted phrase is counted as muted, whatever its score, and takes no room."""
    papers = ranked(9, 2, titles=("A survey of dogs", "Dogs"))
    digest = compose(papers, a_profile(mutes=("surveys",), limit=1), DAY)
    assert ids(*digest.ranked) == ["arxiv:2"]
    assert digest.tally == Tally(shown=1, muted=1)


def test_the_fates_are_in_the_order_of_the_papers() -> None:
    """fate says of each paper, in order, what becomes of it; no match is told before all other reasons."""
    papers = ranked(5, 4, 3, 2, 1, 0, titles=("A", "B", "Muted", "D", "E", "Muted"))
    profile = a_profile(limit=1, threshold=1.5, mutes=("muted",))
    assert fate(papers, profile, {"arxiv:1": DAY, "arxiv:6": DAY}) == [
        *("already_shown", "shown", "muted", "beyond_limit", "below_threshold", "unmatched")
    ]


def test_close_papers_stand_above_those_that_only_touch() -> None:
    """Papers with at least half of the best score are the top; without any others there is one section."""
    sections = compose(ranked(4, 2, 1.99, 1), a_profile(), DAY).sections
    assert [(s.title, ids(*s.ranked)) for s in sections] == [
        ("Top matches", ["arxiv:1", "arxiv:2"]),
        ("More matches", ["arxiv:3", "arxiv:4"]),
    ]
    assert [s.title for s in compose(ranked(4, 2), a_profile(), DAY).sections] == ["Matches"]


def test_a_digest_may_be_empty() -> None:
    """Without papers, or without any to show, a digest has no sections and still says what was considered."""
    assert compose([], a_profile(), DAY).sections == ()
    digest = compose(ranked(0, -1), a_profile(), DAY)
    assert (digest.sections, digest.ranked, digest.tally) == ((), (), Tally(unmatched=2))


def test_a_digest_carries_its_profile_day_and_problems() -> None:
    """Name and title of the profile, the local day, and the problems of the run in their order."""
    problems = [Problem("b.txt", 2, "odd"), Problem("a.txt", None, "gone")]
    digest = compose([], a_profile("bo", title="For Bo"), DAY, problems=iter(problems))
    assert (digest.profile, digest.title, digest.day, digest.problems) == ("bo", "For Bo", DAY, tuple(problems))


def test_a_ranking_can_be_composed_as_it_is() -> None:
    """What rank gives is what compose takes."""
    profile = a_profile(keywords={"graph": 1.0})
    papers = [a_paper("arxiv:1", title="No"), a_paper("arxiv:2", title="Graph")]
    assert ids(*compose(rank(papers, profile), profile, DAY).ranked) == ["arxiv:2"]


@pytest.mark.parametrize(
    ("kinds", "revised", "shown"),
    [
        (["replaced"], False, False),
        (["replaced"], True, True),
        (["replaced", "replaced"], False, False),
        (["new"], False, True),
        (["cross-list"], False, True),
        ([None], False, True),
        # It was announced too, or somebody else lists it who does not tell.
        (["new", "replaced"], False, True),
        (["replaced", None], False, True),
    ],
)
def test_an_older_paper_is_not_new(kinds: list[Kind | None], revised: bool, shown: bool) -> None:
    """A paper of which only new versions were listed is shown to those who want such papers."""
    (paper,) = merge(a_listing(file=f"{n}.txt", arxiv="2605.00001", kind=kind) for n, kind in enumerate(kinds))
    tally = compose([a_ranked(paper)], a_profile(revised=revised), DAY).tally
    assert tally == (Tally(shown=1) if shown else Tally(revised=1))
    assert tally.considered == 1
