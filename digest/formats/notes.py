"""Notes of papers in Markdown, in whatever of its three shapes a person or a program writes them, also mixed:

    ### [Title](https://arxiv.org/abs/…)     a section: a heading, and labelled lines under it
    | Title | Authors | Link |               a row of a table with a header
    - [Title](https://…) — authors           an item of a list, with what stands under it

Headings above them are categories, or the day. `shape` says which of the three a document has most of; the formats
`daily_markdown`, `markdown_table` and `reading_list` are one each, and each reads all three.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from digest.errors import SourceError
from digest.formats import entries, labels, markdown
from digest.formats.blocks import Block, blocks
from digest.formats.drafts import Draft, day_in
from digest.formats.head import Head, head_of
from digest.formats.lines import LONGEST_LINE, Lines
from digest.formats.signs import Sign
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from digest.formats.values import Day

Shape = Literal["section", "row", "item"]
_Unit = tuple[str, Listing | Problem | None]
"""What a part of a document was taken for, and what came of it: `other` lists nothing."""

_SECTION: Final = 300
"""So many blocks are looked at to tell whether a section is one paper."""


# ------------------------------------------------------------------------------------------------ what it is


class Seen(NamedTuple):
    shape: Shape
    sign: Sign
    loose: bool
    """Its papers stand in paragraphs, without a mark of Markdown."""


def shape(head: Head) -> Seen | None:
    """Which notes a document is; None where most of it is something else, though it may name papers."""
    text = head.text if head.whole else head.text.rpartition("\n")[0]
    first = _TAG.match(markdown.uncommented(text[:5000]))
    if (first and first[1].lower() not in _INLINE) or not _HINTS.search(text) or _PAGES.search(text):
        return None
    return _shape(text)


_TAG: Final = pattern(r"\s*<([A-Za-z!?][\w:-]*)(?![\w:-]*://)")
_INLINE: Final = frozenset(
    "a b br center details div em font h1 h2 h3 hr i img p picture span strong sub sup summary table".split()
)
"""With which elements of HTML a document in Markdown may begin; any other is one of HTML, or of XML."""
_PAGES: Final = pattern(
    r"^\\\\\n|^\s{0,4}(?:\[\d+\]\s*)?arXiv:\S+[^\n]{0,60}\[\s*(?:pdf|ps|html|other)\b"
    r"|^PMID: \d|^\s{0,4}\[?Submitted (?:on )?\d{1,2} [A-Z]",
    re.MULTILINE,
)
"""What arXiv's own texts have, which label titles and authors too."""
_HINTS: Final = pattern(r"://|\]\(|arxiv|10\.\d{4}|(?:abstract|authors?|摘要|作者)\W{0,4}[:：]", re.IGNORECASE)


@lru_cache(maxsize=4)
def _shape(text: str) -> Seen | None:
    document = Document(origin="", open=partial(BytesIO, text.encode("utf-8", "replace")))
    for loose in (False, True):
        try:
            counts = Counter(kind for kind, _ in _units(document, "", loose=loose))
        except SourceError:
            return None
        if seen := _told(counts, loose=loose):
            return seen
    return None


def _told(counts: Counter[str], *, loose: bool) -> Seen | None:
    papers = sum(counts[kind] for kind in ("section", "row", "item", "id", "loose", "titled"))
    other = counts["other"]
    if counts["alone"] and (counts["alone"] + counts["id"]) * 4 >= 3 * (papers + counts["alone"] + other):
        return Seen("item", Sign.CERTAIN, loose)
    other += counts["alone"]  # pages of abstracts have their ids on lines of their own
    # A section says more than a line with a link does.
    least = 0.5 if loose else 0.2 if counts["section"] > 1 else 0.3
    if not papers or papers < (papers + other) * least or (papers == 1 and other > 3):
        return None
    if counts["id"] == papers + other:
        return Seen("item", Sign.CERTAIN, loose)
    if counts["loose"] * 2 > papers:
        return Seen("item", Sign.CERTAIN if other * 4 <= papers else Sign.LIKELY, loose)
    sections = counts["section"] + counts["titled"]
    ranked: list[tuple[int, Shape]] = [
        (sections, "section"),
        (counts["row"], "row"),
        (counts["item"] + counts["id"], "item"),
    ]
    _, best = max(ranked, key=lambda pair: pair[0])
    return Seen(best, Sign.CERTAIN, loose)


def detect(head: Head, shape_of: Shape) -> Sign | None:
    """How sure it is that a document is notes, most of them of that shape."""
    seen = shape(head)
    return seen.sign if seen and seen.shape == shape_of else None


def parse(document: Document, format: str) -> Iterator[Listing | Problem]:
    """The papers of a document in their order; one Problem for all that are an id and nothing else."""
    seen = shape(head_of(document))
    hollow, first, nothing = 0, 0, True
    for _, found in _units(document, format, loose=seen.loose if seen else True):
        if isinstance(found, Listing) and not found.title and not found.abstract:
            hollow += 1
            first = first or found.position.line
        if found:
            nothing = False
            yield found
    if nothing:
        yield Problem(document.origin, None, "looks like notes of papers, and none of them can be read")
    if hollow:
        what = "1 entry is an id" if hollow == 1 else f"{hollow} entries are ids"
        yield Problem(document.origin, first, f"{what} without a title: what it is about cannot be known from it")


# ------------------------------------------------------------------------------------------------ reading


class _Above:
    """The headings above a paper: what they say of it."""

    def __init__(self, file: str, format: str) -> None:
        self.file = file
        self.format = format
        self._stack: list[tuple[int, str, Day]] = []
        self._day: Day = (None, "")
        self._headings = 0

    def heading(self, block: Block) -> None:
        self._headings += 1
        while self._stack and self._stack[-1][0] >= block.level:
            self._stack.pop()
        text = markdown.plain(entries.unbuttoned(block.text[:2000])).strip(" :")
        day = day_in(text)
        # The first heading is the document's title; it may tell the day.
        title = self._headings == 1 and block.level == 1
        if day[0] and (title or not self._stack):
            self._day = day
        named = "" if title or day[0] or _GENERIC.fullmatch(text) else _KEYWORD.sub("", text)
        self._stack.append((block.level, named[:200], day))

    def front(self, text: str) -> None:
        if found := re.search(r"^(?:date|published)\s*:\s*[\"']?([^\n\"']+)", text, re.MULTILINE):
            self._day = day_in(found[1])

    def made(self, draft: Draft, line: int, more: tuple[str, ...] = ()) -> Listing | Problem:
        """The listing that a draft has become, or what it lacks."""
        position = Position(self.file, line)
        if draft.hollow and not draft.ids:
            told = next(iter(draft.links.values()), "") or next(iter(draft.details.values()), "")
            return Problem(self.file, line, f"a paper without a title or an id: '{told[:60]}'")
        categories = [text for _, text, _ in self._stack if text] + list(more)
        day = next((day for _, _, day in reversed(self._stack) if day[0]), self._day)
        return draft.made(position, self.format, categories, day)


_GENERIC: Final = pattern(
    r"(?:\W*(?:table of contents?|contents?|toc|papers?|paper list|latest papers?|list of papers|reading list|"
    r"all papers|references?|bibliography|目录|论文列表|papers? (?:for|of) .*|(?:new )?(?:submissions|listings) for .*|"
    r"today:? ?\d* ?papers?|\d+ papers?)\W*)?",
    re.IGNORECASE,
)
_KEYWORD: Final = pattern(r"^(?:keyword|topic|category|subject|关键词|类别)s?\s*[:：]\s*", re.IGNORECASE)


def _units(document: Document, format: str, *, loose: bool) -> Iterator[_Unit]:
    with Lines(document) as lines:
        above = _Above(document.origin, format)
        pending: list[Block] = []
        titled = False
        for block in blocks(lines):
            while lines.oversize:
                number = lines.oversize.popleft()
                what = f"a line of more than {LONGEST_LINE >> 10} kB: what stands there was left out"
                yield "other", Problem(document.origin, number, what)
            titled = block.kind == "text" and _is_titled(block)
            if block.kind == "heading" or titled or len(pending) >= _SECTION:
                yield from _section(above, pending, loose=loose)
                pending = []
            if block.kind == "heading" or titled or pending:
                pending.append(block)
            else:
                yield from _block(above, block, loose=loose)
        yield from _section(above, pending, loose=loose, last=True)
        while lines.oversize:
            number = lines.oversize.popleft()
            yield "other", Problem(document.origin, number, f"a line of more than {LONGEST_LINE >> 10} kB was left out")


def _is_titled(block: Block) -> bool:
    """Whether a paper begins here with its title, labelled: `Title: …`."""
    label = labels.labelled(block.lines[0].text)
    return bool(label and label.field == "title" and label.value.strip())


def _section(above: _Above, pending: list[Block], *, loose: bool, last: bool = False) -> Iterator[_Unit]:
    """A heading, or a labelled title, and what stands under it: one paper, or what each block is by itself. Nothing
    follows the `last` one.
    """
    if not pending:
        return
    first, under = pending[0], pending[1:]
    end = next((n for n, block in enumerate(under) if block.kind == "rule"), len(under))
    own, rest = under[:end], under[end + 1 :]
    titled = first.kind == "text"
    if found := entries.section(first, own):
        draft, others = found
        if last and _breaks_off(own):
            what = f"the document breaks off in this paper: '{draft.title[:60]}'"
            yield "section", Problem(above.file, first.line, what)
            return
        yield "titled" if titled else "section", above.made(draft, first.line)
    else:
        others = [first, *under] if titled else under
        rest = []
        if not titled:
            above.heading(first)
    for block in (*others, *rest):
        yield from _block(above, block, loose=loose)


def _breaks_off(own: list[Block]) -> bool:
    """Whether a part that was opened is not closed."""
    text = "\n".join((*(block.text for block in own), *(line.text for block in own for line in block.lines))).lower()
    return text.count("<details") > text.count("</details")


def _block(above: _Above, block: Block, *, loose: bool) -> Iterator[_Unit]:
    if block.kind == "front":
        above.front(block.text)
    elif block.kind == "open":
        what = f"{block.text} that begins here does not end: nothing behind it was read"
        yield "other", Problem(above.file, block.line, what)
    elif block.kind == "row":
        draft = entries.row(block)
        if isinstance(draft, str):
            yield "row", Problem(above.file, block.line, draft)
        else:
            yield ("row", above.made(draft, block.line)) if draft else ("", None)
    elif block.kind == "item":
        yield from _item(above, block, ())
    elif block.kind == "text":
        yield from _text(above, block, loose=loose)
    elif block.kind == "heading":
        above.heading(block)


def _item(above: _Above, block: Block, more: tuple[str, ...]) -> Iterator[_Unit]:
    """A paper with what stands under it; or the name of a group, and the items in it."""
    draft, others = entries.item(block)
    if draft:
        yield ("id" if draft.hollow and draft.ids else "item"), above.made(draft, block.line, more)
        below = more
    else:
        yield "" if entries.is_idle(block.text) or others else "other", None
        name = markdown.plain(entries.unbuttoned(block.text[:500])).strip(" :")
        below = (*more, name) if name and len(block.text) < 500 and len(name) < 100 and len(more) < 5 else more
    for other in others:
        yield from _item(above, other, below)


def _text(above: _Above, block: Block, *, loose: bool) -> Iterator[_Unit]:
    found = entries.paragraph(block) if loose else entries.ids_alone(block)
    for line, draft in found:
        if isinstance(draft, str):
            yield "other", Problem(above.file, line, f"no id of a paper: '{draft.strip()[:60]}'")
            continue
        yield ("alone" if draft.hollow and draft.ids else "loose"), above.made(draft, line)
    if not found:
        yield ("" if entries.is_idle(block.text) else "other"), None
