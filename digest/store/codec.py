"""Values to JSON and back, with nothing lost: `load_digest(dump_digest(digest)) == digest`.

What is unknown is left out. Keys are in alphabetical order, so that equal values are equal texts; what is not
ASCII is escaped, so that any text can be kept. Numbers are finite: a ValueError otherwise.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, Final

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
    try:
        return _to_listing(json.loads(text))
    except _NOT_OURS as error:
        raise Garbled(f"{type(error).__name__}: {error}") from error


def dump_digest(digest: Digest) -> str:
    return _text(
        {
            "profile": digest.profile,
            "title": digest.title,
            "day": digest.day.isoformat(),
            "sections": [
                {"title": section.title, "ranked": [_from_ranked(ranked) for ranked in section.ranked]}
                for section in digest.sections
            ],
            "tally": {f.name: getattr(digest.tally, f.name) for f in fields(Tally)},
            "problems": [{"file": p.file, "line": p.line, "what": p.what} for p in digest.problems],
            "verdict": digest.verdict,
            "announced": [day.isoformat() for day in digest.announced],
        }
    )


class Papers:
    """Papers that were read, by their texts: the same text is the same paper, also in another day's digest and in
    another reader's, and whatever is made once for a paper is made once for all of them.
    """

    MOST: Final = 8192
    """So many are held; at the next one all are let go."""

    def __init__(self) -> None:
        self._known: dict[str, Paper] = {}

    def read(self, text: str) -> Paper:
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= self.MOST:
                self._known.clear()
            found = self._known[text] = _to_paper(json.loads(text))
        return found


def load_digest(text: str, papers: Papers | None = None) -> Digest:
    """The digest, whose papers are `papers`' where they are known there. Raises Garbled."""
    try:
        shell, found = _apart(text, papers or Papers())
        return _to_digest(json.loads(shell), found)
    except _NOT_OURS as error:
        raise Garbled(f"{type(error).__name__}: {error}") from error


_PAPER: Final = '{"paper":'
_REASONS: Final = ',"reasons":['
"""What stands before and behind a paper; in no string, for a quote in one has a backslash before it."""


def _apart(text: str, papers: Papers) -> tuple[str, list[Paper]]:
    """The text with numbers in the places of its papers, and the papers."""
    shell, *pieces = text.split(_PAPER)
    found: list[Paper] = []
    for piece in pieces:
        paper, mark, rest = piece.partition(_REASONS)
        shell += f"{_PAPER}{len(found)}{mark}{rest}"
        found.append(papers.read(paper))
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


def _from_ranked(ranked: Ranked) -> Tree:
    return {
        "paper": _from_paper(ranked.paper),
        "reasons": [
            {"signal": r.signal, "term": r.term, "place": r.place, "points": r.points} for r in ranked.score.reasons
        ],
    }


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
