"""A Markdown document as a stream of blocks: headings, items with what stands under them, rows of tables, paragraphs.

Code, comments and the front matter list nothing and are passed over, up to where they end; one that does not end is
told. The nesting of lists is known by indentation, as people write it, which is looser than CommonMark's rules.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from digest.formats import markdown
from digest.formats.lines import Line, Lines
from digest.patterns import pattern

Kind = Literal["heading", "item", "row", "text", "rule", "front", "open"]

MOST_LINES: Final = 2000
"""So many lines are held as one block; what is longer goes on in the next."""


class Block(NamedTuple):
    kind: Kind
    line: int
    text: str
    """A heading's words, an item's first line, a row's cells as they stand there, a paragraph's lines."""
    lines: tuple[Line, ...] = ()
    """Under an item: the lines that follow its first one."""
    level: int = 0
    """Of a heading, 1 to 6, and 7 for what only looks like one; of an item its indentation."""
    columns: tuple[str, ...] = ()
    """The header of the table that a row stands in."""


def blocks(lines: Lines) -> Iterator[Block]:
    """The blocks of a document, in their order."""
    yield from _front(lines)
    while line := lines.take():
        text = markdown.unquoted(line.text)
        if not text.strip():
            continue
        if opened := _opening(text):
            yield from _skipped(lines, line, *opened)
        elif found := markdown.heading(text):
            yield Block("heading", line.number, found.text, level=found.level)
        elif markdown.is_rule(text):
            yield Block("rule", line.number, text)
        elif item := markdown.item(text):
            yield _item(lines, line, item)
        elif (
            "|" in text and (following := lines.peek(1)) and markdown.is_delimiter(markdown.unquoted(following[0].text))
        ):
            yield from _rows(lines, text)
        else:
            yield from _paragraph(lines, Line(line.number, text))


def _front(lines: Lines) -> Iterator[Block]:
    """What stands between two rules at the head of a document (front matter, as static sites have it)."""
    ahead = lines.peek(100)
    if ahead and ahead[0].text.strip() == "---":
        end = next((n for n, one in enumerate(ahead[1:], 1) if one.text.strip() in ("---", "...")), 0)
        if end and all(_KEY.match(one.text) or one.blank for one in ahead[1:end]):
            taken = lines.take_while(lambda one: one.number <= ahead[end].number, end + 1)
            yield Block("front", ahead[0].number, "\n".join(one.text for one in taken[1:-1]))


_KEY: Final = pattern(r"\s*(?:[\w-]+:|- |#|\s)")


# ------------------------------------------------------------------------------------------------ what is passed over


def _opening(text: str) -> tuple[str, str] | None:
    """What a block of code or a comment that begins here is called, and what closes it."""
    if mark := markdown.fence(text):
        return "a block of code", mark
    bare = text.lstrip()
    if bare.startswith("<!--") and "-->" not in bare[4:]:
        return "a comment", "-->"
    return None


def _skipped(lines: Lines, first: Line, what: str, closing: str) -> Iterator[Block]:
    links = False
    while line := lines.take():
        text = markdown.unquoted(line.text)
        if closing == "-->":
            if closing in text:
                return
        elif (
            (mark := markdown.fence(text))
            and mark[0] == closing[0]
            and len(mark) >= len(closing)
            and text.strip() == mark
        ):
            return
        links = links or "://" in text
    if links:
        yield Block("open", first.number, what)


# ------------------------------------------------------------------------------------------------ lists and tables


def _item(lines: Lines, first: Line, item: markdown.Item) -> Block:
    """An item with all that is indented under it, and with the lines that go on with its own text."""
    kept: list[Line] = []
    blank = False
    while len(kept) < MOST_LINES and (ahead := lines.peek(1)):
        text = markdown.unquoted(ahead[0].text)
        if not text.strip():
            blank = True
        else:
            indent = _indent(text)
            other = markdown.item(text)
            if other and other.indent <= item.indent:
                break
            if indent <= item.indent and (blank or markdown.heading(text) or markdown.is_rule(text) or _opening(text)):
                break
            if markdown.fence(text) and not _fits(lines, kept, markdown.fence(text)):
                break
            blank = False
        lines.take()
        kept.append(Line(ahead[0].number, text))
    while kept and kept[-1].blank:
        kept.pop()
    return Block("item", first.number, item.text, tuple(kept), item.indent)


def _fits(lines: Lines, kept: list[Line], mark: str) -> bool:
    """Take a block of code inside of an item, which lists nothing; False where it does not end."""
    ahead = lines.peek(200)
    end = next((n for n, one in enumerate(ahead[1:], 1) if markdown.fence(one.text)[:3] == mark[:3]), 0)
    if end:
        lines.take_while(lambda one: one.number < ahead[end].number, end)
    return bool(end)


def _indent(text: str) -> int:
    wide = text.expandtabs(4)
    return len(wide) - len(wide.lstrip())


def _rows(lines: Lines, header: str) -> Iterator[Block]:
    """The rows of a table; one whose cells go on on the next lines, as generators write them, is one row."""
    columns = tuple(markdown.cells(header))
    lines.take()
    while (ahead := lines.peek(1)) and _is_row(markdown.unquoted(ahead[0].text)):
        taken = lines.take()
        assert taken is not None
        row = markdown.unquoted(taken.text)
        more = 0
        while len(markdown.cells(row)) < len(columns) and more < 50 and (ahead := lines.peek(1)):
            text = markdown.unquoted(ahead[0].text)
            if not text.strip() or text.lstrip().startswith("|") or markdown.heading(text):
                break
            row = f"{row}\n{text}"
            more += 1
            lines.take()
        yield Block("row", taken.number, row, columns=columns)


def _is_row(text: str) -> bool:
    return "|" in text and not markdown.heading(text) and not markdown.item(text)


def _paragraph(lines: Lines, first: Line) -> Iterator[Block]:
    """The lines up to the next blank one; a heading that is underlined, or one that is a line in bold."""
    kept = [first]
    while len(kept) < MOST_LINES and (ahead := lines.peek(1)) and not ahead[0].blank:
        text = markdown.unquoted(ahead[0].text)
        if len(kept) == 1 and set(text.strip()) == {"="}:
            lines.take()
            yield Block("heading", first.number, first.text.strip(), level=1)
            return
        if markdown.heading(text) or markdown.is_rule(text) or markdown.item(text) or _opening(text):
            break
        if "|" in text and len(following := lines.peek(2)) > 1 and markdown.is_delimiter(following[1].text):
            break
        lines.take()
        kept.append(Line(ahead[0].number, text))
    if _BOLD.match(kept[0].text):
        yield Block("heading", kept[0].number, kept[0].text.strip(), level=7)
        kept = kept[1:]
    if kept:
        yield Block("text", kept[0].number, "\n".join(one.text for one in kept), tuple(kept))


_BOLD: Final = pattern(r"\s*(?:\d{1,4}[.)]\s*)?(\*\*|__)[^*_\n]{4,400}[^*_:：\n]\1\s*$")
