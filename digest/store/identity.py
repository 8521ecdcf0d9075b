"""Which papers do new listings belong to? Decided from values alone: nothing here reads or writes a store."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from digest.merging import cluster
from digest.merging.keys import ARXIV, keys
from digest.model import Listing, Paper


class Changes(NamedTuple):
    """What saving some papers changed."""

    papers: tuple[Paper, ...]
    """The given papers as they are known now, in the given order, each once."""
    new: int
    """How many of them nobody knew."""
    updated: int
    """How many were known and gained a listing."""
    unchanged: int
    """How many were known just so."""


class Settled(NamedTuple):
    """One paper: known papers that are one with each other, and new listings of it."""

    known: tuple[int, ...]
    """Places among the known papers, ascending: the first is the oldest. Empty for a new paper."""
    new: tuple[int, ...]
    """Places among the new listings, ascending; at least one."""


def settle(known: Sequence[Sequence[Listing]], new: Sequence[Listing]) -> list[Settled]:
    """The papers that gain a listing of `new`, given the listings of each paper that is known, oldest first.

    `cluster` decides over all listings together. What it puts with known papers joins them, and makes them one.
    A known paper is never taken apart, though: where `cluster` would, because evidence against it came later,
    that paper becomes one with no other known paper, and gains only what brings no second arXiv id.
    """
    listings = [listing for paper in known for listing in paper] + list(new)
    owner = [place for place, paper in enumerate(known) for _ in paper]
    homes: list[set[int]] = [set() for _ in known]
    groups = cluster(listings)
    for number, group in enumerate(groups):
        for i in group:
            if i < len(owner):
                homes[owner[i]].add(number)

    gains: dict[tuple[int, ...], list[int]] = {}
    nobodys: list[list[int]] = []
    for group in groups:
        gained = [i - len(owner) for i in group if i >= len(owner)]
        if not gained:
            continue
        touched = sorted({owner[i] for i in group if i < len(owner)})
        papers = tuple(place for place in touched if len(homes[place]) == 1)
        if torn := [(place,) for place in touched if len(homes[place]) > 1]:
            candidates = [papers, *torn] if papers else torn
            told = [[*(x for p in ps for x in known[p]), *(new[i] for i in gains.get(ps, ()))] for ps in candidates]
            papers = _choose(dict(zip(candidates, map(_arxiv, told), strict=True)), _arxiv(new[i] for i in gained))
        if papers:
            gains.setdefault(papers, []).extend(gained)
        else:
            nobodys.append(gained)
    settled = [*gains.items(), *(((), gained) for gained in nobodys)]
    return [Settled(papers, tuple(sorted(gained))) for papers, gained in settled]


def _arxiv(listings: Iterable[Listing]) -> set[str]:
    return {found[ARXIV] for listing in listings if ARXIV in (found := keys(listing))}


def _choose(papers: Mapping[tuple[int, ...], set[str]], arxiv: set[str]) -> tuple[int, ...]:
    """Of known papers with their arXiv ids, which gains listings that have the ids `arxiv`: one with the same
    id before one that has none, and the oldest of these. Empty where there is no such paper.
    """
    fit = [places for places, ids in papers.items() if len(ids | arxiv) <= 1]
    return min(fit, key=lambda places: (not papers[places] & arxiv, places), default=())
