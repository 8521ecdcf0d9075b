"""What the beginning of a document shows, to whoever has to say what it is: some kilobytes, decoded, and their look."""

import codecs
from typing import BinaryIO, Literal, NamedTuple

from digest.model import Document
from digest.patterns import pattern

SIZE = 1 << 16
"""So many bytes are looked at."""

Look = Literal["markup", "json", "text"]


class Head(NamedTuple):
    """The beginning of a document."""

    data: bytes
    text: str
    """Decoded, its line ends made `\\n`, without a byte order mark; what cannot be decoded is `�`."""
    look: Look
    """`markup`: XML or HTML; `json`; anything else is `text`."""
    whole: bool
    """There is no more of it."""

    @property
    def lines(self) -> list[str]:
        """Those that are whole."""
        lines = self.text.split("\n")
        return lines if self.whole else lines[:-1]


def head_of(document: Document) -> Head:
    """Opens the document, and closes it again. Raises OSError."""
    with document.open() as stream:
        data = beginning(stream)
    return head(data)


def head(data: bytes) -> Head:
    """Of a document that begins with `data`; shorter than SIZE is all there is."""
    whole = len(data) < SIZE
    encoding = wide_encoding(data)
    text = (data.decode(encoding, "replace") if encoding else decoded(data, whole=whole)).lstrip("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Head(data, text, look(text), whole)


def decoded(data: bytes, *, whole: bool) -> str:
    """UTF-8, and each line that is none as Windows-1252; a character that is cut off at the end of
    what is not `whole` is left out.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if not whole and error.start >= len(data) - 3:
            return data[: error.start].decode()
    return "\n".join(map(_line, data.split(b"\n")))


def _line(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


_JSON = pattern(r"\s*[\[{]\s*[\"{\[\]}]")


def look(text: str) -> Look:
    if text.lstrip()[:1] == "<":
        return "markup"
    return "json" if _JSON.match(text) else "text"


def beginning(stream: BinaryIO, size: int = SIZE) -> bytes:
    """The first bytes of a stream, as many as there are up to `size`, however small the pieces in which they come."""
    pieces: list[bytes] = []
    left = size
    while left and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def unknown(line: str) -> str:
    """What is said of a document, or a stretch of one, that no format knows, by its first line that is not blank."""
    return f"no listing that is known here: '{line.strip()[:60]}' … (`digest formats` says what is read)"


# ------------------------------------------------------------------------------------------ bytes and encodings

MAGIC = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"BZh": "compressed by bzip2",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a document of an old office program",
    b"{\\rtf": "a document in rich text",
}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 by its byte order mark, or UTF-16 by every other byte of mostly Latin text being 0."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    data = data[:4096]
    half = len(data) // 2
    for encoding, high in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
        if half and high.count(0) > half * 0.7 and not binary(data.decode(encoding, "replace").encode()):
            return encoding
    return None


def binary(data: bytes) -> str | None:
    """What the file is, where its beginning shows that it is no text."""
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            return what
    data = data[:4096]
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return "binary data" if controls > len(data) * 0.05 else None
