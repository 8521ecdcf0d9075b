"""`digest.delivery.inbox.imap` with servers that hang, drip, lie and talk nonsense."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mailservers.imap_server import certify

from digest.delivery.inbox.imap import MOST_BYTES, ImapInbox
from digest.delivery.settings import Imap, Secret

PASSWORD = "correct-horse"
Talk = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder)
    return folder


@contextmanager
def serving(folder: Path, talk: Talk, *, secure: bool = True) -> Iterator[int]:
    """A server whose every connection is `talk`'s; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                connection.settimeout(5)
                if not secure:
                    talk(connection)
                    continue
                with context.wrap_socket(connection, server_side=True) as secured:
                    talk(secured)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def read(
    folder: Path, port: int, *, patience: float = 20.0, stopping: Callable[[], bool] = lambda: False, **known: object
) -> tuple[list[str], list[bytes]]:
    """What the operator is told, and what was acted on."""
    where = Imap("localhost", port, "ana", Secret("env", "UNUSED"), authorities=folder / "authorities.pem")
    inbox = ImapInbox(where._replace(**known), PASSWORD, clock=time.monotonic, patience=patience)
    acted: list[bytes] = []
    problems = inbox.read(lambda head: True, lambda content: not acted.append(content), stopping)
    return problems, acted


HEAD = b"Subject: x\r\n\r\n"
ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n",
    b"LOGIN": b"%s OK done\r\n",
    b"SELECT": b"* 1 EXISTS\r\n%s OK [READ-WRITE]\r\n",
    b"UID SEARCH": b"* SEARCH 7\r\n%s OK done\r\n",
    b"UID FETCH": b"* 1 FETCH (UID 7 BODY[] {%d}\r\n%s)\r\n%%s OK done\r\n" % (len(HEAD), HEAD),
    b"UID STORE": b"%s OK done\r\n",
    b"LOGOUT": b"* BYE\r\n%s OK done\r\n",
}


def answering(changes: dict[bytes, bytes] | None = None, greeting: bytes = b"* OK hello\r\n") -> Talk:
    """A server that has one mail, and answers some commands in its own way; `%s` is the command's tag."""
    answers = {**ANSWERS, **(changes or {})}

    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.rstrip().partition(b" ")
                found = next((answers[name] for name in answers if command.startswith(name)), None)
                if found is None:
                    return
                connection.sendall(found.replace(b"%s", tag))

    return talk


def test_it_speaks_with_a_plain_server(certificates: Path) -> None:
    """The server that the tests below spoil is one that can be read, by LOGIN where AUTH=PLAIN is not offered."""
    with serving(certificates, answering()) as port:
        assert read(certificates, port) == ([], [HEAD])


def test_the_uid_may_stand_behind(certificates: Path) -> None:
    """A server may tell the UID after the content, and other things in between."""
    fetch = b"* 2 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (BODY[] {%d}\r\n%s UID 7)\r\n%%s OK done\r\n" % (len(HEAD), HEAD)
    with serving(certificates, answering({b"UID FETCH": fetch})) as port:
        assert read(certificates, port) == ([], [HEAD])


def test_a_mail_that_was_not_asked_for(certificates: Path) -> None:
    """Mails with another UID than was asked for, or with none, are not looked at."""
    for uid in (b"UID 8 ", b""):
        fetch = b"* 1 FETCH (%sBODY[] {%d}\r\n%s)\r\n%%s OK done\r\n" % (uid, len(HEAD), HEAD)
        with serving(certificates, answering({b"UID FETCH": fetch})) as port:
            assert read(certificates, port) == ([], [])


# --------------------------------------------------------------------------------------------------- slow


def hang(connection: socket.socket) -> None:
    while connection.recv(1):
        pass


def drip(connection: socket.socket) -> None:
    connection.sendall(b"* OK ")
    for _ in range(200):
        connection.sendall(b".")
        time.sleep(0.05)


def chatter(connection: socket.socket) -> None:
    """Whole lines, and never the one that is waited for."""
    connection.sendall(b"* OK hello\r\n")
    for _ in range(200):
        connection.sendall(b"* OK still there\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(("talk", "secure"), [(hang, True), (drip, True), (chatter, True), (hang, False)])
def test_the_whole_has_an_end(certificates: Path, talk: Talk, secure: bool) -> None:
    """D09: who hangs, in the handshake or later, drips bytes or talks of other things is left when the time is over."""
    with serving(certificates, talk, secure=secure) as port:
        before = time.monotonic()
        [sentence], acted = read(certificates, port, patience=0.6)
        assert 0.5 < time.monotonic() - before < 3
    assert "it took longer than 0.6 s" in sentence or "timed out" in sentence
    assert acted == []


def test_stopping_while_it_hangs(certificates: Path) -> None:
    """O03: who waits for a server and is asked to stop does, within a second."""
    with serving(certificates, hang) as port:
        before = time.monotonic()
        assert read(certificates, port, stopping=lambda: time.monotonic() - before > 0.3) == ([], [])
        assert time.monotonic() - before < 2


# --------------------------------------------------------------------------------------------------- lies


TROUBLE = {
    "no greeting": ({}, b"* BYE too many\r\n", "does not speak IMAP"),
    "another protocol": ({}, b"220 smtp.example.net ESMTP\r\n", "does not speak IMAP"),
    "an endless line": ({}, b"* OK " + b"x" * 1_200_000, "its answer has no end"),
    "no capability": ({b"CAPABILITY": b"%s BAD no\r\n"}, None, "does not speak IMAP"),
    "refused": ({b"LOGIN": b"%s NO no such user\r\n"}, None, "it refuses user and password: no such user"),
    "parrot": ({b"LOGIN": b'%s NO LOGIN "ana" "correct-horse" is wrong\r\n'}, None, '"********" is wrong'),
    "hang-up": ({b"LOGIN": b"* BYE\r\n"}, None, "it broke off"),
    "no folder": ({b"SELECT": b"%s NO none\r\n"}, None, "the folder INBOX cannot be opened: none"),
    "read-only": ({b"SELECT": b"%s OK [READ-ONLY]\r\n"}, None, "can only be looked at"),
    "no search": ({b"UID SEARCH": b"%s NO [SERVERBUG]\r\n"}, None, "it does not search: [SERVERBUG]"),
    "no fetch": ({b"UID FETCH": b"%s NO no\r\n"}, None, "it does not show its mails"),
    "a huge mail": ({b"UID FETCH": b"* 1 FETCH (UID 7 BODY[] {999999999}\r\n"}, None, "999,999,999 bytes"),
    "half a mail": ({b"UID FETCH": b"* 1 FETCH (UID 7 BODY[] {99}\r\nx\r\n"}, None, "it took longer"),
    "no mark": ({b"UID STORE": b"%s NO over quota\r\n"}, None, "it cannot mark a mail as read: over quota"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_a_sentence(certificates: Path, name: str) -> None:
    """Whatever the server says, the operator is told in one sentence, without a secret (C04), and nothing raises."""
    changes, greeting, expected = TROUBLE[name]
    with serving(certificates, answering(changes, greeting or b"* OK hello\r\n")) as port:
        [sentence], acted = read(certificates, port, patience=1.0)
    assert sentence.startswith("localhost: ")
    assert expected in sentence
    assert PASSWORD not in sentence
    assert len(acted) == (name == "no mark")


def test_a_flood(certificates: Path) -> None:
    """A server that never stops to talk is left after so many bytes, and costs no more memory than these."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"* OK hello\r\n")
        while True:
            connection.sendall(b"* OK " + b"x" * 60_000 + b"\r\n")

    with serving(certificates, talk) as port:
        [sentence], _ = read(certificates, port)
    assert f"more than {MOST_BYTES:,} bytes" in sentence


def test_a_name_that_the_certificate_does_not_have(tmp_path: Path) -> None:
    """A server with a good certificate of another name is not talked to."""
    certify(tmp_path, "mail.example.org")
    heard: list[bytes] = []
    with serving(tmp_path, lambda connection: heard.append(connection.recv(1))) as port:
        [sentence], _ = read(tmp_path, port)
    assert "its certificate is not good: Hostname mismatch" in sentence
    certify(tmp_path, "localhost")
    with serving(tmp_path, lambda connection: heard.append(connection.recv(1))) as port:
        [sentence], _ = read(tmp_path, port, host="127.0.0.1")
    assert "its certificate is not good: IP address mismatch" in sentence
    assert b"".join(heard) == b""


WORDS = st.sampled_from(
    [
        *(
            b"%s OK done\r\n",
            b"%s NO no\r\n",
            b"%s BAD no\r\n",
            b"%s",
            b"+ \r\n",
            b"* ",
            b"\r\n",
            b"*",
            b" ",
            b"{5}\r\n",
            b"{0}\r\n",
        ),
        *(b"* OK [CAPABILITY]\r\n", b"* SEARCH 7 x 99999999999\r\n", b"* 1 FETCH (UID 7 BODY[] {3}\r\nabc)\r\n"),
        *(b"* 1 FETCH (UID 7 BODY[] NIL)\r\n", b"* BYE\r\n", b"* 7 EXPUNGE\r\n", b"\xff\xfe", b"\0", b"* 1 FETCH\r\n"),
        *(b"* LIST\r\n", b"* SEARCH\r\n", b"* 1 FETCH ()\r\n", b"{99999999999999999999}\r\n", b"* OK [READ-ONLY]\r\n"),
    ]
)
NONSENSE = st.lists(WORDS, max_size=6).map(b"".join)


@pytest.mark.slow
@settings(max_examples=40)
@given(changes=st.dictionaries(st.sampled_from(sorted(ANSWERS)), NONSENSE, min_size=1, max_size=4))
def test_nonsense(certificates: Path, changes: dict[bytes, bytes]) -> None:
    """For no answers of a server an exception."""
    with serving(certificates, answering(changes)) as port:
        problems, _ = read(certificates, port, patience=0.2)
    assert all(problem.startswith("localhost: ") for problem in problems)
