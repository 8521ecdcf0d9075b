"""A document cut into records at the lines that separate them, or begin them: as bytes, a stretch at a time."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from digest.formats.head import wide_encoding
from digest.formats.lines import chunks
from digest.model import Document, Problem

LONGEST: Final = 1 << 20
"""Bytes. A longer record is none."""
_TOO_LONG: Final = f"a record of more than {LONGEST >> 20} MB: it was left out"


class Record(NamedTuple):
    """What stands between two lines that separate."""

    line: int
    """On which it begins, counted from 1."""
    text: str
    """Decoded, its line ends `\\n`; not cleaned."""


def records(document: Document, rule: bytes) -> Iterator[Record | Problem]:
    """The records of a document between lines that begin with `rule`, those lines left out; a Problem in place of one
    that is too long. Raises OSError.
    """
    separator = b"\n" + rule
    line, rest, ruled, skipping = 1, b"", False, False
    with document.open() as stream:
        first = stream.read(4096)
        for chunk in _level(chunks(stream, wide_encoding(first), first)):
            *parts, rest = (rest + chunk).split(separator)
            for part in parts:
                if not skipping:
                    yield _record(part, line, ruled)
                line += part.count(b"\n") + 1
                ruled, skipping = True, False
            if len(rest) > LONGEST:
                if not skipping:
                    yield Problem(document.origin, line, _TOO_LONG)
                skipping = True
                # What may be the beginning of a separator is kept.
                keep = len(separator) - 1
                line += rest.count(b"\n", 0, len(rest) - keep)
                rest = rest[-keep:]
        if not skipping:
            yield _record(rest, line, ruled)


AHEAD: Final = 1 << 10
"""Bytes that a pattern of how records begin may look at."""


def begun(document: Document, begins: re.Pattern[bytes]) -> Iterator[Record | Problem]:
    r"""The records of a document, each from where `begins` matches to where it matches again, and what stands before
    the first; what is blank is left out, and in place of one that is too long there is a Problem. Raises OSError.

    `begins` matches from the line end before a record on, also before the first line of the document, and looks at no
    more than AHEAD bytes: `\nTY  - `.
    """
    line, rest, past, skipping = 0, b"\n", 0, False
    with document.open() as stream:
        first = stream.read(4096)
        encoding = wide_encoding(first)
        stretches = _level(chunks(stream, encoding, first.removeprefix(BOM_UTF8)))
        for stretch in chain(stretches, (None,)):
            data = rest if stretch is None else rest + stretch
            last = len(data) if stretch is None else len(data) - AHEAD
            at = 0
            for found in begins.finditer(data, past):
                begin = found.start()
                if begin >= last:
                    break
                if not skipping and (record := _from(data[at:begin], line)):
                    yield record
                line += data.count(b"\n", at, begin)
                at, past, skipping = begin, found.end(), False
            rest = data[at:]
            past = max(past - at, len(rest) - AHEAD, 0)
            if len(rest) > LONGEST and stretch is not None:
                if not skipping:
                    yield Problem(document.origin, line + 1, _TOO_LONG)
                skipping = True
                line += rest.count(b"\n", 0, len(rest) - AHEAD)
                rest, past = rest[-AHEAD:], 0
        if not skipping and (record := _from(rest, line)):
            yield record


def _from(data: bytes, line: int) -> Record | None:
    """`data` begins with the end of the line `line`; None where there is nothing behind it."""
    bare = data.lstrip(b"\n")
    return Record(line + len(data) - len(bare), decoded(bare)) if bare and not bare.isspace() else None


def _record(data: bytes, line: int, ruled: bool) -> Record:
    """`ruled`: `data` begins with what is left of the line that separates it from the one before."""
    if ruled:
        end = data.find(b"\n") + 1
        return Record(line + 1, decoded(data[end:] if end else b""))
    return Record(line, decoded(data))


def decoded(data: bytes) -> str:
    """UTF-8, and where it is none Windows-1252."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _level(stretches: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes with every line end `\\n`."""
    held = b""
    for stretch in stretches:
        if held or b"\r" in stretch:
            stretch = held + stretch
            held = b"\r" if stretch.endswith(b"\r") else b""
            stretch = stretch[: len(stretch) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield stretch
    yield b"\n" if held else b""
