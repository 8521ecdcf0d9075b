"""`digest.sending`: who is sent what, and what becomes of the papers of a mail that did not arrive."""

import email
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import a_profile
from sending_scene import FIRST, MAILING, Scene, ids, mailed, reader

from digest.delivery.settings import Secret, Webhook
from digest.model import Addressee, Delivery
from digest.sending import BATCH, READERS, in_steps, undelivered
from digest.sending.telling import lines, outcome, verdict
from digest.store.ledger import Ledger

D1, D2, D3, D4 = (FIRST + timedelta(days=number) for number in range(4))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "digest.db")
    made.profile("ana", "ana")
    yield made
    made.store.close()


# ------------------------------------------------------------------------------------------------ who, when


def test_each_reader_once(scene: Scene) -> None:
    """D02: one mail a reader, each with all papers, and none again however often one sends."""
    scene.profile("ana", "ana", "bob")
    scene.edition(1, 2)
    for _ in range(3):
        sent = scene.send()
        assert sent
        assert sent.tallies == {"ana": {"accepted": 2}}
    assert scene.server.papers == {"ana@example.org": ids(1, 2), "bob@example.org": ids(1, 2)}
    assert len(scene.server.offered) == 2


@pytest.mark.parametrize(
    ("readers", "steps"),
    [
        ([], []),
        ([1] * (2 * BATCH + 1), [BATCH, BATCH, 1]),
        ([READERS + 1, 1, 1], [1, 2]),
        ([1, READERS, READERS], [1, 1, 1]),
        ([READERS // 4] * 5, [4, 1]),
    ],
)
def test_planning_keeps_nobody_from_unsubscribing_for_long(readers: list[int], steps: list[int]) -> None:
    """Profiles are planned many in a step, but not with more readers than are planned within a second."""
    profiles = [
        a_profile(f"p{number}", recipients=(Addressee("mail", "ana@example.org"),) * count)
        for number, count in enumerate(readers)
    ]
    made = list(in_steps(profiles))
    assert [len(some) for some in made] == steps
    assert [one for some in made for one in some] == profiles


@pytest.mark.parametrize("many", [1, 5])
def test_days_that_were_not_sent_are_over_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """After days on which nobody was sent anything, the newest edition takes all of them along, and what waits is not
    looked through for each profile.
    """
    looks: list[datetime] = []

    def looked(self: Ledger, now: datetime) -> list[Delivery]:
        looks.append(now)
        return expire(self, now)

    expire = Ledger.expire
    monkeypatch.setattr(Ledger, "expire", looked)
    names = [f"p{number}" for number in range(many)]
    for name in names:
        scene.profile(name, name)
    for number in (1, 2, 3, 4):
        for name in names:
            scene.edition(number, profile=name)
        if number in (1, 4):
            looks.clear()
            scene.send()
        scene.later()
    assert scene.server.papers == {f"{name}@example.org": ids(1, (3, D3), (2, D2), (4, D4)) for name in names}
    assert len(looks) == 2, "before planning, and at the end"
    assert {scene.states(name)[name, str(day)] for name in names for day in (D2, D3)} == {"expired"}


def test_a_quiet_day_is_no_mail(scene: Scene) -> None:
    """T07: an edition that shows nothing is sent to nobody."""
    scene.edition()
    sent = scene.send()
    assert sent
    assert (sent.planned, scene.states(), scene.server.offered) == (False, {}, [])


def test_what_is_told_on_a_quiet_day(scene: Scene) -> None:
    """Mails of an earlier day are told as such: nobody may take them for today's."""
    scene.edition(1)
    sent = scene.send()
    assert sent
    assert (outcome(sent), lines(sent)) == ("sent: 1 accepted", ["ana: 1 accepted"])
    scene.later()
    scene.edition()
    sent = scene.send()
    assert sent
    assert (outcome(sent), lines(sent)) == ("of earlier days: 1 accepted", [f"ana, {D1}: 1 accepted"])


def test_history_is_not_sent(scene: Scene) -> None:
    """An edition that was made before anybody was to be sent anything is not sent to the first reader."""
    scene.edition(1, day=D1)
    scene.later()
    scene.edition(2, day=D2)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((2, D2))}


def test_new_today(scene: Scene) -> None:
    """Who is new today gets today's edition, also when others had it already, and nothing of earlier days."""
    scene.edition(1)
    scene.send("in doubt")
    scene.later()
    scene.edition(2)
    scene.send()
    scene.profile("ana", "ana", "bob")
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((2, D2), (1, D1))[::-1], "bob@example.org": ids((2, D2))}


def test_new_after_a_dead_run(scene: Scene) -> None:
    """Who is new gets nothing of an edition that a dead run never sent; who was there gets it with the newest."""
    scene.edition(1)
    scene.send()
    scene.later()
    scene.edition(2)  # and nobody sends it
    scene.later()
    scene.profile("ana", "ana", "bob", Addressee("webhook", "ana.slack"))
    scene.hooks = {"ana": [Webhook("ana.slack", "slack", Secret("env", "A"))]}
    scene.edition(3)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (2, D2), (3, D3)), "bob@example.org": ids((3, D3))}
    [message] = scene.chats.taken
    assert (b"Paper 3" in message.content, b"Paper 2" in message.content) == (True, False)


def test_never_planned_days_are_one_mail(scene: Scene) -> None:
    """D15: days that were missed come in one mail, the newest of them first, under the newest day."""
    scene.edition(1)
    scene.send()
    for number in (2, 3, 4):
        scene.later()
        scene.edition(number)
    scene.send()
    assert len(scene.server.taken) == 2
    assert mailed(scene.server.taken[1].content) == ids((3, D3), (2, D2), (4, D4))


def test_yesterdays_edition(scene: Scene) -> None:
    """An edition that was made and not sent is sent the next day where there is no newer one."""
    scene.edition(1)
    scene.send()
    scene.later()
    scene.edition(2)
    scene.later()
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (2, D2))}


def test_cases_of_letters(scene: Scene) -> None:
    """An address is the same in whatever case it is written: nobody is a new reader for that; mail goes to it as it is
    written now.
    """
    scene.profile("ana", Addressee("mail", "Ana@Example.org"))
    scene.edition(1)
    scene.send("in doubt")
    scene.later()
    scene.profile("ana", Addressee("mail", "ana@EXAMPLE.org", "Ana"))
    scene.edition(2)
    scene.send()
    assert scene.server.papers == {"ana@EXAMPLE.org": ids((1, D1), (2, D2))}


def test_two_profiles_of_one_reader(scene: Scene) -> None:
    """The same address in two profiles gets both, each with its own Message-ID, and leaves each by its own token."""
    scene.profile("bob", "ana")
    scene.edition(1)
    scene.edition(2, profile="bob")
    scene.send()
    assert sorted(scene.server.papers["ana@example.org"]) == ids(1, 2)
    rows = [*scene.store.outbox.deliveries(profile="ana"), *scene.store.outbox.deliveries(profile="bob")]
    assert len({row.message_id for row in rows}) == 2
    scene.store.outbox.suppress("bob", reader("ana"), "unsubscribed", scene.now)
    scene.later()
    scene.edition(3)
    scene.edition(4, profile="bob")
    scene.send()
    assert sorted(scene.server.papers["ana@example.org"]) == [*ids(1, 2), *ids((3, D2))]


def test_an_empty_edition_gives_way(scene: Scene) -> None:
    """An edition that showed nothing in the morning and something at noon is sent at noon."""
    scene.edition()
    scene.send()
    scene.edition(1)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids(1)}


def test_an_empty_edition_that_carried_does_not_give_way(scene: Scene) -> None:
    """D02: what an edition without papers carried is on its way under its day; papers of noon wait for tomorrow."""
    scene.edition(1)
    scene.send("in doubt")
    scene.later()
    scene.edition()
    scene.send()
    assert scene.edition(2).digest.ranked == ()
    scene.send()
    scene.later()
    scene.edition(3)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (3, D3))}


# ------------------------------------------------------------------------------------ what did not arrive


@pytest.mark.parametrize("answer", ["in doubt", "refused", "dies after"])
def test_carried(scene: Scene, answer: str) -> None:
    """Promise 3, D06: the papers of a mail that may not have arrived, or was refused, open the next one."""
    scene.edition(1, 2)
    scene.send(answer)
    scene.send()  # the next call of the same day sends nothing again
    scene.later()
    scene.edition(3)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (2, D1), (3, D2))}


def test_before_the_dot(scene: Scene) -> None:
    """D05: a run that died before the dot is followed by one that sends the very same bytes."""
    scene.edition(1)
    assert scene.send("dies") is None
    sent = scene.send()
    assert sent
    assert (sent.recovered, sent.doubted) == (1, 0)
    one, two = scene.server.offered
    assert one == two
    assert scene.server.papers == {"ana@example.org": ids(1)}


def test_after_the_dot(scene: Scene) -> None:
    """D05, D06: a run that died after the dot leaves it in doubt, and says so once."""
    scene.edition(1)
    assert scene.send("dies after") is None
    sent, again = scene.send(), scene.send()
    assert sent
    assert again
    assert (sent.recovered, sent.doubted, again.recovered, again.doubted) == (1, 1, 0, 0)
    assert sent.tallies == {"ana": {"in doubt": 1}}
    assert len(scene.server.offered) == 1


@pytest.mark.parametrize("answer", ["in doubt", "dies after"])
def test_resend(scene: Scene, answer: str) -> None:
    """With `in_doubt: resend` the same bytes go again, under the same Message-ID."""
    scene.mailing = MAILING._replace(in_doubt="resend")
    scene.edition(1)
    scene.send(answer)
    scene.later(2)
    scene.send()
    one, two = scene.server.offered
    assert one.content == two.content
    assert scene.state() == "accepted"


def test_what_is_held_is_named(scene: Scene) -> None:
    """D06: with `in_doubt: hold` every later run names what waits for the operator's word, until there is one; how the
    run ends is a matter of its own mails.
    """
    scene.mailing = MAILING._replace(in_doubt="hold")
    scene.profile("ana", "ana", "bob")
    scene.edition(1)
    sent = scene.send("in doubt")
    assert sent
    assert (outcome(sent), verdict(sent)) == ("sent: 2 in doubt", "in doubt")
    scene.later()
    scene.edition(2)
    scene.send(lambda parcel: "in doubt" if parcel.recipient == "ana@example.org" else "accepted")
    scene.later()
    scene.edition(3)
    sent = scene.send()
    assert sent
    told = f"3 in doubt of {D1} to {D2} wait for your word"
    assert (outcome(sent), verdict(sent)) == (f"sent: 2 accepted; {told} (`digest outbox`)", "delivered")
    assert lines(sent) == ["ana: 2 accepted", f"ana: {told} (`digest outbox`)"]
    for one in scene.store.outbox.doubts()[1:]:
        scene.store.outbox.decide(one.id, "drop", scene.now)
    sent = scene.send()
    assert sent
    assert outcome(sent) == f"sent: 2 accepted; 1 in doubt of {D2} waits for your word (`digest outbox`)"
    scene.store.outbox.decide(scene.store.outbox.doubts()[0].id, "carry", scene.now)
    sent = scene.send()
    assert sent
    assert outcome(sent) == "sent: 2 accepted"


@pytest.mark.parametrize("how", ["carry", "resend", "drop"])
def test_hold(scene: Scene, how: str) -> None:
    """With `in_doubt: hold` nothing happens until the operator says so, and then what they said."""
    scene.mailing = MAILING._replace(in_doubt="hold")
    scene.edition(1)
    scene.send("in doubt")
    scene.later()
    scene.edition(2)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((2, D2))}
    [one] = scene.store.outbox.deliveries(day=D1)
    scene.store.outbox.decide(one.id, how, scene.now)  # type: ignore[arg-type]
    scene.send()
    scene.later()
    scene.edition(3)
    scene.send()
    expected = {"carry": (1, 3), "resend": (1, 3), "drop": (3,)}[how]
    assert scene.server.papers["ana@example.org"][1:] == ids(*((n, D1 if n == 1 else D3) for n in expected))
    assert len(scene.server.taken) == (3 if how == "resend" else 2)


def test_expired(scene: Scene) -> None:
    """D07: a mail that the server put off until its time was over is not sent late, and its papers are carried."""
    scene.edition(1)
    for _ in range(30):
        scene.send("deferred")
        scene.later(1)
    assert scene.state(day=D1) == "expired"
    tries = len(scene.server.offered)
    assert 20 < tries < 30
    assert len({parcel.content for parcel in scene.server.offered}) == 1
    scene.edition(2)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (2, D2))}


@pytest.mark.parametrize(("after", "hours"), [(7200.0, 2.0), (10.0, 0.1), (float("inf"), 24.0), (1e9, 24.0)])
def test_retry_after(scene: Scene, after: float, hours: float) -> None:
    """D07, section 3 (429): nobody comes back sooner than a server asks for, within a day, nor than the backoff."""
    scene.mailing = MAILING._replace(expires=48)
    scene.server.after = after
    scene.edition(1)
    scene.send("deferred")
    scene.later(hours - 0.05)
    scene.send()
    assert len(scene.server.offered) == 1
    scene.later(0.06)
    scene.send()
    assert (len(scene.server.offered), scene.state("ana", D1)) == (2, "accepted")


def test_a_clock_that_was_wrong(scene: Scene) -> None:
    """T04: what was put off by a clock that was a year ahead is tried at once when the clock is right again."""
    scene.edition(1)
    scene.later(24 * 365)
    scene.edition(2)
    scene.send("deferred")
    scene.later(-24 * 365)
    scene.send()
    assert sorted(scene.server.papers["ana@example.org"]) == ids((1, D1), (2, D1 + timedelta(days=365)))


def test_an_edition_of_next_year_hides_nothing(scene: Scene) -> None:
    """T04: after a mail of a day to come (a clock that was wrong, `--day` with a slip of the pen) each day's own mails
    are what is told, and an edition that a dead run never planned is carried as ever.
    """
    scene.later(24 * 365)
    scene.edition(1)
    scene.send()
    scene.later(-24 * 365)
    scene.edition(2)
    sent = scene.send("refused")
    assert sent
    assert sent.tallies == {"ana": {"refused": 1}}
    today = {"ana": scene.now.date()}
    assert [one.day for one in undelivered(scene.profiles, today, scene.store.outbox)] == [D1]
    scene.later()
    scene.edition(3)  # and nobody sends it
    scene.later()
    scene.edition(4)
    scene.send()
    assert sorted(mailed(scene.server.taken[-1].content)) == ids((2, D1), (3, D2), (4, D3))


def test_an_edition_of_next_year_that_was_never_planned(scene: Scene) -> None:
    """T04: one that a dead run left, by a clock that was wrong, goes with today's mail, and is not taken for it."""
    scene.edition(1)
    scene.send()
    scene.later(24 * 365)
    scene.edition(2)  # and nobody sends it
    scene.later(-24 * 364)
    scene.edition(3)
    scene.send()
    assert scene.state("ana", D2) == "accepted"
    assert sorted(mailed(scene.server.taken[-1].content)) == ids((3, D2), (2, D1 + timedelta(days=365)))
    scene.profile("ana", "ana", "bob")
    scene.later()
    scene.edition(4)
    scene.send()
    assert scene.server.papers["bob@example.org"] == ids((4, D3))


def test_a_chain(scene: Scene) -> None:
    """Three days in doubt, one after the other, all open the fourth, the newest first, each paper once."""
    for number in (1, 2, 3):
        scene.edition(number)
        scene.send("in doubt")
        scene.later()
    scene.edition(4)
    scene.send()
    [mail] = scene.server.taken
    assert mailed(mail.content) == ids((3, D3), (2, D2), (1, D1), (4, D4))
    assert len({parcel.content.partition(b"Message-ID:")[2][:60] for parcel in scene.server.offered}) == 4
    by_id = {one.id: one for one in scene.store.outbox.deliveries()}
    assert [by_id[number].carried_into for number in sorted(by_id)] == [*sorted(by_id)[1:], None]


def test_carried_on_a_quiet_day(scene: Scene) -> None:
    """Carried papers do not wait for an edition that shows some: a quiet day's mail has them."""
    scene.profile("ana", "ana", "bob")
    scene.edition(1)
    scene.send(lambda parcel: "in doubt" if parcel.recipient == "ana@example.org" else "accepted")
    scene.later()
    scene.edition()
    scene.send()
    assert scene.server.papers == {"bob@example.org": ids(1), "ana@example.org": ids(1)}
    assert scene.states() == {
        ("ana", str(D1)): "in doubt", ("bob", str(D1)): "accepted", ("ana", str(D2)): "accepted"
    }  # fmt: skip


def test_hard_bounces(scene: Scene) -> None:
    """E16: an address that is refused for itself on as many days as `bounces` says is sent nothing more; what it
    missed comes when the operator releases it.
    """
    for number in range(1, 5):
        scene.edition(number)
        scene.send("hard")
        scene.later()
    assert len(scene.server.offered) == 3
    assert scene.state(day=D4) == "suppressed"
    scene.store.outbox.release("", reader("ana"))
    scene.edition(5)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((3, D3), (2, D2), (1, D1), (5, FIRST + timedelta(days=4)))}


# ------------------------------------------------------------------------------------ what the config mends


def froms(scene: Scene) -> list[tuple[str, str]]:
    """Of each parcel that was offered: its envelope's sender, and From."""
    return [(one.sender, email.message_from_bytes(one.content)["From"]) for one in scene.server.offered]


WRONG = MAILING._replace(sender="digets@example.org")
RIGHT = ("digest@example.org", "Paper digest <digest@example.org>")


def test_a_sender_that_is_mended(scene: Scene) -> None:
    """D05, D07: a `from` that the server refuses stands on no mail any more once the config is mended: each reader has
    one mail, of that very day, and nobody waits for the next edition.
    """
    scene.mailing = WRONG
    scene.profile("ana", "ana", "bob", "eve")
    scene.edition(1)
    for _ in range(2):
        sent = scene.send("sender")
        assert sent
        assert list(sent.halted) == ["mail"]
    assert set(scene.states().values()) == {"rendered", "deferred"}
    scene.mailing = MAILING
    scene.later(0.1)
    scene.server.offered.clear()
    scene.send()
    assert froms(scene) == [RIGHT] * 3
    assert scene.server.papers == {f"{name}@example.org": ids(1) for name in ("ana", "bob", "eve")}
    assert set(scene.states().values()) == {"accepted"}
    assert {one.attempts for one in scene.store.outbox.deliveries()} == {0}


@pytest.mark.parametrize("answer", ["deferred", "in doubt", "dies after"])
def test_what_somebody_may_have_stays_as_it_is(scene: Scene, answer: str) -> None:
    """E07, D05: a mail whose dot was sent once is those bytes or none, whatever the config says by now."""
    scene.mailing = WRONG._replace(in_doubt="resend")
    scene.edition(1)
    scene.send(answer)
    scene.mailing = MAILING._replace(in_doubt="resend")
    scene.later(2)
    scene.send()
    one, two = scene.server.offered
    assert one == two


def test_one_that_keeps_a_refused_sender_blocks_nobody(scene: Scene) -> None:
    """D07: a mail that must keep the sender which the server has come to refuse stops one run, and not the next; its
    time goes by, and its papers open the next mail.
    """
    scene.mailing = WRONG
    scene.profile("ana", "ana", "bob")
    scene.edition(1)
    scene.send("deferred")
    scene.mailing = MAILING
    scene.later(2)
    scene.profile("ana", "ana", "bob", "eve")
    refuses = lambda parcel: "sender" if parcel.sender == WRONG.sender else "accepted"  # noqa: E731
    for _ in range(3):
        scene.send(refuses)
    assert scene.server.papers == {"eve@example.org": ids(1)}
    scene.later()
    scene.edition(2)
    scene.send(refuses)
    assert {row: ids(1) + ids((2, scene.now.date())) for row in scene.server.papers} == scene.server.papers


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Somebody else"},
        {"envelope": "bounces@example.org"},
        {"leave": "leave@example.org"},
        {"leave_at": "https://example.org/leave/"},
        {"verp": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_the_config_puts_into_a_mail(scene: Scene, change: dict[str, str | bool]) -> None:
    """A mail that nobody was given says what the config says when it goes, and one that it does not change stays."""
    scene.edition(1)
    scene.send("early")
    scene.later(2)
    scene.send("early")
    one, same = scene.server.offered
    assert one == same
    scene.mailing = MAILING._replace(**change)  # type: ignore[arg-type]
    scene.send()
    assert scene.server.offered[-1] != one
    scene.mailing = MAILING._replace(in_doubt="hold", expires=48, bounces=9)  # none of these stands in a mail
    scene.edition(2, day=D2)
    scene.later()
    scene.send("early")
    scene.mailing = MAILING
    scene.later(2)
    scene.send("early")
    assert scene.server.offered[-1] == scene.server.offered[-2]


def test_a_chat_that_is_mended(scene: Scene) -> None:
    """A message for another chat is written anew, for the chat that the config names by now."""
    to = Addressee("webhook", "ana.telegram")
    hook = Webhook("ana.telegram", "telegram", Secret("env", "A"), "-1")
    scene.profile("ana", to)
    scene.hooks = {"ana": [hook]}
    scene.edition(1)
    scene.chats.answer = lambda parcel: "early"
    scene.send()
    scene.hooks = {"ana": [hook._replace(chat="-2")]}
    scene.chats.answer = lambda parcel: "accepted"
    scene.send()
    assert [b'"chat_id": "-2"' in one.content for one in scene.chats.offered] == [False, True]


# ----------------------------------------------------------------------------------------- who goes and comes


def test_unsubscribed_while_it_waits(scene: Scene) -> None:
    """D10, promise 9: what waits for somebody who unsubscribes is not sent, and nothing later is."""
    scene.edition(1)
    scene.send("deferred")
    scene.store.outbox.suppress("ana", reader("ana"), "unsubscribed", scene.now)
    for number in (2, 3):
        scene.later()
        scene.edition(number)
        scene.send()
    assert (scene.server.taken, set(scene.states().values())) == ([], {"suppressed"})


def test_released(scene: Scene) -> None:
    """Who comes back by `--release` gets editions from the next one on."""
    scene.edition(1)
    scene.send()
    scene.store.outbox.suppress("ana", reader("ana"), "unsubscribed", scene.now)
    scene.later()
    scene.edition(2)
    scene.send()
    scene.store.outbox.release("ana", reader("ana"))
    scene.send()
    scene.later()
    scene.edition(3)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (3, D3))}


@pytest.mark.parametrize("days", [0, 1, 3])
def test_removed_and_returned(scene: Scene, days: int) -> None:
    """A reader whom the config did not have for a while has what waited for them with the next edition: a slip of the
    pen at noon costs nobody a paper.
    """
    scene.profile("ana", "ana", "bob")
    scene.edition(1)
    scene.send("deferred")
    scene.profile("ana", "bob")
    scene.send()
    assert scene.state("ana", D1) == "suppressed"
    for number in range(days):
        scene.later()
        scene.edition(10 + number)
        scene.send()
    scene.profile("ana", "ana", "bob")
    scene.send()
    scene.later()
    scene.edition(2)
    scene.send()
    waited = [(1, D1), *([(10 + days - 1, FIRST + timedelta(days=days))] if days else [])]
    assert scene.server.papers["ana@example.org"] == ids(*waited, (2, FIRST + timedelta(days=days + 1)))


def test_a_profile_that_is_gone(scene: Scene) -> None:
    """What waits for readers of a profile that was renamed, or is in the config no more, is not sent."""
    scene.edition(1)
    scene.send("deferred")
    scene.profiles = ()
    scene.profile("bob", "ana")
    scene.edition(2, profile="bob")
    scene.later(2)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids(2)}
    assert scene.states("ana") == {("ana", str(D1)): "suppressed"}
    scene.profiles = ()
    scene.profile("ana", "ana")
    scene.later()
    scene.edition(3)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((2, D1), (1, D1), (3, D2))}


def test_many_that_cannot_be_written_block_nobody(scene: Scene) -> None:
    """A profile of a hundred readers that is gone does not stand in the way of the others'."""
    scene.profile("zoe", *(f"reader{number}" for number in range(100)))
    scene.edition(1, profile="zoe")
    scene.send("dies")
    scene.profiles = ()
    scene.profile("ana", "ana")
    scene.edition(1)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids(1)}


def test_nobody_left(scene: Scene) -> None:
    """Where the last reader is gone nothing is planned, and what waited is not sent."""
    scene.edition(1)
    scene.send("deferred")
    scene.profile("ana")
    scene.later(2)
    sent = scene.send()
    assert sent
    assert (len(scene.server.offered), scene.state("ana", D1)) == (1, "suppressed")


def test_policy_changes(scene: Scene) -> None:
    """What was held is carried when the config says `carry` from now on."""
    scene.mailing = MAILING._replace(in_doubt="hold")
    scene.edition(1)
    scene.send("in doubt")
    scene.mailing = MAILING
    scene.later()
    scene.edition(2)
    scene.send()
    assert scene.server.papers == {"ana@example.org": ids((1, D1), (2, D2))}


# ------------------------------------------------------------------------------------------------- writing


def test_written_in_batches(scene: Scene) -> None:
    """Of a large edition no more is frozen ahead than one batch: a server that stops us early finds little written."""
    scene.profile("ana", *(f"reader{number:03}" for number in range(200)))
    scene.edition(1)
    scene.send("dies")
    tally = scene.store.outbox.tally("ana", D1)
    assert tally == {"planned": 200 - 64, "rendered": 63, "claimed": 1}
    scene.send()
    assert scene.store.outbox.tally("ana", D1) == {"accepted": 200}


def test_channels_do_not_wait_for_each_other(scene: Scene) -> None:
    """Chats are told though mail was put off, and the other way round."""
    scene.profile("ana", "ana", Addressee("webhook", "ana.slack"))
    scene.hooks = {"ana": [Webhook("ana.slack", "slack", Secret("env", "A"))]}
    scene.edition(1)
    scene.send("deferred")
    assert scene.store.outbox.tally("ana", D1) == {"deferred": 1, "accepted": 1}
    scene.later()
    scene.edition(2)
    scene.chats.answer = lambda parcel: "in doubt"
    scene.send()
    assert scene.store.outbox.tally("ana", D2) == {"accepted": 1, "in doubt": 1}
