"""How long a server may take, and how much it is given a minute."""

from collections import deque
from typing import NamedTuple


class Deadlines(NamedTuple):
    """Seconds for each step as a whole, however often bytes come meanwhile (RFC 5321 section 4.5.3.2)."""

    connect: float = 30.0
    """For all addresses of the server together."""
    command: float = 300.0
    """Until the whole reply is there; for the TLS handshake too."""
    body: float = 180.0
    """Until the network has taken all of a message."""
    dot: float = 600.0
    session: float = 3600.0
    """A connection of that age is given no further message."""
    quit: float = 2.0


class Pace:
    """At most so many messages in any minute; no limit where `most` is 0."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._went: deque[float] = deque()
        """When those of the last minute went."""

    def room(self, now: float, asked: int) -> int:
        """How many of the `asked` messages may go now."""
        if not self._most:
            return asked
        while self._went and now - self._went[0] >= 60.0:
            self._went.popleft()
        return min(asked, self._most - len(self._went))

    def take(self, now: float) -> None:
        """One goes now."""
        if self._most:
            self._went.append(now)

    def pause(self, now: float) -> float:
        """Seconds until there is room for one; 0 where there is."""
        return 0.0 if self.room(now, 1) else max(60.0 - (now - self._went[0]), 0.001)
