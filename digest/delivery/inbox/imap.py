"""An inbox on a server, read over TLS (RFC 9051, RFC 3501): unread messages are peeked at, and those that were acted on
get the flag `\\Seen`.

imaplib speaks, over a connection that has an end in time and in bytes, however the server behaves. Messages are named
by their UIDs: numbers change while others delete. No UID is kept for the next session, so UIDVALIDITY does not matter.
"""

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import socket
from typing import TYPE_CHECKING, Any

from digest.delivery.inbox import LARGEST, MOST_MESSAGES, PATIENCE, too_many
from digest.delivery.incoming import FIELDS
from digest.delivery.settings import Imap, Server
from digest.delivery.smtp.connecting import Place, find, reason
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

CONNECTING = 20.0
"""Of the seconds of `PATIENCE`, those for the server to be found and reached."""
MOST_BYTES = 64 * 2**20
"""What a server may say in one session."""

_BATCH = 50
_HEAD = 16_384
_HEADS = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]<0.{_HEAD}>)"
_SLICE = 0.5
"""Seconds after which a wait looks up whether it should end."""

_UID = pattern(rb"\bUID (\d{1,10})\b")


class _Over(Exception):
    """The session cannot go on: why, in words; empty where nothing is wrong."""


class ImapInbox:
    """A `digest.delivery.inbox.Inbox`. `clock` gives seconds; `largest` is how many bytes of a message are read."""

    def __init__(
        self,
        settings: Imap,
        password: str,
        *,
        clock: Callable[[], float],
        patience: float = PATIENCE,
        largest: int = LARGEST,
    ) -> None:
        self._settings = settings
        self._largest = largest
        self._password = password
        self._clock = clock
        self._patience = patience

    def read(
        self, look: Callable[[bytes], bool], act: Callable[[bytes], bool], stopping: Callable[[], bool]
    ) -> list[str]:
        until = self._clock() + self._patience

        def left() -> float:
            """Seconds; raises _Over where there are none."""
            if stopping():
                raise _Over("")
            if (seconds := until - self._clock()) <= 0:
                raise _Over(f"it took longer than {self._patience:g} s, and the rest is read next time")
            return seconds

        problems: list[str] = []
        try:
            session = self._open(left)
            try:
                problems += too_many(self._work(session, look, act))
                with suppress(*_BROKEN):
                    session.logout()
            finally:
                with suppress(OSError):
                    session.shutdown()
        except _Over as error:
            problems += [self._told(str(error))] if str(error) else []
        return problems

    def _told(self, why: str) -> str:
        """Servers may repeat what they were told, passwords too."""
        for secret in (self._password, _plain(self._settings.user, self._password).decode("ascii")):
            why = why.replace(secret, "********")
        return f"{self._settings.host}: {one_line(why)[:300]}"

    def _open(self, left: Callable[[], float]) -> "_Session":
        """A session with the folder selected."""
        settings = self._settings
        server = Server(settings.host, settings.port, "tls", helo="localhost", authorities=settings.authorities)
        try:
            session = _Session(find(server, min(left(), CONNECTING)), settings, left, self._largest)
        except OSError as error:
            raise _Over(f"no connection: {reason(error)}") from None
        except _BROKEN as error:
            raise _Over(f"it does not speak IMAP: {_words(error)}") from None
        try:
            self._log_in(session)
            _select(session, settings.folder)
        except BaseException:
            with suppress(OSError):
                session.shutdown()
            raise
        return session

    def _log_in(self, session: "_Session") -> None:
        user, password = self._settings.user, self._password
        if re.search(r"[\0\r\n]", user + password):
            raise _Over("the user or the password has a line break in it")
        try:
            if "AUTH=PLAIN" in session.capabilities:
                session.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            elif (user + password).isascii():
                session.login(_quoted(user), password)
            else:
                raise _Over("it takes no user or password beyond ASCII (AUTH=PLAIN)")
        except imaplib.IMAP4.abort as error:
            raise _Over(f"it broke off: {_words(error)}") from None
        except imaplib.IMAP4.error as error:
            raise _Over(f"it refuses user and password: {_words(error)}") from None
        except _BROKEN as error:
            raise _Over(f"it broke off: {_words(error)}") from None

    def _work(self, session: "_Session", look: Callable[[bytes], bool], act: Callable[[bytes], bool]) -> int:
        """How many messages are unread."""
        unread = _search(session, "UNSEEN", "UNDELETED")
        # Who asks to be left alone is heard first, however much else there is.
        asking = _search(session, "UNSEEN", "UNDELETED", "SUBJECT", "unsubscribe")
        whole = f"(UID BODY.PEEK[]<0.{self._largest}>)"
        chosen = list(dict.fromkeys([*asking, *unread]))[:MOST_MESSAGES]
        for at in range(0, len(chosen), _BATCH):
            for uid, head in _fetch(session, chosen[at : at + _BATCH], _HEADS):
                if look(head) and any(act(content) for _, content in _fetch(session, [uid], whole)):
                    _said_ok(session, "it cannot mark a mail as read", "STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        return len(unread)


# ------------------------------------------------------------------------------------------------ commands


_BROKEN = (imaplib.IMAP4.error, OSError, ValueError, LookupError, AttributeError, TypeError)
"""What imaplib raises for what a server says: its own errors, and others for what is no answer at all."""


def _said_ok(session: "_Session", trouble: str, *command: str) -> list[Any]:
    """The data of a UID command. Raises _Over."""
    try:
        answer, data = session.uid(*command)
    except _BROKEN as error:
        raise _Over(f"it broke off: {_words(error)}") from None
    if answer != "OK":
        raise _Over(f"{trouble}: {_words(data[-1] if data else '')}")
    return data


def _select(session: "_Session", folder: str) -> None:
    """SELECT, for EXAMINE would not let us mark what was read."""
    try:
        answer, data = session.select(mailbox_name(folder))
    except imaplib.IMAP4.readonly:
        raise _Over(f"the folder {folder} can only be looked at: what is read there cannot be marked") from None
    except _BROKEN as error:
        raise _Over(f"it broke off: {_words(error)}") from None
    if answer != "OK":
        raise _Over(f"the folder {folder} cannot be opened: {_words(data[-1] if data else '')}")


def _search(session: "_Session", *criteria: str) -> list[int]:
    """UIDs, the newest first."""
    data = _said_ok(session, "it does not search", "SEARCH", *criteria)
    words = b" ".join(one for one in data if isinstance(one, bytes)).split()
    return sorted({int(word) for word in words if word.isdigit() and len(word) <= 10}, reverse=True)


def _fetch(session: "_Session", uids: Sequence[int], what: str) -> list[tuple[int, bytes]]:
    """What of each of `uids` is there, in their order: others may have deleted some."""
    data = _said_ok(session, "it does not show its mails", "FETCH", ",".join(map(str, uids)), what)
    shown: dict[int, bytes] = {}
    for here, following in zip(data, [*data[1:], b""], strict=True):
        if isinstance(here, tuple):
            # The UID stands before the content, or after it.
            found = _UID.search(here[0]) or _UID.search(following if isinstance(following, bytes) else b"")
            if found:
                shown[int(found[1])] = here[1]
    return [(uid, shown[uid]) for uid in uids if uid in shown]


def mailbox_name(folder: str) -> str:
    """A folder's name as a command has it: in UTF-7 of a kind (RFC 3501 section 5.1.3), in quotation marks."""
    return _quoted(re.sub(r"[^\x20-\x7e]+|&", _shifted, folder))


def _shifted(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    coded = b64encode(found[0].encode("utf-16-be", "replace"), b"+,").rstrip(b"=").decode("ascii")
    return f"&{coded}-"


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _plain(user: str, password: str) -> bytes:
    return b64encode(f"\0{user}\0{password}".encode("utf-8", "replace"))


def _words(said: object) -> str:
    if isinstance(said, OSError):
        return reason(said)
    if isinstance(said, Exception) and said.args:
        said = said.args[0]  # imaplib raises some answers as they came
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


# ---------------------------------------------------------------------------------------------- connection


class _Session(imaplib.IMAP4):
    """imaplib over a connection of ours. `left` gives the seconds that are left, or raises."""

    def __init__(self, place: Place, settings: Imap, left: Callable[[], float], largest: int) -> None:
        self._place = place
        self._largest = largest
        self._left = left
        self._received = bytearray()
        self._budget = MOST_BYTES
        super().__init__(settings.host, settings.port)

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = self._connected()

    def read(self, size: int) -> bytes:
        if size > self._largest + _HEAD:
            raise self.abort(f"it sends {size:,} bytes, which nobody asked for")
        while len(self._received) < size:
            self._receive()
        return self._taken(size)

    def readline(self) -> bytes:
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > _LINE:
                raise self.abort("its answer has no end")
            self._receive()
        return self._taken(end + 1)

    def send(self, data: "Buffer") -> None:
        self.sock.settimeout(self._left())
        self.sock.sendall(data)

    def shutdown(self) -> None:
        self.sock.close()

    def _receive(self) -> None:
        while True:
            self.sock.settimeout(min(self._left(), _SLICE))
            try:
                data = self.sock.recv(65_536)
            except TimeoutError:
                continue
            if not data:
                raise self.abort("it hung up")
            self._budget -= len(data)
            if self._budget < 0:
                raise self.abort(f"it sends more than {MOST_BYTES:,} bytes")
            self._received += data
            return

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _connected(self) -> ssl.SSLSocket:
        """The first of the server's addresses that takes us, each given its share of the time."""
        assert self._place.context, "what goes over the network is encrypted"
        failed: OSError = OSError("it has no address")
        for number, address in enumerate(self._place.addresses):
            plain = socket(address.family)
            plain.settimeout(min(self._left(), CONNECTING / (len(self._place.addresses) - number)))
            try:
                plain.connect(address.sockaddr)
                return self._place.context.wrap_socket(plain, server_hostname=self.host)
            except (OSError, ValueError) as error:
                plain.close()
                failed = error if isinstance(error, OSError) else OSError(str(error))
        raise failed


_LINE = 1_000_000
