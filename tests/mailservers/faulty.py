"""A mail server that fails at a given stage in a given way, and notes each message that it stored before it answers.

    with serving(Setting(tls=certificates.context, login=("digest", "secret"))) as server:
        server.fail(Fault("hang-up", "dot", recipient="bea@example.org"))
        ...
        server.heal()
        server.stored       # what has arrived, in order, whether or not anybody was told

One thread for each connection, real sockets on loopback. RFC 5321 with PIPELINING, STARTTLS, AUTH, SIZE, 8BITMIME and
SMTPUTF8, or LMTP. Where a fault says nothing of times it strikes once.
"""

import re
import socket
import ssl
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import sleep
from typing import Literal, NamedTuple

Kind = Literal["4xx", "5xx", "421", "hang-up", "silence", "drip", "say"]
Stage = Literal["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot"]

KINDS: tuple[Kind, ...] = ("4xx", "5xx", "421", "hang-up", "silence", "drip")
STAGES: tuple[Stage, ...] = ("greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot")
ALWAYS = 1_000_000

REFUSALS: dict[tuple[str, str], str] = {
    ("greeting", "4xx"): "450 4.3.2 not now",
    ("greeting", "5xx"): "554 5.3.2 no mail is taken here",
    ("EHLO", "4xx"): "450 4.7.1 not now",
    ("EHLO", "5xx"): "550 5.7.1 not from you",
    ("STARTTLS", "4xx"): "454 4.7.0 TLS is not available",
    ("STARTTLS", "5xx"): "502 5.5.1 no such command",
    ("AUTH", "4xx"): "454 4.7.0 ask again later",
    ("AUTH", "5xx"): "535 5.7.8 wrong",
    ("MAIL", "4xx"): "451 4.3.0 not now",
    ("MAIL", "5xx"): "550 5.7.1 not from that sender",
    ("RCPT", "4xx"): "450 4.2.0 grey",
    ("RCPT", "5xx"): "550 5.1.1 nobody of that name",
    ("DATA", "4xx"): "451 4.3.0 not now",
    ("DATA", "5xx"): "554 5.5.0 no",
    ("body", "4xx"): "451 4.3.0 something went wrong",
    ("body", "5xx"): "552 5.3.4 too much",
    ("dot", "4xx"): "451 4.3.0 not now",
    ("dot", "5xx"): "554 5.6.0 not that",
}
"""What servers say at each stage (RFC 5321 section 4.3.2, RFC 3207, RFC 4954)."""


class Fault(NamedTuple):
    """What goes wrong where."""

    kind: Kind
    stage: Stage
    recipient: str = ""
    """Only over this recipient's mail; which is known from RCPT on."""
    times: int = 1
    skip: int = 0
    """So often it goes well before."""
    text: bytes = b""
    """For `say`: the bytes that are said in place of the reply. For the others, where it is not empty, the refusal."""
    then: Literal["go on", "hang up", "fall silent"] = "go on"
    """For `say`: what it does behind it."""
    store: bool = True
    """At the dot: whether what hangs up, falls silent or drips has stored the message before. A refusal never has."""


class Stored(NamedTuple):
    """A message that arrived."""

    recipient: str
    sender: str
    content: bytes
    """Without dot-stuffing."""

    @property
    def message_id(self) -> str:
        found = re.search(rb"(?im)^Message-ID:\s*(<[^>]*>)", self.content)
        return found[1].decode() if found else ""


@dataclass(frozen=True)
class Setting:
    """What the server is like."""

    tls: ssl.SSLContext | None = None
    wrapped: bool = False
    """TLS from the first byte, in place of STARTTLS."""
    login: tuple[str, str] | None = None
    ways: str = "PLAIN LOGIN"
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    lmtp: bool = False
    most: int = 0
    """So many connections at a time; others are told 421. 0: any number."""
    family: socket.AddressFamily = socket.AF_INET
    drip: float = 0.1
    """Seconds for each byte that drips."""
    pause: float = 0.0
    """Seconds before the reply to a dot, in which the message is stored already."""


class Gone(Exception):
    """The session is over."""


@dataclass
class FaultyServer:
    """Made by `serving`."""

    setting: Setting
    listener: socket.socket
    faults: list[Fault] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    """The lines of all clients but bodies, in order."""
    connections: int = 0
    most_at_once: int = 0
    struck: Counter[Fault] = field(default_factory=Counter)
    """How often each fault happened."""
    _seen: Counter[Fault] = field(default_factory=Counter)
    _open: int = 0
    _lock: Lock = field(default_factory=Lock)
    _over: Event = field(default_factory=Event)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def fail(self, *faults: Fault) -> None:
        self.faults = [*faults]

    def heal(self) -> None:
        """Nothing goes wrong any more; whoever is silent, or drips, hangs up."""
        self.faults = []
        self._over.set()
        self._over = Event()

    def fresh(self) -> None:
        """As it was when it was made."""
        self.heal()
        self.stored, self.said, self.connections, self.most_at_once = [], [], 0, 0
        self.struck.clear()
        self._seen.clear()

    def strikes(self, stage: Stage, recipient: str) -> Fault | None:
        """The fault that happens now."""
        with self._lock:
            for fault in self.faults:
                if fault.stage == stage and fault.recipient in ("", recipient):
                    self._seen[fault] += 1
                    if fault.skip < self._seen[fault] <= fault.skip + fault.times:
                        self.struck[fault] += 1
                        return fault
        return None

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                Thread(target=self._talk, args=[self.listener.accept()[0]], daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
            full = 0 < self.setting.most < self._open
        session = Session(self, sock, self._over)
        try:
            with suppress(Gone, OSError, ssl.SSLError):
                session.talk(full=full)
        finally:
            with self._lock:
                self._open -= 1
            session.sock.close()


class Session:
    """One connection."""

    def __init__(self, server: FaultyServer, sock: socket.socket, over: Event) -> None:
        self.server, self.setting, self.sock, self.over = server, server.setting, sock, over
        self.sock.settimeout(30)
        if self.sock.family != socket.AF_UNIX:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sender = self.recipient = ""
        self.secure = self.logged_in = self.mail = False

    # ------------------------------------------------------------------------------------------- bytes

    def line(self) -> bytes:
        """The next line, without its end. Raises Gone."""
        while b"\n" not in self.buffer:
            data = self.sock.recv(65_536)
            if not data:
                raise Gone
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.removesuffix(b"\r")

    def say(self, text: str) -> None:
        self.sock.sendall(text.encode() + b"\r\n")

    def wait(self) -> None:
        """Until the client has gone, or the server is healed; without reading. Raises Gone."""
        self.over.wait(30)
        raise Gone

    def answer(self, stage: Stage, text: str) -> bool:
        """Say `text`, or fail; whether it was said. Raises Gone."""
        fault = self.server.strikes(stage, self.recipient)
        if fault:
            return self.fail(fault, text)
        self.say(text)
        return True

    def fail(self, fault: Fault, text: str) -> bool:
        """What happens in place of saying `text`; whether the client is right to take it for that. Raises Gone."""
        if fault.kind == "say":
            self.sock.sendall(fault.text)
            if fault.then == "hang up":
                raise Gone
            if fault.then == "fall silent":
                self.wait()
            return fault.text.startswith(text[:3].encode())
        if fault.kind == "silence":
            self.wait()
        if fault.kind == "drip":
            for byte in text.encode() + b"\r\n":
                self.sock.sendall(bytes([byte]))
                sleep(self.setting.drip)
        if fault.kind in ("4xx", "5xx"):
            self.say(fault.text.decode() or REFUSALS[fault.stage, fault.kind])
            return False
        if fault.kind == "421":
            self.say(fault.text.decode() or "421 4.3.2 going down")
        raise Gone

    # ------------------------------------------------------------------------------------------- words

    def talk(self, *, full: bool) -> None:
        if self.setting.wrapped:
            self.wrap()
        if full:
            self.say("421 4.7.0 too many connections")
            return
        self.answer("greeting", "220 faulty.example ESMTP ready when you are")
        while True:
            line = self.line()
            self.server.said.append(line)
            word, _, rest = line.decode("utf-8", "replace").partition(" ")
            act = getattr(self, f"on_{word.lower()}", None)
            if act:
                act(rest)
            else:
                self.say("500 5.5.2 what?")

    def wrap(self) -> None:
        assert self.setting.tls
        self.buffer = b""
        self.sock = self.setting.tls.wrap_socket(self.sock, server_side=True)
        self.secure = True

    def on_ehlo(self, name: str) -> None:
        words = [*self.setting.offers]
        if self.setting.tls and not self.secure:
            words.append("STARTTLS")
        elif self.setting.login:
            words.append(f"AUTH {self.setting.ways}")
        lines = ["faulty.example", *words]
        self.answer("EHLO", "\r\n".join([*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}"]))

    on_lhlo = on_ehlo

    def on_helo(self, name: str) -> None:
        self.say("250 faulty.example")

    def on_starttls(self, _: str) -> None:
        if self.answer("STARTTLS", "220 2.0.0 go ahead"):
            self.wrap()

    def on_auth(self, words: str) -> None:
        way, _, first = words.partition(" ")
        if way.upper() == "LOGIN":
            self.say("334 VXNlcm5hbWU6")
            user = self.line()
            self.say("334 UGFzc3dvcmQ6")
            given = (b64decode(user).decode(), b64decode(self.line()).decode())
        else:
            given = tuple(b64decode(first).decode().split("\0")[1:])  # type: ignore[assignment]
        if given != self.setting.login:
            self.say("535 5.7.8 wrong")
        elif self.answer("AUTH", "235 2.7.0 welcome"):
            self.logged_in = True

    def on_mail(self, words: str) -> None:
        if self.setting.login and not self.logged_in:
            self.say("530 5.7.0 log in first")
            return
        self.sender, self.recipient = _address(words), ""
        self.mail = self.answer("MAIL", "250 2.1.0 ok")

    def on_rcpt(self, words: str) -> None:
        if not self.mail:
            self.say("503 5.5.1 MAIL first")
            return
        self.recipient = _address(words)
        if not self.answer("RCPT", "250 2.1.5 ok"):
            self.recipient = ""

    def on_data(self, _: str) -> None:
        if not self.mail or not self.recipient:
            self.say("503 5.5.1 no valid recipients")
        elif self.answer("DATA", "354 go on"):
            self.body()
        self.mail, self.recipient = False, ""

    def on_rset(self, _: str) -> None:
        self.mail, self.recipient = False, ""
        self.say("250 2.0.0 ok")

    def on_quit(self, _: str) -> None:
        self.say("221 2.0.0 bye")
        raise Gone

    # ------------------------------------------------------------------------------------------- bodies

    def body(self) -> None:
        lines = [self.line()]
        if fault := self.server.strikes("body", self.recipient):
            self.fail_midway(fault)
        while lines[-1] != b".":
            lines.append(self.line())
        content = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-1])
        self.complete(Stored(self.recipient, self.sender, content))

    def fail_midway(self, fault: Fault) -> None:
        """In the midst of a body, of which the client may have said the whole by now. Raises Gone."""
        if fault.kind == "drip":
            while not self.over.wait(self.setting.drip) and self.sock.recv(1):
                pass
        elif fault.kind != "hang-up":
            if fault.kind != "silence":
                text = "421 4.3.2 going down" if fault.kind == "421" else REFUSALS["body", fault.kind]
                self.say(fault.text.decode() or text)
            self.wait()
        raise Gone

    def complete(self, message: Stored) -> None:
        fault = self.server.strikes("dot", message.recipient)
        if not fault or (fault.store and fault.kind in ("hang-up", "silence", "drip", "say")):
            self.server.stored.append(message)
        sleep(self.setting.pause)
        text = f"250 2.0.0 queued as {len(self.server.stored)}"
        if fault:
            self.fail(fault, text)
        else:
            self.say(text)


def _address(words: str) -> str:
    found = re.search(r"<(.*?)>", words)
    return found[1] if found else ""


@contextmanager
def serving(setting: Setting | None = None, path: str = "") -> Iterator[FaultyServer]:
    """A running server: on a free port of loopback, or on the socket at `path`."""
    setting = setting or Setting()
    family = socket.AF_UNIX if path else setting.family
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(path or ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    listener.listen(100)
    server = FaultyServer(setting, listener)
    Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.heal()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
