"""Six kinds of faults at nine stages of SMTP under three policies: each ends as the fault matrix says (M5).

The whole way: `digest run` with its ledger in SQLite, two connections with STARTTLS and a login, to a server that
fails in one run and is healthy from then on. Faults of a session (greeting to AUTH) meet every connection of that run,
those of a message one message. `OUTCOMES` is what the reader's delivery is after that run, from RFC 5321 sections
4.2.1, 4.2.5 and 4.5.3.2, and RFC 1047:

- Before the dot nothing can have arrived, whatever breaks: it is sent again, in the same run where another connection
  may do. A 4xx is the message's own word and waits; a 5xx is final, and its papers come with the next edition; 421,
  and whatever greets us or logs us in badly, stops the run for all and counts against nobody. So does a 5xx at MAIL,
  which is about our sender: but the message that it met waits as after a 4xx, lest it stop the next run as well.
- Behind the dot only a reply tells. Without one it is in doubt.
- In the midst of a body no reply is due, and who is silent there looks as one that is silent behind the dot: the
  network has taken all of a mail of this size. So what is said or done there meets us after our dot, or before it,
  and then the dot is not said: that is for the network to choose, and no reader is worse off.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
import smtp_scene as scene
from mailservers.certificates import Authority, authority
from mailservers.faulty import ALWAYS, KINDS, STAGES, Fault, FaultyServer, Kind, Setting, Stage, serving
from smtp_scene import READERS, TUESDAY, VICTIM, WEDNESDAY, Installation, Row, at

from digest.app import make_app
from digest.config import load
from digest.delivery.settings import Policy

pytestmark = pytest.mark.slow

# `!`: the run stops there, and others may wait with it. "waits" is rendered, untried; "accepted": in the same run.
OUTCOMES = """
            4xx        5xx               421         hang-up             silence     drip
greeting    waits!     waits!            waits!      waits!              waits!      waits!
EHLO        waits!     waits!            waits!      waits!              waits!      waits!
STARTTLS    waits!     waits!            waits!      waits!              waits!      waits!
AUTH        waits!     waits!            waits!      waits!              waits!      waits!
MAIL        deferred   deferred!         waits!      accepted            accepted    accepted
RCPT        deferred   refused           waits!      accepted            accepted    accepted
DATA        deferred   refused           waits!      accepted            accepted    accepted
body        deferred   deferred|refused  deferred!   deferred|in_doubt   in_doubt    in_doubt
dot         deferred   refused           deferred!   in_doubt            in_doubt    in_doubt
"""
SESSION = STAGES[: STAGES.index("MAIL")]


class Outcome(NamedTuple):
    """What the table says of one cell."""

    states: tuple[str, ...]
    stops: bool


def table() -> dict[tuple[str, str], Outcome]:
    head, *lines = (line.split() for line in OUTCOMES.strip().splitlines())
    read = {"waits": "rendered", "in_doubt": "in doubt"}
    return {
        (kind, stage): Outcome(tuple(read.get(one, one) for one in cell.rstrip("!").split("|")), cell.endswith("!"))
        for stage, *cells in lines
        for kind, cell in zip(head, cells, strict=True)
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.prepare(tmp_path_factory.mktemp("prepared") / "digest")


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def running(ca: Authority) -> Iterator[FaultyServer]:
    with serving(Setting(tls=ca.context("127.0.0.1"), login=scene.LOGIN)) as server:
        yield server


@pytest.fixture
def server(running: FaultyServer) -> Iterator[FaultyServer]:
    running.fresh()
    yield running
    running.heal()


def fault_of(kind: Kind, stage: Stage) -> Fault:
    if stage in SESSION:
        return Fault(kind, stage, times=ALWAYS)
    # Whose MAIL it is no server knows: the run's second.
    return Fault(kind, stage, skip=1) if stage == "MAIL" else Fault(kind, stage, recipient=VICTIM)


@pytest.mark.parametrize("policy", get_args(Policy))
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_ends_as_the_matrix_says(
    kind: Kind, stage: Stage, policy: Policy, prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path
) -> None:
    """M5, D03-D07, promises 1-4: the outcome of one cell; what the next runs do; what each reader has in the end."""
    expected = table()[kind, stage]
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, policy)
    server.fail(fault := fault_of(kind, stage))

    # The run that meets it ends by itself, in time: a server that says its 4xx to what was said whole by then, and is
    # silent about the next mail, is waited for once.
    began = time.monotonic()
    report = office.run(TUESDAY, at(TUESDAY, 8), scene.SHORT if kind in ("silence", "drip") else scene.LONG)
    assert time.monotonic() - began < scene.LONG.command + 10
    assert server.struck[fault]
    victims = check_outcome(office, expected, stage)
    check_verdict(report.verdict, report.exit_code, bool(report.sent.halted), expected, victims)
    assert office.hard_bounces() == (kind == "5xx" and stage == "RCPT")

    # It is well again: what waits goes out, what was put off no earlier than in five minutes.
    server.heal()
    office.send(at(TUESDAY, 8, 1))
    put_off = {row.reader for row in victims if row.state == "deferred"}
    assert {row.reader for row in office.rows() if row.state == "deferred"} == put_off
    assert not office.send(at(TUESDAY, 8, 6)).halted
    check_settled(office, victims)
    came = office.come(WEDNESDAY)
    following = office.run(WEDNESDAY, at(WEDNESDAY, 9))
    assert (following.verdict, following.exit_code) == ("delivered", 0)

    check_end(office, victims, came)


def check_outcome(office: Installation, expected: Outcome, stage: Stage) -> list[Row]:
    """The rows that the fault met, as it left them; the others are sent, or wait where the run was stopped."""
    # What may have arrived is put off where it is to be sent again.
    states = ["deferred" if one == "in doubt" and office.policy == "resend" else one for one in expected.states]
    rows = office.rows(TUESDAY)
    assert len(rows) == len(READERS)
    if stage in SESSION:
        assert [(row.state, row.attempts) for row in rows] == [("rendered", 0)] * len(READERS)
        return rows
    spared = {"accepted", "rendered"} if expected.stops else {"accepted"}
    if stage != "MAIL":
        (victim,) = (row for row in rows if row.reader == VICTIM)
    else:
        victim = next((row for row in rows if row.state not in spared), None) or next(
            row for row in rows if row.state in states
        )
    assert victim.state in states, victim
    assert victim.attempts == (victim.state == "deferred")
    assert {row.state for row in rows if row is not victim} <= spared
    return [victim]


def check_verdict(verdict: str, code: int, halted: bool, expected: Outcome, victims: list[Row]) -> None:
    doubted = any("no answer after the last byte" in row.detail for row in victims)
    assert halted == expected.stops
    if doubted:
        assert (verdict, code) == ("in doubt", 4)
    elif expected.stops or any(row.state == "refused" for row in victims):
        assert (verdict, code) == ("delivery failed", 4)
    else:
        assert (verdict, code) == ("delivered", 0)


def check_settled(office: Installation, victims: list[Row]) -> None:
    """After the server is well: accepted, but for what is final."""
    final = {row.reader: row.state for row in victims if row.state in ("refused", "in doubt")}
    assert {row.reader: row.state for row in office.rows(TUESDAY)} == {
        reader: final.get(reader, "accepted") for reader in READERS
    }


def check_end(office: Installation, victims: list[Row], came: frozenset[str]) -> None:
    """Section 0: each delivery has an outcome, nobody a mail twice, and nobody is without a paper."""
    rows, tuesday = office.rows(), scene.page(TUESDAY)[1]
    assert len(rows) == 2 * len(READERS)
    assert all(row.state in scene.FINAL for row in rows)
    assert office.integrity() == "ok"
    frozen = {one.reader: one.message_id for one in victims}
    for row in rows:
        copies = office.copies(row)
        again = (
            office.policy == "resend"
            and row.day == TUESDAY
            and any(
                row.reader == one.reader and one.state == "deferred" and "no answer" in one.detail for one in victims
            )
        )
        assert len(copies) <= (2 if again else 1), row
        assert len({one.content for one in copies}) <= 1, "a second copy has other bytes"
        if row.state == "accepted":
            assert copies, row
        if row.day == TUESDAY and row.reader in frozen:
            assert row.message_id == frozen[row.reader]
    for reader in READERS:
        (first,) = (row for row in rows if row.reader == reader and row.day == TUESDAY)
        (second,) = (row for row in rows if row.reader == reader and row.day == WEDNESDAY)
        told = scene.papers(office.copies(second)[0])
        held = first.state == "in doubt" and office.policy == "hold"
        carried = first.state == "refused" or (first.state == "in doubt" and not held)
        assert first.carried == carried
        assert told == (came | tuesday if carried else came)
        if first.state == "accepted":
            assert scene.papers(office.copies(first)[0]) == tuesday


def test_the_table_has_every_cell() -> None:
    """M5: 6 kinds at 9 stages under 3 policies are 162 cells."""
    assert set(table()) == {(kind, stage) for kind in KINDS for stage in STAGES}
    assert len(table()) * len(get_args(Policy)) == 162


ODD = {
    "a greeting without end": (Fault("say", "greeting", times=ALWAYS, text=b"220-hello\r\n" * 7000), "rendered"),
    "a greeting of one endless line": (
        Fault("say", "greeting", times=ALWAYS, text=b"220 " + b"x" * 70_000),
        "rendered",
    ),
    "replies that end in a bare LF": (Fault("say", "EHLO", times=ALWAYS, text=b"250 hello\n"), "rendered"),
    "a greeting that is no reply": (Fault("say", "greeting", times=ALWAYS, text=b"SSH-2.0-OpenSSH\r\n"), "rendered"),
    "354 in the place of 250": (Fault("say", "RCPT", VICTIM, text=b"354 go on\r\n"), "accepted"),
    "353 in the place of 354": (Fault("say", "DATA", VICTIM, text=b"353 go on\r\n"), "accepted"),
    "250 in the place of 354": (Fault("say", "DATA", VICTIM, text=b"250 ok\r\n"), "accepted"),
    "354 in the place of 250 after the dot": (Fault("say", "dot", VICTIM, text=b"354 go on\r\n"), "in doubt"),
    "what is no reply after the dot": (Fault("say", "dot", VICTIM, text=b"quite all right\r\n"), "in doubt"),
    "a message that breaks every connection": (Fault("hang-up", "RCPT", VICTIM, times=ALWAYS), "rendered"),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_server(what: str, prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path) -> None:
    """Fault matrix, odd servers: the connection is dropped, the next message goes over a new one, and nobody is worse
    off when the server is well again.
    """
    fault, state = ODD[what]
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, "carry")
    server.fail(fault)
    office.run(TUESDAY, at(TUESDAY, 8), scene.SHORT)
    assert server.struck[fault]
    rows = office.rows(TUESDAY)
    victims = [row for row in rows if row.reader == VICTIM]
    assert [row.state for row in victims] == [state]
    if fault.stage in SESSION:
        victims = rows
        assert {row.state for row in rows} == {state}
    else:
        assert {row.state for row in rows if row.reader != VICTIM} == {"accepted"}
    server.heal()
    office.send(at(TUESDAY, 8, 6))
    check_settled(office, victims)
    came = office.come(WEDNESDAY)
    assert office.run(WEDNESDAY, at(WEDNESDAY, 9)).exit_code == 0
    check_end(office, victims, came)


def test_a_reply_and_a_hang_up_in_one_breath(
    prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path
) -> None:
    """Promise 2: a server that says 250 and hangs up before we read it has accepted the mail; nothing is in doubt."""
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, "carry")
    server.fail(Fault("say", "dot", VICTIM, text=b"250 2.0.0 ok\r\n", then="hang up"))
    report = office.run(TUESDAY, at(TUESDAY, 8))
    assert (report.verdict, report.exit_code) == ("delivered", 0)
    check_settled(office, [])
    assert all(len(office.copies(row)) == 1 for row in office.rows())


UNREACHABLE = {
    "refused": ("port", "Connection refused"),
    "no such host": ("host: nowhere.invalid", "nowhere.invalid"),
    "a certificate of another name": ("host: localhost", "its certificate is not good"),
    "a wrong password": ("user: digest-2", "refuses user and password"),
}


@pytest.mark.parametrize("what", UNREACHABLE)
def test_a_server_that_cannot_be_used(
    what: str, prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path
) -> None:
    """D07, fault matrix: nobody is tried, the pages are published anyway, and everything goes out later."""
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, "carry")
    instead, why = UNREACHABLE[what]
    key = instead.partition(":")[0]
    broken = office.reconfigured(key, f"port: {closed_port()}" if instead == "port" else instead)
    report = broken.run(TUESDAY, at(TUESDAY, 8))
    assert (report.verdict, report.exit_code) == ("delivery failed", 4)
    assert why in report.sent.halted["mail"]
    assert [(row.state, row.attempts) for row in office.rows()] == [("rendered", 0)] * len(READERS)
    assert not server.stored
    assert (office.folder / "feeds" / "lab" / f"{TUESDAY}.html").exists()
    office.send(at(TUESDAY, 8, 1))
    check_settled(office, [])


@pytest.mark.parametrize("stage", ["MAIL", "greeting"])
def test_a_sender_that_is_mended(
    stage: Stage, prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path
) -> None:
    """D05, D07: what was written under a `from` that the server refuses goes out under the one that the config says by
    now, at once and once to each reader; so it does where the server could not be reached at all.
    """
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, "carry")
    server.fail(Fault("5xx", stage, times=ALWAYS))
    for minute in range(3):
        assert office.run(TUESDAY, at(TUESDAY, 8, minute)).sent.halted
    assert {row.state for row in office.rows()} <= {"rendered", "deferred"}
    server.heal()
    config = office.folder / "digest.yaml"
    config.write_text(config.read_text().replace("from: digest@example.org", "from: papers@example.org"))
    mended = replace(office, app=make_app(load(config)))
    mended.send(at(TUESDAY, 8, 3))
    check_settled(mended, [])
    assert sorted(one.recipient for one in server.stored) == sorted(READERS)
    assert {one.sender for one in server.stored} == {"papers@example.org"}
    assert not [one for one in server.stored if b"digest@example.org" in one.content]
    assert all(len(mended.copies(row)) == 1 for row in mended.rows())


@pytest.mark.parametrize("policy", get_args(Policy))
@pytest.mark.parametrize("stage", ["greeting", "RCPT"])
def test_a_server_that_is_away_all_day(
    stage: Stage, policy: Policy, prepared: Path, ca: Authority, server: FaultyServer, tmp_path: Path
) -> None:
    """Promise 3: what expired before anybody would take it opens the very next edition's mail."""
    office = scene.install(prepared, tmp_path / "digest", server, ca.file, policy)
    server.fail(Fault("4xx", stage, times=ALWAYS))
    office.run(TUESDAY, at(TUESDAY, 8))
    assert not server.stored
    server.heal()
    came = office.come(WEDNESDAY)
    report = office.run(WEDNESDAY, at(WEDNESDAY, 9))
    assert report.exit_code == 0
    assert {(row.day, row.state) for row in office.rows()} == {(TUESDAY, "expired"), (WEDNESDAY, "accepted")}
    assert [scene.papers(one) for one in server.stored] == [came | scene.page(TUESDAY)[1]] * len(READERS)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
