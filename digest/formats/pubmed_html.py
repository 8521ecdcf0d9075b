"""PubMed's pages of results and the mails of My NCBI's saved searches, which have the same markup.

    <a class="docsum-title" href="https://pubmed.ncbi.nlm.nih.gov/30000001/">Counting papers once.</a>
    <span class="docsum-authors full-authors">Moreau A, Říha T.</span>
    <span class="docsum-journal-citation full-journal-citation">J Count. 2026 May 1;12(3):1-9. doi: 10.1000/once.</span>

Names are as MEDLINE shortens them. A page of results has some sentences of the abstract, with what was searched for in
bold: they are `details["snippet"]`.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_parts
from digest.formats.head import Head
from digest.formats.hypertext import Page, attribute, first, is_html, line_of, opened, text
from digest.formats.people import listed, vancouver
from digest.formats.signs import Sign
from digest.identifiers import doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NAME = "pubmed_html"
ABOUT = "PubMed's pages of results and My NCBI's mails as HTML"
EXAMPLE = """
<div class="search-results-chunk">
<article class="full-docsum"><a class="docsum-title" href="/30000001/">Counting papers once.</a>
<span class="docsum-authors full-authors">Moreau A, Říha T.</span>
<span class="docsum-journal-citation full-journal-citation">J Count. 2026 May 1;12(3):1-9. doi: 10.1000/once.</span>
<span class="docsum-pmid">30000001</span></article></div>
"""

_SITE: Final = "https://pubmed.ncbi.nlm.nih.gov/"
_SIGN: Final = pattern(r"""class\s*=\s*["'][^"']{0,40}\bdocsum-title\b""")


def detect(head: Head) -> Sign | None:
    """The class of PubMed's titles, on a page that is not of one paper."""
    found = head.look == "markup" and is_html(head) and _SIGN.search(head.text) and "citation_title" not in head.text
    return Sign.CERTAIN if found else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers in their order."""
    page = opened(document)
    titles = page.all("a.docsum-title")
    for number, (title, box) in enumerate(zip(titles, _boxes(titles), strict=True), 1):
        if page.whole or number < len(titles):
            yield _listing(document.origin, page, title, box)
    if not page.whole:
        yield Problem(document.origin, page.lines, "the page breaks off here: what followed is missing")
    elif not titles:
        yield Problem(document.origin, 1, "a page of PubMed without a paper on it")


_NEAR: Final = 10
"""So many elements may stand around a title and still be of its paper."""


def _around(title: "LexborNode") -> "Iterator[LexborNode]":
    """The elements around a title, from the inside, to the article."""
    above = title.parent
    for _ in range(_NEAR):
        if above is None or not above.is_element_node:
            return
        yield above
        if above.tag == "article":
            return
        above = above.parent


def _boxes(titles: "list[LexborNode]") -> "Iterator[LexborNode]":
    """For each title the largest element around it in which no other title stands."""
    inside: dict[int, int] = {}
    for title in titles:
        for above in _around(title):
            inside[above.mem_id] = inside.get(above.mem_id, 0) + 1
    for title in titles:
        box = title
        for above in _around(title):
            if inside[above.mem_id] > 1:
                break
            box = above
        yield box


def _listing(file: str, page: Page, title: "LexborNode", box: "LexborNode") -> Listing | Problem:
    line = line_of(title)
    words = text(title)
    # Mails lead through a counter; the number stands beside the address.
    number = re.search(r"\d+", attribute(title, "data-article-id") or attribute(title, "ref"))
    ids = named(page.address(attribute(title, "href"), _SITE)) or (named(f"pmid:{number[0]}") if number else {})
    if not words:
        return Problem(file, line, f"a result without a title: {ids.get('pmid', '')}")
    names = _first(box, ".docsum-authors.full-authors", ".docsum-authors")
    citation = _first(box, ".docsum-journal-citation.full-journal-citation", ".docsum-journal-citation")
    shown = text(first(box, ".docsum-pmid"))
    if shown.isdecimal():
        ids = named(f"pmid:{shown}")
    published, details = None, {"snippet": _first(box, ".full-view-snippet")}
    if told := _CITATION.match(citation):
        published, details["date"] = of_parts(told["year"], told["month"], told["day"])
        details |= {"venue": told["venue"]} | {key: told[key] or "" for key in ("volume", "issue", "pages")}
    elif citation:
        details["venue"] = citation
    if named_doi := _DOI.search(citation):
        ids |= {"doi": found} if (found := doi(named_doi[1])) else {}
    team = listed(names.rstrip("."))
    pmid = ids.get("pmid")
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids=ids,
        title=words.removesuffix("."),
        authors=tuple(vancouver(one) for one in team.names),
        authors_truncated=team.truncated,
        author_count=team.total,
        published=published,
        links={"abs": f"{_SITE}{pmid}/"} if pmid else {},
        details={key: value for key, value in details.items() if value},
    )


def _first(box: "LexborNode", *selectors: str) -> str:
    return next((found for one in selectors if (found := text(first(box, one)))), "")


_CITATION: Final = pattern(
    r"(?P<venue>[^.]{2,200}(?:\.[^.]{1,60})??)\.\s+(?P<year>\d{4})(?:\s+(?P<month>[A-Z][a-z]{2})[a-z]*(?:-[A-Z][a-z]+)?)?"
    r"(?:\s+(?P<day>\d{1,2}))?(?:;(?P<volume>[^(:;.]{1,30})?(?:\((?P<issue>[^)]{1,40})\))?(?::(?P<pages>[^.;]{1,40}))?)?"
)
_DOI: Final = pattern(r"doi:\s*(10\.\S+)")
