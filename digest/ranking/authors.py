"""The author signal: somebody the profile follows is among the authors."""

from collections.abc import Callable, Sequence

from digest.model import Paper, Profile, Reason
from digest.ranking.names import family, matches

WEIGHT = 3.0
"""What a followed author counts where the person names no weight."""


def signal(papers: Sequence[Paper], profiles: Sequence[Profile]) -> Callable[[Profile], dict[int, list[Reason]]]:
    """A function that gives one reason for each name that a profile follows and that is among a paper's authors."""
    followed = {family(one.text) for profile in profiles for one in profile.authors}
    known: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    if followed:
        for number, paper in enumerate(papers):
            for author in paper.authors:
                if (name := family(author)) in followed:
                    known.setdefault(name, []).append((number, author))

    def reasons(profile: Profile) -> dict[int, list[Reason]]:
        given: dict[int, list[Reason]] = {}
        for text, weight in profile.authors:
            found = dict.fromkeys(number for number, author in known.get(family(text), ()) if matches(text, author))
            for number in found:
                given.setdefault(number, []).append(Reason("author", text, "authors", round(weight, 2)))
        return given

    return reasons
