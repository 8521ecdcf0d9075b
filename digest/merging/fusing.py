"""Several listings of one paper -> the paper: each field from the listing that knows it best."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from hashlib import blake2b
from typing import TypeVar

from digest.merging.keys import keys, strongest
from digest.model import Bibliographic, Kind, Listing, Paper
from digest.text import fingerprint, headline

V = TypeVar("V")

_KINDS: tuple[Kind, ...] = ("new", "cross-list", "replaced")


def fuse(listings: Iterable[Listing], id: str | None = None) -> Paper:
    """The paper that `listings` (at least one) are appearances of, the same for any order of them.

    Of texts the newest version's counts, of one version's the longest; of lists of authors a whole one before
    a cut one; dates are the earliest (`created`, `published`) and the latest (`updated`) that are known. The
    listings are kept in the order of their positions. Without `id` the paper is named by its strongest key.
    """
    known = list(listings)
    if len(known) == 1:
        return _alone(known[0], id)
    known.sort(key=_place)
    newest = sorted(known, key=_age, reverse=True)
    title = _best(newest, lambda x: x.title)
    abstract = _best(newest, lambda x: x.abstract)
    team = _team(newest)
    return Paper(
        id=id or identity(known, title, abstract),
        headline=_headline(title, abstract),
        listings=tuple(known),
        ids=_union(newest, lambda x: x.ids),
        version=max((x.version for x in known if x.version), default=None),
        title=title,
        authors=team.authors,
        authors_truncated=team.authors_truncated,
        author_count=max((x.author_count for x in known if x.author_count), default=None),
        abstract=abstract,
        comments=_best(newest, lambda x: x.comments),
        categories=tuple(dict.fromkeys(c for x in newest for c in x.categories)),
        created=min((x.created for x in known if x.created), default=None),
        updated=max((x.updated for x in known if x.updated), default=None),
        published=min((x.published for x in known if x.published), default=None),
        links=_union(newest, lambda x: x.links),
        metrics=_most(known),
        kind=min((x.kind for x in known if x.kind), key=_KINDS.index, default=None),
        details=_union(newest, lambda x: x.details),
    )


def _alone(listing: Listing, id: str | None) -> Paper:
    """The paper of a single listing, as most are: what it says, as it says it."""
    return Paper(
        id=id or identity([listing], listing.title, listing.abstract),
        headline=_headline(listing.title, listing.abstract),
        listings=(listing,),
        **{name: getattr(listing, name) for name in _TOLD},
    )


_TOLD = tuple(told.name for told in fields(Bibliographic))


def _headline(title: str | None, abstract: str | None) -> str:
    return title or (headline(abstract) if abstract else "A paper without title or abstract")


def identity(listings: Sequence[Listing], title: str | None, abstract: str | None) -> str:
    """The strongest key that the listings have; without any, a fingerprint of whatever text there is."""
    text = f"{title} {abstract} {listings[0].authors}"
    return strongest(map(keys, listings)) or f"text:{fingerprint(text, least=0)}"


def told_apart(papers: Sequence[Paper]) -> list[Paper]:
    """`papers`, each with a name of its own: those that are kept apart though they share the text that names them get
    a mark of their title and authors, and where these are the same too of where they stand.
    """
    for mark in (_who, _where):
        named = Counter(paper.id for paper in papers)
        papers = [replace(x, id=f"{x.id}~{mark(x)}") if named[x.id] > 1 else x for x in papers]
    return list(papers)


def _who(paper: Paper) -> str:
    return blake2b(repr((paper.title, paper.authors)).encode(), digest_size=8).hexdigest()


def _where(paper: Paper) -> str:
    return blake2b(repr([*map(_place, paper.listings)]).encode(), digest_size=8).hexdigest()


def _place(listing: Listing) -> tuple[str, int, str]:
    """By position; on different days different listings may have stood in one place."""
    return listing.position.file, listing.position.line, repr(listing)


def _age(listing: Listing) -> tuple[int, date]:
    day = listing.updated or listing.created or listing.published or date.min
    return listing.version or 0, day


def _best(newest: Sequence[Listing], of: Callable[[Listing], str | None]) -> str | None:
    """The newest text; among those of the same age the longest, then the first by alphabet."""
    told = [(_age(x), text) for x in newest if (text := of(x))]
    if not told:
        return None
    age = max(a for a, _ in told)
    return min((text for a, text in told if a == age), key=lambda text: (-len(text), text))


def _team(newest: Sequence[Listing]) -> Listing:
    """The listing with the best list of authors: whole before cut, then longer, newer, with fuller names."""
    return min(
        newest,
        key=lambda x: (
            not x.authors,
            x.authors_truncated,
            -len(x.authors),
            -_age(x)[0],
            -_age(x)[1].toordinal(),
            -sum(map(len, x.authors)),
            x.authors,
        ),
    )


def _union(newest: Sequence[Listing], of: Callable[[Listing], Mapping[str, V]]) -> dict[str, V]:
    """All that the listings name; where they differ the newest counts, then the first by alphabet."""
    ordered = sorted(newest, key=lambda x: sorted(map(str, of(x).items())))
    ordered.sort(key=_age, reverse=True)
    merged: dict[str, V] = {}
    for listing in ordered:
        for name, value in of(listing).items():
            merged.setdefault(name, value)
    return dict(sorted(merged.items()))


def _most(known: Sequence[Listing]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for listing in known:
        for name, value in listing.metrics.items():
            merged[name] = max(value, merged.get(name, value))
    return dict(sorted(merged.items()))
