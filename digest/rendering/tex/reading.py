"""What reading a text with TeX is done on: the text, its formulas and groups, and the parts that come out."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from digest.rendering.tex.spans import Span


class Part(NamedTuple):
    """A stretch of the text as it is read, and the formula that it was; "" where it is prose."""

    text: str
    formula: str = ""


class Source(NamedTuple):
    """A text that is read up to `end`, within so many groups."""

    text: str
    end: int
    formulas: Mapping[int, Span]
    closes: Mapping[int, int]
    """Where each brace that opens a group is closed."""
    verbatim: Sequence[tuple[int, int, str]]
    """Stretches without TeX, in order: where each starts and ends, and what it says."""
    read: Callable[["Source", int], list[Part]]
    """How a stretch is read: macros and groups hold text again."""
    depth: int = 0


DEPTH = 12
"""Macros and groups may be nested as deep as this; what lies deeper stays as it was written."""


def inside(source: Source, start: int, end: int) -> list[Part]:
    """The stretch from `start` to `end`, which lies within a group, read."""
    if source.depth >= DEPTH:
        return [Part(source.text[start:end])]
    return source.read(source._replace(end=end, depth=source.depth + 1), start)


def told(source: Source, start: int, end: int) -> str:
    """The same as text, without its ends' spaces."""
    return "".join(part.text for part in inside(source, start, end)).strip()


def groups(source: Source, at: int, most: int) -> list[tuple[int, int]]:
    """The groups that follow each other from `at`, at most so many: where each opens and closes."""
    found: list[tuple[int, int]] = []
    while len(found) < most and (close := source.closes.get(at, source.end)) < source.end:
        found.append((at, close))
        at = close + 1
    return found


def options(source: Source, at: int) -> tuple[list[str], int]:
    """The arguments in square brackets from `at`, and where they end."""
    text = source.text
    found: list[str] = []
    while text[at : at + 1] == "[" and (close := text.find("]", at, min(source.end, at + 200))) >= 0:
        found.append(text[at + 1 : close].strip())
        at = close + 1
    return found, at
