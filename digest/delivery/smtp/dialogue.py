"""One connection to a mail server, as a machine without a network: bytes in, bytes out, and what has to be recorded.

    greeting ─▶ EHLO ─▶ (STARTTLS ─▶ EHLO) ─▶ (AUTH) ─▶ ready ◀──────────────────────────────┐
                                                          └▶ MAIL RCPT DATA ─▶ body ─▶ mark ─▶ dot ─▶ reply

What is said pipelined (RFC 2920) goes out in one piece: MAIL, RCPT and DATA, and before them the dot that completes the
message before. The dot is never said before `release`, which the owner calls when the mark is on disk. Whatever comes
in, no reply or half of one raises anything: each parcel that was given ends in `outcomes` or `returned`, once.
"""

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator
from io import IncrementalNewlineDecoder
from typing import Literal, NamedTuple

from digest.delivery.settings import Server
from digest.delivery.smtp.replies import Replies, Reply
from digest.model import Outcome, Parcel
from digest.patterns import pattern

Said = Literal[
    "greeting", "EHLO", "HELO", "STARTTLS", "AUTH", "LOGIN user", "LOGIN password",
    "RSET", "MAIL", "RCPT", "DATA", "dot", "lone dot", "QUIT",
]  # fmt: skip

ADDRESS_IS_BAD = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10")
"""Enhanced statuses that concern the recipient's address itself (RFC 3463 section 3.2, RFC 7505)."""

SENDER_IS_BAD = ("5.1.7", "5.1.8")
"""And those that concern the sender's: many servers look at it only when they are told a recipient."""

MASK = "********"

_NO_ADDRESS = pattern(r"[\0-\x20\x7f<>\ud800-\udfff]")


class Awaited(NamedTuple):
    """A reply that is still to come."""

    said: Said
    parcel: Parcel | None = None


class Dialogue:
    """What is said on one connection."""

    def __init__(
        self,
        server: Server,
        password: str,
        name: str,
        *,
        private: bool,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """`name` is how we introduce ourselves. `private`: what is said stays on this machine, so that a password may
        be said in clear text.
        """
        self._server = server
        self._password = password
        self._name = name
        self._private = private
        self._watch = watch
        self._replies = Replies()
        self._awaited: deque[Awaited] = deque([Awaited("greeting")])
        self._offers: dict[str, str] = {}
        self._secure = server.tls == "tls"
        self._out: deque[bytes | memoryview] = deque()
        """What is to be sent: lines as bytes, which may grow; bodies, and what is left of a piece, as views."""
        self._body: Parcel | None = None
        """The parcel whose body is on its way, or gone and not marked yet."""
        self._marked: Parcel | None = None
        """The parcel whose mark is on disk."""
        self._unsaid = False
        """Nothing of its dot is with the network yet."""
        self._next: Parcel | None = None
        """The parcel whose envelope is on its way."""
        self._void = False
        """What becomes of `_next` is known, though replies to what was said for it are still to come."""
        self._dirty = False
        """The server may have a transaction open that has to be reset."""
        self.opened = False
        """It was ready once."""
        self.ready = False
        """It can be given a parcel."""
        self.securing = False
        """It waits for the TLS handshake: `secured` goes on."""
        self.parting = False
        """Good-bye was said."""
        self.closed = False
        self.why = ""
        """Why it is closed."""
        self.halt = ""
        """Why this server is of no use for now; empty where another connection may do."""
        self.turned_away = False
        """We were, before we could say what we want: perhaps only because it has enough connections."""
        self.carried = False
        """It was closed while parcels were on their way."""
        self.outcomes: list[Outcome] = []
        """What is to be recorded; the owner takes them."""
        self.returned: list[Parcel] = []
        """Parcels that certainly were not sent, to be tried on another connection; the owner takes them."""
        self.served = 0
        """How many messages were begun."""
        self.decided = 0
        """Of how many it said, or we knew, what becomes of them."""
        self.answers = 0
        """How many replies came: where this stands still, the server does."""

    # -------------------------------------------------------------------------------- what the owner calls

    def receive(self, data: bytes) -> None:
        """Bytes from the server; never raises for what they are."""
        if self.closed:
            return
        replies = self._replies.feed(data)
        for number, reply in enumerate(replies, 1):
            self._answered(reply, number < len(replies) or self._replies.pending)
        if self._replies.garbled:
            self.lose(self._replies.garbled)

    def secured(self) -> None:
        """The handshake is done: nothing of what was said before counts any more (RFC 3207 section 4.2)."""
        self.securing = False
        self._secure = True
        self._offers = {}
        self._introduce()

    def give(self, parcel: Parcel) -> None:
        """Deliver `parcel`. Only for a machine that is `ready`."""
        if why := self._unfit(parcel):
            self._decide(parcel, "refused", f"refused: local: {why}")
            return
        self.ready = False
        self.served += 1
        self._next, self._void = parcel, False
        if self._dirty:
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

    def keep(self) -> None:
        """The mark is on disk. The dot is not said yet: what comes before `release` does not answer it."""
        self._marked, self._body, self._unsaid = self._body, None, True

    def release(self, following: Parcel | None = None) -> None:
        """Send the dot of what was kept, and behind it the envelope of the parcel that follows; which is for a server
        that `pipelines` only.
        """
        self._say("dot", b".\r\n", self._marked)
        if following:
            self.give(following)

    @property
    def pipelines(self) -> bool:
        """Several commands may be said before the first is answered."""
        return "PIPELINING" in self._offers

    @property
    def carrying(self) -> bool:
        return bool(self._body or self._marked or self._next)

    @property
    def midway(self) -> bool:
        """A message is on its way whose body was begun."""
        return bool(self._body or self._marked)

    @property
    def awaits(self) -> Said | None:
        """What the next reply is to; None where none is due."""
        return self._awaited[0].said if self._awaited else None

    def quit(self) -> None:
        """Say good-bye, where nothing is under way."""
        if self.ready and not self.closed:
            self.ready, self.parting = False, True
            self._say("QUIT", b"QUIT\r\n")

    def lose(self, why: str) -> None:
        """The connection is gone, or of no use: what has its dot is in doubt, the rest certainly was not sent."""
        if self.closed:
            return
        why = self._masked(why)
        self.carried = self.carrying
        self.closed, self.ready, self.parting, self.why = True, False, False, why
        self._out.clear()
        if self._marked and self._unsaid:
            # A row that is marked is not given back as if nothing had been.
            self._settle(self._marked, "deferred", f"the last byte was not sent: {why}")
        elif self._marked:
            self._settle(self._marked, "in doubt", f"no answer after the last byte: {why}")
        self.returned += [parcel for parcel in (self._body, None if self._void else self._next) if parcel]
        self._marked = self._body = self._next = None

    def give_up(self, why: str, *, turned_away: bool = False) -> None:
        """Lose the connection, and the server with it."""
        if not self.closed:
            self.halt = self._masked(why)
            self.turned_away = turned_away
            self.lose(self.halt)

    def time_out(self, seconds: float, *, shaking: bool = False) -> None:
        """What is awaited did not come in time."""
        awaited = "the TLS handshake" if shaking else _AWAITED.get(self.awaits, str(self.awaits))
        why = f"no answer to {awaited} in {seconds:g} s" if self.awaits or shaking else f"{awaited} took {seconds:g} s"
        if self.opened:
            self.lose(why)
        else:
            self.give_up(why, turned_away=True)

    # ------------------------------------------------------------------------------------------- bytes out

    @property
    def writing(self) -> bool:
        return bool(self._out)

    def pending(self, most: int) -> list[bytes | memoryview]:
        """What is to be sent: at most so many pieces, none of them empty."""
        if len(self._out) <= most:
            return [*self._out]
        return [self._out[number] for number in range(most)]

    def sent(self, count: int) -> None:
        """So many bytes of `pending` are with the network."""
        while count:
            self._unsaid = False
            if count < (length := len(self._out[0])):
                self._out[0] = memoryview(self._out[0])[count:]
                return
            count -= length
            self._out.popleft()

    def _say(self, said: Said, line: bytes, parcel: Parcel | None = None, shown: str = "") -> None:
        self._awaited.append(Awaited(said, parcel))
        if self._watch:
            self._watch(f"C: {shown or line.decode('utf-8', 'replace').rstrip()}")
        if self._out and isinstance(last := self._out[-1], bytes):
            self._out[-1] = last + line
        else:
            self._out.append(line)

    # ------------------------------------------------------------------------------------------- replies in

    def _answered(self, reply: Reply, more: bool) -> None:
        if self.closed:
            return
        if self._watch:
            for line in reply.lines:
                self._watch(self._masked(f"S: {reply.code} {line}".rstrip()))
        if not self._awaited:
            # With nothing under way it most likely closes a connection on which nothing was said for long.
            if reply.code == 421 and self.carrying:
                self.give_up(f"it is not available: {reply}")
            else:
                self.lose(f"it said {reply} unasked")
            return
        self.answers += 1
        said, parcel = self._awaited.popleft()
        if reply.code == 421 and said != "QUIT":
            self._unavailable(said, reply)
        elif said == "dot":
            self._completed(reply)
        elif said == "lone dot":
            # It answers a message of no recipient (RFC 2920 section 3.1): nobody gets it, whatever the server says.
            self._dirty = False
            self._free()
        elif parcel:
            self._transact(said, parcel, reply)
        else:
            self._prepare(said, reply, more)

    def _unavailable(self, said: Said, reply: Reply) -> None:
        """421: the server closes the connection. Of all parcels only the one whose dot it answers so was tried."""
        if said == "dot" and self._marked:
            self._decide(self._marked, "deferred", str(reply))
            self._marked = None
        self.give_up(f"it is not available: {reply}", turned_away=said in ("greeting", "EHLO", "HELO"))

    # ------------------------------------------------------------------------------ before the first message

    def _prepare(self, said: Said, reply: Reply, more: bool) -> None:
        if said == "greeting":
            if reply.code == 220:
                self._introduce()
            else:
                self.give_up(f"it does not take mail from us: {reply}", turned_away=True)
        elif said in ("EHLO", "HELO"):
            self._introduced(said, reply)
        elif said == "STARTTLS":
            if reply.code != 220:
                self.give_up(f"it refuses STARTTLS: {reply}; nothing is sent in clear text")
            elif more:
                # Somebody between us put in words that would count as said under TLS (CVE-2011-0411).
                self.give_up("it said more than its answer to STARTTLS: somebody may be in between; nothing was sent")
            else:
                self.securing = True
        elif said in ("AUTH", "LOGIN user", "LOGIN password"):
            self._authenticate(said, reply)
        elif said == "RSET":
            self._dirty = False
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
            # A server of before 1995 may be on this machine; it offers nothing.
            plain = said == "EHLO" and self._server.tls == "none" and not (self._server.lmtp or self._server.user)
            if plain and reply.code in (500, 501, 502, 504):
                self._say("HELO", f"HELO {self._name}\r\n".encode("ascii", "replace"))
            else:
                self.give_up(f"it refuses our name {self._name}: {reply}", turned_away=True)
            return
        if said == "EHLO":
            words = (line.split(None, 1) for line in reply.lines[1:] if line)
            self._offers = {word.upper(): rest[0] if rest else "" for word, *rest in words}
        if self._server.tls == "starttls" and not self._secure:
            if "STARTTLS" in self._offers:
                self._say("STARTTLS", b"STARTTLS\r\n")
            else:
                self.give_up(
                    "it does not offer STARTTLS, and nothing is sent in clear text; try `tls: tls` with port 465"
                )
        elif self._server.user:
            self._log_in()
        else:
            self.opened = self.ready = True

    def _log_in(self) -> None:
        if not (self._secure or self._private):
            self.give_up("the password is not said in clear text; use `tls: starttls`")
            return
        ways = self._offers.get("AUTH", "").upper().split()
        if "PLAIN" in ways:
            self._say("AUTH", b"AUTH PLAIN " + self._words()[0] + b"\r\n", shown=f"AUTH PLAIN {MASK}")
        elif "LOGIN" in ways:
            self._say("LOGIN user", b"AUTH LOGIN\r\n")
        else:
            self.give_up("it does not let us log in" + (f": it offers {' '.join(ways)}" if ways else " on this port"))

    def _authenticate(self, said: Said, reply: Reply) -> None:
        _, user, password = self._words()
        if reply.code == 235 and said == "AUTH":
            self.opened = self.ready = True
        elif reply.code == 334 and said == "LOGIN user":
            self._say("LOGIN password", user + b"\r\n", shown=MASK)
        elif reply.code == 334 and said == "LOGIN password":
            self._say("AUTH", password + b"\r\n", shown=MASK)
        else:
            self.give_up(f"it refuses user and password: {reply}")

    def _words(self) -> tuple[bytes, bytes, bytes]:
        """What AUTH PLAIN says, and AUTH LOGIN says one after the other (RFC 4616)."""
        user, password = self._server.user.encode(), self._password.encode("utf-8", "surrogateescape")
        return b64encode(b"\0" + user + b"\0" + password), b64encode(user), b64encode(password)

    def _masked(self, text: str) -> str:
        """Without the password, should the server repeat it."""
        if self._password:
            for word in (*(word.decode() for word in self._words()), self._password):
                if len(word) > 3:
                    text = text.replace(word, MASK)
        return text

    # ------------------------------------------------------------------------------------------ transactions

    def _transact(self, said: Said, parcel: Parcel, reply: Reply) -> None:
        yes = reply.code == 354 if said == "DATA" else reply.good
        if reply.code < 400 and not yes:
            self.lose(f"it is out of step: it said {reply} to {said}")
        elif self._void:
            # It answers what was said behind a command that had failed.
            if said == "RCPT" and yes:
                # A dot alone might be an empty mail to it.
                self.lose(f"it is out of step: it takes a recipient, {reply}, of a message that it refused")
            elif said == "DATA" and yes:
                self._say("lone dot", b".\r\n")
            elif said == "DATA":
                self._free()
        elif not yes:
            self._reject(said, parcel, reply)
        elif said == "DATA":
            self._begin(parcel)
        elif not self.pipelines and said == "MAIL":
            self._say("RCPT", _rcpt(parcel), parcel)
        elif not self.pipelines:
            self._say("DATA", b"DATA\r\n", parcel)

    def _begin(self, parcel: Parcel) -> None:
        self._next, self._body = None, parcel
        self._out.extend(_stuffed(parcel.content))
        if self._watch:
            self._watch(f"C: [{len(parcel.content):,} bytes]")

    def _completed(self, reply: Reply) -> None:
        assert self._marked
        if 300 <= reply.code < 400:
            self.lose(f"it said {reply}")  # who knows what it waits for
            return
        if reply.good:
            self._decide(self._marked, "accepted", str(reply))
        else:
            self._decide(self._marked, "deferred" if reply.temporary else "refused", str(reply))
        self._marked = None
        self.ready = not self._next

    def _reject(self, said: Said, parcel: Parcel, reply: Reply) -> None:
        """The server will not have this message, and its body was not sent."""
        self._dirty = True
        if said != "DATA" and reply.code == 530:
            self.give_up(f"it wants a login: {reply}")
            return
        ours = _is_ours(said, reply)
        if reply.code >= 500 and not ours:
            self._decide(parcel, "refused", f"{said}: {reply}", hard=said == "RCPT" and _is_address_bad(reply))
        else:
            # No word on this message. That it waits a while keeps it from stopping run after run before all others.
            self._decide(parcel, "deferred", f"{said}: {reply}")
        self._void = True
        if ours:
            self.give_up(f"it refuses our sender {parcel.sender or '<>'}: {reply}")
        elif said == "DATA" or not self.pipelines:
            self._free()

    def _free(self) -> None:
        self._next, self._void = None, False
        self.ready = True

    def _decide(self, parcel: Parcel, state: "_Settled", detail: str, *, hard: bool = False) -> None:
        self.decided += 1
        self._settle(parcel, state, detail, hard=hard)

    def _settle(self, parcel: Parcel, state: "_Settled", detail: str, *, hard: bool = False) -> None:
        self.outcomes.append(Outcome(parcel.id, state, detail[:500], hard))

    # ------------------------------------------------------------------------------------------- envelopes

    def _unfit(self, parcel: Parcel) -> str:
        """Why this server cannot be given the message (RFC 1870, 6152, 6531); empty where it can."""
        content = parcel.content
        for address in (parcel.sender, parcel.recipient):
            if _NO_ADDRESS.search(address) or len(address.encode()) > 320:
                return f"{address[:80]!a} is no address"
            if not address.isascii() and "SMTPUTF8" not in self._offers:
                return f"the server takes no address beyond ASCII, as {address} is (SMTPUTF8)"
        if not parcel.recipient:
            return "there is no address"
        size = self._offers.get("SIZE", "")
        if size.isdecimal() and 0 < int(size[:20]) < len(content):
            return f"the mail has {len(content):,} bytes, and the server takes {int(size):,}"
        if not content.isascii() and "8BITMIME" not in self._offers:
            return "the mail has bytes beyond ASCII, and the server takes none (8BITMIME)"
        return "" if _has_lines(content) else "the mail has a line that does not end in CR LF"

    def _mail(self, parcel: Parcel) -> bytes:
        line = f"MAIL FROM:<{parcel.sender}>"
        if "SIZE" in self._offers:
            line += f" SIZE={len(parcel.content)}"
        if not parcel.content.isascii():
            line += " BODY=8BITMIME"
        if not (parcel.sender.isascii() and parcel.recipient.isascii()):
            line += " SMTPUTF8"
        return f"{line}\r\n".encode()


_Settled = Literal["accepted", "refused", "deferred", "in doubt"]

_AWAITED: dict[Said | None, str] = {
    "greeting": "our connection",
    "dot": "the end of the message",
    "LOGIN user": "AUTH",
    "LOGIN password": "AUTH",
    None: "the message's body",
}
"""What we waited for, in sentences."""


def _rcpt(parcel: Parcel) -> bytes:
    return f"RCPT TO:<{parcel.recipient}>\r\n".encode()


def _has_lines(content: bytes) -> bool:
    """Every CR stands before a LF and every LF behind a CR: another server might take what does not for the end of
    the message (CVE-2023-51764). The decoder looks for line ends in one pass, and notes which kinds it saw.
    """
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(content.decode("latin-1"), final=True)
    return decoder.newlines in (None, "\r\n")


def _stuffed(content: bytes) -> Iterator[memoryview]:
    """The body as it travels, but for the last dot: a line that begins with a dot has one more (RFC 5321 section
    4.5.2), and the last line is ended. No copy is made of a body that needs none.
    """
    if content.startswith(b"."):
        yield memoryview(b".")
    if content:
        # Looking from the end is twice as fast.
        yield memoryview(content if content.rfind(b"\r\n.") < 0 else content.replace(b"\r\n.", b"\r\n.."))
    if not content.endswith(b"\r\n"):
        yield memoryview(b"\r\n")


def _is_ours(said: Said, reply: Reply) -> bool:
    """It has something against us, and would have it against each message; a message may only be too large."""
    if reply.code < 500 or said == "DATA":
        return False
    if said == "MAIL":
        return reply.code != 552 and reply.enhanced != "5.3.4"
    return reply.enhanced in SENDER_IS_BAD


def _is_address_bad(reply: Reply) -> bool:
    return reply.enhanced in ADDRESS_IS_BAD if reply.enhanced else reply.code in (550, 551, 553)
