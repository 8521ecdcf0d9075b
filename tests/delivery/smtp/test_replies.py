"""`digest.delivery.smtp.replies`: what a server answers, cut out of a stream of bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.smtp.replies import MOST_BYTES, MOST_LINES, Replies, Reply


def fed(*pieces: bytes) -> tuple[list[Reply], str]:
    """The replies in those pieces, and what is wrong with what stands behind them."""
    replies = Replies()
    return [reply for piece in pieces for reply in replies.feed(piece)], replies.garbled


LINES = [
    *(b"250 2.1.0 Ok", b"250-first", b"250 last", b"250", b"354 go on", b"421-4.3.2 down", b"421 4.3.2 down", b"220-"),
    *(b"550 5.1.1 no such user", b"250 with\na bare LF", b"250 with\ra bare CR", b"150 what", b"250\ttab", b"hello"),
    *(b"", b"25", b"2500", b"600 never", b"250 \xff\xfe\x00\x1b[31m"),
]
streams = st.builds(
    lambda lines, rest: b"".join(line + b"\r\n" for line in lines) + rest,
    st.lists(st.sampled_from(LINES), max_size=8),
    st.binary(max_size=5),
)


@given(streams | st.binary(max_size=200), st.data())
def test_cuts_change_nothing(stream: bytes, data: st.DataObject) -> None:
    """Whatever bytes come, in whatever pieces: the same replies, and the same complaint."""
    cuts = sorted({0, len(stream), *data.draw(st.lists(st.integers(0, len(stream)), max_size=10))})
    assert fed(*(stream[start:end] for start, end in pairwise(cuts))) == fed(stream)
    assert fed(*(bytes([byte]) for byte in stream)) == fed(stream)


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (b"220 ready\r\n", ["220 ready"]),
        (b"250\r\n", ["250"]),
        (b"250 \r\n", ["250"]),
        (b"250-a\r\n250-b\r\n250 c\r\n354 go\r\n", ["250 a b c", "354 go"]),
        (b"250-\r\n250\r\n", ["250"]),
        (b"599 odd\r\n", ["599 odd"]),
        (b"250 half", []),
        (b"250-half\r\n", []),
    ],
)
def test_replies_are_read(stream: bytes, said: list[str]) -> None:
    """RFC 5321 section 4.2: a code, and text over one line or several, of which the last has no hyphen."""
    replies, garbled = fed(stream)
    assert [str(reply) for reply in replies] == said
    assert not garbled


@pytest.mark.parametrize(
    "stream",
    [b"hello\r\n", b"\r\n", b"25 ok\r\n", b"2500 ok\r\n", b"150 ok\r\n", b"600 ok\r\n", b"250:ok\r\n",
     b"250-a\r\n251 b\r\n", b" 250 ok\r\n", "２５０ ok\r\n".encode()],
)  # fmt: skip
def test_what_is_no_reply(stream: bytes) -> None:
    """What has no code, or a second one, is no reply; what was said before it counts, nothing behind it."""
    replies, garbled = fed(b"220 ready\r\n" + stream + b"250 ok\r\n")
    assert [reply.code for reply in replies] == [220]
    assert garbled.startswith("it said what is no reply: ")


def test_only_cr_lf_ends_a_line() -> None:
    """Fault matrix, bare-LF replies; RFC 5321 section 2.3.8: a LF alone ends nothing, and is not shown as one."""
    assert fed(b"250 ok\n250 ok\n") == ([], "")
    assert fed(b"250 ok\n354 go on\r\n")[0] == [Reply(250, ("ok�354 go on",))]


@pytest.mark.parametrize(
    "stream",
    [b"x" * (MOST_BYTES + 1), b"220-" + b"x" * MOST_BYTES, (b"220-" + b"x" * 1000 + b"\r\n") * 66,
     b"220-a\r\n" * (MOST_LINES + 1), b"220-a\r\n" * MOST_LINES + b"220 end\r\n"],
)  # fmt: skip
def test_a_reply_without_end(stream: bytes) -> None:
    """Fault matrix, huge banner: a reply of more than 64 kB or a hundred lines is none, however it comes."""
    assert fed(stream) == ([], "its reply has no end")
    assert fed(*(stream[at : at + 999] for at in range(0, len(stream), 999))) == ([], "its reply has no end")


def test_long_replies_that_end() -> None:
    """A hundred lines are read, and many replies of one line each are no long reply."""
    assert len(fed(b"220-a\r\n" * (MOST_LINES - 1) + b"220 end\r\n")[0][0].lines) == MOST_LINES
    assert len(fed((b"250 " + b"x" * 1000 + b"\r\n") * 200)[0]) == 200


@pytest.mark.parametrize(
    ("line", "enhanced"),
    [
        (b"250 2.1.0 Ok", "2.1.0"),
        (b"550 5.1.1", "5.1.1"),
        (b"452 4.3.1 full", "4.3.1"),
        (b"550 4.7.1 of another class", ""),
        (b"550 5.1.1x", ""),
        (b"550 5.7.26 Gmail", "5.7.26"),
        (b"550 see 5.1.1", ""),
        (b"550", ""),
    ],
)
def test_the_enhanced_status(line: bytes, enhanced: str) -> None:
    """RFC 2034, RFC 3463: three numbers before the text, of the same class as the code."""
    (reply,), _ = fed(line + b"\r\n")
    assert reply.enhanced == enhanced


@given(st.binary(max_size=40))
def test_a_reply_is_safe_to_print(text: bytes) -> None:
    """W16: no control and no escape of a server's gets into a log or a terminal."""
    for reply in fed(b"250 " + text + b"\r\n")[0]:
        assert str(reply).isprintable()


@pytest.mark.parametrize(
    ("code", "good", "temporary"), [(250, True, False), (354, False, False), (421, False, True), (550, False, False)]
)
def test_classes(code: int, good: bool, temporary: bool) -> None:
    """RFC 5321 section 4.2.1: the first digit says what it means."""
    assert (Reply(code, ("",)).good, Reply(code, ("",)).temporary) == (good, temporary)


def test_what_is_pending() -> None:
    """Half a reply is pending, and so is what is none; a whole reply is not."""
    replies = Replies()
    assert not replies.pending
    for piece, pending in (
        (b"220", True),
        (b" a\r\n", False),
        (b"220-a\r\n", True),
        (b"220 a\r\n", False),
        (b"a\r\n", True),
    ):
        replies.feed(piece)
        assert replies.pending == pending
