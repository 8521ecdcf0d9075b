"""arXiv's pages: lists of new, recent, and older papers, catch-up, results of a search, and the page of one paper.

    <h3>New submissions (showing 14 of 14 entries)</h3>
    <dt><a name='item1'>[1]</a> <a href="/abs/2605.00001" title="Abstract">arXiv:2605.00001</a> (cross-list from cs.DL)
        [<a href="/pdf/2605.00001">pdf</a>, …]</dt>
    <dd><div class='list-title mathjax'><span class='descriptor'>Title:</span> Counting papers once</div>
        <div class='list-authors'><a href="…">Ada Moreau</a>, …</div> <p class='mathjax'>We measure …</p></dd>

The markup is that of arXiv's own templates (arxiv-browse, `list/list_macros.html` and `abs/abs.html`, and arxiv-search,
`search-macros.html`); until 2024 a list was one `<dl>` with `<span class="list-identifier">` and headings between.
A heading says the kind of what follows, or its day.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_parts, parse_date
from digest.formats.head import Head
from digest.formats.hypertext import Page, attribute, first, is_html, line_of, opened, saved_from, text
from digest.formats.people import Team, is_company, listed, name
from digest.formats.signs import Sign
from digest.identifiers import Arxiv, arxiv, doi
from digest.model import Document, Kind, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NAME = "arxiv_html"
ABOUT = "arXiv's pages as HTML: lists (new, recent, a month, a year, catch-up), searches, and the page of one paper"
EXAMPLE = """
<h3>New submissions (showing 1 of 1 entries)</h3>
<dl id='articles'>
<dt><a href="/abs/2605.00001" title="Abstract">arXiv:2605.00001</a> [<a href="/pdf/2605.00001">pdf</a>]</dt>
<dd><div class='list-title mathjax'><span class='descriptor'>Title:</span> Counting papers once</div>
<div class='list-authors'><a href="/search/cs?query=Moreau">Ada Moreau</a></div>
<div class='list-subjects'><span class="primary-subject">Digital Libraries (cs.DL)</span></div></dd>
</dl>
"""

_SITE: Final = "https://arxiv.org"

# ------------------------------------------------------------------------------------------------ recognising

_LIST: Final = pattern(r"""class\s*=\s*["']list-(?:title|identifier|authors)|<div\s+id\s*=\s*["']dlpage["']""")
_RESULT: Final = pattern(r"""class\s*=\s*["']arxiv-result["']""")
_PAPER: Final = pattern(r"""name\s*=\s*["']citation_arxiv_id["']|class\s*=\s*["']abstract mathjax["']""")


def detect(head: Head) -> Sign | None:
    """The classes of arXiv's templates together with arXiv's name, or the address from which a page was saved."""
    if head.look != "markup" or not is_html(head):
        return None
    if "arxiv.org/" in saved_from(head):
        return Sign.CERTAIN
    text = head.text
    if "arxiv" in text.lower() and any(sign.search(text) for sign in (_LIST, _RESULT, _PAPER)):
        return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers in the order of the page. A list that is empty and says so is no problem."""
    page = opened(document)
    count = 0
    for item in _items(document.origin, page):
        count += 1
        yield item
    if not page.whole:
        yield Problem(document.origin, page.lines, "the page breaks off here: what followed is missing")
    elif not count and (page.all("[class^='list-']") or not _EMPTY.search(text(page.tree.body))):
        yield Problem(document.origin, 1, "a page of arXiv without a paper on it")


_EMPTY: Final = pattern(
    r"\bno (?:further )?updates\b|total of 0 entries|produced no results|no (?:articles|entries|submissions)\b",
    re.IGNORECASE,
)


def _items(file: str, page: Page) -> Iterator[Listing | Problem]:
    if page.all("li.arxiv-result"):
        yield from _results(file, page)
    elif page.all("dt"):
        yield from _list(file, page)
    elif page.all("blockquote.abstract, meta[name='citation_arxiv_id']"):
        yield _paper(file, page)


# ------------------------------------------------------------------------------------------------ lists


def _list(file: str, page: Page) -> Iterator[Listing | Problem]:
    """The entries under each heading: `<dt>` with its ids and links, `<dd>` with its texts."""
    _take_labels(page)
    kind: Kind | None = None
    day: date | None = None
    period = ""
    waiting: LexborNode | None = None
    nodes = page.all("h1, h2, h3, dt, dd")
    for number, node in enumerate(nodes):
        tag = node.tag
        if tag in ("dt", "dd"):
            if tag == "dd" and number == len(nodes) - 1 and not page.whole:
                return  # It may be a half.
            if waiting is not None:
                yield _entry(file, page, waiting, node if tag == "dd" else None, (kind, day, period))
            elif tag == "dd":
                yield Problem(file, line_of(node), f"an entry without an arXiv id: '{text(node)[:60]}'")
            waiting = node if tag == "dt" else None
        else:
            heading = text(node)[:_NEAR]
            kind = _kind(heading) or kind
            if told := _day(heading):
                # A list of days says with each what is new on it.
                day, kind = told, kind or "new"
            period = period or _period(heading)
    if waiting is not None and page.whole:
        yield _entry(file, page, waiting, None, (kind, day, period))


_KINDS: Final[tuple[tuple[re.Pattern[str], Kind], ...]] = (
    (pattern(r"new submissions", re.IGNORECASE), "new"),
    (pattern(r"cross[- ](?:submissions|lists|listings)", re.IGNORECASE), "cross-list"),
    (pattern(r"replace(?:ment|d)", re.IGNORECASE), "replaced"),
)


def _kind(heading: str) -> Kind | None:
    return next((kind for sign, kind in _KINDS if sign.match(heading)), None)


# `Showing new listings for Friday, 9 June 2023`, `Fri, 3 Mar 2023 (showing …)`, `New submissions for Fri, 3 Mar 23`
_DAY: Final = pattern(r"(?:^|\b(?:for|on) )(?:[A-Z][a-z]+, ?)?(\d{1,2}) ([A-Z][a-z]{2,8}) (\d{4}|\d\d)\b")


def _day(heading: str) -> date | None:
    found = _DAY.search(heading)
    if not found:
        return None
    year = found[3] if len(found[3]) == 4 else f"{'19' if found[3] > '90' else '20'}{found[3]}"
    return parse_date(f"{found[1]} {found[2]} {year}")


# `Authors and titles for March 2023`, `… for cs.LG in Mar 2023`, `… for 2023`
_PERIOD: Final = pattern(r"Authors and titles for (?:.{0,60}? in )?(?:([A-Z][a-z]{2,8})\.? )?(\d{4})\b")


def _period(heading: str) -> str:
    found = _PERIOD.search(heading)
    return of_parts(found[2], found[1])[1] if found else ""


_KEPT: Final = {
    "journal-ref": "venue",
    "jref": "venue",
    "report-no": "report",
    "report-number": "report",
    "msc-class": "msc",
    "msc-classes": "msc",
    "acm-class": "acm",
    "acm-classes": "acm",
}
"""What goes into a listing's details, and under which name."""


def _entry(
    file: str, page: Page, term: "LexborNode", told: "LexborNode | None", under: tuple[Kind | None, date | None, str]
) -> Listing | Problem:
    line = line_of(term)
    found, links = _links(page, term)
    if not found:
        return Problem(file, line, f"an entry without an arXiv id: '{text(term)[:60]}'")
    fields = _fields(told) if told is not None else {}
    title = _after(fields.get("title"), "Title:")
    if not title:
        return Problem(file, line, f"arXiv:{found.id}: the entry has no title")
    team = _authors(fields.get("authors"))
    kind, day, period = under
    mark = text(term)
    if "(cross-list" in mark or "(*cross" in mark:
        kind = "cross-list"
    elif "(replaced" in mark:
        kind = "replaced"
    details = {kept: _after(fields[key], None) for key, kept in _KEPT.items() if key in fields}
    if period and not day:
        details["date"] = period
    named = doi(_after(fields.get("doi"), "DOI:"))
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids={"arxiv": found.id} | ({"doi": named} if named else {}),
        version=found.version,
        title=title,
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=_after(first(told, "p.mathjax, p.abstract") if told is not None else None, "Abstract:") or None,
        comments=_after(fields.get("comments"), "Comments:") or None,
        categories=_subjects(_after(fields.get("subjects"), "Subjects:")),
        published=day,
        links=links,
        kind=kind,
        details={key: value for key, value in details.items() if value},
    )


def _fields(told: "LexborNode") -> "dict[str, LexborNode]":
    """The parts of an entry by the ends of their classes: `list-title` is `title`."""
    fields: dict[str, LexborNode] = {}
    for node in told.css("div[class^='list-'], p[class^='list-'], span[class^='list-']"):
        key = attribute(node, "class").split()[0].removeprefix("list-")
        fields.setdefault(key, node)
    return fields


def _links(page: Page, node: "LexborNode") -> tuple[Arxiv | None, dict[str, str]]:
    """The id that the links of an entry say, with the version if one of them says it, and the links by their names."""
    found: Arxiv | None = None
    links: dict[str, str] = {}
    for anchor in node.css("a[href]")[:_MOST_LINKS]:
        address = page.address(attribute(anchor, "href"), _SITE)
        which = _WHICH.search(address)
        if not which:
            continue
        links.setdefault(_NAMES.get(which[1], which[1]), address)
        paper = arxiv(address)
        if paper and (not found or (paper.id == found.id and not found.version)):
            found = paper
    if not found and (said := _SAID.search(text(node), 0, _NEAR)):
        found = arxiv(said[0])
    return found, links


_MOST_LINKS: Final = 50
"""So many are an entry's at most: where entries stand in each other, the links behind it are those of the others."""
_WHICH: Final = pattern(r"/(abs|pdf|html|ps|format|e-print|src)/[^#]")
_NAMES: Final = {"format": "other", "e-print": "source", "src": "source"}
_NEAR: Final = 1000
_SAID: Final = pattern(r"arXiv:[^\s()\[\],]+", re.IGNORECASE)

# ------------------------------------------------------------------------------------------------ texts


def _after(node: "LexborNode | None", label: str | None) -> str:
    """The text of a part, without its label where the page has it in plain text, and with the addresses for which
    arXiv writes `this https URL`.
    """
    if node is None:
        return ""
    for anchor in node.css("a[href]"):
        if _THIS_URL.fullmatch(text(anchor)):
            anchor.replace_with(attribute(anchor, "href"))
    whole = text(node)
    if label and whole[: len(label)].lower() == label.lower() and not attribute(node, _LABELLED):
        return whole[len(label) :].lstrip()
    return whole


_LABELLED: Final = "data-digest-labelled"


def _take_labels(page: Page) -> None:
    """Take the labels out of their parts (`Title:`), and note there that they are out."""
    for descriptor in page.all("span.descriptor"):
        if descriptor.parent is not None:
            descriptor.parent.attrs[_LABELLED] = "1"
        descriptor.decompose()


_THIS_URL: Final = pattern(r"this (?:https? |ftp )?url", re.IGNORECASE)


def _authors(node: "LexborNode | None") -> Team:
    """The names that are links, and the collaborations between them; arXiv links each author."""
    if node is None:
        return Team()
    anchors = node.css("a")
    if not anchors:
        whole = _after(node, "Authors:")
        return Team() if "author list is unavailable" in whole else listed(whole)
    if all(anchor.parent is None or anchor.parent.mem_id != node.mem_id for anchor in anchors):
        return Team(tuple(filter(None, (name(text(anchor)) for anchor in anchors))))
    names: list[str] = []
    between: list[str] = []
    truncated, total = False, None
    for one in node.iter(include_text=True):
        if one.tag != "a":
            between.append(one.text(deep=True))
            continue
        names += _companies("".join(between))
        between = []
        whole = text(one)
        if _MORE.fullmatch(whole):
            truncated = True
        elif person := name(_AND.sub("", whole)):
            names.append(person)
    rest = "".join(between)
    names += _companies(rest)
    if found := _HIDDEN.search(rest) or _HIDDEN.search(text(node)):
        truncated, total = True, len(names) + int(found[1])
    return Team(tuple(names), truncated or "et al" in rest, total)


_AND: Final = pattern(r"and\s+(?=\S)", re.IGNORECASE)
_MORE: Final = pattern(r"(?:and )?\d+ (?:more|others?|additional).*|et al\.?|show (?:more|less).*", re.IGNORECASE)
_HIDDEN: Final = pattern(r"\(?(\d+) additional authors? not shown\)?|\band (\d+) others?\b", re.IGNORECASE)


def _companies(between: str) -> list[str]:
    """The collaborations in what stands between two names."""
    if len(between) < 8:
        return []
    return [one for one in listed(between.strip(" ,;:\n")).names if is_company(one)]


def _subjects(told: str) -> tuple[str, ...]:
    """`Machine Learning (cs.LG); Methodology (stat.ME)` as codes."""
    parts = [part.strip() for part in told.split(";")]
    return tuple((_CODE.findall(part) or [part])[-1] for part in parts if part)


_CODE: Final = pattern(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")

# ------------------------------------------------------------------------------------------------ results of a search


def _results(file: str, page: Page) -> Iterator[Listing | Problem]:
    nodes = page.all("li.arxiv-result")
    # The last one of a page that breaks off may not be whole.
    for node in nodes if page.whole else nodes[:-1]:
        yield _result(file, page, node)


def _result(file: str, page: Page, node: "LexborNode") -> Listing | Problem:
    line = line_of(node)
    head = first(node, "p.list-title")
    found, links = _links(page, head if head is not None else node)
    title = _after(first(node, "p.title"), None)
    if not found or not title:
        return Problem(file, line, f"a result without {'a title' if found else 'an arXiv id'}: '{text(node)[:60]}'")
    for fold in node.css("a"):
        if attribute(fold, "onclick"):
            fold.decompose()
    labelled = {_label(part): part for part in node.css("p")}
    submitted = _SUBMITTED.search(text(labelled.get("submitted")))
    days = [day for day in (parse_date(_day_named(one)) for one in submitted.groups()) if day] if submitted else []
    announced = _ANNOUNCED.search(text(labelled.get("submitted")))
    abstract = first(node, "span.abstract-full")
    if abstract is None:
        abstract = first(node, "span.abstract-short")
    team = _authors(first(node, "p.authors"))
    dois = [one for anchor in node.css("a[href*='doi.org/']") if (one := doi(attribute(anchor, "href")))]
    details = _told(text(labelled.get("report number") or labelled.get("msc class") or labelled.get("acm class")))
    details["venue"] = text(labelled.get("journal ref")).partition(":")[2].strip()
    details["announced"] = of_parts(announced[2], announced[1])[1] if announced else ""
    tags = [text(tag) for tag in node.css("span.tag")]
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids={"arxiv": found.id} | ({"doi": dois[0]} if dois else {}),
        version=found.version,
        title=title,
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=_after(abstract, None) or None,
        comments=text(labelled.get("comments")).partition(":")[2].strip() or None,
        categories=tuple(tag for tag in tags if _ARCHIVE.fullmatch(tag)),
        created=days[-1] if days else None,
        updated=days[0] if len(days) > 1 else None,
        links=links,
        details={key: value for key, value in details.items() if value},
    )


def _label(part: "LexborNode") -> str:
    """What a line of a result begins with: `submitted`, `comments`, `journal ref`."""
    found = _LABEL.match(text(part))
    return found[1].lower() if found else ""


_LABEL: Final = pattern(r"(Submitted|[A-Za-z][A-Za-z ]{2,20}(?=:))")
_SUBMITTED: Final = pattern(r"Submitted (\d{1,2} \w+, \d{4})(?:;.*?v1 submitted (\d{1,2} \w+, \d{4}))?")
_ANNOUNCED: Final = pattern(r"originally announced (?:([A-Z][a-z]+) )?(\d{4})")
_ARCHIVE: Final = pattern(r"[a-z-]+(?:\.[A-Za-z-]+)?(?<!doi)")
_NUMBERS: Final = pattern(r"(Report number|MSC Class|ACM Class):(.*?)(?=(?:Report number|MSC Class|ACM Class):|$)")


def _day_named(told: str | None) -> str:
    return (told or "").replace(",", "")


def _told(numbers: str) -> dict[str, str]:
    names = {"Report number": "report", "MSC Class": "msc", "ACM Class": "acm"}
    return {names[key]: value.strip() for key, value in _NUMBERS.findall(numbers)}


# ------------------------------------------------------------------------------------------------ one paper


def _paper(file: str, page: Page) -> Listing | Problem:
    """The page of one paper: what it shows, and what it tells machines (`citation_*`) where it shows nothing."""
    _take_labels(page)
    meta: dict[str, list[str]] = {}
    for node in page.all("meta[name^='citation_']"):
        meta.setdefault(attribute(node, "name"), []).append(attribute(node, "content"))
    root = page.tree.body
    cells = {
        attribute(cell, "class").split()[1]: cell
        for cell in page.all("td.tablecell")
        if " " in attribute(cell, "class")
    }
    shown = page.tree.css_first("h1.title")
    title = _after(shown, "Title:") or next(iter(meta.get("citation_title", ())), "")
    found = arxiv(next(iter(meta.get("citation_arxiv_id", ())), "")) or _linked(page)
    if not found or not title or root is None:
        return Problem(file, 1, f"a page of one paper without {'a title' if found else 'an arXiv id'}")
    history = text(page.tree.css_first("div.dateline"))
    version = next(
        (
            one.version
            for link in page.all("td.arxividv a[href], td.arxivid a[href]")
            if (one := arxiv(page.address(attribute(link, "href"), _SITE))) and one.id == found.id and one.version
        ),
        None,
    )
    said = _THIS_VERSION.search(history)
    days = [parse_date(day) for day in _HISTORY.findall(history)]
    created = parse_date(next(iter(meta.get("citation_date", ())), "")) or (days[0] if days else None)
    updated = days[-1] if len(days) > 1 else parse_date(next(iter(meta.get("citation_online_date", ())), ""))
    team = _authors(page.tree.css_first("div.authors"))
    if not team.names:
        team = Team(tuple(filter(None, (name(_turned(one)) for one in meta.get("citation_author", ())))))
    details = {kept: _after(cells[key], None) for key, kept in _KEPT.items() if key in cells}
    submitter = _FROM.search(text(page.tree.css_first("div.submission-history")))
    if submitter:
        details["submitter"] = submitter[1]
    named = doi(_after(cells.get("doi"), None).partition(" ")[0]) or doi(next(iter(meta.get("citation_doi", ())), ""))
    links = _links(page, root)[1] | {"abs": f"{_SITE}/abs/{found.id}"}
    abstract = _after(page.tree.css_first("blockquote.abstract"), "Abstract:")
    return Listing(
        position=Position(file, line_of(shown) if shown is not None else 1),
        format=NAME,
        ids={"arxiv": found.id} | ({"doi": named} if named and not arxiv(named) else {}),
        version=version or found.version or (int(said[1]) if said else None),
        title=title,
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=abstract or next(iter(meta.get("citation_abstract", ())), "").strip() or None,
        comments=_after(cells.get("comments"), "Comments:") or None,
        categories=_subjects(_after(cells.get("subjects"), "Subjects:")),
        created=created,
        updated=updated if updated and updated != created else None,
        links={key: value for key, value in links.items() if key in ("abs", "pdf", "html", "ps", "other", "source")},
        details={key: value for key, value in details.items() if value},
    )


_HISTORY: Final = pattern(r"(?:Submitted on|revised|latest version) (\d{1,2} [A-Z][a-z]{2,8} \d{4})")
_THIS_VERSION: Final = pattern(r"\(this version, v(\d+)\)")
_FROM: Final = pattern(r"From: (.+?) \[")


def _linked(page: Page) -> Arxiv | None:
    """The id in the page's own table, title or address."""
    for link in page.all("td.arxivid a[href], link[rel='canonical']"):
        if found := arxiv(page.address(attribute(link, "href"), _SITE)):
            return found
    inside = _BRACKET.match(text(page.tree.css_first("title")))
    return arxiv(inside[1]) if inside else None


_BRACKET: Final = pattern(r"\[([^\]]+)\]")


def _turned(inverted: str) -> str:
    """`Moreau, Ada` as it is read."""
    family, comma, given = inverted.partition(",")
    return f"{given.strip()} {family.strip()}" if comma else inverted
