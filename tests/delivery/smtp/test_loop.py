"""`digest.delivery.smtp.loop`: several connections at a time, against servers on loopback and a ledger in memory."""

import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from book import Book
from mailservers.delaying import delaying
from mailservers.faulty import ALWAYS, Fault, FaultyServer, Kind, Setting, serving
from mailservers.other_end import a_parcel, a_server

from digest import clock
from digest.delivery.smtp import Deadlines, Smtp, loop
from digest.errors import StorageError
from digest.model import Parcel

LONG = Deadlines(connect=20, command=20, body=20, dot=20, quit=0.5)


def parcels(count: int) -> list[Parcel]:
    return [a_parcel(number) for number in range(1, count + 1)]


def carry(
    server: FaultyServer,
    book: Book,
    *,
    deadlines: Deadlines = LONG,
    stopping: Callable[[], bool] = lambda: False,
    ticking: Callable[[], float] = clock.monotonic,
    port: int = 0,
    **known: Any,
) -> str:
    """Why the carrier stopped early."""
    wanted = a_server(host="127.0.0.1", port=port or server.port, **known)
    return Smtp(wanted, clock=ticking, deadlines=deadlines).carry(book, stopping)


def arrived(server: FaultyServer) -> Counter[str]:
    return Counter(one.recipient for one in server.stored)


def everybody(count: int) -> Counter[str]:
    return Counter(one.recipient for one in parcels(count))


# ------------------------------------------------------------------------------------------------ all is well


@pytest.mark.parametrize("offers", [(), ("PIPELINING",), ("PIPELINING", "SIZE 100000", "8BITMIME")])
@pytest.mark.parametrize("connections", [1, 3])
def test_everything_arrives_once(offers: tuple[str, ...], connections: int) -> None:
    """Promise 2, D02: each parcel arrives once, with the bytes that were given, over so many connections."""
    with serving(Setting(offers=offers)) as server:
        book = Book(parcels(20))
        assert carry(server, book, connections=connections) == ""
        assert arrived(server) == everybody(20)
        assert {one.content for one in server.stored} == {a_parcel().content}
        assert set(book.states.values()) == {"accepted"}
        assert 1 <= server.said.count(b"QUIT") <= server.connections <= connections


def test_nothing_to_send_opens_nothing() -> None:
    """D14: where nothing is due no connection is made."""
    with serving() as server:
        book = Book([])
        assert carry(server, book) == ""
        assert (server.connections, book.steps) == (0, 1)


def test_no_more_connections_than_parcels() -> None:
    """One parcel needs one connection."""
    with serving() as server:
        assert carry(server, Book(parcels(1)), connections=5) == ""
        assert server.connections == 1


def test_the_mark_is_on_disk_before_the_dot() -> None:
    """1b: no dot is said before the step that marks it is done, and no message arrives before."""
    with serving(Setting(offers=("PIPELINING",))) as server:
        seen: list[tuple[int, int]] = []

        def watch(what: str) -> None:
            seen.append((len(server.stored), len(book.ids("dot sent", "accepted"))))

        book = Book(parcels(10), watch=watch)
        carry(server, book, connections=2)
        assert all(stored <= marked for stored, marked in seen)
        assert max(seen) == (10, 10)


def test_pipelining_over_a_long_line() -> None:
    """RFC 2920: over a line of 20 ms a message costs one round trip, and without PIPELINING four or five."""
    took = {}
    for offers in ((), ("PIPELINING",)):
        with serving(Setting(offers=offers)) as server, delaying(server.port, 0.02) as port:
            book = Book(parcels(6))
            before = time.monotonic()
            assert carry(server, book, connections=1, port=port) == ""
            took[offers] = time.monotonic() - before
            assert arrived(server) == everybody(6)
            assert set(book.states.values()) == {"accepted"}
    assert took["PIPELINING",] < took[()] / 2


# ------------------------------------------------------------------------------------------------ connections


def test_messages_over_one_connection() -> None:
    """D16: after so many messages a new connection is made."""
    with serving() as server:
        carry(server, Book(parcels(10)), connections=1, messages=4)
        assert (server.connections, arrived(server)) == (3, everybody(10))


def test_an_old_connection_is_left() -> None:
    """D09: a connection of some age is given no further message."""
    with serving(Setting(pause=0.05)) as server:
        carry(server, Book(parcels(6)), connections=1, deadlines=LONG._replace(session=0.08))
        assert arrived(server) == everybody(6)
        assert 2 <= server.connections <= 6


def test_a_connection_is_used_again_after_a_refusal() -> None:
    """D16: RSET cleans up after a message that was refused; no connection is lost over it."""
    with serving() as server:
        server.fail(Fault("5xx", "RCPT", "r2@them.example"), Fault("4xx", "DATA", "r3@them.example"))
        book = Book(parcels(5))
        assert carry(server, book, connections=1) == ""
        assert [book.states[number] for number in range(1, 6)] == [
            "accepted",
            "refused",
            "deferred",
            "accepted",
            "accepted",
        ]
        assert server.connections == 1
        assert server.said.count(b"RSET") == 2


def test_a_slow_reader_holds_up_nobody() -> None:
    """D16: while one connection waits for an answer the others go on, and only its own mail is in doubt."""
    with serving() as server:
        server.fail(Fault("silence", "dot", "r2@them.example"))
        steps: list[tuple[float, int]] = []
        book = Book(parcels(20), watch=lambda _: steps.append((time.monotonic(), len(book.ids("accepted")))))
        assert carry(server, book, connections=2, deadlines=LONG._replace(dot=1.5)) == ""
        assert book.ids("in doubt") == [2]
        assert len(book.ids("accepted")) == 19
        _, when_it_waited = max((after - before, done) for (before, _), (after, done) in pairwise(steps))
        # One more may have been announced behind that dot; it went over another connection.
        assert when_it_waited >= 18, "the others were held up"


@pytest.mark.parametrize("how", ["421", "hang up", "silence"])
@pytest.mark.parametrize("most", [1, 2])
def test_a_server_that_takes_fewer_connections(how: str, most: int) -> None:
    """D16: those that it does not take, by word, by hanging up or by silence, are not missed: all arrives."""
    setting = Setting(most=most, pause=0.02) if how == "421" else Setting(pause=0.02)
    with serving(setting) as server:
        if how != "421":
            server.fail(Fault("hang-up" if how == "hang up" else "silence", "greeting", skip=most, times=ALWAYS))
        book = Book(parcels(30))
        assert carry(server, book, connections=4, deadlines=LONG._replace(command=0.5)) == ""
        assert arrived(server) == everybody(30)
        assert set(book.states.values()) == {"accepted"}
        assert server.connections <= 4 + (4 if how == "hang up" else 0)


@pytest.mark.parametrize("stage", ["greeting", "EHLO"])
def test_a_server_that_hangs_up_at_once(stage: Any) -> None:
    """D07: three rounds of connections that come to nothing, and the server is left alone; nobody was tried."""
    with serving() as server:
        server.fail(Fault("hang-up", stage, times=ALWAYS))
        book = Book(parcels(10))
        assert carry(server, book, connections=1) == "127.0.0.1: the connection broke 3 times in a row: it hung up"
        assert server.connections == 3
        assert set(book.states.values()) == {"rendered"}


def test_a_server_that_leaves_right_after_its_offers() -> None:
    """Nor does one that lets us in and leaves have us come back for ever."""
    with serving() as server:
        leave = b"250 hello\r\n421 4.3.2 but not for long\r\n"
        server.fail(Fault("say", "EHLO", times=ALWAYS, text=leave, then="hang up"))
        book = Book(parcels(10))
        why = carry(server, book, connections=1)
        assert why == "127.0.0.1: the connection broke 3 times in a row: it said 421 4.3.2 but not for long unasked"
        assert server.connections == 3
        assert set(book.states.values()) == {"rendered"}


def test_a_server_that_always_hangs_up_after_the_dot() -> None:
    """Promise 4: it is left alone before everybody is in doubt."""
    with serving() as server:
        server.fail(Fault("hang-up", "dot", times=ALWAYS))
        book = Book(parcels(10))
        assert "broke 3 times in a row" in carry(server, book, connections=1)
        assert book.ids("in doubt") == [1, 2, 3]
        assert book.ids("rendered") == [4, 5, 6, 7, 8, 9, 10]
        assert arrived(server) == everybody(3)


def test_a_server_that_hangs_up_after_each_message() -> None:
    """A connection that did its work counts against nobody."""
    with serving(Setting(offers=())) as server:
        server.fail(Fault("say", "dot", times=ALWAYS, text=b"250 ok\r\n", then="hang up"))
        book = Book(parcels(10))
        assert carry(server, book, connections=1) == ""
        assert set(book.states.values()) == {"accepted"}
        assert arrived(server) == everybody(10)


def test_a_message_that_breaks_connections() -> None:
    """Fault matrix: a mail over which the connection broke twice is set aside; it waits, and all others arrive."""
    with serving() as server:
        server.fail(Fault("hang-up", "RCPT", "r2@them.example", times=ALWAYS))
        book = Book(parcels(10))
        why = carry(server, book, connections=1)
        assert why == "127.0.0.1: the connection broke 2 times over the same mail: it hung up"
        assert book.ids("rendered") == [2]
        assert arrived(server) == everybody(10) - Counter(["r2@them.example"])
        assert book.outcomes[2].detail == why


@pytest.mark.parametrize("kind", ["hang-up", "4xx", "5xx", "421"])
@pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
def test_words_that_come_while_the_mark_is_written(kind: Kind, offers: tuple[str, ...]) -> None:
    """Fault matrix, disconnect before dot: what came while the mark was committed is read before the dot would be
    said, and then it is not: the mail is put off, and not in doubt.
    """
    with serving(Setting(offers=offers)) as server:
        server.fail(Fault(kind, "body", "r2@them.example"))
        book = Book(parcels(4), watch=lambda what: time.sleep(0.2 if "marked [2]" in what else 0))
        why = carry(server, book, connections=1)
        assert book.states[2] == "deferred"
        assert book.outcomes[2].detail.startswith("the last byte was not sent: it ")
        assert bool(why) == (kind == "421")
        assert book.ids("in doubt", "refused") == []
        assert arrived(server) == Counter(book.parcels[one].recipient for one in book.ids("accepted"))


# ------------------------------------------------------------------------------------------------ halting


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault("421", "MAIL", skip=3), "it is not available: 421 4.3.2 going down"),
        (Fault("5xx", "MAIL", skip=3), "it refuses our sender digest@us.example: 550 5.7.1 not from that sender"),
        (Fault("421", "dot", "r4@them.example"), "it is not available: 421 4.3.2 going down"),
        (Fault("421", "RCPT", "r4@them.example"), "it is not available: 421 4.3.2 going down"),
    ],
)
def test_a_server_that_is_of_no_use_any_more(fault: Fault, why: str) -> None:
    """D07: nothing new is begun, what was accepted is, and whoever was not tried is given back as it was."""
    with serving(Setting(offers=("PIPELINING",))) as server:
        server.fail(fault)
        book = Book(parcels(10))
        assert carry(server, book, connections=1) == f"127.0.0.1: {why}"
        assert book.ids("accepted") == [1, 2, 3]
        tried = "deferred" if fault.kind == "5xx" or fault.stage == "dot" else "rendered"
        assert book.states[4] == tried
        assert book.ids("rendered") == [*([4] if tried == "rendered" else []), 5, 6, 7, 8, 9, 10]
        assert book.outcomes[10].detail.startswith("127.0.0.1: it ") if 10 in book.outcomes else True
        assert arrived(server) == everybody(3)


def test_what_is_under_way_elsewhere_is_finished() -> None:
    """D07: a halt on one connection lets the message on another end."""
    with serving(Setting(pause=0.3)) as server:
        server.fail(Fault("421", "RCPT", "r2@them.example"))
        book = Book(parcels(8))
        assert "421" in carry(server, book, connections=2)
        assert book.states[2] == "rendered"
        assert set(book.states.values()) == {"accepted", "rendered"}
        assert arrived(server) == Counter(book.parcels[one].recipient for one in book.ids("accepted"))
        assert len(server.stored) <= 4


@pytest.mark.parametrize("breaks_at", range(1, 9))
@pytest.mark.parametrize("connections", [1, 3])
def test_a_journal_that_breaks(breaks_at: int, connections: int) -> None:
    """Promise 12, fault matrix, disk full: where a step cannot be recorded nothing more is sent, not even a dot, and
    the next run does the rest: nobody twice, and in doubt only what had its dot.
    """
    with serving(Setting(offers=("PIPELINING",))) as server:
        book = Book(parcels(12), breaks_at=breaks_at)
        with pytest.raises(StorageError):
            carry(server, book, connections=connections)
        time.sleep(0.05)
        marked = {book.parcels[one].recipient for one in book.ids("dot sent", "accepted")}
        assert set(arrived(server)) <= marked
        assert book.steps == breaks_at
        book.recover()
        assert carry(server, book, connections=connections) == ""
        assert max(arrived(server).values()) == 1
        assert set(book.states.values()) <= {"accepted", "in doubt"}
        assert {book.parcels[one].recipient for one in book.ids("accepted")} <= set(arrived(server))


# ------------------------------------------------------------------------------------------------ stopping


def test_a_stop_lets_messages_end() -> None:
    """O03: what is midway is finished, the rest is given back at once, and nothing is in doubt."""
    with serving(Setting(pause=0.2)) as server:
        book = Book(parcels(10))
        before = time.monotonic()
        assert carry(server, book, connections=2, stopping=lambda: bool(server.stored)) == ""
        assert time.monotonic() - before < 5
        assert book.ids("claimed", "dot sent", "in doubt", "deferred") == []
        assert arrived(server) == Counter(book.parcels[one].recipient for one in book.ids("accepted"))
        # On each connection one had arrived, one was midway, and one was announced behind its dot.
        assert 1 <= len(server.stored) <= 6
        assert {book.outcomes[one].detail for one in book.ids("rendered") if one in book.outcomes} <= {loop.STOPPED}


def test_a_stop_before_anything() -> None:
    """O03: asked to stop before the first connection, everything is given back."""
    with serving() as server:
        book = Book(parcels(3))
        assert carry(server, book, stopping=lambda: True) == ""
        assert set(book.states.values()) == {"rendered"}
        assert not server.stored


def test_a_stop_waits_no_longer_than_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """O03: after thirty seconds, here half of one, what has no answer is in doubt, and the run ends."""
    monkeypatch.setattr(loop, "PATIENCE", 0.5)
    monkeypatch.setattr(loop, "LOOKOUT", 0.1)
    with serving(Setting(offers=("PIPELINING",))) as server:
        server.fail(Fault("silence", "dot", times=ALWAYS))
        book = Book(parcels(5))
        before = time.monotonic()
        assert carry(server, book, connections=1, stopping=lambda: bool(server.stored)) == ""
        assert 0.4 < time.monotonic() - before < 5
        assert book.ids("in doubt") == [1]
        assert book.ids("rendered") == [2, 3, 4, 5]


# ------------------------------------------------------------------------------------------------ pace


class Ticking:
    """A clock that runs a hundred times as fast."""

    def __init__(self) -> None:
        self._began = clock.monotonic()

    def __call__(self) -> float:
        return (clock.monotonic() - self._began) * 100


@pytest.mark.parametrize("connections", [1, 3])
def test_so_many_a_minute(connections: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """D16: no minute has more messages than asked for, over all connections together, and all go in the end."""
    monkeypatch.setattr(loop, "LOOKOUT", 0.05)
    ticking = Ticking()
    at: list[float] = []
    slow = Deadlines(connect=1e6, command=1e6, body=1e6, dot=1e6, session=1e6, quit=30)
    with serving() as server:
        book = Book(parcels(9))

        def watch(_: str) -> None:
            at.extend([ticking()] * (len(server.stored) - len(at)))

        book._watch = watch
        why = carry(server, book, connections=connections, per_minute=4, ticking=ticking, deadlines=slow)
        assert why == ""
        assert arrived(server) == everybody(9)
        assert ticking() >= 120
        assert not any(later - earlier < 55 for earlier, later in zip(at, at[4:], strict=False))
