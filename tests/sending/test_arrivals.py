"""`digest.sending.arrivals`: what came in by mail is acted on, once, and only where it is ours."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_digest, a_listing, a_paper, a_ranked
from conftest import ROOT

from digest.delivery import leaving
from digest.delivery.settings import Maildir, Mailing
from digest.model import Addressee, Delivery, Outcome, Parcel
from digest.sending import arrivals
from digest.store import Store, open_store
from digest.store.outbox import Frozen, Suppression

DATA = ROOT / "tests" / "data" / "inbox"
TOKEN = "q0Yb5W3o9J7nC2mXfL1tRg"
ID = "5d41402abc4b2a76b9719d911017c592@digest.example.org"
"""What the samples name."""

ANA, BO = Addressee("mail", "Ana@example.net", "Ana Sinha"), Addressee("mail", "bo@example.com")
CHAT = Addressee("webhook", "slack")
NOW = datetime(2026, 5, 27, 5, tzinfo=UTC)
DAY = timedelta(days=1)
MAILING = Mailing(
    "digest@digest.example.org",
    Maildir(Path("unused")),
    envelope="bounces@digest.example.org",
    verp=True,
    leave="leave@digest.example.org",
)


class Box:
    """An inbox in memory: what is unread, until it is marked. `marking` is false for a run that is killed before."""

    def __init__(self, *messages: bytes, marking: bool = True, then: Callable[[], object] = lambda: None) -> None:
        self.unread = list(messages)
        self.marking = marking
        self.then = then
        self.trouble: list[str] = []

    def read(
        self, look: Callable[[bytes], bool], act: Callable[[bytes], bool], stopping: Callable[[], bool]
    ) -> list[str]:
        for content in list(self.unread):
            self.then()
            if look(content) and act(content) and self.marking:
                self.unread.remove(content)
            self.then()
        return self.trouble


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """In which Ana, Bo and a chat read `ana`, and Ana was sent the mail that the samples are about."""
    with open_store(tmp_path / "digest.db") as store:
        deliver(store, "2026-05-26", ANA, ID)
        store.outbox.enrol("ana", {ANA: leaving.mark(TOKEN)})
        yield store


def deliver(store: Store, day: str, to: Addressee, message_id: str, profile: str = "ana") -> Delivery:
    """A delivery that was accepted."""
    outbox = store.outbox
    paper = a_paper(listings=(a_listing(arxiv="2605.00001"),))
    store.save([paper])
    edition = store.keep(a_digest(a_ranked(paper), day=day, profile=profile), NOW)
    outbox.plan(edition.digest.profile, edition.digest.day, [to], now=NOW, expires=NOW + 9 * DAY)
    [planned] = outbox.planned(9)
    outbox.freeze([Frozen(Parcel(planned.id, "bounces@digest.example.org", to.address, b"x"), message_id)])
    journal = outbox.journal(f"run of {day}", to.channel, clock=lambda: NOW, chance=lambda: 0.5)
    [parcel] = journal.step(wanted=1)
    journal.step(marked=[parcel.id])
    journal.step(settled=[Outcome(parcel.id, "accepted", "250 ok")])
    [delivery] = outbox.deliveries(states=["accepted"], limit=1)
    return delivery


def sample(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()


def about(name: str, message_id: str, number: int) -> bytes:
    """The report `name`, of another mail, in another message, to an address without a token."""
    content = sample(name).replace(ID.encode(), message_id.encode()).replace(TOKEN.encode(), b"none")
    return re.sub(rb"(?im)^(message-id: <)(?!%s)" % re.escape(message_id.encode()), rb"\g<1>%d." % number, content)


def held(store: Store) -> list[tuple[str, str, str]]:
    return [(one.profile, one.to.address, one.reason) for one in store.outbox.suppressions()]


def bounced(store: Store, tmp_path: Path) -> list[tuple[str, int]]:
    """Whose bounces are recorded, and whether they are hard."""
    with sqlite3.connect(tmp_path / "digest.db") as db:
        return db.execute("SELECT folded, hard FROM bounce ORDER BY at, mark").fetchall()


def take(store: Store, *messages: bytes, now: datetime = NOW, mailing: Mailing = MAILING) -> tuple[list[str], Box]:
    box = Box(*messages)
    return arrivals.take(box, mailing, store.outbox, now), box


# ------------------------------------------------------------------------------------------ unsubscribing

WISHES = sorted(path.stem for path in DATA.glob("leave*.eml"))


@pytest.mark.parametrize("name", WISHES)
def test_whoever_asks_is_let_go(store: Store, name: str) -> None:
    """A mail with a reader's token unsubscribes that reader from that profile, at once, and is marked."""
    deliver(store, "2026-05-26", BO, "of-bo@digest.example.org")
    problems, box = take(store, sample(name))
    assert (problems, box.unread) == ([], [])
    assert store.outbox.suppressions() == [Suppression("ana", Addressee("mail", ANA.address), "unsubscribed", NOW)]


def test_what_waits_is_not_sent(store: Store) -> None:
    """D10: what was planned, and not sent yet, is suppressed with the wish."""
    paper = a_paper("arxiv:2605.00002", listings=(a_listing(arxiv="2605.00002"),))
    store.save([paper])
    edition = store.keep(a_digest(a_ranked(paper), day="2026-05-27"), NOW)
    store.outbox.plan(edition.digest.profile, edition.digest.day, [ANA], now=NOW, expires=NOW + DAY)
    take(store, sample("leave"))
    [delivery] = store.outbox.deliveries(day=edition.digest.day)
    assert delivery.state == "suppressed"


def test_a_token_that_nobody_has(store: Store) -> None:
    """What names an unknown token stays unread, and the operator is told how many such mails there are."""
    strange = sample("leave").replace(TOKEN.encode(), b"A" * 22)
    problems, box = take(store, strange, sample("leave_translated").replace(TOKEN.encode(), b"B" * 22))
    assert problems == ["the inbox: 1 mail asks to unsubscribe with a token that nobody has; left unread"]
    assert len(box.unread) == 2
    assert held(store) == []
    problems, _ = take(store, strange, sample("leave_folded").replace(TOKEN.encode(), b"B" * 22))
    assert problems == ["the inbox: 2 mails ask to unsubscribe with a token that nobody has; left unread"]


FOREIGN = sorted(path.stem for path in DATA.glob("foreign*.eml"))


@pytest.mark.parametrize("name", [*FOREIGN, "receipt", "complaint_not_spam", "complaint_auth_failure"])
def test_what_is_not_ours_is_left_alone(store: Store, tmp_path: Path, name: str) -> None:
    """E05: mails of others, answers, vacations, forged reports and our own digests change nothing, and stay unread."""
    problems, box = take(store, sample(name))
    assert (problems, len(box.unread)) == ([], 1)
    assert held(store) == []
    assert bounced(store, tmp_path) == []


def test_bounces_come_to_addresses_with_tokens(store: Store) -> None:
    """Where bounces come to the address that unsubscribes, with a token, a mail to it does not unsubscribe; its subject
    does.
    """
    shared = MAILING._replace(envelope="leave@digest.example.org")
    assert len(take(store, sample("leave_at_address"), mailing=shared)[1].unread) == 1
    assert held(store) == []
    take(store, sample("leave_at_address"), mailing=shared._replace(verp=False))
    assert held(store) == [("ana", ANA.address, "unsubscribed")]


# ------------------------------------------------------------------------------------------------ complaints


@pytest.mark.parametrize("name", ["complaint", "complaint_redacted"])
def test_who_complains_is_let_go(store: Store, name: str) -> None:
    """A provider's report that a reader takes a mail of ours for unwanted unsubscribes them (RFC 5965)."""
    problems, box = take(store, sample(name))
    assert (problems, box.unread) == ([], [])
    [held_back] = store.outbox.suppressions()
    assert (held_back.profile, held_back.reason) == ("ana", "unsubscribed")
    assert held_back.detail == "complained to their provider"


def test_a_complaint_about_others(store: Store) -> None:
    """A report about a mail that is not ours changes nothing."""
    foreign = sample("complaint").replace(ID.encode(), b"a@b").replace(TOKEN.encode(), b"A" * 22)
    _, box = take(store, foreign)
    assert len(box.unread) == 1
    assert held(store) == []


# --------------------------------------------------------------------------------------------------- bounces

_OTHERS = ("leave", "foreign", "complaint", "receipt")
BOUNCES = sorted(path.stem for path in DATA.glob("*.eml") if not path.stem.startswith(_OTHERS))
UNDERWAY = ("postfix_delayed", "postfix_relayed", "gmail_delayed")
SOFT = (
    *("postfix_expired", "postfix_policy", "exchange_german_quota", "exim_quota", "exim_retry_timeout", "exim_several"),
    *("gmail_policy", "groupwise", "qmail_full", "sendmail_too_large"),
)


@pytest.mark.parametrize("name", BOUNCES)
def test_bounces_are_counted(store: Store, tmp_path: Path, name: str) -> None:
    """E16: a bounce of ours is recorded as hard or soft, by the mail or the token; what is under way is not one. The
    ledger's row stays accepted: it was (late 5xx by DSN).
    """
    problems, box = take(store, sample(name))
    assert (problems, box.unread) == ([], [])
    assert bounced(store, tmp_path) == ([] if name in UNDERWAY else [("ana@example.net", int(name not in SOFT))])
    assert held(store) == []
    [delivery] = store.outbox.deliveries()
    assert delivery.state == "accepted"


def test_one_mail_counts_once(store: Store, tmp_path: Path) -> None:
    """Late 5xx by DSN: the same report again, or another of the same mail, counts once, also after a kill."""
    for _ in range(2):
        killed = Box(sample("postfix_unknown"), marking=False)
        assert arrivals.take(killed, MAILING, store.outbox, NOW) == []
        assert len(killed.unread) == 1
    take(store, sample("postfix_unknown"), now=NOW + DAY)
    take(store, about("exim_unknown", ID, 7), now=NOW + 2 * DAY)
    assert bounced(store, tmp_path) == [("ana@example.net", 1)]
    assert held(store) == []


def test_a_wish_that_is_read_twice(store: Store) -> None:
    """A run that is killed between acting and marking is repeated without another effect."""
    for moment in (NOW, NOW + DAY):
        arrivals.take(Box(sample("leave"), marking=False), MAILING, store.outbox, moment)
    assert store.outbox.suppressions() == [Suppression("ana", Addressee("mail", ANA.address), "unsubscribed", NOW)]


@pytest.mark.parametrize("name", ["postfix_unknown", "qmail", "sendmail_unknown"])
def test_three_hard_bounces(store: Store, tmp_path: Path, name: str) -> None:
    """E16: hard bounces of three mails on three days, and nothing is sent to that address any more, by any profile."""
    for number in range(3):
        assert held(store) == []
        deliver(store, f"2026-06-0{number + 1}", ANA, f"mail{number}@digest.example.org")
        take(store, about(name, f"mail{number}@digest.example.org", number), now=NOW + number * DAY)
    assert held(store) == [("", ANA.address, "bounced")]
    assert len(bounced(store, tmp_path)) == 3


def test_soft_bounces_suspend_nobody(store: Store) -> None:
    """A mailbox that is full for ten days is sent to on the eleventh."""
    for number in range(10):
        deliver(store, f"2026-06-{number + 1:02}", ANA, f"mail{number}@digest.example.org")
        take(store, about("exim_quota", f"mail{number}@digest.example.org", number), now=NOW + number * DAY)
    assert held(store) == []


def test_by_the_token_alone(store: Store, tmp_path: Path) -> None:
    """Where nobody knows which mail it was, the token says whose: then each report counts, and no report twice."""
    for number in (1, 1, 2, 3):
        report = sample("bare_report").replace(b"MIME-Version", b"Message-ID: <%d@mx1>\nMIME-Version" % number)
        take(store, report, now=NOW + number * DAY)
    assert len(bounced(store, tmp_path)) == 3
    assert held(store) == [("", ANA.address, "bounced")]


def test_the_token_goes_before_the_id(store: Store, tmp_path: Path) -> None:
    """A report that comes to Ana's address counts for Ana, whatever mail it quotes."""
    deliver(store, "2026-05-26", BO, "of-bo@digest.example.org")
    take(store, sample("postfix_unknown").replace(ID.encode(), b"of-bo@digest.example.org"))
    assert bounced(store, tmp_path) == [("ana@example.net", 1)]


def test_an_id_that_can_be_guessed(store: Store, tmp_path: Path) -> None:
    """E16: the name that the ledger has for a chat's message is no trace: nobody stops a chat by a mail."""
    delivery = deliver(store, "2026-05-26", CHAT, "ana.2026-05-26.slack@digest.example.org")
    assert delivery.to.channel == "webhook"
    _, box = take(store, about("postfix_unknown", "ana.2026-05-26.slack@digest.example.org", 1))
    assert len(box.unread) == 1
    assert bounced(store, tmp_path) == []


def test_who_else_is_named(store: Store, tmp_path: Path) -> None:
    """A report of several recipients counts by what it says of ours; of those that the mail was forwarded to, and are
    not ours, by the mildest.
    """
    take(store, sample("exim_several"))
    assert bounced(store, tmp_path) == [("ana@example.net", 0)]
    deliver(store, "2026-05-26", BO, "of-bo@digest.example.org")
    forwarded = about("postfix_several", "of-bo@digest.example.org", 1)
    take(store, forwarded, now=NOW + DAY)
    assert bounced(store, tmp_path)[1:] == [("bo@example.com", 0)]


# --------------------------------------------------------------------------------------------------- trouble


def test_trouble_is_told(store: Store) -> None:
    """What the inbox says of itself is told as it is, after what it is about; sending goes on."""
    box = Box(sample("leave"))
    box.trouble = ["imap.example.org: it refuses user and password: no"]
    assert arrivals.take(box, MAILING, store.outbox, NOW) == [
        "the inbox: imap.example.org: it refuses user and password: no"
    ]
    assert len(held(store)) == 1


def test_no_transaction_while_the_network_is_waited_for(store: Store, tmp_path: Path) -> None:
    """S04: whenever the inbox is talked to, another process could write to the store at once."""
    looked: list[bool] = []

    def could_write() -> None:
        db = sqlite3.connect(tmp_path / "digest.db", timeout=0, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        db.close()
        looked.append(True)

    box = Box(sample("leave"), sample("postfix_unknown"), sample("complaint"), then=could_write)
    assert arrivals.take(box, MAILING, store.outbox, NOW) == []
    assert len(looked) == 6
