"""Random faults, several in one run, over real sockets: what is told of each parcel is what the server knows (M5).

A carrier with a ledger in memory that allows only the moves of the real one, one to four connections, and a server in
which one to five faults of any kind strike anywhere. Then the server is well, another run follows, and all is accounted
for. `make test` has 300 sequences, `make torture` 10,000; a failure names its seed.
"""

import os
import random
import sys
from collections import Counter

import pytest
from book import Book
from mailservers.faulty import KINDS, STAGES, Fault, FaultyServer, Setting, serving

from digest import clock
from digest.delivery.settings import Server
from digest.delivery.smtp import Deadlines, Smtp
from digest.model import Parcel

TORTURE = os.environ.get("TORTURE") == "all"
SEED = int(os.environ.get("SEED", "20261128"))
SEQUENCES = 10_000 if TORTURE else 300
BATCH = 50
READERS = [f"r{number}@them.example" for number in range(1, 9)]
SHORT = Deadlines(connect=20, command=0.3, body=0.3, dot=0.3, quit=0.2)
LONG = Deadlines(connect=20, command=20, body=20, dot=20, quit=0.2)
ODD = (
    b"250 ok\r\n",
    b"354 go on\r\n",
    b"334 x\r\n",
    b"hello\r\n",
    b"250-half",
    b"250 ok\n",
    b"421 4.3.2 down\r\n250 ok\r\n",
)

pytestmark = pytest.mark.slow


def a_fault(chance: random.Random) -> Fault:
    stage = chance.choice([one for one in STAGES if one not in ("STARTTLS", "AUTH")])
    kind = chance.choices([*KINDS, "say"], [4, 4, 2, 5, 0.3, 0.2, 3])[0]
    if kind == "say" and stage == "body":
        kind = "5xx"
    whose = chance.choice(READERS) if stage in ("RCPT", "DATA", "body", "dot") else ""
    times, skip = chance.choice([1, 1, 2, 5]), chance.randrange(4)
    text = chance.choice(ODD) if kind == "say" else b""
    # Who says 421 must not keep the mail.
    return Fault(kind, stage, whose, times, 0 if whose else skip, text, store=not text.startswith(b"421"))


def parcels() -> list[Parcel]:
    return [
        Parcel(number, "digest@us.example", to, b"Subject: %d\r\n\r\n.\r\n" % number)
        for number, to in enumerate(READERS, 1)
    ]


def carry(server: FaultyServer, book: Book, deadlines: Deadlines, chance: random.Random) -> str:
    wanted = Server(
        "127.0.0.1", server.port, tls="none", connections=chance.randint(1, 4), messages=chance.choice([1, 3, 500])
    )
    return Smtp(wanted, clock=clock.monotonic, deadlines=deadlines).carry(book, lambda: False)


def check(server: FaultyServer, book: Book) -> None:
    """What was told is so."""
    copies = Counter(one.recipient for one in server.stored)
    for one in server.stored:
        assert one.content == next(
            parcel.content for parcel in book.parcels.values() if parcel.recipient == one.recipient
        )
    for number, state in book.states.items():
        count = copies[book.parcels[number].recipient]
        if state == "accepted":
            assert count == 1, (number, state, count)
        elif state != "in doubt":
            assert count == 0, (number, state, count)
        assert count <= 1
        assert state not in ("claimed", "dot sent")


@pytest.mark.parametrize("batch", range(SEQUENCES // BATCH))
@pytest.mark.timeout(900)
def test_random_faults(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    """M5, promises 1, 2 and 4: no carrier tells of a parcel what is not so, and the next run does what is left."""
    ended: Counter[str] = Counter()
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(SEED + number)
        offers = ("PIPELINING", "8BITMIME") if chance.random() < 0.7 else ("8BITMIME",)
        faults = [a_fault(chance) for _ in range(chance.randint(1, 5))]
        # These fall silent at once or later.
        slow = any(
            fault.kind in ("silence", "drip") or fault.stage == "body" or fault.text in (b"250-half", b"250 ok\n")
            for fault in faults
        )
        with serving(Setting(offers=offers, drip=0.05)) as server:
            server.fail(*faults)
            book = Book(parcels())
            try:
                carry(server, book, SHORT if slow else LONG, chance)
                check(server, book)
                ended.update(book.states.values())
                server.heal()
                book.recover()
                assert carry(server, book, LONG, chance) == ""
                check(server, book)
                assert set(book.states.values()) <= {"accepted", "refused", "in doubt"}
            except AssertionError as error:
                error.add_note(f"SEED={SEED + number}: {faults}")
                raise
    with capsys.disabled():
        sys.stdout.write(f"\n{BATCH} random sequences from {SEED + batch * BATCH}: {dict(sorted(ended.items()))}\n")
