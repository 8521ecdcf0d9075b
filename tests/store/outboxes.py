"""Ledgers for tests: readers, editions, and rows brought to any state by what a run does."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from builders import a_digest, a_paper, a_ranked

from digest.model import Addressee, Delivery, Edition, Outcome, Parcel, State
from digest.store import Store
from digest.store.outbox import Frozen, Journal

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STATES: tuple[State, ...] = (
    "planned",
    "rendered",
    "claimed",
    "dot sent",
    "accepted",
    "deferred",
    "refused",
    "suppressed",
    "expired",
    "in doubt",
)
RUN = "a run"


def reader(name: str = "ana", channel: str = "mail") -> Addressee:
    return Addressee(channel, f"{name}@example.org", name.title())


def readers(number: int) -> list[Addressee]:
    return [reader(f"reader{one}") for one in range(number)]


_papers = count(1)


def kept(store: Store, day: str = "2026-05-26", shown: int = 1, profile: str = "ana") -> Edition:
    """An edition of that day that shows so many papers nobody saw before."""
    ranked = [a_ranked(a_paper(f"arxiv:2605.{next(_papers):05}")) for _ in range(shown)]
    digest = a_digest(*ranked, profile=profile, day=day)
    return store.keep(digest, datetime.combine(digest.day, datetime.min.time(), UTC))


def content(delivery: int) -> bytes:
    return f"Message-ID: <{delivery}@example.org>\r\n\r\nThe letter number {delivery}.\r\n".encode()


def frozen(delivery: Delivery) -> Frozen:
    """What that row says, the same whenever it is asked."""
    parcel = Parcel(delivery.id, "digest@example.org", delivery.to.address, content(delivery.id))
    return Frozen(parcel, f"{delivery.id}@example.org", "old")


def freeze(store: Store) -> None:
    """Everything that is planned is rendered."""
    while waiting := store.outbox.planned(100):
        store.outbox.freeze([frozen(one) for one in waiting])


def journal(
    store: Store,
    now: datetime | Callable[[], datetime] = NOW,
    run: str = RUN,
    *,
    channel: str = "mail",
    chance: float = 0.0,
    resend: bool = False,
    bounces: int = 3,
) -> Journal:
    clock = now if callable(now) else lambda: now
    return store.outbox.journal(run, channel, clock=clock, chance=lambda: chance, resend=resend, bounces=bounces)


def planned(
    store: Store,
    to: Sequence[Addressee],
    day: str = "2026-05-26",
    now: datetime = NOW,
    hours: float = 24,
    *,
    shown: int = 1,
    carry: bool = True,
) -> Edition:
    """An edition of that day, planned for those readers, what is over by then being expired."""
    edition = store.edition("ana", datetime.fromisoformat(day).date()) or kept(store, day, shown)
    store.outbox.expire(now)
    store.outbox.plan(edition.digest.profile, edition.digest.day, to, now=now, expires=now + hours * HOUR, carry=carry)
    return edition


def claimed(store: Store, now: datetime = NOW, wanted: int = 100, run: str = RUN) -> list[int]:
    """The rows that a run claims, after everything is frozen."""
    freeze(store)
    return [parcel.id for parcel in journal(store, now, run).step(wanted=wanted)]


def states(store: Store) -> dict[int, State]:
    return {one.id: one.state for one in store.outbox.deliveries()}


def row(store: Store, delivery: int) -> Delivery:
    [found] = [one for one in store.outbox.deliveries() if one.id == delivery]
    return found


def one_in_each(store: Store) -> dict[State, int]:
    """Ten rows of one edition, one in each state; those that a run has midway are `RUN`'s."""
    outbox, found = store.outbox, dict[State, int]()
    edition = kept(store)

    def plan(state: State, hours: float = 24) -> int:
        to = reader(state.replace(" ", "-"))
        outbox.plan(edition.digest.profile, edition.digest.day, [to], now=NOW, expires=NOW + hours * HOUR)
        found[state] = outbox.deliveries(limit=1)[0].id
        return found[state]

    plan("expired", 1)
    freeze(store)
    outbox.expire(NOW + HOUR)
    plan("suppressed")
    outbox.suppress("ana", reader("suppressed"), "operator", NOW)
    steps = journal(store)
    plan("rendered")
    for state in ("claimed", "dot sent", "accepted", "deferred", "refused", "in doubt"):
        plan(state)
    freeze(store)
    steps.step(wanted=100)
    outcomes = [Outcome(found["accepted"], "accepted"), Outcome(found["refused"], "refused", "550 no")]
    outcomes += [Outcome(found["deferred"], "deferred", "451 later"), Outcome(found["in doubt"], "in doubt", "silence")]
    steps.step(marked=[found["dot sent"], found["in doubt"]])
    steps.step(settled=[*outcomes, Outcome(found["rendered"], "rendered", "given back")])
    plan("planned")
    assert states(store) == {number: state for state, number in found.items()}
    return found
