"""Dialogues with servers that say anything: nothing raises, and nothing is told of a parcel that is not so.

Two models. Under `test_any_bytes` the server says any bytes at all, and what is checked is what can be known then.
Under `Conversation` it keeps the order of question and answer, and notes what reached it: it refuses, fails, hangs up,
cuts its bytes anywhere, and each outcome is compared with what it knows. `make test` has a share, `make torture` all.
"""

import os
import re
import sys
from collections import Counter, deque
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from mailservers.other_end import EVERYTHING, a_parcel, a_server

from digest.delivery.smtp.dialogue import Dialogue
from digest.model import Parcel

TORTURE = os.environ.get("TORTURE") == "all"

LINES = st.sampled_from(
    [
        *(b"220 hello", b"250 ok", b"250-PIPELINING", b"250 PIPELINING", b"250-SIZE 30", b"250 STARTTLS", b"354 go on"),
        *(
            b"250 AUTH PLAIN LOGIN",
            b"334 x",
            b"235 ok",
            b"221 bye",
            b"421 4.3.2 down",
            b"450 grey",
            b"451-later",
            b"552 full",
        ),
        *(
            b"550 5.1.1 nobody",
            b"550 5.1.8 sender",
            b"530 log in",
            b"503 first",
            b"100 what",
            b"hello",
            b"",
            b"250\n354 go",
        ),
    ]
)
SAYINGS = st.lists(LINES, min_size=1, max_size=5).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
ANYTHING = SAYINGS | st.binary(max_size=20)
SERVERS = st.sampled_from(
    [
        a_server(),
        a_server(lmtp=True),
        a_server(tls="starttls"),
        a_server(tls="tls", user="digest"),
        a_server(user="digest"),
    ]
)
ACTS = st.one_of(
    st.tuples(st.just("says"), ANYTHING),
    st.tuples(
        st.just("says"), st.sampled_from([b"220 hello\r\n", b"250 PIPELINING\r\n", b"250 ok\r\n", b"354 go on\r\n"])
    ),
    st.tuples(st.just("reads"), st.integers(1, 200)),
    st.tuples(st.sampled_from(["gives", "marks", "marks late", "secures"]), st.none()),
    st.tuples(st.sampled_from(["hangs up", "times out", "parts"]), st.none()),
)


@settings(max_examples=20_000 if TORTURE else 400)
@given(SERVERS, st.lists(ACTS, max_size=40))
def test_any_bytes(server, acts: list[tuple[str, object]]) -> None:  # type: ignore[no-untyped-def]
    """M5, M22: whatever comes, nothing is raised; each parcel ends once; none is accepted without its dot, and none is
    given back that had it; no dot is said before `release`.
    """
    dialogue = Dialogue(server, "secret", "us.example", private=True, watch=lambda _: None)
    parcels = iter([a_parcel(number) for number in range(1, 60)])
    given: list[int] = []
    released: set[int] = set()

    def one() -> Parcel:
        parcel = next(parcels)
        given.append(parcel.id)
        return parcel

    for act, what in acts:
        if act == "says":
            assert isinstance(what, bytes)
            dialogue.receive(what)
        elif act == "reads" and dialogue.pending(1):
            assert isinstance(what, int)
            dialogue.sent(min(what, len(dialogue.pending(1)[0])))
        elif act == "gives" and dialogue.ready:
            dialogue.give(one())
        elif act.startswith("marks") and (parcel := dialogue.wants_mark):
            dialogue.keep()
            if act == "marks late":
                dialogue.receive(b"250 ok\r\n")
            if not dialogue.closed:
                dialogue.release(one() if dialogue.pipelines else None)
                released.add(parcel.id)
        elif act == "secures" and dialogue.securing:
            dialogue.secured()
        elif act == "hangs up":
            dialogue.lose("it hung up")
        elif act == "times out":
            dialogue.time_out(300)
        elif act == "parts":
            dialogue.quit()
    dialogue.lose("the end")

    ended = [outcome.id for outcome in dialogue.outcomes] + [parcel.id for parcel in dialogue.returned]
    assert sorted(ended) == given
    for outcome in dialogue.outcomes:
        if outcome.state in ("accepted", "in doubt"):
            assert outcome.id in released
    assert not {parcel.id for parcel in dialogue.returned} & released
    assert dialogue.closed
    assert not dialogue.ready
    assert not dialogue.pending(1)


SOME = st.sampled_from([10_000] * 12 + [40, 2, 1])
"""How many bytes a network carries at a time."""

MOODS = ["yes"] * 40 + ["4xx", "5xx", "no", "421", "odd", "rude", "bye"]


class Conversation(RuleBasedStateMachine):
    """A dialogue and a model of the server at its other end, which keeps step but nothing else."""

    seen: ClassVar[Counter[str]] = Counter()
    """How often a parcel ended in which way, over all conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.dialogue: Dialogue | None = None
        self.begin()

    def begin(self) -> None:
        self.given: dict[int, Parcel] = {}
        self.released: set[int] = set()
        # The server: what it has read of what was said, what it will say, and what it knows.
        self.heard = b""
        self.asked: deque[str] = deque(["greeting"])
        self.saying = b""
        self.gone = False
        self.in_body = False
        self.body: list[bytes] = []
        self.to = 0
        self.stored: dict[int, bytes] = {}
        self.told: dict[int, int] = {}
        """The code that the client heard, whole, as the answer to the dot of a parcel."""
        self.on_the_way: deque[tuple[int, int, int]] = deque()
        """Of replies to dots: how many bytes have to be heard for it, the parcel, the code."""
        self.said = self.got = 0

    # -------------------------------------------------------------------------------------- the beginning

    @precondition(lambda self: not self.open())
    @rule(pipelining=st.booleans(), lmtp=st.booleans(), opened=st.sampled_from([True] * 9 + [False]))
    def connect(self, pipelining: bool, lmtp: bool, opened: bool) -> None:
        self.over()
        self.begin()
        self.offers = [word for word in EVERYTHING if pipelining or word != "PIPELINING"]
        self.dialogue = Dialogue(a_server(lmtp=lmtp), "", "us.example", private=True)
        if opened:
            for _ in ("greeting", "EHLO"):
                self.carry_there(10_000)
                self.answer(["yes"], 0)
                self.carry_back(10_000)

    # -------------------------------------------------------------------------------------- the owner

    def open(self) -> bool:
        return self.dialogue is not None and not self.dialogue.closed

    @precondition(lambda self: self.open() and self.dialogue.ready)
    @rule(size=st.integers(0, 3))
    def give(self, size: int) -> None:
        assert self.dialogue
        self.dialogue.give(self.next(size))

    def next(self, size: int) -> Parcel:
        number = len(self.given) + 1
        content = (b"Subject: %d\r\n\r\n.\r\n.." % number) + b"text\r\n.\r\n" * size
        self.given[number] = a_parcel(number, content=content)
        return self.given[number]

    @precondition(lambda self: self.open() and self.dialogue.wants_mark)
    @rule(follow=st.booleans(), size=st.integers(0, 3), unasked=st.sampled_from([b""] * 20 + [b"250 ok\r\n", b"4"]))
    def mark(self, follow: bool, size: int, unasked: bytes) -> None:
        assert self.dialogue
        parcel = self.dialogue.wants_mark
        assert parcel
        self.dialogue.keep()
        if unasked:
            self.dialogue.receive(unasked)
            if not self.dialogue.closed:
                self.dialogue.lose("it hung up")
            return
        self.dialogue.release(self.next(size) if follow and self.dialogue.pipelines else None)
        self.released.add(parcel.id)

    @precondition(lambda self: self.open())
    @rule(how=st.sampled_from(["lose", "time out", "give up"]), really=st.sampled_from([False] * 30 + [True]))
    def end(self, how: str, really: bool) -> None:
        assert self.dialogue
        if not really:  # most conversations go on
            return
        if how == "lose":
            self.dialogue.lose("we were cut off")
        elif how == "time out":
            self.dialogue.time_out(300)
        else:
            self.dialogue.give_up("it is of no use")

    # -------------------------------------------------------------------------------------- the network

    @precondition(lambda self: self.open() and self.dialogue.pending(1))
    @rule(most=SOME)
    def carry_there(self, most: int) -> None:
        assert self.dialogue
        for piece in self.dialogue.pending(2):
            count = min(most, len(piece))
            if not self.gone:
                self.heard += bytes(piece[:count])
            self.dialogue.sent(count)
            if count < len(piece):
                break
        self.listen()

    @precondition(lambda self: self.open() and self.saying)
    @rule(most=SOME)
    def carry_back(self, most: int) -> None:
        assert self.dialogue
        data, self.saying = self.saying[:most], self.saying[most:]
        self.got += len(data)
        # What was heard before it hung up itself counts.
        while self.on_the_way and self.on_the_way[0][0] <= self.got:
            _, parcel, code = self.on_the_way.popleft()
            self.told[parcel] = code
        self.dialogue.receive(data)

    @precondition(lambda self: self.open() and self.gone and not self.saying)
    @rule()
    def notice(self) -> None:
        assert self.dialogue
        self.dialogue.lose("it hung up")

    # -------------------------------------------------------------------------------------- the server

    def listen(self) -> None:
        """Take whole lines: commands, or a body up to its dot."""
        while b"\r\n" in self.heard:
            # It reads on only when it has answered: then it knows whether a body comes.
            if self.asked and not self.in_body:
                return
            line, _, self.heard = self.heard.partition(b"\r\n")
            if not self.in_body:
                self.command(line.decode())
            elif line == b".":
                self.in_body = False
                self.asked.append("dot" if self.to else "lone dot")
                if self.to:
                    assert self.to not in self.stored, "a second copy"
                    self.stored[self.to] = b"".join(one.removeprefix(b".") + b"\r\n" for one in self.body)
            else:
                self.body.append(line)

    def command(self, line: str) -> None:
        word = line[:4]
        assert word in ("EHLO", "LHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "QUIT"), line
        self.asked.append(word)
        if found := re.fullmatch(r"RCPT TO:<r(\d+)@them\.example>", line):
            self.to = int(found[1])

    @precondition(lambda self: self.dialogue is not None and self.asked and not self.gone)
    @rule(moods=st.lists(st.sampled_from(MOODS), min_size=1, max_size=4), lines=st.integers(0, 2))
    def answer(self, moods: list[str], lines: int) -> None:
        for mood in moods:
            if self.asked and not self.gone:
                self.reply(self.asked.popleft(), mood, lines)
                self.listen()

    def reply(self, asked: str, mood: str, lines: int) -> None:
        good = {"greeting": 220, "DATA": 354, "QUIT": 221}.get(asked, 250)
        # Who has no recipient may all the same ask for a body, or not.
        code = {"yes": good, "4xx": 451, "5xx": 554, "no": 550, "421": 421, "odd": 250 if good == 354 else 354}.get(
            mood
        )
        if mood == "bye":
            self.hang_up()
            return
        if code is None:
            self.say(b"what do you want?\r\n")
            self.hang_up()
            return
        if asked == "dot":
            self.settle(code)
        self.state(asked, code)
        text = [b"%d-more\r\n" % code] * lines + [b"%d 2.0.0 end\r\n" % code]
        if asked in ("EHLO", "LHLO") and code == 250:
            text = [b"250-%s\r\n" % word.encode() for word in ["server.example", *self.offers]] + [b"250 HELP\r\n"]
        self.say(b"".join(text))
        if asked == "dot":
            self.on_the_way.append((self.said, self.answered, code))
        if code in (421, 221):
            self.hang_up()

    def settle(self, code: int) -> None:
        self.answered, self.to = self.to, 0
        if code != 250 and code != 354:
            # What it does not accept it does not keep.
            self.stored.pop(self.answered)

    def state(self, asked: str, code: int) -> None:
        if (asked == "RCPT" and code != 250) or asked in ("RSET", "MAIL"):
            self.to = 0
        elif asked == "DATA" and code == 354:
            self.in_body, self.body = True, []

    def say(self, data: bytes) -> None:
        self.saying += data
        self.said += len(data)

    def hang_up(self) -> None:
        self.gone = True
        self.asked.clear()

    # -------------------------------------------------------------------------------------- what must be so

    @invariant()
    def nothing_is_told_that_is_not_so(self) -> None:
        if not self.dialogue:
            return
        outcomes = {outcome.id: outcome.state for outcome in self.dialogue.outcomes}
        assert len(outcomes) == len(self.dialogue.outcomes), "an outcome twice"
        returned = [parcel.id for parcel in self.dialogue.returned]
        assert len(set(returned)) == len(returned)
        assert not set(returned) & set(outcomes)
        for number, state in outcomes.items():
            if state == "accepted":
                assert self.told.get(number) == 250
            elif state == "in doubt":
                assert number in self.released
                assert self.told.get(number) in (None, 354)
            else:
                assert number not in self.stored, "it was told as not delivered, and it is"
        for number in returned:
            assert number not in self.released
            assert number not in self.stored
        for number, content in self.stored.items():
            assert number in self.released, "its dot was said too early"
            given = self.given[number].content
            assert content == given + (b"" if given.endswith(b"\r\n") else b"\r\n")

    def over(self) -> None:
        if not self.dialogue:
            return
        self.dialogue.lose("the end")
        self.nothing_is_told_that_is_not_so()
        ended = [outcome.id for outcome in self.dialogue.outcomes] + [one.id for one in self.dialogue.returned]
        assert sorted(ended) == sorted(self.given)
        self.seen.update(outcome.state for outcome in self.dialogue.outcomes)
        self.seen["returned"] += len(self.dialogue.returned)
        arrived = {outcome.id for outcome in self.dialogue.outcomes if outcome.state == "in doubt"} & {*self.stored}
        self.seen["in doubt, and arrived"] += len(arrived)

    def teardown(self) -> None:
        self.over()


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_conversations(capsys: pytest.CaptureFixture[str]) -> None:
    """M5, M22: random protocol fault sequences against a model: 300 of them, 10,000 under `make torture`."""
    Conversation.seen.clear()
    count = 10_000 if TORTURE else 300
    run_state_machine_as_test(Conversation, settings=settings(max_examples=count, stateful_step_count=80))
    with capsys.disabled():
        sys.stdout.write(f"\n{count:,} conversations: {dict(sorted(Conversation.seen.items()))}\n")
    ways = ("accepted", "refused", "deferred", "in doubt", "in doubt, and arrived", "returned")
    assert all(Conversation.seen[way] for way in ways), "a way to end was never taken: nothing was shown"
