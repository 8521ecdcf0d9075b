"""`digest.verdicts`: every day and every run ends as one of eight."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Problem, State, Tally, Verdict
from digest.verdicts import SENTENCES, WORST_FIRST, exit_code, of_digest, of_run

MONDAY = date(2026, 5, 25)
SATURDAY = date(2026, 5, 23)
FAILED = Problem("page.txt", None, "cannot be read")
ODD = Problem("page.txt", 12, "is no listing")


@pytest.mark.parametrize(
    ("tally", "problems", "day", "news", "verdict"),
    [
        (Tally(shown=1, muted=3), [], MONDAY, None, "delivered"),
        (Tally(shown=1), [FAILED], SATURDAY, MONDAY, "delivered"),
        (Tally(unmatched=5), [], MONDAY, None, "quiet day"),
        (Tally(already_shown=5), [], MONDAY, MONDAY - timedelta(1), "quiet day"),
        (Tally(), [], MONDAY, None, "quiet day"),
        (Tally(already_shown=5), [], SATURDAY, SATURDAY - timedelta(1), "holiday"),
        (Tally(), [], SATURDAY, None, "holiday"),
        (Tally(unmatched=5), [], SATURDAY, None, "quiet day"),
        (Tally(muted=1, unmatched=3), [], MONDAY, None, "all filtered"),
        (Tally(below_threshold=1), [], MONDAY, None, "all filtered"),
        (Tally(), [FAILED], MONDAY, None, "source failed"),
        (Tally(muted=2), [FAILED], SATURDAY, None, "source failed"),
        (Tally(unmatched=2), [ODD], MONDAY, None, "quiet day"),
        (Tally(already_shown=5), [], MONDAY, MONDAY - timedelta(4), "source stale"),
        (Tally(already_shown=5), [], MONDAY, MONDAY - timedelta(3), "quiet day"),
    ],
)
def test_a_day(tally: Tally, problems: list[Problem], day: date, news: date | None, verdict: Verdict) -> None:
    """What was shown, what failed, what is new and what day it is decide, in this order."""
    assert of_digest(tally, problems, day, news, holiday=day == SATURDAY) == verdict


STATES = st.dictionaries(st.sampled_from(get_args(State)), st.integers(1, 9))
VERDICTS = st.lists(st.sampled_from(get_args(Verdict)), min_size=1)


@given(VERDICTS, STATES, st.booleans(), st.booleans())
def test_a_run(digests: list[Verdict], tally: dict[State, int], halted: bool, doubted: bool) -> None:
    """A run ends as the worst of its days and deliveries, and nothing worse than what happened is said."""
    verdict = of_run(digests, tally, halted=halted, doubted=doubted)
    assert WORST_FIRST.index(verdict) <= min(map(WORST_FIRST.index, digests))
    in_doubt = doubted or bool(tally.keys() & {"in doubt", "dot sent"})
    assert (verdict == "in doubt") == (in_doubt or "in doubt" in digests)
    if not in_doubt and not halted and not tally.keys() & {"refused", "expired"}:
        assert verdict == min(digests, key=WORST_FIRST.index)


def test_every_verdict_is_explained() -> None:
    """Each of the eight has a sentence, a place in the order and an exit code, and is in docs/mail.md."""
    from pathlib import Path

    page = (Path(__file__).parents[1] / "docs/mail.md").read_text(encoding="utf-8")
    assert set(SENTENCES) == set(WORST_FIRST) == set(get_args(Verdict))
    for verdict in WORST_FIRST:
        row = next(line for line in page.splitlines() if line.startswith(f"| {verdict} |"))
        assert row.endswith(f"| {exit_code(verdict)} |")


@pytest.mark.parametrize(("verdict", "code"), [("delivered", 3), ("in doubt", 4), ("quiet day", 3)])
def test_problems_count(verdict: Verdict, code: int) -> None:
    """A listing that could not be read is told by the exit code, unless there is worse."""
    assert exit_code(verdict, problems=True) == code
