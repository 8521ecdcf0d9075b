"""The sentences that feeds and pages share, so that both say the same thing in the same words."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from digest.model import Bibliographic, Digest, Paper, Position, Problem, Tally
from digest.rendering.tex import readable
from digest.text import one_line

# Not strftime's names: those follow the locale of the machine.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")  # fmt: skip


def plain_day(day: date) -> str:
    """`26 May 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def written_day(day: date) -> str:
    """`Tuesday, 26 May 2026`."""
    return f"{_DAYS[day.weekday()]}, {plain_day(day)}"


def short_day(day: date) -> str:
    """`Tue 26`, for a list under its `month`."""
    return f"{_DAYS[day.weekday()][:3]} {day.day}"


def month(day: date) -> str:
    """`May 2026`."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def counted(count: int, noun: str) -> str:
    """`1 paper`, `2,990 papers`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def points(value: float) -> str:
    """`5.0` or `5.25`: as a reason writes its points, without a plus sign."""
    return f"{value:.2f}".removesuffix("0")


# --------------------------------------------------------------------------------------------- papers


def name(paper: Paper) -> str:
    """What a paper is called, its TeX made readable: never empty, for feeds must give each entry a title."""
    return readable(one_line(paper.headline)) or one_line(paper.id) or "Untitled"


def abstract(paper: Paper) -> str:
    """The abstract in one line, its TeX made readable; empty where nobody told it."""
    return readable(one_line(paper.abstract or ""))


def comments(paper: Paper) -> str:
    """The authors' comments in one line, their TeX made readable; empty where there are none."""
    return readable(one_line(paper.comments or ""))


def untitled(paper: Paper) -> str:
    """The sentence that says that `name` is not the paper's own title; empty where it is."""
    if paper.title:
        return ""
    if paper.abstract:
        return "Headline made from the abstract; the listing gave no title."
    return "The listing gave no title."


def names(paper: Bibliographic) -> list[str]:
    """The authors that are known, clean, without blanks, their TeX made readable."""
    return list(_readable(paper.authors))


@lru_cache(maxsize=8192)
def _readable(authors: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for author in authors if (line := readable(one_line(author))))


def cut(paper: Bibliographic) -> str:
    """What follows the known names where they are not all: `et al.`, or how many there are."""
    known = len(names(paper))
    if paper.author_count and paper.author_count > known:
        if not known:
            return counted(paper.author_count, "author")
        return f"et al. ({counted(paper.author_count, 'author')})"
    return "et al." if paper.authors_truncated else ""


def facts(paper: Paper) -> list[str]:
    """What is known besides: the day, a later revision, the version, the kind of announcement, the categories."""
    told = [plain_day(paper.date)] if paper.date else []
    if paper.date and paper.updated and paper.updated > paper.date:
        told.append(f"revised {plain_day(paper.updated)}")
    if paper.version and paper.version > 1:
        told.append(f"version {paper.version}")
    if paper.kind and paper.kind != "new":
        told.append(paper.kind)
    if paper.categories:
        told.append(", ".join(one_line(category) for category in paper.categories))
    return told


# ------------------------------------------------------------------------------------------- editions


def summary(tally: Tally) -> str:
    """`12 of 79 papers; 7 more below the threshold, 3 beyond the limit, 2 muted`."""
    left = _left_out(tally)
    head = f"{tally.shown:,} of {counted(tally.considered, 'paper')}" if left else counted(tally.shown, "paper")
    return "; ".join(filter(None, [head, ", ".join(left)]))


def announced(digest: Digest) -> str:
    """`arXiv's announcement of Monday, 25 May 2026`; empty where the digest covers none."""
    if not digest.announced:
        return ""
    first, last = digest.announced[0], digest.announced[-1]
    if first == last:
        return f"arXiv's announcement of {written_day(first)}"
    return f"arXiv's announcements of {plain_day(first)} to {plain_day(last)}"


def covering(digest: Digest) -> str:
    """`summary`, and what `announced` says."""
    return " · ".join(filter(None, [summary(digest.tally), announced(digest)]))


def summary_of(digest: Digest) -> str:
    """`summary` of a digest that may tell papers of other days too: `1 paper; 2 papers of days before`."""
    before = len(digest.ranked) - digest.tally.shown
    if before <= 0:
        return summary(digest.tally)
    said = summary(digest.tally) if digest.tally.shown else "nothing new"
    return f"{said}; {counted(before, 'paper')} of days before"


def _left_out(tally: Tally) -> list[str]:
    parts = [
        (tally.below_threshold, "below the threshold"),
        (tally.beyond_limit, "beyond the limit"),
        (tally.unmatched, "without a match"),
        (tally.muted, "muted"),
        (tally.already_shown, "shown before"),
        (tally.revised, "not new but revised"),
    ]
    told = [f"{count:,} {what}" for count, what in parts if count]
    if told and tally.shown:
        number, _, what = told[0].partition(" ")
        told[0] = f"{number} more {what}"
    return told


_OPENINGS: Mapping[str, str] = {
    "holiday": "A day without announcements.",
    "all filtered": "All that matched was left out.",
    "source failed": "A source could not be read.",
    "source stale": "Nothing new has come for days.",
}


def quiet(digest: Digest) -> str:
    """Why an edition shows no paper: `A quiet day. 79 papers were listed: 70 without a match, 9 muted.`"""
    tally, opening = digest.tally, _OPENINGS.get(digest.verdict, "A quiet day.")
    count = tally.considered
    if not count:
        return f"{opening} Nothing was listed."
    left = _left_out(tally)
    if len(left) == 1:
        only = left[0].partition(" ")[2]
        left = [f"all {only}" if count > 1 else only]
    return f"{opening} {counted(count, 'paper')} {'was' if count == 1 else 'were'} listed: {', '.join(left)}."


def document(origin: str) -> str:
    """What readers are told of a document: its address, or a file's name without its folders, which say more of the
    operator's machine than of the paper, and differ from one machine to the next.
    """
    return origin if "://" in origin else origin.replace("\\", "/").rpartition("/")[2]


def listed_at(position: Position) -> str:
    """`page.txt:12`"""
    return str(position._replace(file=document(position.file)))


def places(paper: Paper) -> list[str]:
    """Where the paper is listed, each place once: a feed may have said something else of it another day."""
    return [*dict.fromkeys(listed_at(listing.position) for listing in paper.listings)]


def unread(problems: tuple[Problem, ...]) -> str:
    """`1 source and 2 listings could not be read`; empty where all could."""
    listings = sum(1 for problem in problems if problem.line)
    sources = len(problems) - listings
    told = [counted(count, noun) for count, noun in ((sources, "source"), (listings, "listing")) if count]
    return f"{' and '.join(told)} could not be read" if told else ""


_ENDINGS: Mapping[str, str] = {
    "quiet day": "nothing new that this profile wants",
    "holiday": "nothing new on a day without announcements",
    "all filtered": "all that matched was muted or scored below the threshold",
    "source failed": "nothing to show",
    "source stale": "nothing new has come for days",
}


def ended(digest: Digest) -> str:
    """How the day ended, in the words of its verdict, and what could not be read:
    `How this day ended: delivered, 12 of 79 papers; 1 source could not be read, so papers may be missing.`
    """
    tally, verdict, missing = digest.tally, digest.verdict, unread(digest.problems)
    if verdict == "delivered" and not tally.shown:
        verdict = "quiet day"  # kept before editions had a verdict
    of = f" of {tally.considered:,}" if tally.considered > tally.shown else ""
    said = _ENDINGS.get(verdict) or f"{tally.shown:,}{of} {'paper' if tally.considered == 1 else 'papers'}"
    more = f"; {missing}, so papers may be missing" if missing else ""
    return f"How this day ended: {verdict}, {said}{more}."


def ended_oddly(digest: Digest) -> str:
    """`ended`; empty where all was read and papers went out."""
    return "" if digest.tally.shown and not digest.problems else ended(digest)
