"""Papers and a profile -> papers in order, each with the reasons that its score is the sum of.

A signal is a function of a day's papers and of everybody's profiles, so that it looks at a paper once for all of them;
it gives a function of one of these profiles that gives reasons (see `Signal`). A package adds one under the entry
point group `digest.signals`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from digest.model import Paper, Profile, Ranked, Reason, Score
from digest.plugins import Registry

Reasons: TypeAlias = Mapping[int, Sequence[Reason]]
"""Why a profile wants papers, or does not, by their places among the papers."""

Signal: TypeAlias = Callable[[Sequence[Paper], Sequence[Profile]], Callable[[Profile], Reasons]]

SIGNALS: Registry[Signal] = Registry(
    "digest.signals",
    {"keyword": "digest.ranking.keywords:signal", "author": "digest.ranking.authors:signal"},
)


def ranker(
    papers: Sequence[Paper], profiles: Sequence[Profile], signals: Iterable[str] | None = None
) -> Callable[[Profile], list[Ranked]]:
    """A function of one of the `profiles` that gives those of `papers` that anything speaks for or against, with their
    scores, best first; equal scores by paper id. Mutes are composing's business.
    """
    parts = [SIGNALS[name](papers, profiles) for name in (SIGNALS if signals is None else signals)]

    def ranked(profile: Profile) -> list[Ranked]:
        found: dict[int, list[Reason]] = {}
        for part in parts:
            for place, reasons in part(profile).items():
                found.setdefault(place, []).extend(reasons)
        return sorted((Ranked(papers[place], Score(tuple(why))) for place, why in found.items()), key=_order)

    return ranked


def rank(papers: Iterable[Paper], profile: Profile, signals: Iterable[str] | None = None) -> list[Ranked]:
    """As `ranker`, for one profile, with every paper: what nothing speaks for has no reason and the score 0."""
    every = list(papers)
    found = ranker(every, [profile], signals)(profile)
    known = {id(one.paper) for one in found}
    return sorted([*found, *(Ranked(paper, Score()) for paper in every if id(paper) not in known)], key=_order)


def _order(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score.total, ranked.paper.id


def muted_by(profile: Profile) -> Callable[[Paper], str | None]:
    """A function that names the first of the profile's mutes that stands in a paper's title, abstract or
    comments, or None.
    """
    if not profile.mutes:
        return lambda paper: None
    from digest.ranking.keywords import finder

    find = finder(profile.mutes)

    def mute(paper: Paper) -> str | None:
        found = find(paper)
        return profile.mutes[found[0][0]] if found else None

    return mute
