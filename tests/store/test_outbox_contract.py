"""What every ledger of deliveries does (`digest.store.outbox`), whatever it keeps its rows in. A second kind of store
adds its opener to OPENERS in `conftest.py`.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Opener
from outboxes import (
    DAY,
    HOUR,
    NOW,
    RUN,
    STATES,
    claimed,
    content,
    freeze,
    frozen,
    journal,
    kept,
    one_in_each,
    planned,
    reader,
    readers,
    row,
    states,
)

from digest.errors import UsageError
from digest.model import Addressee, Outcome, State
from digest.store import Store
from digest.store.backoff import FIRST, LONGEST, backoff
from digest.store.outbox import Left

ANA, BEN = reader("ana"), reader("ben")


# ------------------------------------------------------------------------------------------------- the arrows

Move = Callable[[Store, int], None]
WAITING: tuple[State, ...] = ("planned", "rendered", "deferred")
MIDWAY: tuple[State, ...] = ("claimed", "dot sent")
OPEN: tuple[State, ...] = ("refused", "expired", "in doubt")


def settle(outcome: Outcome, **known: bool) -> Callable[[Store, int], None]:
    return lambda store, number: journal(store, **known).step(settled=[outcome._replace(id=number)])  # type: ignore[arg-type,func-returns-value]


def all_to(state: State, *origins: State) -> dict[State, State]:
    return dict.fromkeys(origins, state)


# What each thing that may happen to one row makes of it, by the state that it was in; in all others it is refused, by
# a ValueError of the journal or a UsageError to the operator.
OF_ONE: dict[str, tuple[Move, dict[State, State]]] = {
    "mark": (lambda store, number: journal(store).step(marked=[number]) and None, {"claimed": "dot sent"}),
    "accept": (settle(Outcome(0, "accepted")), all_to("accepted", *MIDWAY)),
    "refuse": (settle(Outcome(0, "refused")), all_to("refused", *MIDWAY)),
    "defer": (settle(Outcome(0, "deferred")), all_to("deferred", *MIDWAY)),
    "doubt": (settle(Outcome(0, "in doubt")), {"dot sent": "in doubt"}),
    "doubt, to be sent again": (settle(Outcome(0, "in doubt"), resend=True), all_to("deferred", *MIDWAY)),
    "give back": (settle(Outcome(0, "rendered")), {"claimed": "rendered"}),
    "resend": (lambda store, number: store.outbox.decide(number, "resend", NOW) and None, all_to("rendered", *OPEN)),
    "carry": (
        lambda store, number: store.outbox.decide(number, "carry", NOW) and None,
        {state: state for state in OPEN},
    ),
    "drop": (lambda store, number: store.outbox.decide(number, "drop", NOW) and None, {state: state for state in OPEN}),
}


@pytest.mark.parametrize("what", OF_ONE)
def test_what_may_happen_to_a_row(what: str, store: Store) -> None:
    """D05, D11: a row moves along its arrows only; from every other state the move is refused, and nothing changes."""
    move, allowed = OF_ONE[what]
    for state, number in one_in_each(store).items():
        before = states(store)
        if state in allowed:
            move(store, number)
            assert states(store) == {**before, number: allowed[state]}
        else:
            with pytest.raises((ValueError, UsageError)):
                move(store, number)
            assert states(store) == before


# What each thing that happens to the whole ledger makes of a row in each state; it stays in all others.
OF_ALL: dict[str, tuple[Callable[[Store], object], dict[State, State]]] = {
    "freeze": (freeze, {"planned": "rendered"}),
    "thaw": (lambda store: store.outbox.thaw("ana", "mail", "new", NOW), all_to("planned", "rendered", "deferred")),
    "thaw another's": (lambda store: store.outbox.thaw("bob", "mail", "new", NOW), {}),
    "thaw another channel's": (lambda store: store.outbox.thaw("ana", "webhook", "new", NOW), {}),
    "thaw what is as it was": (lambda store: store.outbox.thaw("ana", "mail", "old", NOW), {}),
    "claim": (lambda store: journal(store, NOW + HOUR).step(wanted=100), all_to("claimed", "rendered", "deferred")),
    "recover": (lambda store: store.outbox.recover(now=NOW), {"claimed": "rendered", "dot sent": "in doubt"}),
    "recover, to be sent again": (
        lambda store: store.outbox.recover(now=NOW, resend=True),
        {"claimed": "rendered", "dot sent": "deferred"},
    ),
    "expire": (lambda store: store.outbox.expire(NOW + DAY), all_to("expired", *WAITING)),
    "dismiss": (lambda store: store.outbox.dismiss("ana", [], NOW), all_to("suppressed", *WAITING)),
    "adopt": (lambda store: store.outbox.adopt(NOW), all_to("in doubt", *WAITING, *MIDWAY)),
    "suppress": (
        lambda store: [store.outbox.suppress("", one.to, "operator", NOW) for one in store.outbox.deliveries()],
        all_to("suppressed", *WAITING),
    ),
    "release": (lambda store: store.outbox.release("ana", reader("suppressed")), {}),
    "plan again": (lambda store: planned(store, [one.to for one in store.outbox.deliveries()]), {}),
}


@pytest.mark.parametrize("what", OF_ALL)
def test_what_may_happen_to_all_rows(what: str, store: Store) -> None:
    """D05, D11: whatever happens to the ledger, what was accepted stays so, and rows move along their arrows only."""
    happens, moves = OF_ALL[what]
    found = one_in_each(store)
    happens(store)
    assert states(store) == {number: moves.get(state, state) for state, number in found.items()}


def test_every_pair_of_states_is_decided() -> None:
    """Of the hundred arrows between ten states these and no others are ever drawn; none leaves `accepted`."""
    drawn = {(origin, end) for _, moves in [*OF_ONE.values(), *OF_ALL.values()] for origin, end in moves.items()}
    moves = {(origin, end) for origin, end in drawn if origin != end}
    assert moves == {
        ("planned", "rendered"),
        ("rendered", "claimed"),
        ("claimed", "dot sent"),
        ("claimed", "rendered"),
        *((state, end) for state in MIDWAY for end in ("accepted", "refused", "deferred")),
        ("deferred", "claimed"),
        *((state, "planned") for state in ("rendered", "deferred")),  # written for a config that has changed
        *((state, end) for state in WAITING for end in ("suppressed", "expired", "in doubt")),
        ("claimed", "in doubt"),  # only where a copy of the store is adopted
        ("dot sent", "in doubt"),
        *((state, "rendered") for state in OPEN),
    }
    assert not {origin for origin, _ in moves} & {"accepted", "suppressed"}


def test_a_row_is_moved_by_the_run_that_has_it_only(store: Store) -> None:
    """D05: what another run claimed is not marked or settled, and the whole step is undone."""
    found = one_in_each(store)
    before = states(store)
    other = journal(store, run="another run")
    outcomes = [Outcome(found[state], "accepted") for state in MIDWAY]
    for outcome in outcomes:
        with pytest.raises(ValueError, match="this run does not have"):
            other.step(settled=[outcome])
    with pytest.raises(ValueError, match="cannot be marked"):
        other.step(marked=[found["claimed"]])
    mine = journal(store)
    with pytest.raises(ValueError, match="1 of 1 deliveries cannot be settled as accepted"):
        mine.step(settled=[outcomes[0], outcomes[0]], wanted=5)
    assert states(store) == before


def test_what_was_marked_is_never_written_anew(store: Store) -> None:
    """D05, E07: from its first mark on a row has these bytes or none, whoever gives it back; and so has what a copy of
    the store does not know of.
    """
    planned(store, readers(4))
    deferred, doubted, early, copied = claimed(store)
    steps = journal(store)
    steps.step(marked=[deferred, doubted])
    steps.step(settled=[Outcome(deferred, "deferred"), Outcome(doubted, "in doubt")])
    store.outbox.adopt(NOW)
    for number in (doubted, copied, early):
        store.outbox.decide(number, "resend", NOW)
    assert store.outbox.thaw("ana", "mail", "new", NOW) == 0
    assert store.outbox.message(copied) == content(copied)


def test_what_is_written_anew(store: Store) -> None:
    """What nobody was given begins again: planned, without bytes, id and tries; nothing of it can be claimed."""
    planned(store, [ANA])
    [number] = claimed(store)
    journal(store).step(settled=[Outcome(number, "deferred", "450 later")])
    assert store.outbox.thaw("ana", "mail", "new", NOW + HOUR) == 1
    one = row(store, number)
    assert (one.state, one.message_id, one.attempts, one.due) == ("planned", "", 0, None)
    assert store.outbox.message(number) is None
    assert journal(store, NOW + DAY / 2).step(wanted=9) == []
    store.outbox.freeze([frozen(one)._replace(letterhead="new")])
    assert store.outbox.thaw("ana", "mail", "new", NOW + HOUR) == 0
    assert [one.id for one in journal(store, NOW + HOUR).step(wanted=9)] == [number]


# ---------------------------------------------------------------------------------------------------- planning


def test_each_reader_has_one_row_for_an_edition(store: Store) -> None:
    """D02: however often an edition is planned, and however an address is written."""
    edition = kept(store)
    outbox = store.outbox
    assert outbox.plan(edition.digest.profile, edition.digest.day, [ANA, BEN, ANA], now=NOW, expires=NOW + DAY) == 2
    spelt = Addressee("mail", " Ana@Example.ORG", "Ana Moreau")
    assert (
        outbox.plan(edition.digest.profile, edition.digest.day, [spelt, BEN], now=NOW + HOUR, expires=NOW + 2 * DAY)
        == 0
    )
    assert Counter(one.to.address.strip().lower() for one in outbox.deliveries()) == {ANA.address: 1, BEN.address: 1}
    assert {one.expires for one in outbox.deliveries()} == {NOW + DAY}
    assert {one.to for one in outbox.deliveries()} == {spelt, BEN}


def test_a_chat_and_an_address_are_two_readers(store: Store) -> None:
    """D02: the channel is part of who somebody is."""
    planned(store, [ANA, ANA._replace(channel="webhook")])
    assert [one.to.channel for one in store.outbox.deliveries()] == ["webhook", "mail"]
    freeze(store)
    assert [one.recipient for one in journal(store, channel="webhook").step(wanted=9)] == [ANA.address]


def test_a_new_row_says_all_that_is_known(store: Store) -> None:
    """What a delivery tells before anything happened to it."""
    edition = planned(store, [ANA])
    [one] = store.outbox.planned(10)
    assert (one.profile, one.day, one.to, one.state) == ("ana", edition.digest.day, ANA, "planned")
    assert (one.attempts, one.message_id, one.detail, one.due, one.carried_into) == (0, "", "", None, None)
    assert (one.changed, one.expires) == (NOW, NOW + DAY)


def test_an_edition_that_is_not_kept_is_not_planned(store: Store) -> None:
    """A mistake of the caller changes nothing."""
    kept(store)
    with pytest.raises(ValueError, match="no edition of ben on 2026-05-26"):
        store.outbox.plan("ben", date(2026, 5, 26), [ANA], now=NOW, expires=NOW + DAY)
    assert store.outbox.deliveries() == []


def test_whoever_is_suppressed_gets_a_row_that_says_so(store: Store) -> None:
    """D04, D10: nobody is left out silently."""
    store.outbox.suppress("", ANA, "bounced", NOW)
    store.outbox.suppress("ben", BEN, "operator", NOW)
    assert planned(store, [ANA, BEN])
    assert {one.to.name: (one.state, one.detail) for one in store.outbox.deliveries()} == {
        "Ana": ("suppressed", "bounced"),
        "Ben": ("planned", ""),
    }


def test_an_edition_without_papers_is_planned_for_who_missed_some(store: Store) -> None:
    """No empty mail; but papers that may not have arrived do not wait for a day with news."""
    first = planned(store, [ANA, BEN])
    ana, ben = claimed(store)
    steps = journal(store)
    steps.step(marked=[ana], settled=[Outcome(ben, "accepted")])
    store.outbox.recover(now=NOW)
    empty = planned(store, [ANA, BEN], "2026-05-27", NOW + DAY, shown=0)
    [one] = [one for one in store.outbox.deliveries() if one.day == empty.digest.day]
    assert one.to == ANA
    assert store.outbox.content(one.id).editions == [empty, first]


def test_nobody_is_suppressed_over_an_edition_without_papers(store: Store) -> None:
    """A row that says so would keep the edition from being replaced, on the same day, by one that shows papers."""
    planned(store, [ANA])
    store.outbox.expire(NOW + DAY)
    store.outbox.suppress("", ANA, "unsubscribed", NOW + DAY)
    planned(store, [ANA, BEN], "2026-05-27", NOW + DAY, shown=0)
    assert len(store.outbox.deliveries()) == 1
    assert kept(store, "2026-05-27").digest.ranked


def test_an_edition_that_was_replaced_is_read_anew(store: Store) -> None:
    """What a row says is what its edition shows when it is frozen."""
    planned(store, [ANA])
    store.outbox.expire(NOW + DAY)
    planned(store, [ANA], "2026-05-27", NOW + DAY, shown=0)
    [one] = store.outbox.planned(10)
    assert [len(edition.digest.ranked) for edition in store.outbox.content(one.id).editions] == [0, 1]
    full = kept(store, "2026-05-27", 2)
    assert store.outbox.content(one.id).editions[0] == full


# ---------------------------------------------------------------------------------------- papers that are carried


@pytest.mark.parametrize("policy", [True, False])
def test_what_goes_with_the_next_edition(policy: bool, store: Store) -> None:
    """Promise 3, D06: what was refused or is over always, what is in doubt by the policy, what arrived never."""
    found = one_in_each(store)
    planned(store, [one.to for one in store.outbox.deliveries()], "2026-05-27", NOW + HOUR, carry=policy)
    into = {one.id: one.carried_into for one in store.outbox.deliveries()}
    carried = {state for state, number in found.items() if into[number]}
    assert carried == {"expired", "refused"} | ({"in doubt"} if policy else set())
    for state in carried:
        [one] = [one for one in store.outbox.deliveries() if one.id == into[found[state]]]
        assert one.to == row(store, found[state]).to


def test_what_is_over_goes_along(store: Store) -> None:
    """Promise 3: what has expired goes with the next edition; what was never told to be over waits on, and does not."""
    first = planned(store, [ANA])
    third = kept(store, "2026-05-28")
    store.outbox.plan("ana", third.digest.day, [ANA], now=NOW + DAY, expires=NOW + 2 * DAY)
    assert [one.carried_into for one in store.outbox.deliveries()] == [None, None]
    second = planned(store, [ANA], "2026-05-27", NOW + DAY)
    by_day = {one.day: one for one in store.outbox.deliveries()}
    oldest, newest = by_day[first.digest.day], by_day[second.digest.day]
    assert (oldest.state, oldest.carried_into) == ("expired", newest.id)
    assert store.outbox.content(newest.id).editions == [second, first]


def test_what_is_over_when_it_is_planned(store: Store) -> None:
    """Promise 3: an edition that nobody planned in its time is expired at once, and goes with the next."""
    first = planned(store, [ANA, BEN], hours=0)
    assert [one.state for one in store.outbox.deliveries()] == ["expired", "expired"]
    second = kept(store, "2026-05-27")
    store.outbox.plan("ana", second.digest.day, [ANA], now=NOW, expires=NOW + DAY)
    newest = next(one for one in store.outbox.deliveries() if one.day == second.digest.day)
    assert store.outbox.content(newest.id).editions == [second, first]


def test_papers_are_carried_through_many_days(store: Store) -> None:
    """Promise 3: a row takes along what the rows that it takes along had taken; each edition once, newest first."""
    editions = []
    for number in range(4):
        at = NOW + number * DAY
        editions.insert(0, planned(store, [ANA, BEN], f"2026-05-{26 + number}", at))
    newest = store.outbox.deliveries(limit=1)[0]
    assert store.outbox.content(newest.id).editions == editions
    into = [(one.id, one.carried_into) for one in store.outbox.deliveries()]
    assert all(later is None or later > earlier for earlier, later in into)


def test_no_row_is_taken_along_twice(store: Store) -> None:
    """Papers that went with one edition do not go with the next as well."""
    planned(store, [ANA])
    second = planned(store, [ANA], "2026-05-27", NOW + DAY)
    [one] = claimed(store, NOW + DAY)
    journal(store, NOW + DAY).step(settled=[Outcome(one, "accepted")])
    third = planned(store, [ANA], "2026-05-28", NOW + 2 * DAY)
    assert store.outbox.content(store.outbox.deliveries(limit=1)[0].id).editions == [third]
    assert second not in store.outbox.content(store.outbox.deliveries(limit=1)[0].id).editions


def test_an_edition_of_a_day_to_come_is_carried_too(store: Store) -> None:
    """Promise 3, M12: an edition that a wrong clock dated a year ahead does not take its papers there."""
    wrong = planned(store, [ANA], "2027-05-26", NOW + 365 * DAY)
    [one] = claimed(store, NOW + 365 * DAY)
    journal(store, NOW + 365 * DAY).step(marked=[one])
    store.outbox.recover(now=NOW)
    right = planned(store, [ANA])
    later = row(store, one).carried_into
    assert later
    assert store.outbox.content(later).editions == [right, wrong]


def test_what_a_suppressed_reader_missed_waits_for_them(store: Store) -> None:
    """Somebody who comes back is told what they missed before they left, and not what was for nobody."""
    first = planned(store, [ANA])
    store.outbox.expire(NOW + DAY)
    store.outbox.suppress("ana", ANA, "unsubscribed", NOW + DAY)
    planned(store, [ANA], "2026-05-27", NOW + DAY)
    assert store.outbox.release("ana", ANA)
    third = planned(store, [ANA], "2026-05-28", NOW + 2 * DAY)
    assert store.outbox.content(store.outbox.deliveries(limit=1)[0].id).editions == [third, first]


def refused(store: Store, days: int, *, marked: bool = True, to: Addressee = ANA) -> list[int]:
    """So many days' mails, each refused, at their dot or before; the rows of all."""
    numbers = []
    for number in range(days):
        now = NOW + number * DAY
        planned(store, [to], f"2026-05-{26 + number}", now)
        numbers += claimed(store, now)
        journal(store, now).step(marked=numbers[-1:] if marked else [])
        journal(store, now).step(settled=[Outcome(numbers[-1], "refused", "554 5.7.1 content")])
    return numbers


def test_what_is_refused_for_what_is_in_it(store: Store) -> None:
    """Promise 3: papers whose mails were refused three times for their content are left to their page, lest they keep
    all others from a reader for ever; the mail says so, and so does each one after it until one arrives.
    """
    numbers = refused(store, 4)
    rows = [row(store, number) for number in numbers]
    assert [one.decided for one in rows] == ["left", "", "", ""]
    assert [one.carried_into for one in rows] == [numbers[3], numbers[2], numbers[3], None]
    told = store.outbox.content(numbers[3])
    assert [one.digest.day.day for one in told.editions] == [29, 28, 27]
    assert told.left == [Left(date(2026, 5, 26), 1)]
    planned(store, [ANA], "2026-05-30", NOW + 4 * DAY)
    [newest] = store.outbox.deliveries(limit=1)
    told = store.outbox.content(newest.id)
    assert [one.digest.day.day for one in told.editions] == [30, 29, 28]
    assert told.left == [Left(date(2026, 5, day), 1) for day in (27, 26)]
    assert [one.day.day for one in store.outbox.left("ana", date(2026, 5, 30))] == [27]
    assert [one.day.day for one in store.outbox.left("ana", date(2026, 5, 29))] == [26]
    assert store.outbox.left("ben", date(2026, 5, 30)) == []


def test_what_is_left_is_decided(store: Store) -> None:
    """Nobody has them sent after all: they stand on their page, and the reader was told so."""
    first, *_ = refused(store, 4)
    with pytest.raises(UsageError, match=f"the papers of delivery {first} are left to their page"):
        store.outbox.decide(first, "carry", NOW)


@pytest.mark.parametrize("state", ["refused", "in doubt", "expired"])
def test_what_is_not_refused_for_what_is_in_it(state: str, store: Store) -> None:
    """Promise 3: an address that is refused, a server that is away and doubts keep no paper from any later mail."""
    if state == "refused":
        numbers = refused(store, 6, marked=False)
    else:
        for number in range(6):
            now = NOW + number * DAY
            planned(store, [ANA], f"2026-05-{26 + number}", now)
            if state == "in doubt":
                journal(store, now).step(marked=claimed(store, now))
                store.outbox.recover(now=now)
        numbers = [one.id for one in store.outbox.deliveries()][::-1]
    told = store.outbox.content(numbers[-1])
    assert (len(told.editions), told.left) == (6, [])


def test_a_refusal_counts_for_its_own_mails(store: Store) -> None:
    """What was in doubt before, and was carried by two mails that were refused, was in two."""
    planned(store, [ANA], "2026-05-25", NOW - DAY)
    [doubted] = claimed(store, NOW - DAY)
    journal(store, NOW - DAY).step(marked=[doubted])
    store.outbox.recover(now=NOW)
    numbers = refused(store, 3)
    assert [one.digest.day.day for one in store.outbox.content(numbers[-1]).editions] == [28, 27, 26, 25]
    planned(store, [ANA], "2026-05-29", NOW + 3 * DAY)
    [newest] = store.outbox.deliveries(limit=1)
    assert [one.digest.day.day for one in store.outbox.content(newest.id).editions] == [29, 28, 27]
    assert [one.day.day for one in store.outbox.content(newest.id).left] == [26, 25]


# ------------------------------------------------------------------------------------------- readers who are none


def test_what_waits_for_who_is_no_reader_is_dismissed(store: Store) -> None:
    """Who was taken out of the config is sent nothing that was planned before; others are."""
    planned(store, [ANA, BEN])
    assert store.outbox.dismiss("ana", [ANA], NOW + HOUR) == 1
    assert store.outbox.dismiss("ana", [ANA], NOW + HOUR) == 0
    assert store.outbox.dismiss("other", [], NOW + HOUR) == 0
    told = {one.to: (one.state, one.detail, one.changed) for one in store.outbox.deliveries()}
    assert told == {ANA: ("planned", "", NOW), BEN: ("suppressed", "is no recipient any more", NOW + HOUR)}


# ---------------------------------------------------------------------------------------------------- freezing


def test_what_is_planned_comes_oldest_first(store: Store) -> None:
    """At most so many as were asked for."""
    planned(store, readers(5))
    numbers = [one.id for one in store.outbox.planned(100)]
    assert numbers == sorted(numbers)
    assert [one.id for one in store.outbox.planned(2)] == numbers[:2]
    assert store.outbox.planned(0) == []


def test_what_is_frozen_stays_as_it_is(store: Store) -> None:
    """D07: the same bytes and the same id at each try, whatever is frozen again."""
    planned(store, [ANA])
    [one] = store.outbox.planned(10)
    assert store.outbox.message(one.id) is None
    store.outbox.freeze([frozen(one)])
    other = frozen(one)._replace(message_id="other@example.org")
    store.outbox.freeze([other._replace(parcel=other.parcel._replace(content=b"other"))])
    assert store.outbox.message(one.id) == content(one.id)
    tries = []
    for hour in range(3):
        now = NOW + 2 * hour * HOUR
        steps = journal(store, now)
        [parcel] = steps.step(wanted=1)
        tries.append(parcel)
        steps.step(settled=[Outcome(parcel.id, "deferred", "451")])
    assert set(tries) == {frozen(one).parcel}
    assert store.outbox.by_message_id(f"{one.id}@example.org") == row(store, one.id)


def test_a_row_that_was_suppressed_meanwhile_is_not_frozen(store: Store) -> None:
    """D10: somebody left while their mail was written."""
    planned(store, [ANA, BEN])
    waiting = store.outbox.planned(10)
    store.outbox.suppress("", ANA, "unsubscribed", NOW)
    store.outbox.freeze([frozen(one) for one in waiting])
    assert Counter(states(store).values()) == {"suppressed": 1, "rendered": 1}
    assert [store.outbox.message(one.id) for one in waiting] == [None, content(waiting[1].id)]


def test_messages_are_kept_as_long_as_somebody_can_want_them(store: Store) -> None:
    """What was accepted is let go when the next batch is frozen; what went wrong is kept for seven days."""
    found = one_in_each(store)
    outbox = store.outbox

    def there() -> set[State]:
        return {state for state, number in found.items() if outbox.message(number) is not None}

    assert there() == {"rendered", "claimed", "dot sent", "accepted", "deferred", "refused", "expired", "in doubt"}
    freeze(store)
    assert there() == {*STATES} - {"accepted", "suppressed"}
    outbox.expire(NOW + HOUR)
    outbox.expire(NOW + 7 * DAY)  # what waits is over then, and is kept from then on
    assert there() == {*STATES} - {"accepted", "suppressed"}
    outbox.expire(NOW + 7 * DAY + 2 * HOUR)
    assert there() == {"planned", "rendered", "claimed", "dot sent", "deferred"}
    outbox.expire(NOW + 15 * DAY)
    assert there() == {"claimed", "dot sent"}


# ----------------------------------------------------------------------------------------------------- claiming


def test_rows_are_claimed_once_oldest_first(store: Store) -> None:
    """D13: no two runs are given the same row, and each is given at most what it wants."""
    planned(store, readers(5))
    freeze(store)
    one, other = journal(store, run="one"), journal(store, run="other")
    assert [parcel.id for parcel in one.step(wanted=2)] == [1, 2]
    assert [parcel.id for parcel in other.step(wanted=2)] == [3, 4]
    assert one.step() == []
    assert [parcel.id for parcel in one.step(wanted=100)] == [5]
    assert other.step(wanted=100) == []


def test_rows_are_claimed_of_one_channel(store: Store) -> None:
    """A carrier is given what it can carry."""
    planned(store, [ANA, BEN._replace(channel="webhook")])
    assert claimed(store) == [1]


def test_what_is_over_or_not_due_is_not_claimed(store: Store) -> None:
    """D07: not before its time, and not after it."""
    planned(store, [ANA])
    [one] = claimed(store)
    journal(store).step(settled=[Outcome(one, "deferred")])
    due = row(store, one).due
    assert due
    assert claimed(store, due - timedelta(seconds=1)) == []
    assert claimed(store, due) == [one]
    journal(store, due).step(settled=[Outcome(one, "rendered")])
    assert claimed(store, NOW + DAY) == []


def test_suppression_is_looked_at_in_the_claim(opener: Opener, tmp_path: Path) -> None:
    """D10: somebody who left a moment ago, through another process, is not claimed for; the others are."""
    with opener(tmp_path) as store, opener(tmp_path) as elsewhere:
        planned(store, [ANA, BEN])
        freeze(store)
        steps = journal(store)
        elsewhere.outbox.suppress("ana", ANA, "unsubscribed", NOW)
        assert [parcel.recipient for parcel in steps.step(wanted=10)] == [BEN.address]


@pytest.mark.parametrize("outcome", ["rendered", "deferred"])
def test_who_left_while_their_mail_was_under_way_is_sent_that_one_only(outcome: State, store: Store) -> None:
    """D10: what comes back from the server is not sent again, and ends as suppressed, which is no failure."""
    planned(store, [ANA])
    [one] = claimed(store)
    store.outbox.suppress("", ANA, "unsubscribed", NOW)
    assert states(store) == {one: "claimed"}
    journal(store).step(settled=[Outcome(one, outcome, "451")])  # type: ignore[arg-type]
    assert claimed(store, NOW + HOUR) == []
    assert store.outbox.expire(NOW + 2 * DAY) == []
    assert (row(store, one).state, row(store, one).detail) == ("suppressed", "unsubscribed")


def test_outcomes_marks_and_claims_are_one_step(store: Store) -> None:
    """One commit for all: a mark that cannot be undoes outcomes and claims of the same step."""
    planned(store, readers(4))
    freeze(store)
    steps = journal(store)
    one, two = (parcel.id for parcel in steps.step(wanted=2))
    with pytest.raises(ValueError, match="cannot be marked"):
        steps.step(settled=[Outcome(one, "accepted")], marked=[two, 3], wanted=5)
    assert [*states(store).values()][::-1] == ["claimed", "claimed", "rendered", "rendered"]
    [three] = steps.step(settled=[Outcome(one, "accepted", "250 ok")], marked=[two], wanted=1)
    assert [*states(store).values()][::-1] == ["accepted", "dot sent", "claimed", "rendered"]
    assert (three.id, row(store, one).detail) == (3, "250 ok")


# -------------------------------------------------------------------------------------------------- tries again


def test_backoff_doubles_from_five_minutes(store: Store) -> None:
    """D07 (RFC 5321 section 4.5.4.1): 5 minutes, twice as long each time, at most 4,000 s, a quarter less by chance."""
    planned(store, [ANA], hours=24)
    now, waits = NOW, []
    for _ in range(6):
        [one] = claimed(store, now)
        journal(store, now).step(settled=[Outcome(one, "deferred", "451 4.7.1 later")])
        due = row(store, one).due
        assert due
        waits.append((due - now).total_seconds())
        now = due
    assert waits == [300, 600, 1200, 2400, 4000, 4000]
    assert (row(store, one).attempts, row(store, one).detail) == (6, "451 4.7.1 later")
    assert [backoff(tries, 0.0) for tries in (0, 1, 1_000_000)] == [FIRST, FIRST, LONGEST]
    assert backoff(1, 0.999999) > 0.75 * FIRST
    assert backoff(9, 0.5) == 0.875 * LONGEST


def test_what_is_given_back_burns_no_attempt(store: Store) -> None:
    """D07: a server that stopped to serve us said nothing of this mail; it goes first the next time."""
    planned(store, [ANA])
    [one] = claimed(store)
    journal(store).step(settled=[Outcome(one, "rendered", "421 shutting down")])
    assert (row(store, one).attempts, row(store, one).detail, row(store, one).due) == (0, "421 shutting down", None)
    assert claimed(store) == [one]


def test_a_try_is_put_off_until_its_time_is_over(store: Store) -> None:
    """D07: 4xx for ever ends as expired, and the last words are kept."""
    planned(store, [ANA])
    now = NOW
    while got := claimed(store, now):
        journal(store, now, chance=0.3).step(settled=[Outcome(got[0], "deferred", "451 busy")])
        now = row(store, got[0]).due or now
    assert [one.state for one in store.outbox.expire(now)] == ["expired"]
    assert row(store, 1).detail == "its time was over; last: 451 busy"
    assert 20 < row(store, 1).attempts < 35


def test_what_is_refused_is_never_tried_again(store: Store) -> None:
    """D07: 5xx is an answer."""
    planned(store, [ANA])
    [one] = claimed(store)
    journal(store).step(settled=[Outcome(one, "refused", "554 no")])
    for hours in (1, 5, 23):
        assert claimed(store, NOW + hours * HOUR) == []
        store.outbox.recover(now=NOW + hours * HOUR, resend=True)


# ---------------------------------------------------------------------------------------------------- recovering


@pytest.mark.parametrize("resend", [False, True])
def test_what_a_dead_run_left(resend: bool, store: Store) -> None:
    """D05: claimed without a dot is unsent, for sure; a dot without an answer is in doubt, or sent again."""
    found = one_in_each(store)
    left = store.outbox.recover(now=NOW + HOUR, resend=resend)
    assert {one.id: one.state for one in left} == {
        found["claimed"]: "rendered",
        found["dot sent"]: "deferred" if resend else "in doubt",
    }
    assert left == [row(store, one.id) for one in left]
    [marked] = [one for one in left if one.id == found["dot sent"]]
    assert marked.due == (NOW + HOUR if resend else None)
    assert "cut short" in marked.detail
    assert store.outbox.recover(now=NOW + HOUR, resend=resend) == []


def test_a_wrong_clock_keeps_nothing_waiting(store: Store) -> None:
    """M12: tries and ends that a clock put a year ahead are brought back; none that is due soon is moved."""
    year = NOW + 365 * DAY
    planned(store, readers(2), "2027-05-26", year)
    first, second = claimed(store, year)
    journal(store, year).step(settled=[Outcome(first, "deferred")])
    journal(store, NOW).step(settled=[Outcome(second, "deferred")])
    store.outbox.recover(now=NOW)
    assert row(store, first).due == NOW
    assert row(store, second).due == NOW + timedelta(seconds=300)
    assert {one.expires for one in store.outbox.deliveries()} == {NOW + DAY}
    assert claimed(store, NOW + HOUR) == [first, second]


@pytest.mark.parametrize("back", [HOUR, 2 * HOUR, 400 * DAY])
def test_a_clock_that_goes_back_loses_nothing(back: timedelta, store: Store) -> None:
    """M12: rows of before are still there to be sent, and end in time."""
    planned(store, [ANA])
    freeze(store)
    now = NOW - back
    store.outbox.recover(now=now)
    assert claimed(store, now) == [1]
    assert row(store, 1).expires - now <= 31 * DAY


# ------------------------------------------------------------------------------------------------- not twice


def test_what_was_accepted_is_never_sent_again(opener: Opener, tmp_path: Path) -> None:
    """Promise 2, D11: not after a restart, a second plan, other policies, leaving and coming back, or adoption."""
    with opener(tmp_path) as store:
        planned(store, [ANA])
        [one] = claimed(store)
        journal(store).step(marked=[one])
        journal(store).step(settled=[Outcome(one, "accepted", "250 2.0.0 queued as 4F1")])
        before = row(store, one)
    with opener(tmp_path) as store:
        outbox = store.outbox
        for resend in (True, False):
            outbox.recover(now=NOW + HOUR, resend=resend)
        planned(store, [ANA])
        outbox.suppress("", ANA, "operator", NOW)
        outbox.release("", ANA)
        outbox.dismiss("ana", [], NOW)
        outbox.expire(NOW + 2 * DAY)
        outbox.adopt(NOW + 2 * DAY)
        for now in (NOW, NOW + HOUR, NOW - 400 * DAY, NOW + 400 * DAY):
            assert claimed(store, now, run=RUN) == []
        assert row(store, one) == before
