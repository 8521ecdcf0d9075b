"""Records of lines that begin with a tag: RIS, MEDLINE, the Web of Science and their kin, streamed.

    TY  - JOUR
    TI  - A title that
    goes on
    ER  -

A value goes on over all lines without a tag. A record begins where its first tag stands; one that is not closed in the
midst of a file is closed by the next, and at its end it was cut off: half of a record is none.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from digest.formats.records import Record, begun
from digest.model import Document, Problem

T = TypeVar("T")


class Tagged(NamedTuple):
    """A record."""

    line: int
    """Of its first tag."""
    fields: list[tuple[str, str]]
    """Tags and values in their order; the lines of a value are kept apart."""


class Dialect(NamedTuple):
    """How a format of tags is written."""

    begins: re.Pattern[bytes]
    """As `records.begun` wants it."""
    tag: Callable[[str], re.Pattern[str]]
    """What splits a record that begins so, with a line end before it, at its tags; its only group is the tag."""
    last: str
    """The tag that every whole record has; empty where there is none such, and nobody can say what was cut off."""
    ends: bool
    """It ends a record: what follows is another."""
    aside: frozenset[str] = frozenset()
    """Tags that are the file's, and no record's."""


def tagged(document: Document, dialect: Dialect) -> Iterator[Tagged | Problem]:
    """The records that have a tag, in their order; a Problem for one that is too long or cut off. Raises OSError."""
    whole = others = 0
    for piece, is_last in _flagged(begun(document, dialect.begins)):
        if isinstance(piece, Problem):
            yield piece
            continue
        for record, is_final in _flagged(_records(piece, dialect)):
            if not dialect.last or any(tag == dialect.last for tag, _ in record.fields):
                whole += 1
                yield record
            elif not (is_last and is_final):
                others += 1
                yield record
            elif whole or (dialect.ends and not others) or not piece.text.endswith("\n"):
                yield Problem(
                    document.origin, record.line, f"the record has no {dialect.last.strip()}: it may have been cut off"
                )
            else:
                yield record


def _records(piece: Record, dialect: Dialect) -> Iterator[Tagged]:
    begin, *parts = dialect.tag(piece.text).split("\n" + piece.text)
    # The line end that was put before the piece was split off with its first tag, or begins what stands before that.
    line = piece.line + begin.count("\n")
    fields: list[tuple[str, str]] = []
    first = line
    for tag, value in zip(parts[::2], parts[1::2], strict=True):
        if not fields:
            first = line
        line += 1 + value.count("\n")
        if tag in dialect.aside:
            continue
        fields.append((tag, value.strip()))
        if dialect.ends and tag == dialect.last:
            yield Tagged(first, fields)
            fields = []
    if fields:
        yield Tagged(first, fields)


def _flagged(items: Iterable[T]) -> Iterator[tuple[T, bool]]:
    """Each with whether it is the last."""
    held: list[T] = []
    for item in items:
        if held:
            yield held.pop(), False
        held.append(item)
    for item in held:
        yield item, True


def gathered(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values that are there, by their tags."""
    found: dict[str, list[str]] = {}
    for tag, value in fields:
        if value:
            found.setdefault(tag, []).append(value)
    return found
