"""What came of sending, in lines for people."""

from collections import Counter
from collections.abc import Mapping

from digest.errors import OK, UNDELIVERED
from digest.model import State
from digest.sending import Sent

_ORDER: tuple[State, ...] = (
    "accepted",
    "refused",
    "expired",
    "in doubt",
    "suppressed",
    "deferred",
    "planned",
    "rendered",
    "claimed",
    "dot sent",
)
_WAITING = {"planned": "waiting", "rendered": "waiting", "claimed": "waiting", "dot sent": "in doubt"}


def told(tally: Mapping[State, int]) -> str:
    """`18 accepted, 1 refused, 1 waiting`; empty where there is nobody."""
    counts: dict[str, int] = {}
    for state in _ORDER:
        if number := tally.get(state, 0):
            what = _WAITING.get(state, state)
            counts[what] = counts.get(what, 0) + number
    return ", ".join(f"{number:,} {what}" for what, number in counts.items())


def lines(sent: Sent) -> list[str]:
    """A line for each profile that somebody reads, and one for each trouble."""
    found = [f"{profile}: {told(tally)}" for profile, tally in sent.tallies.items() if tally]
    found += [f"{channel} stopped: {why}" for channel, why in sent.halted.items()]
    found += sent.problems
    if sent.recovered:
        found.append(f"a run that was cut short had left {sent.recovered:,} midway; they are accounted for")
    return found or ["nothing to send"]


def outcome(sent: Sent) -> str:
    """`sent: 18 accepted, 1 refused`, of all profiles; empty where nobody subscribed."""
    counts: Counter[State] = sum(map(Counter, sent.tallies.values()), Counter())
    parts = [f"sent: {said}"] if (said := told(counts)) else []
    parts += [f"{channel} stopped: {why}" for channel, why in sent.halted.items()]
    return "; ".join([*parts, *sent.problems])


def exit_code(sent: Sent) -> int:
    """UNDELIVERED where a mail was refused or is in doubt, or a channel stopped early."""
    bad = sum(tally.get(state, 0) for tally in sent.tallies.values() for state in _BAD)
    return UNDELIVERED if bad or sent.halted or sent.doubted else OK


_BAD: tuple[State, ...] = ("refused", "expired", "in doubt")
