"""PubMed's XML: what efetch gives and what the yearly files hold, and the short form of esummary.

    <PubmedArticle>
      <MedlineCitation>
        <PMID Version="1">1234567</PMID>
        <Article>
          <Journal>…<JournalIssue><Volume>7</Volume><PubDate><Year>2026</Year><Month>May</Month></PubDate></JournalIssue>
          <ArticleTitle>Counting papers once.</ArticleTitle>
          <Abstract><AbstractText Label="RESULTS">We measure …</AbstractText></Abstract>
          <AuthorList CompleteYN="Y"><Author><LastName>Moreau</LastName><ForeName>Ada</ForeName></Author></AuthorList>

Articles and books, deleted records, errors. `created` is when a manuscript was received, `updated` when it was revised,
`published` the day of the electronic article, or of the issue. Source: the PubMed DTDs of 2019 to 2025 and NLM's
"MEDLINE/PubMed Data Element Descriptions".
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from digest.formats.dates import of_parts, of_text
from digest.formats.head import Head, head_of
from digest.formats.markup import child, children, elements, line, local, root, text, told
from digest.formats.people import Team, given_family, name, team, vancouver
from digest.formats.prose import prose
from digest.formats.signs import Sign
from digest.identifiers import doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "pubmed"
ABOUT = "PubMed's XML: efetch and the yearly files, with MeSH, histories and retractions; esummary"
EXAMPLE = """
<PubmedArticleSet><PubmedArticle><MedlineCitation>
<PMID Version="1">1234567</PMID>
<Article>
  <Journal><JournalIssue><PubDate><Year>2026</Year><Month>May</Month></PubDate></JournalIssue>
    <Title>Journal of Lists</Title></Journal>
  <ArticleTitle>Counting papers once.</ArticleTitle>
  <Abstract><AbstractText Label="RESULTS">Repeated papers are counted once …</AbstractText></Abstract>
  <AuthorList CompleteYN="Y"><Author><LastName>Moreau</LastName><ForeName>Ada</ForeName></Author></AuthorList>
</Article>
</MedlineCitation></PubmedArticle></PubmedArticleSet>
"""

_ROOTS: Final = frozenset(
    "PubmedArticleSet PubmedArticle PubmedBookArticleSet PubmedBookArticle MedlineCitationSet MedlineCitation "
    "eFetchResult eSearchResult eSummaryResult".split()
)
_AROUND: Final = ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", "eSummaryResult", "eSearchResult")


def detect(head: Head) -> Sign | None:
    """The root has one of the names that NLM's DTDs give."""
    found = root(head)
    return Sign.CERTAIN if found and found.name in _ROOTS else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The articles and books, in their order. A set that is empty lists nothing."""
    count = 0
    file = document.origin
    names = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation", "ERROR", "DocSum", "DocumentSummary")
    for found in elements(document, *names, *_alone(document), around=_AROUND):
        if isinstance(found, Problem):
            yield found
            continue
        form = local(found)
        if form in _AROUND:
            if not count and (problem := _empty(file, found)):
                yield problem
            continue
        count += 1
        match form:
            case "DeleteCitation" | "DeleteDocument":
                for one in children(found, "PMID"):
                    yield Problem(file, line(one), f"PMID {text(one)[:20]}: the record was deleted")
            case "ERROR":
                yield Problem(file, line(found), f"PubMed tells an error: {text(found)[:300]}")
            case "DocSum" | "DocumentSummary":
                yield _summary(file, found)
            case "PubmedBookArticle":
                yield _book(file, found)
            case _:
                yield _article(file, found)


def _alone(document: Document) -> tuple[str, ...]:
    """Citations without what PubMed adds to them, as the yearly files of before 2015 have them."""
    found = root(head_of(document))
    return ("MedlineCitation",) if found and found.name.startswith("MedlineCitation") else ()


def _empty(file: str, answer: "_Element") -> Problem | None:
    """A search gives ids, which are no listings; what else is in an empty set is not known."""
    if local(answer) == "eSearchResult":
        ids = children(child(answer, "IdList"), "Id")
        said = f"{len(ids)} PubMed ids and nothing of the papers: efetch gives these"
        return Problem(file, line(answer), said) if ids else None
    stray = next((local(one) for one in answer), "")
    return Problem(file, line(answer), f"no articles, but <{stray[:60]}>") if stray else None


# ------------------------------------------------------------------------------------------------ articles


def _article(file: str, element: "_Element") -> Listing | Problem:
    place = line(element)
    citation = element if local(element) == "MedlineCitation" else child(element, "MedlineCitation")
    article = child(citation, "Article")
    details: dict[str, str] = {}
    pmid = told(citation, "PMID")
    title = prose(child(article, "ArticleTitle")) or prose(child(article, "VernacularTitle"))
    abstract = _abstract(child(article, "Abstract"), details)
    if not abstract:
        abstract = _abstract(child(citation, "OtherAbstract"), details)
    if not title and not abstract:
        return Problem(file, place, f"PMID {pmid[:20] or '?'}: without a title and without an abstract")
    data = child(element, "PubmedData")
    ids = {"pmid": pmid} if pmid else {}
    _identify(ids, details, (*children(article, "ELocationID"), *children(child(data, "ArticleIdList"), "ArticleId")))
    people = _people(child(article, "AuthorList"), details)
    published = _journal(article, details)
    created, updated = _history(child(data, "History"), details)
    _describe(citation, article, details)
    references = sum(1 for _ in data.iter("{*}Reference")) if data is not None else 0
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.total,
        abstract=abstract or None,
        categories=_categories(citation),
        created=created,
        updated=updated,
        published=published,
        metrics={"references": references} if references else {},
        details=details,
    )


def _abstract(element: "_Element | None", details: dict[str, str]) -> str:
    """The parts of a structured abstract, each behind its label."""
    parts = []
    for one in children(element, "AbstractText"):
        label, part = (one.get("Label") or "").strip(), prose(one)
        if part:
            parts.append(f"{label}: {part}" if label and label != "UNLABELLED" else part)
    if rights := told(element, "CopyrightInformation"):
        details.setdefault("copyright", rights)
    return " ".join(parts)


def _identify(ids: dict[str, str], details: dict[str, str], told_ids: "tuple[_Element, ...]") -> None:
    """ELocationIDs and ArticleIds; those that were withdrawn are none."""
    for one in told_ids:
        kind, value = one.get("EIdType") or one.get("IdType") or "", text(one)
        if not value or one.get("ValidYN") == "N":
            continue
        if kind == "doi":
            if found := doi(value):
                ids.setdefault("doi", found)
        elif kind == "pmc":
            ids |= {scheme: known for scheme, known in named(value).items() if scheme not in ids}
        elif kind == "pubmed":
            ids.setdefault("pmid", value)
        elif kind in ("pii", "mid", "bookaccession"):
            details.setdefault(kind, value)


def _people(authors: "_Element | None", details: dict[str, str]) -> Team:
    """The names of a list, and where they work."""
    if authors is None:
        return Team()
    names: list[str] = []
    affiliations: dict[str, None] = {}
    for one in children(authors, "Author"):
        if one.get("ValidYN") != "N":
            names.append(_name(one))
            affiliations |= dict.fromkeys(text(place) for place in one.iter("{*}Affiliation"))
    affiliations.pop("", None)
    if affiliations:
        details.setdefault("affiliations", "; ".join(affiliations))
    people = team(names)
    return people._replace(truncated=people.truncated or authors.get("CompleteYN") == "N")


def _name(author: "_Element") -> str:
    if group := told(author, "CollectiveName"):
        return group
    family, given, suffix = told(author, "LastName"), told(author, "ForeName", "FirstName"), told(author, "Suffix")
    if given or not family:
        return given_family(given, family, suffix)
    initials = told(author, "Initials")
    return vancouver(f"{family} {initials} {suffix}".strip()) if initials else name(family)


def _journal(article: "_Element | None", details: dict[str, str]) -> date | None:
    """The journal goes into the details; the day of the electronic article, or of the issue, is given back."""
    journal = child(article, "Journal")
    issue = child(journal, "JournalIssue")
    _keep(details, "venue", told(journal, "Title") or told(journal, "ISOAbbreviation"))
    _keep(details, "issn", told(journal, "ISSN"))
    _keep(details, "volume", told(issue, "Volume"))
    _keep(details, "issue", told(issue, "Issue"))
    _keep(details, "pages", _pages(child(article, "Pagination")))
    day, part = _day(child(issue, "PubDate"))
    _keep(details, "date", part)
    electronic = (_day(one)[0] for one in children(article, "ArticleDate"))
    return next(filter(None, electronic), None) or day


def _keep(details: dict[str, str], name: str, value: str) -> None:
    if value:
        details.setdefault(name, value)


def _pages(pagination: "_Element | None") -> str:
    if whole := told(pagination, "MedlinePgn"):
        return whole
    first, last = told(pagination, "StartPage"), told(pagination, "EndPage")
    return f"{first}-{last}" if last and last != first else first


def _day(element: "_Element | None") -> tuple[date | None, str]:
    """A date in parts, or in words where its parts are none: `1998 Dec-1999 Jan`."""
    if element is None:
        return None, ""
    if words := told(element, "MedlineDate"):
        return None, of_text(words)[1]
    return of_parts(told(element, "Year"), told(element, "Month"), told(element, "Day"))


def _history(history: "_Element | None", details: dict[str, str]) -> tuple[date | None, date | None]:
    """When the manuscript was received, and when it was revised last; when it was accepted is a detail."""
    days: dict[str, date] = {}
    for one in children(history, "PubMedPubDate"):
        status = one.get("PubStatus") or ""
        day, _ = _day(one)
        if day:
            days[status] = max(day, days.get(status, day)) if status == "revised" else days.get(status, day)
    for status in ("accepted", "retracted"):
        if status in days:
            details[status] = days[status].isoformat()
    return days.get("received"), days.get("revised")


def _categories(citation: "_Element | None") -> tuple[str, ...]:
    """MeSH headings, each with its qualifiers as MEDLINE writes them, then keywords."""
    found: dict[str, None] = {}
    for heading in children(child(citation, "MeshHeadingList"), "MeshHeading"):
        descriptor = told(heading, "DescriptorName")
        qualifiers = [text(one) for one in children(heading, "QualifierName")]
        for term in [f"{descriptor}/{qualifier}" for qualifier in qualifiers] or [descriptor]:
            found[term] = None
    for words in children(citation, "KeywordList"):
        found |= dict.fromkeys(prose(one).rstrip(".") for one in children(words, "Keyword"))
    found.pop("", None)
    return tuple(found)


_CAPITAL: Final = pattern(r"(?<=[a-z])(?=[A-Z])")


def _describe(citation: "_Element | None", article: "_Element | None", details: dict[str, str]) -> None:
    """What else is said of an article: its language and types, and what came of it."""
    _keep(details, "language", "; ".join(text(one) for one in children(article, "Language")))
    types = [text(one) for one in children(child(article, "PublicationTypeList"), "PublicationType")]
    _keep(details, "type", "; ".join(types))
    _keep(details, "vernacular_title", prose(child(article, "VernacularTitle")))
    grants = children(child(article, "GrantList"), "Grant")
    awards = [" ".join(filter(None, (told(one, "Agency"), told(one, "GrantID")))) for one in grants]
    _keep(details, "grants", "; ".join(filter(None, awards)))
    banks = [text(one) for one in article.iter("{*}AccessionNumber")] if article is not None else []
    _keep(details, "accession", "; ".join(banks))
    substances = [told(one, "NameOfSubstance") for one in children(child(citation, "ChemicalList"), "Chemical")]
    _keep(details, "substances", "; ".join(filter(None, substances)))
    _keep(details, "conflicts", told(citation, "CoiStatement"))
    # Errata, retractions, comments: RetractionIn becomes `retraction_in`.
    linked: dict[str, list[str]] = {}
    for one in children(child(citation, "CommentsCorrectionsList"), "CommentsCorrections"):
        kind = _CAPITAL.sub("_", one.get("RefType") or "").lower()
        if kind and kind != "cites":
            pmid = told(one, "PMID")
            source = " ".join(filter(None, (told(one, "RefSource"), f"PMID {pmid}" if pmid else "")))
            linked.setdefault(kind, []).append(source)
    for kind, sources in linked.items():
        _keep(details, kind, "; ".join(sources))


# ------------------------------------------------------------------------------------------------ books


def _book(file: str, element: "_Element") -> Listing | Problem:
    """A book, or a chapter of one."""
    place = line(element)
    document = child(element, "BookDocument")
    book = child(document, "Book")
    details: dict[str, str] = {}
    pmid = told(document, "PMID")
    whole, chapter = prose(child(book, "BookTitle")), prose(child(document, "ArticleTitle"))
    abstract = _abstract(child(document, "Abstract"), details)
    title = chapter or whole
    if not title and not abstract:
        return Problem(file, place, f"PMID {pmid[:20] or '?'}: without a title and without an abstract")
    ids = {"pmid": pmid} if pmid else {}
    _identify(ids, details, tuple(children(child(document, "ArticleIdList"), "ArticleId")))
    _identify(ids, details, tuple(children(book, "ELocationID")))
    if isbn := told(book, "Isbn"):
        ids |= named(f"isbn {isbn}")
    if chapter:
        _keep(details, "venue", whole)
    people = Team()
    editors: list[str] = []
    for authors in (*children(document, "AuthorList"), *children(book, "AuthorList")):
        found = _people(authors, details)
        if (authors.get("Type") or "authors") == "authors":
            people = people if people.names else found
        else:
            editors += found.names
    _keep(details, "editor", "; ".join(editors))
    publisher = child(book, "Publisher")
    _keep(details, "publisher", told(publisher, "PublisherName"))
    for name_, kept in (("Volume", "volume"), ("Edition", "edition"), ("CollectionTitle", "series")):
        _keep(details, kept, told(book, name_))
    _keep(details, "pages", _pages(child(document, "Pagination")))
    _keep(details, "language", "; ".join(text(one) for one in children(document, "Language")))
    _keep(details, "type", "; ".join(text(one) for one in children(document, "PublicationType")))
    published, part = _day(child(document, "ContributionDate"))
    if not published:
        published, part = _day(child(book, "PubDate"))
    _keep(details, "date", part)
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract or None,
        categories=_categories(document),
        updated=_day(child(document, "DateRevised"))[0],
        published=published,
        details=details,
    )


# ------------------------------------------------------------------------------------------------ summaries


class _Item(NamedTuple):
    """A field of a summary: a text, or fields in it."""

    text: str
    inside: "list[tuple[str, _Item]]"


def _items(element: "_Element") -> list[tuple[str, _Item]]:
    """The fields of a summary, whose names stand in attributes (version 1) or are elements (version 2)."""
    return [
        (one.get("Name") or local(one), _Item(text(one) if len(one) == 0 else "", _items(one) if len(one) else []))
        for one in element
    ]


_SHORT: Final = {
    "FullJournalName": "venue",
    "Volume": "volume",
    "Issue": "issue",
    "Pages": "pages",
    "ISSN": "issn",
    "ESSN": "eissn",
    "Status": "status",
}


def _summary(file: str, element: "_Element") -> Listing | Problem:
    """What esummary tells of a paper: no abstract, names with initials."""
    place = line(element)
    said = _items(element)
    texts = {name_: item.text for name_, item in said if item.text}
    lists = {name_: item.inside for name_, item in said if item.inside}
    pmid = element.get("uid") or texts.get("Id", "")
    title = texts.get("Title", "")
    if not title:
        return Problem(file, place, f"PMID {pmid[:20] or '?'}: a summary without a title")
    ids = {"pmid": pmid} if pmid.isdecimal() else {}
    for name_, item in lists.get("ArticleIds", []):
        fields = {key: one.text for key, one in item.inside}
        kind, value = (fields.get("IdType", ""), fields.get("Value", "")) if fields else (name_, item.text)
        if kind in ("doi", "pmc"):
            ids |= {scheme: known for scheme, known in named(value).items() if scheme not in ids}
    if "DOI" in texts and (found := doi(texts["DOI"])):
        ids.setdefault("doi", found)
    names = []
    for _, item in lists.get("AuthorList", lists.get("Authors", [])):
        fields = {key: one.text for key, one in item.inside}
        names.append(vancouver(fields.get("Name", "") or item.text))
    details: dict[str, str] = {}
    for name_, kept in _SHORT.items():
        _keep(details, kept, texts.get(name_, ""))
    for name_, kept in (("PubTypeList", "type"), ("PubType", "type"), ("LangList", "language"), ("Lang", "language")):
        _keep(details, kept, "; ".join(item.text for _, item in lists.get(name_, [])))
    day, part = of_text(texts.get("EPubDate") or texts.get("PubDate", ""))
    _keep(details, "date", part)
    references = texts.get("PmcRefCount", texts.get("PMCRefCount", ""))
    people = team(names)
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        title=title,
        authors=people.names,
        authors_truncated=people.truncated,
        published=day,
        metrics={"citations": int(references)} if references.isdecimal() and len(references) < 10 else {},
        details=details,
    )
