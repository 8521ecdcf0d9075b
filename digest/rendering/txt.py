"""Editions in plain text, for terminals and for who keeps them: everything that the page says, in 72 columns."""

from typing import NamedTuple

from markupsafe import Markup

from digest.model import Archive, Edition, Paper, Ranked, Rendition, Site
from digest.rendering import telling, wording
from digest.rendering.addresses import edition_page, href
from digest.rendering.columns import wrapped
from digest.rendering.environment import environment
from digest.rendering.once import once
from digest.rendering.telling import WHOLE, Entry
from digest.text import one_line

_WHY = "\ufdd1"  # cleaning leaves no such character in a text


class TextEdition(NamedTuple):
    """An edition, as `edition.txt` prints it: each text wrapped, and empty where there is nothing to say."""

    profile: str
    heading: str
    """The day, written out."""
    dateline: str
    """Number and tally."""
    view: str
    """The address of the edition's page; empty where nobody has said where it is served."""
    quiet: str
    """Why there is no paper."""
    papers: Markup
    """All papers in their sections."""
    note: str
    ended: str
    """How the day ended; empty where all was read and papers went out."""
    unread: str
    problems: tuple[str, ...]
    foot: str


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/<day>.txt` in UTF-8 for each recent edition."""
    return [
        Rendition(
            format="txt",
            media_type="text/plain",
            path=archive.path(edition.digest.day, ".txt"),
            content=_text(edition, archive, site).encode(),
        )
        for edition in archive.recent
    ]


def _text(edition: Edition, archive: Archive, site: Site) -> str:
    digest = edition.digest
    said = wording.covering(digest)
    view = href(edition_page(digest.day, archive, site))
    printed = TextEdition(
        profile=wrapped(one_line(archive.title) or digest.profile),
        heading=wording.written_day(digest.day),
        dateline=wrapped(f"Edition {edition.number:,}" + (f" · {said}" if digest.ranked else "")),
        view=view or "",
        quiet="" if digest.ranked else wrapped(wording.quiet(digest)),
        papers=_papers(edition, site.templates),
        note=telling.note_in_columns(site.note),
        ended=wrapped(wording.ended_oddly(digest)),
        unread=wording.unread(digest.problems),
        problems=tuple([wrapped(telling.problem(problem), "- ", "  ") for problem in digest.problems]),
        foot=wrapped(" · ".join(filter(None, [one_line(site.title), "made by paperdigest"]))),
    )
    text = environment(site.templates).get_template("edition.txt").render(printed._asdict())
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().split("\n"))


def _papers(edition: Edition, own: str | None) -> Markup:
    made = environment(own)
    sections = edition.digest.sections
    width = max(2, len(str(len(edition.digest.ranked))))
    pieces: list[str] = []
    rank = 0
    for section in sections:
        if len(sections) > 1:
            heading = telling.heading(section.title)
            pieces.append(made.get_template("edition-section.txt").render(heading._asdict()))
        for ranked in section.ranked:
            rank += 1
            pieces.append(_paper(ranked.paper, f"{rank:>{width}}", own).replace(_WHY, _why(ranked, own)))
    return Markup("".join(pieces).rstrip("\n"))


@once
def _paper(paper: Paper, rank: str, own: str | None) -> str:
    """The paper at its rank, its reasons left out."""
    entry: Entry = telling.entry(paper, WHOLE)._replace(rank=rank, listed=telling.listed(paper), why=Markup(_WHY))
    printed = telling.in_columns(entry)
    return environment(own).get_template("edition-paper.txt").render(printed._asdict())


def _why(ranked: Ranked, own: str | None) -> str:
    why = telling.why_in_columns(telling.why(ranked.score, 0))
    return environment(own).get_template("edition-why.txt").render(why._asdict()).removesuffix("\n")
