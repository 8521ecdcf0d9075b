"""The author signal: somebody the profile follows is among the authors."""

from collections.abc import Callable

from digest.model import Paper, Profile, Reason
from digest.ranking.names import matches

WEIGHT = 3.0
"""What a followed author counts where the person names no weight."""


def signal(profile: Profile) -> Callable[[Paper], list[Reason]]:
    """A function that gives one reason for each followed name that is among a paper's authors."""

    def reasons(paper: Paper) -> list[Reason]:
        return [
            Reason(signal="author", term=followed.text, place="authors", points=round(followed.weight, 2))
            for followed in profile.authors
            if any(matches(followed.text, author) for author in paper.authors)
        ]

    return reasons
