"""Several connections served by one thread, turn by turn: read, write, record once, and send what waited for that."""

import selectors
from collections import Counter, deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING

from digest.delivery import Journal
from digest.delivery.settings import Server
from digest.delivery.smtp.connecting import Connection
from digest.delivery.smtp.timing import Pace
from digest.model import Outcome, Parcel

if TYPE_CHECKING:
    from socket import socket

ROUNDS = 3
"""After so many rounds of connections that broke before anything was answered, the server is left alone."""

TRIES = 2
"""A message whose connection broke so often before it was complete is not tried again in this run."""

PATIENCE = 30.0
"""Seconds that messages which are under way are given when somebody wants us to stop."""

LOOKOUT = 1.0
"""Seconds after which we look whether somebody wants that."""

STOPPED = "the run was stopped"


class Loop:
    """One `carry`: its connections, and the parcels that are claimed and not given to one yet."""

    def __init__(
        self,
        server: Server,
        journal: Journal,
        stopping: Callable[[], bool],
        *,
        clock: Callable[[], float],
        dial: Callable[[float], Connection],
        quitting: float,
    ) -> None:
        """`dial` begins a connection, given what `clock` says; `quitting` is how long good-byes may take."""
        self._server, self._journal, self._stopping = server, journal, stopping
        self._clock, self._new, self._quitting = clock, dial, quitting
        self._most = max(server.connections, 1)
        """So many connections at a time."""
        self._pool: deque[Parcel] = deque()
        self._connections: dict[Connection, int] = {}
        """Each with its number, counted from 1."""
        self._numbers = count(1)
        self._selector = selectors.DefaultSelector()
        self._watched: dict[Connection, tuple[socket, int, int]] = {}
        """For which socket a connection waits and for what; and the socket's number, which it loses when closed."""
        self._settled: list[Outcome] = []
        self._pace = Pace(server.per_minute)
        self._dry = False
        """The journal is asked for nothing more."""
        self._why = ""
        self._stop_at = 0.0
        self._rounds = 0
        self._round_until = 0
        """Connections of this number or below belong to a round that is counted already."""
        self._broken: Counter[int] = Counter()
        """How often a connection broke over a parcel."""
        self._aside: list[Parcel] = []

    def carry(self, first: Iterable[Parcel], *, dry: bool) -> str:
        """As `Carrier.carry`, for parcels that are claimed already, `dry` where there are no others."""
        self._pool.extend(first)
        self._dry = dry
        try:
            while self._goes_on():
                self._dial()
                self._turn(self._timeout())
                self._record()
            self._give_back()
            self._part()
        finally:
            for one in self._connections:
                one.close()
            self._selector.close()
        return self._why

    # ------------------------------------------------------------------------------------------ one turn

    def _goes_on(self) -> bool:
        if not self._stop_at and self._stopping():
            self._stop_at = self._clock() + PATIENCE
            self._retire(STOPPED)
        if self._stop_at:
            self._hurry()
        busy = any(one.dialogue.carrying for one in self._connections)
        return bool(self._pool or self._settled or busy or not self._dry)

    def _hurry(self) -> None:
        """Somebody wants us to stop: only what is midway goes on, and not for long."""
        late = self._clock() > self._stop_at
        for one in self._connections:
            if late or not (one.dialogue.midway or one.dialogue.ready):
                one.dialogue.lose(STOPPED)
        self._collect()

    def _dial(self) -> None:
        """More connections, where parcels wait that nobody can take."""
        now = self._clock()
        for _ in range(self._missing(now)):
            one = self._new(now)
            self._connections[one] = next(self._numbers)
            self._await(one)
        self._collect()

    def _timeout(self) -> float:
        """Seconds to wait for the network at most; a connection that is out of time is lost."""
        now = self._clock()
        left = LOOKOUT
        for one in [*self._connections]:
            left = min(left, one.look(now))
            self._await(one)
        self._collect()
        pause = self._pace.pause(now)
        if self._settled or self._lacking(now, 0) or self._missing(now):
            return 0.0
        if self._pool and not pause and self._takers(now):
            return 0.0
        return min(left, pause or left)

    def _turn(self, timeout: float) -> None:
        """Wait until something happens, and take part in it."""
        for key, _ in self._selector.select(timeout):
            one: Connection = key.data
            one.turn(self._clock())
            self._await(one)
        self._collect()

    def _record(self) -> None:
        """One step of the journal for everything that waits for one, then whatever that allows."""
        now = self._clock()
        marking = [one for one in self._connections if one.dialogue.wants_mark]
        lacking = self._lacking(now, sum(self._may_follow(one, now) for one in marking))
        if self._settled or marking or lacking:
            settled, self._settled = self._settled, []
            marked = [parcel.id for one in marking if (parcel := one.dialogue.wants_mark)]
            parcels = self._journal.step(settled=settled, marked=marked, wanted=lacking)
            self._dry = self._dry or len(parcels) < lacking
            self._pool.extend(parcels)
        for one in marking:
            one.dialogue.keep()
            one.hear()
            if not one.dialogue.closed:
                one.dialogue.release(self._take(now) if self._may_follow(one, now) else None)
                one.write()
            self._await(one)
        for one in self._takers(now):
            if parcel := self._take(now):
                one.dialogue.give(parcel)
                one.write()
                self._await(one)
        self._renew(now)
        self._collect()

    # ------------------------------------------------------------------------------------------ parcels

    def _lacking(self, now: float, following: int) -> int:
        """How many parcels to claim: one for whoever can take one now, and for connections that are still to come."""
        if self._dry:
            return 0
        coming = sum(not one.dialogue.opened for one in self._connections)
        places = len(self._takers(now)) + following + coming + self._most - len(self._connections)
        return max(0, self._pace.room(now, places) - len(self._pool))

    def _missing(self, now: float) -> int:
        """How many connections to make: parcels wait that those which are there, or are coming, cannot take."""
        free = sum(not one.dialogue.carrying for one in self._connections)
        wanted = min(len(self._pool) - free, self._most - len(self._connections))
        return max(0, self._pace.room(now, wanted))

    def _takers(self, now: float) -> list[Connection]:
        return [one for one in self._connections if one.dialogue.ready and not self._is_spent(one, now)]

    def _may_follow(self, one: Connection, now: float) -> bool:
        """Whether another message may be announced right behind the dot."""
        return one.dialogue.pipelines and not self._is_spent(one, now)

    def _is_spent(self, one: Connection, now: float) -> bool:
        served = one.dialogue.served
        return served > 0 and (served >= self._server.messages or one.is_old(now))

    def _take(self, now: float) -> Parcel | None:
        if not self._pool or not self._pace.room(now, 1):
            return None
        self._pace.take(now)
        return self._pool.popleft()

    def _return(self, parcels: Iterable[Parcel], why: str) -> None:
        self._settled += [Outcome(parcel.id, "rendered", why[:500]) for parcel in parcels]

    def _give_back(self) -> None:
        """Those that are to be tried by a later run, all in one step."""
        if self._aside and not self._why:
            self._why = f"{self._server.host}: the connection broke {TRIES} times over the same mail: {self._last}"
        self._return(self._aside, self._why)
        if self._settled:
            self._journal.step(settled=self._settled)
            self._settled = []

    _last = ""
    """Why a connection broke the last time."""

    # -------------------------------------------------------------------------------------- connections

    def _collect(self) -> None:
        """Take from the dialogues what became of parcels, and part with connections that are gone."""
        for one in [*self._connections]:
            dialogue = one.dialogue
            if dialogue.outcomes:
                if dialogue.decided:
                    self._rounds = dialogue.decided = 0
                self._settled += dialogue.outcomes
                dialogue.outcomes = []
            if dialogue.closed:
                self._lost(one)

    def _lost(self, one: Connection) -> None:
        number = self._connections.pop(one)
        self._ignore(one)
        one.close()
        dialogue = one.dialogue
        self._last = dialogue.why
        if self._connections and (dialogue.turned_away or not (dialogue.opened or dialogue.halt)):
            # Perhaps it only takes fewer connections than we asked for; the last of them tells.
            self._most = len(self._connections)
        elif dialogue.halt:
            self._retire(f"{self._server.host}: {dialogue.halt}")
        elif number > self._round_until and (dialogue.carried or not dialogue.served):
            self._rounds += 1
            self._round_until = next(self._numbers)
            if self._rounds >= ROUNDS:
                self._retire(f"{self._server.host}: the connection broke {self._rounds} times in a row: {dialogue.why}")
        for parcel in dialogue.returned:
            self._broken[parcel.id] += 1
            if self._why or self._stop_at:
                self._return([parcel], self._why or STOPPED)
            elif self._broken[parcel.id] < TRIES:
                self._pool.append(parcel)
            else:
                self._aside.append(parcel)
        dialogue.returned = []

    def _retire(self, why: str) -> None:
        """Nothing new is begun; what is under way on other connections goes on."""
        if not self._stop_at:
            self._why = self._why or why
        self._dry = True
        self._return(self._pool, why)
        self._pool.clear()

    def _renew(self, now: float) -> None:
        """Part with connections that have carried their share. Nobody waits for the answer to their good-bye."""
        for one in [*self._connections]:
            if one.dialogue.ready and self._is_spent(one, now):
                one.dialogue.quit()
                one.write()
                self._ignore(one)
                one.close()
                del self._connections[one]

    def _part(self) -> None:
        """Say good-bye on all connections, and wait a moment for the answers. All that counts is on disk."""
        for one in [*self._connections]:
            one.dialogue.quit()
            one.write()
            self._await(one)
        until = self._clock() + self._quitting
        while any(one.dialogue.parting for one in self._connections) and (left := until - self._clock()) > 0:
            for key, _ in self._selector.select(min(left, LOOKOUT)):
                key.data.turn(self._clock())
                self._await(key.data)

    def _await(self, one: Connection) -> None:
        """See to it that the selector waits for what the connection waits for."""
        wanted = one.waits_for
        if wanted != (known := self._watched.get(one, (None, 0, 0)))[:2]:
            if known[0]:
                self._ignore(one)
            if wanted[0]:
                self._selector.register(wanted[0], wanted[1], one)
                self._watched[one] = wanted[0], wanted[1], wanted[0].fileno()

    def _ignore(self, one: Connection) -> None:
        if one in self._watched:
            self._selector.unregister(self._watched.pop(one)[2])
