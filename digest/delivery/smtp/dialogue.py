"""One connection to a mail server, as a machine without a network: bytes in, bytes out, and what has to be recorded.

    greeting ─▶ EHLO ─▶ (STARTTLS ─▶ EHLO) ─▶ (AUTH) ─▶ ready ◀─────────────────────────────┐
                                                           └▶ MAIL RCPT DATA ─▶ body ─▶ mark ─▶ dot ─▶ reply

What is said pipelined (RFC 2920) goes out in one piece: the dot that completes a message and MAIL, RCPT and DATA of the
next one. A machine never sends the dot before `release`, which its owner calls when the mark is on disk.
"""

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from digest.delivery.settings import Server
from digest.delivery.smtp.replies import Garbled, Replies, Reply
from digest.model import Outcome, Parcel

Said = Literal[
    "greeting", "EHLO", "HELO", "STARTTLS", "AUTH", "LOGIN user", "LOGIN password",
    "RSET", "MAIL", "RCPT", "DATA", "dot", "lone dot", "QUIT",
]  # fmt: skip

ADDRESS_IS_BAD = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
"""Enhanced statuses that concern the address itself (RFC 3463)."""


class Awaited(NamedTuple):
    """A reply that is still to come."""

    said: Said
    parcel: Parcel | None = None


class Dialogue:
    """`host` is how the server is called in sentences; `name` is how we introduce ourselves."""

    def __init__(
        self,
        server: Server,
        password: str,
        name: str,
        *,
        private: bool,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """`private`: what is said stays on this machine, so that a password may be said in clear text."""
        self._server = server
        self._password = password
        self._name = name
        self._private = private
        self._watch = watch or _unwatched
        self._replies = Replies()
        self._awaited: deque[Awaited] = deque([Awaited("greeting")])
        self._offers: dict[str, str] = {}
        self._secure = server.tls == "tls"
        self._out: deque[memoryview] = deque()
        self._refused: set[int] = set()
        """The parcels whose outcome is known, though replies to what was said for them are still to come."""
        self._dirty = False
        """A transaction is open that has to be reset."""
        self._body: Parcel | None = None
        """The parcel whose body is on its way, or gone and not marked yet."""
        self._marked: Parcel | None = None
        """The parcel whose dot was sent, or may have been."""
        self._next: Parcel | None = None
        """The parcel whose envelope is on its way."""
        self.ready = False
        """It can be given a parcel."""
        self.securing = False
        """It waits for the TLS handshake: `secured` goes on."""
        self.closed = False
        self.outcomes: list[Outcome] = []
        """What is to be recorded; the owner takes them."""
        self.returned: list[Parcel] = []
        """Parcels that certainly were not sent, to be tried on another connection; the owner takes them."""
        self.halt = ""
        """Why this server is of no use for now."""
        self.delivered = 0
        """How many messages have been answered."""
        self.answers = 0
        """How many replies came: where this stands still, the server does."""

    # -------------------------------------------------------------------------------- what the owner calls

    def receive(self, data: bytes) -> None:
        """Bytes from the server; never raises for what they are."""
        if self.closed:
            return
        try:
            replies = self._replies.feed(data)
        except Garbled as error:
            self.lose(str(error))
            return
        for number, reply in enumerate(replies, 1):
            self._answered(reply, number < len(replies) or self._replies.pending)

    def secured(self) -> None:
        """The handshake is done: nothing of what was said before counts any more (RFC 3207 section 4.2)."""
        self.securing = False
        self._secure = True
        self._offers = {}
        self._introduce()

    def give(self, parcel: Parcel) -> None:
        """Deliver `parcel`; for a machine that is `ready`, or that `wants_mark` and is released with it."""
        if why := self._unfit(parcel):
            self._settle(parcel, "refused", f"refused here: {why}")
            return
        self.ready = False
        self._next = parcel
        if self._dirty:
            self._dirty = False
            self._say("RSET", b"RSET\r\n")
            if not self.pipelines:
                return  # its answer goes on
        self._say("MAIL", self._mail(parcel), parcel)
        if self.pipelines:
            self._say("RCPT", _rcpt(parcel), parcel)
            self._say("DATA", b"DATA\r\n", parcel)

    @property
    def wants_mark(self) -> Parcel | None:
        """The parcel whose whole body is with the network, and whose dot waits for the mark to be on disk."""
        return self._body if self._body and not self._out else None

    @property
    def carrying(self) -> bool:
        return bool(self._body or self._marked or self._next)

    @property
    def midway(self) -> bool:
        """A message is on its way whose body was begun."""
        return bool(self._body or self._marked)

    def release(self, following: Parcel | None = None) -> None:
        """The mark is on disk: send the dot, and behind it the envelope of the parcel that follows, which only a
        server that `pipelines` takes.
        """
        self._marked, self._body = self._body, None
        self._say("dot", b".\r\n", self._marked)
        if following:
            self.give(following)

    def quit(self) -> None:
        if not self.closed and not self._awaited:
            self.ready = False
            self._say("QUIT", b"QUIT\r\n")

    def lose(self, why: str) -> None:
        """The connection is gone, or of no use: what was marked is in doubt, the rest certainly was not sent."""
        if self.closed:
            return
        self.closed, self.ready = True, False
        self._out.clear()
        if self._marked:
            self._settle(self._marked, "in doubt", f"no answer after the last byte: {why}")
        for parcel in (self._body, self._next):
            if parcel and parcel.id not in self._refused:
                self.returned.append(parcel)
        self._marked = self._body = self._next = None
        self.why = why

    why = ""
    """Why the connection was lost."""

    @property
    def awaits(self) -> Said | None:
        """What the next reply is to; None where none is due."""
        return self._awaited[0].said if self._awaited else None

    # ------------------------------------------------------------------------------------------- bytes out

    @property
    def pending(self) -> Sequence[memoryview]:
        """What is to be sent, in pieces."""
        return self._out

    def sent(self, count: int) -> None:
        """So many bytes of `pending` are with the network."""
        while count:
            if count >= len(self._out[0]):
                count -= len(self._out.popleft())
            else:
                self._out[0] = self._out[0][count:]
                count = 0

    def _say(self, said: Said, line: bytes, parcel: Parcel | None = None, shown: str = "") -> None:
        self._awaited.append(Awaited(said, parcel))
        self._watch(f"C: {shown or line.decode('utf-8', 'replace').rstrip()}")
        self._out.append(memoryview(line))

    # ------------------------------------------------------------------------------------------- replies in

    def _answered(self, reply: Reply, more: bool) -> None:
        if self.closed:
            return
        for line in reply.lines:
            self._watch(f"S: {reply.code} {line}")
        if not self._awaited:
            # Most likely it closes a connection on which nothing was said for long.
            self.lose(f"it said {reply} unasked")
            return
        self.answers += 1
        said, parcel = self._awaited.popleft()
        if reply.code == 421 and said != "QUIT":
            self._unavailable(said, parcel, reply)
        elif said in ("MAIL", "RCPT", "DATA", "dot", "lone dot"):
            assert said == "lone dot" or parcel
            self._transact(said, parcel, reply)
        else:
            self._prepare(said, reply, more)

    def _unavailable(self, said: Said, parcel: Parcel | None, reply: Reply) -> None:
        """421: the server closes the connection. Only the message that it answered with it was tried."""
        if said == "dot" and parcel:
            self._marked = None
            self._settle(parcel, "deferred", str(reply))
        self._stop(f"it is not available: {reply}")

    def _prepare(self, said: Said, reply: Reply, more: bool) -> None:
        """Everything before the first message, and RSET and QUIT."""
        if said == "greeting":
            if reply.code == 220:
                self._introduce()
            else:
                self._stop(f"it does not take mail from us: {reply}")
        elif said in ("EHLO", "HELO"):
            self._introduced(said, reply)
        elif said == "STARTTLS":
            if reply.code != 220:
                self._stop(f"it refuses STARTTLS: {reply}; nothing is sent in clear text")
            elif more:
                # Somebody between us put in words that would count as said under TLS (CVE-2011-0411).
                self._stop("it said more than its answer to STARTTLS; somebody may be listening")
            else:
                self.securing = True
        elif said in ("AUTH", "LOGIN user", "LOGIN password"):
            self._authenticate(said, reply)
        elif said == "RSET":
            if not reply.good:
                self.lose(f"it refuses RSET: {reply}")
            elif self._next and not self.pipelines:
                self._say("MAIL", self._mail(self._next), self._next)
        elif said == "QUIT":
            self.lose("we said good-bye")

    def _introduce(self) -> None:
        word = "LHLO" if self._server.lmtp else "EHLO"
        self._say("EHLO", f"{word} {self._name}\r\n".encode("ascii", "replace"))

    def _introduced(self, said: Said, reply: Reply) -> None:
        if not reply.good:
            plain = said == "EHLO" and self._server.tls == "none" and not self._server.lmtp and not self._server.user
            if plain and reply.code in (500, 501, 502, 504):
                self._say("HELO", f"HELO {self._name}\r\n".encode("ascii", "replace"))
            else:
                self._stop(f"it refuses our name {self._name}: {reply}")
            return
        if said == "EHLO":
            words = (line.split(None, 1) for line in reply.lines[1:] if line)
            self._offers = {word.upper(): rest[0] if rest else "" for word, *rest in words}
        if self._server.tls == "starttls" and not self._secure:
            if "STARTTLS" in self._offers:
                self._say("STARTTLS", b"STARTTLS\r\n")
            else:
                self._stop(
                    "it does not offer STARTTLS, and nothing is sent in clear text; try `tls: tls` with port 465"
                )
        elif self._server.user:
            self._log_in()
        else:
            self._open()

    def _log_in(self) -> None:
        if not (self._secure or self._private):
            self._stop("the password is not said in clear text; use `tls: starttls`")
            return
        ways = self._offers.get("AUTH", "").upper().split()
        if "PLAIN" in ways:
            word = b64encode(f"\0{self._server.user}\0{self._password}".encode())
            self._say("AUTH", b"AUTH PLAIN " + word + b"\r\n", shown="AUTH PLAIN ********")
        elif "LOGIN" in ways:
            self._say("LOGIN user", b"AUTH LOGIN\r\n")
        else:
            self._stop("it does not let us log in" + (f": it offers {' '.join(ways)}" if ways else " on this port"))

    def _authenticate(self, said: Said, reply: Reply) -> None:
        if reply.code == 235 and said != "LOGIN user":
            self._open()
        elif reply.code == 334 and said == "LOGIN user":
            word = b64encode(self._server.user.encode())
            self._say("LOGIN password", word + b"\r\n", shown="********")
        elif reply.code == 334 and said == "LOGIN password":
            self._say("AUTH", b64encode(self._password.encode()) + b"\r\n", shown="********")
        else:
            self._stop(f"it refuses user and password: {reply}")

    def _open(self) -> None:
        self.ready = True

    # ------------------------------------------------------------------------------------------ transactions

    def _transact(self, said: Said, parcel: Parcel | None, reply: Reply) -> None:
        if said == "lone dot" or parcel is None:
            # It answers a message of no recipient (RFC 2920 section 3.1): nobody gets it, whatever the server says.
            self._dirty = False
            self.ready = True
        elif said == "dot":
            self._completed(parcel, reply)
        elif parcel.id in self._refused:
            self._void(said, parcel, reply)
        elif said == "DATA" and reply.code == 354:
            self._begin(parcel)
        elif said != "DATA" and reply.good:
            if not self.pipelines:
                if said == "MAIL":
                    self._say("RCPT", _rcpt(parcel), parcel)
                else:
                    self._say("DATA", b"DATA\r\n", parcel)
        else:
            self._reject(said, parcel, reply)

    def _begin(self, parcel: Parcel) -> None:
        self._next, self._body = None, parcel
        for piece in _stuffed(parcel.content):
            self._out.append(memoryview(piece))
        self._watch(f"C: [{len(parcel.content):,} bytes]")

    def _completed(self, parcel: Parcel, reply: Reply) -> None:
        self._marked = None
        self.delivered += 1
        if reply.good:
            self._settle(parcel, "accepted", str(reply))
        elif reply.temporary:
            self._settle(parcel, "deferred", str(reply))
        elif reply.code >= 500:
            self._settle(parcel, "refused", str(reply))
        else:
            self._settle(parcel, "in doubt", f"no answer to the message: {reply}")
        if not self._next:
            self.ready = True

    def _reject(self, said: Said, parcel: Parcel, reply: Reply) -> None:
        """The server will not have this message, before its body was sent."""
        self._refused.add(parcel.id)
        self._dirty = True
        if reply.temporary or reply.code < 400:
            self._settle(parcel, "deferred", f"{said}: {reply}")
        else:
            self._settle(parcel, "refused", f"{said}: {reply}", hard=said == "RCPT" and _is_address_bad(reply))
        if said == "MAIL" and reply.code >= 500 and reply.code != 552 and not reply.enhanced.startswith("5.3.4"):
            self._stop(f"it refuses our sender {parcel.sender}: {reply}")
        elif not self.pipelines or said == "DATA":
            self._free(parcel)

    def _void(self, said: Said, parcel: Parcel, reply: Reply) -> None:
        """A reply to what was said behind a command that had failed."""
        if said == "DATA":
            self._free(parcel)
            if reply.code == 354:
                self.ready = False
                self._say("lone dot", b".\r\n")

    def _free(self, parcel: Parcel) -> None:
        self._refused.discard(parcel.id)
        self._next = None
        self.ready = True

    def _settle(self, parcel: Parcel, state: "Settled", detail: str, *, hard: bool = False) -> None:
        self.outcomes.append(Outcome(parcel.id, state, detail[:500], hard))

    def _stop(self, why: str) -> None:
        self.halt = self.halt or why
        self.lose(why)

    # ------------------------------------------------------------------------------------------- envelopes

    @property
    def pipelines(self) -> bool:
        """Several commands may be said before the first is answered."""
        return "PIPELINING" in self._offers

    def _unfit(self, parcel: Parcel) -> str:
        """Why this server cannot be given the message (RELIABILITY E15); empty where it can."""
        content = parcel.content
        for address in (parcel.sender, parcel.recipient):
            if not address.isascii() and "SMTPUTF8" not in self._offers:
                return f"the server takes no address beyond ASCII, as {address} is (SMTPUTF8)"
            if any(letter in address for letter in "\r\n\0<> ") or len(address) > 512:
                return f"{address[:80]!r} is no address"
        size = self._offers.get("SIZE", "")
        if size.isdecimal() and 0 < int(size) < len(content):
            return f"the mail has {len(content):,} bytes, and the server takes {int(size):,}"
        if not content.isascii() and "8BITMIME" not in self._offers:
            return "the mail has bytes beyond ASCII, and the server takes none (8BITMIME)"
        if content.count(b"\n") != (pairs := content.count(b"\r\n")) or content.count(b"\r") != pairs:
            return "the mail has a line that does not end in CR LF"
        return ""

    def _mail(self, parcel: Parcel) -> bytes:
        words = [f"MAIL FROM:<{parcel.sender}>"]
        if "SIZE" in self._offers:
            words.append(f"SIZE={len(parcel.content)}")
        if not parcel.content.isascii():
            words.append("BODY=8BITMIME")
        if not (parcel.sender + parcel.recipient).isascii():
            words.append("SMTPUTF8")
        return (" ".join(words) + "\r\n").encode()


def _unwatched(line: str) -> None:
    """Nobody wants to know."""


Settled = Literal["accepted", "refused", "deferred", "in doubt", "rendered"]


def _rcpt(parcel: Parcel) -> bytes:
    return f"RCPT TO:<{parcel.recipient}>\r\n".encode()


def _stuffed(content: bytes) -> Iterator[bytes]:
    """The body as it travels but for the last dot (RFC 5321 section 4.5.2): every line that begins with a dot has one
    more, and the last line is ended.
    """
    if content.startswith(b"."):
        yield b"."
    yield content.replace(b"\r\n.", b"\r\n..") if b"\r\n." in content else content
    if not content.endswith(b"\r\n"):
        yield b"\r\n"


def _is_address_bad(reply: Reply) -> bool:
    if enhanced := reply.enhanced:
        return enhanced in ADDRESS_IS_BAD
    return reply.code in (550, 551, 553)
