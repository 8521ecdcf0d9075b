"""Bytes to text as browsers and mail readers do it: what a document is in, whatever it says that it is in.

A byte order mark is believed first; then UTF-8, which nothing else looks like by chance; then what the document, or the
mail around it, declares; then Windows-1252. A byte that has no place in UTF-8 is read as Windows-1252
by itself, so that one letter from elsewhere spoils nothing but itself.
"""

import codecs
import re
from typing import Final

from digest.formats.head import wide_encoding

_MEANT: Final = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "utf8": "utf-8",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
}
"""What a name says, and what those who use it mean (the labels of the WHATWG's encodings)."""

_ESCAPED: Final = (b"\x1b$", b"\x1b(", b"~{", b"+")
"""What begins a foreign letter in an encoding of 7 bits, which is UTF-8 to the eye."""
_SEVEN_BITS: Final = ("iso2022", "iso-2022", "hz", "utf-7")


def decoded(data: bytes, declared: str | None = None) -> str:
    """The text of a whole document; no bytes raise. Without a byte order mark, line ends as they are."""
    if wide := wide_encoding(data):
        return data.decode(wide, "replace").lstrip("\ufeff")
    name = known(declared)
    if name and name.startswith(_SEVEN_BITS) and any(sign in data for sign in _ESCAPED):
        return data.decode(name, "replace")
    wide = name if name and name.startswith(("utf-16", "utf-32")) else None
    try:
        text = data.decode()
        return text.lstrip("\ufeff") if not (wide and b"\0" in data) else data.decode(wide, "replace")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
    if name and name not in ("utf-8", "cp1252") and not cut:
        return data.decode(name, "replace")
    return data.decode("utf-8", _ONE_BY_ONE).lstrip("\ufeff")


def known(name: str | None) -> str | None:
    """What Python calls an encoding that a document declares; None for none that decodes texts."""
    label = (name or "").strip(" \t\r\n\"'").lower()
    label = _MEANT.get(label, label)
    if not re.fullmatch(r"[a-z0-9][\w.:-]{0,39}", label):
        return None
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # base64, rot13 and their like are codecs too, and no encodings of texts.
    return found.name if found._is_text_encoding else None


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_ONE_BY_ONE: Final = "digest.windows"
codecs.register_error(_ONE_BY_ONE, _as_windows)
