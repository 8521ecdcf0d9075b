"""What the ledger is asked, by whoever sends: which delivery stands where, and what of it is certain.

Every (edition, recipient) is one row, and each method is one transaction that is on disk when
it returns. `digest.model.State` draws the states.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from digest.errors import StorageError
from digest.model import Addressee, Delivery, Edition, Outcome, Parcel, State


class Frozen(NamedTuple):
    """A delivery as it will travel, the same bytes at each try."""

    parcel: Parcel
    message_id: str
    """Without angle brackets; what is no mail has one too, to know it by."""
    letterhead: str = ""
    """Tells what of the config it was written with."""


class Left(NamedTuple):
    """An edition whose papers a reader's mails leave to its page, because too many with them were refused for what is
    in them.
    """

    day: date
    papers: int


class Content(NamedTuple):
    """What a delivery says."""

    editions: Sequence[Edition]
    """That which it is of, then those that it takes along, directly or through others, newest first."""
    left: Sequence[Left]
    """Those of which it says that it leaves them, newest first."""


class Suppression(NamedTuple):
    """Somebody to whom nothing is sent."""

    profile: str
    """Empty: of no profile."""
    to: Addressee
    reason: Literal["unsubscribed", "bounced", "operator"]
    since: datetime
    detail: str = ""


class Subscriber(NamedTuple):
    """Who reads which profile by which channel."""

    profile: str
    to: Addressee


class Trouble(NamedTuple):
    """Something that is wrong since a moment, and whether the operator has been told."""

    name: str
    what: str
    since: datetime
    told: datetime | None = None
    over: datetime | None = None
    """It is wrong no more; the operator has not been told so, or of the whole trouble."""


class Journal(Protocol):
    """As `digest.delivery.Journal`."""

    full: StorageError | None
    """Why it claims nothing any more: the disk has no room. What is settled and marked is still recorded, in room that
    was kept for that.
    """

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]: ...


class Outbox(Protocol):
    """The ledger of deliveries. Every method raises StorageError or TryAgain, and then has changed nothing."""

    def enrol(self, profile: str, marks: Mapping[Addressee, str]) -> None:
        """Remember whom a mark (the hash of the token in a link that unsubscribes) belongs to, for good."""
        ...

    def subscriber(self, mark: str) -> Subscriber | None:
        """Whose mark that is."""
        ...

    def plan(
        self,
        profile: str,
        day: date,
        to: Sequence[Addressee],
        *,
        now: datetime,
        expires: datetime,
        carry: bool = True,
        known: bool = False,
    ) -> int:
        """A `planned` row for each of `to` that has none for the edition of that day, or an `expired` one where its
        time is over by `now`; how many are new.

        Whoever is suppressed gets a row that says so. Each new row takes along the recipient's rows of editions of the
        profile that were planned before, are `expired` (`expire` is to be called before), `refused`, dismissed, or `in
        doubt` (those only where `carry`, or where `decide` said so), and that no other row took: their `carried_into`
        is the new row. What comes along with them and was in three mails by then that were refused after they were
        marked, so for what is in them, is left: its `carried_into` is the new row too, which says so and does not have
        its papers. For an edition that shows no paper a row is made only for who has something to take along; `known`
        leaves out who was not enrolled.
        """
        ...

    def dismiss(self, profile: str, to: Sequence[Addressee], now: datetime) -> int:
        """What waits for anybody but `to` becomes `suppressed`: they are no recipients any more. How many rows.
        Whoever is one again takes it along.
        """
        ...

    def dismiss_others(self, profiles: Sequence[str], now: datetime) -> int:
        """As `dismiss`, for every reader of any profile but `profiles`."""
        ...

    def planned(self, limit: int) -> list[Delivery]:
        """At most `limit` rows that wait to be rendered, the oldest first."""
        ...

    def content(self, delivery: int) -> Content:
        """What the row says. What it leaves has been said by no mail that arrived."""
        ...

    def left(self, profile: str, day: date) -> list[Delivery]:
        """The rows that those of an edition are the first to leave."""
        ...

    def freeze(self, frozen: Sequence[Frozen]) -> None:
        """Keep what `planned` rows say; they are `rendered` then. Other rows stay as they are. For who holds the lock
        of the store.
        """
        ...

    def thaw(self, profile: str, channel: str, letterhead: str, now: datetime) -> int:
        """What waits of a profile on a channel, was frozen with another letterhead and given to nobody, is `planned`
        again, as if it had never been written; how many rows. What was marked once keeps its bytes: somebody may have
        them. For who holds the lock of the store.
        """
        ...

    def journal(
        self,
        run: str,
        channel: str,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        resend: bool = False,
        bounces: int = 3,
    ) -> Journal:
        """The ledger for one carrier of one run, which holds the lock of the store. `chance` gives numbers in [0, 1)
        for the jitter of `backoff`.

        `step` claims rows of `channel` that are `rendered`, or `deferred` and due, that have not expired, oldest
        first; suppression is looked at again in that very transaction (D10). An outcome that is `in doubt` becomes
        `deferred` where `resend`. A settled row that this run had not claimed, and a mark for one, are refused with a
        ValueError: nothing is recorded twice.

        Raises StorageError where there is not enough room to record what becomes of what is sent.
        """
        ...

    def recover(self, *, now: datetime, resend: bool = False) -> list[Delivery]:
        """Rows that a dead run left midway, as they are now: `claimed` becomes `rendered`, `dot sent` becomes `in
        doubt` (or `deferred`, due at once, where `resend`). For who holds the lock of the store.

        A next try, or an end, that no backoff and no config can have put so far ahead was put there by a clock that was
        wrong: the one is due now, the other in a day.
        """
        ...

    def adopt(self, now: datetime) -> int:
        """This copy of the store is the one that sends from now on. What was under way is `in doubt`, and so will be
        whatever is planned for editions that are kept, or whose day had begun, at `now`: the original may have sent it.
        How many rows that changed.
        """
        ...

    def expire(self, now: datetime) -> list[Delivery]:
        """Rows that wait and whose time is over become `expired`; these. Before that, what waits for somebody who left
        while it was under way becomes `suppressed`. Frozen bytes are kept as long as somebody can want to send them:
        of what went wrong for 7 days.
        """
        ...

    def deliveries(
        self,
        *,
        profile: str | None = None,
        day: date | None = None,
        until: date | None = None,
        states: Sequence[State] = (),
        limit: int | None = None,
    ) -> list[Delivery]:
        """Rows, newest first; of one profile, of one day, of none after `until`, in some states (empty: all)."""
        ...

    def tally(self, profile: str, day: date) -> dict[State, int]:
        """How many rows of an edition are in each state."""
        ...

    def doubts(self) -> list[Delivery]:
        """Rows in doubt, newest first, that no later edition took along and on which the operator has said nothing."""
        ...

    def message(self, delivery: int) -> bytes | None:
        """The frozen bytes, where they are still kept."""
        ...

    def decide(self, delivery: int, how: Literal["resend", "carry", "drop"], now: datetime) -> Delivery:
        """The operator's word on a row that is in doubt, expired or refused: send the same bytes again; let the next
        edition take its papers along; or let it be. Raises UsageError where that cannot be, saying why.
        """
        ...

    def suppress(
        self,
        profile: str,
        to: Addressee,
        reason: Literal["unsubscribed", "bounced", "operator"],
        now: datetime,
        detail: str = "",
    ) -> bool:
        """Nothing is sent to them any more, and what waits becomes `suppressed`. False where that was so already."""
        ...

    def release(
        self, profile: str, to: Addressee, reason: Literal["unsubscribed", "bounced", "operator"] | None = None
    ) -> bool:
        """They may be sent to again, from the next edition on. Where a `reason` is given, only what was held back for
        that one is, and what is known of bounces stays. False where nothing held it back.
        """
        ...

    def held(self, profile: str, to: Addressee) -> list[Suppression]:
        """What holds mail of the profile to them back: that of the profile and that of all profiles."""
        ...

    def suppressions(self) -> list[Suppression]: ...

    def bounced(self, mark: str, to: Addressee, hard: bool, now: datetime, *, limit: int, detail: str = "") -> bool:
        """Record a bounce once, by the mark of its report; hard ones on `limit` days, none of them more than 14 days
        after the one before, and the address is suppressed. False where this report was recorded before.
        """
        ...

    def by_message_id(self, message_id: str) -> Delivery | None:
        """The row whose message has that id, without angle brackets."""
        ...

    def troubles(self) -> list[Trouble]: ...

    def keep_troubles(self, troubles: Sequence[Trouble]) -> None:
        """These, and no others."""
        ...
