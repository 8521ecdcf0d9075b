"""What lines of a listing look like: names, prose, labels, identifiers, wrapped paragraphs.

Plain-text pages mark nothing, so their layouts are read by the look of their lines. Each shape is one small
function here; what a shape means is the layouts' business.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import category

from digest.formats.lines import Line
from digest.patterns import pattern
from digest.text import fold, spaced, without_tex_accents

NARROWEST = 66
"""No page wraps its text at fewer characters, so a shorter line was ended on purpose."""
UNWRAPPED = 110
"""A longer line was not wrapped: it is a paragraph by itself."""


# ------------------------------------------------------------------------------- identifiers and counts


class ArxivLine(NamedTuple):
    """A line that begins with an arXiv id: the id without version, and the text that is glued to it."""

    id: str
    version: int | None
    categories: tuple[str, ...]
    rest: str


# https://info.arxiv.org/help/arxiv_identifier.html: the number has 4 digits from 0704 to 1412 and 5 since 1501;
# before, archive[.SUBJECT]/YYMMNNN. So an id ends by itself, and what is glued to it can be told apart.
_MONTH = "(?:0[1-9]|1[0-2])"
_ARXIV = pattern(
    rf"""\s* arXiv: \s?
    (?P<id> (?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}} | (?:0[7-9]|1[0-4]){_MONTH}\.\d{{4}}
          | [a-z]+(?:-[a-z]+)?(?:\.[A-Z]{{2}})?/\d\d{_MONTH}\d{{3}} )
    (?: v(?P<version> [1-9]\d?(?=\D|$)(?!D\b) | [1-9]) )?
    (?P<categories> (?:\s*\[[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]{{2,}})?\])? )
    (?P<rest> .*)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_AFTER_ID = pattern(r"\s*$|\.[A-Za-z]|[^\s,.;:)\]}]|\s+[^\s,.;:)\]}a-z]")


def arxiv_line(text: str) -> ArxivLine | None:
    """The id that `text` begins with, unless it is a mention in running prose (`arXiv:2105.01234 we show`)."""
    if ":" not in text[:12]:
        return None
    found = _ARXIV.match(text)
    if not found or not _AFTER_ID.match(found["rest"]):
        return None
    return ArxivLine(
        id=found["id"],
        version=int(found["version"]) if found["version"] else None,
        categories=tuple(found["categories"].strip(" []").split()),
        rest=found["rest"].strip(),
    )


_AUTHORS = pattern(r"\s*[•·*–-]?\s*(\d{1,5}) authors?\s*")


def authors_count(text: str) -> int | None:
    """The number in a line like `  • 8 authors`; None where it is not such a line."""
    found = _AUTHORS.fullmatch(text) if "author" in text else None
    return int(found[1]) if found else None


# --------------------------------------------------------------------------------------------- comments

_COMMENTS = pattern(r"\s*(?:authors?['’]?s?['’]?\s+comments?|comments?)\s*:\s*", re.IGNORECASE)
_UNITS = frozenset("page pages pp p figure figures fig figs table tables".split())
_REMARKS = _UNITS | frozenset(
    "accepted published submitted preprint proceedings proc journal conference workshop symposium github https http "
    "version withdrawn welcome supplementary appendix thesis poster oral spotlight demo erratum website".split()
)
"""A short paragraph with one of these words may be comments."""
# What comments begin with, and no sentence of an abstract does.
_OPENINGS = tuple(
    "project page |project website |code http|total pages |"
    "accepted |to appear |to be published |to be presented |submitted |under review |under submission |in press |"
    "under consideration |preprint |proceedings |proc |work in progress |published in |published at |published by |"
    "published as |presented at |camera ready |version |main text ".split("|")
)
_VENUE = pattern(r"[A-Z][A-Za-z]*[A-Z]+[-' ]?(?:19|20)?\d\d\b|https?://\S+$|v\d+:")


def comments_label(text: str) -> str | None:
    """What stands after `Authors' comments:` at the start of a line; None where no such label is."""
    if ":" not in text[:24]:
        return None
    found = _COMMENTS.match(text)
    return text[found.end() :] if found else None


def looks_like_remarks(text: str) -> bool:
    """Whether a paragraph may be its authors' comments (`8 pages, 5 figures`) and not a part of the abstract."""
    words = text.count(" ") + 1
    return words <= 25 or (words <= 100 and not _REMARKS.isdisjoint(fold(text).split()))


def begins_remarks(text: str) -> bool:
    """Whether a text begins as comments do and as no sentence of an abstract does."""
    if text.count(" ") >= 100:
        return False
    folded = fold(text[:_GLANCE])
    first = folded.split(maxsplit=4)[:4]
    counts = bool(first) and first[0].isdigit() and not _UNITS.isdisjoint(first)
    return counts or folded.lstrip().startswith(_OPENINGS) or _VENUE.match(text) is not None


# -------------------------------------------------------------------------------------------------- prose

_ENDS = pattern(r"""[.!?…][)\]}"'”’»$]*$""")
_HANGING = frozenset(
    "/ a an and as at by for from in into is are of on or our that than the their to via we with which using between "
    "et".split()
)


def runs_on(line: Line) -> bool:
    """Whether a line can only continue what stands above it: a quick look that settles it for most wrapped lines,
    which begin in lower case and have no label. Where it says no, nothing is known.
    """
    text = line.text
    if not text[:1].islower() or ":" in text[:24]:
        return False
    word = text.partition(" ")[0]
    return word.isalpha() and word not in _PARTICLES


_TAIL = 40
"""Characters at the end of a line that tell how it ends."""


def ends_sentence(text: str) -> bool:
    """Whether a sentence may end with `text`: at a full stop, or at an address, behind which nobody puts one."""
    return _ENDS.search(text.rstrip()[-_TAIL:]) is not None or ("://" in text and "://" in text.split()[-1])


def hangs(text: str) -> bool:
    """Whether a line breaks off where something must follow: at a comma, a preposition, an article."""
    words = text[-_TAIL:].split()
    return bool(words) and (words[-1] in _HANGING or words[-1][-1] in ",;:(–—&-")


_HEADINGS = frozenset(
    "abstract aim aims background conclusion conclusions context contributions design discussion evaluation findings "
    "implications importance interpretation introduction keywords limitations materials method methods methodology "
    "motivation objective objectives overview participants problem purpose results setting significance summary".split()
)


def is_heading(text: str) -> bool:
    """Whether a line is one of the headings that an abstract in parts has."""
    return text.strip().rstrip(":.").lower() in _HEADINGS


def is_prose(text: str) -> bool:
    """Whether a line may be running text: it has words in lower case, or is long, or ends a sentence."""
    if not text.strip() or comments_label(text) is not None or arxiv_line(text):
        return False
    if people(text):
        return False
    words = text.split()
    return (
        is_heading(text)
        or any(word.islower() and len(word) > 1 for word in words)
        or len(text) > NARROWEST
        or ends_sentence(text)
    )


# ---------------------------------------------------------------------------------------------- wrapping


def broken_on_purpose(line: str, following: str, width: int) -> bool:
    """Whether a line ends although the first word of the next one had room: a paragraph ends there.

    `width` is the widest line seen around it.
    """
    if len(line) > UNWRAPPED or len(following) > UNWRAPPED:
        return True
    word = following.split(maxsplit=1)
    return not word or len(line) + 1 + len(word[0]) <= max(width, NARROWEST)


def widest(lines: Sequence[Line]) -> int:
    """The length of the longest line that may have been wrapped."""
    return max((len(line.text) for line in lines if len(line.text) <= UNWRAPPED), default=0)


def paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that belong together: apart at blank lines and where a line was broken on purpose."""
    width = widest(lines)
    found: list[list[Line]] = []
    previous: Line | None = None
    for line in lines:
        if not line.blank:
            if previous and not previous.blank and not broken_on_purpose(previous.text, line.text, width):
                found[-1].append(line)
            else:
                found.append([line])
        previous = line
    return found


def joined(lines: Sequence[Line]) -> str:
    """The text of lines, which are clean, as one line."""
    return spaced(lines[0].text if len(lines) == 1 else " ".join([line.text for line in lines]))


# ------------------------------------------------------------------------------------------------- people


class People(NamedTuple):
    """A line of names."""

    names: tuple[str, ...]
    truncated: bool
    full: int
    """How many of the names have a given and a family name, or are a collaboration's."""


_ET_AL = pattern(
    r"[,;]?\s*(?:\band\b\s*)?(?:\bet\.?\s*al\b\.?|…|\.\.\.|\(?\+?\s*\d+\s+(?:more|others?|additional authors?)\)?|"
    r"\bothers\b|\(\d+ more authors?\))\s*$",
    re.IGNORECASE,
)
_CUT = pattern(r"al\b|…|\.\.\.|more|other|additional")
"""A quick look: a list that was cut has one of these near its end."""
_ASIDE = pattern(r"\s*\([^()]*\)|[†‡§¶*]+")
_ASIDES = frozenset("(†‡§¶*")
_SEPARATORS = frozenset("&;:，、；")
_FUNCTION_WORDS = frozenset(
    "a an are as at by for from has have in into is it its of on or our such that than the their then these this those "
    "to used using we when where which while with".split()
)
_SEPARATOR = pattern(r"\s*[,;，、；]\s*(?:and\s+|&\s+)?|\s+(?:and|&)\s+")
_SUFFIX = pattern(r"(?:Jr|Sr|Ph\.?D|M\.?D)\.?|II|III|IV")
_COMPANIES = frozenset(
    "collaboration collaborations consortium team group project initiative community network".split()
)
_INITIALS = pattern(r"-?(?:[^\W\d_]\.-?)+|[^\W\d_]{1,4}\.|[A-Z]{1,2}")
_LETTERS = r"[^\W\d_]"
_NAME_WORD = pattern(rf"(?:(?:d|l|al|el|o)['’‘`-])?(?:{_LETTERS}[\u0300-\u036f]?['’‘`´.-]?)+")
_CAMEL = pattern(r"[a-z][A-Z]{2,}|[A-Z]{3,}")
_PARTICLES = frozenset(
    "af al ap auf av ben bin bint da dal dalla das de del dela della den der des di do dos du e el ibn la las le "
    "lo los mac of ould san santa st te ten ter thor und van vande vander vom von y zu zum zur 't".split()
)
_CAPITAL_PARTICLES = frozenset(map(str.title, _PARTICLES))
_NEVER_FIRST = frozenset("The This These We Our It Here There However".split())


def people(text: str) -> People | None:
    """The names on a line of authors; None where the line does not have that shape.

    A name is one to six words with a capital (or in a script without case), initials, and particles in lower
    case; in a list of names one in five may be written in another way. `et al.` closes a list that was cut. A
    line in which most names are a single word is no such line.
    """
    if _no_names(text):
        return None
    line = spaced(text)
    if len(line) < 3 or line[-1] in ":?!":
        return None
    cut = _ET_AL.search(line, max(0, len(line) - _TAIL)) if _CUT.search(line[-_TAIL:]) else None
    bare = line[: cut.start()] if cut else line
    if not _ASIDES.isdisjoint(bare):
        bare = _ASIDE.sub("", bare)
    bare = bare.rstrip(" ,;")
    if "," not in bare and _company(bare):
        return People((bare,), bool(cut), 1)
    names: list[str] = []
    for item in _items(bare):
        if _SUFFIX.fullmatch(item) and names:
            names[-1] += f", {item}" if item[0] in "JS" else f" {item}"
        elif item.strip(" :."):
            names.append(item)
    kinds = [_name(name) for name in names]
    full, odd = kinds.count(2), kinds.count(0)
    if not full or full * 2 < len(kinds) or odd * 2 > full:
        return None
    if names[0].split()[0] in _NEVER_FIRST and not _company(names[0]) and (full < 2 or odd):
        return None
    if odd and any(not _FUNCTION_WORDS.isdisjoint(name.split()) for name in names):
        return None
    return People(tuple(names), bool(cut), full)


_GLANCE = 160
"""Characters at the start of a line that tell prose from names."""


def _no_names(text: str) -> bool:
    """A quick look, for most lines are prose: it starts in lower case, or has more words in lower case than not."""
    words = text[:_GLANCE].split()
    if not words or (words[0].islower() and words[0] not in _PARTICLES):
        return True
    return sum(map(str.islower, words)) * 2 > len(words)


def heads_prose(line: str, following: str) -> bool:
    """Whether `line` is names directly above prose, as a paper begins that has no title. A single name, which
    may be two words of a title, must be shorter than what follows.
    """
    found = people(line)
    return bool(found and is_prose(following) and (found.full > 1 or len(following) > len(line)))


def _items(line: str) -> list[str]:
    """The names on a line, as they stand there."""
    if " and " not in line and _SEPARATORS.isdisjoint(line):
        return [item.strip() for item in line.split(",")]  # as in most; _SEPARATOR finds the same
    return _SEPARATOR.split(line.replace(": ", ", "))


def _company(name: str) -> bool:
    """Whether a name is a collaboration's: it ends as such names do, and has a word of its own."""
    words = name.split()
    return 1 < len(words) < 11 and words[-1].lower() in _COMPANIES and any(w[0].isupper() for w in words[:-1])


def _name(name: str) -> int:
    """2 for a full name or a collaboration, 1 for a single word that may be a name, 0 for anything else."""
    words = name.split()
    if len(words) > 1 and words[-1].lower() in _COMPANIES:
        return 2 if _company(name) else 0
    if "\\" in name or "," in name:
        words = without_tex_accents(name.replace(",", "")).split()
    if len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        words.pop()
    if not 0 < len(words) <= 6 + sum(map(_PARTICLES.__contains__, words)):
        return 0
    if len(words) > 1 and name.isupper() and all(map(str.isalpha, words)) and len(max(words, key=len)) > 3:
        return 2  # all in capitals, as some write their names
    whole = 0
    for word in words:
        if word.istitle() and word.isalpha() and (len(word) > 1):
            whole += word not in _CAPITAL_PARTICLES or len(words) == 2
        elif word not in _PARTICLES and not _INITIALS.fullmatch(word):
            if not _is_name_word(word):
                return 0
            whole += 1
    if not whole:
        return 0
    if len(words) > 1:
        return 2
    caseless = words[0].upper() == words[0].lower()
    return (2 if len(words[0]) <= 4 else 0) if caseless else 1


def _is_name_word(word: str) -> bool:
    """Whether a word may be part of a name: a capital at its head, or behind d', al- and their like."""
    if not _NAME_WORD.fullmatch(word):
        word = "".join(c for c in word if not category(c).startswith("M"))  # the vowel signs of Indic scripts
        if not _NAME_WORD.fullmatch(word):
            return False
    if word.endswith(".") or _CAMEL.search(word):
        return False
    start = word.lstrip("dlaeo'’‘`-") if word[:1].islower() else word
    return bool(start) and not start[0].islower()
