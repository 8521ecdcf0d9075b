"""JATS, the Journal Article Tag Suite, and the NLM DTDs before it: articles whole, their fronts, and sets of them.

    <article article-type="research-article" xml:lang="en">
      <front>
        <journal-meta><journal-title-group><journal-title>Journal of Lists</journal-title></journal-title-group></…>
        <article-meta>
          <article-id pub-id-type="doi">10.5555/jl.7.10</article-id>
          <title-group><article-title>Counting papers <italic>once</italic></article-title></title-group>
          <contrib-group><contrib contrib-type="author"><name><surname>Moreau</surname>…
          <abstract><sec><title>Results</title><p>We measure …</p></sec></abstract>

`created` is when the manuscript was received, `updated` when it was revised, `published` the first day on which it came
out. Graphical abstracts, teasers and such are left out, and so are translations where there is an original. Source:
ANSI/NISO Z39.96-2024 and https://jats.nlm.nih.gov/archiving/tag-library/1.4/.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_parts, of_text
from digest.formats.head import Head, head_of
from digest.formats.markup import child, children, elements, line, local, root, text, told
from digest.formats.people import Team, given_family, name, team
from digest.formats.prose import prose
from digest.formats.signs import Sign
from digest.identifiers import named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "jats"
ABOUT = "JATS and NLM articles as journals and archives have them, whole or their fronts"
EXAMPLE = """
<article article-type="research-article" xml:lang="en"><front>
<journal-meta><journal-title-group><journal-title>Journal of Lists</journal-title></journal-title-group></journal-meta>
<article-meta>
  <article-id pub-id-type="doi">10.5555/jl.7.10</article-id>
  <title-group><article-title>Counting papers once</article-title></title-group>
  <contrib-group><contrib contrib-type="author">
    <name><surname>Moreau</surname><given-names>Ada</given-names></name></contrib></contrib-group>
  <pub-date pub-type="epub"><day>2</day><month>5</month><year>2026</year></pub-date>
  <abstract><p>We measure how reading lists change when repeated papers are counted once …</p></abstract>
</article-meta>
</front></article>
"""

_WITHIN: Final = pattern(r"<(?:[\w.-]+:)?(?:article-meta|journal-meta)[\s/>]")
_ROOTS: Final = frozenset(("article", "articles", "article-set", "pmc-articleset", "front", "article-meta"))
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def detect(head: Head) -> Sign | None:
    """An article, or a set of them, that has what an article's front is made of."""
    found = root(head)
    inside = found is not None and (found.name == "article-meta" or _WITHIN.search(found.inside))
    return Sign.CERTAIN if found and found.name in _ROOTS and inside else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The articles, in their order."""
    found_root = root(head_of(document))
    alone = found_root.name if found_root and found_root.name in ("front", "article-meta") else "article"
    count = 0
    for found in elements(document, alone, around=("articles", "article-set", "pmc-articleset")):
        if isinstance(found, Problem):
            yield found
        elif local(found) == alone:
            count += 1
            yield _listing(document.origin, found)
        elif not count and (stray := next((local(one) for one in found), "")):
            yield Problem(document.origin, line(found), f"no articles, but <{stray[:60]}>")


# ------------------------------------------------------------------------------------------------ an article


def _listing(file: str, element: "_Element") -> Listing | Problem:
    place = line(element)
    front = child(element, "front") if local(element) == "article" else element
    meta = front if front is not None and local(front) == "article-meta" else child(front, "article-meta")
    details: dict[str, str] = {}
    ids = _ids(meta, details)
    titles = child(meta, "title-group")
    title = _title(titles, details)
    abstract = _abstract(meta, details)
    if not title and not abstract:
        known = next(iter(ids.values()), "") or "an article"
        return Problem(file, place, f"{known[:100]}: without a title and without an abstract")
    people = _people(meta, details)
    published = _published(meta, details)
    created, updated = _history(meta, details)
    _journal(front, meta, details)
    _keep(details, "type", element.get("article-type") or "")
    _keep(details, "language", element.get(_LANG) or "")
    references = len([one for one in element.iter("{*}ref") if local(one) == "ref"]) or _count(meta, "ref-count")
    version = told(meta, "article-version")
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        version=int(version) if version.isdecimal() and len(version) < 4 else None,
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract or None,
        categories=_categories(meta, details),
        created=created,
        updated=updated,
        published=published,
        links=_links(meta),
        metrics={"references": references} if references else {},
        details=details,
    )


def _keep(details: dict[str, str], key: str, value: str) -> None:
    if value:
        details.setdefault(key, value)


_SCHEMES: Final = {"pmc": "pmcid", "pmcid": "pmcid", "pmid": "pmid", "arxiv": "arxiv", "doi": "doi"}


def _ids(meta: "_Element | None", details: dict[str, str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for one in children(meta, "article-id"):
        kind, value = (one.get("pub-id-type") or "").lower(), text(one)
        scheme = _SCHEMES.get(kind)
        if scheme == "pmcid" and value.isdecimal():
            value = f"PMC{value}"
        elif scheme == "pmid" and value.isdecimal():
            value = f"pmid:{value}"
        found = named(value)
        if scheme is None and kind not in ("", "other", "handle"):
            _keep(details, kind.replace("-", "_"), value)
        elif scheme is None or scheme in found:
            for known, spelled in found.items():
                ids.setdefault(known, spelled)
    return ids


def _title(titles: "_Element | None", details: dict[str, str]) -> str:
    """The title with the subtitle, without marks of notes."""
    title = prose(child(titles, "article-title"), "xref", "fn")
    if subtitle := "; ".join(prose(one, "xref", "fn") for one in children(titles, "subtitle")):
        title = f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {subtitle}" if title else subtitle
    for group in children(titles, "trans-title-group"):
        _keep(details, "translated_title", prose(child(group, "trans-title"), "xref", "fn"))
    _keep(details, "translated_title", prose(child(titles, "trans-title"), "xref", "fn"))
    return title


_BESIDE: Final = pattern(r"graphic|image|teaser|toc|video|highlight|key-?points?|editor|objective|stereo", re.I)
_HEADINGS: Final = frozenset(("abstract", "summary"))


def _abstract(meta: "_Element | None", details: dict[str, str]) -> str:
    """The abstract: one that is of no kind, else one that is a text, else a translation."""
    plain = [one for one in children(meta, "abstract") if not one.get("abstract-type")]
    typed = [one for one in children(meta, "abstract") if one.get("abstract-type")]
    proper = [one for one in typed if not _BESIDE.search(one.get("abstract-type") or "")]
    found = ""
    for one in (*plain, *proper, *children(meta, "trans-abstract")):
        said = _said(one)
        if not found:
            found = said
        elif one.get("abstract-type"):
            _keep(details, "summary", said)
    return found


def _said(abstract: "_Element") -> str:
    """All of it but the heading that says what it is."""
    said = prose(abstract, "xref-group")
    heading = prose(child(abstract, "title"))
    return said.removeprefix(heading).lstrip(" :") if heading.rstrip(":.").lower() in _HEADINGS else said


# ------------------------------------------------------------------------------------------------ people


def _people(meta: "_Element | None", details: dict[str, str]) -> Team:
    names: list[str] = []
    editors: list[str] = []
    affiliations: dict[str, None] = {}
    for group in children(meta, "contrib-group"):
        editing = "editor" in (group.get("content-type") or "")
        for one in group:
            match local(one):
                case "contrib":
                    kind = one.get("contrib-type") or ("editor" if editing else "author")
                    whole = names if kind.startswith("author") else editors if "editor" in kind else None
                    if whole is not None:
                        whole += _names(one)
                    affiliations |= dict.fromkeys(prose(aff, "label", "xref") for aff in children(one, "aff"))
                case "on-behalf-of":
                    names.append(prose(one, "xref"))
                case "aff":
                    affiliations[prose(one, "label", "xref")] = None
                case _:
                    pass
    affiliations |= dict.fromkeys(prose(aff, "label", "xref") for aff in children(meta, "aff"))
    affiliations.pop("", None)
    _keep(details, "affiliations", "; ".join(affiliations))
    _keep(details, "editor", "; ".join(team(editors).names))
    return team(names)


def _names(contrib: "_Element") -> list[str]:
    """The name of a contributor, and of whom they speak for; the members of a collaboration are not its name."""
    found: list[str] = []
    for one in contrib:
        kind = local(one)
        if kind in ("name-alternatives", "collab-alternatives"):
            one = _best(one)
            kind = local(one)
        if kind in ("name", "string-name") and not found:
            found.append(_name(one))
        elif kind == "collab":
            found.append(name(prose(one, "xref", "contrib-group", "fn", "email", "aff", "address")))
        elif kind == "on-behalf-of":
            found.append(prose(one, "xref"))
    return [one for one in found if one]


def _best(alternatives: "_Element") -> "_Element":
    """Of a name in several scripts the one in Latin, as databases have it, else the first."""
    ways = [one for one in alternatives if local(one) in ("name", "string-name", "collab")]
    return next((one for one in ways if (one.get(_LANG) or "en").startswith("en")), ways[0] if ways else alternatives)


def _name(element: "_Element") -> str:
    family, given = prose(child(element, "surname"), "xref"), prose(child(element, "given-names"), "xref")
    if family or given:
        return given_family(given, family, prose(child(element, "suffix"), "xref"))
    return name(prose(element, "xref", "fn", "degrees", "role"))


# ------------------------------------------------------------------------------------------------ dates


def _day(element: "_Element") -> tuple[date | None, str]:
    day, part = of_text(element.get("iso-8601-date") or "")
    if day:
        return day, ""
    day, told_part = of_parts(told(element, "year"), told(element, "month"), told(element, "day"))
    if day or told_part:
        return day, told_part
    return (None, part) if part else of_text(told(element, "string-date") or text(element))


_NOT_OUT: Final = pattern(r"pmc|nihms|retract|correct|received|accepted|rev-|preprint|update|submi", re.IGNORECASE)


def _published(meta: "_Element | None", details: dict[str, str]) -> date | None:
    """The first day on which it came out; the issue's month or year goes into the details."""
    days = []
    for one in children(meta, "pub-date"):
        kind = one.get("pub-type") or one.get("date-type") or "pub"
        if _NOT_OUT.search(kind):
            continue
        day, part = _day(one)
        if day:
            days.append(day)
        elif part and len(part) > len(details.get("date", "")):
            details["date"] = part
    return min(days, default=None)


def _history(meta: "_Element | None", details: dict[str, str]) -> tuple[date | None, date | None]:
    """When the manuscript was received, and when it was revised last."""
    dates = [*children(child(meta, "history"), "date")]
    dates += [one for event in children(child(meta, "pub-history"), "event") for one in children(event, "date")]
    created = updated = None
    for one in dates:
        kind, (day, _) = one.get("date-type") or "", _day(one)
        if day and kind == "received":
            created = created or day
        elif day and kind.startswith("rev-"):
            updated = max(day, updated or day)
        elif day and kind in ("accepted", "preprint", "retracted", "corrected"):
            _keep(details, kind, day.isoformat())
    return created, updated


# ------------------------------------------------------------------------------------------------ the rest


def _journal(front: "_Element | None", meta: "_Element | None", details: dict[str, str]) -> None:
    """Where it appeared, and under which terms."""
    journal = child(front, "journal-meta")
    titles = child(journal, "journal-title-group")
    _keep(details, "venue", told(titles, "journal-title") or told(journal, "journal-title"))
    _keep(details, "venue", told(titles, "abbrev-journal-title") or told(journal, "abbrev-journal-title"))
    _keep(details, "venue", told(child(meta, "conference"), "conf-name"))
    for one in children(journal, "issn"):
        kind = one.get("pub-type") or one.get("publication-format") or ""
        _keep(details, "eissn" if kind.startswith("e") else "issn", text(one))
    _keep(details, "publisher", told(child(journal, "publisher"), "publisher-name"))
    for key, kept in (("volume", "volume"), ("issue", "issue"), ("elocation-id", "elocation")):
        _keep(details, kept, told(meta, key))
    first, last = told(meta, "fpage"), told(meta, "lpage")
    pages = told(meta, "page-range") or (f"{first}-{last}" if last and last != first else first)
    _keep(details, "pages", pages)
    permissions = child(meta, "permissions")
    _keep(details, "copyright", told(permissions, "copyright-statement"))
    for terms in children(permissions, "license"):
        _keep(details, "license", terms.get(_HREF) or told(terms, "license_ref") or prose(terms))
    awards = [
        " ".join(filter(None, (prose(child(one, "funding-source"), "institution-id"), told(one, "award-id"))))
        for group in children(meta, "funding-group")
        for one in children(group, "award-group")
    ]
    _keep(details, "grants", "; ".join(filter(None, awards)))
    linked: dict[str, list[str]] = {}
    for one in children(meta, "related-article"):
        kind = (one.get("related-article-type") or "related").replace("-", "_")
        linked.setdefault(kind, []).append(one.get(_HREF) or text(one))
    for kind, others in linked.items():
        _keep(details, kind, "; ".join(filter(None, others)))


def _count(meta: "_Element | None", key: str) -> int:
    found = child(child(meta, "counts"), key)
    count = (found.get("count") or "") if found is not None else ""
    return int(count) if count.isdecimal() and len(count) < 6 else 0


_SECTIONS: Final = pattern(r"heading|type|toc|channel|journal-coll|section", re.IGNORECASE)


def _categories(meta: "_Element | None", details: dict[str, str]) -> tuple[str, ...]:
    """Subjects and keywords; the section of the journal, which is told among the subjects, is a detail."""
    found: dict[str, None] = {}
    for group in children(child(meta, "article-categories"), "subj-group"):
        kind = group.get("subj-group-type") or ""
        subjects = [
            said
            for one in group.iter("{*}subject", "{*}compound-subject")
            if (said := " ".join(prose(part) for part in children(one, "compound-subject-part")[-1:]) or prose(one))
        ]
        if not _SECTIONS.search(kind):
            found |= dict.fromkeys(subjects)
        elif "heading" in kind:
            _keep(details, "section", "; ".join(subjects))
    for group in children(meta, "kwd-group"):
        if "abbrev" not in (group.get("kwd-group-type") or ""):
            words = (prose(one) for one in group.iter("{*}kwd", "{*}compound-kwd"))
            found |= dict.fromkeys(word for word in words if word)
    return tuple(found)


def _links(meta: "_Element | None") -> dict[str, str]:
    links: dict[str, str] = {}
    for one in children(meta, "self-uri"):
        address, kind = (one.get(_HREF) or text(one)).strip(), one.get("content-type") or ""
        if address.startswith(("http://", "https://")):
            links.setdefault("pdf" if "pdf" in kind or address.lower().endswith(".pdf") else "url", address)
    return links
