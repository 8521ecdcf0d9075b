"""Whether two spellings may name the same person: `Sinha, A.` and `Abhijit Sinha`."""

from digest.text import fold

# Parts of a family name that stand before it, folded (as in "van der Berg, L." and "de la Cruz, M.").
_PARTICLES = frozenset(
    "af al ap auf av bin ben da dal dalla de del della den der des di do dos du el la las le les lo los "
    "mac san santa st ter ten thor van vander vom von y zu zum zur".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv".split())


def matches(followed: str, author: str) -> bool:
    """True where `author`, as a listing names them, may be the person that `followed` means.

    The family names must be equal; the given names, as far as both tell them, must agree, an initial with any
    name that begins with it. A followed family name alone finds everybody of that name.
    """
    family, given = _parts(followed)
    if "," in author:
        theirs, rest = _parts(author)
        if theirs != family:
            return False
    else:
        words = _words(author)
        if words[len(words) - len(family) :] != family:
            return False
        rest = words[: len(words) - len(family)]
        if rest and rest[-1] in _PARTICLES and not given:
            return False
    if not given:
        return True
    return bool(rest) and all(_agree(a, b) for a, b in zip(given, rest, strict=False))


def _parts(name: str) -> tuple[list[str], list[str]]:
    """Family name and given names as folded words, from `Family, Given` or `Given Family`."""
    head, comma, tail = name.partition(",")
    if comma and (given := _words(tail)):
        return _words(head), given
    words = _words(head)
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    return words[start:], words[:start]


def _words(name: str) -> list[str]:
    words = fold(name).split()
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    return words


def _agree(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
