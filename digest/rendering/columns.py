"""Plain text in columns, as terminals and mail programs show it: how wide a text is, and where its lines end.

A character of East Asian width W or F takes two columns (UAX #11), a combining or invisible one none.
"""

import unicodedata
from functools import lru_cache

COLUMNS = 72
"""So wide is a line at most: it stays whole when a reply quotes it, and a terminal of 80 columns has a margin."""


def width(text: str) -> int:
    """How many columns `text`, which is one line, takes."""
    return len(text) if _even(text) else sum(map(_columns, text))


def _even(text: str) -> bool:
    """Each character takes one column."""
    return text.isascii() or all(_columns(character) == 1 for character in set(text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, first: str = "", rest: str | None = None, columns: int = COLUMNS) -> str:
    """`text`, which is one line, as lines of at most `columns`; the first begins with `first`, the others with `rest`,
    which is as `first` where it is not given. Without a line break at the end, and no line ends in white space.

    Lines end at spaces, and in wide characters anywhere. A word that is longer than a line is cut, but for an
    address, which would lead nowhere.
    """
    rest = first if rest is None else rest
    even = _even(text)
    if even and len(first) + len(text) <= columns:
        return f"{first}{text}"
    measure = len if even else width
    lines: list[str] = []
    line, used, bare = first, width(first), True
    margin = width(rest)
    for word in text.split(" "):
        size = measure(word)
        gap = 0 if bare else 1
        if used + gap + size <= columns:
            line, used, bare = f"{line}{' ' * gap}{word}", used + gap + size, False
            continue
        flowing = not even and any(_columns(character) == 2 for character in word)
        if not bare and not flowing:
            lines.append(line)
            line, used, bare = rest, margin, True
        if "://" in word or (bare and used + size <= columns):
            line, used, bare = f"{line}{word}", used + size, False
            continue
        *cut, last = _cut(word, columns - used - (0 if bare else 1), columns - margin)
        if cut:
            lines.append(f"{line}{'' if bare or not cut[0] else ' '}{cut[0]}")
            lines += (f"{rest}{piece}" for piece in cut[1:])
            line, used = f"{rest}{last}", margin + width(last)
        else:
            line, used = f"{line}{last}", used + width(last)
        bare = False
    return "\n".join([*lines, line])


def _cut(word: str, room: int, full: int) -> list[str]:
    """`word` in pieces: the first takes at most `room` columns and may be empty, the others at most `full`.

    A piece never begins with a character of no width, which belongs to the one before it.
    """
    pieces: list[str] = []
    start, used = 0, 0
    for at, character in enumerate(word):
        size = _columns(character)
        if size and used + size > room and (at > start or not pieces):
            pieces.append(word[start:at])
            start, used, room = at, 0, max(full, 2)
        used += size
    return [*pieces, word[start:]]
