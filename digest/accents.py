r"""TeX's accented letters as Unicode: `Schr\"odinger` is Schrödinger, `\'{E}lie` is Élie, `Erd{\H o}s` is Erdős.

What is meant is one letter at a time: in titles and names TeX is mostly that, and formulas stay as they are written.
"""

import re
import unicodedata

from digest.patterns import pattern

# The combining marks of TeX's accents (The TeXbook, chapter 9).
MARKS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "t": "\u0361", "h": "\u0309",
}  # fmt: skip

_PAIRS = (
    "o ø O Ø l ł L Ł i ı j ȷ ae æ AE Æ oe œ OE Œ aa å AA Å ss ß SS ẞ dh ð DH Ð dj đ DJ Đ th þ TH Þ ng ŋ NG Ŋ".split()
)
LETTERS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
"""Letters of their own, which eat the space behind them: `\\o`."""

# An accent and its letter, either in braces or not; an accent that is a letter needs a space or a brace behind it.
_ACCENT = pattern(
    r"""\{?\\(?:(?P<sign>["'`^~=.])\s?|(?P<name>[cvuHkrdbth])(?=\s*\{|\s+[^\W\d_]|\s*\\[ij])\s*)
    (?:\{\s*(?P<braced>\\?[^\W\d_]+)\s*\}|(?P<plain>\\[ij](?![A-Za-z])|[^\W\d_])(?:(?<=\\[ij])\s)?)(?P<close>\})?""",
    re.VERBOSE,
)
_NAMES = "|".join(sorted(LETTERS, key=len, reverse=True))
_LETTER = pattern(rf"\{{?\\(?P<name>{_NAMES})(?![A-Za-z])\s?(?P<close>\}})?(?:\{{\}})?")
_MATH = pattern(r"(\$[^$]*\$)")


def accented(text: str) -> str:
    """`text` in NFC with the accents and letters of TeX, outside of `$…$`, as Unicode; other TeX stays as it is."""
    if "\\" not in text:
        return text
    parts = _MATH.split(text) if "$" in text else [text]
    parts[::2] = [_outside(part) for part in parts[::2]]
    return unicodedata.normalize("NFC", "".join(parts))


def _outside(text: str) -> str:
    return _LETTER.sub(_letter, _ACCENT.sub(_marked, text)) if "\\" in text else text


def _marked(found: re.Match[str]) -> str:
    letters = (found["braced"] or found["plain"]).removeprefix("\\")
    made = letters[0] + MARKS[found["sign"] or found["name"]] + letters[1:]
    return _in_braces(found, made)


def _letter(found: re.Match[str]) -> str:
    return _in_braces(found, LETTERS[found["name"]])


def _in_braces(found: re.Match[str], made: str) -> str:
    """Braces around the whole are taken away together or not at all."""
    opened, closed = found[0].startswith("{"), bool(found["close"])
    if opened and closed:
        return made
    return f"{'{' if opened else ''}{made}{'}' if closed else ''}"
