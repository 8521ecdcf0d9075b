"""What every ledger of deliveries tells, and what people say: operators, readers who leave, servers that bounce."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from outboxes import (
    DAY,
    HOUR,
    NOW,
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
    row,
)

from digest.errors import UsageError
from digest.model import Addressee, Outcome
from digest.store import Store
from digest.store.outbox import Outbox, Subscriber, Suppression, Trouble

ANA, BEN = reader("ana"), reader("ben")


# ----------------------------------------------------------------------------------------------------- looking


def test_an_edition_is_finished_when_its_sum_is_right(store: Store) -> None:
    """D04: planned = accepted + refused + suppressed + expired + in doubt, once nothing is under way."""
    one_in_each(store)
    edition = kept(store)
    assert store.outbox.tally("ana", edition.digest.day) == dict.fromkeys(STATES, 1)
    store.outbox.recover(now=NOW)
    store.outbox.expire(NOW + DAY)
    assert store.outbox.tally("ana", edition.digest.day) == {
        "accepted": 1,
        "refused": 1,
        "suppressed": 1,
        "expired": 5,
        "in doubt": 2,
    }
    assert store.outbox.tally("ana", edition.digest.day + DAY) == {}
    assert store.outbox.tally("ben", edition.digest.day) == {}


def test_rows_are_found_by_profile_day_and_state(store: Store) -> None:
    """Newest first; each question alone and all together."""
    found = one_in_each(store)
    outbox = store.outbox
    second = planned(store, [ANA], "2026-05-27", NOW)
    other = kept(store, "2026-05-25", profile="ben")
    outbox.plan(other.digest.profile, other.digest.day, [ANA, BEN], now=NOW, expires=NOW + DAY)
    every = outbox.deliveries()
    assert [(one.day, one.id) for one in every] == sorted(((one.day, one.id) for one in every), reverse=True)
    assert len(every) == 13
    assert outbox.deliveries(limit=3) == every[:3]
    for profile in (None, "ana", "ben", "nobody"):
        for day in (None, second.digest.day, other.digest.day):
            for wanted in ((), ("planned",), ("in doubt", "claimed", "expired"), ("accepted", "planned"), STATES):
                expected = [
                    one
                    for one in every
                    if profile in (None, one.profile) and day in (None, one.day) and (not wanted or one.state in wanted)
                ]
                assert outbox.deliveries(profile=profile, day=day, states=wanted) == expected
                assert outbox.deliveries(profile=profile, day=day, states=wanted, limit=1) == expected[:1]
    for state, number in found.items():
        assert number in {one.id for one in outbox.deliveries(states=[state])}


def test_a_row_is_found_by_its_message(store: Store) -> None:
    """A bounce names the mail that it is of; what was never frozen has no name."""
    planned(store, [ANA, BEN])
    store.outbox.freeze([frozen(store.outbox.planned(1)[0])])
    found = store.outbox.by_message_id("1@example.org")
    assert found
    assert (found.id, found.message_id) == (1, "1@example.org")
    assert store.outbox.by_message_id("3@example.org") is None
    assert store.outbox.by_message_id("") is None


# ----------------------------------------------------------------------------------------- the operator's word


def test_an_operator_may_have_it_sent_again(store: Store) -> None:
    """D06: the very same mail, for a day at least."""
    found = one_in_each(store)
    later = NOW + 5 * DAY
    again = store.outbox.decide(found["in doubt"], "resend", later)
    assert (again.state, again.expires, again.detail) == ("rendered", later + DAY, "sent again, as the operator said")
    assert again == row(store, found["in doubt"])
    [parcel] = journal(store, later).step(wanted=1)
    assert (parcel.id, parcel.content) == (again.id, content(again.id))


def test_an_operator_may_let_papers_go_with_the_next_edition(store: Store) -> None:
    """D06, `hold`: what is in doubt waits for a word; `carry` and `drop` are words, and the last one counts."""
    edition = planned(store, [ANA, BEN, reader("cem")])
    steps = journal(store)
    numbers = claimed(store)
    steps.step(marked=numbers)
    store.outbox.recover(now=NOW)
    carried, dropped, silent = numbers
    for how in ("drop", "carry"):
        store.outbox.decide(carried, how, NOW)  # type: ignore[arg-type]
    store.outbox.decide(dropped, "drop", NOW)
    second = planned(store, [ANA, BEN, reader("cem")], "2026-05-27", NOW + DAY, carry=False)
    rows = {one.to: one.id for one in store.outbox.deliveries() if one.day == second.digest.day}
    assert store.outbox.content(rows[ANA]).editions == [second, edition]
    assert store.outbox.content(rows[BEN]).editions == [second]
    assert [row(store, number).carried_into for number in (dropped, silent)] == [None, None]
    planned(store, [BEN, reader("cem")], "2026-05-28", NOW + DAY, carry=True)
    assert row(store, dropped).carried_into is None
    assert row(store, silent).carried_into


def test_a_word_is_over_when_the_mail_is_sent_again(store: Store) -> None:
    """Promise 3: what was dropped and then sent again is carried where that fails."""
    planned(store, [ANA])
    [one] = claimed(store)
    journal(store).step(settled=[Outcome(one, "refused")])
    store.outbox.decide(one, "drop", NOW)
    store.outbox.decide(one, "resend", NOW)
    assert claimed(store) == [one]
    journal(store).step(settled=[Outcome(one, "refused")])
    planned(store, [ANA], "2026-05-27", NOW + DAY)
    assert row(store, one).carried_into


def test_an_operator_is_told_why_not(store: Store) -> None:
    """Each refusal says why, and changes nothing."""
    found = one_in_each(store)
    outbox = store.outbox

    def refusal(number: int, how: str = "resend") -> str:
        before = outbox.deliveries()
        with pytest.raises(UsageError) as told:
            outbox.decide(number, how, NOW)  # type: ignore[arg-type]
        assert outbox.deliveries() == before
        return str(told.value)

    assert "there is no delivery 99" in refusal(99)
    assert "is accepted: only what is in doubt, expired or refused waits" in refusal(found["accepted"], "drop")
    outbox.suppress("", row(store, found["refused"]).to, "bounced", NOW)
    assert "nothing is sent to that address (bounced)" in refusal(found["refused"])
    planned(store, [row(store, found["in doubt"]).to], "2026-05-27", NOW + HOUR)
    for how in ("resend", "carry", "drop"):
        into = row(store, found["in doubt"]).carried_into
        assert f"went with delivery {into} already" in refusal(found["in doubt"], how)
    outbox.expire(NOW + 8 * DAY)
    assert "is not kept any more" in refusal(found["expired"])


# ------------------------------------------------------------------------------------------- who is sent nothing


def test_nothing_is_sent_to_who_left(store: Store) -> None:
    """D10, promise 9: what waits is suppressed in the same step, of that profile or of all."""
    planned(store, [ANA, BEN])
    other = kept(store, profile="ben")
    store.outbox.plan(other.digest.profile, other.digest.day, [ANA], now=NOW, expires=NOW + DAY)
    assert store.outbox.suppress("ana", ANA, "unsubscribed", NOW + HOUR, "by a link")
    assert not store.outbox.suppress("ana", Addressee("mail", "ANA@example.org "), "operator", NOW + DAY)
    told = {(one.profile, one.to.name): (one.state, one.detail) for one in store.outbox.deliveries()}
    assert told == {
        ("ana", "Ana"): ("suppressed", "unsubscribed"),
        ("ana", "Ben"): ("planned", ""),
        ("ben", "Ana"): ("planned", ""),
    }
    assert store.outbox.suppressions() == [
        Suppression("ana", Addressee("mail", ANA.address), "unsubscribed", NOW + HOUR, "by a link")
    ]
    assert store.outbox.suppress("", ANA, "operator", NOW)
    assert {one.state for one in store.outbox.deliveries() if one.to == ANA} == {"suppressed"}


def test_who_is_released_is_sent_the_next_edition(store: Store) -> None:
    """What was suppressed stays so; only what held them back is gone."""
    store.outbox.suppress("", ANA, "bounced", NOW)
    planned(store, [ANA])
    assert not store.outbox.release("ana", ANA)
    assert store.outbox.release("", ANA)
    assert not store.outbox.release("", ANA)
    assert claimed(store) == []
    planned(store, [ANA], "2026-05-27", NOW + DAY)
    assert claimed(store, NOW + DAY) == [2]
    assert store.outbox.suppressions() == []


# ------------------------------------------------------------------------------------------------------- bounces


def bounces(outbox: Outbox, *days: float, limit: int = 3, hard: bool = True) -> bool:
    """Whether the address is suppressed after a bounce on each of those days from NOW on."""
    for number, day in enumerate(days):
        assert outbox.bounced(f"{number} of {days}", ANA, hard, NOW + day * DAY, limit=limit)
    return bool(outbox.suppressions())


@pytest.mark.parametrize(
    ("days", "suppressed"),
    [
        ([0, 1], False),
        ([0, 1, 2], True),
        ([0, 0.1, 0.2], False),  # one day is one bounce
        ([0, 14, 28], True),
        ([0, 15, 29], False),  # the first has nothing to do with the others
        ([0, 15, 16, 17], True),
        ([2, 1, 0], False),  # by a clock that goes back: nothing has happened yet that lies ahead
        ([365, 0, 1], False),
        ([365, 0, 1, 2], True),
        ([*([0] * 150), 1, 2], True),
    ],
)
def test_hard_bounces_suppress_an_address(days: list[float], suppressed: bool, store: Store) -> None:
    """Hard bounces on `limit` days, none of them more than 14 days after the one before."""
    assert bounces(store.outbox, *days) == suppressed


def test_soft_bounces_suppress_nobody(store: Store) -> None:
    """A full mailbox is emptied some day; and a soft bounce after hard ones is not the last straw."""
    assert not bounces(store.outbox, *range(30), hard=False)
    assert not bounces(store.outbox, 40, 41, 42, limit=4)
    assert not bounces(store.outbox, 43, 44, limit=3, hard=False)


def test_a_report_counts_once(store: Store) -> None:
    """The same report read again is no other bounce; the suppression is of every profile."""
    outbox = store.outbox
    assert outbox.bounced("report", ANA, True, NOW, limit=1, detail="5.1.1 no such user")
    assert not outbox.bounced("report", ANA, True, NOW + DAY, limit=1)
    [one] = outbox.suppressions()
    assert (one.profile, one.to.address, one.reason, one.since, one.detail) == (
        "",
        ANA.address,
        "bounced",
        NOW,
        "5.1.1 no such user",
    )


def test_who_is_released_starts_from_nothing(store: Store) -> None:
    """Bounces of before do not count against a second chance."""
    assert bounces(store.outbox, 0, 1, 2)
    store.outbox.release("", ANA)
    assert not bounces(store.outbox, 3.1, 4.1)


def test_an_address_that_is_refused_as_such_has_bounced(store: Store) -> None:
    """RFC 3463 5.1.x at RCPT is a hard bounce: recorded with the outcome, and what waits elsewhere is suppressed."""
    other = kept(store, profile="ben")
    store.outbox.plan(other.digest.profile, other.digest.day, [ANA], now=NOW, expires=NOW + DAY)
    for number in range(3):
        at = NOW + number * DAY
        planned(store, [ANA], f"2026-05-{26 + number}", at, hours=1)
        freeze(store)
        steps = journal(store, at, bounces=3)
        mine = [one.id for one in steps.step(wanted=9) if row(store, one.id).profile == "ana"]
        steps.step(settled=[Outcome(one, "refused", "550 5.1.1 unknown", hard=True) for one in mine])
        store.outbox.recover(now=at)
        assert bool(store.outbox.suppressions()) == (number == 2)
    planned(store, [ANA], "2026-05-30", NOW + 4 * DAY)
    assert store.outbox.deliveries(profile="ana", limit=1)[0].state == "suppressed"


# ------------------------------------------------------------------------------------------- readers and troubles


def test_a_mark_tells_whose_it_is_for_good(store: Store) -> None:
    """Links in old mails stay good, whatever else is marked later."""
    outbox = store.outbox
    outbox.enrol("ana", {ANA: "mark 1", BEN: "mark 2"})
    outbox.enrol("ana", {ANA._replace(name="Ana M."): "mark 3", BEN: "mark 1"})
    outbox.enrol("ben", {ANA: "mark 4"})
    assert outbox.subscriber("mark 1") == Subscriber("ana", ANA._replace(name="Ana M."))
    assert outbox.subscriber("mark 3") == Subscriber("ana", ANA._replace(name="Ana M."))
    assert outbox.subscriber("mark 2") == Subscriber("ana", BEN)
    assert outbox.subscriber("mark 4") == Subscriber("ben", ANA)
    assert outbox.subscriber("mark 5") is None
    assert outbox.subscriber("") is None


def test_who_has_no_mark_is_enrolled_too(store: Store) -> None:
    """A chat has no link to leave by."""
    store.outbox.enrol("ana", {ANA: ""})
    assert store.outbox.subscriber("") is None


def test_troubles_are_as_they_were_kept(store: Store) -> None:
    """These, and no others: each kept whole, oldest first."""
    one = Trouble("smtp", "it does not answer", NOW, NOW + HOUR)
    other = Trouble("source", "cannot be read", NOW - DAY)
    assert store.outbox.troubles() == []
    store.outbox.keep_troubles([one, other])
    assert store.outbox.troubles() == [other, one]
    store.outbox.keep_troubles([one])
    assert store.outbox.troubles() == [one]
    store.outbox.keep_troubles([])
    assert store.outbox.troubles() == []


# ----------------------------------------------------------------------------------------- copies of a store (D12)


def test_what_an_adopted_copy_is_unsure_of(store: Store) -> None:
    """D12: what was under way is in doubt and not sent again, and so is what is planned for a day that had begun."""
    found = one_in_each(store)
    assert store.outbox.adopt(NOW) == 5
    assert claimed(store, NOW + HOUR) == []
    late = planned(store, [reader("late")], "2026-05-25", NOW + HOUR)
    [one] = [one for one in store.outbox.deliveries() if one.day == late.digest.day]
    assert (one.state, one.detail) == ("in doubt", row(store, found["planned"]).detail)
    next_day = planned(store, [reader("late"), *(one.to for one in store.outbox.deliveries())], "2026-05-27", NOW + DAY)
    fresh = [one for one in store.outbox.deliveries() if one.day == next_day.digest.day]
    assert {one.state for one in fresh} == {"planned", "suppressed"}
    # The papers of what is in doubt come with it.
    [sure] = [one for one in fresh if one.to == reader("late")]
    assert store.outbox.content(sure.id).editions == [next_day, late]


def test_what_a_copy_has_its_original_had(store: Store) -> None:
    """D12: an edition that is in the copy may have been sent, whatever its day; one that is made later was not."""
    ahead, behind = kept(store, "2027-05-26"), kept(store, "2026-05-01")
    store.outbox.adopt(NOW - 100 * DAY)
    later = kept(store)
    for edition in (ahead, behind, later):
        store.outbox.plan(
            edition.digest.profile, edition.digest.day, [reader()], now=NOW, expires=NOW + DAY, carry=False
        )
    assert [(one.day, one.state) for one in store.outbox.deliveries()] == [
        (ahead.digest.day, "in doubt"),
        (later.digest.day, "planned"),
        (behind.digest.day, "in doubt"),
    ]


def test_days_begin_where_readers_live(store: Store) -> None:
    """D12: where it is tomorrow already, the original may have sent tomorrow's edition."""
    adopted = datetime(2026, 5, 26, 13, tzinfo=UTC)
    store.outbox.adopt(adopted)
    digest = replace(kept(store, "2026-05-27").digest, profile="east")
    east = store.keep(digest, datetime.fromisoformat("2026-05-27T00:00:00+12:00"))
    store.outbox.plan(east.digest.profile, east.digest.day, [ANA], now=adopted, expires=adopted + DAY)
    planned(store, [ANA], "2026-05-27", adopted)
    assert {one.profile: one.state for one in store.outbox.deliveries()} == {"east": "in doubt", "ana": "planned"}
