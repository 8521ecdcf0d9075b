"""Listings -> papers: one paper per real paper, whatever the order and however often it was listed."""

from collections.abc import Iterable, Sequence

from digest.merging.fusing import fuse, told_apart
from digest.merging.keys import ABSTRACT, ARXIV, DOI, EVIDENCE, keys, strongest
from digest.merging.vetoes import conflict
from digest.model import Listing, Paper

__all__ = ["cluster", "fuse", "keys", "merge"]


def merge(listings: Iterable[Listing]) -> list[Paper]:
    """The papers that `listings` are appearances of, in the order in which each first appears.

    Two listings are of one paper where they share an arXiv id or a DOI, or where their abstracts fold to the
    same text and nothing speaks against it. Which listings come together does not depend on their order.
    """
    known, keyed, groups = _grouped(listings)
    return told_apart([fuse([known[i] for i in group], strongest(keyed[i] for i in group)) for group in groups])


def cluster(listings: Iterable[Listing]) -> list[list[int]]:
    """The indexes of `listings`, grouped by paper; groups and their members in ascending order.

    Evidence is followed from the strongest kind to the weakest. At each kind the clusters that share a key,
    directly or through others, are taken together; if that would join two arXiv ids, or listings that
    `conflict`, then of that company only those that have no identifier of their own become one, and the rest
    stay apart: which of them is meant cannot be known, and the order of the listings must not decide.
    """
    return _grouped(listings)[2]


def _grouped(listings: Iterable[Listing]) -> tuple[list[Listing], list[dict[str, str]], list[list[int]]]:
    known: list[Listing] = []
    keyed: list[dict[str, str]] = []
    for listing in listings:
        known.append(listing)
        keyed.append(keys(listing))
    parent = list(range(len(known)))
    for kind in EVIDENCE:
        _join(kind, keyed, parent, known)
    groups: dict[int, list[int]] = {}
    for i in range(len(known)):
        groups.setdefault(_root(parent, i), []).append(i)
    return known, keyed, list(groups.values())


def _join(kind: str, keyed: list[dict[str, str]], parent: list[int], listings: Sequence[Listing]) -> None:
    """Unite, in `parent`, the clusters that share a key of one kind, unless their company is refused."""
    shared = [found[kind] for found in keyed if kind in found]
    if len(set(shared)) == len(shared):
        return
    company = list(range(len(parent)))
    first: dict[str, int] = {}
    for i, found in enumerate(keyed):
        _unite(company, i, _root(parent, i))
        if kind in found:
            _unite(company, first.setdefault(found[kind], i), i)
    members: dict[int, list[int]] = {}
    for i in range(len(parent)):
        members.setdefault(_root(company, i), []).append(i)
    for group in members.values():
        if len(group) > 1:
            for one, other in _accepted(kind, group, keyed, parent, listings):
                _unite(parent, one, other)


def _accepted(
    kind: str, group: list[int], keyed: list[dict[str, str]], parent: list[int], listings: Sequence[Listing]
) -> list[tuple[int, int]]:
    """The pairs of a company to unite: all of it; or, where that is refused, those of its members that have no
    identifier which could be the other's, as far as they share a key themselves.
    """
    if kind == ARXIV or not _refused(kind, group, keyed, listings):
        return [(group[0], i) for i in group[1:]]
    bound = {_root(parent, i) for i in group if keyed[i].keys() & _BINDING[kind]}
    free: dict[str, list[int]] = {}
    for i in group:
        if kind in keyed[i] and _root(parent, i) not in bound:
            free.setdefault(keyed[i][kind], []).append(i)
    pairs: list[tuple[int, int]] = []
    for members in free.values():
        if not _refused(kind, members, keyed, listings):
            pairs += [(members[0], i) for i in members[1:]]
    return pairs


_BINDING = {DOI: {ARXIV}, ABSTRACT: {ARXIV, DOI}}
"""The kinds of key that tell papers apart which share a weaker one."""


def _refused(kind: str, group: list[int], keyed: list[dict[str, str]], listings: Sequence[Listing]) -> bool:
    arxiv = {keyed[i][ARXIV] for i in group if ARXIV in keyed[i]}
    if len(arxiv) > 1:
        return True
    return kind == ABSTRACT and conflict(listings[i] for i in group)


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


def _unite(parent: list[int], one: int, other: int) -> None:
    """Join two trees under the smaller root, so that a root is the first listing of its cluster."""
    a, b = _root(parent, one), _root(parent, other)
    if a != b:
        parent[max(a, b)] = min(a, b)
