"""`digest.sending.letters`: what is frozen for a reader, and how a mail that carries other days' papers opens."""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from builders import a_paper, a_ranked, an_edition
from hypothesis import given
from hypothesis import strategies as st
from sending_scene import FIRST, KEY, MAILING, Scene, a_paper_of, ids, mailed, reader

from digest.delivery import leaving
from digest.delivery.settings import Secret, Webhook
from digest.model import Addressee, Edition, Site
from digest.sending import left_to_pages
from digest.sending.letters import letterhead, together, written
from digest.store.outbox import Content

D1, D2, D3 = (FIRST + timedelta(days=number) for number in range(3))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "digest.db")
    made.profile("ana", "ana")
    yield made
    made.store.close()


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text(content: bytes) -> str:
    return str(read(content).get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]


def page(content: bytes) -> str:
    return str(read(content).get_body(("html",)).get_content())  # type: ignore[union-attr]


# ---------------------------------------------------------------------------------------------- together

DAYS = st.lists(st.lists(st.integers(1, 12), max_size=5, unique=True), min_size=1, max_size=6)


def editions(days: list[list[int]]) -> list[Edition]:
    """Newest first; the same number is the same paper on whichever day."""
    return [
        an_edition(*(a_ranked(a_paper_of(number)) for number in numbers), day=str(FIRST - timedelta(days=ago)))
        for ago, numbers in enumerate(days)
    ]


@given(DAYS)
def test_together(days: list[list[int]]) -> None:
    """What was carried comes first, the newest day of it first, each paper once: where it is told first is today's, or
    the newest day's. Nothing is left out and nothing else of the newest edition changes.
    """
    given_ = editions(days)
    made = together(Content(given_, []))
    newest, *missed = given_
    papers = [one.paper.id for one in made.digest.ranked]
    assert len(papers) == len(set(papers))
    assert set(papers) == {one.paper.id for edition in given_ for one in edition.digest.ranked}
    assert made.digest.sections[len(made.digest.sections) - len(newest.digest.sections) :] == newest.digest.sections
    order = [edition.digest.day for edition in missed if _named(edition.digest.day) in _titles(made)]
    assert _titles(made)[: len(order)] == [_named(day) for day in order]
    assert (made.number, made.issued, made.digest.day) == (newest.number, newest.issued, newest.digest.day)


def _titles(edition: Edition) -> list[str]:
    return [section.title for section in edition.digest.sections]


def _named(day: date) -> str:
    return f"From the edition of {day.day} {day:%B} {day.year}, which may not have reached you"


# ----------------------------------------------------------------------------------- a mail that carries


def carrying(scene: Scene, today: tuple[int, ...]) -> list[bytes]:
    """The mails of a reader whose first one, of two papers, is in doubt: that one, and the next day's."""
    scene.edition(1, 2)
    scene.send("in doubt")
    scene.later()
    scene.edition(*today)
    scene.send()
    return [parcel.content for parcel in scene.server.offered]


def test_it_opens_with_what_it_carries(scene: Scene) -> None:
    """docs/mail.md: the papers of a mail in doubt open the next one, under the day that they are of, in both parts."""
    _, mail = carrying(scene, (3,))
    assert mailed(mail) == ids((1, D1), (2, D1), (3, D2))
    for part in (text(mail), page(mail).partition("</h1>")[2]):  # after what an inbox shows
        places = [part.index(word) for word in (_named(D1), f"Paper 1 of {D1}", f"Paper 2 of {D1}", f"Paper 3 of {D2}")]
        assert places == sorted(places)


def test_its_head(scene: Scene) -> None:
    """E07: it is of its own day, counts all that is in it, and has another Message-ID than the one in doubt."""
    doubted, carried = carrying(scene, (3,))
    doubtful, mail = read(doubted), read(carried)
    assert mail["Subject"].startswith("3 papers · Ana · 26 May 2026: Paper 1 of 2026-05-25")
    assert "Edition 2 · 1 paper; 2 papers of days before" in text(carried)
    assert mail["Date"] == "Tue, 26 May 2026 06:00:00 +0000"
    assert doubtful["Message-ID"] != mail["Message-ID"]
    [row] = scene.store.outbox.deliveries(day=D2)
    assert mail["Message-ID"] == f"<{row.message_id}>"


def test_on_a_quiet_day(scene: Scene) -> None:
    """A mail that only carries says how many papers are in it, and does not say that there is none."""
    _, mail = carrying(scene, ())
    message = read(mail)
    assert message["Subject"].startswith("2 papers · Ana · 26 May 2026: Paper 1")
    assert mailed(mail) == ids((1, D1), (2, D1))
    assert "Edition 2 · nothing new; 2 papers of days before" in text(mail)


def test_it_stays_small(scene: Scene) -> None:
    """E10: however much it carries it stays under 100,000 bytes, tells what it has no room for, and today's are in."""
    for number in range(4):
        scene.store.keep(
            an_edition(
                *(a_ranked(a_paper_of(20 * number + one)) for one in range(20)), day=str(FIRST + timedelta(days=number))
            ).digest,
            scene.now,
        )
        for _ in range(2):
            scene.send("in doubt" if number < 3 else "accepted")
        scene.later()
    [mail] = scene.server.taken
    assert len(mail.content) <= 100_000
    assert len(mailed(mail.content)) == 80


def test_enormous(scene: Scene) -> None:
    """E10: where not even titles have room, what is left out is counted, and the page has it."""
    for day in (D1, D2):
        papers = [
            a_ranked(a_paper(f"arxiv:{day:%y%m}.{day.day:02}{number:03}", title=f"{number} " + "long title " * 40))
            for number in range(150)
        ]
        scene.store.keep(an_edition(*papers, day=str(day)).digest, scene.now)
        scene.send("in doubt" if day == D1 else "accepted")
        scene.later()
    [mail] = scene.server.taken
    assert len(mail.content) <= 100_000
    assert re.search(r"papers? (is|are) (left out|not)|only on|page", " ".join(text(mail.content).split()))


def test_what_it_leaves_to_the_page(scene: Scene) -> None:
    """Promise 3: papers that a server will not have keep nothing from a reader for ever: after three mails that were
    refused they are left to their page, and the mail says in both parts how many, and of when.
    """
    for number in range(5):
        scene.edition(2 * number, 2 * number + 1)
        scene.send("refused" if number < 4 else "accepted")
        scene.later()
    told = [mailed(parcel.content) for parcel in scene.server.offered]
    assert [len(one) for one in told] == [2, 4, 6, 6, 6]
    [mail] = scene.server.taken
    said = "4 papers up to 26 May 2026 are left to the pages: 3 mails were refused"
    assert said in text(mail.content)
    assert said in page(mail.content)
    assert "2 papers of 25 May 2026 are left to the page: 3 mails were refused" in text(scene.server.offered[3].content)
    assert "left to the page" not in text(scene.server.offered[2].content)
    today = {"ana": (FIRST + timedelta(days=4))}
    assert [one.day for one in left_to_pages(scene.profiles, today, scene.store.outbox)] == [D2]


def test_what_a_quiet_day_leaves_to_the_page(scene: Scene) -> None:
    """A mail that has nothing but that to say says so."""
    scene.edition(1)
    for _ in range(3):
        scene.send("refused")
        scene.later()
        scene.edition()
    scene.send()
    [mail] = scene.server.taken
    assert mailed(mail.content) == []
    said = "1 paper of 25 May 2026 is left to the page: 3 mails were refused"
    assert said in text(mail.content)
    assert said in page(mail.content)


# --------------------------------------------------------------------------------------------- freezing


def test_frozen(scene: Scene) -> None:
    """E07: whoever writes a delivery again writes the same bytes, with the same Date, Message-ID and boundary."""
    scene.edition(1, 2)
    scene.send("dies")
    [one] = scene.store.outbox.deliveries()
    frozen = scene.store.outbox.message(one.id)
    scene.later(5)
    scene.reopen()
    again = written(one, scene.store.outbox.content(one.id), scene.desk(), scene.now - timedelta(hours=5))
    assert again.parcel.content == frozen
    assert again.message_id == one.message_id
    assert read(again.parcel.content)["Date"] == "Mon, 25 May 2026 06:00:00 +0000"


def test_its_date(scene: Scene) -> None:
    """RFC 5322 section 3.6.1: a mail is of the instant at which it was frozen, told by the day's own offset; so it is
    at each try, and one that is written anew is of the new instant.
    """
    edition = scene.edition(1)
    there = timezone(timedelta(hours=2))
    scene.store.keep(replace(edition.digest, day=D2), datetime(2026, 5, 26, tzinfo=there))
    scene.later(25.5)
    scene.send("early")
    scene.later(2)
    scene.send("early")
    scene.mailing = MAILING._replace(name="Somebody else")
    scene.later(2)
    scene.send()
    dates = [read(parcel.content)["Date"] for parcel in scene.server.offered]
    assert dates == ["Tue, 26 May 2026 09:30:00 +0200"] * 2 + ["Tue, 26 May 2026 13:30:00 +0200"]


def test_retries_are_the_same_bytes(scene: Scene) -> None:
    """E07: every try sends what was frozen, though title, site and signature of the config have changed since."""
    scene.edition(1)
    scene.send("deferred")
    scene.site = Site(title="Another title", base_url="https://other.example/")
    scene.mailing = MAILING._replace(name="Somebody else", leave="else@example.org")
    scene.sign = lambda message: b"X-Signed: yes\r\n" + message
    scene.later(2)
    scene.send()
    one, two = scene.server.offered
    assert one == two


@pytest.mark.parametrize("channel", ["mail", "webhook"])
def test_letterheads(scene: Scene, channel: str) -> None:
    """What was written is still so, or not, by all that is put into every message: the site, and where its page is."""
    desk = scene.desk()
    same = letterhead("ana", channel, scene.desk())
    assert letterhead("ana", channel, desk) == same
    moved = {"ana": desk.archives["ana"]._replace(folder="private.0f1e")}
    gone = {"ana": desk.archives["ana"]._replace(published=())}
    for other in (
        replace(desk, site=replace(desk.site, base_url="https://other.example/")),
        replace(desk, site=replace(desk.site, note="Read this first.")),
        replace(desk, archives=moved),
        replace(desk, archives=gone),
    ):
        assert letterhead("ana", channel, other) != same


def test_signed(scene: Scene) -> None:
    """What is frozen is signed already, so that a retry has the same signature."""
    scene.sign = lambda message: b"DKIM-Signature: v=1\r\n" + message
    scene.edition(1)
    scene.send()
    assert scene.server.taken[0].content.startswith(b"DKIM-Signature: v=1\r\nFrom: ")


@pytest.mark.parametrize("leave_at", ["https://digest.example.org/", "http://localhost:8000/", ""])
def test_the_way_out(scene: Scene, leave_at: str) -> None:
    """E03, E04: every mail has a mailto address to leave by and, where there is https, a link and the one-click field;
    both have the reader's token, and neither the reader's address (W03).
    """
    scene.profile("ana", "ana", "bob")
    scene.mailing = MAILING._replace(leave_at=leave_at, leave="leave+x@example.org")
    scene.edition(1)
    scene.send()
    for name, parcel in zip(("ana", "bob"), scene.server.taken, strict=True):
        token = leaving.token(KEY, "ana", reader(name))
        message = read(parcel.content)
        uris = re.findall("<([^>]+)>", message["List-Unsubscribe"])
        url = urlsplit(uris[-1])
        assert (url.scheme, unquote(url.path)) == ("mailto", "leave+x@example.org")
        assert parse_qs(url.query) == {"subject": [f"unsubscribe {token}"]}
        if leave_at.startswith("https:"):
            assert uris[0] == f"{leave_at}u/{token}"
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert uris[0] in text(parcel.content)
        else:
            assert (len(uris), message["List-Unsubscribe-Post"]) == (1, None)
        assert name not in str(message["List-Unsubscribe"]).replace("unsubscribe", "")
        head = parcel.content.partition(b"\r\n\r\n")[0]
        assert head.count(b"List-Unsubscribe:") == 1
        assert f"<{uris[-1]}>".encode() in head  # as it is, not encoded and not folded
        assert scene.store.outbox.subscriber(leaving.mark(token)).to.address == parcel.recipient  # type: ignore[union-attr]


def test_sender_and_envelope(scene: Scene) -> None:
    """E16: bounces go to `envelope`, or where there is none to the sender; with `verp` they say whose mail it was."""
    token = leaving.token(KEY, "ana", reader("ana"))
    for mailing, expected in (
        (MAILING, "digest@example.org"),
        (MAILING._replace(envelope="bounces@example.org"), "bounces@example.org"),
        (MAILING._replace(envelope="bounces@example.org", verp=True), f"bounces+{token}@example.org"),
        (MAILING._replace(verp=True), f"digest+{token}@example.org"),
    ):
        scene.mailing = mailing
        scene.edition(1)
        scene.send()
        assert scene.server.taken[-1].sender == expected
        assert read(scene.server.taken[-1].content)["From"] == "Paper digest <digest@example.org>"
        scene.later()


def test_one_recipient_a_mail(scene: Scene) -> None:
    """D02, E06: nobody sees another reader's address in a mail."""
    scene.profile("ana", "ana", Addressee("mail", "bob@example.org", "Bo Ek"))
    scene.edition(1)
    scene.send()
    one, two = scene.server.taken
    assert (read(one.content)["To"], read(two.content)["To"]) == ("ana@example.org", "Bo Ek <bob@example.org>")
    assert b"bob@" not in one.content
    assert b"ana@" not in two.content


# ------------------------------------------------------------------------------------------------- chats


def told(scene: Scene, format: str, chat: str = "") -> list[dict]:  # type: ignore[type-arg]
    scene.hooks = {"ana": [Webhook(f"ana.{format}", format, Secret("env", "A"), chat)]}
    scene.profile("ana", Addressee("webhook", f"ana.{format}"))
    scene.edition(1)
    scene.chats.answer = lambda parcel: "in doubt"
    scene.send()
    scene.later()
    scene.edition(2)
    scene.chats.answer = lambda parcel: "accepted"
    scene.send()
    return [json.loads(parcel.content) for parcel in scene.chats.offered]


@pytest.mark.parametrize("format", ["slack", "discord", "mattermost", "telegram"])
def test_chats(scene: Scene, format: str) -> None:
    """A chat is told of the edition in its own form, without an envelope, and of what may not have arrived before."""
    first, second = told(scene, format)
    assert ("of days before" in json.dumps(first), "1 paper of days before" in json.dumps(second)) == (False, True)
    assert f"Paper 1 of {D1}" in json.dumps(first)
    assert [f"Paper {number} of {day}" in json.dumps(second) for number, day in ((1, D1), (2, D2))] == [True, True]
    assert {parcel.sender for parcel in scene.chats.offered} == {""}
    assert len({one.message_id for one in scene.store.outbox.deliveries()}) == 2


@pytest.mark.parametrize("format", ["slack", "discord", "mattermost", "telegram"])
def test_what_a_chat_leaves_to_the_page(scene: Scene, format: str) -> None:
    """A chat is told of it as a reader is."""
    scene.hooks = {"ana": [Webhook(f"ana.{format}", format, Secret("env", "A"))]}
    scene.profile("ana", Addressee("webhook", f"ana.{format}"))
    scene.chats.answer = lambda parcel: "refused"
    for number in range(4):
        scene.edition(number)
        scene.send()
        scene.later()
    said = ["left to the page: 3 mails were refused" in parcel.content.decode() for parcel in scene.chats.offered]
    assert said == [False, False, False, True]


def test_telegram(scene: Scene) -> None:
    """Telegram is told which chat it is for."""
    assert {message["chat_id"] for message in told(scene, "telegram", "-100123")} == {"-100123"}
