"""What a section, a row, an item or a paragraph of notes says of a paper; nothing where it is about none.

A title is a link's text, or what is in bold, or in quotation marks, or the first sentence, in this order; what stands
around it is read as a reference is (digest.formats.references), and labelled lines by their labels.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from digest.formats import labels, markdown
from digest.formats.blocks import Block
from digest.formats.columns import named as column
from digest.formats.drafts import BARE_ID, Draft, people
from digest.formats.lines import Line
from digest.formats.markdown import Link
from digest.formats.references import cited, described, names, venue
from digest.formats.values import when
from digest.patterns import pattern
from digest.text import one_line

_LONGEST: Final = 20_000
"""Letters; what is longer is no entry of a list."""

# ------------------------------------------------------------------------------------------------ sections

_NUMBER: Final = pattern(
    r"^\s*(?:paper\s*)?(?:\[[A-Za-z-]*\d{1,4}\]|#?\d{1,4}\s*[.):：、]|\(\d{1,4}\)|#\d{1,4})\s*", re.IGNORECASE
)


def section(first: Block, own: list[Block]) -> tuple[Draft, list[Block]] | None:
    """The paper that a heading and the blocks under it are about, and the items among them that are others."""
    text = first.text[:_LONGEST] if first.kind == "heading" else ""
    head = labels.labelled(text)
    if head and head.field == "title":
        text = head.value
    found = [link for link in markdown.links(text) if not link.target.startswith("#")]
    led = [] if first.kind == "heading" else list(first.lines)
    told = [label for label in map(_label, [*led, *_lines(own, nested=False)]) if label]
    fields = {label.field for label in told}
    of_paper = [link for link in found if labels.is_paper(link)]
    linked = any(labels.is_paper(link) for label in told for link in markdown.links(label.value)) or "arxiv" in fields
    if not of_paper and not (fields & {"authors", "abstract"} and (linked or {"authors", "abstract"} <= fields)):
        return None
    draft = Draft()
    for link in (*of_paper, *found):
        draft.link(link)
    draft.title = _NUMBER.sub("", labels.tidy(markdown.plain(unbuttoned(text)))).strip()
    others: list[Block] = []
    lines: list[Line] = [*led, Line(first.line, "")]
    for block in own:
        if block.kind == "row" or (block.kind == "item" and _is_other(draft, block)):
            others.append(block)
        else:
            lines += [Line(block.line, _NEXT)] if block.kind == "item" else []
            lines += _lines([block], nested=True)
            lines += [Line(block.line, _NEXT)] if block.kind == "item" else []
    left = _read(draft, lines)
    if not draft.title and left and (not head or not head.value):
        draft.title, left = markdown.plain(left[0].text), left[1:]
    _leftovers(draft, left)
    return draft, others


def _is_other(draft: Draft, block: Block) -> bool:
    """Whether an item under a paper is about another one."""
    if labels.labelled(block.text):
        return False
    papers = [link for link in markdown.links(block.text) if labels.is_paper(link)]
    return bool(papers) and not labels.is_button(papers[0].text) and draft.conflicts(labels.named_by(papers[0].target))


def _lines(own: Iterable[Block], *, nested: bool) -> list[Line]:
    """The lines of text and of items; those under an item too, where `nested`."""
    found: list[Line] = []
    for block in own:
        if block.kind == "text":
            found += [*block.lines, Line(block.lines[-1].number, "")]
        elif block.kind == "item":
            found.append(Line(block.line, block.text))
            found += block.lines if nested else [line for line in block.lines if not markdown.item(line.text)]
    return found


def _label(line: Line) -> labels.Label | None:
    return labels.folded(line.text) or labels.labelled(line.text)


def _read(draft: Draft, lines: Iterable[Line]) -> list[Line]:
    """Take the labelled lines, each with what follows it up to where it ends; gives back those without a label."""
    field, value, left = "", [""], []
    for line in lines:
        text = line.text
        label = _label(line)
        if label and not label.marked and field == "abstract" and label.field.startswith("details:"):
            label = None  # an abstract in parts: Methods: …
        begun = any(part.strip() for part in value)
        if label or _ends(text, field, begun=begun):
            if field:
                draft.add(field, "\n".join(value))
            field, value = (label.field, [label.value]) if label else ("", [""])
            if not label and text.strip() and not _FOLD.match(text) and text != _NEXT:
                left.append(line)
        elif field:
            value.append(text)
        elif text.strip() and not markdown.fence(text):
            left.append(line)
    if field:
        draft.add(field, "\n".join(value))
    return left


def _ends(text: str, field: str, *, begun: bool) -> bool:
    """Whether a line without a label ends the field before it: the next item, a blank line, one of buttons alone."""
    if text == _NEXT or _FOLD.match(text):
        return True
    if not field or not begun:
        return False
    if not text.strip():
        return field != "abstract"
    return "](" in text and not re.search(r"\w", markdown.plain(unbuttoned(text)))


_NEXT: Final = "\f"
"""A line that stands between two items."""
_FOLD: Final = pattern(r"\s*</?(?:details|summary)\b[^<>]*>", re.IGNORECASE)


_DESCRIBED: Final = 60
"""So many lines without a label are looked at one by one; what follows them is a note."""


def _leftovers(draft: Draft, lines: list[Line]) -> None:
    """What has no label: links, names, a venue, and else a note."""
    draft.detail("note", markdown.plain(" ".join(line.text for line in lines[_DESCRIBED:])))
    for line in lines[:_DESCRIBED]:
        item = markdown.item(line.text)
        text = item.text if item else line.text
        for link in markdown.links(text):
            draft.link(link)
        told = _bare(text)
        if told and not draft.team.names and _ITALIC.fullmatch(text.strip()) and not venue(told) and not _prose(told):
            draft.team = people(told)
        elif told and not (draft.title and told == draft.title):
            draft.describe(described(told)._replace(title=""))


_ITALIC: Final = pattern(r"\*[^*\n]+\*|_[^_\n]+_")


def _prose(text: str) -> bool:
    words = text.replace(",", " ").split()
    return sum(map(str.islower, words)) * 3 > len(words)


# ------------------------------------------------------------------------------------------------ rows

_COLUMNS: Final = {
    **dict.fromkeys("paper papers papername papertitle work article name method model 论文 标题 题目".split(), "title"),
    **dict.fromkeys("tldr summary summaries takeaway takeaways overview 总结 简介".split(), "details:summary"),
    **dict.fromkeys("authors author firstauthor 作者".split(), "authors"),
    **dict.fromkeys("abstract 摘要".split(), "abstract"),
    **dict.fromkeys("arxiv arxivid id".split(), "arxiv"),
    **dict.fromkeys("link links url paperlink paperurl abs readmore source arxivlink 链接 论文链接".split(), "link"),
    **dict.fromkeys("pdf download".split(), "pdf"),
    **dict.fromkeys("code github repo 代码".split(), "code"),
    **dict.fromkeys("project projectpage website demo".split(), "project"),
    **dict.fromkeys("comment comments".split(), "comments"),
}
_FIRM: Final = frozenset(("title", "papertitle", "papername", "paper", "papers", "标题", "题目", "论文"))
_CARRIED: Final = ("venue", "published", "created", "updated", "categories", "doi", "pmid")


def _field(name: str) -> str:
    """The field that a column of a table has, by its header; empty where nobody knows."""
    bare = re.sub(r"[\W_]+", "", markdown.plain(name)).lower()
    if bare in _COLUMNS:
        return _COLUMNS[bare]
    found = column(bare) or ""
    if found in ("year", "full_authors", "keywords"):
        return {"year": "published", "full_authors": "authors"}.get(found, "categories")
    if found in ("abstract", "description"):
        return "details:summary"
    return found if found in (*_CARRIED, "title", "authors") else ""


def row(block: Block) -> Draft | str | None:
    """The paper of a table's row; what is wrong with one; None for a row of a table of other things."""
    fields, firm = _header(block.columns)
    known = set(fields) - {""}
    if "title" not in known or (not firm and not known & {"link", "pdf", "arxiv", "doi"}) or len(known) < 2:
        return None
    cells = _fitted(block.text, fields)
    if not any(cells):
        return None
    if len(block.text) > MOST_OF_A_ROW:
        return f"a row of more than {MOST_OF_A_ROW >> 10} kB: '{block.text[:60]}'"
    draft = Draft()
    titles: list[tuple[str, str]] = []
    for name, field, cell in zip(block.columns, fields, cells, strict=False):
        if field == "title":
            titles.insert(0 if _is_firm(name) else len(titles), (name, cell))
        elif field and cell and markdown.plain(cell).lower() not in _EMPTY:
            draft.add(field, cell)
        elif cell and markdown.plain(cell).lower() not in _EMPTY:
            _other_cell(draft, name, cell)
    _titled_row(draft, titles)
    papers = any(labels.is_paper(link) for cell in cells for link in markdown.links(cell))
    if not draft.title:
        return f"a row without a title: '{one_line(block.text)[:60]}'" if papers or draft.ids else None
    return draft if papers or draft.ids or known & {"authors", "abstract", "details:summary"} else None


@lru_cache(maxsize=16)
def _header(columns: tuple[str, ...]) -> tuple[list[str], bool]:
    """The fields of a table's columns, and whether one of them is surely the title's."""
    return [_field(name[:200]) for name in columns], any(_is_firm(name[:200]) for name in columns)


def _is_firm(name: str) -> bool:
    return re.sub(r"[\W_]+", "", markdown.plain(name)).lower() in _FIRM


MOST_OF_A_ROW: Final = 1 << 16
_EMPTY: Final = frozenset(("", "null", "none", "-", "--", "—", "n/a", "na", "nan", "/", "tbd", "❌", "✗"))


def _fitted(row: str, fields: list[str]) -> list[str]:
    """As many cells as there are columns: bars in formulas part none; what is still too much is the longest text's."""
    cells = markdown.cells(row)
    if len(cells) > len(fields) and "$" in row:
        cells = markdown.cells(_FORMULA.sub(lambda found: found[0].replace("|", "\\|"), row))
    surplus = len(cells) - len(fields)
    if surplus <= 0:
        return cells + [""] * -surplus
    place = next((n for n, field in enumerate(fields) if field in ("abstract", "details:summary")), len(fields) - 1)
    return [*cells[:place], " | ".join(cells[place : place + surplus + 1]), *cells[place + surplus + 1 :]]


_FORMULA: Final = pattern(r"(?<![\\$])\$[^$\n]{1,500}\$(?!\$)")


def _titled_row(draft: Draft, titles: list[tuple[str, str]]) -> None:
    """The title in the first cell that has one; what else stands in it."""
    for name, cell in titles:
        found = markdown.links(cell)
        for link in found:
            draft.link(link)
        bold = _bold(cell)
        told = labels.tidy(markdown.plain(unbuttoned(bold[0] if bold else _links_out(cell, found))))
        told = _NUMBER.sub("", told)
        if told and not draft.title:
            draft.title = told
            if bold:
                before, _, after = bold[1].partition("\n")
                _around(draft, _NUMBER.sub("", before), after)
        elif told:
            draft.detail(_spelled(name), told)


def _spelled(name: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", markdown.plain(name[:200]))).lower()[:60] or "other"


def _links_out(cell: str, found: Sequence[Link]) -> str:
    """A cell without bare addresses."""
    for link in reversed(found):
        if link.bare:
            cell = cell[: link.start] + cell[link.end :]
    return cell


def _other_cell(draft: Draft, name: str, cell: str) -> None:
    """A column that nobody knows: its links are kept, or its text under its name."""
    found = markdown.links(cell)
    for link in found:
        draft.link(link)
    if not found:
        draft.detail(_spelled(name), markdown.plain(cell)[:2000])


# ------------------------------------------------------------------------------------------------ items


def item(block: Block) -> tuple[Draft | None, list[Block]]:
    """The paper that an item is about, or None; and the items in it that stand for themselves."""
    if len(block.text) > _LONGEST or is_idle(block.text):
        return None, []  # a line of a table of contents, and what is told of it there
    own, under = _own(block)
    nested = _nested(under)
    label = labels.labelled(own)
    if label and label.field in ("title", "link", "pdf", "arxiv", "doi", "pmid"):
        own = label.value
    draft = _draft(own)
    fields = {label.field for one in nested if (label := labels.labelled(one.text))}
    if draft is None and not (fields & {"authors", "abstract"} and len(fields) > 1):
        return None, nested
    if draft is None:
        draft = Draft()
        _headline(draft, own)
    others = [one for one in nested if _is_other(draft, one)]
    lines = [
        line
        for one in nested
        if one not in others
        for line in (Line(one.line, _NEXT), Line(one.line, one.text), *one.lines)
    ]
    loose = [line for line in under if not nested]
    _leftovers(draft, _read(draft, [*loose, *lines]))
    return draft, others


def _own(block: Block) -> tuple[str, list[Line]]:
    """An item's own text, and the lines of what is nested in it."""
    own = [block.text]
    for at, line in enumerate(block.lines):
        if line.blank or markdown.item(line.text) or labels.labelled(line.text) or labels.folded(line.text):
            return "\n".join(own), list(block.lines[at:])
        own.append(line.text.strip())
    return "\n".join(own), []


def _nested(lines: list[Line]) -> list[Block]:
    """The items among lines, each with what is under it; paragraphs among them are items too."""
    found: list[tuple[Line, int, list[Line]]] = []
    for line in lines:
        told = markdown.item(line.text)
        if told and (not found or told.indent <= found[-1][1]):
            found.append((Line(line.number, told.text), told.indent, []))
        elif found:
            found[-1][2].append(line)
        elif not line.blank:
            found.append((Line(line.number, line.text.strip()), 1000, []))
    return [Block("item", line.number, line.text, tuple(under), indent) for line, indent, under in found]


def _draft(own: str) -> Draft | None:
    """The paper that a text names by a link or an id; None where it names none."""
    if len(own) > _LONGEST:
        return None
    found = markdown.links(own)
    papers = [link for link in found if labels.is_paper(link)]
    draft = Draft()
    for link in (*papers, *(link for link in found if not link.target.startswith("#"))):
        draft.link(link)
    bare = _without(own, found)
    for told in _IDS.finditer(bare):
        draft.identify(told[0].replace("arXiv preprint ", "").rstrip(".,;"))
    if not papers and not draft.ids:
        return None
    _headline(draft, _IDS.sub(" ", own) if draft.ids and not papers else own)
    return draft


_IDS: Final = pattern(
    rf"(?:arXiv preprint\s+)?{BARE_ID.pattern.replace('(?:arxiv', '(?:arXiv', 1).replace(')?', ')', 1)}"
    r"|\bdoi:\s?10\.\d{4,9}/[^\s|<>\"]+|(?<![\w/.])10\.\d{4,9}/[^\s|<>\"\])]+|\bPMID:?\s?\d{5,9}\b",
    re.IGNORECASE,
)


def _without(text: str, found: Sequence[Link]) -> str:
    for link in reversed(found):
        text = f"{text[: link.start]} {text[link.end :]}"
    return text


_BREAK: Final = pattern(r"<br\s*/?>|<p>|</p>", re.IGNORECASE)
_BOLD: Final = pattern(
    r"(?:\*\*|__|<b>|<strong>)(?P<text>(?:(?!\*\*|__|</b>|</strong>).){2,600}?)(?:\*\*|__|</b>|</strong>)", re.DOTALL
)
_LEAD: Final = pattern(r"^\W*(?P<date>\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?)[\])]?[\s,:：|-]+")
_PLACE: Final = pattern(r"^\s*(?:[^\w\s\[(*]{1,3}\s*)?[\[(](?P<place>[^\[\]()]{2,60})[\])](?!\()[\s:,-]*")


def _bold(text: str) -> tuple[str, str] | None:
    """What is in bold and may be a title, and what stands around it."""
    for found in _BOLD.finditer(text):
        told = markdown.plain(_without(found["text"], [x for x in markdown.links(found["text"]) if x.bare]))
        if len(told.strip(" .:,|[]()")) > 3 and not labels.is_button(told) and not when(told)[0]:
            return found["text"], f"{text[: found.start()]}\n{text[found.end() :]}"
    return None


def _headline(draft: Draft, own: str) -> None:
    """The title of a text, and what else it says."""
    own = _BREAK.sub("\n", own)
    if (lead := _LEAD.match(own)) and (day := when(lead["date"])) != (None, ""):
        draft.days.setdefault("published", day)
        own = own[lead.end() :]
    if (place := _PLACE.match(own)) and (where := venue(place["place"])):
        draft.detail("venue", where[0])
        draft.days.setdefault("published", where[1]) if where[1] != (None, "") else None
        own = own[place.end() :]
    found = markdown.links(own)
    titles = [link for link in found if not link.bare and not labels.is_button(link.text) and len(link.text) > 3]
    titles.sort(key=lambda link: not labels.is_paper(link))
    bold = _bold(own)
    if titles and (not bold or (labels.is_paper(titles[0]) and not _is_aside(titles[0].text))):
        title = titles[0]
        draft.title = _trimmed(title.text)
        before, after = own[: title.start], own[title.end :]
        _around(draft, before, after)
    elif bold:
        draft.title = _trimmed(markdown.plain(unbuttoned(bold[0])))
        before, _, after = bold[1].partition("\n")
        _around(draft, before, after)
    else:
        draft.describe(cited(_bare(own)))
        draft.title = _trimmed(draft.title)


def _is_aside(text: str) -> bool:
    return bool(names(text) or venue(text))


def _trimmed(title: str) -> str:
    return one_line(title).strip(' "“”|').rstrip(",;:").removesuffix("." if not title.rstrip().endswith("..") else "\0")


def _around(draft: Draft, before: str, after: str) -> None:
    for part in (before, after):
        if told := _bare(part):
            draft.describe(described(told)._replace(title=""))


def _bare(text: str) -> str:
    """A text as plain lines, without addresses, buttons, and what announces them."""
    text = unbuttoned(_BREAK.sub("\n", text))
    told = "\n".join(labels.tidy(markdown.plain(line)) for line in text.split("\n"))
    told = _ANNOUNCED.sub("", _STARS.sub("", told))
    return told.strip(" \n\t,;:|*–—-") if re.search(r"\w", told) else ""


_STARS: Final = pattern(r"\*{2,}|_{2,}|`{2,}")
_ANNOUNCED: Final = pattern(
    r"(?:^|(?<=[\s,;|(]))(?:papers?|code|project(?: page)?|links?|pdf|arxiv|github|doi|url|website|page|"
    r"blog|video|slides|demo|homepage|dataset|data|official|available at|read more)\s*[:：]\s*(?=$|[\s,;|)]*$|[,;|)])",
    re.IGNORECASE | re.MULTILINE,
)


def unbuttoned(text: str) -> str:
    """Markdown without the links that are buttons, bare, or lead to a place in the same document."""
    for link in reversed(markdown.links(text)):
        if link.bare or link.target.startswith("#") or labels.is_button(link.text):
            text = text[: link.start] + text[link.end :]
    return text


# ------------------------------------------------------------------------------------------------ paragraphs


def is_idle(text: str) -> bool:
    """Whether a text says nothing: badges, anchors, a line of a table of contents."""
    if len(text) > _LONGEST:
        return False
    found = markdown.links(text)
    bare = re.sub(r"[\W\d_]+", "", markdown.plain(_without(text, found)))
    inner = all(link.target.startswith(("#", "../", "./")) or not link.text for link in found)
    return (not bare and inner) or (bool(found) and inner and len(bare) < 60 and found[0].start < 12)


def ids_alone(block: Block) -> list[tuple[int, Draft | str]]:
    """The ids of a paragraph that has one on each line, bare or as an address, and nothing else; a line among them that
    is none, as it stands there. Empty for a paragraph most of which is something else.
    """
    found: list[tuple[int, Draft | str]] = [(line.number, _alone(line.text) or line.text) for line in block.lines]
    return found if sum(isinstance(one, Draft) for _, one in found) * 2 > len(found) else []


def _alone(line: str) -> Draft | None:
    text = line.strip().strip("<>,;")
    if not text or " " in text.replace("arXiv: ", "").split("[")[0].strip() or len(text) > 300:
        return None
    draft = Draft()
    for link in markdown.links(text):
        draft.link(link)
    return draft if draft.ids or draft.identify(text) else None


def paragraph(block: Block) -> list[tuple[int, Draft | str]]:
    """The papers of a paragraph without a mark: an address on each line, or one for all of it."""
    if found := ids_alone(block):
        return found
    linked = [any(labels.is_paper(link) for link in markdown.links(line.text)) for line in block.lines]
    if len(block.text) > _LONGEST or not any(linked):
        return []
    if all(linked) and all(_stands_apart(line.text) for line in block.lines):
        drafts = [(line.number, _draft(line.text.strip())) for line in block.lines]
    elif sum(linked) == 1 and len(block.lines) <= 12 and _stands_apart(block.lines[linked.index(True)].text):
        drafts = [(block.line, _draft(block.text))]
    else:
        return []
    return [(line, draft) for line, draft in drafts if draft]


def _stands_apart(text: str) -> bool:
    """Whether the address of a paper begins or ends a line, and is not in the midst of a sentence."""
    papers = [link for link in markdown.links(text) if labels.is_paper(link)]
    before, behind = text[: papers[0].start].strip(' *_-"“(['), text[papers[-1].end :].strip(" .,;:)]*_|—–-")
    if len(text) > 1200 or (
        not before and labels.is_button(papers[0].text) and not papers[0].bare and len(behind) > 60
    ):
        return False
    return not before or not behind or bool(venue(behind) or names(behind))
