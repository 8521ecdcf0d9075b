"""OAI-PMH: arXiv's records as `arXiv`, `arXivRaw` and `arXivOld`, and anybody's as Dublin Core (`oai_dc`).

    <record>
      <header><identifier>oai:arXiv.org:2605.00001</identifier><datestamp>2026-05-04</datestamp></header>
      <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">
        <id>2605.00001</id><created>2026-05-01</created>
        <authors><author><keyname>Moreau</keyname><forenames>Ada</forenames></author></authors> …

Answers to ListRecords and GetRecord, several of them one after another, records without anything around them, and what
stands in their `metadata` alone, are read as a stream. A list that is given in parts ends in a resumptionToken, which
lists nothing: `resumption` has it for who fetches the next part. A deleted record and an error are Problems; that no
record matches (`noRecordsMatch`) is an empty list. Source: The Open Archives Initiative Protocol for Metadata
Harvesting 2.0, http://arxiv.org/OAI/arXiv.xsd and its siblings, http://www.openarchives.org/OAI/2.0/oai_dc.xsd.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from digest.accents import accented
from digest.formats.dates import of_text, parse_date
from digest.formats.head import Head, head_of
from digest.formats.markup import child, children, elements, line, local, root, text, told
from digest.formats.people import Team, given_family, inverted, listed, team
from digest.formats.prose import plain, prose
from digest.formats.signs import Sign
from digest.identifiers import arxiv, doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "arxiv_oai"
ABOUT = "OAI-PMH: arXiv's records in its own forms, anybody's in Dublin Core"
EXAMPLE = """
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record>
<header><identifier>oai:arXiv.org:2605.00001</identifier><datestamp>2026-05-04</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">
  <id>2605.00001</id><created>2026-05-01</created>
  <authors><author><keyname>Moreau</keyname><forenames>Ada</forenames></author></authors>
  <title>Counting papers once</title>
  <categories>cs.DL cs.IR</categories>
  <abstract>We measure how reading lists change when repeated papers are counted once …</abstract>
</arXiv></metadata>
</record>
</ListRecords></OAI-PMH>
"""

_OAI: Final = "http://www.openarchives.org/OAI/2.0/"
_OURS: Final = ("arXiv", "arXivRaw", "arXivOld")
_METADATA: Final = pattern(r"<(?:[\w.-]+:)?(?:arXiv|arXivRaw|arXivOld|dc)[\s>]")


def detect(head: Head) -> Sign | None:
    """The root says it: the protocol's own, a record or a list of them, or one of the forms that metadata have."""
    found = root(head)
    if not found:
        return None
    if found.name == "OAI-PMH" or found.name in _OURS:
        return Sign.CERTAIN
    if found.name == "dc" and "purl.org/dc/" in found.attributes + found.inside[:500]:
        return Sign.CERTAIN
    within = found.name in ("record", "records", "ListRecords", "GetRecord", "metadata")
    return Sign.CERTAIN if within and (found.space == _OAI or _METADATA.search(found.inside)) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order. What a list promises further on (a resumptionToken) is not in it."""
    count = 0
    names = _names(document)
    for found in elements(document, *names, around=("OAI-PMH", "error")):
        if isinstance(found, Problem):
            yield found
            continue
        name = local(found)
        if name == "error":
            count += 1
            if found.get("code") != "noRecordsMatch":
                said = f"{found.get('code') or 'error'}: {text(found)}"
                yield Problem(document.origin, line(found), f"the repository tells an error: {said[:300]}")
        elif name == "OAI-PMH":
            if not count and (verb := _verb(found)):
                yield Problem(document.origin, line(found), f"an answer without records: <{verb[:60]}>")
            count = 0
        elif name != "record" or found.tag == f"{{{_OAI}}}record" or child(found, "header", "metadata") is not None:
            count += 1
            yield _listing(document.origin, found)


def _names(document: Document) -> tuple[str, ...]:
    """What the records are: elements of that name, or metadata that stand alone."""
    found = root(head_of(document))
    alone = found is not None and found.name in (*_OURS, "dc", "metadata")
    return (*_OURS, "dc") if alone else ("record",)


def _verb(answer: "_Element") -> str:
    return next((local(one) for one in answer if local(one) not in ("responseDate", "request")), "nothing")


class Resumption(NamedTuple):
    """Where a list that is given in parts goes on (OAI-PMH 2.0, section 3.5)."""

    token: str
    total: int | None
    """How many records there are in all, where the repository says so."""
    cursor: int | None
    """How many came before this part."""


def resumption(document: Document) -> Resumption | None:
    """Where the list goes on; None where this is its end, or all of it. Raises SourceError and OSError."""
    last = None
    for found in elements(document, "resumptionToken", around=("record",)):
        if not isinstance(found, Problem) and local(found) == "resumptionToken":
            token = (found.text or "").strip()
            last = Resumption(token, _number(found, "completeListSize"), _number(found, "cursor")) if token else None
    return last


def _number(element: "_Element", name: str) -> int | None:
    told_number = (element.get(name) or "").strip()
    return int(told_number) if told_number.isdecimal() and len(told_number) < 16 else None


# ------------------------------------------------------------------------------------------------ a record


def _listing(file: str, record: "_Element") -> Listing | Problem:
    place = line(record)
    header = child(record, "header")
    name = told(header, "identifier")
    if header is not None and header.get("status") == "deleted":
        return Problem(file, place, f"{name[:100]}: the record was deleted")
    metadata = child(record, "metadata")
    inside = record if local(record) != "record" else next(iter(metadata), None) if metadata is not None else None
    if inside is None:
        return Problem(file, place, f"{name[:100] or 'a record'}: without metadata")
    form = local(inside)
    known = _READ.get(form)
    if known is None:
        return Problem(file, place, f"{name[:100]}: metadata in a form that is not read: <{form[:60]}>")
    found = known(inside, name)
    if not found.title and not found.abstract:
        return Problem(file, place, f"{name[:100] or 'a record'}: without a title and without an abstract")
    for kept, texts in (("datestamp", children(header, "datestamp")), ("sets", children(header, "setSpec"))):
        if said := " ".join(text(one) for one in texts):
            found.details.setdefault(kept, said)
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=found.ids,
        version=found.version,
        title=found.title or None,
        authors=found.people.names,
        authors_truncated=found.people.truncated,
        author_count=found.people.total,
        abstract=found.abstract or None,
        comments=found.comments or None,
        categories=found.categories,
        created=found.created,
        updated=found.updated,
        published=found.published,
        links=found.links,
        details=found.details,
    )


class _Known(NamedTuple):
    """What the metadata say."""

    ids: dict[str, str]
    title: str
    people: Team
    abstract: str
    details: dict[str, str]
    links: Mapping[str, str] = {}
    version: int | None = None
    comments: str = ""
    categories: tuple[str, ...] = ()
    created: date | None = None
    updated: date | None = None
    published: date | None = None


# ------------------------------------------------------------------------------------------------ arXiv's forms

_KEPT: Final = {
    "journal-ref": "venue",
    "report-no": "report",
    "msc-class": "msc",
    "acm-class": "acm",
    "license": "license",
    "proxy": "proxy",
    "submitter": "submitter",
}
"""What goes into a listing's details, and under which name."""


def _of_arxiv(inside: "_Element", identifier: str) -> _Known:
    """`arXiv`, where names have parts; `arXivRaw`, where versions have dates; `arXivOld`, where neither has."""
    said: dict[str, str] = {}
    details: dict[str, str] = {}
    people = Team()
    affiliations: list[str] = []
    versions: list[_Element] = []
    for one in inside:
        name = local(one)
        if name == "authors":
            people = _people(one, affiliations) if len(one) else listed(text(one))
        elif name == "version":
            versions.append(one)
        elif kept := _KEPT.get(name):
            if value := text(one):
                details.setdefault(kept, accented(value))
        else:
            said.setdefault(name, text(one))
    if affiliations:
        details["affiliations"] = "; ".join(dict.fromkeys(affiliations))
    known = arxiv(said.get("id", "")) or arxiv(identifier)
    ids = {"arxiv": known.id} if known else {}
    dois = said.get("doi", "").split()
    if dois and (found := named(dois[0])):
        ids |= {scheme: name for scheme, name in found.items() if scheme not in ids}
    if len(dois) > 1:
        details["dois"] = " ".join(dois)
    created, updated = _day(said.get("created", "")), _day(said.get("updated", ""))
    version = known.version if known else None
    if versions:
        last = versions[-1]
        number = (last.get("version") or "").removeprefix("v")
        version = int(number) if number.isdecimal() and len(number) < 4 else version
        created = _day(told(versions[0], "date")[:16])
        updated = _day(told(last, "date")[:16]) if len(versions) > 1 else None
        for name, kept in (("size", "size"), ("source_type", "source_type")):
            if value := told(last, name):
                details[kept] = value
    return _Known(
        ids=ids,
        title=said.get("title", ""),
        people=people,
        abstract=said.get("abstract", ""),
        details=details,
        version=version,
        comments=said.get("comments", ""),
        categories=tuple(said.get("categories", "").split()),
        created=created,
        updated=updated,
    )


def _people(authors: "_Element", affiliations: list[str]) -> Team:
    names = []
    for author in authors:
        names.append(given_family(told(author, "forenames"), told(author, "keyname"), told(author, "suffix")))
        affiliations += [text(one) for one in children(author, "affiliation")]
    return team(names)


# ------------------------------------------------------------------------------------------------ Dublin Core


def _of_dublin_core(inside: "_Element", identifier: str) -> _Known:
    said: dict[str, list[str]] = {}
    for one in inside:
        if value := plain(one.text or "") if len(one) == 0 else prose(one):
            said.setdefault(local(one), []).append(value)
    ids: dict[str, str] = named(identifier)
    links: dict[str, str] = {}
    details: dict[str, str] = {}
    rest = []
    for value in said.get("identifier", ()):
        found = named(value)
        for scheme, name in found.items():
            ids.setdefault(scheme, name)
        if value.startswith(("http://", "https://")):
            links.setdefault(_called(value), value)
        elif not found:
            rest.append(value)
    ours = "arxiv" in ids
    # arXiv writes the journal reference as an identifier.
    if rest:
        details["venue" if ours else "citation" if " " in rest[0] else "identifier"] = "; ".join(rest)
    if identifier and not ours and not named(identifier):
        details["oai"] = identifier
    abstract, comments = _described(said.get("description", []), details, ours=ours)
    created, updated, published = _dated(said.get("date", []), details, ours=ours)
    _related(said, ids, details)
    titles = said.get("title", [""])
    if len(titles) > 1:
        details["alternative_title"] = "; ".join(titles[1:])
    creators = said.get("creator", [])
    teams = [listed(creator) for creator in creators if ";" in creator]
    people = team([inverted(creator) for creator in creators if ";" not in creator])
    return _Known(
        ids=ids,
        title=titles[0],
        people=Team(
            (*people.names, *(name for one in teams for name in one.names)),
            people.truncated or any(one.truncated for one in teams),
        ),
        abstract=abstract,
        details=details,
        links=links,
        comments=comments,
        categories=tuple(dict.fromkeys(said.get("subject", ()))),
        created=created,
        updated=updated,
        published=published,
    )


def _called(address: str) -> str:
    if "arxiv.org/abs/" in address:
        return "abs"
    if re.match(r"https?://(?:dx\.)?doi\.org/", address):
        return "doi"
    return "pdf" if re.search(r"\.pdf$|/pdf/?$", address) else "url"


_COMMENT: Final = pattern(r"Comments?: ")


def _described(descriptions: list[str], details: dict[str, str], *, ours: bool) -> tuple[str, str]:
    """The abstract and the authors' comments. arXiv has the abstract first, and the comments behind it, formerly with
    `Comment:`; where others describe a thing more than once, the longest is the abstract.
    """
    if ours:
        marked = [one for one in descriptions if _COMMENT.match(one)]
        others = [one for one in descriptions if not _COMMENT.match(one)]
        comments = [_COMMENT.sub("", one, count=1) for one in marked] or others[1:]
        return (others[0] if others else ""), "; ".join(comments)
    abstract = max(descriptions, key=len, default="")
    if rest := [one for one in descriptions if one != abstract]:
        details["description"] = "; ".join(rest)
    return abstract, ""


def _dated(dates: list[str], details: dict[str, str], *, ours: bool) -> tuple[date | None, date | None, date | None]:
    """When it was submitted, revised and issued. arXiv tells the first two; what others tell without a time of the day
    is the date of issue, and what they tell with it is when the repository got it.
    """
    if ours:
        days = [day for one in dates if (day := _day(one))]
        return (days[0] if days else None), (days[-1] if len(days) > 1 else None), None
    issued = next((one for one in dates if "T" not in one), dates[0] if dates else "")
    day, part = of_text(issued)
    if part:
        details["date"] = part
    return None, None, day


_NAMED: Final = {
    "source": "venue",
    "publisher": "publisher",
    "language": "language",
    "type": "type",
    "format": "format",
    "coverage": "coverage",
    "contributor": "contributor",
    "audience": "audience",
}
_SEMANTICS: Final = "info:eu-repo/semantics/"


def _related(said: dict[str, list[str]], ids: dict[str, str], details: dict[str, str]) -> None:
    """What is told besides; of the words of OpenAIRE's guidelines (`info:eu-repo/semantics/…`) what they mean."""
    for name, kept in _NAMED.items():
        if name in said:
            details.setdefault(kept, "; ".join(one.removeprefix(_SEMANTICS) for one in said[name]))
    rights = []
    for value in said.get("rights", ()):
        if value.startswith(_SEMANTICS):
            details.setdefault("access", value.removeprefix(_SEMANTICS))
        else:
            rights.append(value)
    if rights:
        details.setdefault("license", "; ".join(rights))
    relations = []
    for value in said.get("relation", ()):
        alternative = _ALTERNATIVE.fullmatch(value)
        if not alternative:
            relations.append(value)
        elif alternative[1] == "doi" and (found := doi(alternative[2])):
            ids.setdefault("doi", found)
        elif alternative[1] in ("arxiv", "pmid"):
            ids |= {scheme: name for scheme, name in _alternative(alternative).items() if scheme not in ids}
        else:
            details.setdefault({"pissn": "issn"}.get(alternative[1], alternative[1]), alternative[2])
    if relations:
        details.setdefault("relation", "; ".join(relations))


_ALTERNATIVE: Final = pattern(rf"{_SEMANTICS}altIdentifier/([a-z]+)/(.+)")


def _alternative(found: re.Match[str]) -> dict[str, str]:
    return named(f"{found[1]}:{found[2]}")


_READ: Final = {"arXiv": _of_arxiv, "arXivRaw": _of_arxiv, "arXivOld": _of_arxiv, "dc": _of_dublin_core}
"""How the forms of metadata are read."""


@lru_cache(maxsize=4096)
def _day(written: str) -> date | None:
    return parse_date(written)
