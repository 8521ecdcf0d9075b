"""The sentences that feeds and pages share."""

from dataclasses import fields, replace
from datetime import date

import pytest
from builders import a_digest, a_listing, a_paper
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Problem, Tally, Verdict
from digest.rendering import wording

COUNTS = [field.name for field in fields(Tally)]


def test_days_are_written_in_english_whatever_the_locale() -> None:
    """Days and months are this module's own words."""
    day = date(2026, 5, 6)
    assert wording.written_day(day) == "Wednesday, 6 May 2026"
    assert (wording.plain_day(day), wording.short_day(day), wording.month(day)) == ("6 May 2026", "Wed 6", "May 2026")


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(shown=1), "1 paper"),
        (Tally(shown=12), "12 papers"),
        (Tally(shown=2, below_threshold=7, muted=1), "2 of 10 papers; 7 more below the threshold, 1 muted"),
        (Tally(shown=2, beyond_limit=3, already_shown=1), "2 of 6 papers; 3 more beyond the limit, 1 shown before"),
        (Tally(shown=1, unmatched=1200), "1 of 1,201 papers; 1,200 more without a match"),
    ],
)
def test_summary_accounts_for_every_paper(tally: Tally, said: str) -> None:
    """What is shown, of how many, and what became of the others."""
    assert wording.summary(tally) == said


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(), "A quiet day. Nothing was listed."),
        (Tally(unmatched=79), "A quiet day. 79 papers were listed: all without a match."),
        (Tally(already_shown=1), "A quiet day. 1 paper was listed: shown before."),
        (Tally(unmatched=70, muted=9), "A quiet day. 79 papers were listed: 70 without a match, 9 muted."),
    ],
)
def test_quiet_says_why_there_is_nothing(tally: Tally, said: str) -> None:
    """Nothing listed, nothing matched, all shown before, or a bit of each."""
    assert wording.quiet(replace(a_digest(), tally=tally)) == said


@pytest.mark.parametrize(
    ("verdict", "opening"),
    [
        ("quiet day", "A quiet day."),
        ("holiday", "A day without announcements."),
        ("all filtered", "All that matched was left out."),
        ("source failed", "A source could not be read."),
        ("source stale", "Nothing new has come for days."),
    ],
)
def test_quiet_says_what_kind_of_day_it_was(verdict: Verdict, opening: str) -> None:
    """Silence is never ambiguous: each kind of empty day has its own words."""
    assert wording.quiet(replace(a_digest(), verdict=verdict)) == f"{opening} Nothing was listed."


GONE, ODD = Problem("a.txt", None, "is empty"), Problem("a.txt", 3, "is no listing")


@pytest.mark.parametrize(
    ("verdict", "tally", "problems", "said"),
    [
        ("delivered", Tally(shown=12, unmatched=67), (), "delivered, 12 of 79 papers."),
        ("delivered", Tally(shown=1), (), "delivered, 1 paper."),
        (
            *("delivered", Tally(shown=2, muted=1), (GONE, ODD, ODD)),
            "delivered, 2 of 3 papers; 1 source and 2 listings could not be read, so papers may be missing.",
        ),
        ("quiet day", Tally(unmatched=3), (), "quiet day, nothing new that this profile wants."),
        ("delivered", Tally(), (), "quiet day, nothing new that this profile wants."),
        ("holiday", Tally(), (), "holiday, nothing new on a day without announcements."),
        ("all filtered", Tally(muted=3), (), "all filtered, all that matched was muted or scored below the threshold."),
        ("source stale", Tally(), (), "source stale, nothing new has come for days."),
        (
            *("source failed", Tally(), (GONE,)),
            "source failed, nothing to show; 1 source could not be read, so papers may be missing.",
        ),
    ],
)
def test_how_a_day_ended(verdict: Verdict, tally: Tally, problems: tuple[Problem, ...], said: str) -> None:
    """The verdict of the day in words, with what could not be read; where all is well only mails say it."""
    digest = replace(a_digest(), tally=tally, problems=problems, verdict=verdict)
    assert wording.ended(digest) == f"How this day ended: {said}"
    well = bool(tally.shown) and not problems
    assert wording.ended_oddly(digest) == ("" if well else wording.ended(digest))


@given(st.builds(Tally, **dict.fromkeys(COUNTS, st.integers(0, 99))))
def test_numbers_of_a_summary_add_up(tally: Tally) -> None:
    """The parts that are told are the whole that is told."""
    numbers = [int(word) for word in wording.summary(tally).replace(";", " ").split() if word.isdigit()]
    if tally.considered == tally.shown:
        assert numbers == [tally.shown]
    else:
        shown, considered, *left = numbers
        assert shown + sum(left) == considered == tally.considered


def test_points_are_written_as_reasons_write_them() -> None:
    """One decimal, two where they are needed."""
    assert [wording.points(value) for value in (5, 0.25, -1.5, 1204)] == ["5.0", "0.25", "-1.5", "1204.0"]


def test_cut_lists_of_authors_say_what_is_missing() -> None:
    """`et al.`, a number, both or nothing."""
    assert wording.cut(a_paper()) == ""
    assert wording.cut(a_paper(authors_truncated=True)) == "et al."
    assert wording.cut(a_paper(author_count=9, authors_truncated=True)) == "et al. (9 authors)"
    assert wording.cut(a_paper(authors=(), author_count=1)) == "1 author"
    assert wording.cut(a_paper(author_count=2)) == ""


def test_unread_counts_sources_and_listings_apart() -> None:
    """A problem with a line is a listing's, one without is a whole source's."""
    source, listing = Problem("a", None, "x"), Problem("a", 1, "x")
    assert wording.unread(()) == ""
    assert wording.unread((listing, listing)) == "2 listings could not be read"
    assert wording.unread((listing, source)) == "1 source and 1 listing could not be read"


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("page.txt", "page.txt"),
        ("/home/ana/listings/page.txt", "page.txt"),
        ("C:\\listings\\page.txt", "page.txt"),
        ("https://example.org/papers/today", "https://example.org/papers/today"),
    ],
)
def test_folders_of_the_operator_are_not_published(origin: str, told: str) -> None:
    """Of a file readers are told its name, of an address all of it."""
    assert wording.document(origin) == told


def test_each_place_is_told_once():
    """A place that has said two things of a paper is one place; one without lines is told without."""
    listings = [a_listing(file=file, line=line) for file, line in (("a/b.txt", 3), ("Lists", 0), ("Lists", 0))]
    assert wording.places(a_paper(listings=tuple(listings))) == ["b.txt:3", "Lists"]
