"""`digest.delivery.inbox.imap` with a real Dovecot over TLS (`tests/mailservers/imap_server.py`)."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from mailservers.imap_server import ImapServer, dovecot, free_port

from digest.delivery.inbox import LARGEST, MOST_MESSAGES
from digest.delivery.inbox.imap import ImapInbox, mailbox_name
from digest.delivery.settings import Imap, Secret
from digest.errors import StorageError


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: ImapServer) -> Iterator[ImapServer]:
    """With an empty mailbox."""
    yield running
    for path in running.maildir.glob("*/*.test*"):
        path.unlink()


def put(server: ImapServer, *messages: str | bytes, folder: str = "", flags: str | None = None) -> None:
    """Messages as they arrive, one after another; with `flags`, as somebody's program has left them."""
    place = server.maildir / folder / ("new" if flags is None else "cur")
    for message in messages:
        path = place / f"{next(NUMBERS)}.test{'' if flags is None else f':2,{flags}'}"
        path.write_bytes(message if isinstance(message, bytes) else message.encode())
        path.chmod(0o666)


NUMBERS = count(10_000)
"""A name in a Maildir is never used again: the server remembers what it was of."""


def titled(*subjects: str) -> list[str]:
    return [f"From: ana@example.net\nSubject: {subject}\n\ntext\n" for subject in subjects]


def settings(server: ImapServer, **known: object) -> Imap:
    made = Imap(server.host, server.port, server.user, Secret("env", "UNUSED"), authorities=server.authorities)
    return made._replace(**known)


def inbox(server: ImapServer, password: str | None = None, **known: object) -> ImapInbox:
    told = server.password if password is None else password
    return ImapInbox(settings(server, **known), told, clock=time.monotonic)


class Reader:
    """Looks at all that is shown, and acts on what has `ours` in it."""

    def __init__(self, ours: bytes = b"ours") -> None:
        self.ours = ours
        self.looked: list[bytes] = []
        self.acted: list[bytes] = []

    def look(self, head: bytes) -> bool:
        self.looked.append(head)
        return self.ours in head

    def act(self, content: bytes) -> bool:
        self.acted.append(content)
        return True

    def read(self, inbox: ImapInbox, stopping: Callable[[], bool] = lambda: False) -> list[str]:
        return inbox.read(self.look, self.act, stopping)


def flags(server: ImapServer) -> list[str]:
    """The flags of all messages, by the numbers they were put with."""
    names = sorted(path.name for path in server.maildir.glob("*/*.test*"))
    return [name.partition(":2,")[2] for name in names]


def subjects(heads: list[bytes]) -> list[str]:
    return [head.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for head in heads]


def test_what_is_ours_is_marked(server: ImapServer) -> None:
    """Unread messages are looked at, newest first; what is ours is read and marked; what is not stays unread."""
    put(server, *titled("a ours", "b", "c ours"))
    reader = Reader()
    assert reader.read(inbox(server)) == []
    assert subjects(reader.looked) == ["c ours", "b", "a ours"]
    assert [content.endswith(b"\r\n\r\ntext\r\n") for content in reader.acted] == [True, True]
    assert flags(server) == ["S", "", "S"]
    again = Reader()
    assert again.read(inbox(server)) == []
    assert subjects(again.looked) == ["b"]
    assert again.acted == []


def test_what_act_does_not_know_stays_unread(server: ImapServer) -> None:
    """A message that was read and is not ours after all is not marked."""
    put(server, *titled("ours"))
    assert inbox(server).read(lambda head: True, lambda content: False, lambda: False) == []
    assert flags(server) == [""]


def test_what_others_have_read(server: ImapServer) -> None:
    """A message that somebody has read, or deleted, is not ours to look at; other flags stay."""
    put(server, *titled("seen ours"), flags="S")
    put(server, *titled("deleted ours"), flags="T")
    put(server, *titled("flagged ours"), flags="F")
    reader = Reader()
    assert reader.read(inbox(server)) == []
    assert subjects(reader.looked) == ["flagged ours"]
    assert flags(server) == ["S", "T", "FS"]


def test_killed_between_acting_and_marking(server: ImapServer) -> None:
    """What breaks off after it has acted goes through, and the message is shown again."""
    put(server, *titled("ours"))

    def fails(content: bytes) -> bool:
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        inbox(server).read(lambda head: True, fails, lambda: False)
    assert flags(server) == [""]
    reader = Reader()
    assert reader.read(inbox(server)) == []
    assert len(reader.acted) == 1


def test_deleted_meanwhile(server: ImapServer) -> None:
    """A message that another program takes away between its head and its text is passed over."""
    put(server, *titled("a ours", "b ours"))

    def look(head: bytes) -> bool:
        if b"b ours" in head:
            min(server.maildir.glob("*/*.test*")).unlink()
        return True

    acted: list[bytes] = []
    assert inbox(server).read(look, lambda content: not acted.append(content), lambda: False) == []
    assert subjects(acted) == ["b ours"]


def test_only_the_beginning_is_fetched(server: ImapServer) -> None:
    """Of a message of 10 MB no more than `LARGEST` bytes travel, and of a long head what is looked at."""
    put(server, "Subject: ours\nTo: " + "a@b.c,\n " * 9_000 + "a@b.c\n\n" + "x" * 70 + "\n" * 10_000_000)
    reader = Reader()
    assert reader.read(inbox(server)) == []
    assert [len(content) for content in reader.acted] == [LARGEST]
    assert len(reader.looked[0]) <= 16_384


def test_stopping(server: ImapServer) -> None:
    """Who is asked to stop does, without a word, and what was not read waits (O03)."""
    put(server, *titled("a ours", "b ours"))
    reader = Reader()
    assert reader.read(inbox(server), lambda: bool(reader.acted)) == []
    assert subjects(reader.acted) == ["b ours"]


@pytest.mark.slow
def test_many(server: ImapServer) -> None:
    """Of more unread mails than `MOST_MESSAGES` the last ones are looked at, and whoever asks to unsubscribe first;
    the operator is told.
    """
    put(server, *titled("Re: unsubscribe ours"), *titled(*["x"] * (MOST_MESSAGES + 20)))
    reader = Reader()
    assert reader.read(inbox(server)) == ["it has 1,021 unread mails, of which the last 1,000 were looked at"]
    assert len(reader.looked) == MOST_MESSAGES
    assert subjects(reader.acted) == ["Re: unsubscribe ours"]


@pytest.mark.parametrize("name", ["Zurück & vor", 'with "quotes"', "inbox"])
def test_folders(server: ImapServer, name: str) -> None:
    """A folder may have any name: it is coded and quoted as IMAP wants it (RFC 3501 section 5.1.3)."""
    coded = mailbox_name(name)[1:-1].replace('\\"', '"')
    place = server.maildir / ("" if name == "inbox" else f".{coded}")
    for part in ("new", "cur", "tmp"):
        (place / part).mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        owner = server.maildir.stat()
        for path in (place, *place.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)
    put(server, *titled("ours"), folder=place.name if name != "inbox" else "")
    reader = Reader()
    assert reader.read(inbox(server, folder=name)) == []
    assert len(reader.acted) == 1
    for path in place.glob("*/*.test*"):
        path.unlink()


def test_names_of_folders() -> None:
    """The examples of RFC 3501 section 5.1.3."""
    assert mailbox_name("~peter/mail/台北/日本語") == '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'
    assert mailbox_name("a&b") == '"a&-b"'


# -------------------------------------------------------------------------------------------------- trouble


def told(server: ImapServer, password: str | None = None, **known: object) -> str:
    reader = Reader()
    [sentence] = reader.read(inbox(server, password, **known))
    assert reader.looked == []
    return sentence


def test_no_such_folder(server: ImapServer) -> None:
    """A folder that is not there is named."""
    assert told(server, folder="Bounces").startswith("localhost: the folder Bounces cannot be opened: ")


def test_a_wrong_password(server: ImapServer) -> None:
    """A refused password is told, and does not stand there (C04)."""
    sentence = told(server, "another-secret")
    assert sentence.startswith("localhost: it refuses user and password: ")
    assert "another-secret" not in sentence
    assert told(server, "a\r\nb") == "localhost: the user or the password has a line break in it"


def test_an_unknown_authority(server: ImapServer) -> None:
    """A certificate that nobody vouches for is not taken, and nothing is said to that server."""
    before = server.log.read_text()
    sentence = told(server, authorities=None)
    assert sentence == "localhost: no connection: its certificate is not good: unable to get local issuer certificate"
    assert "Login: user=" not in server.log.read_text()[len(before) :]


def test_authorities_that_are_not_there(server: ImapServer) -> None:
    """A file of certificates that is missing is named."""
    assert "authorities: /no/such.pem: No such file" in told(server, authorities=Path("/no/such.pem"))


def test_nobody_there(server: ImapServer) -> None:
    """A server that does not listen, or has no address, is told in a sentence."""
    assert told(server, port=free_port()) == "localhost: no connection: Connection refused"
    assert told(server, host="no.such.host.invalid").startswith("no.such.host.invalid: no connection: ")
