"""Semantic Scholar's papers: searches, batches, recommendations, citations and references, single papers, data sets.

    {"total": 12, "offset": 0, "data": [
       {"paperId": "c8b2…", "externalIds": {"ArXiv": "2605.00001", "DOI": "10.1000/1", …}, "title": …, "abstract": …,
        "authors": [{"authorId": "1", "name": "Ada Moreau"}], "year": 2026, "publicationDate": "2026-05-01",
        "openAccessPdf": {"url": …}, "tldr": {"text": …}, "citationCount": 3, …}, …]}

Keys are in camel case in the API and in lower case in the data sets: case does not count. A batch has null for what was
not found.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import team
from digest.formats.signs import Sign
from digest.formats.values import at, details, identified, links, metrics, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "semantic_scholar"
ABOUT = "Semantic Scholar's papers as JSON: searches, batches, recommendations, citations, data sets"
EXAMPLE = """\
{"total": 1, "offset": 0, "data": [
  {"paperId": "c8b25fab5608c3e033d34b4483ec47e68ba109b7", "externalIds": {"ArXiv": "2605.00001"},
   "title": "Counting papers once", "abstract": "We measure …", "year": 2026, "publicationDate": "2026-05-01",
   "authors": [{"authorId": "1", "name": "Ada Moreau"}], "citationCount": 3}]}
"""
PLACES: Final = ("data[]", "recommendedPapers", "papers[]")
_INNER: Final = ("citingPaper", "citedPaper")
_HASH: Final = pattern(r"[0-9a-f]{40}")
_OWN: Final = {
    *("externalids", "citationcount", "influentialcitationcount", "openaccesspdf", "s2fieldsofstudy", "corpusid"),
    *("openaccessinfo", "publicationvenue", "referencecount", "fieldsofstudy", "matchscore", "isopenaccess"),
}


def detect(head: Head) -> Sign | None:
    """A paper id of forty hexadecimal digits or a corpus id, beside keys that are this service's own."""
    for record in begun(head, *PLACES):
        paper = _paper(record)
        own = len(_OWN & paper.keys())
        hashed = bool(_HASH.fullmatch(text(paper.get("paperid"))))
        if (hashed and ({"title", "url", "authors", "year"} & paper.keys() or own)) or (
            ("paperid" in paper or "corpusid" in paper) and own > ("corpusid" in paper)
        ):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order."""
    return read(document, _listing, *PLACES)


def _paper(record: Value) -> Value:
    inner = next((record[key] for key in _INNER if isinstance(record.get(key), dict)), record)
    return {key.lower(): value for key, value in inner.items()}


_SCHEMES: Final = {
    "arxiv": "arXiv:",
    "doi": "",
    "pubmed": "pmid:",
    "pubmedcentral": "PMC",
    "acl": "https://aclanthology.org/",
}


def _listing(record: Value, position: Position) -> Listing:
    paper = _paper(record)
    told = paper.get("externalids") or at(paper.get("openaccessinfo"), "externalids")
    external = {key.lower(): text(value) for key, value in told.items()} if isinstance(told, dict) else {}
    ids, version = identified(
        *(f"{prefix}{external[key].removeprefix('PMC')}" for key, prefix in _SCHEMES.items() if external.get(key)),
        paper.get("arxivid"),
        paper.get("doi"),
    )
    people = team(texts(paper.get("authors"), "name"))
    published, part = when(paper.get("publicationdate"), paper.get("year"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=text(paper.get("title")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=text(paper.get("abstract")) or None,
        categories=unique(
            [*texts(paper.get("fieldsofstudy"), "category"), *texts(paper.get("s2fieldsofstudy"), "category")]
        ),
        published=published,
        links=links(
            abs=paper.get("url"),
            pdf=at(paper.get("openaccesspdf"), "url"),
            open=at(paper.get("openaccessinfo"), "url"),
        ),
        metrics=metrics(
            citations=paper.get("citationcount"),
            influential_citations=paper.get("influentialcitationcount"),
            references=paper.get("referencecount"),
        ),
        details=details(
            date=part,
            semantic_scholar=text(paper.get("paperid")),
            corpus=text(paper.get("corpusid")) or external.get("corpusid"),
            dblp=external.get("dblp"),
            mag=external.get("mag"),
            venue=text(paper.get("venue"))
            or at(paper.get("publicationvenue"), "name")
            or at(paper.get("journal"), "name"),
            journal=at(paper.get("journal"), "name"),
            volume=at(paper.get("journal"), "volume"),
            pages=at(paper.get("journal"), "pages"),
            type_=texts(paper.get("publicationtypes")),
            license=at(paper.get("openaccesspdf"), "license") or at(paper.get("openaccessinfo"), "license"),
            tldr=at(paper.get("tldr"), "text"),
        ),
    )
