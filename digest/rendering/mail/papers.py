"""The papers of a mail: escaped, styled and quoted once for all readers, with places for rank and reasons."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Any, NamedTuple

from markupsafe import Markup

from digest.model import Paper, Reason, Score
from digest.rendering import telling, wording
from digest.rendering.columns import wrapped
from digest.rendering.mail.forms import HOLES, Lines, escaped, filled, form, joined, printed, punched, written
from digest.rendering.mail.quoted import FIXED, quoted
from digest.rendering.once import KEPT, once
from digest.rendering.telling import Level, bar

RANK = Markup("\ufdd0")
WHY = Markup("\ufdd1")


class Part(NamedTuple):
    """A paper in one part of a mail: what comes before its rank, between rank and reasons, and after them. Where a
    template has them otherwise, all is in `before`, and `\0` stands for the rank and `\1` for the reasons.
    """

    before: bytes
    between: bytes
    after: bytes


class Piece(NamedTuple):
    """A paper in both parts of a mail."""

    text: Part
    html: Part
    size: int
    """Bytes of both with the rank, without the reasons."""
    shortened: bool
    """The abstract goes on elsewhere."""


class Told(NamedTuple):
    """What stands between papers, or inside them, in both parts."""

    text: bytes
    html: bytes
    size: int


@once
def piece(paper: Paper, level: Level, width: int, own: str | None) -> Piece:
    """`paper`, told at that level, in a mail whose ranks have `width` columns."""
    blank = telling.entry(paper, level)._replace(why=WHY)
    in_columns = telling.in_columns(blank._replace(rank=" " * width))
    text = _quoted(printed("edition-paper.txt", own, in_columns._replace(rank=RANK)), width)
    html = _quoted(printed("mail-paper.html", own, blank._replace(rank=RANK)), width)
    both = text + html
    size = len(both) + both.count(b"\0") * (width - 1) - both.count(b"\1")
    return Piece(_part(text), _part(html), size, bool(blank.rest))


def _quoted(text: str, width: int) -> bytes:
    """`text` quoted, its holes one byte each; that of the reasons stands on a line of its own."""
    text = re.sub(f"(?<=[^\n]){WHY}", f"\n{WHY}", text)
    text = re.sub(f"{WHY}(?!\n)", f"{WHY}\n", text)
    made = quoted(text.replace(WHY, "\1").replace(RANK, FIXED * width))
    return made.replace(b"\0" * width, b"\0").replace(b"=01\r\n", b"\1")


def _part(quoted: bytes) -> Part:
    before, rank, rest = quoted.partition(b"\0")
    between, why, after = rest.partition(b"\1")
    usual = rank and why and b"\0" not in rest and b"\1" not in before + after
    return Part(before, between, after) if usual else Part(quoted, b"", b"")


def put(part: bytes, rank: bytes, why: Iterable[bytes]) -> list[bytes]:
    """`part` with its rank and its reasons, where a template has not the usual order."""
    return [part.replace(b"\0", rank).replace(b"\1", b"".join(why))]


@lru_cache(maxsize=256)
def section(title: str, own: str | None) -> Told:
    """A section's heading."""
    said = telling.heading(title)
    return _both("edition-section.txt", "mail-section.html", own, said, said)


class Ending(NamedTuple):
    """What stands after the papers of a mail that has no room for all, as `mail-cut.txt` and `mail-cut.html` print
    it.
    """

    cut: str
    """The sentence that says what was shortened or left out."""


@lru_cache(maxsize=256)
def ending(sentence: str, own: str | None) -> Told:
    """The sentence about what a mail has no room for."""
    return _both("mail-cut.txt", "mail-cut.html", own, Ending(wrapped(sentence)), Ending(sentence))


def _both(txt: str, html: str, own: str | None, for_text: tuple[Any, ...], for_html: tuple[Any, ...]) -> Told:
    text, marked_up = filled(txt, own, for_text)[0], filled(html, own, for_html)[0]
    return Told(text, marked_up, len(text) + len(marked_up))


# ----------------------------------------------------------------------------------------------- reasons

_TXT, _HTML = "edition-why.txt", "mail-why.html"


class Line(NamedTuple):
    """A reason, or what stands before and after all of a paper's, in both parts; it ends in a line break."""

    text: bytes
    html: bytes
    size: int
    points: float = 0.0


class Whys(NamedTuple):
    """The scores of an edition's papers and their reasons. The lines of all are in one row, for taking them paper by
    paper would cost more than all the rest of a mail.
    """

    texts: Sequence[bytes]
    htmls: Sequence[bytes]
    sizes: Sequence[int]
    ends: list[int]
    """Where in these the lines of each paper end."""
    openings: list[Line]
    """What comes before the lines of each paper."""
    closing: Line
    """What comes after them."""
    totals: list[float]
    bars: list[int]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(self.sizes) + sum([line[2] for line in self.openings]) + self.closing.size * len(self.ends)

    def size_of(self, paper: int) -> int:
        """Bytes of what is said of one paper."""
        start = self.ends[paper - 1] if paper else 0
        return sum(self.sizes[start : self.ends[paper]]) + self.openings[paper].size + self.closing.size


class Telling(NamedTuple):
    """How reasons are written: no two readers need have the same ones for a paper, so not the whole is remembered but
    each line of it.
    """

    known: Callable[[Reason], Line | None]
    """The line of a reason, if it was written before."""
    write: Callable[[Reason], Line]
    opened: Callable[[tuple[float, int]], Line | None]
    """What stands before the reasons of a score with a bar, if it was written before."""
    begin: Callable[[float, int], Line]
    closing: Line | None
    """What stands after the last reason; None where the templates do not have a line like the others for each reason,
    and are to be printed for each paper.
    """


def whys(scores: Sequence[Score], own: str | None) -> Whys:
    """What is said of the scores of an edition's papers."""
    known, write, opened, begin, closing = _telling(own)
    counts = [len(score[0]) for score in scores]
    if closing is None or not counts or min(counts) == 0 or max(counts) > telling.REASONS:
        return _printed(scores, own)
    reasons = [reason for score in scores for reason in score[0]]
    lines = [*map(known, reasons)]
    if None in lines:
        lines = [line or write(reason) for line, reason in zip(lines, reasons, strict=True)]
    texts, htmls, sizes, points = zip(*lines, strict=True)
    ends = [*accumulate(counts)]
    totals = [*map(_total, map(points.__getitem__, map(slice, [0, *ends], ends)))]
    best = max(totals)
    bars = [*map(bar, totals, repeat(best))]
    openings = [opened(key) or begin(*key) for key in zip(totals, bars, strict=True)]
    return Whys(texts, htmls, sizes, ends, openings, closing, totals, bars)


def _printed(scores: Sequence[Score], own: str | None) -> Whys:
    """`whys`, with the templates printed for each paper."""
    totals = [score.total for score in scores]
    best = max(totals, default=0.0)
    bars = [bar(total, best) for total in totals]
    texts, htmls, sizes = [], [], []
    for score, tenths in zip(scores, bars, strict=True):
        said = telling.why(score, tenths)
        text, html, size = _both(_TXT, _HTML, own, telling.why_in_columns(said), said)
        texts.append(text)
        htmls.append(html)
        sizes.append(size)
    nothing = Line(b"", b"", 0)
    ends = [*range(1, len(scores) + 1)]
    return Whys(texts, htmls, sizes, ends, [nothing] * len(scores), nothing, totals, bars)


@lru_cache(maxsize=1024)
def briefly(total: float, own: str | None) -> Told:
    """The score alone, for a paper that is told by its title."""
    said = telling.briefly(total)
    return _both(_TXT, _HTML, own, said, said)


@lru_cache(maxsize=8192)
def _total(points: tuple[float, ...]) -> float:
    return Score(tuple([Reason("", "", "", each) for each in points])).total


@lru_cache(maxsize=8)
def _telling(own: str | None) -> Telling:
    kept: dict[Reason, Line] = {}
    scored: dict[tuple[float, int], Line] = {}
    text, html = _frame(_TXT, own), _frame(_HTML, own)

    def write(reason: Reason) -> Line:
        said = telling.reason(reason)
        assert text is not None
        assert html is not None
        lines = written(text.reason, telling.reason_in_columns(said)), written(html.reason, escaped(said))
        if len(kept) >= KEPT:
            kept.clear()
        kept[reason] = Line(*lines, sum(map(len, lines)), reason.points)
        return kept[reason]

    def begin(total: float, tenths: int) -> Line:
        said = telling.why(Score(), tenths)._replace(score=wording.points(total), reasons=("0",))
        text, html = _opening(_TXT, own, said), _opening(_HTML, own, said)
        if len(scored) >= KEPT:
            scored.clear()
        scored[total, tenths] = Line(text, html, len(text) + len(html))
        return scored[total, tenths]

    closing = Line(text.end, html.end, len(text.end) + len(html.end)) if text and html else None
    return Telling(kept.get, write, scored.get, begin, closing)


def _opening(template: str, own: str | None, said: telling.Why) -> bytes:
    """What `template` prints of `said` before its first reason."""
    lines = form(template, own, punched(said)[0]).head
    return joined(lines[: _first_reason(lines)], {ord(HOLES[0]): said.score}, {})


class _Frame(NamedTuple):
    """How a template prints reasons: the two halves of the line of each, and what comes after the last."""

    reason: tuple[str, str]
    end: bytes


def _frame(template: str, own: str | None) -> _Frame | None:
    """None where not each reason has a line to itself, all of them alike, one after the other, whatever the bar."""
    found = set()
    for count in (1, 2, 3):
        for tenths in (1, 10):
            said = telling.Why(score="0", bar=tenths, reasons=("0",) * count)
            lines = form(template, own, punched(said)[0]).head
            holes = [line[1] if isinstance(line, tuple) else line for line in lines if not isinstance(line, bytes)]
            at = _first_reason(lines)
            told = [line for line in lines[at : at + count] if isinstance(line, tuple)]
            rest = [line for line in lines[at + count :] if isinstance(line, bytes)]
            alike = {(before, after) for before, _, after in told}
            if holes != [*map(ord, HOLES[: count + 1])] or len(told) != count or len(alike) > 1:
                return None
            found.add(_Frame(alike.pop(), b"".join(rest)))
    return found.pop() if len(found) == 1 else None


def _first_reason(lines: Lines) -> int:
    """Where the line of the first reason is; the hole before its is the score's."""
    return next((at for at, line in enumerate(lines) if isinstance(line, tuple) and line[1] == ord(HOLES[1])), 0)
