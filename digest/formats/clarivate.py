"""What the two-letter tags of the Web of Science mean, in its tagged text and in its tables alike.

The tags are Clarivate's ("Web of Science Core Collection Field Tags"), with those of its other collections.
"""

from collections.abc import Mapping
from typing import Final

from digest.formats.people import Team
from digest.formats.works import Work, people, subjects
from digest.model import Listing, Position, Problem

_DETAILS: Final = {
    "SE": "series", "BS": "series_subtitle", "LA": "language", "DT": "document_type", "CT": "conference",
    "CY": "conference_date", "CL": "conference_place", "SP": "sponsors", "HO": "host", "C1": "affiliations",
    "C3": "institutions", "RP": "corresponding", "EM": "email", "RI": "researcher_ids", "OI": "orcids", "FU": "funding",
    "FX": "funding_text", "CR": "cited", "PU": "publisher", "PI": "publisher_city", "PA": "publisher_address",
    "SN": "issn", "EI": "issn", "VL": "volume", "IS": "issue", "PN": "part", "SU": "supplement", "SI": "special_issue",
    "MA": "meeting_abstract", "AR": "article_number", "PG": "page_count", "EA": "early_access", "UT": "accession",
    "OA": "open_access", "DA": "exported", "GA": "document_delivery", "HC": "highly_cited", "HP": "hot_paper",
    "FT": "foreign_title", "P2": "chapter_count", "WE": "index",
}  # fmt: skip
_METRICS: Final = {
    "TC": "citations",
    "Z9": "citations_total",
    "NR": "references",
    "U1": "usage_180_days",
    "U2": "usage",
}
_KINDS: Final = {"J": "journal", "B": "book", "S": "series", "P": "patent", "C": "conference"}


def listing(fields: Mapping[str, list[str]], position: Position, format: str) -> Listing | Problem:
    """A record as a listing; of a tag that stands for many, the values are apart, or semicolons are between them."""
    told = {tag: [value for value in values if value.strip()] for tag, values in fields.items()}
    work = Work()
    take = told.pop
    kind = " ".join(take("PT", []))
    work.tell("type", _KINDS.get(kind, kind))
    # Full names, where the index has them, stand for the same people.
    short, full = people(take("AU", [])), people(take("AF", []))
    book = people([*take("BF", []), *take("BA", [])])
    groups = people([*take("CA", []), *take("GP", [])])
    persons = full if full.names else short if short.names else book
    authors = Team(tuple(dict.fromkeys((*persons.names, *groups.names))), persons.truncated)
    title = " ".join(take("TI", []))
    for tag in ("DI", "D2"):
        for value in take(tag, []):
            if not work.identify(value, "doi"):
                work.tell("doi", value)
    for tag, scheme in (("PM", "pmid"), ("BN", "isbn")):
        for value in take(tag, []):
            known = [work.identify(part, scheme) for part in value.split(";")]
            if not all(known) or len(known) > 1:
                work.tell(scheme, value)
    year, day = " ".join(take("PY", [])), " ".join(take("PD", []))
    if day:
        work.date(day, year)
        if not work.published and "-" not in work.details.get("date", ""):
            work.tell("date_told", day)
    if year:
        work.date(year)
    for tag in ("SO", "JI", "J9"):
        work.tell("venue" if "venue" not in work.details else "venue_short", *take(tag, []))
    work.pages(" ".join(take("BP", [])), " ".join(take("EP", [])))
    for tag, metric in _METRICS.items():
        for value in take(tag, []):
            work.count(metric, value)
    if editors := people([*take("BE", []), *take("ED", [])]).names:
        work.tell("editor", *editors)
    keywords = [subjects([" ".join(take(tag, []))], ";", lines=False) for tag in ("DE", "ID", "WC", "SC")]
    abstract = " ".join(take("AB", []))
    for tag, values in told.items():
        work.tell(_DETAILS.get(tag) or tag.lower(), *values)
    return work.listing(
        position,
        format,
        title=title,
        authors=authors,
        abstract=abstract,
        categories=[one for several in keywords for one in several],
    )
