"""A document as numbered lines: decoded, cleaned, with a look ahead and a way back; never held whole."""

import codecs
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, Self
from unicodedata import is_normalized

from digest.errors import SourceError
from digest.formats.head import binary, wide_encoding
from digest.model import Document
from digest.text import clean

LONGEST_LINE = 1 << 18
"""Bytes. A longer line is no listing; its first `_KEPT` are kept, so that a message can show them."""
_KEPT = 4096
_HEAD = 4096
_BLOCK = 1 << 16


class Line(NamedTuple):
    """A line without its end, cleaned, white space kept; `number` counts from 1."""

    number: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text or self.text.isspace()


class Lines:
    """The lines of a document, to be taken one by one. Raises SourceError where it is empty or no text.

    UTF-8, UTF-16 (by its mark or its look), else, line by line, Windows-1252 (as the WHATWG does for Latin-1).
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.oversize: deque[int] = deque()
        """The numbers of the lines that were too long, as they come up."""
        self.number = 0
        """The number of the line that was taken last."""
        self._ahead: list[Line] = []
        """Lines that were read and not taken, the next one last."""
        stream = document.open()
        # typeshed wants a RawIOBase to buffer; a BytesIO does as well.
        self._stream = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
        self._batches = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def take(self) -> Line | None:
        """The next line, or None at the end."""
        if not self._ahead and not self._read_on():
            return None
        line = self._ahead.pop()
        self.number = line.number
        return line

    def take_while(self, fits: Callable[[Line], bool], most: int) -> list[Line]:
        """The next lines as long as they fit, at most `most`, taken."""
        taken: list[Line] = []
        while len(taken) < most and (self._ahead or self._read_on()) and fits(self._ahead[-1]):
            taken.append(self._ahead.pop())
        if taken:
            self.number = taken[-1].number
        return taken

    def give_back(self, lines: Sequence[Line]) -> None:
        """Let `lines`, in their order, be the next ones."""
        self._ahead += reversed(lines)

    def peek(self, count: int) -> list[Line]:
        """The next lines, at most `count`, without taking them."""
        while len(self._ahead) < count and self._read_on():
            pass
        return self._ahead[: -count - 1 : -1]

    def next_filled(self, within: int = 3) -> Line | None:
        """The next line that is not blank, if it is among the next `within`, without taking it."""
        return next((line for line in self.peek(within) if not line.blank), None)

    def _read_on(self) -> bool:
        """Read more lines behind those that wait; False at the end."""
        batch = next(self._batches, None)
        if batch is None:
            return False
        batch.reverse()
        self._ahead = batch + self._ahead
        return True

    def _read(self) -> Iterator[list[Line]]:
        head = self._stream.peek(_HEAD)[:_HEAD]
        encoding = wide_encoding(head)
        if not encoding and (what := binary(head)):
            raise SourceError(f"is no text but {what}: save the page as plain text and name that file")
        empty = True
        number = 1
        for block, whole in _blocks(chunks(self._stream, encoding)):
            if not whole:
                self.oversize.append(number)
            batch = [Line(*numbered) for numbered in enumerate(_texts(block), number)]
            number += len(batch)
            empty = empty and all(line.blank for line in batch)
            yield batch
        if empty:
            raise SourceError("is empty: it lists nothing")


def chunks(stream: BinaryIO, encoding: str | None, first: bytes = b"", errors: str = "replace") -> Iterator[bytes]:
    """The bytes of a stream as they come, those of another encoding made UTF-8, after what was read of it already."""
    if not encoding:
        if first:
            yield first
        while data := stream.read(_BLOCK):
            yield data
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    yield decoder.decode(first).encode("utf-8", "replace")
    while data := stream.read(_BLOCK):
        yield decoder.decode(data).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _blocks(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes cut at line ends, each with whether it is whole: a line that is too long comes by itself,
    and only its beginning.
    """
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        # Without any line feed the file may be one whose lines end in carriage returns; the last may be half an end.
        cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1
        if cut:
            yield data[:cut], True
        rest = data[cut:]
        if len(rest) > LONGEST_LINE:
            yield rest[:_KEPT], False
            rest = b""
            for skipped in chunks:
                if end := skipped.find(b"\n") + 1:
                    rest = skipped[end:]
                    break
    if rest:
        yield rest, True


def _texts(block: bytes) -> list[str]:
    """The lines of a block, decoded and clean."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return [text for raw in block.splitlines() for text in _texts(_as_utf8(raw)) or [""]]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    texts = text.removesuffix("\n").split("\n")
    plain = "".join(texts).isprintable() and is_normalized("NFC", text)
    return texts if plain else [clean(text) for text in texts]


def _as_utf8(raw: bytes) -> bytes:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").encode()
    return raw
