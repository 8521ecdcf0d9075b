"""Mail by SMTP, or LMTP: several connections at a time, everything pipelined, and each message's fate on disk.

    we say                           the server says             the journal is told
    EHLO                             250-PIPELINING …            wanted: claimed
    MAIL, RCPT, DATA of the first    250, 250, 354
    its body                                                     marked: from here on it may have arrived
    ".", MAIL, RCPT, DATA of the     250 queued as 4F1, 250,
      second                           250, 354
    the second's body                                            settled, marked, wanted: one step
    ".", …

One thread waits for all connections (`loop`). In each turn it reads whatever came, writes what needs no leave, hands
all that has to be recorded to the journal in one step, and only then sends the dots that waited for it. So a message
costs one round trip and one commit, a commit serves all connections that are ready, and an answer that was read is on
disk in the same turn. What is said on one connection is decided by a machine without a network (`dialogue`).
"""

from collections.abc import Callable

from digest.delivery import Journal
from digest.delivery.settings import Server
from digest.delivery.smtp.connecting import Connection, find
from digest.delivery.smtp.dialogue import Dialogue
from digest.delivery.smtp.loop import Loop
from digest.delivery.smtp.timing import Deadlines
from digest.model import Outcome

__all__ = ["Deadlines", "Smtp"]

DEADLINES = Deadlines()


class Smtp:
    """A `digest.delivery.Carrier` to one server."""

    def __init__(
        self,
        server: Server,
        password: str = "",
        *,
        clock: Callable[[], float],
        deadlines: Deadlines = DEADLINES,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """`clock` gives seconds that only go up. `watch` is told each line that is said (`C: …`) and heard (`S: …`),
        without passwords, and of each message how long it is.
        """
        self._server = server
        self._password = password
        self._clock = clock
        self._deadlines = deadlines
        self._watch = watch

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        """As `digest.delivery.Carrier`; empty too where `stopping()` ended it. Where nothing is to be sent no
        connection is made.
        """
        most = max(self._server.connections, 1)
        first = journal.step(wanted=most)
        if not first:
            return ""
        try:
            place = find(self._server, self._deadlines.connect)
        except OSError as error:
            why = f"{self._server.host}: {error.strerror or error}"
            journal.step(settled=[Outcome(parcel.id, "rendered", why) for parcel in first])
            return why

        def dial(now: float) -> Connection:
            dialogue = Dialogue(self._server, self._password, place.name, private=place.private, watch=self._watch)
            return Connection(self._server, dialogue, place, self._deadlines, now)

        loop = Loop(self._server, journal, stopping, clock=self._clock, dial=dial, quitting=self._deadlines.quit)
        return loop.carry(first, dry=len(first) < most)
