"""Getting editions to those who subscribed: planned, written and frozen, handed to carriers, accounted for.

    store.edition ─▶ plan ─▶ write ─▶ freeze ─▶ carriers ─▶ Sent
                       └──────── the ledger (`digest.store.outbox`) ────────┘

Each arrow is a committed transaction, and `send` begins with what a dead run left behind: so it may die anywhere, and
the next one goes on. Only a store that cannot be written stops it by an exception.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from digest.delivery import Carrier
from digest.errors import DigestError, StorageError, TryAgain
from digest.model import Addressee, Delivery, Outcome, Parcel, Profile, State
from digest.sending.letters import MAIL, Desk, letterhead, written
from digest.store import Store
from digest.store.outbox import Journal, Outbox

BATCH = 64
"""How many messages are written and frozen at a time, 64 of 100 kB are 6 MB, and for how many profiles is planned."""

READERS = 10_000
"""And for how many readers, where a profile does not have more: that takes less than a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Everything that sending needs to be told."""

    profiles: Sequence[Profile]
    today: Mapping[str, date]
    """For each profile its local day."""
    desk: Desk
    carriers: Mapping[str, Carrier]
    """By channel."""
    run: str
    """An id that no other run has."""
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    """Numbers in [0, 1)."""
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of it."""

    tallies: Mapping[str, Mapping[State, int]] = field(default_factory=dict)
    """For each profile how the deliveries of its newest edition that was planned stand."""
    earlier: Mapping[str, date] = field(default_factory=dict)
    """The day of that edition, for profiles where it is before today: nobody was to be sent anything today."""
    halted: Mapping[str, str] = field(default_factory=dict)
    """Why a channel stopped early."""
    recovered: int = 0
    """How many deliveries a dead run had left midway."""
    doubted: int = 0
    """How many deliveries came to be in doubt, in this run or the dead one before it."""
    undecided: Sequence[Delivery] = ()
    """Those in doubt of other editions than `tallies` are of, on which the operator has said nothing."""
    answered: frozenset[str] = frozenset()
    """The channels on which some message was taken or refused."""
    copy: str = ""
    """Why nothing is sent from this store; empty where that is not so."""
    problems: Sequence[str] = ()
    """What else the operator should know, in sentences."""

    @property
    def planned(self) -> bool:
        """There is somebody who is sent something."""
        return any(self.tallies.values())


def send(errand: Errand, store: Store, problems: Sequence[str] = ()) -> Sent:
    """Plan what is not planned yet and deliver what is due. For who holds the lock of the store."""
    outbox, mailing = store.outbox, errand.desk.mailing
    resend = bool(mailing and mailing.in_doubt == "resend")
    recovered = outbox.recover(now=errand.clock(), resend=resend)
    outbox.dismiss_others([profile.name for profile in errand.profiles], errand.clock())
    # Before planning: the newest edition takes along what is over.
    outbox.expire(errand.clock())
    for some in in_steps(errand.profiles):
        with store.together():
            for profile in some:
                for channel in errand.carriers:
                    outbox.thaw(profile.name, channel, letterhead(profile.name, channel, errand.desk), errand.clock())
                plan(profile, errand, store)
    halted: dict[str, str] = {}
    answered: set[str] = set()
    doubted = sum(delivery.state == "in doubt" for delivery in recovered)
    for channel, carrier in errand.carriers.items():
        ledger = outbox.journal(
            errand.run,
            channel,
            clock=errand.clock,
            chance=errand.chance,
            resend=resend,
            bounces=mailing.bounces if mailing else 3,
        )
        journal = Feeding(ledger, lambda: write(outbox, errand.desk, errand.clock()), errand.stopping)
        if why := carrier.carry(journal, journal.stopping):
            halted[channel] = why
        if journal.failed:
            raise journal.failed
        doubted += journal.doubted
        if journal.answered:
            answered.add(channel)
    outbox.expire(errand.clock())
    with store.together():
        newest = {one.name: last_planned(one, errand.today[one.name], outbox) for one in errand.profiles}
        tallies = {name: outbox.tally(name, day) if day else {} for name, day in newest.items()}
    return Sent(
        tallies=tallies,
        earlier={name: day for name, day in newest.items() if day and day < errand.today[name]},
        halted=halted,
        recovered=len(recovered),
        doubted=doubted,
        undecided=tuple(one for one in outbox.doubts() if one.day != newest.get(one.profile)),
        answered=frozenset(answered),
        problems=tuple(problems),
    )


def last_planned(profile: Profile, today: date, outbox: Outbox) -> date | None:
    """The day of the newest edition that was planned for anybody. One of a day to come, which a wrong clock or
    a slip of the pen put there, hides nothing of what was planned since.
    """
    newest = outbox.deliveries(profile=profile.name, limit=1)
    newest += outbox.deliveries(profile=profile.name, until=today, limit=1)
    return max(newest, key=lambda one: one.id).day if newest else None


# ------------------------------------------------------------------------------------------------ planning


def in_steps(profiles: Iterable[Profile]) -> Iterator[list[Profile]]:
    """The profiles in their order, as many together as are planned in one step: nobody can unsubscribe meanwhile."""
    some: list[Profile] = []
    readers = 0
    for one in profiles:
        if some and (len(some) == BATCH or readers + len(one.recipients) > READERS):
            yield some
            some, readers = [], 0
        some.append(one)
        readers += len(one.recipients)
    if some:
        yield some


def plan(profile: Profile, errand: Errand, store: Store) -> int:
    """A row for each reader of the profile's newest edition, and for those of older ones that a dead run never planned:
    these are over, and the newest takes their papers along. How many rows there are now that were not there before.

    An edition that was made before anybody was to be sent anything is history, and so is one of a past day for a reader
    who is new.
    """
    outbox, now = store.outbox, errand.clock()
    to = [one for one in profile.recipients if one.channel in errand.carriers]
    outbox.dismiss(profile.name, to, now)
    if not to:
        return 0
    carry = not errand.desk.mailing or errand.desk.mailing.in_doubt != "hold"
    hours = errand.desk.mailing.expires if errand.desk.mailing else 24
    due = due_days(profile, errand.today[profile.name], store)
    planned = 0
    for day in due[:-1]:
        planned += outbox.plan(profile.name, day, to, now=now, expires=now, carry=carry, known=True)
    outbox.enrol(profile.name, _marks(profile.name, to, errand.desk))
    if due:
        planned += outbox.plan(profile.name, due[-1], to, now=now, expires=now + timedelta(hours=hours), carry=carry)
    return planned


def _marks(profile: str, to: Sequence[Addressee], desk: Desk) -> dict[Addressee, str]:
    """By what each of `to` is known when they leave; empty for chats, which cannot."""
    from digest.delivery import leaving

    return {one: leaving.mark(leaving.token(desk.key, profile, one)) if one.channel == MAIL else "" for one in to}


def due_days(profile: Profile, today: date, store: Store) -> list[date]:
    """The days of the editions to plan, the oldest first: today's, and those that were never planned. Today's is the
    last where nobody was sent it yet.
    """
    days = [line.day for line in reversed(store.archive(profile.name, profile.title, 0).days)]
    planned = store.outbox.deliveries(profile=profile.name, until=today, limit=1)
    last = planned[0].day if planned else None
    due = [day for day in days if day == today or (last and day > last)]
    due = [day for day in due if day <= today or not store.outbox.tally(profile.name, day)]
    return due if last == today else sorted(due, key=today.__eq__)


# ----------------------------------------------------------------------------------------------- delivering


class Feeding:
    """A journal that has more written where the ledger has nothing left to claim: so no more of a large edition is
    ever frozen ahead than one batch.

    Where the store takes no more it gives no more: what is on its way is finished, and its outcomes are recorded if
    they can be.
    """

    def __init__(
        self, journal: Journal, write: Callable[[], int], stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self._journal = journal
        self._write = write
        self._stopping = stopping
        self.doubted = 0
        self.answered = False
        self.failed: DigestError | None = None
        """Why it gives no more."""

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        parcels = self._journal.step(settled=settled, marked=marked, wanted=wanted)
        self.doubted += sum(outcome.state == "in doubt" for outcome in settled)
        self.answered = self.answered or any(outcome.state in ("accepted", "refused") for outcome in settled)
        self.failed = self.failed or self._journal.full
        while len(parcels) < wanted and self._more():
            parcels += self._journal.step(wanted=wanted - len(parcels))
        return parcels

    def stopping(self) -> bool:
        """Somebody wants us to stop, or nothing more can be given."""
        return self._stopping() or self.failed is not None

    def _more(self) -> bool:
        if self.failed:
            return False
        try:
            return bool(self._write())
        except (StorageError, TryAgain) as error:
            self.failed = error
            return False


def write(outbox: Outbox, desk: Desk, at: datetime) -> int:
    """Write and freeze a batch of what is planned, all of that instant; how many that were. Whoever the config has no
    more was dismissed before, so that everything can be written.
    """
    waiting = outbox.planned(BATCH)
    outbox.freeze([written(one, outbox.content(one.id), desk, at) for one in waiting])
    return len(waiting)


WAITING: Final[tuple[State, ...]] = ("planned", "rendered", "claimed", "dot sent", "deferred")
"""What has not come to its end yet."""


def waiting(outbox: Outbox, profile: str) -> list[Delivery]:
    """What has not come to its end yet."""
    return outbox.deliveries(profile=profile, states=WAITING)


def ready(outbox: Outbox, now: datetime) -> bool:
    """Something waits, and its time has come."""
    return any(not one.due or one.due <= now for one in outbox.deliveries(states=WAITING))


def left_to_pages(profiles: Sequence[Profile], today: Mapping[str, date], outbox: Outbox) -> list[Delivery]:
    """What each profile's newest edition that was planned is the first to leave to its page."""
    newest = [(one.name, last_planned(one, today[one.name], outbox)) for one in profiles if one.recipients]
    return [found for name, day in newest if day for found in outbox.left(name, day)]


def undelivered(profiles: Sequence[Profile], today: Mapping[str, date], outbox: Outbox) -> list[Delivery]:
    """What of each profile's newest edition that was planned was refused, or not taken in time; of profiles that
    somebody reads.
    """
    found: list[Delivery] = []
    for profile in profiles:
        newest = last_planned(profile, today[profile.name], outbox)
        if newest and profile.recipients:
            found += outbox.deliveries(profile=profile.name, day=newest, states=("refused", "expired"))
    return found
