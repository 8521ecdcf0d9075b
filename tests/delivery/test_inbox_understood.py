"""`digest.delivery.incoming`: what a message from anybody asks for. Samples stand in `data/inbox`, shaped as the
servers that are in their names write; `understood.json` says what each of them means.
"""

import json
import os
import subprocess
import sys
import time
from email.parser import BytesHeaderParser

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.inbox import LARGEST
from digest.delivery.incoming import (
    FIELDS,
    SEARCHED,
    Bounce,
    Complaint,
    Incoming,
    Leaving,
    Traces,
    bounces,
    matters,
    understood,
)
from digest.delivery.incoming.severity import is_hard

DATA = ROOT / "tests" / "data" / "inbox"
MEANT = DATA / "understood.json"
SAMPLES = sorted(path.stem for path in DATA.glob("*.eml"))

LEAVE = "leave@digest.example.org"
TOKEN = "q0Yb5W3o9J7nC2mXfL1tRg"
ID = "5d41402abc4b2a76b9719d911017c592@digest.example.org"


def sample(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()


def summary(found: Incoming | None) -> object:
    """What a sample means, as the golden file has it."""
    if isinstance(found, Bounce):
        fates = [[fate.became, " ".join(sorted(fate.addresses)), fate.said] for fate in found.fates]
        return {"bounce": fates, "tokens": list(found.traces.tokens), "ids": list(found.traces.ids)}
    if isinstance(found, Complaint):
        return {"complaint": True, "tokens": list(found.traces.tokens), "ids": list(found.traces.ids)}
    return {"leaves": found.token, "meant": found.meant} if found else None


# -------------------------------------------------------------------------------------------------- samples


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    """E16: bounces, complaints and mails that unsubscribe are understood, and what is none of these is left alone."""
    found = summary(understood(sample(name), LEAVE))
    if os.environ.get("REWRITE_GOLDENS"):
        kept = json.loads(MEANT.read_text(encoding="utf-8")) if MEANT.exists() else {}
        told = json.dumps({**kept, name: found}, indent=1, ensure_ascii=False, sort_keys=True)
        MEANT.write_text(told + "\n", encoding="utf-8")
    assert found == json.loads(MEANT.read_text(encoding="utf-8"))[name]
    assert (found is None) == (name.startswith("foreign_") and name != "foreign_bounce") or name in NOTHING


NOTHING = ("receipt", "complaint_not_spam", "complaint_auth_failure")


def test_no_sample_is_unused() -> None:
    """Every file in the folder is a sample, and the golden file speaks of these alone."""
    assert {path.name for path in DATA.iterdir()} == {MEANT.name, *(f"{name}.eml" for name in SAMPLES)}
    assert sorted(json.loads(MEANT.read_text(encoding="utf-8"))) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_ends_of_lines(name: str) -> None:
    """CRLF and LF mean the same."""
    plain = sample(name).replace(b"\r\n", b"\n")
    assert summary(understood(plain, LEAVE)) == summary(understood(plain.replace(b"\n", b"\r\n"), LEAVE))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_look_at_heads(name: str) -> None:
    """By the few fields that are fetched first, no message is passed over that asks for something."""
    head = BytesHeaderParser().parsebytes(sample(name).replace(b"\r\n", b"\n"))
    few = "".join(f"{field}: {value}\n" for field, value in head.items() if field.lower() in FIELDS) + "\n"
    looked_at = matters(few.encode("utf-8", "surrogateescape"), LEAVE)
    assert looked_at == matters(sample(name), LEAVE)
    assert looked_at or understood(sample(name), LEAVE) is None


@pytest.mark.parametrize("name", ["foreign_spam", "foreign_answer", "foreign_vacation", "foreign_digest", "receipt"])
def test_what_is_not_fetched(name: str) -> None:
    """Most of what is not ours is known by its head. (An advertisement may say `unsubscribe` in its subject.)"""
    assert matters(sample(name), LEAVE) == (name == "foreign_spam")


# ---------------------------------------------------------------------------------------------------- marks


def marks(*names: str) -> list[str]:
    found = [understood(sample(name), LEAVE) for name in names]
    return [one.mark for one in found if isinstance(one, Bounce)]


def test_marks() -> None:
    """A report that comes again, in another way, has its mark; other reports have others, also without an id."""
    assert len(set(marks("postfix_unknown", "postfix_unknown_crlf"))) == 1
    assert (
        len(set(marks("postfix_unknown", "exim_unknown", "gmail_unknown", "qmail", "qmail_full", "bare_report"))) == 6
    )


# -------------------------------------------------------------------------------------- who cannot be imitated


def test_an_address_is_not_enough() -> None:
    """A report that names an address and nothing else of ours is nothing: anybody can write that (E16)."""
    assert understood(sample("foreign_forged"), LEAVE) is None
    forged = sample("postfix_unknown").replace(TOKEN.encode(), b"none").replace(ID.encode(), b"a@b.example")
    found = understood(forged, LEAVE)
    assert isinstance(found, Bounce)
    assert found.traces == Traces((), ("a@b.example",))


def test_auto_replies_ask_for_nothing() -> None:
    """E05: an answer of a program is never a wish to unsubscribe, though it quotes one."""
    asking = sample("leave")
    assert isinstance(understood(asking, LEAVE), Leaving)
    for field in (
        b"Auto-Submitted: auto-replied",
        b"Precedence: junk",
        b"X-Autoreply: yes",
        b"Auto-Submitted: Auto-Replied (x)",
    ):
        assert understood(field + b"\n" + asking, LEAVE) is None


def test_bounce_addresses_do_not_unsubscribe() -> None:
    """Where bounces come to LEAVE+TOKEN, a mail to such an address says nothing: a vacation may be on its way."""
    mail = sample("leave_at_address")
    assert understood(mail, LEAVE) == Leaving(TOKEN, False)
    assert understood(mail, "") is None
    assert understood(mail, "bounces@digest.example.org") is None


def test_a_bounce_that_quotes_our_head_is_no_wish() -> None:
    """The token in List-Unsubscribe of a mail that came back says whose mail that was, and nothing more."""
    found = understood(sample("sendmail_unknown"), LEAVE)
    assert isinstance(found, Bounce)
    assert found.traces == Traces((TOKEN,), (ID,))


def test_the_token_of_a_mail_that_came_back() -> None:
    """A relay may give our mail another id: List-Unsubscribe says whose it was, also where it has a mailto alone."""
    renamed = sample("sendmail_unknown").replace(f"<{ID}>".encode(), b"<x@relay.example>")
    mailto = renamed.replace(f"<https://digest.example.org/u/{TOKEN}>,\n ".encode(), b"")
    assert mailto != renamed
    for content in (renamed, mailto):
        found = understood(content, LEAVE)
        assert isinstance(found, Bounce)
        assert found.traces == Traces((TOKEN,), ("x@relay.example",))


def test_how_far_a_text_is_searched() -> None:
    """A line of its own in the first 10 kB of the text unsubscribes; a later one, or one within a line, does not."""
    head = b"From: ana@example.net\nSubject: unsubscribe\n\n"
    line = f"unsubscribe {TOKEN}\n".encode()
    before = b"x" * 79 + b"\n"
    assert understood(head + before * 100 + line, LEAVE) == Leaving(TOKEN, True)
    assert understood(head + before * (SEARCHED // 80 + 1) + line, LEAVE) is None
    assert understood(head + b"> " + line, LEAVE) is None
    assert understood(head + b"or unsubscribe " + line, LEAVE) is None
    assert understood(head + line + b"unsubscribe AAAAAAAAAAAAAAAAAAAAAA\n", LEAVE) is None


# -------------------------------------------------------------------------------------------------- severity


@pytest.mark.parametrize(
    ("status", "said", "hard"),
    [
        ("5.1.1", "550 5.1.1 User unknown", True),
        ("5.1.10", "", True),
        ("5.2.1", "550 mailbox disabled", True),
        ("5.4.4", "Host not found", True),
        ("5.1.8", "550 5.1.8 sender's domain not found", False),
        ("5.2.2", "550 5.2.2 mailbox full", False),
        ("5.2.3", "552 too long", False),
        ("5.3.4", "552 5.3.4 Message too big", False),
        ("5.7.1", "550 5.7.1 relaying denied", False),
        ("5.7.0", "550 5.7.0 no such user, says our policy", False),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [x]", True),
        ("5.4.1", "no answer from host", False),
        ("4.4.7", "550 5.1.1 User unknown", False),
        ("4.2.2", "452 4.2.2 over quota", False),
        ("5.0.0", "550 5.1.1 no such person", True),
        ("5.0.0", "450 4.2.0 greylisted", False),
        ("5.0.0", "Unrouteable address", True),
        ("5.0.0", "550 mailbox unavailable", True),
        ("5.0.0", "550 nope", True),
        ("5.0.0", "554 nope", False),
        ("5.0.0", "550 your message looks like spam", False),
        ("5.0.0", "550 unknown user; his mailbox was full", False),
        ("5.0.0", "host mx [5.1.1.10] port 550.1 said no", False),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", True),
        ("5.2.0", "550 5.2.0 account expired", True),
        ("", "", False),
        ("", "no words that anybody knows", False),
    ],
)
def test_severity(status: str, said: str, hard: bool) -> None:
    """Hard is what concerns the address; a full mailbox, contents, policies and what is temporary are soft."""
    assert is_hard(status, said) == hard


def test_a_second_opinion_counts_where_there_are_no_codes() -> None:
    """What flufl.bounce takes for permanent is hard, unless the words say that it is the moment or the message."""
    assert is_hard("", "this one has left", permanent=True)
    assert not is_hard("", "over quota", permanent=True)
    assert not is_hard("", "5.7.1 go away", permanent=True)


# --------------------------------------------------------------------------------------------------- hostile


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without flufl.bounce reports of the standard are read all the same, and others are left alone."""
    monkeypatch.setitem(sys.modules, "flufl.bounce", None)
    assert isinstance(understood(sample("postfix_unknown"), LEAVE), Bounce)
    assert understood(sample("qmail"), LEAVE) is None


def test_a_second_opinion_may_stumble() -> None:
    """What flufl.bounce raises (here: for a message without From) is no trouble, and nothing of it is printed."""
    mail = sample("qmail").replace(b"From: MAILER-DAEMON@mx.example.net\n", b"In-Reply-To: <a@b.c>\n")
    assert bounces.second_opinion(mail, "") == []
    assert understood(mail, LEAVE) is None
    # pytest takes what is logged; a process of its own prints it.
    code = "import sys; from digest.delivery.incoming import understood; understood(sys.stdin.buffer.read(), '')"
    done = subprocess.run([sys.executable, "-c", code], input=mail, capture_output=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_what_is_near_an_address() -> None:
    """What is said of an address ends where another one is named, at a rule, and at the mail that came back."""
    ana = frozenset({"ana@example.net"})
    text = (
        "sorry\n\n  Ana@example.net\n    host mx [1.2.3.4]: 550\n    <ana@example.net>: gone\n  bo@example.com\n  full"
    )
    assert bounces.near(text, ana) == "host mx [1.2.3.4]: 550 <ana@example.net>: gone"
    assert bounces.near("<ana@example.net>:\nno mailbox\n\n--- Below\nquota", ana) == "no mailbox"
    assert bounces.near("ana@example.net: gone\n\nReceived: from spam\n", ana) == "gone"
    assert bounces.near(text, frozenset({"cy@example.org"})) == ""


REPORT = b"From: mailer-daemon@x\nIn-Reply-To: <aaa@bbb>\nContent-Type: multipart/report; boundary=b\n\n"
PART = b"--b\nContent-Type: message/delivery-status\n\n"
HOSTILE = {
    "nested": b"From: postmaster@x\nIn-Reply-To: <aaa@bbb>\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9_000)),
    "nested in itself": REPORT + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 9_000,
    "many parts": REPORT + b"--b\n\nx\n" * 40_000,
    "many recipients": REPORT + PART + b"Action: failed\nFinal-Recipient: rfc822;a@b\nStatus: 5.0.0\n\n" * 5_000,
    "empty lines": REPORT + b"\n" * LARGEST,
    "quotes": REPORT + b"> \n" * 90_000,
    "many fields": b"From: postmaster@x\n" + b"To: a@b\n" * 40_000,
    "a long field": b"From: postmaster@x\nTo: " + b"a" * LARGEST,
    "words": b"Subject: " + b"=?a?q?" * 60_000,
    "parameters": b"Content-Type: multipart/report" + b";" * LARGEST,
    "quoted parameters": b'Content-Type: multipart/report;a="' + b";" * LARGEST,
    "nothing": b"",
    "NULs": b"\0" * LARGEST,
    "base64": REPORT + PART.replace(b"\n\n", b"\nContent-Transfer-Encoding: base64\n\n") + b"A" * LARGEST,
    "odd charsets": b"Subject: =?undefined?q?x?= =?zlib?b?eA==?= =?\0?q?x?= =?utf-8?b?=?=\n\n",
    "10 MB": REPORT + b"--b\nContent-Type: message/rfc822\n\nx\n" * 250_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    """What is made to hurt costs less than two seconds, and asks for nothing that it could ask for in fewer words."""
    before = time.process_time()
    found = understood(HOSTILE[name], LEAVE)
    assert time.process_time() - before < 2
    assert not isinstance(found, Leaving | Complaint)
    assert not isinstance(found, Bounce) or len(found.fates) <= bounces.MOST_RECIPIENTS


PIECES = [
    *(b"\n\n", b"\n", b"\r", b"\0", b"--", b";", b'"', b"<", b">", b"@", b"=?utf-8?q?", b"?=", b"\xff\xfe", b"rfc822;"),
    *(b"Content-Type: multipart/report; boundary=", b"Content-Transfer-Encoding: base64\n", b"charset=undefined"),
    *(b"charset*=x''%", b"boundary*0=a;boundary*1=b", b"Content-Type: message/delivery-status\n\n", b"\\x{FFFFFF}"),
    *(b"Action: failed\n", b"Status: 5.1.1\n", b"\\x{D800}", b"=?idna?b?//8=?=", b"From: mailer-daemon@yahoo.com\n"),
]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A sample in which bytes were put, taken away, changed, or cut off."""
    content = sample(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        until = at + draw(st.sampled_from([0, 0, 1, 20, 200, len(content)]))
        put = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.sampled_from(SAMPLES).map(_some)))
        content = content[:at] + put + content[until:]
    return content


def _some(name: str) -> bytes:
    return sample(name)[200:900]


@given(spoiled())
def test_nothing_raises(content: bytes) -> None:
    """For no bytes an exception; and no token is found that does not stand there."""
    found = understood(content, LEAVE)
    matters(content, LEAVE)
    bounces.second_opinion(content, content.decode("latin-1"))
    assert found is None or json.dumps(summary(found))


@given(st.binary(max_size=2_000))
def test_noise(content: bytes) -> None:
    """Bytes that are no message ask for nothing."""
    assert understood(content, LEAVE) is None


@pytest.mark.slow
@given(st.data())
def test_cut_anywhere(data: st.DataObject) -> None:
    """A message that is cut off asks for what the whole one does, or for less."""
    name = data.draw(st.sampled_from([one for one in SAMPLES if one.startswith(("leave", "complaint"))]))
    whole = sample(name)
    found = understood(whole[: data.draw(st.integers(0, len(whole)))], LEAVE)
    assert found is None or type(found) is type(understood(whole, LEAVE))
