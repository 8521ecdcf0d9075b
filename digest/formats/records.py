"""A document cut into records at the lines that separate them: as bytes, a stretch at a time."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from digest.formats.head import wide_encoding
from digest.formats.lines import chunks
from digest.model import Document, Problem

LONGEST: Final = 1 << 20
"""Bytes. A longer record is none."""


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
                    yield Problem(document.origin, line, f"a record of more than {LONGEST >> 20} MB: it was left out")
                skipping = True
                # What may be the beginning of a separator is kept.
                keep = len(separator) - 1
                line += rest.count(b"\n", 0, len(rest) - keep)
                rest = rest[-keep:]
        if not skipping:
            yield _record(rest, line, ruled)


def _record(data: bytes, line: int, ruled: bool) -> Record:
    """`ruled`: `data` begins with what is left of the line that separates it from the one before."""
    if ruled:
        end = data.find(b"\n") + 1
        return Record(line + 1, decoded(data[end:] if end else b""))
    return Record(line, decoded(data))


def decoded(data: bytes) -> str:
    """UTF-8, and where it is none Windows-1252 (RELIABILITY P06)."""
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
