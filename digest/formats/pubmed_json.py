"""PubMed's E-utilities as JSON: summaries (ESummary), and what only lists ids (ESearch).

    {"header": {"type": "esummary", …}, "result": {"uids": ["39000001"], "39000001": {
       "uid": "39000001", "title": …, "authors": [{"name": "Moreau A", "authtype": "Author"}], "source": "J Lists",
       "fulljournalname": …, "pubdate": "2026 May 1", "epubdate": …, "articleids": [{"idtype": "doi", "value": …}], …}}}

A summary has no abstract. An id alone is no paper yet: what ESearch finds is one Problem that says how many, and what
to fetch. `published` is the electronic date, or else the printed one where it is a whole day.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import name, team, vancouver
from digest.formats.signs import Sign
from digest.formats.values import at, details, dicts, identified, links, metrics, prose, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem

NAME = "pubmed_json"
ABOUT = "PubMed's summaries (ESummary) as JSON; a search (ESearch) has ids only"
EXAMPLE = """\
{"header": {"type": "esummary", "version": "0.3"}, "result": {"uids": ["39000001"], "39000001": {
  "uid": "39000001", "title": "Counting cells once.", "authors": [{"name": "Moreau A", "authtype": "Author"}],
  "source": "J Lists", "pubdate": "2026 May 1", "articleids": [{"idtype": "doi", "value": "10.1000/1"}]}}}
"""
PLACES: Final = ("result.*",)


def detect(head: Head) -> Sign | None:
    """The header of the E-utilities, or records with their uid and article ids."""
    for record in begun(head):
        if text(at(record, "header", "type")) in ("esearch", "esummary") or "esearchresult" in record:
            return Sign.CERTAIN
        if {"uid", "articleids"} <= record.keys():
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The summaries, in their order; a Problem for one that says it was not found."""
    return read(document, _listing, *PLACES)


def _listing(record: Value, position: Position) -> Listing | Problem | None:
    if "esearchresult" in record:
        return _searched(record, position)
    if error := text(record.get("error")):
        return Problem(position.file, position.line, f"pmid:{text(record.get('uid'))}: {error[:100]}")
    others = {text(one.get("idtype")).lower(): text(one.get("value")) for one in dicts(record.get("articleids"))}
    uid = text(record.get("uid")) or others.get("pubmed", "")
    ids, version = identified(uid and f"pmid:{uid}", others.get("doi"), others.get("pmc"), others.get("pmcid"))
    people = team(
        name(told) if "collect" in text(one.get("authtype")).lower() else vancouver(told)
        for one in dicts(record.get("authors"))
        if (told := text(one.get("name")))
    )
    published, part = when(record.get("epubdate") or None, record.get("pubdate"), record.get("printpubdate"))
    history = {text(one.get("pubstatus")): text(one.get("date")) for one in dicts(record.get("history"))}
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=prose(record.get("title")) or prose(record.get("booktitle")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        created=when(history.get("received"))[0],
        updated=when(history.get("revised"))[0],
        published=published,
        links=links(url=record.get("availablefromurl")),
        metrics=metrics(citations=record.get("pmcrefcount") or None),
        details=details(
            date="" if published else part,
            venue=text(record.get("fulljournalname")) or text(record.get("source")),
            volume=record.get("volume"),
            issue=record.get("issue"),
            pages=record.get("pages"),
            publisher=record.get("publishername"),
            language=list(unique(texts(record.get("lang")))),
            type_=texts(record.get("pubtype")),
            issn=record.get("issn") or record.get("essn"),
            edition=record.get("edition"),
        ),
    )


def _searched(record: Value, position: Position) -> Problem:
    found = at(record, "esearchresult", "idlist")
    count = len(found) if isinstance(found, list) else 0
    what = f"a search's answer: {count} ids without titles (of {text(at(record, 'esearchresult', 'count')) or count})"
    return Problem(
        position.file, position.line, f"{what}: fetch them with efetch (XML) or esummary, and name that file"
    )
