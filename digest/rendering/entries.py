"""A paper on a page: what is said of it, its mathematics, what is marked in it, and the block that all this makes.

A block is rendered once for all editions that show the paper. Its rank, the reasons for it and what is marked are the
reader's own: their places are held by characters that no text can have, and they are put in afterwards. A page is then
a join, and byte for byte what one rendering of everything would give.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from jinja2 import Template
from markupsafe import Markup, escape

from digest.model import Paper, Ranked, Reason, Score
from digest.patterns import pattern
from digest.ranking.names import matches
from digest.rendering import wording
from digest.rendering.addresses import Link, anchor, links
from digest.rendering.environment import environment
from digest.rendering.once import once
from digest.rendering.tex import pieces
from digest.text import clean, occurrences, one_line, sentences

WHOLE = 3
"""So many papers at the top of an edition show their whole abstract; of the others it is folded."""

_LEAD = 300
"""Of a folded abstract whole sentences are shown until there are so many characters."""

_AUTHORS = 8
"""Of a longer list of authors the rest is folded."""

_FORMULA = 36
"""A longer formula is written as text: no browser breaks MathML in a sentence over two lines, and a telephone shows
about so many characters in one."""


class Entry(NamedTuple):
    """A paper as `paper.html` prints it, beside `rank`, `why` and the `level` of its heading."""

    anchor: str
    """The id of its element: editions and feeds link to it."""
    title: Markup
    links: tuple[Link, ...]
    """Where it can be read; the first is what the title opens."""
    untitled: str
    """The sentence that the title is not the paper's own."""
    authors: Markup
    folded: Markup
    """The rest of a long list of authors."""
    folded_count: str
    cut: str
    """`et al.`, or how many authors there are."""
    facts: tuple[str, ...]
    lead: Markup
    rest: Markup
    """What of the abstract is folded."""
    comments: Markup
    key: str
    """Its citation key in the edition's BibTeX and RIS files."""
    bibtex: str
    """Its BibTeX; empty where the page has no room for it."""
    listed: str
    """`Listed in 2 places`; empty where it is one."""
    listings: tuple[str, ...]


class Marks(NamedTuple):
    """The phrases that earned points in each place, and the followed authors: what is marked."""

    title: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


_PLACES = {("keyword", "title"): 0, ("keyword", "abstract"): 1, ("keyword", "comments"): 2, ("author", "authors"): 3}

# Of all text these are cleaned away (`digest.text.clean`), so that they stand where a template printed them only.
_RANK, _WHY, _TITLE, _SHOWN, _REST, _COMMENTS = map(Markup, "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5")
_HELD = pattern("([\ufdd0-\ufdd5])")


def block(ranked: Ranked, rank: int, level: int, own: str | None = None, *, cited: bool = False) -> Markup:
    """The paper as it stands in an edition, made by `paper.html`: its heading of that `level`, its rank and reasons,
    and its BibTeX where it is to be `cited` in full.

    `own` is the operator's folder of templates.
    """
    paper, whole = ranked.paper, rank <= WHOLE
    marks, why = _why(ranked.score.reasons, own)
    held: dict[str, str] = {_RANK: str(rank), _WHY: why}
    if own is None:
        held |= _texts(paper, marks, whole)
        parts = _block(paper, Marks(authors=marks.authors), whole, level, None, cited)
    else:
        # Who knows what an own template does with a text before it prints it.
        parts = _block(paper, marks, whole, level, own, cited)
    return Markup("".join([held.get(part, part) for part in parts]))


@once
def weight(paper: Paper, whole: bool, level: int, own: str | None) -> int:
    """How many bytes a block takes that is cited in full, without its rank, its reasons and what is marked."""
    held = _texts(paper, Marks(), whole)
    return len("".join([held.get(part, part) for part in _block(paper, Marks(), whole, level, own, True)]).encode())


@once
def _block(paper: Paper, marks: Marks, whole: bool, level: int, own: str | None, cited: bool) -> tuple[str, ...]:
    """What `paper.html` makes, cut where a place is held; of a shipped template that is also each text of a paper."""
    told = entry(paper, marks, whole=whole, cited=cited)
    if own is None:
        told = told._replace(
            title=_TITLE,
            lead=told.lead and _SHOWN,
            rest=told.rest and _REST,
            comments=told.comments and _COMMENTS,
        )
    made = environment(own).get_template("paper.html").render(entry=told, level=level, rank=_RANK, why=_WHY)
    return tuple(_HELD.split(made.strip()))


def _texts(paper: Paper, marks: Marks, whole: bool) -> dict[str, str]:
    """What is put where a text is held."""
    told, held = _told(paper), _plain(paper, whole)
    if marks.title or marks.abstract or marks.comments:
        held = dict(held)
        if marks.title:
            held[_TITLE] = _written(told.title, _places(paper, 0, marks.title), 0, len(told.title.text))
        if marks.abstract:
            shown, rest = _folded(told, whole)
            spans = _places(paper, 1, marks.abstract)
            held[_SHOWN] = _written(told.abstract, spans, 0, shown)
            held[_REST] = _written(told.abstract, spans, rest, len(told.abstract.text))
        if marks.comments:
            held[_COMMENTS] = _written(told.comments, _places(paper, 2, marks.comments), 0, len(told.comments.text))
    return held


@once
def _plain(paper: Paper, whole: bool) -> dict[str, str]:
    """What is put where a text is held and nothing is marked."""
    told = _told(paper)
    shown, rest = _folded(told, whole)
    return {
        _TITLE: _written(told.title, (), 0, len(told.title.text)),
        _SHOWN: _written(told.abstract, (), 0, shown),
        _REST: _written(told.abstract, (), rest, len(told.abstract.text)),
        _COMMENTS: _written(told.comments, (), 0, len(told.comments.text)),
    }


def _places(paper: Paper, text: int, terms: tuple[str, ...]) -> Sequence[tuple[int, int]]:
    """Where the terms stand in one of the paper's texts."""
    if len(terms) == 1:
        return _standing(paper, text, terms[0])
    spans: list[tuple[int, int]] = []
    for start, end in sorted([span for term in terms for span in _standing(paper, text, term)]):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


@once
def _standing(paper: Paper, text: int, term: str) -> list[tuple[int, int]]:
    told = _told(paper)
    return _spans((told.title, told.abstract, told.comments)[text], (term,))


@lru_cache(maxsize=8192)
def _why(reasons: tuple[Reason, ...], own: str | None) -> tuple[Marks, str]:
    """What the reasons mark, and what `reasons.html` makes of them."""
    score = wording.points(Score(reasons).total)
    if own is not None:
        made = _reasons(own).render(score=score, reasons=tuple(map(str, reasons))).strip()
    else:
        told = iter((score, *map(_told_reason, reasons)))
        made = "".join([next(told) if part in (_RANK, _WHY) else part for part in _form(len(reasons))])
    return marks_of(reasons), made


@lru_cache(maxsize=256)
def _form(count: int) -> tuple[str, ...]:
    """What the shipped `reasons.html` makes of so many reasons, cut where the score and each of them is held."""
    return tuple(_HELD.split(_reasons(None).render(score=_RANK, reasons=(_WHY,) * count).strip()))


def _reasons(own: str | None) -> Template:
    return environment(own).get_template("reasons.html")


@lru_cache(maxsize=65536)
def _told_reason(reason: Reason) -> str:
    return escape(clean(str(reason)))


def marks_of(reasons: Iterable[Reason]) -> Marks:
    """What earned points, place by place; what cost points is not marked."""
    found: tuple[dict[str, None], ...] = ({}, {}, {}, {})
    for reason in reasons:
        place = _PLACES.get((reason.signal, reason.place))
        if place is not None and reason.points > 0:
            found[place][reason.term] = None
    return Marks(*map(tuple, found))


def entry(paper: Paper, marks: Marks, *, whole: bool, cited: bool = False) -> Entry:
    """All that a page says of `paper`; the abstract folded unless it is to be shown `whole`, and its BibTeX where it is
    to be `cited` in full.
    """
    from digest.rendering.citations import bibtex

    told = _told(paper)
    shown, folded = _authors(told.names, marks.authors)
    title, abstract = told.title, told.abstract
    in_abstract = _spans(abstract, marks.abstract)
    lead, rest = _folded(told, whole)
    return Entry(
        anchor=anchor(paper),
        title=Markup(_written(title, _spans(title, marks.title), 0, len(title.text))),
        links=told.links,
        untitled=wording.untitled(paper),
        authors=_COMMA.join(shown),
        folded=_COMMA.join(folded),
        folded_count=f"and {len(folded):,} more",
        cut=told.cut,
        facts=told.facts,
        lead=Markup(_written(abstract, in_abstract, 0, lead)),
        rest=Markup(_written(abstract, in_abstract, rest, len(abstract.text))),
        comments=Markup(_written(told.comments, _spans(told.comments, marks.comments), 0, len(told.comments.text))),
        key=told.key,
        bibtex=bibtex(paper).strip() if cited else "",
        listed=f"Listed in {wording.counted(len(told.listings), 'place')}" if len(told.listings) > 1 else "",
        listings=told.listings,
    )


_COMMA = Markup(", ")


# -------------------------------------------------------------------------------------- the same for everybody


class Formula(NamedTuple):
    """Where in a readable text a formula stands, and its MathML."""

    start: int
    end: int
    mathml: str


class Text(NamedTuple):
    """A text as people read it, and the formulas in it."""

    text: str
    formulas: tuple[Formula, ...] = ()
    plain: bool = False
    """There is nothing in it to escape, nor a formula."""


class _Told(NamedTuple):
    """What no reader's keywords change."""

    title: Text
    abstract: Text
    comments: Text
    fold: tuple[int, int]
    """Where the part of the abstract that is shown ends, and where the folded part begins."""
    names: tuple[str, ...]
    cut: str
    links: tuple[Link, ...]
    facts: tuple[str, ...]
    key: str
    listings: tuple[str, ...]


@once
def _told(paper: Paper) -> _Told:
    from digest.rendering.citations import key

    abstract = formulas(paper.abstract or "")
    title = formulas(paper.headline)
    return _Told(
        title=title if title.text else Text(wording.name(paper)),
        abstract=abstract,
        comments=formulas(paper.comments or ""),
        fold=_fold(abstract),
        names=tuple(wording.names(paper)),
        cut=wording.cut(paper),
        links=tuple(links(paper)),
        facts=tuple(wording.facts(paper)),
        key=key(paper),
        listings=tuple(wording.places(paper)),
    )


def formulas(source: str) -> Text:
    """What a source wrote, in one line and readable, with the formulas that can stand in a line."""
    found = []
    text = ""
    for piece in pieces(one_line(source)):
        start, text = len(text), text + piece.text
        if piece.mathml and len(piece.text) <= _FORMULA:
            found.append(Formula(start, len(text), piece.mathml))
    return Text(text, tuple(found), not found and not _SPECIAL.search(text))


_SPECIAL = pattern("[&<>\"']")


def _folded(told: _Told, whole: bool) -> tuple[int, int]:
    """Where what is shown of the abstract ends, and where the rest begins."""
    return (len(told.abstract.text),) * 2 if whole else told.fold


def _fold(abstract: Text) -> tuple[int, int]:
    """Where an abstract's first sentences end and its others begin; nowhere for a short rest, which is not folded,
    and never inside a formula.
    """
    whole = len(abstract.text)
    if whole <= _LEAD * 1.5:
        return whole, whole
    end = -1
    for sentence in sentences(abstract.text):
        end += 1 + len(sentence)
        if end >= _LEAD and not any(formula.start < end < formula.end for formula in abstract.formulas):
            break
    if whole - end - 1 <= _LEAD / 2:
        return whole, whole
    return end, end + 1 if abstract.text[end] == " " else end


# ------------------------------------------------------------------------------------------------ marking


def marked(text: str, phrases: Iterable[str]) -> Markup:
    """`text`, escaped, with `<mark>` around each place where one of `phrases` stands."""
    return Markup(_written(Text(text), occurrences(text, phrases), 0, len(text)))


def _spans(text: Text, phrases: Sequence[str]) -> list[tuple[int, int]]:
    """Where the phrases stand."""
    return _widened(text, occurrences(text.text, phrases)) if phrases else []


def _widened(text: Text, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans `found`, each with the whole of every formula that it has a part of."""
    if not (found and text.formulas):
        return found
    spans: list[tuple[int, int]] = []
    for start, end in found:
        for formula in text.formulas:
            if start < formula.end and formula.start < end:
                start, end = min(start, formula.start), max(end, formula.end)
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])
        spans.append((start, end))
    return spans


def _written(text: Text, spans: Iterable[tuple[int, int]], start: int, end: int) -> str:
    """`text[start:end]`, escaped, its formulas in MathML, marked at `spans`."""
    parts: list[str] = []
    at, said = start, text.text
    for opened, closed in spans:
        if opened < end and closed > start:
            opened, closed = max(opened, start), min(closed, end)
            if text.plain:
                parts += (said[at:opened], "<mark>", said[opened:closed], "</mark>")
            else:
                parts += (_escaped(text, at, opened), "<mark>", _escaped(text, opened, closed), "</mark>")
            at = closed
    parts.append(said[at:end] if text.plain else _escaped(text, at, end))
    return "".join(parts)


def _escaped(text: Text, start: int, end: int) -> str:
    if not text.formulas:
        return escape(text.text[start:end])
    parts: list[str] = []
    for formula in text.formulas:
        if start <= formula.start and formula.end <= end:
            parts += [escape(text.text[start : formula.start]), formula.mathml]
            start = formula.end
    return "".join([*parts, escape(text.text[start:end])])


def _authors(names: Sequence[str], followed: Sequence[str]) -> tuple[list[Markup], list[Markup]]:
    """The authors to show and those to fold: a followed one is marked and never folded."""
    known = {i for i, name in enumerate(names) if any(matches(wanted, name) for wanted in followed)}
    first = len(names) if len(names) <= _AUTHORS else _AUTHORS - 2
    told = [_MARK.format(name) if i in known else escape(name) for i, name in enumerate(names)]
    shown = [name for i, name in enumerate(told) if i < first or i in known]
    return shown, [name for i, name in enumerate(told) if i >= first and i not in known]


_MARK = Markup("<mark>{}</mark>")
