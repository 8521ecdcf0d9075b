"""Whether two spellings may name the same person: `Sinha, A.` and `Abhijit Sinha`."""

from functools import lru_cache

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
    theirs, rest = _parts(author)
    if not family or family != theirs:
        return False
    if not given:
        return True
    return bool(rest) and (all(map(_agree, given, rest)) or "".join(given) == "".join(rest))


def family(name: str) -> tuple[str, ...]:
    """The family name with its particles, folded: names that match have the same; empty where there is none."""
    return _parts(name)[0]


@lru_cache(maxsize=65536)
def _parts(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Family name with its particles and given names as folded words, from `Family, Given` or `Given Family`."""
    head, *tail = map(_names, name.split(","))
    given = [words for part in tail for words in part if words[0] not in _SUFFIXES]
    if given:
        family, least = _plain(head, 1), 1
    else:
        names = _plain(head, 2)
        family, given = names[-1:], names[:-1]
        # "van Dijk" is a family name alone; "bin yu" is somebody who does not like capitals.
        least = 0 if name.lstrip()[:1].islower() and not name.islower() else 1
    while len(given) > least and given[-1][0] in _PARTICLES:
        family = [given.pop(), *family]
    return tuple(w for part in family for w in part), tuple(w for part in given for w in part)


def _names(text: str) -> list[list[str]]:
    """The names that stand apart in `text`, each as its folded words: `Ana O'Neil` -> [[ana], [o, neil]]."""
    return [words for part in text.replace(".", ". ").split() if (words := fold(part).split())]


def _plain(names: list[list[str]], least: int) -> list[list[str]]:
    """`names` without `Jr.`, `III` at their end, as long as `least` are left."""
    while len(names) > least and names[-1][0] in _SUFFIXES:
        names = names[:-1]
    return names


def _agree(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
