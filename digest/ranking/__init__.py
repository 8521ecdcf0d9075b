"""Papers and a profile -> papers in order, each with the reasons that its score is the sum of.

A signal is a function of a profile that gives a function of a paper that gives reasons (see `Signal`); a
package adds one under the entry point group `digest.signals`.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from digest.model import Paper, Profile, Ranked, Reason, Score
from digest.plugins import Registry

Signal: TypeAlias = Callable[[Profile], Callable[[Paper], list[Reason]]]

SIGNALS: Registry[Signal] = Registry(
    "digest.signals",
    {"keyword": "digest.ranking.keywords:signal", "author": "digest.ranking.authors:signal"},
)


def rank(papers: Iterable[Paper], profile: Profile, signals: Iterable[str] | None = None) -> list[Ranked]:
    """Every paper with its score, best first; equal scores by paper id. Mutes are composing's business."""
    parts = [SIGNALS[name](profile) for name in (SIGNALS if signals is None else signals)]
    ranked = [Ranked(paper, Score(tuple(reason for part in parts for reason in part(paper)))) for paper in papers]
    ranked.sort(key=lambda r: (-r.score.total, r.paper.id))
    return ranked


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
