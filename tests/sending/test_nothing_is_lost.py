"""The law that sending is there for: whatever happens, no paper is lost and none comes twice (promises 1 to 3)."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from sending_scene import MAILING, Scene, mailed, reader

from digest.errors import UsageError
from digest.model import Delivery, Parcel

READERS = ("ana", "bob")
ENDED = ("accepted", "refused", "suppressed", "expired", "in doubt")

EXAMPLES = 20_000 if os.environ.get("TORTURE") == "all" else 150
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where each of many commits costs no disk."""

ANSWERS = st.sampled_from(
    ["accepted"] * 3
    + ["in doubt"] * 3
    + ["refused", "hard", "deferred", "deferred", "early", "sender", "dies", "dies after"]
)
EVENTS = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, 2)),
    st.tuples(st.just("send"), st.lists(ANSWERS, min_size=1, max_size=6)),
    st.tuples(st.just("send"), st.lists(ANSWERS, min_size=1, max_size=6)),
    st.tuples(st.just("wait"), st.sampled_from([0.2, 2, 23, 25])),
    st.tuples(st.just("next day"), st.integers(0, 2)),
    st.tuples(st.just("next day"), st.integers(0, 2)),
    st.tuples(st.just("policy"), st.sampled_from(["carry", "resend", "hold"])),
    st.tuples(st.just("from"), st.sampled_from(["digest@example.org", "digets@example.org"])),
    st.tuples(st.just("decide"), st.tuples(st.integers(0, 9), st.sampled_from(["carry", "resend", "drop"]))),
    st.tuples(st.just("readers"), st.sets(st.sampled_from(READERS))),
    st.tuples(st.just("leave"), st.sampled_from(READERS)),
    st.tuples(st.just("release"), st.sampled_from(READERS)),
)


class History:
    """What happened to an installation, told by its ledger and by what its server took."""

    def __init__(self, folder: Path) -> None:
        self.scene = Scene(folder / "digest.db")
        self.scene.profile("ana", *READERS)
        self.mailing = MAILING
        self.numbers = iter(range(1, 1000))
        self.editions: dict[str, set[str]] = {}
        self.dropped: set[int] = set()
        self.uncertain: set[int] = set()
        """Deliveries of which nobody knows whether they arrived."""
        self.again: set[int] = set()
        """Those that somebody wants to be sent again all the same."""

    def happen(self, what: str, how) -> None:  # type: ignore[no-untyped-def]
        scene, outbox = self.scene, self.scene.store.outbox
        if what == "publish":
            self.publish(how)
        elif what == "send":
            self.send(how)
        elif what == "wait":
            scene.later(how)
        elif what == "next day":
            scene.now = scene.now.replace(hour=6, minute=0) + timedelta(days=1)
            self.publish(how)
        elif what == "policy":
            self.mailing = scene.mailing = self.mailing._replace(in_doubt=how)
        elif what == "from":
            self.mailing = scene.mailing = self.mailing._replace(sender=how)
        elif what == "decide":
            self.decide(*how)
        elif what == "readers":
            scene.profile("ana", *sorted(how))
        elif what == "leave":
            outbox.suppress("ana", reader(how), "unsubscribed", scene.now)
        elif what == "release":
            outbox.release("ana", reader(how))
            outbox.release("", reader(how))

    def publish(self, papers: int) -> None:
        edition = self.scene.edition(*[next(self.numbers) for _ in range(papers)])
        self.editions[str(edition.digest.day)] = {one.paper.ids["arxiv"] for one in edition.digest.ranked}

    def send(self, answers: list[str]) -> None:
        left = iter(answers)

        def answer(parcel: Parcel) -> str:
            assert parcel.id not in self.uncertain - self.again, "it may have arrived, and was sent again"
            told = next(left, "accepted")
            if told in ("in doubt", "dies after"):
                self.uncertain.add(parcel.id)
                self.again.discard(parcel.id)
            return told

        if self.mailing.in_doubt == "resend":
            self.again |= self.uncertain
        self.scene.send(answer)
        if self.mailing.in_doubt == "resend":
            self.again |= self.uncertain

    def decide(self, which: int, how: str) -> None:
        rows = self.rows()
        if rows:
            one = rows[which % len(rows)]
            try:
                self.scene.store.outbox.decide(one.id, how, self.scene.now)  # type: ignore[arg-type]
            except UsageError:
                return
            if how == "drop":
                self.dropped.add(one.id)
            else:
                self.dropped.discard(one.id)
            if how == "resend":
                self.again.add(one.id)

    def rows(self) -> list[Delivery]:
        return sorted(self.scene.store.outbox.deliveries(), key=lambda one: one.id)

    def settle(self) -> None:
        """Everybody is back, the server takes everything, and two more days have papers."""
        scene = self.scene
        scene.mailing = MAILING
        scene.profile("ana", *READERS)
        for one in READERS:
            self.happen("release", one)
        for row in self.rows():
            if row.state == "in doubt" and not row.carried_into and row.id not in self.dropped:
                scene.store.outbox.decide(row.id, "carry", scene.now)
        for _ in range(2):
            self.happen("next day", 1)
            for _ in range(2):
                self.send([])
                scene.later(1.5)

    # -------------------------------------------------------------------------------------------- the law

    def last(self, row: Delivery, rows: dict[int, Delivery]) -> Delivery:
        """The row that took this one's papers along in the end."""
        while row.carried_into:
            row = rows[row.carried_into]
        return row

    def refusals(self, row: Delivery, rows: dict[int, Delivery]) -> int:
        """How many mails of that reader were refused from that one on."""
        later = [one for one in rows.values() if one.id >= row.id and one.to == row.to]
        return sum(one.state == "refused" for one in later)

    def check_always(self) -> None:
        """Nothing is twice in what was accepted, nothing was sent again that had been, and none that had its dot once
        has changed.
        """
        taken, given = self.scene.server.taken, self.scene.server.given
        assert len({parcel.id for parcel in taken}) == len(taken)
        told = Counter((parcel.recipient, paper) for parcel in taken for paper in mailed(parcel.content))
        assert not [one for one, times in told.items() if times > 1]
        contents: dict[int, Parcel] = {}
        for parcel in given:
            assert contents.setdefault(parcel.id, parcel) == parcel

    def check_in_the_end(self) -> None:
        """D04: every delivery has ended; each paper that was picked for a reader is in a mail that was accepted."""
        rows = {row.id: row for row in self.rows()}
        had = {name: set(papers) for name, papers in self.scene.server.papers.items()}
        for row in rows.values():
            assert row.state in ENDED
            end = self.last(row, rows)
            gone = end.state == "suppressed" and end.detail in ("unsubscribed", "bounced")
            if gone or {row.id, end.id} & self.dropped:
                continue  # the operator said to let it be
            if row.decided == "left":
                assert self.refusals(row, rows) >= 3, "only what was refused so often is left to its page"
                continue
            assert end.state == "accepted", (row, end)
            assert self.editions[str(row.day)] <= had[row.to.address], (row, end)


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(st.lists(EVENTS, max_size=25))
@example([("send", ["in doubt", "in doubt"]), ("decide", (0, "drop")), ("decide", (0, "resend"))])
@example([("send", ["dies after"]), ("send", [])])
@example([("send", ["deferred", "deferred"]), ("readers", {"ana"}), ("send", []), ("readers", {"ana", "bob"})])
def test_no_paper_is_lost(events: list[tuple[str, object]]) -> None:
    """Promises 1 to 3, D03 to D06, D11, M22: over days, with any answers, kills, policies, senders, decisions of the
    operator, and readers who leave, come back and are taken out of the config, each paper comes, and comes once.
    """
    with TemporaryDirectory(dir=MEMORY) as folder:
        history = History(Path(folder))
        try:
            history.publish(1)
            for what, how in events:
                history.happen(what, how)
                history.check_always()
            history.settle()
            for row in history.rows():
                note(f"{row.id} {row.day} {row.to.address} {row.state} -> {row.carried_into} {row.detail}")
            history.check_always()
            history.check_in_the_end()
        finally:
            history.scene.store.close()


def test_the_law_can_be_broken(tmp_path: Path) -> None:
    """The checks above find a mail that is missing from what the server took, and one that came twice."""
    history = History(tmp_path)
    try:
        history.publish(1)
        history.settle()
        history.check_always()
        history.check_in_the_end()
        taken = history.scene.server.taken
        taken.append(taken[0]._replace(id=999))
        with pytest.raises(AssertionError):
            history.check_always()
        taken[:] = taken[1:-1]
        with pytest.raises(AssertionError):
            history.check_in_the_end()
    finally:
        history.scene.store.close()
