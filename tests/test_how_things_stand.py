"""`digest.status`: how things stand, from the store alone, without changing it."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from builders import a_digest, a_listing, a_paper, a_profile, a_ranked
from conftest import ROOT

from digest.cli.status import lines
from digest.merging import merge
from digest.model import Addressee, Delivery, Outcome, State, Verdict
from digest.sources.settings import Arxiv, Feed, HuggingFace, Wanted
from digest.status import Status, as_object, look
from digest.store import Store, open_store, safety, witness
from digest.store.answers import Covered
from digest.store.ledger import Ledger
from digest.store.outbox import Frozen, Parcel, Trouble
from digest.store.runs import Ended
from digest.verdicts import exit_code

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
DAY = date(2026, 5, 26)
ANA = Addressee("mail", "ana@example.org")
BO = Addressee("mail", "bo@example.org")


SOURCES = (Wanted("huggingface", "Daily", HuggingFace()), Wanted("feed", "Lists", Feed("https://example.org/")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as store:
        yield store


def stand(store: Store, path: Path, *, today: date = DAY, readers: tuple[Addressee, ...] = (ANA, BO)) -> Status:
    return look(store, path, [a_profile(recipients=readers)], {"ana": today}, 4, NOW, sources=SOURCES)


def run(
    store: Store,
    verdict: Verdict | None = "delivered",
    command: str = "run",
    code: int | None = None,
    at: datetime = NOW,
) -> None:
    number = store.runs.begin(command, 1, at)
    code = exit_code(verdict) if verdict else code or 0
    store.runs.end(number, at, Ended(code, verdict, f"{verdict or 'no room'}: said"))


def send(store: Store, *states: State, day: str = "2026-05-26", carry: bool = True) -> None:
    """An edition of one paper that was sent to so many readers, with these outcomes."""
    readers = (ANA, BO)[: len(states)]
    edition = store.keep(a_digest(a_ranked(a_paper()), day=day), NOW)
    store.outbox.plan(
        edition.digest.profile, edition.digest.day, readers, now=NOW, expires=NOW + timedelta(days=1), carry=carry
    )
    planned = store.outbox.planned(9)
    store.outbox.freeze([Frozen(Parcel(one.id, "", one.to.address, b"x"), str(one.id)) for one in planned])
    journal = store.outbox.journal("run", "mail", clock=lambda: NOW, chance=lambda: 0.5)
    for state, parcel in zip(states, journal.step(wanted=len(states)), strict=True):
        if state in ("dot sent", "in doubt"):
            journal.step(marked=[parcel.id])
        if state not in ("claimed", "dot sent"):
            assert state in ("accepted", "refused", "deferred", "in doubt", "rendered")
            journal.step(settled=[Outcome(parcel.id, state, "said")])


def told(status: Status) -> str:
    return "\n".join(lines(status))


# -------------------------------------------------------------------------------------------- the verdict


@pytest.mark.parametrize("verdict", ["delivered", "quiet day", "holiday", "all filtered", "source failed"])
def test_the_verdict_of_the_newest_edition_counts(verdict: Verdict, store: Store, path: Path) -> None:
    """Where nobody is to be sent anything, things stand as the newest edition ended, whatever was before."""
    store.keep(a_digest(day="2026-05-25", verdict="source stale"), NOW)
    store.keep(a_digest(*[a_ranked()] * (verdict == "delivered"), verdict=verdict), NOW)
    run(store, verdict)
    status = stand(store, path, readers=())
    assert (status.verdict, status.exit_code) == (verdict, exit_code(verdict))
    assert lines(status)[0].startswith(f"{verdict}: ")


@pytest.mark.parametrize(
    ("states", "verdict", "code"),
    [
        (("accepted", "accepted"), "delivered", 0),
        (("accepted", "refused"), "delivery failed", 4),
        (("accepted", "in doubt"), "in doubt", 4),
        (("accepted", "deferred"), "delivered", 0),
        (("refused", "in doubt"), "in doubt", 4),
        (("accepted", "dot sent"), "in doubt", 4),
    ],
)
def test_what_became_of_mails_counts(
    states: tuple[State, ...], verdict: Verdict, code: int, store: Store, path: Path
) -> None:
    """D06, O01: refused mails and mails in doubt are in the verdict and in the exit code."""
    send(store, *states)
    run(store)
    status = stand(store, path)
    assert (status.verdict, status.exit_code) == (verdict, code)


def test_doubts_are_told_of_whose_they_are(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each profile has its own doubts, which are looked up once however many profiles there are: after a copy of the
    store was adopted everything is in doubt.
    """
    looks: list[Ledger] = []

    def looked(self: Ledger) -> list[Delivery]:
        looks.append(self)
        return doubts(self)

    doubts = Ledger.doubts
    monkeypatch.setattr(Ledger, "doubts", looked)
    send(store, "in doubt", "in doubt")
    some = [a_profile(name, recipients=(ANA,)) for name in ("ana", "bob", "eve")]
    status = look(store, path, some, dict.fromkeys(("ana", "bob", "eve"), DAY), 4, NOW)
    assert [shelf.doubts for shelf in status.shelves] == [2, 0, 0]
    assert len(looks) == 1


def test_what_was_decided_is_in_doubt_no_more(store: Store, path: Path) -> None:
    """The operator's word on a mail in doubt ends the doubt."""
    send(store, "accepted", "in doubt")
    run(store)
    (doubt,) = store.outbox.doubts()
    assert stand(store, path).verdict == "in doubt"
    store.outbox.decide(doubt.id, "drop", NOW)
    assert stand(store, path).verdict == "delivered"


def test_an_older_mail_that_waits_for_the_operator_counts(store: Store, path: Path) -> None:
    """With `in_doubt: hold` a mail of an older edition stays in doubt until somebody decides."""
    send(store, "accepted", "in doubt", day="2026-05-25", carry=False)
    send(store, "accepted", "accepted", carry=False)
    run(store)
    status = stand(store, path)
    assert status.verdict == "in doubt"
    assert "1 message in doubt: `digest outbox` lists them" in told(status)


def test_a_channel_that_stopped_counts_until_it_works(store: Store, path: Path) -> None:
    """A mail server that refuses us is in the verdict as long as the trouble is open."""
    send(store, "accepted", "accepted")
    run(store)
    trouble = Trouble("channel: mail", "mail stopped: no connection", NOW)
    store.outbox.keep_troubles([trouble])
    status = stand(store, path)
    assert (status.verdict, status.exit_code) == ("delivery failed", 4)
    assert "mail stopped: no connection" in told(status)
    assert "since 2026-05-26 06:00 UTC, nobody was told yet" in told(status)
    store.outbox.keep_troubles([trouble._replace(over=NOW)])
    assert stand(store, path).verdict == "delivered"


def test_editions_that_stay_away_are_stale(store: Store, path: Path) -> None:
    """O04: where no edition was made for days, cron may be what died, and the last verdict is worth nothing."""
    store.keep(a_digest(a_ranked()), NOW)
    run(store)
    assert stand(store, path, today=DAY + timedelta(3)).verdict == "delivered"
    status = stand(store, path, today=DAY + timedelta(4))
    assert (status.verdict, status.exit_code) == ("source stale", 3)
    assert "edition 1 of 2026-05-26, 4 days ago: 1 paper" in told(status)


def test_problems_count(store: Store, path: Path) -> None:
    """What the last run could not read is in the exit code, as it was in its own."""
    store.keep(a_digest(a_ranked()), NOW)
    problems = [f"page.txt:{line}: no listing" for line in range(1, 6)]
    store.runs.end(store.runs.begin("run", 1, NOW), NOW, Ended(3, "delivered", "", {}, problems))
    status = stand(store, path)
    assert status.exit_code == 3
    assert lines(status)[0] == "delivered: papers went out; but not all could be read"
    assert "page.txt:3: no listing\n          and 2 problems more\n" in told(status)


# ------------------------------------------------------------------------------------------------- runs


def test_the_last_runs_are_told(store: Store, path: Path) -> None:
    """The last `digest run` and the last `digest send` are told, each with its line."""
    store.keep(a_digest(a_ranked()), NOW)
    run(store)
    run(store, command="send")
    assert told(stand(store, path)).splitlines()[2:4] == [
        "last run   2026-05-26 06:00 UTC, just now: delivered: said",
        "last send  2026-05-26 06:00 UTC, just now: delivered: said",
    ]


def test_a_run_that_died_is_told(store: Store, path: Path) -> None:
    """A run that began and never ended died; a `digest send` that ended well does not hide it."""
    store.keep(a_digest(a_ranked()), NOW)
    store.runs.begin("run", 4711, NOW - timedelta(hours=3))
    run(store, command="send")
    status = stand(store, path)
    assert (status.exit_code, status.stopped) == (75, status.run)
    assert lines(status)[0].startswith("the last `digest run` died midway; the next one goes on where it was; apart")
    assert "3 hours ago: never ended" in told(status)
    run(store)
    assert stand(store, path).exit_code == 0


def test_a_run_that_was_stopped_is_told(store: Store, path: Path) -> None:
    """A run that an error stopped is told with that error; its exit code is 5, or 75 where it was cut short."""
    store.keep(a_digest(a_ranked()), NOW)
    run(store, None, code=130)
    assert stand(store, path).exit_code == 75
    run(store, None, code=5)
    status = stand(store, path)
    assert status.exit_code == 5
    assert lines(status)[0].startswith("the last `digest run` was stopped by an error; ")
    assert "stopped (exit code 5): no room: said" in told(status)


def test_a_run_at_work_has_not_died(store: Store, path: Path) -> None:
    """While another process holds the lock, its run is at work, what it sends is not in doubt, and the run before it
    is the last one.
    """
    run(store)
    with safety.alone(path):
        number = store.runs.begin("run", os.getpid(), NOW)
        send(store, "dot sent")
        status = stand(store, path)
    assert status.working
    assert (status.working.number, status.process) == (number, os.getpid())
    assert (status.verdict, status.exit_code) == ("delivered", 0)
    assert status.run
    assert status.run.number != number
    assert f"at work   digest run, since 2026-05-26 06:00 UTC, process {os.getpid()}" in told(status)
    assert stand(store, path).exit_code == 4, "and has died when the lock is free"


def test_who_asks_never_keeps_a_run_from_its_lock(store: Store, path: Path) -> None:
    """After a run that ended nothing is locked by asking, and nobody is named."""
    with safety.alone(path):
        assert safety.at_work(path) == os.getpid()
    assert safety.at_work(path) is None
    assert safety.at_work(path.with_name("none.db")) is None
    path.with_name("digest.db.lock").write_text("4711")
    assert safety.at_work(path) is None, "a run that was killed had named itself"
    with safety.alone(path):
        pass


def test_when_sources_were_last_read(store: Store, path: Path) -> None:
    """O04: how old the last run is whose sources were fine, whatever came after."""
    store.keep(a_digest(verdict="source failed"), NOW)
    store.runs.end(store.runs.begin("run", 1, NOW), NOW - timedelta(days=3), Ended(4, "in doubt", "in doubt: said"))
    run(store, "source failed")
    run(store, None, code=5)
    status = stand(store, path)
    assert status.read == NOW - timedelta(days=3)
    assert "were last read without failure 3 days ago" in told(status)


# ------------------------------------------------------------------------------------------- who got what


def test_each_profile_is_told(store: Store, path: Path) -> None:
    """A profile's newest edition, why it shows nothing, the last that showed something, and who got what."""
    send(store, "accepted", "deferred", day="2026-05-24")
    store.keep(a_digest(verdict="all filtered"), NOW)
    store.outbox.suppress("", BO, "bounced", NOW)
    store.outbox.suppress("ana", ANA, "unsubscribed", NOW)
    text = told(stand(store, path))
    assert "edition 2 of 2026-05-26: no papers (all filtered); the last with papers 2026-05-24" in text
    assert "sent of 2026-05-24: 1 accepted, 1 suppressed" in text
    assert "1 bounced, 1 unsubscribed: `digest outbox --suppressed` lists them" in text


def test_what_waits_is_told(store: Store, path: Path) -> None:
    """What was put off is told with its next try, and what may go at once without one."""
    send(store, "deferred", "deferred")
    (shelf,) = stand(store, path).shelves
    assert shelf.waiting == 2
    assert shelf.due
    assert NOW < shelf.due < NOW + timedelta(minutes=10)
    assert "2 messages to be sent, the next try 2026-05-26 06:0" in told(stand(store, path))
    store.keep(a_digest(a_ranked(), day="2026-05-27"), NOW)
    edition = store.edition("ana", date(2026, 5, 27))
    assert edition
    store.outbox.plan(edition.digest.profile, edition.digest.day, [ANA], now=NOW, expires=NOW + timedelta(days=1))
    assert "3 messages to be sent, by the next `digest send`" in told(stand(store, path))


def test_no_address_stands_in_it(store: Store, path: Path) -> None:
    """W16: neither the text nor the object has a reader's address."""
    send(store, "refused", "in doubt")
    store.outbox.suppress("", BO, "bounced", NOW, "<bo@example.org> is gone")
    run(store)
    status = stand(store, path)
    assert "@" not in told(status) + str(as_object(status))


# ---------------------------------------------------------------------------------------------- the store


def test_a_copy_may_not_send(store: Store, path: Path) -> None:
    """D12: a store that is a copy is told with what to do; one that nobody is sent from is none."""
    witness.begin_session(store, path)
    witness.name(path).unlink()
    status = stand(store, path)
    assert (status.verdict, status.exit_code) == ("delivery failed", 4)
    assert lines(status)[0].startswith("delivery failed: this store may not send: ")
    assert not stand(store, path, readers=()).why_not


def test_what_became_of_mails_counts_while_somebody_reads(store: Store, path: Path) -> None:
    """A profile that has no readers any more has no refused mail that stays for ever."""
    send(store, "refused")
    run(store)
    assert stand(store, path).verdict == "delivery failed"
    assert stand(store, path, readers=()).verdict == "delivered"


def test_nothing_is_changed_by_asking(store: Store, path: Path) -> None:
    """W01's rule for people: whoever looks changes nothing, be it a store that was never used or one that was."""

    def dump() -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())

    before = dump()
    stand(store, path)
    assert dump() == before
    send(store, "refused", "in doubt")
    run(store)
    before = dump()
    stand(store, path)
    assert dump() == before


# ------------------------------------------------------------------------------------------------- sources


def test_sources_are_told_with_what_is_missing(store: Store, path: Path) -> None:
    """The newest day of each, and the days that it could still be asked for; a feed has none."""
    before = [DAY - timedelta(days=ago) for ago in (4, 3, 2, 1)]
    for name in ("Daily", "Lists"):
        store.answers.cover(
            [
                Covered(name, before[0], "complete", NOW, 9),
                Covered(name, before[1], "failed", NOW, 0, "HTTP 500: it has failed"),
                Covered(name, before[3], "pending", NOW, 5),
                Covered(name, DAY, "failed", NOW, 0, "HTTP 503: it is busy"),
            ]
        )
    told = lines(stand(store, path))
    at = next(number for number, line in enumerate(told) if line.startswith("source"))
    assert [line.removeprefix("source").strip() for line in told[at : at + 5]] == [
        "Daily: 2026-05-26 failed",
        "HTTP 503: it is busy",
        "missing 2026-05-23, 2026-05-24: the next `digest run` asks for what is missing",
        "Lists: 2026-05-26 failed",
        "HTTP 503: it is busy",
    ]
    assert as_object(stand(store, path))["sources"][0] == {
        "name": "Daily",
        "newest": {
            "day": "2026-05-26",
            "state": "failed",
            "listings": 0,
            "asked": "2026-05-26T06:00:00+00:00",
            "detail": "HTTP 503: it is busy",
        },
        "missing": ["2026-05-23", "2026-05-24"],
    }


def test_a_turn_without_an_edition_is_no_silence(store: Store, path: Path) -> None:
    """Where an edition is due once a week the sources are read each day: until they are not, nothing is stale."""
    store.keep(a_digest(a_ranked(a_paper()), day="2026-05-20"), NOW)
    assert stand(store, path).verdict == "source stale"
    store.take_turn("ana", date(2026, 5, 25), [])
    assert stand(store, path).verdict == "delivered"
    assert stand(store, path).shelves[0].late == 6


@pytest.mark.parametrize(
    ("now", "seen", "state", "said"),
    [
        ("2026-05-26T06:30", True, "out", "of Monday, 25 May 2026 is out; the next one is due Tue 2026-05-26 20:00"),
        ("2026-05-26T06:30", False, "due", "of Monday, 25 May 2026 was not read yet; the next one is due Tue"),
        ("2026-05-26T10:30", False, "late", "of Monday, 25 May 2026 is late: nothing new was read since; the next"),
        ("2026-05-27T05:00", True, "due", "of Tuesday, 26 May 2026 was not read yet; the next one is due Wed"),
        ("2026-05-29T22:00", True, "due", "of Thursday, 28 May 2026 was not read yet; there is none today; the next"),
    ],
)
def test_arxivs_announcement(now: str, seen: bool, state: str, said: str, store: Store, path: Path) -> None:
    """Whether the latest is out, late or not looked for yet is known by what editions had seen, and when."""
    kept = merge([a_listing(arxiv="2605.00001")])
    if not seen:
        store.save(kept)
        store.keep(a_digest(a_ranked(kept[0]), day="2026-05-24", announced=(date(2026, 5, 21),)), NOW)
    store.save(kept)
    store.keep(a_digest(*([a_ranked(kept[0])] if seen else []), announced=(date(2026, 5, 25),) if seen else ()), NOW)
    at = datetime.fromisoformat(f"{now}+00:00")
    run(store, at=NOW if seen else at)
    told = look(store, path, [a_profile()], {"ana": DAY}, 4, at)
    assert told.announcement
    assert told.announcement.state == state
    assert [said in line for line in lines(told) if line.startswith("arXiv")] == [True]


@pytest.mark.parametrize(
    ("hour", "day", "state"), [(6, "2026-05-26", "out"), (6, "2026-05-25", "due"), (11, "2026-05-25", "late")]
)
def test_arxivs_source_knows_best(hour: int, day: str, state: str, store: Store, path: Path) -> None:
    """Where arXiv is asked, its announcement is out when it was read there, whatever other sources had that is new."""
    arxiv = Wanted("arxiv", "arXiv cs.LG", Arxiv(("cs.LG",)))
    at = NOW.replace(hour=hour)
    store.save(merge([a_listing(ids={"doi": "10.1/x"})]))
    store.keep(a_digest(), NOW)
    run(store, at=at)
    store.answers.cover([Covered(arxiv.name, date.fromisoformat(day), "complete", at, 7)])
    found = look(store, path, [a_profile()], {"ana": DAY}, 4, at, sources=[arxiv]).announcement
    assert found
    assert (found.state, found.latest.evening) == (state, date(2026, 5, 25))


def test_who_reads_nothing_of_arxivs_is_told_nothing_of_it(store: Store, path: Path) -> None:
    """Without an edition that covers an announcement there is no word of them."""
    send(store, "accepted")
    assert stand(store, path).announcement is None
    assert not [line for line in lines(stand(store, path)) if line.startswith("arXiv")]


# ------------------------------------------------------------------------------------------------- as data


def test_the_object_says_what_its_documentation_says(store: Store, path: Path) -> None:
    """Every key of the object is in docs/mail.md, and the documentation names no key that is not there."""
    store.keep(a_digest(a_ranked(a_paper()), announced=(date(2026, 5, 25),)), NOW)
    send(store, "accepted", "deferred")
    run(store)
    run(store, command="send")
    store.outbox.keep_troubles([Trouble("channel: mail", "mail stopped", NOW, NOW)])
    store.answers.cover([Covered("Daily", DAY, "pending", NOW, 3)])
    with safety.alone(path):
        told = as_object(stand(store, path))
    page = (ROOT / "docs/mail.md").read_text(encoding="utf-8")
    table = page.partition("prints one object:")[2].partition("`digest doctor`")[0]
    documented = set(re.findall(r"`([a-z_]+)`", table)) - {"stale_after"}
    top = [name for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for name in re.findall(r"`([a-z_]+)`", row)]
    assert top == list(told)
    inner = (
        told["announcement"],
        told["at_work"],
        told["last_run"],
        *told["profiles"],
        told["profiles"][0]["edition"],
        *told["sources"],
        told["sources"][0]["newest"],
        *told["troubles"],
    )
    keys = {*told, *(key for one in inner for key in one), *told["store"], "day"}
    assert keys == documented
    assert set(told["profiles"][0]["deliveries"]) - {"day"} <= set(get_args(State))


def test_the_object_is_of_plain_values(store: Store, path: Path) -> None:
    """Instants are ISO 8601 in UTC, days ISO 8601, and what is not known is null."""
    told = as_object(stand(store, path))
    assert told["at"] == "2026-05-26T06:00:00+00:00"
    assert [told[key] for key in ("at_work", "last_run", "last_send", "sources_read", "why_not")] == [None] * 5
    assert told["sources"] == [{"name": name, "newest": None, "missing": []} for name in ("Daily", "Lists")]
    assert told["profiles"] == [
        {
            "name": "ana", "edition": None, "days_old": None, "last_with_papers": None, "deliveries": None,
            "next_edition": "2026-05-27T06:00:00+00:00", "waiting": 0, "next_try": None, "in_doubt": 0,
        }
    ]  # fmt: skip
    assert told["store"] == {"path": str(path), "bytes": told["store"]["bytes"], "papers": 0}
    assert lines(stand(store, path))[0] == "no edition yet: `digest run` makes the first one"
