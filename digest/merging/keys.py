"""What identifies a paper: keys that two listings of one paper share, and two papers never share by chance."""

import re
from collections.abc import Iterable, Mapping

from digest.model import Bibliographic
from digest.patterns import pattern
from digest.text import fingerprint

ARXIV, DOI, ABSTRACT = "arxiv", "doi", "text"
EVIDENCE = (ARXIV, DOI, ABSTRACT)
"""The kinds of key, from the strongest to the weakest."""

# https://info.arxiv.org/help/arxiv_identifier.html and .../arxiv_identifier_for_services.html#other-doi
_ARXIV_DOI = pattern(r"10\.48550/arxiv\.(\S+?)(?:v\d+)?", re.IGNORECASE)

_SUBJECT = pattern(r"\.[A-Za-z]{2}/")
"""Before April 2007 math.GT/0309136 was another way to write math/0309136."""

_NOTICE = pattern(
    r"\W*(?:(?:this|the) (?:\w+ ){0,2}(?:paper|article|submission|manuscript|preprint|work|version)\b.{0,40}?\b)?"
    r"(?:withdrawn|retracted|removed)\b",
    re.IGNORECASE,
)
"""An arXiv paper that was withdrawn has such a sentence for its abstract, often that of hundreds of others."""


def keys(known: Bibliographic) -> dict[str, str]:
    """At most one key of each kind of EVIDENCE, as `arxiv:2508.03332`, `doi:10.1000/x`, `text:5f3a…`.

    A DOI that arXiv gave (10.48550/arXiv.…) is an arXiv id, and the subject class of an old id is no part of it. An
    abstract that is too short to identify a paper (see `digest.text.fingerprint`), or a notice of withdrawal in its
    place, gives no key.
    """
    found = {}
    arxiv, doi = known.ids.get("arxiv"), known.ids.get("doi")
    if doi and (same := _ARXIV_DOI.fullmatch(doi)):
        arxiv, doi = arxiv or same[1].lower(), None
    if arxiv:
        found[ARXIV] = f"arxiv:{_SUBJECT.sub('/', arxiv)}"
    if doi:
        found[DOI] = f"doi:{doi.lower()}"
    if known.abstract and not _NOTICE.match(known.abstract) and (print_ := fingerprint(known.abstract)):
        found[ABSTRACT] = f"text:{print_}"
    return found


def strongest(found: Iterable[Mapping[str, str]]) -> str | None:
    """The key by which a paper is named, given the keys of its listings; None where they have none."""
    named = list(found)
    for kind in EVIDENCE:
        if known := sorted(keyed[kind] for keyed in named if kind in keyed):
            return known[0]
    return None
