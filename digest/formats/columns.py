"""Tables of papers that nobody specified: which column, or key, is which field of a listing, by the names people use.

    named("Publication Year")                        ->  year
    listing({"Title": …, "Author full names": …}, position, "csv")

A row of a table with a header is such a record (`dict(zip(header, row))`, all values texts), as is a flat JSON object
(texts, numbers, lists, objects). Names count without case, spaces and punctuation. `fitting(names)` says how many of
them are known, for detection; what has another name is kept in `details`, under its own.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from digest.formats.dates import of_parts
from digest.formats.people import Team, bibtex, given_family, inverted, listed, name, team, vancouver
from digest.formats.values import address, identified, number, prose, text, texts, unique, when
from digest.model import Listing, Position
from digest.patterns import pattern
from digest.text import one_line

_NAMES: Final = {
    "title": "title title_display paper_title article_title document_title publication_name work_title titles ti",
    "abstract": "abstract summary abstract_note abstract_text abstracts paper_abstract ab",
    "description": "description snippet excerpt",
    "authors": "authors author author_names author_name author_list authors_list creators creator author_s au "
    "paper_authors author_display",
    "full_authors": "author_full_names author_full_name authors_full_names full_author_names authors_parsed",
    "doi": "doi dois doi_link doi_url article_doi digital_object_identifier",
    "arxiv": "arxiv arxiv_id arxivid eprint arxiv_number arxiv_url arxiv_link arxiv_identifier",
    "pmid": "pmid pubmed_id pubmed pubmedid",
    "pmcid": "pmcid pmc pmc_id",
    "isbn": "isbn isbns isbn13",
    "openreview": "openreview openreview_id openreview_url",
    "acl": "acl acl_id anthology_id",
    "id": "id paper_id identifier identifiers uid key guid accession_number entry_id external_ids ids",
    "version": "version",
    "url": "url link href web_page landing_page source_url paper_url links article_url page_url web_url homepage",
    "abs": "abs abs_url url_abs abstract_url",
    "pdf": "pdf pdf_url pdf_link url_pdf fulltext_url open_access_pdf full_text_link",
    "html": "html html_url",
    "code": "code code_url github github_url github_repo repo repository code_link repo_url",
    "published": "published date publication_date published_date date_published pub_date published_at issued "
    "release_date published_online online_date cover_date publish_date posted posted_date announced "
    "appeared publish_time",
    "created": "created submitted submitted_date date_submitted submission_date created_at date_created received",
    "updated": "updated updated_date date_updated last_modified modified revised updated_at date_modified last_updated "
    "update_date revision_date",
    "year": "year publication_year pub_year published_year py date_year year_published",
    "month": "month publication_month",
    "day": "day",
    "venue": "venue journal conference booktitle book_title publication publication_title source_title journal_title "
    "journal_book container_title journal_name journal_ref publication_venue venue_name proceedings conference_name "
    "source_name published_in pub proceeding",
    "volume": "volume vol",
    "issue": "issue number issue_number no",
    "pages": "pages page page_range pagination",
    "first_page": "page_start start_page first_page",
    "last_page": "page_end end_page last_page",
    "publisher": "publisher publishers",
    "language": "language lang language_of_original_document",
    "type": "type item_type document_type publication_type entry_type article_type content_type",
    "license": "license licence license_url",
    "series": "series series_title",
    "editor": "editor editors",
    "report": "report report_number report_no",
    "submitter": "submitter submitted_by",
    "issn": "issn issns issn_l",
    "comments": "comments comment author_comments authors_comments",
    "categories": "keywords keyword tags tag categories category subjects subject topics topic fields_of_study "
    "author_keywords index_keywords manual_tags automatic_tags mesh_terms mesh mesh_headings primary_category concepts "
    "subject_areas research_areas labels field areas",
    "citations": "citations citation_count cited_by cited_by_count times_cited num_citations n_citations citationcount "
    "cites n_citation is_referenced_by_count",
    "references": "reference_count references_count num_references n_references cited_reference_count",
    "downloads": "downloads download_count num_downloads",
    "upvotes": "upvotes likes votes num_upvotes upvote_count",
    "comment_count": "num_comments comment_count comments_count n_comments",
}
"""The field, and the names that people give it."""


def _level(told: str) -> str:
    return re.sub(r"[\W_]+", "", told).lower()


_FIELDS: Final = {_level(told): field for field, names in _NAMES.items() for told in names.split()}
_IDS: Final = ("arxiv", "doi", "pmid", "pmcid", "isbn", "openreview", "acl")
_LINKS: Final = ("url", "abs", "pdf", "html", "code")
_COUNTS: Final = ("citations", "references", "downloads", "upvotes", "comment_count")
_TOLD: Final = (
    "venue volume issue pages publisher language type license series editor report submitter issn"  # as they are
).split()
_BEYOND: Final = 40
"""So many columns that are not known are kept."""


@lru_cache(maxsize=4096)
def named(told: str) -> str | None:
    """The field that a column or key of this name has, or None."""
    return _FIELDS.get(_level(told)) if len(told) < 60 else None


def fitting(names: Iterable[str]) -> frozenset[str]:
    """The fields that columns of these names have: a table with a title, and authors, an id or a date, lists papers."""
    return frozenset(field for told in names if (field := named(told)))


def lists_papers(names: Iterable[str]) -> bool:
    """Whether a table with such columns is one of papers: a title or an abstract, and two more things papers have."""
    fields = fitting(names)
    others = fields & {"authors", "full_authors", "venue", "year", "published", "categories", *_IDS, *_LINKS}
    return bool(
        ("title" in fields and len(others) >= 2)
        or ("abstract" in fields and ("title" in fields or len(others) >= 2) and others)
    )


def listing(record: Mapping[str, Any], position: Position, format: str) -> Listing:
    """What a record says, whatever of it there is; title and abstract may both be missing."""
    told: dict[str, Any] = {}
    rest: dict[str, str] = {}
    for key, value in record.items():
        field = named(key)
        if field is None:
            found = prose(value) if not isinstance(value, list) else "; ".join(texts(value))
            if found and len(rest) < _BEYOND and len(found) < 2000:
                rest[_spelled(key)] = found
        elif field == "categories" and field in told:
            told[field] = [*_several(told[field]), *_several(value)]
        elif value not in (None, "", [], {}):
            told.setdefault(field, value)
    ids, version = _ids(told)
    people = _people(told.get("full_authors") or told.get("authors"))
    published, part = _published(told)
    created, first = when(told.get("created"))
    abstract = prose(told.get("abstract")) or prose(told.get("description"))
    if abstract and prose(told.get("description")) not in ("", abstract):
        rest.setdefault("description", prose(told["description"]))
    return Listing(
        position=position,
        format=format,
        ids=ids,
        version=version if version is not None else _version(told.get("version")),
        title=prose(told.get("title")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.total,
        abstract=abstract or None,
        comments=prose(told.get("comments")) or None,
        categories=unique(_several(told.get("categories"))),
        created=created,
        updated=when(told.get("updated"))[0],
        published=published,
        links={kind: found for kind in _LINKS if (found := _link(told.get(kind)))},
        metrics={kind: count for kind in _COUNTS if (count := number(told.get(kind))) is not None},
        details=_details(told, part or first) | rest,
    )


def _spelled(key: str) -> str:
    return re.sub(r"[\W_]+", "_", one_line(key)).strip("_").lower()[:60] or "other"


def _details(told: Mapping[str, Any], part: str) -> dict[str, str]:
    found = {kind: "; ".join(texts(told[kind], "name", "title", "display_name")) for kind in _TOLD if kind in told}
    if "pages" not in found and (first := text(told.get("first_page"))):
        last = text(told.get("last_page"))
        found["pages"] = f"{first}-{last}" if last and last != first else first
    if part:
        found["date"] = part
    return {kind: value for kind, value in found.items() if value}


def _version(value: Any) -> int | None:
    digits = text(value).removeprefix("v")
    return int(digits) if digits.isdecimal() and len(digits) < 4 else None


def _link(value: Any) -> str:
    for one in value if isinstance(value, list) else [value]:
        if found := address(one.get("url") or one.get("href") if isinstance(one, dict) else one):
            return found
    return ""


def _ids(told: Mapping[str, Any]) -> tuple[dict[str, str], int | None]:
    """From the columns of ids by their name, from others as far as they say themselves what they are."""
    ids: dict[str, str] = {}
    version = None
    for scheme in _IDS:
        value = text(told.get(scheme))
        bare = value.rpartition("/")[2] if scheme == "openreview" else value
        if not value:
            continue
        found, revision = identified(value)
        if not found and scheme in ("pmid", "pmcid", "isbn"):
            found, _ = identified(f"{scheme}:{value}")
        if scheme in found:
            version = version or revision
        elif not found and scheme in ("openreview", "acl") and re.fullmatch(r"[\w.-]{5,40}", bare):
            found = {scheme: bare}
        ids |= {kind: id_ for kind, id_ in found.items() if kind not in ids}
    several = told.get("id")
    others = list(several.values()) if isinstance(several, dict) else [several]
    others = several if isinstance(several, list) else others
    for other in (*others[:20], *(_link(told.get(kind)) for kind in _LINKS if kind != "code")):
        found, revision = identified(other)
        version = version or (revision if found.get("arxiv") == ids.get("arxiv", found.get("arxiv")) else None)
        ids = found | ids
    return ids, version


def _published(told: Mapping[str, Any]) -> tuple[date | None, str]:
    day, part = when(told.get("published"))
    if day or not told.get("year"):
        return day, part
    whole, less = of_parts(*(text(told.get(kind)) or None for kind in ("year", "month", "day")))
    return whole, "" if whole else max(part, less, key=len)


def _several(value: Any) -> list[str]:
    """The keywords in a list, or in a text with semicolons, bars, commas, or only spaces between arXiv's categories."""
    if not isinstance(value, str):
        return texts(value, "name", "display_name", "term", "label", "tag", "title")
    whole = prose(value)
    if items := _quoted(whole):
        return items
    words = whole.split()
    if "." in whole and all(_SUBJECT.fullmatch(word) for word in words):
        return words
    separator = next((one for one in (";", "|", ",") if one in whole), ";")
    return [word.strip() for word in whole.split(separator) if word.strip()]


_SUBJECT: Final = pattern(r"[a-z-]{2,10}(?:\.[A-Za-z-]{2,10})?")


def _quoted(whole: str) -> list[str]:
    """The texts in a list as programs print it into a table's cell: `['a', "b"]`."""
    if not (whole.startswith("[") and whole.endswith("]")):
        return []
    return [(a or b).strip() for a, b in re.findall(r"'([^']*)'(?=\s*[,\]])|\"([^\"]*)\"", whole) if (a or b).strip()]


# ------------------------------------------------------------------------------------------------------- people


def _people(value: Any) -> Team:
    if isinstance(value, str):
        return written(value)
    if isinstance(value, dict):
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        value = lists[0] if len(lists) == 1 else [value]
    names: list[str] = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            names.append(_person(one))
        elif isinstance(one, list):
            parts = [text(part) for part in one]
            names.append(given_family(*(parts[1], parts[0], *parts[2:3])) if len(parts) > 1 else "".join(parts))
        elif isinstance(one, str):
            names.append(inverted(one))
    return team(names)


def _person(one: Mapping[str, Any]) -> str:
    """A person as an object, by the names that people give its parts."""
    parts = {_level(key): text(value) for key, value in one.items() if isinstance(value, str)}
    family = next((parts[key] for key in ("family", "familyname", "lastname", "last", "surname") if parts.get(key)), "")
    given = next((parts[key] for key in ("given", "givenname", "firstname", "first", "forename") if parts.get(key)), "")
    if family:
        middle = parts.get("middle") or parts.get("middlename") or ""
        return given_family(f"{given} {middle}".strip(), family, parts.get("suffix"))
    keys = ("name", "fullname", "displayname", "literal", "authorname", "author", "creator", "text")
    if whole := next((parts[key] for key in keys if parts.get(key)), ""):
        return inverted(whole)
    inner = next((value for value in one.values() if isinstance(value, dict)), {})
    return name(next((text(inner[key]) for key in ("name", "fullname", "display_name") if inner.get(key)), ""))


def written(value: str) -> Team:
    """The names in one text, as tables have them: with semicolons, bars, commas or `and` between them, the family name
    first or last, in MEDLINE's way, or as a program printed a list.
    """
    whole = one_line(value)
    if items := _quoted(whole):
        return team(inverted(item) for item in items)
    if "|" in whole:
        return team(inverted(item) for item in whole.split("|"))
    if ";" in whole:
        return listed(whole) if "," in whole else _medline(listed(whole))
    parts = re.split(r"\s+(?:and|&)\s+", whole)
    if all(part.count(",") == 1 for part in parts) and (len(parts) > 1 or _LONE.fullmatch(whole)):
        return bibtex(" and ".join(parts))
    return _medline(listed(whole.rstrip(".") if _INITIALS.search(whole) else whole))


_LONE: Final = pattern(r"[^\W\d_][^\s,]*, [^\W\d_][^\s,]*(?: [^\s,]+)?")
_INITIALS: Final = pattern(r" [A-Z]{1,3}\.$")
_MEDLINE: Final = pattern(r"[^\W\d_][\w'’ -]*[^\W\d_] (?:[A-Z]\.?-?){1,4}(?: (?:Jr|Sr|2nd|3rd))?")


def _medline(found: Team) -> Team:
    if found.names and all(_MEDLINE.fullmatch(one) for one in found.names):
        return found._replace(names=tuple(vancouver(one.replace(".", "")) for one in found.names))
    return found
