"""Values to JSON and back, with nothing lost: `load_digest(dump_digest(digest)) == digest`.

What is unknown is left out. Keys are in alphabetical order, so that equal values are equal texts; what is not
ASCII is escaped, so that any text can be kept. Numbers are finite: a ValueError otherwise.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, Final, TypeVar

from digest.model import (
    Bibliographic,
    Digest,
    Listing,
    Paper,
    Position,
    Problem,
    Ranked,
    Reason,
    Score,
    Section,
    Tally,
)

T = TypeVar("T")

Tree = dict[str, Any]
"""What `json` reads and writes for an object."""

_text: Final = json.JSONEncoder(sort_keys=True, allow_nan=False, separators=(",", ":")).encode
_DATES: Final = ("created", "updated", "published")
_LISTS: Final = ("authors", "categories")
_NOT_OURS: Final = (KeyError, TypeError, ValueError, AttributeError)
_UNKNOWN: Final = {
    f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(Bibliographic)
}


class Garbled(Exception):
    """A text that `dump_listing` or `dump_digest` did not write."""


def dump_listing(listing: Listing) -> str:
    return _text(_from_listing(listing))


def load_listing(text: str) -> Listing:
    """Raises Garbled."""
    return _read(text, _to_listing)


def dump_paper(paper: Paper) -> str:
    return _text(_from_paper(paper))


def load_paper(text: str) -> Paper:
    """Raises Garbled."""
    return _read(text, _to_paper)


def _read(text: str, made: Callable[[Tree], T]) -> T:
    try:
        return made(json.loads(text))
    except _NOT_OURS as error:
        raise Garbled(f"{type(error).__name__}: {error}") from error


def dump_digest(digest: Digest, named: Callable[[Paper], str] = dump_paper) -> str:
    """`named` gives what stands for a paper in the text: JSON, as a number by which `load_digest` will know it."""
    shown = digest.ranked
    places = iter(range(len(shown)))
    shell = _text(
        {
            "profile": digest.profile,
            "title": digest.title,
            "day": digest.day.isoformat(),
            "sections": [
                {"title": section.title, "ranked": [_from_score(one.score, next(places)) for one in section.ranked]}
                for section in digest.sections
            ],
            "tally": {f.name: getattr(digest.tally, f.name) for f in fields(Tally)},
            "problems": [{"file": p.file, "line": p.line, "what": p.what} for p in digest.problems],
            "verdict": digest.verdict,
            "announced": [day.isoformat() for day in digest.announced],
        }
    )
    start, *pieces = shell.split(_PAPER)
    whole = [start]
    for piece, one in zip(pieces, shown, strict=True):
        _, mark, rest = piece.partition(_REASONS)
        whole += (_PAPER, named(one.paper), mark, rest)
    return "".join(whole)


def load_digest(text: str, meant: Callable[[str], Paper] = load_paper) -> Digest:
    """The digest; `meant` is the opposite of what `dump_digest` was given. Raises Garbled."""
    try:
        shell, found = _apart(text, meant)
        return _to_digest(json.loads(shell), found)
    except _NOT_OURS as error:
        raise Garbled(f"{type(error).__name__}: {error}") from error


_PAPER: Final = '{"paper":'
_REASONS: Final = ',"reasons":['
"""What stands before and behind a paper; in no string, for a quote in one has a backslash before it."""


def _apart(text: str, meant: Callable[[str], Paper]) -> tuple[str, list[Paper]]:
    """The text with numbers in the places of its papers, and the papers."""
    shell, *pieces = text.split(_PAPER)
    found: list[Paper] = []
    for piece in pieces:
        paper, mark, rest = piece.partition(_REASONS)
        shell += f"{_PAPER}{len(found)}{mark}{rest}"
        found.append(meant(paper))
    return shell, found


def _to_digest(tree: Tree, papers: list[Paper]) -> Digest:
    return Digest(
        profile=tree["profile"],
        title=tree["title"],
        day=date.fromisoformat(tree["day"]),
        sections=tuple(
            Section(title=section["title"], ranked=tuple(_to_ranked(ranked, papers) for ranked in section["ranked"]))
            for section in tree["sections"]
        ),
        tally=Tally(**tree["tally"]),
        problems=tuple(Problem(**problem) for problem in tree["problems"]),
        verdict=tree.get("verdict", "delivered"),
        announced=tuple(map(date.fromisoformat, tree.get("announced", ()))),
    )


def _from_score(score: Score, place: int) -> Tree:
    """As it stands in a digest, with a number in the place of the paper."""
    return {"paper": place, "reasons": [reason._asdict() for reason in score.reasons]}


def _to_ranked(tree: Tree, papers: list[Paper]) -> Ranked:
    return Ranked(papers[tree["paper"]], Score(tuple(Reason(**reason) for reason in tree["reasons"])))


def _from_paper(paper: Paper) -> Tree:
    tree = _from_bibliographic(paper)
    tree["id"] = paper.id
    tree["headline"] = paper.headline
    tree["listings"] = [_from_listing(listing) for listing in paper.listings]
    return tree


def _to_paper(tree: Tree) -> Paper:
    tree["listings"] = tuple(map(_to_listing, tree["listings"]))
    return Paper(**_to_bibliographic(tree))


def _from_listing(listing: Listing) -> Tree:
    tree = _from_bibliographic(listing)
    tree["position"] = [listing.position.file, listing.position.line]
    tree["format"] = listing.format
    return tree


def _to_listing(tree: Tree) -> Listing:
    tree["position"] = Position(*tree["position"])
    return Listing(**_to_bibliographic(tree))


def _from_bibliographic(known: Bibliographic) -> Tree:
    tree: Tree = {}
    for name, unknown in _UNKNOWN.items():
        value = getattr(known, name)
        if value != unknown:
            if isinstance(value, date):
                value = value.isoformat()
            elif isinstance(value, Mapping):
                value = dict(value)
            tree[name] = value
    return tree


def _to_bibliographic(tree: Tree) -> Tree:
    """`tree`, whose dates and lists are made what the model has; in place, since nobody else holds it."""
    for name in _DATES:
        if name in tree:
            tree[name] = date.fromisoformat(tree[name])
    for name in _LISTS:
        if name in tree:
            tree[name] = tuple(tree[name])
    return tree
