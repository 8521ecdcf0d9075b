"""What speaks against two clusters of listings being one paper, however equal their abstracts are.

A wrong merge hides a paper; a missed one shows it twice. So doubt keeps apart.
"""

from collections.abc import Iterable
from itertools import combinations

from digest.model import Listing
from digest.patterns import pattern
from digest.text import fold

# What makes another paper of an almost equal title: errata, comments, replies and numbered parts.
_SEQUEL = frozenset(
    "erratum errata corrigendum corrigenda correction retraction addendum comment reply response rejoinder part "
    "i ii iii iv v vi vii viii ix x".split()
)
_NUMBER = pattern(r"\d+")


_TEAMS = 20
"""Past so many different lists of authors no abstract can vouch for one paper."""


def conflict(listings: Iterable[Listing]) -> bool:
    """True where titles or authors say that these are several papers, though they share evidence."""
    titles, teams = set(), set()
    for listing in listings:
        if listing.title:
            titles.add(frozenset(_marks(listing.title)))
        if listing.authors:
            teams.add(frozenset(word for name in listing.authors for word in fold(name).split() if len(word) > 1))
        if len(titles) > 1 or len(teams) > _TEAMS:
            return True
    return any(not one & other for one, other in combinations(teams, 2))


def _marks(title: str) -> list[str]:
    """The words of a title that tell a sequel, and its numbers."""
    return [word for word in fold(title).split() if word in _SEQUEL or _NUMBER.fullmatch(word)]
