"""bioRxiv's and medRxiv's API (api.biorxiv.org): `details`, `pubs` and `pub`.

    {"messages": [{"status": "ok", …}], "collection": [
       {"doi": "10.1101/2026.05.01.000001", "title": …, "authors": "Moreau, A.; Říha, T.", "date": "2026-05-01",
        "version": "1", "type": "new results", "license": "cc_by", "category": "neuroscience", "jatsxml": …,
        "abstract": …, "published": "NA", "server": "bioRxiv"}, …]}

`date` is the day on which this version was posted: `created` of a first version, `updated` of a later one. `pubs` tells
of preprints that appeared in journals: the preprint is what is listed, and the journal's DOI goes into `details`.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import listed
from digest.formats.signs import Sign
from digest.formats.values import details, identified, links, number, prose, text, texts, unique, when
from digest.identifiers import doi
from digest.model import Document, Listing, Position, Problem

NAME = "biorxiv"
ABOUT = "bioRxiv's and medRxiv's API as JSON: details and pubs"
EXAMPLE = """\
{"messages": [{"status": "ok"}], "collection": [
  {"doi": "10.1101/2026.05.01.000001", "title": "Counting neurons once", "authors": "Moreau, A.; Říha, T.",
   "date": "2026-05-01", "version": "1", "type": "new results", "license": "cc_by", "category": "neuroscience",
   "abstract": "We count …", "published": "NA", "server": "bioRxiv"}]}
"""
PLACES: Final = ("collection",)
_SHAPES: Final = (
    {"doi", "title", "server"},
    {"doi", "title", "jatsxml"},
    {"doi", "author_corresponding", "category"},
    {"biorxiv_doi", "published_doi"},
    {"preprint_doi", "published_doi"},
    {"preprint_doi", "preprint_title"},
    {"rel_doi", "rel_title"},
)


def detect(head: Head) -> Sign | None:
    """A collection of records that have a DOI and name the server, or a preprint's DOI beside its article's."""
    if any(shape <= record.keys() for record in begun(head, *PLACES) for shape in _SHAPES):
        return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The preprints, in their order, a record for each version that is listed."""
    return read(document, _listing, *PLACES)


def _told(record: Value, name: str) -> str:
    """A field by the name that `details`, `pubs` or the COVID collection gives it; `NA` is nothing."""
    for key in (name, f"preprint_{name}", f"biorxiv_{name}", f"rel_{name}"):
        found = prose(record.get(key))
        if found and found.upper() not in ("NA", "N/A"):
            return found
    return ""


def _listing(record: Value, position: Position) -> Listing:
    ids, _ = identified(_told(record, "doi"))
    version = number(_told(record, "version"))
    posted, part = when(_told(record, "date") or None)
    authors = record.get("rel_authors")
    people = listed(_told(record, "authors").replace("; ", ";").strip(";"))
    names = people.names or tuple(texts(authors, "author_name"))
    article = doi(_told(record, "published_doi") or _told(record, "published"))
    appeared, _ = when(record.get("published_date"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=_told(record, "title") or None,
        authors=names,
        authors_truncated=people.truncated,
        abstract=_told(record, "abstract") or _told(record, "abs") or None,
        categories=unique([_told(record, "category")]),
        created=posted if version in (None, 1) else None,
        updated=posted if version is not None and version > 1 else None,
        kind=None if version is None else "new" if version == 1 else "replaced",
        links=links(
            xml=record.get("jatsxml"), abs=record.get("rel_link"), published=article and f"https://doi.org/{article}"
        ),
        details=details(
            date=part,
            venue=_told(record, "server") or _told(record, "platform") or _told(record, "site"),
            type_=_told(record, "type"),
            license=_told(record, "license"),
            corresponding=_told(record, "author_corresponding"),
            institution=_told(record, "author_corresponding_institution"),
            published_doi=article,
            published_venue=_told(record, "published_journal"),
            published_date=appeared.isoformat() if appeared else "",
            funder=[text(one) for one in texts(record.get("funder"), "name")],
        ),
    )
