"""How a day, and a run, ended: one of eight words, so that silence is never ambiguous.

of_digest   what an edition shows, or why it shows nothing     on the page, in the mail
of_run      the same of all profiles, and of what was sent     in the last line, the exit code, `digest status`
"""

from collections.abc import Iterable, Mapping
from datetime import date

from digest.errors import OK, PROBLEMS, UNDELIVERED
from digest.model import Problem, State, Tally, Verdict

WORST_FIRST: tuple[Verdict, ...] = (
    "in doubt",
    "delivery failed",
    "source failed",
    "source stale",
    "delivered",
    "all filtered",
    "quiet day",
    "holiday",
)

SENTENCES: Mapping[Verdict, str] = {
    "delivered": "papers went out",
    "quiet day": "nothing new that a profile wants",
    "holiday": "nothing new on a day without announcements",
    "all filtered": "everything that matched was muted or below the threshold",
    "source failed": "a source could not be read",
    "source stale": "nothing new for days: see that the sources still deliver",
    "delivery failed": "a mail was refused or expired, or could not be handed over: see `digest outbox`",
    "in doubt": "a mail may or may not have arrived: see `digest outbox`",
}
"""What each means, and what to do about it."""


def of_digest(
    tally: Tally,
    problems: Iterable[Problem],
    day: date,
    last_news: date | None,
    *,
    holiday: bool = False,
    stale_after: int = 4,
) -> Verdict:
    """How the day ended for a profile. `last_news` is the day of its latest edition before this one that had seen a
    paper which was new then; None where nobody knows, or something is new today. On a `holiday` nothing is expected.

    Papers that were listed again are no news. A source that failed is what a reader has to know where nothing is
    shown, and so is one that has been silent for `stale_after` days.
    """
    if tally.shown:
        return "delivered"
    if any(problem.line is None for problem in problems):
        return "source failed"
    if last_news is not None and (day - last_news).days >= stale_after:
        return "source stale"
    if holiday and (last_news is not None or not tally.considered):
        return "holiday"
    if tally.muted or tally.below_threshold:
        return "all filtered"
    return "quiet day"


def of_run(
    digests: Iterable[Verdict], tally: Mapping[State, int], *, halted: bool = False, doubted: bool = False
) -> Verdict:
    """How a run ended: the worst of its editions and of what became of its deliveries. `halted`: a channel stopped
    before its work was done; `doubted`: some delivery came to be in doubt, also one of an earlier edition.
    """
    found: set[Verdict] = set(digests)
    if doubted or tally.get("in doubt") or tally.get("dot sent"):
        found.add("in doubt")
    if halted or tally.get("refused") or tally.get("expired"):
        found.add("delivery failed")
    return next((verdict for verdict in WORST_FIRST if verdict in found), "quiet day")


def exit_code(verdict: Verdict, *, problems: bool = False) -> int:
    """0; 3 where sources or listings failed; 4 where mails were refused or are in doubt."""
    if verdict in ("in doubt", "delivery failed"):
        return UNDELIVERED
    return PROBLEMS if problems or verdict in ("source failed", "source stale") else OK
