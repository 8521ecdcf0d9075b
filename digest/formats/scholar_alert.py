"""Google Scholar's alert mails, and its pages of results: titles with links, names and venue on a line, a snippet.

    <h3><span>[PDF]</span> <a href="http://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/2605.00001&…"
        class="gse_alrt_title">Counting papers once</a></h3>
    <div style="color:#006621">A Moreau, T Říha… - arXiv preprint arXiv:2605.00001, 2026</div>
    <div class="gse_alrt_sni">We measure how reading lists change …</div>

Mails of all kinds (new articles, new citations, recommended, of an author) and languages are alike; the words differ
and say nothing here. A mail that was forwarded may have lost its classes: then a link through `scholar_url` in a
heading is a title. Names are as Scholar shortens them. The snippet is some words from somewhere in the text and no
abstract: it is kept as `details["snippet"]`, so that no paper is compared, merged or ranked by it as if it were one.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from digest.formats.dates import of_parts
from digest.formats.head import Head
from digest.formats.hypertext import Page, attribute, first, is_html, line_of, opened, text, unwrapped
from digest.formats.people import Team, name
from digest.formats.signs import Sign
from digest.identifiers import arxiv, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NAME = "scholar_alert"
ABOUT = "Google Scholar's alert mails in any language, and its pages of results, as HTML"
EXAMPLE = """
<h3><a href="http://scholar.google.com/scholar_url?url=https://arxiv.org/abs/2605.00001" class="gse_alrt_title"
>Counting papers once</a></h3>
<div>A Moreau, T Říha - arXiv preprint arXiv:2605.00001, 2026</div>
<div class="gse_alrt_sni">We measure how reading lists change …</div>
"""

_ALERT: Final = pattern(r"gse_alrt_(?:title|sni)|scholar_alerts\?|oi=scholaralrt")
_LED: Final = pattern(r"scholar_url(?:\?|%3F)")
_RESULTS: Final = pattern(r"""class\s*=\s*["'][^"']{0,80}\bgs_r[it]\b""")


def detect(head: Head) -> Sign | None:
    """The classes of Scholar's mails and pages, or its own links to the list of alerts."""
    if head.look != "markup" or not is_html(head):
        return None
    text = head.text
    if _ALERT.search(text) or ("scholar.google." in text and _RESULTS.search(text)):
        return Sign.CERTAIN
    return Sign.LIKELY if len(_LED.findall(text)) > 1 else None


class _Entry(NamedTuple):
    """One result: where it begins, and what stands under its title."""

    title: "LexborNode | None"
    """The link that is the title."""
    heading: "LexborNode"
    byline: "LexborNode | None"
    snippet: "LexborNode | None"
    notes: "list[LexborNode]"
    metrics: "LexborNode | None" = None
    files: "LexborNode | None" = None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The results in their order, the same one again where the mail has it again; buttons and the foot list nothing."""
    page = opened(document)
    entries = _of_page(page) or _of_mail(page) or _of_links(page)
    for number, entry in enumerate(entries, 1):
        if page.whole or number < len(entries):
            yield _listing(document.origin, page, entry)
    if not page.whole:
        yield Problem(document.origin, page.lines, "the page breaks off here: what followed is missing")
    elif not entries:
        yield Problem(document.origin, 1, "a page of Google Scholar without a result on it")


def _of_mail(page: Page) -> list[_Entry]:
    """Each title is a heading; what belongs to it follows beside it."""
    entries = []
    classed = page.tree.css_first(".gse_alrt_title, .gse_alrt_sni") is not None
    for heading in page.all("h3"):
        link = first(heading, "a")
        inside = link is not None and (classed or "scholar" in attribute(link, "href"))
        marked = link is None and _TYPE.match(text(heading))
        if inside or marked:
            entries.append(_beside(link, heading, classed))
    return entries


def _beside(link: "LexborNode | None", heading: "LexborNode", classed: bool) -> _Entry:
    """`classed`: the mail has its classes, so that nothing without one is a snippet."""
    byline = snippet = None
    notes: list[LexborNode] = []
    # What was wrapped, by a program that forwards mails, has its lines beside the wrapper.
    at = heading
    for _ in range(3):
        if at.next is not None or at.parent is None or at.parent.tag not in ("div", "td", "font", "span"):
            break
        at = at.parent
        if len(at.css("h3")) > 1:
            return _Entry(link, heading, None, None, [])
    following = at.next
    while (
        following is not None
        and following.tag != "h3"
        and not (following.is_element_node and following.css_first("h3"))
    ):
        if following.is_element_node and following.tag in ("div", "font", "p", "span", "table"):
            kind = attribute(following, "class")
            if "gse_alrt_sni" in kind:
                snippet = following
            elif byline is None and snippet is None and text(following):
                byline = following
            elif "border-top" in attribute(following, "style") or following.css_first("a[href*='scholar_alerts']"):
                break
            elif not (classed or snippet or kind or following.css_first("table, a")) and text(following):
                snippet = following
            elif text(following):
                notes.append(following)
        following = following.next
    return _Entry(link, heading, byline, snippet, notes)


def _of_page(page: Page) -> list[_Entry]:
    """The page of a search: `gs_rt` is the title, `gs_a` the line of names, `gs_rs` the snippet."""
    entries = []
    for box in page.all("div.gs_ri"):
        heading = first(box, "h3.gs_rt, .gs_rt")
        if heading is not None:
            link, foot, beside = first(heading, "a"), first(box, ".gs_fl"), box.parent
            files = first(beside, ".gs_or_ggsm") if beside is not None else None
            entries.append(_Entry(link, heading, first(box, ".gs_a"), first(box, ".gs_rs"), [], foot, files))
    return entries


def _of_links(page: Page) -> list[_Entry]:
    """What is left of a mail whose headings a mail program has rewritten: its links with words."""
    links = [one for one in page.all("a[href*='scholar_url']") if len(text(one)) > 10]
    return [_Entry(one, one, None, None, []) for one in links]


# ------------------------------------------------------------------------------------------------ one result

_TYPE: Final = pattern(r"\s*(?:\[([^\[\]\s]{1,20})\]\s*)+")
_LAST_TYPE: Final = pattern(r"\[([^\[\]\s]{1,20})\]")
_FILES: Final = {"PDF": "pdf", "HTML": "html"}


def _listing(file: str, page: Page, entry: _Entry) -> Listing | Problem:
    heading = text(entry.heading)
    marks = _TYPE.match(heading)
    title = text(entry.title) if entry.title is not None else heading[marks.end() if marks else 0 :]
    title = title[found.end() :] if (found := _TYPE.match(title)) and found.end() < len(title) else title
    line = line_of(entry.title if entry.title is not None else entry.heading)
    if not title:
        return Problem(file, line, f"a result without a title: '{heading[:60]}'")
    types = _LAST_TYPE.findall(marks[0]) if marks else []
    address = page.address(unwrapped(attribute(entry.title, "href")), "https://scholar.google.com")
    ids = named(address) if address else {}
    byline = _byline(text(entry.byline))
    ids |= {key: value for key, value in byline.ids.items() if key not in ids}
    details = byline.details | {"snippet": text(entry.snippet)}
    links: dict[str, str] = {}
    if address and not _is_scholar(address):
        links[next((_FILES[one.upper()] for one in types if one.upper() in _FILES), "url")] = address
    elif address:
        links["scholar"] = address
    for one in entry.files.css("a[href]") if entry.files is not None else ():
        # `[PDF] arxiv.org`: where a file of it is.
        kind = _TYPE.match(text(one))
        there = page.address(unwrapped(attribute(one, "href")))
        if kind and there:
            links.setdefault(_FILES.get(_LAST_TYPE.findall(kind[0])[0].upper(), "file"), there)
    if kinds := [one for one in types if one.upper() not in _FILES]:
        details["type"] = kinds[0].lower()
    for note in entry.notes:
        label, colon, rest = text(note).partition(":")
        if colon and rest.strip() and len(label) < 40:
            # `Cites: Learning to count`: the paper, or the author, because of whom this one is in the mail.
            details.setdefault("because", one_line(f"{label}: {rest.strip()}"))
    team = _team(byline.names)
    version = arxiv(address).version if (address and arxiv(address)) else None  # type: ignore[union-attr]  # it was asked
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids=ids,
        version=version,
        title=title,
        authors=team.names,
        authors_truncated=team.truncated,
        links=links,
        metrics=_metrics(entry.metrics),
        details={key: value for key, value in details.items() if value},
    )


def _is_scholar(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host.startswith("scholar.google.")


def _metrics(node: "LexborNode | None") -> dict[str, int]:
    """`Cited by 12`, by where the link leads: the words are of any language."""
    if node is None:
        return {}
    for link in node.css("a[href*='cites=']"):
        if "cites" in parse_qs(urlsplit(attribute(link, "href")).query) and (
            found := re.search(r"\d{1,9}", text(link))
        ):
            return {"citations": int(found[0])}
    return {}


def _team(told: str) -> Team:
    """Names with commas between, as Scholar has shortened them; `…` for those that it left out."""
    whole = told.rstrip(" .…")
    names = [name(one) for one in _COMMA.split(whole)]
    return Team(tuple(filter(None, names)), told.rstrip().endswith(("…", "...")))


_COMMA: Final = pattern(r"\s*[,，、]\s*")


class _Byline(NamedTuple):
    """`A Moreau, T Říha… - Journal of Counting, 2026 - example.org`, taken apart."""

    names: str
    details: dict[str, str]
    ids: dict[str, str]


_DASH: Final = pattern(r"(?:^|\s)[-–]\s")
_YEAR: Final = pattern(r"(?:^|,\s*|\s)((?:1[6-9]|20)\d\d)$")
_PREPRINT: Final = pattern(r"arXiv:\S+", re.IGNORECASE)


def _byline(told: str) -> _Byline:
    names, *rest = _DASH.split(told, maxsplit=2) if told else [""]
    details: dict[str, str] = {}
    ids: dict[str, str] = {}
    if not rest and _YEAR.fullmatch(names):
        names, rest = "", [names]
    if rest:
        venue = rest[0].strip()
        if year := _YEAR.search(venue):
            details["date"] = of_parts(year[1])[1]
            venue = venue[: year.start()].strip(" ,")
        details["venue"] = venue
        if found := _PREPRINT.search(venue):
            ids = named(found[0].rstrip(".,;…"))
    if len(rest) > 1:
        details["publisher"] = rest[1].strip()
    return _Byline(names.strip(), details, ids)
