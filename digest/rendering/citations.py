"""Citations: a paper for BibTeX and for reference managers that read RIS.

A paper has the same key wherever it is cited, for the key is made of the paper alone: `moreau2026counting-2605.00001`,
the first author's family name, the year, the first telling word of the title, and the arXiv number (or eight
hexadecimal digits of `paper.id`), which tells apart what else would be equal.
"""

import re
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote

from digest.model import Paper
from digest.patterns import pattern
from digest.rendering import wording
from digest.rendering.addresses import links
from digest.rendering.latex import field
from digest.rendering.once import once
from digest.text import clean, fold, one_line

_NUMBER = pattern(
    r"arxiv:(?:(?P<new>(?P<year>\d\d)\d\d\.\d{4,5})|(?P<archive>[a-z-]+)(?:\.[A-Z]{2})?/(?P<old>\d{7}))", re.ASCII
)
_TOGETHER = pattern(r"(?i)\b(?:collaborations?|consortium|team|group|project|organi[sz]ation|institute)\b")
_SUFFIX = pattern(r"(?i)(?:jr|sr|ii|iii|iv)\.?")
_SMALL = frozenset(
    "a an the on of for in with to from and or is are at by as how what why when do does can via".split()
)


# ----------------------------------------------------------------------------------------------- BibTeX


@once
def bibtex(paper: Paper) -> str:
    """The entry of a paper, with a line feed at its end, as arXiv writes its own: `@misc` with `eprint`,
    `archivePrefix` and `primaryClass`; `@article` where only a DOI is known; else `@misc` with what there is.

    Values stand in braces. A list of authors that was cut ends with `and others`.
    """
    arxiv, doi = one_line(paper.ids.get("arxiv", "")), one_line(paper.ids.get("doi", ""))
    found = links(paper)
    category = next(iter(paper.categories), "") if arxiv else ""
    values = [
        ("title", field(_title(paper), title=True)),
        ("author", _authors(paper)),
        ("year", _year(paper)),
        ("eprint", _verbatim(arxiv)),
        ("archivePrefix", "arXiv" if arxiv else ""),
        ("primaryClass", _verbatim(category)),
        ("doi", _verbatim(doi)),
        ("url", _verbatim(found[0].href) if found else ""),
        ("note", field(wording.untitled(paper))),
    ]
    lines = [f"  {name:<13} = {{{value}}}" for name, value in values if value]
    kind = "article" if doi and not arxiv else "misc"
    return f"@{kind}{{{key(paper)},\n" + ",\n".join(lines) + "\n}\n"


def _authors(paper: Paper) -> str:
    names = [_braced(name) for author in paper.authors if (name := one_line(author))]
    if names and wording.cut(paper):
        names.append("others")
    return " and ".join(names)


def _braced(name: str) -> str:
    """One name as BibTeX reads names: `Given von Family`, or `Family, Jr., Given`; what is no person's in braces."""
    written = field(name)
    if _TOGETHER.search(name) or re.search(r"(?i)\s(?:and|others)\s", f" {name} ") or name.count(",") > 2:
        return f"{{{written}}}"
    person = _person(name)
    if "," not in name and not person.suffix:
        return written
    return ", ".join(field(part) for part in (person.family, person.suffix, person.given) if part)


def _verbatim(text: str) -> str:
    """What a style prints as it stands, an address or an identifier; what would end the field is percent-encoded."""
    return re.sub(r"[{}\\\s]", lambda found: quote(found[0]), clean(text))


def _title(paper: Paper) -> str:
    return paper.headline if one_line(paper.headline) else wording.name(paper)


# -------------------------------------------------------------------------------------------------- RIS


@once
def ris(paper: Paper) -> str:
    """The record of a paper: lines of a tag of two letters, two spaces, a hyphen, a space and a value, each ended by
    CRLF; TY first, ER last (Reference Manager's RIS format, 2011).

    A text without a journal is `UNPB`, one with a DOI and no arXiv number `JOUR`. TeX is made readable: what reads
    RIS is no TeX.
    """
    arxiv, doi = one_line(paper.ids.get("arxiv", "")), one_line(paper.ids.get("doi", ""))
    found = links(paper)
    cut = wording.cut(paper)
    values = [
        ("TY", "JOUR" if doi and not arxiv else "UNPB"),
        ("ID", key(paper)),
        ("TI", wording.name(paper)),
        *(("AU", _inverted(name)) for name in wording.names(paper)),
        ("PY", _year(paper)),
        ("DA", paper.date.isoformat().replace("-", "/") + "/" if paper.date else ""),
        ("AB", wording.abstract(paper)),
        *(("KW", one_line(category)) for category in paper.categories),
        ("DO", doi),
        ("AN", f"arXiv:{arxiv}" if arxiv else ""),
        *(("UR", link.href) for link in found[:1]),
        *(("L1", link.href) for link in found if link.label == "PDF"),
        ("N1", f"Authors: {cut}" if cut else ""),
        ("N1", f"Comments: {said}" if (said := wording.comments(paper)) else ""),
        ("N1", wording.untitled(paper)),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in values if value) + "ER  - \r\n"


def _inverted(name: str) -> str:
    """`Family, Given`, with `, Jr.` behind; the name as it stands where it is no person's or has one word."""
    if _TOGETHER.search(name):
        return name
    person = _person(name)
    return ", ".join(filter(None, [person.family, person.given, person.suffix]))


# ------------------------------------------------------------------------------------------ names and keys


class _Person(NamedTuple):
    family: str
    given: str
    suffix: str


def _person(name: str) -> _Person:
    """The parts of a name, from `Family, Given` or `Given von Family`; small words before the last belong to the
    family name, as BibTeX has it.
    """
    parts = [part for part in (part.strip() for part in name.split(",")) if part]
    suffix = next((part for part in parts[1:] if _SUFFIX.fullmatch(part)), "")
    parts = [part for i, part in enumerate(parts) if not i or part != suffix]
    if len(parts) > 1:
        return _Person(parts[0], " ".join(parts[1:]), suffix)
    words = parts[0].split() if parts else []
    if not suffix and len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        suffix = words.pop()
    start = max(len(words) - 1, 0)
    while start > 1 and words[start - 1][:1].islower():
        start -= 1
    return _Person(" ".join(words[start:]), " ".join(words[:start]), suffix)


@once
def key(paper: Paper) -> str:
    """The citation key: letters, digits, `-` and `.` of ASCII, equal for the same paper wherever it is shown."""
    known = wording.names(paper)
    first = known[0] if known else ""
    whose = _telling(first) if _TOGETHER.search(first) else _ascii(_person(first).family)
    word = _telling(wording.name(paper)) if paper.title else ""
    number = _NUMBER.fullmatch(paper.id)
    if number is None:
        tail = blake2b(paper.id.encode(errors="replace"), digest_size=4).hexdigest()
    else:
        tail = number["new"] or f"{number['archive']}{number['old']}"
    return f"{whose or 'anon'}{_year(paper)}{word[:24]}-{tail}"


def _telling(text: str) -> str:
    """The first word that says something, of ASCII; empty where there is none."""
    words = (_ascii(word) for word in fold(text).split())
    return next((word for word in words if len(word) > 1 and word not in _SMALL), "")


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _year(paper: Paper) -> str:
    """The year of `paper.date`, or that of its arXiv number; empty where neither is known."""
    if paper.date:
        return f"{paper.date.year}"
    number = _NUMBER.fullmatch(paper.id)
    return f"20{number['year']}" if number and number["year"] else ""
