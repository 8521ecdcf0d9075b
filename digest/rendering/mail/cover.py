"""What a mail says beside its papers: subject, preview, the day and the tally, and the way out."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from digest.model import Archive, Digest, Edition, Ranked, Site
from digest.rendering import wording
from digest.rendering.addresses import edition_page, href
from digest.rendering.columns import wrapped
from digest.rendering.mail.fitting import Cut
from digest.rendering.mail.forms import BLOCK
from digest.rendering.telling import WHOLE, entry, note_in_columns, problem
from digest.text import one_line, shorten

_SUBJECT = 100
_PREHEADER = 140
_PROBLEMS = 10
_NOTE = 4_000
"""A longer note of the operator's is shortened in mails."""


class Cover(NamedTuple):
    """A mail but for its papers, as `mail.txt` and `mail.html` print it."""

    subject: str
    preheader: str
    """What an inbox shows beside the subject: the next papers, or why there are none."""
    site: Markup
    profile: str
    heading: Markup
    """The day, written out."""
    dateline: str
    """Number and tally."""
    view: str
    """The address of the edition's page; empty where nobody has said where it is served."""
    unsubscribe: str
    """The address that ends the subscription."""
    address: str
    """The reader's own."""
    quiet: str
    """Why there is no paper; empty where there are some."""
    papers: Markup
    """All papers in their sections, and what is said where not all fit; it stands on lines of its own, and is empty
    where there is no section.
    """
    ended: str
    """How the day ended, also where all is well."""
    unread: str
    problems: tuple[str, ...]
    note: Markup
    """The operator's words: HTML in `mail.html`, Markdown in `mail.txt`."""


def subject(digest: Digest, ranked: Sequence[Ranked]) -> str:
    """`12 papers · Efficient inference · 26 May 2026: Quantizing once`: how many, of what, of when, and the first."""
    told = wording.counted(len(ranked), "paper") if ranked else "No papers"
    what = f"{told} · {shorten(_title(digest), 40)} · {wording.plain_day(digest.day)}"
    return shorten(f"{what}: {entry(ranked[0].paper, WHOLE).title}", _SUBJECT) if ranked else what


def cover(
    edition: Edition, ranked: Sequence[Ranked], archive: Archive, site: Site, address: str, unsubscribe: str
) -> Cover:
    """The cover of the mail of an edition, whose papers are `ranked`, to `address`."""
    digest = edition.digest
    said = " · ".join(filter(None, [shorten(wording.summary_of(digest), 200), wording.announced(digest)]))
    view = href(edition_page(digest.day, archive, site))
    problems = [shorten(problem(one), 160) for one in digest.problems[:_PROBLEMS]]
    if len(digest.problems) > _PROBLEMS:
        problems.append(f"and {len(digest.problems) - _PROBLEMS:,} more")
    return Cover(
        subject=subject(digest, ranked),
        preheader=_preheader(digest, ranked),
        site=_site(site.title),
        profile=shorten(_title(digest), 120),
        heading=_heading(digest.day),
        dateline=f"Edition {edition.number:,}" + (f" · {said}" if ranked else ""),
        view=view if view and len(view) <= 900 else "",
        unsubscribe=href(unsubscribe) or "",
        address=address,
        quiet="" if ranked else wording.quiet(digest),
        papers=BLOCK if digest.sections else Markup(""),
        ended=wording.ended(digest),
        unread=wording.unread(digest.problems),
        problems=tuple(problems),
        note=_note(site.note),
    )


def in_columns(cover: Cover, site: Site) -> Cover:
    """`cover` for plain text: every text wrapped; addresses and what stands on its own line are left as they are."""
    return cover._replace(
        site=_plain_site(site.title),
        profile=wrapped(cover.profile),
        dateline=wrapped(cover.dateline),
        quiet=wrapped(cover.quiet),
        ended=wrapped(cover.ended),
        problems=tuple([wrapped(problem, "- ", "  ") for problem in cover.problems]),
        note=_plain_note(site.note),
    )


def _title(digest: Digest) -> str:
    return one_line(digest.title) or digest.profile


# What all readers of a day are told is no hole in the form, but part of it.


@lru_cache(maxsize=64)
def _heading(day: date) -> Markup:
    return Markup(wording.written_day(day))


@lru_cache(maxsize=8)
def _site(title: str) -> Markup:
    return escape(shorten(one_line(title), 120))


def _preheader(digest: Digest, ranked: Sequence[Ranked]) -> str:
    if not ranked:
        return shorten(wording.quiet(digest), _PREHEADER)
    if len(ranked) == 1:
        return shorten(entry(ranked[0].paper, WHOLE).abstract, _PREHEADER)
    told = "; ".join([shorten(entry(one.paper, WHOLE).title, _PREHEADER) for one in ranked[1:4]])
    return shorten(told, _PREHEADER)


def without(cut: Cut, *, page: bool, published: bool) -> str:
    """The sentence about what a mail has no room for, and where it is: on the `page` of the edition, where anybody has
    said its address.
    """
    parts = [
        f"{wording.counted(cut.shortened, 'abstract')} {'is' if cut.shortened == 1 else 'are'} shortened"
        if cut.shortened
        else "",
        f"{wording.counted(cut.titles, 'paper')} {'is' if cut.titles == 1 else 'are'} told by title only"
        if cut.titles
        else "",
        f"{wording.counted(cut.left_out, 'more paper')} {'is' if cut.left_out == 1 else 'are'} not in this mail"
        if cut.left_out
        else "",
    ]
    told = [part for part in parts if part]
    if not told:
        return ""
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    where = " The edition's page has all of it." if page else " The published edition has all of it."
    return f"To keep within what mail programs show, {listed}.{where if published else ''}"


@lru_cache(maxsize=8)
def _plain_site(title: str) -> Markup:
    return Markup(shorten(one_line(title), 120))


@lru_cache(maxsize=8)
def _note(note: str) -> Markup:
    if not note.strip():
        return Markup("")
    if len(note) <= _NOTE:
        from digest.rendering.note import as_html

        html = as_html(note)
        if len(html) <= 2 * _NOTE:
            return html
    return Markup("<p>{}</p>").format(shorten(one_line(note[:_NOTE]), _NOTE // 4))


@lru_cache(maxsize=8)
def _plain_note(note: str) -> Markup:
    if len(note) > _NOTE:
        return Markup(wrapped(shorten(one_line(note[:_NOTE]), _NOTE // 4)))
    return Markup(note_in_columns(note))
