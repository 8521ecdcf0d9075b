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
from digest.patterns import pattern
from digest.text import one_line


class Team(NamedTuple):
    """The authors of a paper, as far as a source names them."""

    names: tuple[str, ...] = ()
    truncated: bool = False
    """There are more: the source wrote `et al.`, `and others`, or how many."""
    total: int | None = None
    """How many there are, where the source says so beside the names."""


# ------------------------------------------------------------------------------------------------ one name

_SUFFIX = pattern(r"(?:Jr|Sr|Ph\.?D|M\.?D|Esq)\.?|I{2,3}|IV|2nd|3rd|4th", re.IGNORECASE)
_INITIALS_ALONE = pattern(r"JR|SR|MD")  # `Coates, JR` is J. R. Coates
_SUFFIX_BEHIND = pattern(r"(.*\S)\s+((?:Jr|Sr)\.?|I{2,3}|IV|2nd|3rd|4th)")
_CASELESS = pattern(
    r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u109f\u10d0-\u10ff\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f\s·・.\-]+"
)
_EAST_ASIAN = pattern(
    r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f\s]+"
)
_COMPANY = pattern(
    r"\b(?:collaborations?|consorti(?:um|a)|team|group|project|initiative|community|network|committee|society|"
    r"association|institute|university|organi[sz]ation|laborator(?:y|ies)|investigators|alliance|survey|task force|"
    r"working group|department|ministry|agency)\b",
    re.IGNORECASE,
)


def name(text: str) -> str:
    """One name, clean and on one line, without TeX, marks, or what stands behind it in parentheses."""
    if _WORDS.fullmatch(text):
        return text
    text = one_line(accented(text)).replace("~", " ")
    if "{" in text:
        text = text.replace("{", "").replace("}", "")
    if not _PLAIN.fullmatch(text):
        text = _aside(text)
        text = _MARKS.sub("", text)
    return " ".join(text.strip(" ,;").split())


_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
_WORDS = pattern(rf"[{_LETTERS}.'’-]++(?: [{_LETTERS}.'’-]++)*+")
"""Letters in words with one space between them: what most names are, and nothing is to be done with."""
_PLAIN = pattern(r"[^()\[\]*†‡§¶⋆∗#$^0-9⁰¹²³⁴-⁹]*")
_MARKS = pattern(r"[*†‡§¶⋆∗#]+|\$?\^\{?[^}\s]*\}?\$?|[⁰¹²³⁴-⁹]+|(?<=[^\W\d_])\d+(?:,\d+)*$")


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
    """A name that may be written family name first: `Sinha, Abhijit`, `Berg, Jr., L.`, `Berg, L Jr`; one without a
    comma, and a collaboration's, stays as it is.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1 or len(parts) > 3 or is_company(text):
        return name(text)
    if len(parts) == 2 and (behind := _SUFFIX_BEHIND.fullmatch(parts[1])):
        parts[1:] = behind[1], behind[2]
    elif len(parts) == 2 and _INITIALS_ALONE.fullmatch(parts[1]):
        return given_family(parts[1], parts[0])
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    given = [part for part in parts[1:] if part and not _SUFFIX.fullmatch(part)]
    return given_family(" ".join(given), parts[0], suffixes[0] if suffixes else None)


def vancouver(text: str) -> str:
    """A name as MEDLINE and its kin shorten it: `Smith JA`, `van der Berg L Jr` are `J. A. Smith`, `L. van der Berg,
    Jr`. A name that does not end in initials stays as it is.
    """
    found = _VANCOUVER.fullmatch(one_line(text))
    if not found or not any(map(str.isalpha, found["family"])) or is_company(text):
        return name(text)
    initials = " ".join(f"{letter}." for letter in found["initials"] if letter.isalpha())
    return given_family(initials, found["family"], found["suffix"])


_VANCOUVER = pattern(r"(?P<family>.+?) (?P<initials>(?:[A-ZÀ-Þ]-?){1,4})(?: (?P<suffix>Jr|Sr|2nd|3rd|II|III|IV)\.?)?")

# ------------------------------------------------------------------------------------------------ a list

_ET_AL = pattern(
    r"[,;]?\s*(?:\band\b\s*)?(?:\bet\.?\s*al\b\.?|…|\.\.\.|\(?\+?\s*(?P<more>\d+)\s+(?:more|others?|additional)"
    r"(?:\s+authors?)?(?:\s+not\s+shown)?\)?|\bothers\b|\(?additional authors not shown\)?)\s*$",
    re.IGNORECASE,
)
_TAIL = 100
"""Letters in which it stands where a list is cut."""
_NOT_SHOWN = pattern(r"\(\s*(?P<more>\d+)\s+additional authors?\s+not\s+shown\s*\)", re.IGNORECASE)
_SEPARATOR = pattern(r"\s*[,;，、；]\s*(?:and\s+|&\s+|et\s+)?|\s+(?:and|&)\s+|\s*\n\s*", re.IGNORECASE)
_PLAIN_SIGNS = pattern(rf"[{_LETTERS} ,.'’‘`-]*+")
_ODD_WORDS = frozenset(
    "et et. al al. et.al et.al. other others Jr Jr. Sr Sr. II III IV PhD Ph.D Ph.D. MD M.D M.D. Esq Esq. Team team "
    "Group group for The the behalf AND And".split()
)
_RAISED = pattern(r"\$?\^(?:\{[^{}]*\}|\w)\$?")
_FOR = pattern(
    r"^(?:(?:on behalf of|for|the|and)\s+)+(?=.*\b(?:collaboration|consortium|team|group)s?\b)", re.IGNORECASE
)


_LEADS = pattern(r"^([^,;:]{3,100}\b(?:collaboration|consortium|team|group)s?)\s*:\s*", re.IGNORECASE)
"""Who signs for the others, and the others."""


def _is_plain(text: str) -> bool:
    """Whether a list has nothing in it but names of letters, commas, and `and` between the last two."""
    return (
        _PLAIN_SIGNS.fullmatch(text) is not None
        and text.count(",") == text.count(", ")
        and not ("  " in text or "..." in text or "ollaboration" in text or "onsorti" in text)
        and _ODD_WORDS.isdisjoint(text.replace(",", " ").split(" "))
    )


def listed(text: str) -> Team:
    """The names of a list with commas, semicolons and `and` between them, given names first, as arXiv has it.

    Where semicolons part the names, commas are inside of them (`Sinha, A.; Kathania, H.`).
    """
    if _is_plain(text):
        # As most lists are: the same as below, ten times as fast.
        plain = text.strip(" ,").replace(", and ", ", ").replace(" and ", ", ").split(", ")
        return Team(tuple([whole for one in plain if (whole := one.strip(" ,"))]))
    text = accented(text)
    if "^" in text:
        text = _RAISED.sub("", text)
    more = _NOT_SHOWN.search(text) if "additional" in text else None
    bare = (_aside(text) if "(" in text or "[" in text else text).rstrip()
    bare = _LEADS.sub(r"\1, ", bare, count=1) if ":" in bare else bare
    found = _ET_AL.search(bare, max(len(bare) - _TAIL, 0))
    cut = more or found
    if found:
        bare = bare[: found.start()]
    if ";" in bare and "," in bare:
        return _team((inverted(part) for part in bare.split(";")), cut)
    kept: list[str] = []
    for part in _SEPARATOR.split(bare):
        part = _FOR.sub("", name(part)) if part else ""
        if kept and part and _SUFFIX.fullmatch(part):
            kept[-1] += f", {part}"
        elif any(map(str.isalpha, part)):
            kept.append(part)
    return _team(kept, cut)


def byline(text: str) -> Team:
    """One name or a list of them, the given or the family name first, as feeds and forms have them without saying
    which: `Ada Moreau, Tomás Říha`, `Moreau, A., Říha, T. K.`, `Moreau, Ada`, `Moreau, Ada and Říha, Tomás`.

    One comma behind a single word is behind a family name; where every other part is initials, these belong to what
    stands before them.
    """
    if "," not in text or ";" in text or "(" in text:
        return listed(text)
    found = _ET_AL.search(text, max(len(text) - _TAIL, 0))
    bare = text[: found.start()] if found else text
    turned: list[str] = []
    for piece in _AND_WORD.split(bare):
        parts = [part.strip() for part in piece.split(",") if part.strip()]
        if len(parts) == 2 and _is_inverted(piece.strip(" ,")):
            turned.append(", ".join(parts))
        elif len(parts) % 2 == 0 and all(map(_INITIALS.fullmatch, parts[1::2])):
            turned += [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
        else:
            return listed(text)
    return _team(map(inverted, turned), found)


_AND_WORD = pattern(r"\s+(?:and|&)\s+", re.IGNORECASE)
_INITIALS = pattern(r"(?:[A-ZÀ-ÞĀ-Ž](?:[a-z]?\.|(?![a-z]))[ -]?){1,5}")
_PARTICLES = frozenset("van von der den de del della di da dos du la le ten ter zu el al bin ibn mac st".split())


def _is_inverted(text: str) -> bool:
    """Whether a name with one comma has the family name before it: a single word, but for particles."""
    family, _, given = text.partition(",")
    words = [word for word in family.lower().split() if word not in _PARTICLES]
    return len(words) == 1 and 1 <= len(given.split()) <= 4 and not _SUFFIX.fullmatch(given.strip())


def bibtex(text: str) -> Team:
    """The names of a BibTeX field: ` and ` between them where no brace is open, `others` for those left out; in each
    the family name first where there is a comma. What stands in braces as a whole is one name, whatever is in it.
    Biblatex's names by parts (`family=Říha, given=Tomás`) are read too.
    """
    parts = [one_line(part) for part in _apart(text)]
    others = any(part.lower() == "others" for part in parts)
    names = [_bibtex(part) for part in parts if part.lower() != "others"]
    return Team(tuple(filter(None, names)), others)


def _bibtex(text: str) -> str:
    if text.startswith("{") and text.endswith("}") and "," not in _outside_braces(text):
        return name(text)
    if "=" in text and (told := dict(_PART.findall(text))).keys() & {"family", "given"}:
        return given_family(told.get("given"), told.get("family"), told.get("suffix"), told.get("prefix"))
    return inverted(text)


# The biblatex manual on names by parts (2.3.4 in version 3.20): values stand bare, or in quotes or braces.
_PART = pattern(r"(?:^|,)\s*\"?(family|given|prefix|suffix)\s*=\s*([^,\"]*)")


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


_AND = pattern(r"(?<!\\)[{}]|\s+and\s+", re.IGNORECASE)


def _outside_braces(text: str) -> str:
    kept, depth = [], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if not depth:
            kept.append(letter)
    return "".join(kept)


def team(names: Iterable[str]) -> Team:
    """Names that a source gives one by one; `et al.` among them says that there are more. One who speaks for a
    collaboration is two names; what has no letter is none.
    """
    whole: list[str] = []
    truncated = False
    for text in names:
        if _WORDS.fullmatch(text) and _TEAM_WORDS.isdisjoint(text.lower().split(" ")):
            whole.append(text)
            continue
        text = one_line(text)
        if _GROUPED.search(text):
            text = _ON_BEHALF.sub("", text)
            spoken = _SPEAKS_FOR.fullmatch(text)
            whole += spoken.groups() if spoken else (text,)
        elif text and _ET_AL.fullmatch(text):
            truncated = True
        elif any(map(str.isalpha, text)):
            whole.append(text)
    return Team(tuple(whole), truncated)


_TEAM_WORDS = frozenset(
    "et al al. et.al et.al. other others ... collaboration collaborations consortium consortiums team teams group "
    "groups".split()
)
_GROUPED = pattern(r"\b(?:collaboration|consortium|team|group)s?\b", re.IGNORECASE)
_ON_BEHALF = pattern(r"^(?:and )?(?:on behalf of|for) (?:the )?", re.IGNORECASE)
_SPEAKS_FOR = pattern(r"(.{2,80}?),? (?:for|on behalf of) (?:the )?(.{2,80})", re.IGNORECASE)


def _team(names: Iterable[str], cut: re.Match[str] | None) -> Team:
    whole = tuple(filter(None, names))
    more = int(cut["more"]) if cut and cut["more"] else None
    return Team(whole, cut is not None, len(whole) + more if more else None)
