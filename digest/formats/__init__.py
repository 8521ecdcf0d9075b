"""Documents -> listings. A family of formats, each recognised by what it looks like, never by a file's name.

    document ─▶ containers.unpacked ─▶ recognise(head) ─▶ format.parse ─▶ Listing | Problem

A format is a module with a `NAME`, a line `ABOUT` it, an `EXAMPLE` of a few lines, and two functions:

    detect(head: Head) -> Sign | None                          is it mine, by its first kilobytes?
    parse(document: Document) -> Iterator[Listing | Problem]   all that it lists, in its order

`parse` opens the document itself and reads it as a stream. It may raise SourceError for a document of which nothing can
be read, and OSError; what else is wrong with a part of it is a Problem with its line, and the rest is read on. Listings
read and problems told together are all that the document has: nothing is passed over in silence.

A package adds a format under the entry point group `digest.formats`; it is asked about what no built-in one knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from digest.errors import SourceError
from digest.formats.containers import unpacked
from digest.formats.head import Head, Look, binary, head_of, unknown, wide_encoding
from digest.formats.markup import root
from digest.formats.signs import Sign
from digest.model import Document, Listing, Problem
from digest.plugins import Registry

__all__ = ["FORMATS", "Format", "Sign", "parse", "recognise"]


class Format(Protocol):
    """How one format is recognised and read."""

    NAME: str
    ABOUT: str
    EXAMPLE: str

    def detect(self, head: Head) -> Sign | None: ...

    def parse(self, document: Document) -> Iterator[Listing | Problem]: ...


_BY_LOOK: Mapping[Look, Sequence[str]] = {
    "markup": (
        "arxiv_html",
        "scholar_alert",
        "pubmed_html",
        "meta_tags",
        "alert",
        "daily_markdown",
        "markdown_table",
        "reading_list",
    ),
    "json": (
        "kaggle",
        "hf_daily",
        "biorxiv",
        "crossref",
        "openalex",
        "semantic_scholar",
        "openreview",
        "europepmc",
        "pubmed_json",
        "dblp_json",
        "inspire",
        "datacite",
        "aps",
        "csl_json",
        "json_feed",
        "digest_json",
        "json_lines",
        "daily_markdown",
        "markdown_table",
        "reading_list",
    ),
    "text": (
        "arxiv_listing",
        "page",
        "bibtex",
        "ris",
        "wos",
        "medline",
        "endnote",
        "csv",
        "arxiv_page",
        "benty_fields",
        "pubmed_text",
        "daily_markdown",
        "markdown_table",
        "reading_list",
    ),
}
"""Which of the built-in formats are asked about a document, by its look: most of them need not be imported."""

_BY_ROOT: Mapping[str, Sequence[str]] = {
    "feed": ("rss", "RDF", "feed", "channel", "item", "entry"),
    "arxiv_api": ("feed", "entry"),
    "arxiv_oai": (
        *("OAI-PMH", "ListRecords", "GetRecord", "records", "record", "metadata"),
        *("arXiv", "arXivRaw", "arXivOld", "dc"),
    ),
    "pubmed": (
        *("PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle"),
        *("MedlineCitationSet", "MedlineCitation", "eFetchResult", "eSearchResult", "eSummaryResult"),
    ),
    "jats": ("article", "articles", "article-set", "pmc-articleset", "front", "article-meta"),
    "dblp": (
        *("dblp", "dblpperson", "article", "inproceedings", "proceedings", "book", "incollection"),
        *("phdthesis", "mastersthesis", "www", "data", "result"),
    ),
    "ieee_xml": ("publication",),
    "endnote_xml": ("xml", "records"),
}
"""The names of the elements that the formats of XML may begin with: who begins with one of them is asked by those
formats alone, and who does not, by none of them.
"""

FORMATS: Registry[Format] = Registry(
    "digest.formats",
    {
        "arxiv_listing": "digest.formats.arxiv_listing",
        "kaggle": "digest.formats.kaggle",
        "hf_daily": "digest.formats.hf_daily",
        "biorxiv": "digest.formats.biorxiv",
        "crossref": "digest.formats.crossref",
        "openalex": "digest.formats.openalex",
        "semantic_scholar": "digest.formats.semantic_scholar",
        "openreview": "digest.formats.openreview",
        "europepmc": "digest.formats.europepmc",
        "pubmed_json": "digest.formats.pubmed_json",
        "dblp_json": "digest.formats.dblp_json",
        "inspire": "digest.formats.inspire",
        "datacite": "digest.formats.datacite",
        "aps": "digest.formats.aps",
        "csl_json": "digest.formats.csl_json",
        "json_feed": "digest.formats.json_feed",
        "digest_json": "digest.formats.digest_json",
        "json_lines": "digest.formats.json_lines",
        "arxiv_api": "digest.formats.arxiv_api",
        "arxiv_oai": "digest.formats.arxiv_oai",
        "feed": "digest.formats.feeds",
        "pubmed": "digest.formats.pubmed",
        "jats": "digest.formats.jats",
        "dblp": "digest.formats.dblp",
        "ieee_xml": "digest.formats.ieee_xml",
        "endnote_xml": "digest.formats.endnote_xml",
        "arxiv_html": "digest.formats.arxiv_html",
        "pubmed_html": "digest.formats.pubmed_html",
        "meta_tags": "digest.formats.meta_tags",
        "alert": "digest.formats.alert",
        "scholar_alert": "digest.formats.scholar_alert",
        "bibtex": "digest.formats.bibtex",
        "ris": "digest.formats.ris",
        "wos": "digest.formats.wos",
        "medline": "digest.formats.medline",
        "endnote": "digest.formats.endnote",
        "csv": "digest.formats.table",
        "arxiv_page": "digest.formats.arxiv_page",
        "benty_fields": "digest.formats.benty_fields",
        "pubmed_text": "digest.formats.pubmed_text",
        "daily_markdown": "digest.formats.daily_markdown",
        "markdown_table": "digest.formats.markdown_table",
        "reading_list": "digest.formats.reading_list",
        "page": "digest.formats.pages",
        "authors_abstract": "digest.formats.pages:AUTHORS_ABSTRACT",
        "abstract_id": "digest.formats.pages:ABSTRACT_ID",
        "hf_page": "digest.formats.pages:HF_PAGE",
    },
)


def parse(document: Document, format: str | None = None) -> Iterator[Listing | Problem]:
    """Everything that `document` lists, in its order, and a Problem for each thing in it that cannot be read.

    What is packed (an archive, a mailbox) is unpacked, and its members are read one by one. No bytes raise; memory does
    not grow with the document. With `format` nothing is guessed: the name of one of FORMATS (UsageError otherwise).
    """
    only = FORMATS[format] if format else None
    for member in unpacked(document, _how_sure):
        if isinstance(member, Problem):
            yield member
            continue
        try:
            yield from _read(member, only)
        except SourceError as error:
            yield Problem(member.origin, None, str(error))
        except OSError as error:
            yield Problem(member.origin, None, f"cannot be read: {error.strerror or error}")


def _how_sure(document: Document) -> int:
    """How sure the surest format is that a document is its own; 0 where none is."""
    return max((sign for sign, _ in _seen(head_of(document))), default=0)


def _read(document: Document, only: Format | None) -> Iterator[Listing | Problem]:
    head = head_of(document)
    if not wide_encoding(head.data) and (what := binary(head.data)):
        raise SourceError(f"is no text but {what}: save the page as plain text and name that file")
    if head.whole and not head.text.strip():
        raise SourceError("is empty: it lists nothing")
    if only:
        yield from only.parse(document)
        return
    found = recognise(head)
    if not found:
        lines = head.text.split("\n")
        number = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
        yield Problem(document.origin, number, unknown(lines[number - 1]))
    elif len(found) > 1:
        names = " or ".join(one.NAME for one in found)
        yield Problem(document.origin, None, f"may be {names}: say which with --format")
    else:
        yield from _told(found[0], document, head)


def _told(format: Format, document: Document, head: Head) -> Iterator[Listing | Problem]:
    """What the format reads in a document that it was recognised in; a text in which it then finds nothing says so. An
    answer or a feed may be whole and empty.
    """
    silent = head.look == "text"
    for item in format.parse(document):
        silent = False
        yield item
    if silent:
        yield Problem(document.origin, None, f"looks like {format.NAME}, and lists nothing that can be read")


def recognise(head: Head) -> list[Format]:
    """The format that is surest of a document that begins so; several where they are as sure, none where none is."""
    seen = _seen(head)
    surest = max((sign for sign, _ in seen), default=None)
    return [one for sign, one in seen if sign == surest]


def _seen(head: Head) -> list[tuple[Sign, Format]]:
    """The formats that take a document that begins so for their own, and how sure they are."""
    for names in (_asked(head), None):
        formats = [FORMATS[name] for name in (FORMATS.strangers() if names is None else names)]
        if seen := [(sign, one) for one in formats if (sign := one.detect(head))]:
            return seen
    return []


def _asked(head: Head) -> Sequence[str]:
    """The built-in formats that a document which begins so may be."""
    begun = root(head)
    xml = [name for name, roots in _BY_ROOT.items() if begun and begun.name in roots]
    return xml or _BY_LOOK[head.look]
