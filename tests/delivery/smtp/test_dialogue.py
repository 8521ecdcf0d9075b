"""`digest.delivery.smtp.dialogue`: one connection, as a machine that is driven with bytes."""

import smtplib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailservers.other_end import CONTENT, EVERYTHING, PIPELINING, OtherEnd, a_parcel

from digest.delivery.smtp.dialogue import ADDRESS_IS_BAD, SENDER_IS_BAD
from digest.model import Outcome

ENVELOPE = b"MAIL FROM:<digest@us.example>\r\nRCPT TO:<r%d@them.example>\r\nDATA\r\n"
BOTH = pytest.mark.parametrize("words", [(), (PIPELINING,)], ids=["plain", "pipelined"])


# ------------------------------------------------------------------------------------------------ messages


def test_one_message_step_by_step() -> None:
    """RFC 5321 section 3.3: without PIPELINING each command waits for its reply, and the dot for `release`."""
    end = OtherEnd().ready()
    assert end.given(a_parcel(1)) == b"MAIL FROM:<digest@us.example>\r\n"
    assert end.says("250 ok") == b"RCPT TO:<r1@them.example>\r\n"
    assert end.says("250 ok") == b"DATA\r\n"
    assert end.says("354 go on") == CONTENT
    assert end.dialogue.wants_mark == a_parcel(1)
    assert end.outcomes == []
    end.dialogue.keep()
    assert end.hears() == b""
    end.dialogue.release()
    assert end.hears() == b".\r\n"
    assert end.says("250 2.0.0 queued as 4F1") == b""
    assert end.dialogue.outcomes == [Outcome(1, "accepted", "250 2.0.0 queued as 4F1")]
    assert end.dialogue.ready


def test_messages_in_one_stream() -> None:
    """RFC 2920: the envelope goes in one piece, and that of the next message goes with the dot of this one."""
    end = OtherEnd().ready(PIPELINING)
    assert end.given(a_parcel(1)) == ENVELOPE % 1
    assert end.says("250 ok", "250 ok") == b""
    assert end.says("354 go on") == CONTENT
    end.dialogue.keep()
    end.dialogue.release(a_parcel(2))
    assert end.hears() == b".\r\n" + ENVELOPE % 2
    assert end.says("250 one", "250 ok", "250 ok", "354 go on") == CONTENT
    assert end.outcomes == [(1, "accepted")]
    end.dialogue.keep()
    end.dialogue.release()
    assert end.hears() == b".\r\n"
    assert not end.dialogue.ready
    end.says("250 two")
    assert end.outcomes == [(1, "accepted"), (2, "accepted")]
    assert end.dialogue.ready
    assert end.dialogue.served == 2


def test_the_dot_waits_until_the_network_has_the_body() -> None:
    """1b: the mark is asked for when the last byte of the body was taken, and not before."""
    end = OtherEnd().ready(PIPELINING)
    end.given(a_parcel(1))
    for line in ("250 ok", "250 ok", "354 go on"):
        end.dialogue.receive(line.encode() + b"\r\n")
    for _ in CONTENT:
        assert end.dialogue.wants_mark is None
        assert end.dialogue.writing
        end.dialogue.sent(1)
    assert end.dialogue.wants_mark == a_parcel(1)
    assert not end.dialogue.pending(9)


@given(
    st.lists(st.sampled_from([b".", b"..", b"a", b".a", b"", b"\r\n", b"\r\n.\r\n", b"\r\n.", b"\xff"])).map(b"".join)
)
def test_dots_are_stuffed(content: bytes) -> None:
    """E01; RFC 5321 section 4.5.2: what the other end reads is what was given, and nothing in it ends the message."""
    end = OtherEnd().ready(*EVERYTHING)
    end.dialogue.give(a_parcel(1, content=content))
    end.hears()
    said = end.says("250 ok", "250 ok", "354 go on")
    lines = said.split(b"\r\n")
    assert lines.pop() == b""
    assert b"." not in lines
    read = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)
    assert read == content if content.endswith(b"\r\n") else read == content + b"\r\n"
    assert said == smtplib._quote_periods(content if content.endswith(b"\r\n") else content + b"\r\n")  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------- what is refused


Step = tuple[str, ...]
STEPS: dict[str, Step] = {"MAIL": (), "RCPT": ("250 ok",), "DATA": ("250 ok", "250 ok")}
BEHIND = {"MAIL": ("503 no", "503 no"), "RCPT": ("503 no",), "DATA": ()}
"""What a server says to what stands behind the command that it refused, where it was pipelined."""


@BOTH
@pytest.mark.parametrize(
    ("stage", "reply", "state", "hard"),
    [
        ("MAIL", "451 4.3.0 later", "deferred", False),
        ("MAIL", "452 full", "deferred", False),
        ("MAIL", "552 5.3.4 too large", "refused", False),
        ("MAIL", "552 too large", "refused", False),
        ("MAIL", "554 5.3.4 too large", "refused", False),
        ("RCPT", "450 grey", "deferred", False),
        ("RCPT", "452 4.5.3 too many", "deferred", False),
        *(("RCPT", f"550 {status} no", "refused", True) for status in ADDRESS_IS_BAD),
        ("RCPT", "550 nobody", "refused", True),
        ("RCPT", "551 moved", "refused", True),
        ("RCPT", "553 what?", "refused", True),
        ("RCPT", "550 5.7.1 policy", "refused", False),
        ("RCPT", "552 5.2.2 full", "refused", False),
        ("RCPT", "554 no", "refused", False),
        ("DATA", "451 later", "deferred", False),
        ("DATA", "554 no", "refused", False),
        ("DATA", "550 5.1.1 nobody", "refused", False),
    ],
)
def test_a_message_that_is_refused(words: Step, stage: str, reply: str, state: str, hard: bool) -> None:
    """D07, E16; RFC 5321 section 4.2.1: 4xx waits, 5xx is final; hard is what concerns the address itself. The session
    goes on with RSET and the next message.
    """
    end = OtherEnd().ready(*words)
    end.given(a_parcel(1))
    end.says(*STEPS[stage], reply, *(BEHIND[stage] if words else ()))
    assert end.dialogue.outcomes == [Outcome(1, state, f"{stage}: {reply}", hard)]  # type: ignore[arg-type]
    assert end.dialogue.ready
    assert not end.dialogue.halt
    if words:
        assert end.given(a_parcel(2)) == b"RSET\r\n" + ENVELOPE % 2
        said = end.says("250 ok", "250 ok", "250 ok", "354 go on")
    else:
        assert end.given(a_parcel(2)) == b"RSET\r\n"
        assert end.says("250 ok") == b"MAIL FROM:<digest@us.example>\r\n"
        said = end.says("250 ok", "250 ok", "354 go on").removeprefix(b"RCPT TO:<r2@them.example>\r\nDATA\r\n")
    assert said.endswith(CONTENT)
    assert end.dialogue.wants_mark == a_parcel(2)


@BOTH
@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("MAIL", "550 5.7.1 not from you"),
        ("MAIL", "553 not your address"),
        ("MAIL", "501 what?"),
        ("MAIL", "555 unknown parameter"),
        *(("RCPT", f"550 {status} sender") for status in SENDER_IS_BAD),
    ],
)
def test_a_sender_that_is_refused(words: Step, stage: str, reply: str) -> None:
    """D07, fault matrix, 5xx at MAIL: it stops the run, for it would be said to each message, and is no word on any;
    what it was said to is put off, so that it cannot stop run after run before others.
    """
    end = OtherEnd().ready(*words)
    end.given(a_parcel(1))
    end.says(*STEPS[stage], reply)
    assert end.dialogue.outcomes == [Outcome(1, "deferred", f"{stage}: {reply}")]
    assert end.returned == []
    assert end.dialogue.closed
    assert end.dialogue.halt == f"it refuses our sender digest@us.example: {reply}"
    assert not end.dialogue.turned_away


@BOTH
@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
def test_a_login_that_is_wanted(words: Step, stage: str) -> None:
    """D07: 530 is about us and no message: the run stops, and no row's attempts are burnt."""
    end = OtherEnd().ready(*words)
    end.given(a_parcel(1))
    end.says(*STEPS[stage], "530 5.7.0 log in first")
    assert end.outcomes == []
    assert end.returned == [1]
    assert end.dialogue.halt == "it wants a login: 530 5.7.0 log in first"


@BOTH
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("250 ok", "accepted"),
        ("251 ok", "accepted"),
        ("451 later", "deferred"),
        ("552 full", "refused"),
        ("550 5.1.1 nobody", "refused"),
    ],
)
def test_the_reply_to_the_dot(words: Step, reply: str, state: str) -> None:
    """RFC 5321 section 4.2.1: only 2xx accepts; what is refused there is no hard bounce, for the address was taken."""
    end = OtherEnd().ready(*words).dotted(a_parcel(1))
    end.says(reply)
    assert end.dialogue.outcomes == [Outcome(1, state, reply)]  # type: ignore[arg-type]
    assert end.dialogue.ready
    assert not end.dialogue.halt


def test_a_message_refused_at_its_dot_does_not_touch_the_next() -> None:
    """D02, RFC 2920 section 3.1: what was pipelined behind the dot is another message."""
    end = OtherEnd().ready(PIPELINING).dotted(a_parcel(1), a_parcel(2))
    end.says("554 no", "250 ok", "250 ok", "354 go on")
    assert end.outcomes == [(1, "refused")]
    assert end.dialogue.wants_mark == a_parcel(2)


@pytest.mark.parametrize("answer", ["250 ok", "554 no valid recipients", "451 later"])
def test_a_lone_dot(answer: str) -> None:
    """RFC 2920 section 3.1: a server that wants a body for nobody gets a dot alone, and whatever it says of that
    concerns no message.
    """
    end = OtherEnd().ready(PIPELINING)
    end.given(a_parcel(1))
    assert end.says("250 ok", "550 5.1.1 nobody", "354 go on") == b".\r\n"
    assert not end.dialogue.ready
    assert end.says(answer) == b""
    assert end.outcomes == [(1, "refused")]
    assert end.dialogue.ready
    assert end.given(a_parcel(2)) == ENVELOPE % 2


def test_a_recipient_of_a_refused_message() -> None:
    """A server that takes a recipient after it refused the message gets no dot: it might deliver an empty mail."""
    end = OtherEnd().ready(PIPELINING)
    end.given(a_parcel(1))
    assert end.says("451 later", "250 ok", "354 go on") == b""
    assert end.dialogue.closed
    assert end.outcomes == [(1, "deferred")]
    assert end.returned == []


@BOTH
def test_reset_is_refused(words: Step) -> None:
    """A server that will not forget a transaction is left, and the message goes over another connection."""
    end = OtherEnd().ready(*words)
    end.given(a_parcel(1))
    end.says("451 later", *(BEHIND["MAIL"] if words else ()))
    end.given(a_parcel(2))
    end.says("500 what?")
    assert end.dialogue.closed
    assert end.returned == [2]
    assert not end.dialogue.halt


# ------------------------------------------------------------------------------------------- out of step


@BOTH
@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("MAIL", "354 go on"),
        ("MAIL", "334 x"),
        ("RCPT", "354 go on"),
        ("DATA", "250 ok"),
        ("DATA", "353 go"),
        ("DATA", "220 hi"),
    ],
)
def test_a_reply_of_another_kind(words: Step, stage: str, reply: str) -> None:
    """A reply that cannot answer what was said means that we are out of step: the connection is of no use, and the
    message, which has no dot, goes over another one.
    """
    end = OtherEnd().ready(*words)
    end.given(a_parcel(1))
    assert end.says(*STEPS[stage], reply).count(b".\r\n") == 0
    assert end.dialogue.closed
    assert end.returned == [1]
    assert end.outcomes == []
    assert not end.dialogue.halt


@BOTH
@pytest.mark.parametrize("said", ["250 ok", "354 go on", "451 later", "hello", "250-half"])
def test_words_before_the_dot_do_not_answer_it(words: Step, said: str) -> None:
    """1b, promise 2: what was said before our dot never counts as its answer; the dot is not said then, and as the mark
    is on disk already the row is put off, not given back.
    """
    end = OtherEnd().ready(*words).midway(a_parcel(1))
    end.dialogue.keep()
    end.says(said)
    if end.dialogue.closed:
        (outcome,) = end.dialogue.outcomes
        assert (outcome.id, outcome.state) == (1, "deferred")
        assert outcome.detail.startswith("the last byte was not sent: ")
        assert end.returned == []
    else:
        assert said == "250-half"
    assert b".\r\n" not in end.hears()


@BOTH
def test_words_before_the_mark(words: Step) -> None:
    """Before the mark is on disk the same gives the parcel back, as if nothing had been."""
    end = OtherEnd().ready(*words).midway(a_parcel(1))
    end.says("552 too much")
    assert end.outcomes == []
    assert end.returned == [1]
    assert end.dialogue.why == "it said 552 too much unasked"


def test_a_dot_that_never_left() -> None:
    """Fault matrix, disconnect before dot: a connection that breaks before any byte of the dot is with the network
    leaves nothing in doubt; after one byte of it, it does.
    """
    for sent, state in ((0, "deferred"), (1, "in doubt"), (3, "in doubt"), (4, "in doubt")):
        end = OtherEnd().ready(PIPELINING).midway(a_parcel(1))
        end.dialogue.keep()
        end.dialogue.release(a_parcel(2))
        end.dialogue.sent(sent)
        end.dialogue.lose("it hung up")
        assert end.outcomes == [(1, state)]
        assert end.returned == [2]


@BOTH
@pytest.mark.parametrize("reply", ["354 go on", "hello", "250-ok\r\n251 ok"])
def test_no_answer_to_the_dot(words: Step, reply: str) -> None:
    """RFC 1047: what says neither yes nor no behind the dot leaves the message in doubt."""
    end = OtherEnd().ready(*words).dotted(a_parcel(1))
    end.says(reply)
    assert end.outcomes == [(1, "in doubt")]
    assert end.dialogue.closed
    assert not end.dialogue.halt


def test_a_good_reply_and_garbage_in_one_piece() -> None:
    """Promise 2: what was said before the garbage counts."""
    end = OtherEnd().ready(PIPELINING).dotted(a_parcel(1), a_parcel(2))
    end.says("250 ok\r\nhello")
    assert end.outcomes == [(1, "accepted")]
    assert end.returned == [2]


@BOTH
@pytest.mark.parametrize("said", ["250 ok", "421 idle too long", "hello"])
def test_words_while_nothing_is_under_way(words: Step, said: str) -> None:
    """What is said to an idle connection ends it, and says nothing against the server."""
    end = OtherEnd().ready(*words)
    end.says(said)
    assert end.dialogue.closed
    assert not end.dialogue.halt
    assert not end.dialogue.carried


# ------------------------------------------------------------------------------------------------ 421


Going = Callable[[OtherEnd], object]
AT: dict[str, tuple[Going, list[tuple[int, str]], list[int]]] = {
    "greeting": (lambda end: None, [], []),
    "EHLO": (lambda end: end.says("220 hello"), [], []),
    "MAIL": (lambda end: end.ready(PIPELINING).given(a_parcel(1)), [], [1]),
    "RCPT": (lambda end: (end.ready(PIPELINING).given(a_parcel(1)), end.says("250 ok")), [], [1]),
    "DATA": (lambda end: (end.ready(PIPELINING).given(a_parcel(1)), end.says("250 ok", "250 ok")), [], [1]),
    "body": (lambda end: end.ready(PIPELINING).midway(a_parcel(1)), [], [1]),
    "mark": (lambda end: end.ready(PIPELINING).midway(a_parcel(1)).dialogue.keep(), [(1, "deferred")], []),
    "dot": (lambda end: end.ready(PIPELINING).dotted(a_parcel(1), a_parcel(2)), [(1, "deferred")], [2]),
    "behind a dot": (
        lambda end: (end.ready(PIPELINING).dotted(a_parcel(1), a_parcel(2)), end.says("250 ok")),
        [(1, "accepted")],
        [2],
    ),
    "behind a refusal": (
        lambda end: (end.ready(PIPELINING).given(a_parcel(1)), end.says("250 ok", "550 5.1.1 no")),
        [(1, "refused")],
        [],
    ),
    "lone dot": (
        lambda end: (end.ready(PIPELINING).given(a_parcel(1)), end.says("250 ok", "550 5.1.1 no", "354 go")),
        [(1, "refused")],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("stage", AT)
def test_421(stage: str) -> None:
    """D07: it stops the server for the run, and of all messages only the one whose dot it answers was tried."""
    going, outcomes, returned = AT[stage]
    end = OtherEnd()
    going(end)
    end.says("421 4.3.2 going down")
    assert end.dialogue.closed
    assert end.dialogue.halt == "it is not available: 421 4.3.2 going down"
    assert end.dialogue.turned_away == (stage in ("greeting", "EHLO"))
    assert end.outcomes == outcomes
    assert end.returned == returned


@pytest.mark.parametrize("stage", AT)
def test_a_hang_up(stage: str) -> None:
    """Fault matrix, disconnect: before the dot it is given back, behind it it is in doubt, and the server may be of use
    over another connection.
    """
    going, outcomes, returned = AT[stage]
    end = OtherEnd()
    going(end)
    end.dialogue.lose("it hung up")
    end.dialogue.lose("again")
    assert end.dialogue.closed
    assert not end.dialogue.halt
    assert end.dialogue.why == "it hung up"
    assert end.outcomes == ([(1, "in doubt")] if stage == "dot" else outcomes)
    assert end.returned == returned
    assert end.hears() == b""
    assert end.says("250 ok") == b""


@pytest.mark.parametrize("stage", AT)
def test_a_time_out(stage: str) -> None:
    """D09: as a hang-up; but a server that never let us in is of no use now."""
    going, outcomes, returned = AT[stage]
    end = OtherEnd()
    going(end)
    end.dialogue.time_out(300)
    assert end.dialogue.closed
    assert end.dialogue.why.endswith("300 s")
    assert bool(end.dialogue.halt) == (stage in ("greeting", "EHLO"))
    assert end.outcomes == ([(1, "in doubt")] if stage == "dot" else outcomes)
    assert end.returned == returned


# ------------------------------------------------------------------------------------- what a server cannot take


def test_parameters_of_mail() -> None:
    """E15; RFC 1870, 6152, 6531: size, bytes and address are announced where the server knows what that means."""
    end = OtherEnd().ready(*EVERYTHING)
    content = "Subject: é\r\n\r\n".encode()
    end.dialogue.give(a_parcel(1, content=content, recipient="josé@them.example"))
    assert end.hears().decode().splitlines()[:2] == [
        f"MAIL FROM:<digest@us.example> SIZE={len(content)} BODY=8BITMIME SMTPUTF8",
        "RCPT TO:<josé@them.example>",
    ]


def test_the_null_sender() -> None:
    """RFC 5321 section 4.5.5: an empty sender is `<>`."""
    assert OtherEnd().ready().given(a_parcel(1, sender="")) == b"MAIL FROM:<>\r\n"


LARGE = b"x" * 98 + b"\r\n"
BEYOND_ASCII = "the server takes no address beyond ASCII, as josé@x.example is (SMTPUTF8)"
NO_LINES = "the mail has a line that does not end in CR LF"


@pytest.mark.parametrize(
    ("words", "known", "why"),
    [
        (("SIZE 99",), {"content": LARGE}, "the mail has 100 bytes, and the server takes 99"),
        ((), {"content": b"\xe9\r\n"}, "the mail has bytes beyond ASCII, and the server takes none (8BITMIME)"),
        (("8BITMIME",), {"recipient": "josé@x.example"}, BEYOND_ASCII),
        (("8BITMIME",), {"sender": "josé@x.example"}, BEYOND_ASCII),
        ((), {"recipient": ""}, "there is no address"),
        ((), {"recipient": "a@b>\r\nRCPT TO:<c@d"}, "'a@b>\\r\\nRCPT TO:<c@d' is no address"),
        ((), {"sender": "a b@c"}, "'a b@c' is no address"),
        ((), {"recipient": "a@" + "b" * 320}, f"'{'a@' + 'b' * 78}' is no address"),
        (EVERYTHING, {"recipient": "a\udcff@b"}, "'a\\udcff@b' is no address"),
        (EVERYTHING, {"content": b"a\nb\r\n"}, NO_LINES),
        (EVERYTHING, {"content": b"a\rb\r\n"}, NO_LINES),
        (EVERYTHING, {"content": b"a\r\n.\n\r\n"}, NO_LINES),
        (EVERYTHING, {"content": b"a\r\n.\r"}, NO_LINES),
        (EVERYTHING, {"content": b"a\n.\r\nMAIL FROM:<evil@x>\r\n"}, NO_LINES),
    ],
)  # fmt: skip
def test_what_the_server_cannot_take(words: Step, known: dict[str, str | bytes], why: str) -> None:
    """E01, E15, CVE-2023-51764: refused here, before anything is said, and the next message goes on."""
    end = OtherEnd().ready(*words)
    assert end.given(a_parcel(1, **known)) == b""
    assert end.dialogue.outcomes == [Outcome(1, "refused", f"refused: local: {why}")]
    assert end.dialogue.ready
    assert end.given(a_parcel(2)).startswith(b"MAIL")


@pytest.mark.parametrize("size", ["SIZE 100", "SIZE 0", "SIZE", "SIZE many", "SIZE -1"])
def test_a_size_that_is_enough(size: str) -> None:
    """RFC 1870: 0, or nothing that is a number, is no limit; a mail of exactly that size fits."""
    assert OtherEnd().ready(size).given(a_parcel(1, content=LARGE)) == b"MAIL FROM:<digest@us.example> SIZE=100\r\n"


def test_a_misfit_behind_a_dot() -> None:
    """What cannot be sent does not hold up the message before it, nor the connection."""
    end = OtherEnd().ready(PIPELINING).dotted(a_parcel(1), a_parcel(2, content=b"a\nb"))
    assert end.outcomes == [(2, "refused")]
    end.says("250 ok")
    assert end.outcomes == [(2, "refused"), (1, "accepted")]
    assert end.dialogue.ready


@given(st.binary(max_size=20) | st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a"])).map(b"".join))
def test_no_bare_cr_or_lf_is_ever_sent(content: bytes) -> None:
    """E01, CVE-2023-51764/5/6: what goes out has no CR without LF and no LF without CR, whatever was given."""
    end = OtherEnd().ready(*EVERYTHING)
    end.dialogue.give(a_parcel(1, content=content))
    said = end.hears() + end.says("250 ok", "250 ok", "354 go on") if end.dialogue.carrying else end.hears()
    assert b"\r" not in said.replace(b"\r\n", b"")
    assert b"\n" not in said.replace(b"\r\n", b"")
    bare = content.replace(b"\r\n", b"")
    assert (end.outcomes == [(1, "refused")]) == (b"\r" in bare or b"\n" in bare)


# ------------------------------------------------------------------------------------------------ watching


def test_what_is_watched() -> None:
    """`digest test-mail` shows each line of both sides, and of a body how long it is."""
    end = OtherEnd().ready(PIPELINING).dotted(a_parcel(1))
    end.says("250-two", "250 lines")
    assert end.watched == [
        *("S: 220 hello", "C: EHLO us.example", "S: 250 server.example", "S: 250 PIPELINING"),
        *("C: MAIL FROM:<digest@us.example>", "C: RCPT TO:<r1@them.example>", "C: DATA"),
        *("S: 250 ok", "S: 250 ok", "S: 354 go on", "C: [29 bytes]", "C: .", "S: 250 two", "S: 250 lines"),
    ]
