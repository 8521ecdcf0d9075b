"""`digest.delivery.smtp.dialogue`: how a session begins and ends: greeting, EHLO, STARTTLS, AUTH, QUIT."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailservers.other_end import PIPELINING, OtherEnd, a_parcel, a_server

from digest.delivery.smtp.dialogue import MASK

Step = tuple[str, ...]


@pytest.mark.parametrize("reply", ["554 no", "450 later", "250 ok", "354 go on"])
def test_a_greeting_that_is_none(reply: str) -> None:
    """RFC 5321 section 3.1: only 220 greets; others may only have enough connections."""
    end = OtherEnd()
    assert end.says(reply) == b""
    assert end.dialogue.halt == f"it does not take mail from us: {reply}"
    assert end.dialogue.turned_away


@pytest.mark.parametrize("code", [500, 501, 502, 504])
def test_a_server_that_knows_no_ehlo(code: int) -> None:
    """RFC 5321 section 3.2: HELO is tried; such a server offers nothing."""
    end = OtherEnd()
    end.says("220 hello")
    assert end.says(f"{code} what?") == b"HELO us.example\r\n"
    assert end.says("250-PIPELINING", "250 8BITMIME") == b""
    assert end.dialogue.ready
    assert not end.dialogue.pipelines


@pytest.mark.parametrize(
    "server",
    [a_server(tls="starttls"), a_server(tls="tls"), a_server(lmtp=True), a_server(user="digest")],
    ids=["starttls", "tls", "lmtp", "login"],
)
def test_no_helo_where_more_is_needed(server) -> None:  # type: ignore[no-untyped-def]
    """Without EHLO there is no TLS and no login, so nothing goes on."""
    end = OtherEnd(server)
    end.says("220 hello")
    assert end.says("502 what?") == b""
    assert end.dialogue.halt == "it refuses our name us.example: 502 what?"


@pytest.mark.parametrize("reply", ["550 no", "450 later", "354 go on"])
def test_a_name_that_is_refused(reply: str) -> None:
    """A refusal of EHLO that is no "what?" is one."""
    end = OtherEnd()
    end.says("220 hello")
    assert end.says(reply) == b""
    assert end.dialogue.halt == f"it refuses our name us.example: {reply}"


def test_offers_are_read() -> None:
    """RFC 5321 section 4.1.1.1: keywords in any case, with or without parameters; the first line is no offer."""
    end = OtherEnd()
    end.says("220 hello")
    end.says("250-PIPELINING", "250-size 2000", "250-", "250 8BitMime")
    assert not end.dialogue.pipelines
    assert end.given(a_parcel(1)) == b"MAIL FROM:<digest@us.example> SIZE=29\r\n"


def test_lmtp() -> None:
    """RFC 2033: LHLO takes the place of EHLO, and one recipient gets one reply."""
    end = OtherEnd(a_server(lmtp=True))
    assert end.says("220 hello") == b"LHLO us.example\r\n"
    end.offers(PIPELINING)
    end.dotted(a_parcel(1)).says("250 delivered")
    assert end.outcomes == [(1, "accepted")]
    end.given(a_parcel(2))
    end.says("250 ok", "550 5.1.1 nobody", "503 5.5.1 no valid recipients")
    assert end.outcomes[1:] == [(2, "refused")]
    assert end.dialogue.ready


def test_good_bye() -> None:
    """QUIT is said where nothing is under way, and nobody is waited for in vain."""
    end = OtherEnd().ready()
    end.dialogue.quit()
    assert end.hears() == b"QUIT\r\n"
    assert end.dialogue.parting
    end.says("221 bye")
    assert end.dialogue.closed
    assert not end.dialogue.halt
    busy = OtherEnd().ready().midway(a_parcel(1))
    busy.dialogue.quit()
    assert busy.hears() == b""


def test_421_to_a_good_bye_is_one() -> None:
    """What closes a connection that we close says nothing against the server."""
    end = OtherEnd().ready()
    end.dialogue.quit()
    end.hears()
    end.says("421 bye")
    assert end.dialogue.closed
    assert not end.dialogue.halt


# ------------------------------------------------------------------------------------------------ TLS


def test_starttls() -> None:
    """RFC 3207: nothing but EHLO is said in clear text; after the handshake all is said anew, and what was offered
    before is forgotten (section 4.2).
    """
    end = OtherEnd(a_server(tls="starttls", user="digest"), "secret", private=False)
    assert end.says("220 hello") == b"EHLO us.example\r\n"
    assert end.offers("STARTTLS", "AUTH PLAIN", PIPELINING) == b"STARTTLS\r\n"
    assert end.says("220 go ahead") == b""
    assert end.dialogue.securing
    end.dialogue.secured()
    assert end.hears() == b"EHLO us.example\r\n"
    assert not end.dialogue.pipelines
    assert end.offers("AUTH PLAIN").startswith(b"AUTH PLAIN ")
    end.says("235 welcome")
    assert end.dialogue.ready


@pytest.mark.parametrize("words", [(), ("AUTH PLAIN",), (PIPELINING, "SIZE 10")])
def test_no_starttls_no_mail(words: Step) -> None:
    """RFC 3207 section 6: whoever takes STARTTLS out of the offers gets no password and no mail in clear text."""
    end = OtherEnd(a_server(tls="starttls", user="digest"), "secret")
    end.says("220 hello")
    assert end.offers(*words) == b""
    assert end.dialogue.halt.startswith("it does not offer STARTTLS, and nothing is sent in clear text")
    assert not end.dialogue.opened


@pytest.mark.parametrize("reply", ["454 not now", "502 what?", "554 no", "250 ok", "334 x"])
def test_starttls_refused(reply: str) -> None:
    """Nothing is said in clear text where STARTTLS is refused."""
    end = OtherEnd(a_server(tls="starttls"))
    end.says("220 hello")
    end.offers("STARTTLS")
    assert end.says(reply) == b""
    assert end.dialogue.halt == f"it refuses STARTTLS: {reply}; nothing is sent in clear text"


@given(
    st.binary(min_size=1, max_size=60) | st.sampled_from([b"250 ok\r\n", b"2", b"250-AUTH PLAIN\r\n", b"\x16\x03\x01"])
)
def test_words_slipped_in_before_tls(more: bytes) -> None:
    """CVE-2011-0411: what comes in one piece with the answer to STARTTLS never counts as said under TLS."""
    end = OtherEnd(a_server(tls="starttls"))
    end.says("220 hello")
    end.offers("STARTTLS")
    end.dialogue.receive(b"220 go ahead\r\n" + more)
    assert end.dialogue.closed
    assert not end.dialogue.securing
    assert "somebody may be in between" in end.dialogue.halt
    assert end.hears() == b""


def test_tls_from_the_first_byte() -> None:
    """RFC 8314: no STARTTLS is said where all is encrypted, and there the password may leave this machine."""
    end = OtherEnd(a_server(tls="tls", user="digest"), "secret", private=False)
    end.says("220 hello")
    assert end.offers("STARTTLS", "AUTH PLAIN").startswith(b"AUTH PLAIN")


# ------------------------------------------------------------------------------------------------ AUTH


PASSWORD = "päss word"
PLAIN = b64encode(b"\0digest\0" + PASSWORD.encode())


def login(*ways: str, private: bool = True) -> tuple[OtherEnd, bytes]:
    end = OtherEnd(a_server(user="digest"), PASSWORD, private=private)
    end.says("220 hello")
    return end, end.offers(*ways)


def test_auth_plain() -> None:
    """RFC 4954, RFC 4616: user and password in one word, which nobody who watches sees."""
    end, said = login("AUTH LOGIN plain XOAUTH2")
    assert said == b"AUTH PLAIN " + PLAIN + b"\r\n"
    end.says("235 2.7.0 welcome")
    assert end.dialogue.ready
    assert f"C: AUTH PLAIN {MASK}" in end.watched


def test_auth_login() -> None:
    """The older way, in two words, where the server knows no other."""
    end, said = login("AUTH LOGIN")
    assert said == b"AUTH LOGIN\r\n"
    assert end.says("334 VXNlcm5hbWU6") == b64encode(b"digest") + b"\r\n"
    assert end.says("334 UGFzc3dvcmQ6") == b64encode(PASSWORD.encode()) + b"\r\n"
    end.says("235 welcome")
    assert end.dialogue.ready


@pytest.mark.parametrize("ways", ["AUTH PLAIN", "AUTH LOGIN"])
@pytest.mark.parametrize("private", [True, False])
def test_no_password_is_ever_shown(ways: str, private: bool) -> None:
    """W16: neither what we say nor what a server repeats, or halts with, tells the password."""
    end, said = login(ways, private=private)
    words = [PASSWORD, PLAIN.decode(), b64encode(PASSWORD.encode()).decode(), b64encode(b"digest").decode()]
    if said == b"AUTH LOGIN\r\n":
        end.says("334 user?")
        end.says("334 password?")
    end.says(f"535 5.7.8 wrong: {' '.join(words)}")
    assert end.dialogue.halt
    for line in [*end.watched, end.dialogue.halt, end.dialogue.why]:
        assert not any(word in line for word in words), line


def test_no_password_in_clear_text() -> None:
    """A password leaves this machine under TLS only."""
    end, said = login("AUTH PLAIN", private=False)
    assert said == b""
    assert end.dialogue.halt == "the password is not said in clear text; use `tls: starttls`"


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        ("AUTH CRAM-MD5 XOAUTH2", "it does not let us log in: it offers CRAM-MD5 XOAUTH2"),
        ("AUTH", "it does not let us log in on this port"),
        ("SIZE 10", "it does not let us log in on this port"),
    ],
)
def test_no_way_to_log_in(offer: str, why: str) -> None:
    """Where no way that we know is offered nothing is sent."""
    end, said = login(offer)
    assert said == b""
    assert end.dialogue.halt == why


@pytest.mark.parametrize("reply", ["535 5.7.8 wrong", "454 later", "504 unknown", "250 ok", "334 go on"])
def test_a_login_that_is_refused(reply: str) -> None:
    """D07: an authentication that failed stops the server for the run; only 235 is a yes."""
    end, _ = login("AUTH PLAIN")
    assert end.says(reply) == b""
    assert end.dialogue.halt == f"it refuses user and password: {reply}"
    assert not end.dialogue.turned_away
    assert not end.dialogue.ready


@pytest.mark.parametrize(
    "answers", [("535 no",), ("334 user?", "535 no"), ("334 user?", "334 password?", "535 no"), ("235 ok",)]
)
def test_auth_login_refused(answers: Step) -> None:
    """So does the older way, whenever it fails."""
    end, _ = login("AUTH LOGIN")
    for answer in answers:
        end.says(answer)
    assert end.dialogue.halt == f"it refuses user and password: {answers[-1]}"
