"""What came of sending, in lines for people."""

from collections import Counter
from collections.abc import Mapping, Sequence

from digest import verdicts
from digest.model import Delivery, State, Verdict
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
    days = {profile: f", {day}" for profile, day in sent.earlier.items()}
    found = [f"{profile}{days.get(profile, '')}: {told(tally)}" for profile, tally in sent.tallies.items() if tally]
    found += [f"{profile}: {said}" for profile, said in _undecided(sent).items()]
    found += _stopped(sent)
    found += sent.problems
    if sent.recovered:
        found.append(f"a run that was cut short had left {sent.recovered:,} midway; they are accounted for")
    return found or ["nothing to send"]


def outcome(sent: Sent) -> str:
    """`sent: 18 accepted, 1 refused; of earlier days: 3 accepted`, of all profiles; empty where nobody subscribed."""
    today, earlier = Counter[State](), Counter[State]()
    for profile, tally in sent.tallies.items():
        (earlier if profile in sent.earlier else today).update(tally)
    parts = [
        f"{what}: {said}" for what, some in (("sent", today), ("of earlier days", earlier)) if (said := told(some))
    ]
    if sent.undecided:
        parts.append(_waiting(sent.undecided))
    parts += _stopped(sent)
    return "; ".join([*parts, *sent.problems])


def _undecided(sent: Sent) -> dict[str, str]:
    by_profile: dict[str, list[Delivery]] = {}
    for one in sent.undecided:
        by_profile.setdefault(one.profile, []).append(one)
    return {profile: _waiting(some) for profile, some in by_profile.items()}


def _waiting(some: Sequence[Delivery]) -> str:
    """`2 in doubt of 2026-05-25 to 2026-05-26 wait for your word (…)`."""
    first, last = min(one.day for one in some), max(one.day for one in some)
    days = f"{first}" if first == last else f"{first} to {last}"
    return f"{len(some):,} in doubt of {days} {'waits' if len(some) == 1 else 'wait'} for your word (`digest outbox`)"


def _stopped(sent: Sent) -> list[str]:
    if sent.copy:
        return [f"nothing is sent: {sent.copy}"]
    return [f"{channel} stopped: {why}" for channel, why in sent.halted.items()]


def verdict(sent: Sent) -> Verdict:
    """How sending ended, as one of eight words."""
    tally: Counter[State] = sum(map(Counter, sent.tallies.values()), Counter())
    digests: tuple[Verdict, ...] = ("delivered",) if tally.get("accepted") else ()
    return verdicts.of_run(digests, tally, halted=bool(sent.halted), doubted=bool(sent.doubted))


def exit_code(sent: Sent) -> int:
    """UNDELIVERED where a mail was refused or is in doubt, or a channel stopped early."""
    return verdicts.exit_code(verdict(sent))
