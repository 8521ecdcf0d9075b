"""The other end of a dialogue, without a network: what the server says, and what it hears."""

from typing import Any

from digest.delivery.settings import Server
from digest.delivery.smtp.dialogue import Dialogue
from digest.model import Parcel

CONTENT = b"Subject: news\r\n\r\nOne paper.\r\n"
PIPELINING = "PIPELINING"
EVERYTHING = (PIPELINING, "SIZE 1000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")


def a_server(**known: Any) -> Server:
    return Server(**{"host": "mail.example", "port": 25, "tls": "none", **known})


def a_parcel(id: int = 1, **known: Any) -> Parcel:
    return Parcel(
        **{"id": id, "sender": "digest@us.example", "recipient": f"r{id}@them.example", "content": CONTENT, **known}
    )


class OtherEnd:
    """A server's end; its `dialogue` is what is tested."""

    def __init__(self, server: Server | None = None, password: str = "", *, private: bool = True) -> None:
        self.watched: list[str] = []
        self.dialogue = Dialogue(
            server or a_server(), password, "us.example", private=private, watch=self.watched.append
        )

    def hears(self) -> bytes:
        """What was said since."""
        found = b""
        while pieces := self.dialogue.pending(3):
            found += pieces[0]
            self.dialogue.sent(len(pieces[0]))
        return found

    def says(self, *lines: str) -> bytes:
        """Say these, and hear what is said thereupon."""
        for line in lines:
            self.dialogue.receive(line.encode() + b"\r\n")
        return self.hears()

    def offers(self, *words: str) -> bytes:
        """The reply to EHLO."""
        lines = ["server.example", *words]
        return self.says(*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}")

    def ready(self, *words: str) -> "OtherEnd":
        """A session that was opened."""
        assert self.says("220 hello") == b"EHLO us.example\r\n"
        assert self.offers(*words) == b""
        assert self.dialogue.ready
        return self

    def given(self, parcel: Parcel) -> bytes:
        self.dialogue.give(parcel)
        return self.hears()

    def midway(self, parcel: Parcel) -> "OtherEnd":
        """The body of `parcel` is with the network; its dot is not said."""
        self.given(parcel)
        self.says("250 ok", "250 ok", "354 go on")
        assert self.dialogue.wants_mark == parcel
        return self

    def dotted(self, parcel: Parcel, following: Parcel | None = None) -> "OtherEnd":
        """The dot of `parcel` is said."""
        self.midway(parcel)
        self.dialogue.keep()
        self.dialogue.release(following)
        assert self.hears().startswith(b".\r\n")
        return self

    @property
    def outcomes(self) -> list[tuple[int, str]]:
        return [(one.id, one.state) for one in self.dialogue.outcomes]

    @property
    def returned(self) -> list[int]:
        return [parcel.id for parcel in self.dialogue.returned]
