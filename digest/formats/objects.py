"""JSON as a stream of records, each with the line on which it begins, whatever holds them.

    {"id": 1} ⏎ {"id": 2} ⏎ …                       JSON Lines: a record a line
    {"id": 1} {"id": 2} …                           objects one behind the other, on any number of lines
    [{"id": 1}, {"id": 2}, …]                       an array
    {"message": {"items": [{"id": 1}, …]}}          an array in an envelope: the place `message.items`

    for found in objects(document, "message.items", "items"): …

RFC 8259 is read, and what programs write beside it: NaN, tabs and line ends in texts, duplicate keys (the last one
counts), halves of surrogates, a byte order mark, UTF-16 and UTF-32, bytes of Windows-1252 among UTF-8. Some records are
held at a time, never the document. A record that is no JSON is a Problem with its line, and the next one is read; of a
file that was cut off, the whole records are read, and a Problem says where it ends.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

from digest.formats.head import Head, head_of, wide_encoding
from digest.formats.lines import chunks
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

LONGEST: Final = 1 << 25
"""Bytes of one record. A longer one is none."""
_BLOCK: Final = 1 << 16
_HELD: Final = 1 << 18
"""So much that was read is held before it is let go."""

Value = dict[str, Any]
"""An object as JSON has it."""


class Object(NamedTuple):
    """A record."""

    line: int
    """On which it begins, counted from 1."""
    value: Value


def read(
    document: Document, adapt: Callable[[Value, Position], Listing | Problem | None], *places: str
) -> Iterator[Listing | Problem]:
    """What `adapt` makes of each record of `objects(document, *places)`; nothing of one for which it is None.

    A listing without title and abstract is no paper yet: a Problem that names it takes its place.
    """
    for found in objects(document, *places):
        if isinstance(found, Problem):
            yield found
            continue
        listing = adapt(found.value, Position(document.origin, found.line))
        if listing is not None:
            yield checked(listing)


def checked(listing: Listing | Problem) -> Listing | Problem:
    """The same, but a Problem for a listing that has neither title nor abstract."""
    if isinstance(listing, Problem) or listing.title or listing.abstract:
        return listing
    named = " ".join(f"{scheme}:{value}" for scheme, value in listing.ids.items())
    what = f"the entry has neither title nor abstract{f' ({named})' if named else ''}"
    return Problem(listing.position.file, listing.position.line, what)


def objects(document: Document, *places: str) -> Iterator[Object | Problem]:
    """The records of a document, in their order: those that stand in it one behind the other or in an array, and those
    at one of `places`, which are the names of an envelope's keys with dots between them. What stands at a place may be
    an array of records, or one; at `items[]` only an array counts, and `result.*` is every object in `result`. Raises
    OSError.
    """
    if is_lines(head_of(document)):
        for number, data in lines(document):
            yield from _of_line(document.origin, number, data, places)
        return
    with document.open() as stream:
        yield from _Reader(document.origin, stream, places).values()


def _of_line(file: str, number: int, data: bytes | Problem, places: Sequence[str]) -> Iterator[Object | Problem]:
    if isinstance(data, Problem):
        yield data
        return
    value = decoded(data)
    if isinstance(value, dict):
        yield from (Object(number, one) for one in within(value, places))
    elif isinstance(value, Problem):
        yield value._replace(file=file, line=number)
    else:
        yield Problem(file, number, f"a line that is no JSON object: {_shown(value)}")


# ---------------------------------------------------------------------------------------------------- JSON Lines


def is_lines(head: Head) -> bool:
    """Whether a document that begins so has a JSON object on each line: most of the first ones are one."""
    if not head.text.lstrip().startswith("{"):
        return False
    told = [line for line in head.lines[:20] if line and not line.isspace()]
    if b"\n" not in head.data and len(told) > 1:
        return False  # its lines end in carriage returns
    if any(line.strip() in ("{", "}", "},") for line in told):
        return False  # objects over several lines
    good = sum(line.lstrip()[:1] == "{" and isinstance(decoded(line.encode("utf-8", "replace")), dict) for line in told)
    return bool(good) and good * 2 >= len(told)


def lines(document: Document) -> Iterator[tuple[int, bytes | Problem]]:
    """The lines of a document that are not blank, with their numbers; a Problem in place of one that is too long.

    They are UTF-8, whatever the document's encoding was. Raises OSError.
    """
    number = 1
    for block in blocks(document):
        if isinstance(block, Problem):
            yield block.line or number, block._replace(line=number)
            number += 1
            continue
        for line in block.split(b"\n"):
            if line and not line.isspace():
                yield number, line
            number += 1
        number -= 1


def blocks(document: Document) -> Iterator[bytes | Problem]:
    """A document's bytes in stretches of whole lines, UTF-8 without a mark; a Problem in place of a line that is too
    long. Raises OSError.
    """
    pieces: list[bytes] = []
    size = 0
    skipping = False
    with document.open() as stream:
        for chunk in _utf8(stream):
            cut = chunk.rfind(b"\n") + 1
            if not cut:
                size += len(chunk)
                if skipping or size > LONGEST:
                    skipping, pieces = True, []
                else:
                    pieces.append(chunk)
                continue
            if skipping:
                yield _too_long(document.origin)
                begin = chunk.find(b"\n") + 1
            else:
                begin = 0
            if block := b"".join((*pieces, chunk[begin:cut])):
                yield block
            rest = chunk[cut:]
            skipping, pieces, size = False, [rest] if rest else [], len(rest)
    if skipping:
        yield _too_long(document.origin)
    elif pieces:
        yield b"".join(pieces)


def _too_long(file: str) -> Problem:
    return Problem(file, None, f"a line of more than {LONGEST >> 20} MB: it was left out")


def _utf8(stream: BinaryIO) -> Iterator[bytes]:
    first = stream.read(_BLOCK)
    encoding = wide_encoding(first)
    pieces = chunks(stream, encoding, first) if encoding else _blocks_of(stream, first)
    begun = False
    for piece in pieces:
        yield piece if begun else piece.removeprefix(codecs.BOM_UTF8)
        begun = True


def _blocks_of(stream: BinaryIO, first: bytes) -> Iterator[bytes]:
    block = first
    while block:
        yield block
        block = stream.read(_BLOCK)


def decoded(data: bytes) -> Any:
    """The value of a JSON text; a Problem without file and line where it is none."""
    from msgspec import DecodeError
    from msgspec.json import Decoder

    global _quick
    if _quick is None:
        _quick = Decoder().decode
    try:
        return _quick(data)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _DECODER.decode(_text_of(data))
    except RecursionError:
        return Problem("", None, "a record that is nested too deeply")
    except ValueError as error:
        return Problem("", None, _said(error))


_quick: Callable[[bytes], Any] | None = None
_DECODER: Final = json.JSONDecoder(strict=False)


def _said(error: ValueError) -> str:
    """Of json's complaint, whose own places are those in a record."""
    told = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return f"a record that is no JSON: {one_line(told)[:100]}"


def _text_of(data: bytes) -> str:
    return data.decode("utf-8", _MIXED)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 is read as Windows-1252, byte by byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_MIXED: Final = "digest.cp1252"
codecs.register_error(_MIXED, _as_windows)


# ------------------------------------------------------------------------------------------ arrays and envelopes


def within(value: Value, places: Sequence[str]) -> list[Value]:
    """The records in an object that was read whole: those at the first of `places` that it has, or itself."""
    for place in places:
        inner: Any = value
        bare = place.removesuffix("[]")
        for name in bare.removesuffix(".*").split("."):
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, list):
            return [one for one in inner if isinstance(one, dict)]
        if isinstance(inner, dict) and place == bare:
            return [one for one in inner.values() if isinstance(one, dict)] if place.endswith(".*") else [inner]
    return [value]


class _Broken(Exception):
    """A value that cannot be read."""

    def __init__(self, what: str, *, ended: bool = False) -> None:
        self.what = what
        self.ended = ended
        """The document ends within it."""


_Found = Generator[Object | Problem, None, Value | None]

_FILLING: Final = pattern(r"[\s,\x1e\ufeff]*")
_SPACE: Final = pattern(r"\s*")
_TOKEN: Final = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)


class _Reader:
    """Reads values from a stretch of a document, which grows for one that is longer and lets go of what was read."""

    def __init__(self, file: str, stream: BinaryIO, places: Sequence[str]) -> None:
        self._file = file
        self._places = places
        self._arrays = {place.removesuffix("[]") for place in places}
        self._above = {place[:dot] for place in places for dot in _dots(place)}
        decoder = codecs.getincrementaldecoder("utf-8")(_MIXED)
        self._pieces = (decoder.decode(piece) for piece in _utf8(stream))
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        """`_line` is that of this place in `_text`."""
        self._ended = False
        self._given_up = False
        self._alike: re.Pattern[str] | None = None
        """How records begin, as the first one that was read shows."""

    # ---- the stretch

    def _more(self, least: int = 1) -> bool:
        """Read on; False at the end. What was read is let go."""
        if self._ended:
            return False
        self._let_go()
        pieces = [self._text]
        got = 0
        while got < least:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            got += len(piece)
            pieces.append(piece)
        self._text = "".join(pieces)
        return got > 0

    def _let_go(self) -> None:
        self._line = self._here()
        self._text, self._at, self._counted = self._text[self._at :], 0, 0

    def _here(self) -> int:
        """The line of the current place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _next(self, skipped: re.Pattern[str] = _FILLING) -> str:
        """The next character that is not to be skipped, without taking it; empty at the end."""
        while True:
            found = skipped.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        """The value that begins here, taken. Raises _Broken."""
        if self._at > _HELD:
            self._let_go()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise _Broken("a record that is nested too deeply") from None
            except ValueError as error:
                if not _is_cut(error, len(self._text)):
                    raise _Broken(_said(error)) from None
                if len(self._text) - self._at > LONGEST:
                    raise _Broken(f"a record of more than {LONGEST >> 20} MB") from None
                if not self._more(max(_BLOCK, len(self._text) - self._at)):
                    raise _Broken(_said(error), ended=True) from None
            else:
                # A number may go on in what was not read yet.
                if end < len(self._text) or isinstance(value, dict | list | str) or not self._more():
                    self._at = end
                    return value

    # ---- what is read

    def values(self) -> Iterator[Object | Problem]:
        """All values of the document."""
        while letter := self._next():
            line = self._here()
            try:
                if letter == "[":
                    yield from self._array()
                elif letter == "{":
                    value = yield from self._object("")
                    if value is not None:
                        yield Object(line, value)
                else:
                    value = self._value()
                    yield Problem(self._file, line, f"a value that is no JSON object: {_shown(value)}")
            except _Broken as broken:
                if broken.ended:
                    yield from self._cut(line)
                else:
                    yield Problem(self._file, line, broken.what)
                    self._to_line()

    def _array(self, depth: int = 1) -> Iterator[Object | Problem]:
        """The records of the array that begins here, and of arrays in it."""
        self._at += 1
        odd, begun, first = 0, 0, ""
        while True:
            letter = self._next()
            line = self._here()
            if odd and letter in ("", "]", "{"):
                what = "an entry that is no JSON object" if odd == 1 else f"{odd} entries that are no JSON objects"
                yield Problem(self._file, begun, f"{what}: {first}")
                odd = 0
            if letter == "]":
                self._at += 1
                return
            if not letter:
                yield from self._cut(line)
                return
            if letter == "[" and depth < _DEEPEST_ARRAY:
                yield from self._array(depth + 1)
                continue
            begin = self._at
            try:
                value = self._value()
            except _Broken as broken:
                if broken.ended:
                    yield from self._cut(line)
                    return
                yield Problem(self._file, line, broken.what)
                if not self._to_next():
                    self._give_up()
                    return
                continue
            if not isinstance(value, dict):
                odd, begun, first = odd + 1, begun if odd else line, first if odd else _shown(value)
                continue
            if not self._alike:
                self._alike = _alike(self._text, self._at, begin)
            for one in within(value, self._places):
                yield Object(line, one)

    def _object(self, path: str) -> _Found:
        """The object that begins here: what is at the places in it is told, and None comes back; or else itself."""
        line = self._here()
        self._at += 1
        value: Value = {}
        found = False
        while (letter := self._next()) != "}":
            name = self._value() if letter == '"' else None
            if not isinstance(name, str) or self._next(_SPACE) != ":":
                raise _Broken("a record that is no JSON: Expecting a name and a colon", ended=not self._next())
            self._at += 1
            inner = f"{path}.{name}" if path else name
            letter = self._next(_SPACE)
            if letter == "[" and inner in self._arrays:
                yield from self._array()
                found = True
            elif letter == "{" and f"{path}.*" in self._places:
                begin = self._here()
                yield Object(begin, self._value())
                found = True
            elif letter == "{" and (inner in self._above or inner in self._places):
                got = yield from self._object(inner)
                found = found or got is None
                value[name] = got
            else:
                value[name] = self._value()
        self._at += 1
        if found:
            return None
        if path and path in self._places:
            yield Object(line, value)
            return None
        return value

    # ---- what is broken

    def _cut(self, line: int) -> Iterator[Problem]:
        if not self._given_up:
            yield Problem(self._file, line, "the file ends before its JSON does: what is whole before that was read")
        self._give_up()

    def _give_up(self) -> None:
        """Read no further."""
        self._text, self._at, self._counted = "", 0, 0
        self._ended = self._given_up = True

    def _to_next(self) -> bool:
        """Go to the next record of an array, past one that is broken; False where there is none."""
        while True:
            found = self._alike.search(self._text, self._at + 1) if self._alike else None
            end = self._balanced(found.end() if found else len(self._text))
            if end and _FOLLOWS.match(self._text, end):
                self._at = end
                return True
            if found:
                # The quotes or brackets of the broken one do not match: the next record begins as the first one did.
                self._at = found.end()
                return True
            left = len(self._text) - self._at
            if left > LONGEST or not self._more(max(_BLOCK, left)):
                return False

    def _balanced(self, end: int) -> int | None:
        """Where the brackets that open here are closed, before `end`."""
        depth = 0
        for token in _TOKEN.finditer(self._text, self._at, end):
            sign = token[0]
            if sign in "{[":
                depth += 1
            elif sign in "}]":
                depth -= 1
                if depth <= 0:
                    return token.end()
        return None

    def _to_line(self) -> None:
        """Go to the next line on which an object or an array begins, or to the end."""
        while not (found := _BEGINS.search(self._text, self._at)):
            self._at = max(self._at, len(self._text) - 1)
            if not self._more():
                self._at = len(self._text)
                return
        self._at = found.end() - 1


def _is_cut(error: ValueError, end: int) -> bool:
    """Whether a value may only be wrong because it goes on behind `end`."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    if "Unterminated" in error.msg:
        return True
    if error.pos <= end - 10:
        return False
    rest = error.doc[error.pos :].rstrip()
    return not rest or "escape" in error.msg or any(word.startswith(rest) for word in _WORDS)


_WORDS: Final = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_DEEPEST_ARRAY: Final = 3
_FOLLOWS: Final = pattern(r"\s*[,\]]")
_BEGINS: Final = pattern(r"\n[{\[]")
_START: Final = pattern(
    r'(\{\s*"(?:[^"\\]|\\.)*")\s*:\s*(?:([\[{])|(?:"(?:[^"\\]|\\.)*"|[^\s",\[\]{}]+)\s*,\s*("(?:[^"\\]|\\.)*"))'
)


def _alike(text: str, end: int, begin: int) -> re.Pattern[str] | None:
    """What finds the record behind another one, by its beginning being that of the first: the same white space, the
    same key, and a bracket or the same second key behind it.
    """
    start = _START.match(text, begin, end)
    if not start:
        return None
    scalar = r'(?:"(?:[^"\\]|\\.)*"|[^\s",\[\]{}]+)\s*,\s*'
    second = re.escape(start[2]) if start[2] else scalar + re.escape(start[3])
    return re.compile(rf"[}}\]\"\w]\s*,\s*(?={re.escape(start[1])}\s*:\s*{second})")


def _dots(place: str) -> Iterator[int]:
    return (at for at, letter in enumerate(place) if letter == ".")


def _shown(value: object) -> str:
    return f"'{one_line(json.dumps(value, ensure_ascii=False)[:200])[:60]}'"
