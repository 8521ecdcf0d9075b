"""Templates that are rendered, styled and quoted once, with holes where each reader's own words go.

A hole is a character that cleaning takes out of every text (`digest.text.clean`), so none comes from a source. What
has holes is filled in later and only then quoted; all other lines are ready to travel.
"""

from collections.abc import Hashable
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, NamedTuple, TypeVar

from markupsafe import Markup

from digest.patterns import pattern
from digest.rendering.environment import environment, source
from digest.rendering.mail.quoted import coded, folded

HOLES = tuple(Markup(chr(code)) for code in range(0xFDD0, 0xFDEE))
BLOCK = Markup("\ufdef")
"""The hole of what stands between the two parts of a form: a mail's papers."""

HOLE = pattern("[\ufdd0-\ufded]")

T = TypeVar("T", bound=tuple[Any, ...])


Lines = tuple[bytes | str | tuple[str, int, str], ...]
"""Lines that are ready, each with its end, and lines with holes. One with a single hole, as most are, stands as what
is before it, the hole, and what is after it.
"""


class Form(NamedTuple):
    """A rendered template: lines that are quoted already, and lines with holes, which are coded but not yet folded."""

    head: Lines
    foot: Lines | None
    """What comes after the block; None where the template has none."""
    holes: frozenset[int]
    """The code points of all holes in these lines."""
    attributes: frozenset[int]
    """Those that stand in attributes."""
    marked_up: bool


def filled(template: str, own: str | None, values: T) -> tuple[bytes, bytes | None]:
    """`template` printed with `values`, a NamedTuple, in quoted-printable: what comes before the block and after it.

    The texts among the values, and those in tuples among them, are the reader's own; all else, and Markup, is part
    of the form. Both parts end in a line break, or are empty; the second is None where the template has no block.
    """
    shape, words = punched(values)
    made = form(template, own, shape)
    codes = {}
    for hole in made.holes:
        text = words[hole]
        if made.marked_up:
            text = escaped(text, attribute=hole in made.attributes)
        codes[hole] = coded(text)
    done: dict[Hashable, bytes] = {}  # a line that stands twice, as the way out does, is made once
    return joined(made.head, codes, done), None if made.foot is None else joined(made.foot, codes, done)


def joined(lines: Lines, codes: dict[int, str], done: dict[Hashable, bytes]) -> bytes:
    """`lines` of a form, filled with `codes`; those that are `done` are not made again."""
    pieces: list[bytes] = []
    for line in lines:
        if isinstance(line, bytes):
            pieces.append(line)
            continue
        found = done.get(line)
        if found is None:
            if isinstance(line, tuple):
                before, hole, after = line
                found = folded(f"{before}{codes[hole]}{after}")
            else:
                found = folded(line.translate(codes))
            done[line] = found
        pieces.append(found)
    return b"".join(pieces)


def written(line: tuple[str, str], text: str) -> bytes:
    """A line, quoted, with `text` between its two halves."""
    return folded(f"{line[0]}{coded(text)}{line[1]}")


def punched(values: T) -> tuple[T, dict[int, str]]:
    """`values` with a hole for each text that is not empty, and what each hole is of."""
    texts: dict[int, str] = {}
    holes = iter(HOLES)

    def hole(text: str) -> str:
        if not text or type(text) is not str:
            return text
        found = next(holes)
        texts[ord(found)] = text
        return found

    shape = [tuple([hole(one) for one in value]) if type(value) is tuple else hole(value) for value in values]
    return type(values)._make(shape), texts  # type: ignore[attr-defined]  # a NamedTuple


@lru_cache(maxsize=512)
def form(template: str, own: str | None, values: tuple[Any, ...]) -> Form:
    """`template` printed with `values` that have holes."""
    text = printed(template, own, values)
    before, block, after = text.partition(BLOCK)
    if block:
        before, after = _ended(before), _ended(after.removeprefix("\n")) if after.strip("\n") else ""
    marked_up = template.endswith(".html")
    return Form(
        head=_lines(before),
        foot=_lines(after.replace(BLOCK, "")) if block else None,
        holes=frozenset(map(ord, HOLE.findall(before + after))),
        attributes=_in_attributes(text) if marked_up else frozenset(),
        marked_up=marked_up,
    )


def _lines(text: str) -> Lines:
    pieces: list[bytes | str | tuple[str, int, str]] = []
    if not text:
        return ()
    for one in _ended(text)[:-1].split("\n"):
        holes = HOLE.findall(one)
        line = coded(one, holes=True)
        if len(holes) == 1:
            before, _, after = line.partition(holes[0])
            pieces.append((before, ord(holes[0]), after))
        elif holes:
            pieces.append(line)
        elif pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += folded(line)
        else:
            pieces.append(folded(line))
    return tuple(pieces)


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


# ------------------------------------------------------------------------------------------------ printing


def printed(template: str, own: str | None, values: tuple[Any, ...]) -> str:
    """`template` printed with the fields of `values`, a NamedTuple; where it is HTML, with its style inlined.

    A template that begins with a document type is a document, any other a part of one: selectors in `mail.css` must
    not reach from one into the other.
    """
    made = environment(own).get_template(template).render(values._asdict())  # type: ignore[attr-defined]  # so here
    return styled(made, own) if template.endswith(".html") else made


def styled(html: str, own: str | None) -> str:
    """`html` with the rules of `mail.css` inlined; its own style elements stay as they are."""
    sheet, inliner = _inliner(own)
    if html.lstrip()[:9].lower() == "<!doctype":
        return _ended(str(inliner.inline(html)).replace(' data-css-inline="ignore"', ""))
    return _ended(str(inliner.inline_fragment(html, sheet)))


@lru_cache(maxsize=8)
def _inliner(own: str | None) -> tuple[str, Any]:
    from css_inline import CSSInliner

    sheet = source(environment(own), "mail.css")
    return sheet, CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True, extra_css=sheet)


def escaped(text: str, *, attribute: bool = False) -> str:
    """`text` as the inliner writes it: HTML's own serialisation (section 13.3)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
    return text.replace('"', "&quot;") if attribute else text


def _in_attributes(html: str) -> frozenset[int]:
    found: set[int] = set()

    class Attributes(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for _, value in attrs:
                found.update(map(ord, HOLE.findall(value or "")))

    parser = Attributes()
    parser.feed(html)
    parser.close()
    return frozenset(found)
