"""Text in, text out: cleaning, folding, tokens, fingerprints, headlines. Nothing here knows what a paper is.

*Folding* makes texts comparable: NFKD without combining marks, case folded, TeX accents resolved, words apart by
one space and padded with one at each end, so that `" rag "` is found in `fold("RAG.")` and not in
`fold("storage")`. A word is a run of letters and digits, with a trailing `+` or `#` (C++, C#); a possessive
`'s` is dropped. `tokens` gives the same words with their places in the unfolded text, for marking.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from digest.patterns import pattern

# XML 1.0 section 2.2 allows neither C0 (but tab, line feed, return), nor surrogates, nor U+FFFE/F; C1 and the
# noncharacters are legal there and unwelcome everywhere; bidirectional controls reorder what a reader sees.
_UNWANTED = pattern(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)


def clean(text: str) -> str:
    """`text` in NFC and without the characters that no output may carry."""
    if not text.isprintable():  # as all that is unwanted is not, and little else
        text = _UNWANTED.sub("", text.replace("\x85", "\n"))  # "next line", which HTML forbids
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Clean, with every run of white space made one space."""
    if text.isascii():
        # As most texts are: the same, three times as fast.
        text = text.encode().translate(_LEVELLED, _CONTROLS).decode().strip(" ")
        while "  " in text:
            text = text.replace("  ", " ")
        return text
    flat = text.strip().replace("\n", " ")
    if "  " not in flat and flat.isprintable():
        return unicodedata.normalize("NFC", flat)
    return spaced(clean(spaced(text)))


_LEVELLED = bytes(32 if chr(code).isspace() else code for code in range(128)) + bytes(range(128, 256))
_CONTROLS = bytes(code for code in (*range(32), 127) if not chr(code).isspace())


def spaced(text: str) -> str:
    """`text` with every run of white space made one space, and none at its ends."""
    one = text.replace("\n", " ").strip()
    # Of all white space only the plain space is printable.
    return one if "  " not in one and one.isprintable() else " ".join(one.split())


# ---------------------------------------------------------------------------------------------- folding

# TeX accents on one letter, as arXiv's metadata has them: \"o  \'{e}  \c{c}  {\v s}  \o  (The TeXbook, chapter 9)
# Either may stand in braces. No space after \" and its like, which also end a quotation.
_TEX = pattern(
    r"""\{?\\(?:["'`^~=.]|[cvuHkrdbt](?=\s*\{|\s+[A-Za-z])\s*)\{?\\?([A-Za-z])\}?\}?"""
    r"""|\{?\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])\s?\}?"""
)
# A quick look for either: it starts with what is rare.
_MACRO = pattern(r"""\\(?:["'`^~=.]|[cvuHkrdbt][\s{]|(?:ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z]))""")
_POSSESSIVE = pattern(r"(?<=[^\W_])['’]s(?![^\W_])", re.IGNORECASE)
_WORD = pattern(r"[^\W_]+(?:[+#]++(?![^\W_])|\+\+)?")
_GAP = pattern(b"  +")
_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)
# Letters that NFKD does not take apart, though a reader without them on the keyboard writes plain ones.
_STROKES = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H"} | {
    "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th"
}  # fmt: skip
_STROKE = pattern(f"[{''.join(_STROKES)}]")
_FOREIGN = pattern(r"[^\x00-\x7f]+")
# Combining marks, and what is not seen: soft hyphens, joiners and spaces of no width.
_MARKS = pattern("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200d\u2060]+")


def without_tex_accents(text: str) -> str:
    """`text` with TeX's accented and special letters made plain ones: `Schr\\"odinger` -> `Schrodinger`."""
    if "\\" not in text or not _MACRO.search(text):
        return text
    return _TEX.sub(lambda found: found[1] or found[2], text)


def fold(text: str) -> str:
    """The words of `text`, folded, as `" one two "`; `" "` where it has none."""
    text = without_tex_accents(text)
    if not text.isascii():
        text = _unaccented(text)
    if "'s" in text or "’" in text or "'S" in text:
        text = _POSSESSIVE.sub(" ", text)
    if text.isascii() and "+" not in text and "#" not in text:
        # The same words as _WORD finds, twenty times as fast.
        return _GAP.sub(b" ", b" %b " % text.encode().translate(_ASCII)).decode()
    words = _WORD.findall(text.casefold())
    return f" {' '.join(words)} " if words else " "


def _unaccented(text: str) -> str:
    """`text` with all that is not ASCII case folded and without combining marks; letters with a stroke become
    their plain kin.
    """
    return _FOREIGN.sub(lambda found: _plain(found[0]), text)


@lru_cache(maxsize=4096)
def _plain(run: str) -> str:
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", run.replace("™", " ").replace("℠", " ")))
    return unicodedata.normalize("NFKD", _STROKE.sub(lambda found: _STROKES[found[0]], plain).casefold())


class Token(NamedTuple):
    """A folded word and where it stands: `text[start:end]` is how it was written."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of `fold(text)` in their order, each with its place in `text`."""
    plain, starts, ends = _traced(text)
    plain = _POSSESSIVE.sub(lambda found: " " * len(found[0]), plain)
    return [Token(m[0], starts[m.start()], ends[m.end() - 1]) for m in _WORD.finditer(plain)]


def _traced(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """`text` as `fold` compares it, and where in `text` that which became each of its characters starts and ends."""
    if text.isascii() and "\\" not in text:
        return text.lower(), range(len(text)), range(1, len(text) + 1)
    pieces: list[tuple[str, int, int]] = []
    at = 0
    for found in _TEX.finditer(text):
        pieces += ((text[i], i, i + 1) for i in range(at, found.start()))
        pieces.append((found[1] or found[2], *found.span()))
        at = found.end()
    pieces += ((text[i], i, i + 1) for i in range(at, len(text)))
    plain: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end in pieces:
        letters = piece.lower() if piece.isascii() else _unaccented(piece)
        plain.append(letters)
        starts += [start] * len(letters)
        ends += [end] * len(letters)
        if not letters and ends:
            ends[-1] = end  # a mark belongs to the letter before it
    return "".join(plain), starts, ends


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """A folded English word without its plural ending: the S-stemmer (Harman, 1991, JASIS 42:1), which here also takes
    away the e of `losses`, `viruses`, `boxes`, `batches` and `biases`.

    Light on purpose: `networks` and `network` are one, `general` and `generative` stay two.
    """
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 2 and word.endswith("s") and not word.endswith(("us", "ss", "ias")):
        word = word[:-1]
    if len(word) > 3 and word.endswith(("sse", "use", "iase", "xe", "che", "she")):
        word = word[:-1]
    return word


def spellings(word: str) -> tuple[str, ...]:
    """The folded words that `singular` takes for the same as `word`, itself among them."""
    stem = singular(word)
    candidates = {word, stem, f"{stem}s", f"{stem}e", f"{stem}es"}
    if stem.endswith("y"):
        candidates.add(f"{stem[:-1]}ies")
    return tuple(sorted(c for c in candidates if singular(c) == stem))


def occurrences(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """The places in `text` where one of `phrases` stands, words compared as `singular` does.

    Spans `(start, end)` in order of their start; those that touch or overlap are one.
    """
    wanted = _wanted(tuple(phrases))
    if not wanted:
        return []
    plain = _level(text)
    found = _begun_in(tokens(text), wanted) if plain is None else _begun_at(plain, wanted)
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])
        spans.append((start, end))
    return spans


_Wanted = dict[str, list[list[str]]]
"""Phrases as the stems of their words, by the first of them."""


@lru_cache(maxsize=1024)
def _wanted(phrases: tuple[str, ...]) -> _Wanted:
    wanted: _Wanted = {}
    for phrase in phrases:
        if words := [singular(word) for word in fold(phrase).split()]:
            wanted.setdefault(words[0], []).append(words)
    return wanted


def _begun_in(found: list[Token], wanted: _Wanted) -> Iterator[tuple[int, int]]:
    """Where the phrases stand among all words of a text: the longest at each place."""
    stems = [singular(token.word) for token in found]
    for i in (i for i, stem in enumerate(stems) if stem in wanted):
        if lengths := [len(words) for words in wanted[stems[i]] if stems[i : i + len(words)] == words]:
            yield found[i].start, found[i + max(lengths) - 1].end


def _begun_at(plain: str, wanted: _Wanted) -> Iterator[tuple[int, int]]:
    """The same of a text that folding leaves as long as it is: only words that begin like a phrase are looked at."""
    places = set()
    for stem in wanted:
        beginning = stem.removesuffix("y")  # as all `spellings` do
        at = plain.find(beginning)
        while at >= 0:
            if not (at and plain[at - 1].isalnum()):
                places.add(at)
            at = plain.find(beginning, at + 1)
    for start in sorted(places):
        word = _WORD.match(plain, start)
        ends: list[int] = []
        for words in wanted.get(singular(word[0]), ()) if word else ():
            found = word
            for stem in words[1:]:
                found = found and _WORD.search(plain, found.end())
                if not found or singular(found[0]) != stem:
                    break
            else:
                ends += [found.end()] if found else []
        if ends:
            yield start, max(ends)


class _Level(dict[int, str]):
    """For `str.translate`: each character as `fold` compares it, or NUL where that is not one character."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = letter.lower() if letter.isascii() else _unaccented(letter)
        self[code] = plain = plain if len(plain) == 1 else "\0"
        return plain


_LEVEL = _Level()


def _level(text: str) -> str | None:
    """`text` as `fold` compares it where each of its characters becomes one other; None where that is not so."""
    if "\\" in text:
        return None
    if text.isascii():
        plain = text.lower()
    else:
        plain = text.translate(_LEVEL)
        if "\0" in plain:
            return None
    return _POSSESSIVE.sub(lambda found: " " * len(found[0]), plain) if "'s" in plain or "’s" in plain else plain


# ----------------------------------------------------------------------------------------- fingerprints

FINGERPRINT_LETTERS = 60
"""A shorter text says too little to be told apart ("This paper has been withdrawn."): it gets no fingerprint."""

_NO_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())


@lru_cache(maxsize=4096)
def fingerprint(text: str, least: int = FINGERPRINT_LETTERS) -> str | None:
    """32 hexadecimal digits that are equal for texts with equal letters and digits; None where `text` has less
    than `least` of them.

    Hyphens, line breaks, punctuation, case, accents (also TeX's) and mark-up characters make no difference.
    """
    text = without_tex_accents(text)
    if not text.isascii():
        text = _unaccented(text)
    if text.isascii():
        letters = text.encode().translate(_ASCII, _NO_LETTER)
    else:
        letters = "".join(filter(str.isalnum, text.casefold())).encode()
    return blake2b(letters, digest_size=16).hexdigest() if len(letters) >= least else None


# -------------------------------------------------------------------------------------------- headlines


def shorten(text: str, width: int) -> str:
    """`text`, cut at a word's end to at most `width` characters, the last of them `…` where it was cut."""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width)
    return text[: cut if cut > width // 2 else width - 1].rstrip(" ,;:.–—-(") + "…"


# A full stop after an initial, an abbreviation or a digit does not end a sentence.
_SENTENCE = pattern(
    r"(?<=[.!?])(?<!\b[A-Za-z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bet al\.)(?<!\bcf\.)(?<!\bvs\.)(?<!\betc\.)"
    r"(?<!\bFig\.)(?<!\bEq\.)(?<!\bRef\.)(?<!\bDr\.)(?<!\bSt\.)\s+(?=[\"“'(\[]?[A-Z0-9$\\])"
)
_SPEAKS = pattern(r"\b(?:[Ww]e|(?<!\b[Ii]n )[Tt]his (?:paper|work|article|study|letter|thesis|survey|report|chapter)) ")
_ANNOUNCES = frozenset(
    "present propose introduce develop describe study studies investigate show prove report provide explore address "
    "analyse analyze design establish derive examine construct revisit demonstrate consider review formulate "
    "evaluate tackle release".split()
)


def sentences(text: str) -> list[str]:
    """`text` cut after the ends of its sentences; joined by one space they are `one_line(text)` again."""
    return _SENTENCE.split(one_line(text))


def headline(abstract: str, width: int = 120) -> str:
    """A line that stands for a paper whose title nobody told: what the first sentence of its abstract that
    announces something announces ("We present …", "This work introduces …"), else its first sentence;
    shortened to `width`.
    """
    text = spaced(abstract)
    start = _announcement(text)
    if start:
        begin = max((end.end() for end in _SENTENCE.finditer(text, 0, start + 1)), default=0)
        lead = text[begin:start].rstrip()
        if lead and not lead.endswith((",", ":", ";")):
            start = begin
    # Past the width of a headline it makes no difference where the sentence ends.
    end = _SENTENCE.search(text, start, start + width + 80)
    sentence = text[start : end.start() if end else start + width + 80]
    return shorten(sentence[:1].upper() + sentence[1:], width).removesuffix(".")


def _announcement(text: str) -> int:
    """Where `we`, or `this paper`, with a verb of announcing in the next words, begins; 0 without any."""
    for found in _SPEAKS.finditer(text):
        words = text[found.end() : found.end() + 60].partition(".")[0].split()
        if any(word in _ANNOUNCES or word.removesuffix("s") in _ANNOUNCES for word in words):
            return found.start()
    return 0


def fold_address(address: str) -> str:
    """The form by which two mail addresses are one: without the space around it, in lower case. Servers may tell local
    parts apart by their case (RFC 5321 section 2.4), but people do not.
    """
    return address.strip().lower()


def masked(address: str) -> str:
    """`a…@example.org`: enough of an address to know it by, for logs and lists."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else address
