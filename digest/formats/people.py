r"""Authors as people: the names in whatever a source writes them, each as it is read, given name first.

    listed("Marc Voyer and Louis Marchildon (Universite du Quebec)")  ->  Marc Voyer | Louis Marchildon
    inverted("van der Berg, Lotte, Jr.")                              ->  Lotte van der Berg, Jr.
    bibtex(r"Sinha, Abhijit and Kathania, H. K. and {ATLAS Collaboration} and others")
                                                ->  Abhijit Sinha | H. K. Kathania | ATLAS Collaboration, and it was cut

Affiliations in parentheses and marks behind a name are no names; collaborations stay whole; a name in a script without
case keeps its order; TeX's accents become Unicode.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from digest.accents import accented
from digest.text import one_line


class Team(NamedTuple):
    """The authors of a paper, as far as a source names them."""

    names: tuple[str, ...] = ()
    truncated: bool = False
    """There are more: the source wrote `et al.`, `and others`, or how many."""
    total: int | None = None
    """How many there are, where the source says so beside the names."""


# ------------------------------------------------------------------------------------------------ one name

_SUFFIX = re.compile(r"(?:Jr|Sr|Ph\.?D|M\.?D|Esq)\.?|I{2,3}|IV", re.IGNORECASE)
_CASELESS = re.compile(
    r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u109f\u10d0-\u10ff\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f\s·・.\-]+"
)
_EAST_ASIAN = re.compile(
    r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f\s]+"
)
_COMPANY = re.compile(
    r"\b(?:collaborations?|consorti(?:um|a)|team|group|project|initiative|community|network|committee|society|"
    r"association|institute|university|organi[sz]ation|laborator(?:y|ies)|investigators|alliance|survey|task force|"
    r"working group|department|ministry|agency)\b",
    re.IGNORECASE,
)


def name(text: str) -> str:
    """One name, clean and on one line, without TeX, marks, or what stands behind it in parentheses."""
    text = one_line(accented(text)).replace("~", " ")
    if "{" in text:
        text = text.replace("{", "").replace("}", "")
    if not _PLAIN.fullmatch(text):
        text = _aside(text)
        text = _MARKS.sub("", text)
    return " ".join(text.strip(" ,;").split())


_PLAIN = re.compile(r"[^()\[\]*†‡§¶⋆∗#$^0-9⁰¹²³⁴-⁹]*")
_MARKS = re.compile(r"[*†‡§¶⋆∗#]+|\$?\^\{?[^}\s]*\}?\$?|[⁰¹²³⁴-⁹]+|(?<=[^\W\d_])\d+(?:,\d+)*$")


def _aside(text: str) -> str:
    """`text` without what stands in round or square brackets, however deep; without what follows one left open."""
    kept, depth = [], 0
    for letter in text:
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth = max(depth - 1, 0)
        elif not depth:
            kept.append(letter)
    return "".join(kept)


def is_company(text: str) -> bool:
    """Whether a name is that of many: a collaboration, a team, an institute."""
    return bool(_COMPANY.search(text)) and len(text.split()) > 1


def given_family(given: str | None, family: str | None, suffix: str | None = None, particle: str | None = None) -> str:
    """One name of its parts, in the order in which it is read: East Asian names begin with the family's, unspaced."""
    first, last = name(given or ""), name(f"{particle or ''} {family or ''}")
    if first and last and _EAST_ASIAN.fullmatch(first + last):
        whole = f"{last}{first}"
    else:
        whole = " ".join(filter(None, (first, last)))
    return f"{whole}, {name(suffix)}" if suffix and whole and name(suffix) else whole


def inverted(text: str) -> str:
    """A name that may be written family name first: `Sinha, Abhijit`, `Berg, Jr., L.`; one without a comma, and a
    collaboration's, stays as it is.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1 or len(parts) > 3 or is_company(text):
        return name(text)
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    given = [part for part in parts[1:] if part and not _SUFFIX.fullmatch(part)]
    return given_family(" ".join(given), parts[0], suffixes[0] if suffixes else None)


def vancouver(text: str) -> str:
    """A name as MEDLINE and its kin shorten it: `Smith JA`, `van der Berg L Jr` are `J. A. Smith`, `L. van der Berg,
    Jr`. A name that does not end in initials stays as it is.
    """
    found = _VANCOUVER.fullmatch(one_line(text))
    if not found or is_company(text):
        return name(text)
    initials = " ".join(f"{letter}." for letter in found["initials"] if letter.isalpha())
    return given_family(initials, found["family"], found["suffix"])


_VANCOUVER = re.compile(
    r"(?P<family>.*[^\W\d_].*?)\s+(?P<initials>(?:[A-ZÀ-Þ]-?){1,4})(?:\s+(?P<suffix>Jr|Sr|2nd|3rd|II|III|IV)\.?)?"
)

# ------------------------------------------------------------------------------------------------ a list

_ET_AL = re.compile(
    r"[,;]?\s*(?:\band\b\s*)?(?:\bet\.?\s*al\b\.?|…|\.\.\.|\(?\+?\s*(?P<more>\d+)\s+(?:more|others?|additional)"
    r"(?:\s+authors?)?(?:\s+not\s+shown)?\)?|\bothers\b|\(?additional authors not shown\)?)\s*$",
    re.IGNORECASE,
)
_NOT_SHOWN = re.compile(r"\(\s*(?P<more>\d+)\s+additional authors?\s+not\s+shown\s*\)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;，、；]\s*(?:and\s+|&\s+|et\s+)?|\s+(?:and|&)\s+|\s*\n\s*", re.IGNORECASE)
_ODD = re.compile(
    r"[^\w\s,.'’‘`-]|[\d_¹²³⁴-⁹、，；\n]|\.\.\.|\bet\.?\s?al\b|others?\b|\b(?:Jr|Sr|I{2,3}|IV|Ph\.?D|M\.?D|Esq)\b|"
    r",[^ ]|ollaboration|onsorti|\b(?:[Tt]eam|[Gg]roup|for|[Tt]he|on behalf)\b|\bAND\b"
)
_RAISED = re.compile(r"\$?\^(?:\{[^{}]*\}|\w)\$?")
_FOR = re.compile(
    r"^(?:(?:on behalf of|for|the|and)\s+)+(?=.*\b(?:collaboration|consortium|team|group)s?\b)", re.IGNORECASE
)


def listed(text: str) -> Team:
    """The names of a list with commas, semicolons and `and` between them, given names first, as arXiv has it.

    Where semicolons part the names, commas are inside of them (`Sinha, A.; Kathania, H.`).
    """
    if not _ODD.search(text):
        # As most lists are: the same as below, ten times as fast.
        plain = one_line(text).replace(", and ", ", ").replace(" and ", ", ").strip(" ,").split(", ")
        return Team(tuple([whole for one in plain if (whole := one.strip(" ,"))]))
    text = accented(text)
    if "^" in text:
        text = _RAISED.sub("", text)
    more = _NOT_SHOWN.search(text)
    bare = _aside(text) if "(" in text or "[" in text else text
    found = _ET_AL.search(bare)
    cut = more or found
    if found:
        bare = bare[: found.start()]
    if ";" in bare and "," in bare:
        return _team((inverted(part) for part in bare.split(";")), cut)
    names: list[str] = []
    for part in _SEPARATOR.split(bare):
        part = _FOR.sub("", name(part)) if part else ""
        if names and part and _SUFFIX.fullmatch(part):
            names[-1] += f", {part}"
        elif part:
            names.append(part)
    return _team(names, cut)


def bibtex(text: str) -> Team:
    """The names of a BibTeX field: ` and ` between them where no brace is open, `others` for those left out; in each
    the family name first where there is a comma. What stands in braces as a whole is one name, whatever is in it.
    """
    parts = [one_line(part) for part in _apart(text)]
    others = any(part.lower() == "others" for part in parts)
    names = [
        name(part)
        if part.startswith("{") and part.endswith("}") and "," not in _outside_braces(part)
        else inverted(part)
        for part in parts
        if part.lower() != "others"
    ]
    return Team(tuple(filter(None, names)), others)


def _apart(text: str) -> list[str]:
    """`text` at each ` and ` outside of braces."""
    parts, depth, begin = [], 0, 0
    for found in _AND.finditer(text):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth = max(depth - 1, 0)
        elif not depth:
            parts.append(text[begin : found.start()])
            begin = found.end()
    return [*parts, text[begin:]]


_AND = re.compile(r"(?<!\\)[{}]|\s+and\s+", re.IGNORECASE)


def _outside_braces(text: str) -> str:
    kept, depth = [], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if not depth:
            kept.append(letter)
    return "".join(kept)


def team(names: Iterable[str]) -> Team:
    """Names that a source gives one by one; `et al.` among them says that there are more."""
    told = [one_line(text) for text in names]
    whole = [text for text in told if text and not _ET_AL.fullmatch(text)]
    return Team(tuple(whole), len(whole) < len([text for text in told if text]))


def _team(names: Iterable[str], cut: re.Match[str] | None) -> Team:
    whole = tuple(filter(None, names))
    more = int(cut["more"]) if cut and cut["more"] else None
    return Team(whole, cut is not None, len(whole) + more if more else None)
