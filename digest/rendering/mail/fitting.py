"""How much of an edition's papers a mail has room for. What ranks lowest gives way first."""

from collections.abc import Sequence
from typing import NamedTuple

from digest.model import Ranked
from digest.rendering.mail.papers import Piece, Told, Whys, briefly, piece, whys
from digest.rendering.telling import SHORT, TITLE, WHOLE, Level

_RESERVE = 1_000
"""What the sentence about the cut takes at most, in both parts."""


class Cut(NamedTuple):
    """What of an edition a mail had no room for."""

    shortened: int = 0
    titles: int = 0
    left_out: int = 0


_TOLD = 8
"""So many papers are the last to be told by their titles: a mail of a thousand titles tells nothing."""


class Fitted(NamedTuple):
    """The papers of a mail, each told at a level; of the lists only as much counts as there are pieces."""

    levels: list[Level]
    pieces: list[Piece]
    whys: Whys
    brief: list[Told | None]
    """What stands for the reasons of a paper that is told by its title."""


def rank_width(count: int) -> int:
    """How many columns the ranks of `count` papers have."""
    return max(2, len(str(count)))


def fitted(ranked: Sequence[Ranked], room: int, own: str | None) -> tuple[Fitted, Cut]:
    """As many of `ranked`, the first of them, as `room` bytes hold, and what was cut.

    Where not all fit whole, the abstracts are shortened from the last paper upwards until they do; then papers are
    told by their titles, again from the last; then the last are left out. The first of all keep their abstracts until
    there is nobody else to give way.
    """
    width = rank_width(len(ranked))
    told = whys([one[1] for one in ranked], own)
    chosen = [piece(one[0], WHOLE, width, own) for one in ranked]
    levels: list[Level] = [WHOLE] * len(ranked)
    brief: list[Told | None] = [None] * len(ranked)
    size = sum([one[2] for one in chosen]) + told.size
    if size <= room:
        return Fitted(levels, chosen, told, brief), Cut()
    size += _RESERVE
    at = len(ranked)
    while size > room and at:
        at -= 1
        less = piece(ranked[at][0], SHORT, width, own)
        size += less.size - chosen[at].size
        chosen[at] = less
        levels[at] = SHORT
    for first in (_TOLD, 0):
        at = len(chosen)
        while size > room and at > first:
            at -= 1
            if levels[at] == TITLE:
                continue
            made, said = piece(ranked[at][0], TITLE, width, own), briefly(told.totals[at], own)
            size += made.size + said.size - chosen[at].size - told.size_of(at)
            chosen[at] = made
            levels[at] = TITLE
            brief[at] = said
        while size > room and len(chosen) > first:
            size -= chosen.pop().size + briefly(told.totals[len(chosen)], own).size
    left = len(chosen)
    shortened = sum([level == SHORT and one.shortened for level, one in zip(levels, chosen, strict=False)])
    cut = Cut(shortened=shortened, titles=levels[:left].count(TITLE), left_out=len(ranked) - left)
    return Fitted(levels, chosen, told, brief), cut
