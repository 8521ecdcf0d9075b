"""What a person may mean by the words they typed: the name of one paper, or words to look for."""

import re

from digest.merging import keys
from digest.model import Bibliographic, Paper
from digest.patterns import pattern
from digest.text import fold

# https://info.arxiv.org/help/arxiv_identifier.html: 2508.03332, before April 2007 hep-th/9901001 or math.GT/0309136
_ARXIV = pattern(
    r"(?:arxiv:\s*|(?:https?://)?[\w.-]+/(?:abs|pdf|html|papers)/)?"
    r"(?:(?P<archive>[a-z-]+)(?P<subject>\.[a-z]{2})?(?=/))?(?P<number>\d{4}\.\d{4,5}|/\d{7})(?:v\d+)?(?:\.pdf)?/?",
    re.IGNORECASE,
)
# https://www.doi.org/doi-handbook/HTML/: a prefix that starts with 10., a slash, and anything
_DOI = pattern(r"(?:doi:\s*|(?:https?://)?(?:dx\.)?doi\.org/)?(?P<id>10\.\d{4,9}(?:\.\d+)*/\S+)", re.IGNORECASE)


def names(text: str) -> list[str]:
    """The ids and keys (see `digest.merging.keys`) that `text` may stand for; none for several words.

    `arXiv:2508.03332v2` is `arxiv:2508.03332`, `https://doi.org/10.1000/X` is `doi:10.1000/x`. Ids of before
    2007 are tried in each spelling that sources use: with a subject class in either case, and without.
    """
    text = text.strip()
    found = [] if not text or re.search(r"\s", text) else [text]
    if arxiv := _ARXIV.fullmatch(text):
        archive, subject, number = (arxiv[part] or "" for part in ("archive", "subject", "number"))
        found += [f"arxiv:{archive.lower()}{spelling}{number}" for spelling in (subject.upper(), subject.lower(), "")]
    elif doi := _DOI.fullmatch(text):
        found += keys(Bibliographic(ids={"doi": doi["id"].lower()})).values()
    return list(dict.fromkeys(found))


def has_words(paper: Paper, words: list[str]) -> bool:
    """True where all of `words`, which are folded, stand in the title, headline or abstract."""
    told = fold(paper.headline) + fold(paper.title or "") + fold(paper.abstract or "")
    return all(f" {word} " in told for word in words)
