from math import fsum
from random import Random

import pytest
from builders import a_paper, a_profile
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.model import Paper, Profile, Term
from digest.ranking import SIGNALS, muted_by, rank, ranker
from digest.ranking.names import matches
from digest.text import fold, singular

WORDS = ("graph", "graphs", "network", "networks", "study", "studies", "speech", "C++", "naïve")
TEXTS = st.none() | st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
NAMES = ("Ana Li", "Li, Bo", "Tomás Říha", "A. Li")
WEIGHTS = st.integers(-100_000, 100_000).map(lambda n: n / 100) | st.floats(-1000, 1000)
TERMS = st.lists(
    st.builds(
        lambda words, weight: Term(text=" ".join(words), weight=weight),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        WEIGHTS,
    ),
    max_size=5,
).map(tuple)
PROFILES = st.builds(
    lambda terms, authors: Profile(name="ana", title="Ana", terms=terms, authors=authors),
    TERMS,
    st.lists(st.builds(lambda text, weight: Term(text=text, weight=weight), st.sampled_from(NAMES), WEIGHTS)).map(
        tuple
    ),
)
PAPERS = st.lists(
    st.fixed_dictionaries(
        {"title": TEXTS, "abstract": TEXTS, "comments": TEXTS, "authors": st.lists(st.sampled_from(NAMES), max_size=2)}
    ),
    max_size=6,
).map(lambda known: [a_paper(f"arxiv:2605.{n:05}", headline="A paper", **fields) for n, fields in enumerate(known)])


def scores(papers: list[Paper], profile: Profile) -> dict[str, float]:
    return {ranked.paper.id: ranked.score.total for ranked in rank(papers, profile)}


def stems(text: str) -> str:
    return f" {' '.join(map(singular, fold(text).split()))} "


@given(PAPERS, PROFILES)
@settings(max_examples=200)
def test_a_score_is_exactly_the_sum_of_its_reasons(papers: list[Paper], profile: Profile) -> None:
    """Whatever the weights, the points that are printed add up to the total that is printed."""
    for ranked in rank(papers, profile):
        points = [reason.points for reason in ranked.score.reasons]
        assert ranked.score.total == round(fsum(points), 2)
        assert abs(ranked.score.total - sum(points)) < 1e-9
        assert all(round(point, 2) == point for point in points)


@given(PAPERS, PROFILES)
@settings(max_examples=200)
def test_every_reason_names_a_term_that_stands_where_it_says(papers: list[Paper], profile: Profile) -> None:
    """The term of each reason is in the place that it names; an author's is somebody in the list of authors."""
    for ranked in rank(papers, profile):
        for reason in ranked.score.reasons:
            if reason.signal == "author":
                assert reason.place == "authors"
                assert any(matches(reason.term, author) for author in ranked.paper.authors)
            else:
                assert reason.place in ("title", "abstract", "comments")
                assert stems(reason.term) in stems(getattr(ranked.paper, reason.place))


@given(PAPERS, PROFILES)
@settings(max_examples=200)
def test_every_term_that_stands_somewhere_is_a_reason(papers: list[Paper], profile: Profile) -> None:
    """A paper has one reason for each of the profile's terms in each place where it stands, and none else."""
    for ranked in rank(papers, profile):
        expected = [
            (term.text, place)
            for term in profile.terms
            for place in ("title", "abstract", "comments")
            if stems(term.text) in stems(getattr(ranked.paper, place) or "")
        ]
        assert [(r.term, r.place) for r in ranked.score.reasons if r.signal == "keyword"] == expected


@given(PAPERS, PROFILES, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_papers_does_not_depend_on_how_they_came(
    papers: list[Paper], profile: Profile, chance: Random
) -> None:
    """The best score first, equal scores by id, every paper once, from any order."""
    shuffled = list(papers)
    chance.shuffle(shuffled)
    ranked = rank(shuffled, profile)
    assert ranked == rank(papers, profile)
    assert [(-r.score.total, r.paper.id) for r in ranked] == sorted((-r.score.total, r.paper.id) for r in ranked)
    assert sorted(r.paper.id for r in ranked) == [paper.id for paper in papers]


@given(PAPERS, st.lists(PROFILES, max_size=4))
@settings(max_examples=200)
def test_profiles_that_are_asked_together_get_what_each_gets_alone(
    papers: list[Paper], profiles: list[Profile]
) -> None:
    """Whoever else is asked with a profile, it has the same papers in the same order for the same reasons: of all
    papers those that have a reason.
    """
    together = ranker(papers, profiles)
    for profile in profiles:
        assert together(profile) == [one for one in rank(papers, profile) if one.score.reasons]


def test_papers_without_a_match_are_ranked_too() -> None:
    """rank leaves nobody out: a paper that nothing speaks for has no reason and a score of 0."""
    (ranked,) = rank([a_paper()], a_profile())
    assert ranked.score.reasons == ()
    assert ranked.score.total == 0
    assert rank([], a_profile(keywords={"graph": 1})) == []


def test_a_negative_weight_lowers_a_score() -> None:
    """A paper with an unwanted word stands behind those without it, and may be below 0."""
    profile = a_profile(keywords={"graph": 2.0, "survey": -5.0})
    papers = [
        a_paper("arxiv:1", title="A graph survey"),
        a_paper("arxiv:2", title="A graph"),
        a_paper("arxiv:3", title="x"),
    ]
    assert scores(papers, profile) == {"arxiv:2": 2.0, "arxiv:3": 0.0, "arxiv:1": -3.0}
    assert [ranked.paper.id for ranked in rank(papers, profile)] == ["arxiv:2", "arxiv:3", "arxiv:1"]


def test_a_term_counts_most_in_the_title_and_least_in_the_comments() -> None:
    """One term: title over abstract over comments."""
    places = {"title": "No", "abstract": "No", "comments": "No"}
    papers = [a_paper(f"arxiv:{place}", **{**places, place: "A graph"}) for place in places]
    found = scores(papers, a_profile(keywords={"graph": 1.0}))
    assert found["arxiv:title"] > found["arxiv:abstract"] > found["arxiv:comments"] > 0


def test_points_are_those_of_the_weight_and_the_place() -> None:
    """The whole weight in the title and for an author, half of it in the abstract, a quarter in the comments."""
    paper = a_paper(title="Graphs", abstract="A graph.", comments="graph", authors=["Ana Li"])
    profile = a_profile(keywords={"graph": 3.0}, authors=(Term(text="Li, A.", weight=2.5),))
    (ranked,) = rank([paper], profile)
    assert list(map(str, ranked.score.reasons)) == [
        '+3.0 "graph" in title',
        '+1.5 "graph" in abstract',
        '+0.75 "graph" in comments',
        '+2.5 "Li, A." in authors',
    ]
    assert ranked.score.total == 7.75


def test_a_term_counts_once_in_a_place() -> None:
    """A word said ten times in an abstract is worth what it is worth once."""
    assert scores([a_paper(abstract="graph " * 10)], a_profile(keywords={"graph": 2.0})) == {"arxiv:2605.00001": 1.0}


def test_a_followed_author_counts_once() -> None:
    """Two authors of one name, or one who is listed twice, give one reason."""
    profile = a_profile(authors=(Term(text="Li", weight=3.0),))
    assert scores([a_paper(authors=["Ana Li", "Bo Li"])], profile) == {"arxiv:2605.00001": 3.0}


def test_signals_can_be_chosen() -> None:
    """Only the signals that are named give reasons; one that does not exist is told with what was meant."""
    paper, profile = (
        a_paper(title="Graph", authors=["Ana Li"]),
        a_profile(keywords={"graph": 1.0}, authors=(Term(text="Li"),)),
    )
    for name in SIGNALS:
        (ranked,) = rank([paper], profile, [name])
        assert {reason.signal for reason in ranked.score.reasons} == {name}
    assert rank([paper], profile, [])[0].score.total == 0
    with pytest.raises(UsageError, match="no signal 'keywrod' \\(did you mean 'keyword'\\?\\)"):
        rank([paper], profile, ["keywrod"])


# ------------------------------------------------------------------------------------------ mutes


@pytest.mark.parametrize("place", ["title", "abstract", "comments"])
def test_a_mute_is_found_wherever_a_term_is(place: str) -> None:
    """A muted word or phrase in title, abstract or comments names itself; plurals are folded as for keywords."""
    mute = muted_by(a_profile(mutes=("cold fusion", "survey")))
    assert mute(a_paper(**{"title": "No", "abstract": "No", "comments": "No", place: "Surveys of dogs"})) == "survey"


def test_the_first_mute_of_the_profile_is_named() -> None:
    """Where several mutes stand in a paper the first in the profile is the reason, wherever it stands."""
    mute = muted_by(a_profile(mutes=("cold fusion", "survey")))
    assert mute(a_paper(title="A survey", comments="on cold fusion")) == "cold fusion"


def test_what_is_not_muted_is_none() -> None:
    """A paper without a muted phrase, with its words apart, or a profile without mutes: None."""
    assert muted_by(a_profile(mutes=("cold fusion",)))(a_paper(title="Cold nuclear fusion")) is None
    assert muted_by(a_profile())(a_paper()) is None
    assert muted_by(a_profile(mutes=("!",)))(a_paper(title="?!")) is None
