"""What entries of a few large sources say in their titles and texts, which others say in elements.

arXiv since 2024    arXiv:2605.00001v2 Announce Type: replace Abstract: We measure …
arXiv before        Counting papers once. (arXiv:2605.00001v2 [cs.DL] UPDATED)
Nature              Nature, Published online: 01 May 2026; doi:10.5555/counting.7 We measure …
PubMed              J Lists. 2026 May 1. doi: 10.5555/counting.7. ABSTRACT We measure … PMID:1 | DOI:10.5555/counting.7
ScienceDirect       Publication date: May 2026 Source: Lists, Volume 7 Author(s): Ada Moreau, Tomás Říha
APS                 Author(s): Ada Moreau and Tomás Říha We measure … [Lists 7, 1] Published Fri May 01, 2026
MDPI                Lists, Vol. 7, Pages 10: Counting papers once
PLOS                <p>by Ada Moreau, Tomás Říha</p> We measure …
ACS                 J. Lists DOI: 10.5555/counting.7
NBER                Counting papers once -- by Ada Moreau, Tomás Říha
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, NamedTuple

from digest.formats.dates import of_text
from digest.formats.people import Team, listed
from digest.formats.prose import plain
from digest.identifiers import arxiv, doi, named
from digest.model import Kind
from digest.patterns import pattern
from digest.text import one_line


class Said(NamedTuple):
    """What was found in a title and a text, and what is left of them."""

    title: str
    abstract: str
    ids: Mapping[str, str] = {}
    version: int | None = None
    kind: Kind | None = None
    team: Team | None = None
    categories: tuple[str, ...] = ()
    published: date | None = None
    details: Mapping[str, str] = {}
    announced: bool = False
    """It is one of arXiv's announcements."""


def announced(title: str, text: str, kind: str) -> Said | None:
    """What one of arXiv's announcements says; None for any other entry. `kind` is that of `arxiv:announce_type`, with
    which `text` is as it is written, and without which it is on one line.
    """
    if text.startswith("arXiv:"):
        head, _, abstract = text.partition("Abstract:")
        if found := _ANNOUNCED.match(head):
            kind = kind or found["kind"]
            known = arxiv(found["id"])
            return Said(
                title,
                one_line(abstract),
                {"arxiv": known.id} if known else {},
                known.version if known else None,
                _KINDS.get(kind),
                details=_NOTHING if kind in _PLAIN_KINDS else {"announce_type": kind},
                announced=True,
            )
    if kind:
        return Said(title, one_line(text), kind=_KINDS.get(kind), announced=True)
    if title.endswith(")") and (found := _TITLED.search(title)):
        known = arxiv(found["id"])
        if known:
            return Said(
                title[: found.start()].removesuffix("."),
                text,
                {"arxiv": known.id},
                known.version,
                _MARKS[found["mark"] or ""],
                categories=(found["category"],),
                announced=True,
            )
    return None


_NOTHING: Final[Mapping[str, str]] = {}
_ANNOUNCED: Final = pattern(r"arXiv:(?P<id>[\w.-]+(?:/\d{7})?(?:v\d+)?)\s+Announce Type:\s+(?P<kind>[\w-]+)\s*\Z")
_KINDS: Final[Mapping[str, Kind]] = {
    "new": "new",
    "cross": "cross-list",
    "replace": "replaced",
    "replace-cross": "replaced",
    "absonly": "replaced",
}
_PLAIN_KINDS: Final = frozenset(("new", "cross", "replace"))
_TITLED: Final = pattern(
    r"\s?\(arXiv:(?P<id>[^\s()]{5,40}) \[(?P<category>[\w.-]{2,30})\](?: (?P<mark>UPDATED|CROSS LISTED))?\)$"
)
_MARKS: Final[Mapping[str, Kind]] = {"": "new", "CROSS LISTED": "cross-list", "UPDATED": "replaced"}


def published(title: str, abstract: str, raw: str) -> Said | None:
    """What a publisher's entry says in its text; None for any other. `raw`: the text with the markup in it."""
    return next((said for dialect in _DIALECTS if (said := dialect(title, abstract, raw))), None)


def _nature(title: str, abstract: str, _raw: str) -> Said | None:
    found = _ONLINE.match(abstract)
    if not found:
        return None
    known = doi(found["doi"])
    day, part = of_text(found["date"])
    details = {"venue": found["venue"]} | ({"date": part} if part else {})
    return Said(title, abstract[found.end() :], {"doi": known} if known else {}, published=day, details=details)


_ONLINE: Final = pattern(
    r"(?P<venue>[^;]{1,100}?), Published online: (?P<date>[\w ,.-]{4,30}); doi: ?(?P<doi>10\.\S{3,100}) ?"
)


def _pubmed(title: str, abstract: str, _raw: str) -> Said | None:
    body, foot, ids = abstract.rpartition("PMID:")
    if not foot or len(ids) > 300:
        return None
    citation, _, text = body.partition(" ABSTRACT ")
    known: dict[str, str] = {}
    for part in f"PMID:{ids}".split(" | "):
        known |= named(part) or named(part.partition(":")[2].strip())
    if "pmid" not in known:
        return None
    return Said(title, text.strip(), known, details={"citation": citation.strip()} if citation.strip() else {})


def _sciencedirect(title: str, abstract: str, _raw: str) -> Said | None:
    found = _SOURCE.fullmatch(abstract)
    if not found:
        return None
    day, part = of_text(re.sub(r"^Available online ", "", found["date"]))
    details = {"venue": found["venue"]} | ({"date": part} if part else {})
    return Said(title, "", team=listed(found["authors"] or ""), published=day, details=details)


_SOURCE: Final = pattern(
    r"Publication date: (?P<date>[^:]{1,80}?) Source: (?P<venue>.{1,300}?)(?: Author\(s\): (?P<authors>.*))?"
)


def _aps(title: str, abstract: str, raw: str) -> Said | None:
    found = _CITED.search(abstract, max(len(abstract) - 200, 0))
    # Only the markup tells where the names end and the text begins.
    names = _NAMES.match(raw)
    if not found or not names:
        return None
    day, part = of_text(found["date"])
    details = {"citation": found["citation"]} | ({"date": part} if part else {})
    text = abstract[: found.start()].strip().removeprefix(plain(raw[: names.end()])).strip()
    return Said(title, text, team=listed(plain(names[1])), published=day, details=details)


_NAMES: Final = pattern(r"\s*Author\(s\):([^<]{1,20000})")
_CITED: Final = pattern(r"\[(?P<citation>[^\[\]]{3,120})\] Published (?P<date>[\w ,]{6,40})$")


def _mdpi(title: str, abstract: str, raw: str) -> Said | None:
    found = _PAGED.match(title)
    if not found:
        return None
    # The title, the DOI and the names stand in paragraphs of their own before the text.
    _, _, text = raw.partition("Authors:")
    _, ended, text = text.partition("</p>")
    details = {"venue": found["venue"], "volume": found["volume"], "pages": found["pages"]}
    return Said(title[found.end() :], plain(text) if ended else abstract, details=details)


_PAGED: Final = pattern(r"(?P<venue>[^:,]{1,100}), Vol\. (?P<volume>\d{1,4}), Pages (?P<pages>[\w-]{1,20}): ")


def _plos(title: str, abstract: str, raw: str) -> Said | None:
    found = _BY.match(raw)
    return Said(title, plain(raw[found.end() :]), team=listed(plain(found[1]))) if found else None


_BY: Final = pattern(r"\s*<p>\s*by ([^<]{1,20000})</p>")


def _acs(title: str, abstract: str, _raw: str) -> Said | None:
    found = _CITATION.fullmatch(abstract)
    known = doi(found["doi"]) if found else None
    return Said(title, "", {"doi": known}, details={"venue": found["venue"]}) if found and known else None


_CITATION: Final = pattern(r"(?P<venue>[^:]{1,150}) DOI: (?P<doi>10\.\S{3,100})")


def _nber(title: str, abstract: str, _raw: str) -> Said | None:
    whole, by, names = title.partition(" -- by ")
    return Said(whole, abstract, team=listed(names)) if by and whole and names else None


_DIALECTS: Final[tuple[Callable[[str, str, str], Said | None], ...]] = (
    *(_nature, _sciencedirect, _aps, _pubmed, _mdpi, _plos, _acs, _nber),
)
