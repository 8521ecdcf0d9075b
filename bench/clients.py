"""One client that hands mails to the server at a port of this machine, in a process of its own, so that its CPU time is
its own.

python clients.py ours PORT COUNT CONNECTIONS FOLDER      through the ledger of a new store in FOLDER
python clients.py bytes|text|message|each PORT COUNT      smtplib: see `SMTPLIB`

Prints one JSON object: `Sent`.
"""

import gc
import json
import random
import smtplib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from hashlib import blake2b
from pathlib import Path
from time import monotonic, perf_counter, process_time

from measuring import resident

SIZE = 60_000
"""Bytes of a mail, about."""
SENDER = "digest@digest.example"

_LINE = b"The quick brown paper jumps over the lazy reviewer and cites itself twice.\r\n"
_BODY = _LINE * (SIZE // len(_LINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What it took to have all mails accepted."""

    cpu: float
    """CPU seconds of this process from the finished bytes of the mails on."""
    wall: float
    freezing: float = 0.0
    """CPU seconds of these that went into writing the mails' bytes to the disk, before any was sent."""
    rate: float
    """Mails a second between the first accepted one and the last."""
    rise: float = 0.0
    """MB by which the process grew after the first tenth of the mails."""
    log: float = 0.0
    """MB of the store's log at the end."""


def recipient(number: int) -> str:
    return f"reader-{number}@example.org"


def mail(number: int) -> bytes:
    head = f"Subject: Paper digest\r\nFrom: {SENDER}\r\nTo: {recipient(number)}\r\nMessage-ID: <{identity(number)}>\r\n"
    return head.encode() + b"\r\n" + _BODY


def identity(number: int) -> str:
    """Like ours: nobody can tell one from the one before."""
    return f"{blake2b(b'%d' % number, digest_size=16).hexdigest()}@digest.example"


class Meter:
    """The CPU time and the time of this process, without what is done `aside`."""

    def __init__(self) -> None:
        self._cpu, self._wall = process_time(), perf_counter()

    @contextmanager
    def aside(self) -> Iterator[None]:
        cpu, wall = process_time(), perf_counter()
        try:
            yield
        finally:
            self._cpu += process_time() - cpu
            self._wall += perf_counter() - wall

    @property
    def cpu(self) -> float:
        return process_time() - self._cpu

    @property
    def wall(self) -> float:
        return perf_counter() - self._wall


# ------------------------------------------------------------------------------------------------- ours


def ours(port: int, many: int, connections: int, folder: Path) -> Sent:
    """The way of a mail from its rendered bytes to its accepted row, as in `digest.sending.send`, with nothing switched
    off: frozen in batches, claimed, marked before its last dot, settled, each on disk before what follows.
    """
    from digest import clock
    from digest.delivery.settings import Server
    from digest.delivery.smtp import Smtp
    from digest.model import Addressee, Digest, Listing, Paper, Parcel, Position, Ranked, Score, Section, Tally
    from digest.sending import BATCH, Feeding
    from digest.store import open_store
    from digest.store.outbox import Frozen

    path = folder / "digest.db"
    now = clock.now()
    listing = Listing(position=Position("page.txt", 1), format="invented", ids={"arxiv": "2605.00001"})
    paper = Paper(id="arxiv:2605.00001", ids={"arxiv": "2605.00001"}, headline="A paper", listings=(listing,))
    shown = Digest(
        profile="lab",
        title="Lab",
        day=now.date(),
        sections=(Section("", (Ranked(paper, Score(())),)),),
        tally=Tally(shown=1),
    )
    with open_store(path) as store:
        to = [Addressee("mail", recipient(number)) for number in range(many)]
        store.keep(shown, now)
        store.outbox.plan("lab", now.date(), to, now=now, expires=now + timedelta(hours=24))
        del to

    store = open_store(path)
    outbox = store.outbox
    journal = outbox.journal("run", "mail", clock=clock.now, chance=random.random)
    freezing = 0.0
    before = risen = frozen = 0.0
    meter = Meter()

    def write() -> int:
        nonlocal freezing, before, risen, frozen
        with meter.aside():
            waiting = outbox.planned(BATCH)
            made = [
                Frozen(Parcel(one.id, SENDER, one.to.address, mail(number)), identity(number))
                for number, one in enumerate(waiting, int(frozen))
            ]
            frozen += len(made)
            if frozen >= many / 10:
                before = before or resident()
                risen = max(risen, resident())
        start = meter.cpu
        outbox.freeze(made)
        freezing += meter.cpu - start
        return len(made)

    accepted: list[float] = []
    feeding = Feeding(journal, write)

    class Timed:
        """The same journal, which notes when mails were accepted."""

        def step(self, **said: object) -> list[Parcel]:
            if settled := said.get("settled"):
                accepted.extend([perf_counter()] * len(settled))  # type: ignore[arg-type]
            return feeding.step(**said)  # type: ignore[arg-type]

    server = Server("127.0.0.1", port, tls="none", connections=connections)
    why = Smtp(server, clock=monotonic).carry(Timed(), lambda: False)
    log = path.with_name("digest.db-wal").stat().st_size / 1e6
    with meter.aside():
        found = outbox.tally("lab", now.date())
    store.close()
    cpu, wall = meter.cpu, meter.wall
    if why or found != {"accepted": many}:
        raise SystemExit(f"bench: {why or found}: not all of {many} mails were accepted")
    return Sent(cpu=cpu, wall=wall, freezing=freezing, rate=_rate(accepted), rise=risen - before, log=log)


# ------------------------------------------------------------------------------------------------- smtplib


def _whole(connection: smtplib.SMTP, number: int) -> None:
    connection.sendmail(SENDER, [recipient(number)], MAIL)


def _text(connection: smtplib.SMTP, number: int) -> None:
    connection.sendmail(SENDER, [recipient(number)], TEXT)


def _message(connection: smtplib.SMTP, number: int) -> None:
    connection.send_message(MESSAGE, SENDER, [recipient(number)])


MAIL = mail(0)
TEXT = MAIL.decode()
MESSAGE = message_from_bytes(MAIL, policy=SMTP)

SMTPLIB: dict[str, Callable[[smtplib.SMTP, int], None]] = {"bytes": _whole, "text": _text, "message": _message}
"""What people give smtplib: `sendmail` bytes or text, or `send_message` a message; the same one each time."""


def kept(send: Callable[[smtplib.SMTP, int], None], port: int, many: int) -> Sent:
    """A plain loop over one connection."""
    meter = Meter()
    accepted: list[float] = []
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for number in range(many):
            send(connection, number)
            accepted.append(perf_counter())
    return Sent(cpu=meter.cpu, wall=meter.wall, rate=_rate(accepted))


def each(port: int, many: int) -> Sent:
    """A connection for each mail."""
    meter = Meter()
    accepted: list[float] = []
    for number in range(many):
        with smtplib.SMTP("127.0.0.1", port) as connection:
            _whole(connection, number)
        accepted.append(perf_counter())
    return Sent(cpu=meter.cpu, wall=meter.wall, rate=_rate(accepted))


def _rate(moments: Sequence[float]) -> float:
    """Of those after the first: until then the connection was made."""
    later = [moment for moment in moments if moment > moments[0]]
    return len(later) / (later[-1] - moments[0]) if later else 0.0


def main(kind: str, port: str, many: str, *others: str) -> None:
    gc.disable()  # as the commands do
    if kind == "ours":
        sent = ours(int(port), int(many), int(others[0]), Path(others[1]))
    elif kind == "each":
        sent = each(int(port), int(many))
    else:
        sent = kept(SMTPLIB[kind], int(port), int(many))
    print(json.dumps(asdict(sent)))


if __name__ == "__main__":
    main(*sys.argv[1:])
