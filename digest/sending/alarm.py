"""What is wrong, and what of it the operator has to be told: each trouble once, until it ends and comes again.

    wrong now ─┐
               ├─▶ weigh ─▶ troubles to keep ─▶ news ─▶ a message ─▶ heard ─▶ troubles to keep
    known  ────┘

A trouble is kept before anybody is told of it, and counts as told only when somebody was: one that nobody could be told
of waits for the next run, also when it is over by then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

from digest.model import Delivery, Problem, Verdict
from digest.patterns import pattern
from digest.sending import Sent
from digest.store.outbox import Trouble
from digest.store.runs import Run
from digest.store.witness import ONLY_IF
from digest.text import fold_address, masked, one_line, shorten

STALE: Final = frozenset({"source stale"})
SOURCES: Final = STALE | {"source"}
SENDING: Final = frozenset({"channel", "refused", "expired", "left", "in doubt", "inbox"})
COPY: Final = frozenset({"copy"})
DEATH: Final = frozenset({"death"})
STOPPED: Final = frozenset({"stopped"})

EVENTS: Final = frozenset({"refused", "expired", "left", "in doubt", "death"})
"""Kinds that happen and are past: their end is no news. The others last, and their end is."""

MOST: Final = 200
"""How many troubles of one kind are kept."""

LISTED: Final = 10
"""How many a message lists; the others are counted."""

FORGOTTEN: Final = timedelta(days=7)
"""What is over for so long is not told any more."""

ADVICE: Final[Mapping[str, str]] = {
    "source": "see that it is there, can be read or reached, and is still what the source writes; later runs ask again",
    "source stale": "see that whatever fetches the listings still works, and that the sources still announce",
    "channel": "`digest test-mail ADDRESS` shows what is said; what waits goes out by itself once it works again",
    "refused": "look at the address; after some days of hard bounces nothing is sent there any more",
    "expired": "its papers open the reader's next mail; `digest outbox` has the server's words",
    "left": "`digest outbox --all` has the server's words: it will not have something that is in these papers",
    "in doubt": "`digest outbox` lists them, and lets you decide what becomes of them",
    "inbox": "see `mail: inbox` in the config; mails that unsubscribe wait there until it is read",
    "copy": f"adopt it, {ONLY_IF}",
    "stopped": "the message says what stopped it; nothing was half done, and the next run does it",
    "death": "nothing is to be done for the store; see whether the machine ran out of memory or was switched off",
}
"""What to do about each kind."""


class Wrong(NamedTuple):
    """Something that is wrong now."""

    name: str
    """The same for the same trouble: its kind, then what it is of."""
    what: str


class News(NamedTuple):
    """What the operator does not know yet."""

    begun: tuple[Trouble, ...]
    over: tuple[Trouble, ...]
    """Troubles that have ended; the operator may not know of their beginning either."""


def kind(trouble: Trouble | Wrong) -> str:
    return trouble.name.partition(": ")[0]


# ------------------------------------------------------------------------------------------- what is wrong


def of_sources(problems: Iterable[Problem], verdicts: Iterable[Verdict]) -> list[Wrong]:
    """What a run's sources and days say. A listing that cannot be read is no trouble of the operator's."""
    found = [Wrong(f"source: {one.file}", _said(str(one))) for one in problems if one.line is None]
    if "source stale" in verdicts:
        found.append(Wrong("source stale", "nothing new has come from any source for days"))
    return found[:MOST]


def of_sending(
    sent: Sent, undelivered: Iterable[Delivery], doubts: Iterable[Delivery], left: Iterable[Delivery] = ()
) -> list[Wrong]:
    """What is wrong with the deliveries: `undelivered` are those of the newest editions that were refused or expired,
    `doubts` those in doubt that nobody has decided on, `left` those that the newest editions leave to their pages.
    """
    if sent.copy:
        # What to do about it stands below it.
        return [Wrong("copy", _said(f"nothing is sent: {sent.copy.partition(';')[0]}"))]
    found = [Wrong(f"channel: {channel}", _said(f"{channel} stopped: {why}")) for channel, why in sent.halted.items()]
    if sent.problems:
        found.append(Wrong("inbox", _said("; ".join(sent.problems))))
    refused: list[Wrong] = []
    expired: list[Delivery] = []
    for one in undelivered:
        if one.state == "refused":
            refused.append(_refused(one))
        elif one.state == "expired":
            expired.append(one)
    found += refused[:MOST]
    found += [
        Wrong(f"expired: {profile}", f"{profile}: {_messages(some)} could not be delivered in time{_words(some[0])}")
        for profile, some in _by_profile(expired)
    ]
    found += [
        Wrong(
            f"left: {profile}",
            f"{profile}: the papers of {_messages(some)} are left to their pages: mails with them were refused 3 times",
        )
        for profile, some in _by_profile(left)
    ]
    found += [
        Wrong(f"in doubt: {profile}", f"{profile}: {_messages(some)} may or may not have arrived")
        for profile, some in _by_profile(doubts)
    ]
    return found


def _by_profile(deliveries: Iterable[Delivery]) -> Iterable[tuple[str, list[Delivery]]]:
    found: dict[str, list[Delivery]] = {}
    for one in deliveries:
        found.setdefault(one.profile, []).append(one)
    return found.items()


def of_deaths(dead: Sequence[Run], recovered: int) -> list[Wrong]:
    """`dead` are the runs before this one that never ended, the last of which, the first here, left `recovered`
    deliveries midway.
    """
    left = f"; it left {recovered:,} messages midway, which are accounted for" if recovered else ""
    return [
        Wrong(
            f"death: {one.number}",
            f"`digest {one.command}` (process {one.process}) began {instant(one.began)} and never ended"
            f"{left if one is dead[0] else ''}",
        )
        for one in dead[:MOST]
    ]


def of_error(command: str, error: Exception) -> Wrong:
    """`error` stopped `digest COMMAND`."""
    return Wrong(f"stopped: {command}", _said(f"`digest {command}` was stopped: {error}"))


def scope(sent: Sent | None, channels: Collection[str], known: Sequence[Trouble]) -> frozenset[str]:
    """The names of the `known` troubles that a run which sent can judge; `sent` is None where it did not try. Whether
    a channel works is known only where it stopped, or something was taken or refused there.
    """
    if sent is None:
        return frozenset()
    if sent.copy:
        return frozenset(one.name for one in known if kind(one) in COPY)
    silent = {f"channel: {one}" for one in channels if one not in sent.answered and one not in sent.halted}
    return frozenset(one.name for one in known if kind(one) in SENDING | COPY and one.name not in silent)


def _refused(one: Delivery) -> Wrong:
    told = "\n".join((one.to.channel, fold_address(one.to.address))).encode("utf-8", "replace")
    mark = blake2b(told, digest_size=8).hexdigest()
    return Wrong(f"refused: {one.profile} {mark}", f"{one.profile}: {masked(one.to.address)} is refused{_words(one)}")


def _messages(some: Sequence[Delivery]) -> str:
    days = sorted({one.day for one in some})
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return f"{len(some):,} {'message' if len(some) == 1 else 'messages'} of {span}"


def _words(one: Delivery) -> str:
    """A server's last words, in which it may name the reader."""
    return f": {_said(one.detail)}" if one.detail else ""


def _said(text: str) -> str:
    return shorten(_ADDRESS.sub(lambda found: masked(found[0]), one_line(text)), 300)


_ADDRESS = pattern(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")


# --------------------------------------------------------------------------------------------- what is new


def weigh(wrong: Iterable[Wrong], known: Iterable[Trouble], judged: Collection[str], now: datetime) -> list[Trouble]:
    """The troubles as they are now. Of those that are `known` only the ones `judged`, by name, can be over.

    A trouble that comes again before anybody was told that it was over is the same one still.
    """
    found = {one.name: one for one in wrong}
    kept: list[Trouble] = []
    for one in known:
        if one.name in found:
            kept.append(one._replace(what=found.pop(one.name).what, over=None))
        elif one.name not in judged:
            kept.append(one)
        elif one.told and kind(one) in EVENTS:
            continue
        elif not one.over or now - one.over < FORGOTTEN:
            kept.append(one._replace(over=one.over or now))
    return [*kept, *(Trouble(name, what, now) for name, what in found.values())]


def news(troubles: Iterable[Trouble]) -> News:
    """What of it the operator has to be told."""
    told = sorted(troubles, key=lambda one: (one.since, one.name))
    return News(
        begun=tuple(one for one in told if not one.over and not one.told),
        over=tuple(one for one in told if one.over),
    )


def heard(troubles: Iterable[Trouble], now: datetime) -> list[Trouble]:
    """The troubles once the operator knows of them all: what is over is forgotten."""
    return [one._replace(told=one.told or now) for one in troubles if not one.over]


# -------------------------------------------------------------------------------------------- what is said


def message(found: News, title: str, place: str, line: str) -> tuple[str, str]:
    """Subject and text about what is new in the installation called `title`, whose store is at `place`; `line` is the
    run's last.
    """
    begun, over = found
    first = next(iter(begun or over), None)
    assert first, "there is something to tell"
    many = len(begun or over)
    if begun:
        subject = f"{title}: {first.what}" if many == 1 else f"{title}: {many:,} troubles, first: {first.what}"
    else:
        subject = f"{title}: over: {first.what}" if many == 1 else f"{title}: {many:,} troubles are over"
    parts = [_listed("Something is wrong:", begun, ended=False)] if begun else []
    parts += [_listed("This is over:", over, ended=True)] if over else []
    parts += [f"How the run ended: {line}"] if line else []
    parts.append(f"`digest status` says how things stand. The store is {place}.")
    if begun:
        parts.append("You are told of each trouble once, until it is over and comes again.")
    return shorten(one_line(subject), 120), "\n\n".join(parts) + "\n"


def _listed(heading: str, troubles: Sequence[Trouble], *, ended: bool) -> str:
    lines = [heading]
    for one in troubles[:LISTED]:
        lines += ["", f"- {one.what}"]
        if ended:
            assert one.over
            lines.append(f"  From {instant(one.since)} to {instant(one.over)}.")
        else:
            lines.append(f"  Since {instant(one.since)}.")
            if advice := ADVICE.get(kind(one)):
                lines.append(f"  What to do: {advice}.")
    if len(troubles) > LISTED:
        lines += ["", f"- and {len(troubles) - LISTED:,} more"]
    return "\n".join(lines)


def instant(at: datetime) -> str:
    """`2026-05-26 06:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
