"""A reference as a person writes it into a list: what of it are names, a venue, a date, and what is left.

    described("Ada Moreau, Tomás Říha. ICLR 2026")                     ->  names, venue ICLR, date 2026
    cited("Moreau, A., & Říha, T. (2026). Counting papers. J. Small Results, 3(2).")   ->  the same, and a title

No style is assumed: a part is names where every name in it looks like one, a venue where it has a year or a venue's
word; what is neither is kept as a note.
"""

import re
from typing import Final, NamedTuple

from digest.formats.columns import written
from digest.formats.people import Team, is_company, listed
from digest.formats.values import Day, when
from digest.patterns import pattern
from digest.text import one_line

MOST: Final = 4000
"""Letters; what is longer is no reference, and only kept."""


class Reference(NamedTuple):
    title: str = ""
    team: Team = Team()
    venue: str = ""
    date: Day = (None, "")
    note: str = ""


# ------------------------------------------------------------------------------------------------ names

_PARTICLES: Final = frozenset(
    "af al ap av ben bin da dal de del della den der di do dos du e el ibn la las le los of san st te ten ter und van "
    "vom von y zu zum zur".split()
)
_NO_NAMES: Final = frozenset(
    "a abstract adaptive algorithm algorithms an analysis and application applications approach architecture arxiv at "
    "attention audio based benchmark blog book by chapter code conference control data dataset deep demo detection "
    "dynamic efficient evaluation fast for framework from generation generative graph graphs group image images in "
    "introduction is journal language large learning letters library machine memory method methods model modeling "
    "models multi natural network networks neural of official on online open optimization paper papers part pdf "
    "planning preprint press proceedings processing project proc recognition reinforcement report representation "
    "research review robust science search self series slides speech survey system systems symposium text the theory "
    "through time to toward towards training transactions transformer transformers tutorial unified university using "
    "video vision visual via website wikipedia with without workshop your".split()
)
_NAME_WORD: Final = pattern(r"(?:[^\W\d_][\u0300-\u036f]?['’‘`´.-]?)+")
_SHOUTED: Final = pattern(r"[A-Z]{4,}|[a-z][A-Z]{2,}")


def names(text: str, fewest: int = 1) -> Team | None:
    """The names that a piece of text consists of, at least so many; None where a part of it is no name."""
    bare = text.strip(" \t*_.,;:—–-")
    if not bare or len(bare) > MOST or bare[-1] in "?!" or any(letter in bare for letter in '?!"“”=/<>|'):
        return None
    if bare.lower().startswith("by ") or bare.lower().startswith("authors"):
        bare = bare.partition(" ")[2].lstrip(": ")
    if any(part.strip() and not any(map(str.isalpha, part)) for part in bare.split(",")):
        return None  # of a volume, of pages
    team = listed(bare)
    if len(team.names) + team.truncated < fewest or not team.names:
        return None
    lone = len(team.names) == 1 and not team.truncated
    kinds = [_likeness(one, lone=lone) for one in team.names]
    odd = kinds.count(_ODD)
    if _NONE in kinds or (odd and (odd * 3 > len(kinds) or len(kinds) < 3)):
        return None
    full = sum(1 for one in team.names if " " in one or _caseless(one))
    return team if full * 2 >= len(team.names) or (team.truncated and len(team.names) == 1) else None


_NAME, _ODD, _NONE = 2, 1, 0


def _likeness(text: str, *, lone: bool) -> int:
    """How much a text is like a name: one of an odd kind may stand among others (In Cho, kmori), but for prose."""
    words = text.replace(",", "").split()
    if is_company(text):
        few = sum(map(str.islower, words)) * 2 < len(words)
        return _NAME if text[:1].isupper() and len(words) < 10 and few else _NONE
    if any(map(str.isdecimal, text)) or (len(words) == 1 and _SHOUTED.search(text)) or _VENUES.match(text):
        return _NONE
    if not words or len(words) > 6 or (lone and len(words) > 4):
        return _NONE
    found = _NAME
    for word in words:
        low = word.lower().strip(".")
        if word in _PARTICLES:
            continue
        if word[0].islower() and not _leads(word) and len(words) > 1:
            return _NONE
        if (
            (low in _NO_NAMES and len(low) > 1)
            or _SHOUTED.search(word)
            or not _NAME_WORD.fullmatch(word)
            or (word[0].islower() and not _leads(word))
        ):
            found = _ODD
    return found


def _leads(word: str) -> bool:
    """Whether a name may begin so in lower case: d'Arc, al-Rashid, O'Brien's kin."""
    bare = word.lstrip("dlaeo")
    return word[:1] in "dlaeo" and bare[:1] in "'’-" and bare[1:2].isupper()


def _caseless(word: str) -> bool:
    return word.upper() == word.lower()


def _unbracketed(text: str) -> str:
    """A piece without what parts it from others, and without brackets around it, or that were opened elsewhere."""
    for _ in range(4):
        text = text.strip(" \t*_.,;:—–-")
        for opened, closed in ("()", "[]"):
            more = text.count(closed) - text.count(opened)
            if (more >= 0 and text.startswith(opened) and text.endswith(closed) and opened not in text[1:]) or more > 0:
                text = text.removesuffix(closed)
            if more < 0 or (text.startswith(opened) and closed not in text):
                text = text.removeprefix(opened)
    return text.strip()


# ------------------------------------------------------------------------------------------------ venues and dates

_YEAR: Final = pattern(r"(?<![\d.:/-])(?:1[89]\d\d|20\d\d)(?![\d.:]*\d)")
_VENUES: Final = pattern(
    r"^(?:(?:in|published in|accepted (?:at|to|by)|to appear (?:in|at)|presented at)\b[:\s]*)?(?:the\s+)?"
    r"(?:Proc(?:eedings|\.)?\b|Proceedings|Journal|J\.|Conference|International|Int\.|Annual|Workshop|Symposium|Trans(?:actions)?\b|"
    r"IEEE|ACM|AAAI|Nature\b|Science\b|Cell\b|PNAS|PLOS|NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|ACL\b|EMNLP|NAACL|COLING|"
    r"TACL|KDD|WWW|SIGIR|SIGGRAPH|CHI\b|ICRA|IROS|RSS\b|CoRL|Interspeech|ICASSP|JMLR|TMLR|TPAMI|IJCV|IJCAI|UAI|AISTATS|"
    r"COLT|WACV|BMVC|MICCAI|arXiv|bioRxiv|medRxiv|OpenReview|Preprint|Phys\.|Physical Review|Rev\.|Ann\.|"
    r"Lancet|NEJM|Lecture Notes|Springer|Elsevier|MIT Press|Cambridge|Oxford|Findings|Frontiers|Advances)",
    re.IGNORECASE,
)
_ACRONYM: Final = pattern(r"^[A-Z][A-Za-z&+./-]*[A-Z][A-Za-z&+./-]*\s*[’'`]?\s*\d\d(?:\d\d)?\b")
_MONTH: Final = (
    r"(?:(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september|"
    r"october|november|december)\.?)"
)
_DATE: Final = pattern(
    rf"(?:[a-z]+day,?\s+)?(?:{_MONTH},?\s+)?[\d/.-]{{1,10}}(?:st|nd|rd|th)?,?(?:\s+{_MONTH})?(?:,?\s+\d{{1,4}})?",
    re.IGNORECASE,
)
_OTHERS: Final = pattern(r"\bet\.?\s?al\b|\w\+(?:\s|$)")


def venue(text: str) -> tuple[str, Day] | None:
    """The venue and the date that a piece of text is; either may be empty. None for any other text."""
    bare = _unbracketed(text)
    if not bare or len(bare) > 300 or bare.count(" ") > 24:
        return None
    if _OTHERS.search(bare):
        return None  # (Moreau et al., 2025), (Moreau+ 2025)
    day = when(bare)
    if day != (None, "") and _DATE.fullmatch(bare):
        return "", day
    year = _YEAR.search(bare)
    known = _VENUES.match(bare) or _ACRONYM.match(bare)
    if known or (year and bare[0].isupper() and bare.count(" ") <= 12):
        name = re.sub(
            r"(?i)^(?:published in|accepted (?:at|to|by)|to appear (?:in|at)|presented at|in)\b[:\s]*", "", bare
        )
        told = name.replace(year[0], "", 1) if year and name.rstrip(")] ").endswith(year[0]) else name
        return _unbracketed(one_line(told)), (None, year[0] if year else "")
    return None


# ------------------------------------------------------------------------------------------------ behind a title

_ABBREVIATED: Final = "".join(
    f"(?<!{word})" for word in "Proc Conf Int Trans Vol vol pp No no Rev Phys Lett Univ Math Ann vs".split()
)
_PARTS: Final = pattern(
    r"\s+[—–|·•]+\s+|\s+-{1,3}\s+|\n|(?<=\w\w)"
    + _ABBREVIATED
    + r"\.\s+(?=\S)|(?<=[)\]\"”$%])\.\s+(?=\S)|;\s+(?=[A-Z(\[])"
)
_BRACKETED: Final = pattern(r"\(([^()]{1,300})\)|\[([^\[\]]{1,300})\]")


def described(text: str, *, named: bool = False) -> Reference:
    """What stands behind a title: names, if nobody is `named` yet, a venue, a date; all else is a note."""
    if len(text) > MOST:
        return Reference(note=one_line(text))
    team, place = Team(), ""
    day: Day = (None, "")
    notes: list[str] = []
    told = _BRACKETED.sub(_apart, text)
    for part in _PARTS.split(told):
        piece = _unbracketed(one_line(part))
        if not piece or piece in (".", "|"):
            continue
        if not named and not team.names and (found := _named(piece)):
            team, piece = found
            if not piece:
                continue
        if (where := venue(piece)) and not (place and where[0]):
            place = place or where[0]
            day = day if day[0] or day[1] else where[1]
        else:
            notes.append(piece)
    return Reference("", team, place, day, ". ".join(notes))


def _apart(found: re.Match[str]) -> str:
    """What stands in brackets, as a part of its own where it says where or when."""
    inner = found[1] or found[2]
    return f" — {inner} — " if venue(inner) else found[0]


def _named(piece: str) -> tuple[Team, str] | None:
    """The names at the beginning of a piece, and what follows them behind a comma."""
    if team := names(piece):
        return team, ""
    at = len(piece)
    for _ in range(6):
        at = piece.rfind(",", 0, at)
        if at <= 0:
            return None
        tail = piece[at + 1 :].strip()
        if venue(tail) and (team := names(piece[:at])):
            return team, tail
    return None


# ------------------------------------------------------------------------------------------------ a whole reference

_DATED: Final = pattern(
    r"(?P<names>[^()\n]{3,1500}?),?\s*\((?P<date>(?:1[89]|20)\d\d[^()]{0,30}?)[a-z]?\)[.:,]?\s+(?P<rest>\S.*)",
    re.DOTALL,
)
_INITIALLED: Final = pattern(
    r"((?:[^\W\d_][\w'’-]{1,30}(?: [^\W\d_][\w'’-]{1,30}){0,2} [A-ZÀ-Þ]{1,3}(?:, ?|(?=[.:]))){1,60}(?:et al)?)[.:]\s"
)
_JOURNAL: Final = pattern(r"\s*([^\n]{2,120}?)\.\s+((?:19|20)\d\d\b.*)", re.DOTALL)
_QUOTED: Final = pattern(r"[\"“«](?P<title>[^\"“”«»]{4,500}?)[,.]?[\"”»][,.:]?")
_BEHIND: Final = pattern(r"(?P<title>[^()\n]{4,400}?)\s*\((?P<aside>[^()\n]{2,300})\)[.\s]*$")
_BY: Final = pattern(r"^(?P<title>.{4,400}?)\s+by\s+(?P<names>[A-Z].*)$", re.DOTALL)


def cited(text: str) -> Reference:
    """A reference that no mark-up parts: its title in quotation marks; names, a year, a title (APA); names, a title, a
    venue (Vancouver); a title, names, a venue.
    """
    text = text.strip(" \t\n,;:—–-")
    if len(text) > MOST:
        return Reference(one_line(text[:300]))
    if found := _QUOTED.search(text):
        before = names(text[: found.start()]) if found.start() else None
        behind = described(text[found.end() :])
        if not before and found.start():
            first = one_line(text[: found.start()]).strip(" .,:;—–-")
            behind = behind._replace(note=". ".join(filter(None, (first, behind.note))))
        return behind._replace(title=one_line(found["title"]), team=before or behind.team)
    if (found := _DATED.match(text)) and (team := _inverted(found["names"])):
        title, _, rest = _first(found["rest"])
        return described(rest, named=True)._replace(title=title, team=team, date=when(found["date"]))
    if (found := _INITIALLED.match(text)) and (rest := text[found.end() :].strip()):
        title, _, rest = _first(rest)
        behind = described(rest, named=True)
        if journal := _JOURNAL.match(rest):
            behind = Reference(venue=one_line(journal[1]), date=when(journal[2]), note=one_line(journal[2]).rstrip("."))
        return behind._replace(title=title, team=written(found[1]))
    if found := _BEHIND.match(text):
        aside = described(found["aside"])
        if aside.team.names or aside.venue or aside.date != (None, ""):
            return aside._replace(title=_first(found["title"])[0])
    title, stop, rest = _first(text)
    if rest and stop and (team := names(title, fewest=2)):
        title, _, rest = _first(rest)
        return described(rest, named=True)._replace(title=title, team=team)
    if (found := _BY.match(title)) and (team := names(found["names"])):
        return described(rest)._replace(title=one_line(found["title"]), team=team)
    return described(rest)._replace(title=title)


def _inverted(text: str) -> Team | None:
    """`Moreau, A., & Říha, T.`, as styles with the year in brackets write names; also names in their usual order."""
    parts = re.split(r"(?<=\.),\s*(?:&|and)?\s*|\s*;\s*|,?\s+(?:&|and)\s+", one_line(text).strip(" ,&"))
    if len(parts) and all("," in part for part in parts if part) and len(text) < MOST:
        return listed("; ".join(part for part in parts if part) + ";")
    return names(text)


def _first(text: str) -> tuple[str, str, str]:
    """The first sentence, what ends it, and the rest."""
    found = re.search(
        r"(?<=\w\w)" + _ABBREVIATED + r"\.\s+(?=\S)|(?<=[)\]\"”$%?!])\.?\s+(?=[A-Z\[(*_])|\s+[—–|]+\s+|\s+-{1,3}\s+|\n",
        text,
    )
    if not found:
        return one_line(text).strip(" .,;:"), "", ""
    # A mark that asks or calls stays with the title.
    return one_line(text[: found.start()]).strip(" ,;:"), found[0] or " ", text[found.end() :]
