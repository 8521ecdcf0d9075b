"""A second reader of mail, strict and small: RFC 5322 fields, RFC 2045 and 2046 parts, RFC 2047 words.

It shares nothing with the standard library's `email`, and refuses what the standards forbid instead of mending it.
"""

import binascii
import re
from base64 import b64decode
from typing import NamedTuple


class Malformed(ValueError):
    """What the standards do not allow."""


class Part(NamedTuple):
    """A body and its fields, in order; names are in lower case, values unfolded and decoded."""

    fields: tuple[tuple[str, str], ...]
    raw: dict[str, str]
    """The unfolded values as they stand."""
    media_type: str
    text: str
    """The body of a text part, with `\\n`."""
    parts: tuple["Part", ...]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name.lower()]


_FIELD = re.compile(r"([!-9;-~]+):[ \t]?(.*)", re.DOTALL)
_WORD = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]*)\?=", re.IGNORECASE)
_ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")


def parse(message: bytes) -> Part:
    """A whole message. Raises Malformed."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        raise Malformed("a bare CR or LF")
    if any(len(line) > 998 for line in message.split(b"\r\n")):
        raise Malformed("a line of more than 998 octets")
    if not message.isascii() or b"\0" in message:
        raise Malformed("octets beyond ASCII, or NUL")
    return _part(message.decode("ascii"))


def _part(text: str) -> Part:
    head, gap, body = text.partition("\r\n\r\n")
    if not gap:
        raise Malformed("no empty line after the fields")
    raw: list[tuple[str, str]] = []
    for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n"):
        found = _FIELD.fullmatch(line)
        if not found:
            raise Malformed(f"no field: {line!r}")
        raw.append((found[1].lower(), found[2]))
    fields = tuple((name, words(value)) for name, value in raw)
    kind, parameters = _content_type(dict(raw).get("content-type", "text/plain; charset=us-ascii"))
    values = dict(raw)
    if kind.startswith("multipart/"):
        return Part(fields, values, kind, "", tuple(map(_part, _divided(body, parameters.get("boundary", "")))))
    encoding = values.get("content-transfer-encoding", "7bit").lower()
    if encoding != "quoted-printable":
        raise Malformed(f"this reader knows quoted-printable, not {encoding}")
    decoded = quoted_printable(body)
    try:
        return Part(
            fields, values, kind, decoded.decode(parameters.get("charset", "us-ascii")).replace("\r\n", "\n"), ()
        )
    except UnicodeDecodeError as error:
        raise Malformed(str(error)) from None


def _content_type(value: str) -> tuple[str, dict[str, str]]:
    kind, *rest = [piece.strip() for piece in value.split(";")]
    if not re.fullmatch(r"[a-z]+/[a-z]+", kind):
        raise Malformed(f"media type {kind!r}")
    found = [re.fullmatch(r'([a-z]+)=(?:"([^"\\]*)"|([A-Za-z0-9_.+-]+))', piece) for piece in rest]
    if not all(found):
        raise Malformed(f"parameters of {value!r}")
    return kind, {one[1]: one[2] or one[3] for one in found if one}


def _divided(body: str, boundary: str) -> list[str]:
    """The parts between the boundaries (RFC 2046 section 5.1.1)."""
    if not 1 <= len(boundary) <= 70:
        raise Malformed("no boundary")
    pieces = re.split(rf"(?:^|\r\n)--{re.escape(boundary)}(--)?[ \t]*(?:\r\n|\Z)", body)
    bodies, ends = pieces[2::2], pieces[1::2]
    if not ends or ends[-1] != "--" or any(ends[:-1]):
        raise Malformed("the parts are not closed, or closed twice")
    if pieces[0].strip() or bodies[-1].strip():
        raise Malformed("text outside of the parts")
    return bodies[:-1]


def quoted_printable(body: str) -> bytes:
    """RFC 2045 section 6.7, nothing mended."""
    lines = body.split("\r\n")
    out = []
    for number, line in enumerate(lines):
        if len(line) > 76:
            raise Malformed(f"a quoted-printable line of {len(line)} characters")
        if line.endswith((" ", "\t")):
            raise Malformed("white space at the end of a quoted-printable line")
        soft = line.endswith("=")
        text = line[:-1] if soft else line
        if re.search(r"=(?![0-9A-F]{2})", text) or re.search(r"[^\t -~]", text):
            raise Malformed(f"not quoted-printable: {line!r}")
        out.append(re.sub(rb"=([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), text.encode("ascii")))
        if not soft and number < len(lines) - 1:
            out.append(b"\r\n")
    return b"".join(out)


def words(value: str) -> str:
    """A field's value with its encoded words decoded, and without the blanks between two of them (RFC 2047, 6.2)."""
    value = re.sub(r"(\?=)[ \t]+(?==\?)", r"\1", value)
    for found in _ENCODED.findall(value):
        if len(found) > 75:
            raise Malformed(f"an encoded word of {len(found)} characters")
    return _WORD.sub(lambda found: _word(found[1], found[2]), value)


def _word(encoding: str, text: str) -> str:
    try:
        if encoding.lower() == "b":
            return b64decode(text, validate=True).decode("utf-8")
        octets = re.sub(rb"=([0-9A-F]{2})", lambda f: bytes([int(f[1], 16)]), text.replace("_", " ").encode("ascii"))
        return octets.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Malformed(f"an encoded word does not hold whole characters: {text!r}") from error
