"""The keyword signal: a term that stands in a paper, and where.

One Aho-Corasick automaton looks for every spelling of every term at once in a text that was folded once.
Terms and text are padded with spaces, so a match is whole words by itself.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from digest.model import Bibliographic, Paper, Profile, Reason
from digest.text import fold, occurrences, spellings

PLACES = (("title", 1.0), ("abstract", 0.5), ("comments", 0.25))
"""Where a term counts, and what part of its weight a match there gives."""

_MOST_SPELLINGS = 64
"""A phrase has a spelling for every combination of plurals; past this many its beginning is looked for first."""


def signal(papers: Sequence[Paper], profiles: Sequence[Profile]) -> Callable[[Profile], dict[int, list[Reason]]]:
    """A function that gives the reasons by a profile's keywords: terms in the profile's order, places from title to
    comments. How often a term stands in one place makes no difference.
    """
    phrases = list(dict.fromkeys(term.text for profile in profiles for term in profile.terms))
    find = finder(phrases)
    found: dict[str, list[tuple[int, str, float]]] = {}
    for number, paper in enumerate(papers):
        for index, place, part in find(paper):
            found.setdefault(phrases[index], []).append((number, place, part))

    def reasons(profile: Profile) -> dict[int, list[Reason]]:
        given: dict[int, list[Reason]] = {}
        for text, weight in profile.terms:
            for number, place, part in found.get(text, ()):
                given.setdefault(number, []).append(Reason("keyword", text, place, round(weight * part, 2)))
        return given

    return reasons


def finder(phrases: Sequence[str]) -> Callable[[Bibliographic], list[tuple[int, str, float]]]:
    """A function that gives (index of the phrase, place, part of the weight) for each phrase in each place."""
    patterns: list[str] = []
    owners: list[int] = []
    begun: set[int] = set()
    for index, phrase in enumerate(phrases):
        ways, whole = _spellings(phrase)
        patterns += ways
        owners += [index] * len(ways)
        if not whole:
            begun.add(index)
    if not patterns:
        return lambda _: []
    automaton = AhoCorasick(patterns)

    def find(paper: Bibliographic) -> list[tuple[int, str, float]]:
        found = []
        for at, (place, part) in enumerate(PLACES):
            text = getattr(paper, place)
            if text:
                hits = automaton.find_matches_as_indexes(_folded(text), overlapping=True)
                found += [
                    (owner, at, place, part)
                    for owner in {owners[hit[0]] for hit in hits}
                    if owner not in begun or occurrences(text, [phrases[owner]])
                ]
        return [(owner, place, part) for owner, _, place, part in sorted(found)]

    return find


_folded = lru_cache(maxsize=8192)(fold)
"""The texts of a day's papers, which every profile is asked about: folding takes longer than finding."""


def _spellings(phrase: str) -> tuple[list[str], bool]:
    """All ways to write a phrase, padded as a folded text is, and True; of a long phrase its beginning, and False."""
    words = fold(phrase).split()
    ways = [" "] if words else []
    for word in words:
        more = [f"{way}{spelling} " for way in ways for spelling in spellings(word)]
        if len(more) > _MOST_SPELLINGS:
            return ways, False
        ways = more
    return ways, True
