"""Mail by SMTP, or LMTP: several connections at a time, everything pipelined, and each message's fate on disk.

    claim ─▶ MAIL RCPT DATA ─▶ body ─▶ journal: mark ─▶ dot, the next MAIL RCPT DATA ─▶ reply ─▶ journal: settle

One thread waits for all connections. In each turn it reads whatever came, hands all that has to be recorded to the
journal in one step, and only then sends the dots that waited for it: so a commit serves as many connections as were
ready, and an answer that was read is on disk in the same turn.
"""

import selectors
from collections import deque
from collections.abc import Callable
from ssl import SSLContext
from threading import Thread
from typing import TYPE_CHECKING

from digest.delivery import Journal
from digest.delivery.settings import Server
from digest.delivery.smtp.connecting import Address, Connection, Deadlines, is_private, own_name, resolve, trust
from digest.delivery.smtp.dialogue import Dialogue
from digest.model import Outcome, Parcel

if TYPE_CHECKING:
    from socket import socket

__all__ = ["Deadlines", "Smtp"]

LOSSES = 3
"""After so many connections that broke without any message getting through, the server is left alone for this run."""

PATIENCE = 30.0
"""Seconds that messages which are under way are given when somebody wants us to stop (RELIABILITY O03)."""


class Smtp:
    """A `digest.delivery.Carrier` to one server."""

    def __init__(
        self,
        server: Server,
        password: str = "",
        *,
        clock: Callable[[], float],
        deadlines: Deadlines | None = None,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """`clock` gives seconds that only go up; `watch` is told each line that is said and heard, without secrets."""
        self._server = server
        self._password = password
        self._clock = clock
        self._deadlines = deadlines or Deadlines()
        self._watch = watch

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        first = journal.step(wanted=1)
        if not first:
            return ""
        try:
            addresses = _within(self._deadlines.connect, lambda: resolve(self._server))
            context = None if self._server.tls == "none" else trust(self._server)
        except OSError as error:
            why = f"{self._server.host}: {error.strerror or error}"
            journal.step(settled=[Outcome(parcel.id, "rendered", why) for parcel in first])
            return why
        run = _Run(self, journal, stopping, addresses, context, first)
        try:
            return run.go()
        finally:
            run.close()

    def dial(self, addresses: list[Address], context: SSLContext | None, now: float) -> Connection:
        private = all(map(is_private, addresses))
        dialogue = Dialogue(self._server, self._password, own_name(self._server), private=private, watch=self._watch)
        return Connection(self._server, dialogue, addresses, context, self._deadlines, now)


class _Run:
    """One `carry`: its connections, and the parcels that are claimed and not given to one yet."""

    def __init__(
        self,
        smtp: Smtp,
        journal: Journal,
        stopping: Callable[[], bool],
        addresses: list[Address],
        context: SSLContext | None,
        first: list[Parcel],
    ) -> None:
        self._smtp, self._server, self._clock = smtp, smtp._server, smtp._clock
        self._journal = journal
        self._stopping = stopping
        self._addresses, self._context = addresses, context
        self._pool = deque(first)
        self._connections: list[Connection] = []
        self._selector = selectors.DefaultSelector()
        self._watched: dict[Connection, tuple[socket, int, int]] = {}
        """The socket of a connection that is waited for, for what, and its number, which a closed one has lost."""
        self._settled: list[Outcome] = []
        self._dry = False
        """The journal has nothing more to give."""
        self._why = ""
        self._losses = 0
        self._stop_at = 0.0
        self._slots: deque[float] = deque()
        """When the messages of the last minute went, where there is a limit."""

    def go(self) -> str:
        while True:
            self._heed()
            if not self._active() and not (self._pool and not self._why):
                break
            self._dial()
            self._wait()
            self._record()
        self._give_back()
        self._part()
        return self._why

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._selector.close()

    # ------------------------------------------------------------------------------------------ one turn

    def _active(self) -> bool:
        return bool(self._settled) or any(one.dialogue.carrying for one in self._connections)

    def _heed(self) -> None:
        """Somebody may want us to stop: what is begun is finished, within bounds."""
        if self._why or not self._stopping():
            return
        now = self._clock()
        self._dry = True
        self._stop_at = self._stop_at or now + PATIENCE
        self._return([*self._pool], "somebody stopped the run")
        self._pool.clear()
        for one in self._connections:
            if not one.dialogue.midway or now > self._stop_at:
                one.dialogue.lose("we were told to stop")

    def _dial(self) -> None:
        """Another connection, where parcels wait that no one can take."""
        busy = len(self._connections)
        if self._pool and not self._why and busy < self._server.connections and self._may_dial():
            connection = self._smtp.dial(self._addresses, self._context, self._clock())
            self._connections.append(connection)
            self._watch(connection)

    def _may_dial(self) -> bool:
        coming = sum(not one.dialogue.carrying for one in self._connections)
        return coming < len(self._pool)

    def _wait(self) -> None:
        """Wait until something happens, and take part in it."""
        now = self._clock()
        left = [one.look(now) for one in self._connections if one.open]
        self._collect()
        pause = self._pause(now)
        timeout = min([*left, pause, 1.0]) if left or pause else 0.0
        events = self._selector.select(timeout) if self._selector.get_map() else []
        now = self._clock()
        for key, _ in events:
            connection: Connection = key.data
            connection.turn(now)
            self._watch(connection)
        self._collect()

    def _collect(self) -> None:
        """Take from the dialogues what became of parcels, and part with connections that are gone."""
        for one in [*self._connections]:
            dialogue = one.dialogue
            if dialogue.outcomes:
                if any(outcome.state == "accepted" for outcome in dialogue.outcomes):
                    self._losses = 0
                self._settled += dialogue.outcomes
                dialogue.outcomes = []
            if dialogue.closed:
                self._lost(one)

    def _lost(self, connection: Connection) -> None:
        dialogue = connection.dialogue
        self._connections.remove(connection)
        self._unwatch(connection)
        self._losses += 1
        if dialogue.halt:
            self._why = self._why or f"{self._server.host}: {dialogue.halt}"
        elif self._losses >= LOSSES:
            self._why = self._why or f"{self._server.host}: the connection broke {self._losses} times: {dialogue.why}"
        if self._why or self._stop_at:
            self._return(dialogue.returned, self._why or "somebody stopped the run")
        else:
            self._pool.extendleft(reversed(dialogue.returned))
        if self._why:
            self._dry = True
            self._return([*self._pool], self._why)
            self._pool.clear()

    def _record(self) -> None:
        """One step of the journal for everything that waits for one, then whatever that allows."""
        marking = [one for one in self._connections if one.dialogue.wants_mark]
        takers = [one for one in self._connections if self._takes(one)]
        wanted = 0
        if not self._dry and not self._why:
            ahead = [one for one in marking if one.dialogue.pipelines and not self._spent(one, 1)]
            idle = self._server.connections - len(self._connections)
            wanted = max(0, min(self._room(), len(takers) + len(ahead) + idle) - len(self._pool))
        if self._settled or marking or wanted:
            marked = [parcel.id for one in marking if (parcel := one.dialogue.wants_mark)]
            settled, self._settled = self._settled, []
            parcels = self._journal.step(settled=settled, marked=marked, wanted=wanted)
            self._dry = self._dry or len(parcels) < wanted
            self._pool.extend(parcels)
        for one in marking:
            following = self._take() if one.dialogue.pipelines and not self._spent(one, 1) else None
            one.dialogue.release(following)
            one.write()
            self._watch(one)
        for one in takers:
            if parcel := self._take():
                one.dialogue.give(parcel)
                one.write()
                self._watch(one)
        self._renew()
        self._collect()

    def _takes(self, one: Connection) -> bool:
        return one.dialogue.ready and not self._spent(one, 0)

    def _spent(self, one: Connection, more: int) -> bool:
        return one.dialogue.delivered + more >= self._server.messages

    def _renew(self) -> None:
        """Part with connections that have carried their share."""
        for one in [*self._connections]:
            if one.dialogue.ready and self._spent(one, 0) and not one.dialogue.carrying:
                self._farewell(one)
                self._connections.remove(one)

    def _take(self) -> Parcel | None:
        if not self._pool or not self._room():
            return None
        if self._server.per_minute:
            self._slots.append(self._clock())
        return self._pool.popleft()

    def _room(self) -> int:
        """How many more messages may go now."""
        most = self._server.per_minute
        if not most:
            return self._server.connections * 2
        now = self._clock()
        while self._slots and now - self._slots[0] >= 60.0:
            self._slots.popleft()
        return most - len(self._slots)

    def _pause(self, now: float) -> float:
        """Seconds until another message may go; 0 where one may."""
        if self._room() > 0 or not self._pool:
            return 0.0
        return max(60.0 - (now - self._slots[0]), 0.01)

    # ----------------------------------------------------------------------------------------------- ends

    def _return(self, parcels: list[Parcel], why: str) -> None:
        self._settled += [Outcome(parcel.id, "rendered", why[:500]) for parcel in parcels]

    def _give_back(self) -> None:
        self._return([*self._pool], self._why)
        self._pool.clear()
        if self._settled:
            self._journal.step(settled=self._settled)
            self._settled = []

    def _part(self) -> None:
        for one in self._connections:
            self._farewell(one)

    def _farewell(self, connection: Connection) -> None:
        """Say good-bye. Nobody waits for the answer: all that counts is on disk."""
        connection.dialogue.quit()
        connection.write()
        self._unwatch(connection)
        connection.close()

    def _watch(self, connection: Connection) -> None:
        if not connection.open or not connection.socket:
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.writes else 0)
        if self._watched.get(connection, ())[:2] != (connection.socket, wanted):
            self._unwatch(connection)
            self._selector.register(connection.socket, wanted, connection)
            self._watched[connection] = connection.socket, wanted, connection.socket.fileno()

    def _unwatch(self, connection: Connection) -> None:
        if connection in self._watched:
            self._selector.unregister(self._watched.pop(connection)[2])


def _within(seconds: float, work: Callable[[], list[Address]]) -> list[Address]:
    """What `work` gives; the system's resolver knows no deadline. Raises OSError."""
    found: list[list[Address]] = []
    failed: list[OSError] = []

    def attempt() -> None:
        try:
            found.append(work())
        except OSError as error:
            failed.append(error)

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise OSError(None, f"its name was not resolved in {seconds:g} s")
    return found[0]
