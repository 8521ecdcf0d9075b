"""`digest.sending.alarm`: each trouble is told once, until it ends and comes again, and none is lost (O04)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import StorageError
from digest.model import Addressee, Delivery, Problem, State
from digest.sending import Sent, alarm
from digest.sending.alarm import News, Wrong, heard, message, news, weigh
from digest.store.outbox import Trouble
from digest.store.runs import Run

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SERVER = Wrong("channel: mail", "mail stopped: mx.example.org: no connection: Connection refused")
PAGE = Wrong("source: page.txt", "page.txt: there is no such file")
BO = Wrong("refused: ana 0f", "ana: b…@example.org is refused")


def a_delivery(state: State, address: str = "bo@example.org", **known: object) -> Delivery:
    delivery = Delivery(
        id=1,
        profile="ana",
        day=date(2026, 5, 26),
        to=Addressee("mail", address),
        state=state,
        changed=NOW,
        expires=NOW + DAY,
    )
    return replace(delivery, **known)  # type: ignore[arg-type]


def told(troubles: list[Trouble]) -> tuple[list[str], list[str]]:
    """The names of what a message would say that begins, and that is over."""
    found = news(troubles)
    return [one.name for one in found.begun], [one.name for one in found.over]


# ------------------------------------------------------------------------------------------- once, and all


def test_a_trouble_is_told_once() -> None:
    """A trouble that goes on is kept since when it began, and is no news once somebody was told."""
    first = weigh([SERVER], [], [], NOW)
    assert told(first) == ([SERVER.name], [])
    known = heard(first, NOW)
    again = weigh([SERVER._replace(what="mail stopped: another reason")], known, [SERVER.name], NOW + DAY)
    assert told(again) == ([], [])
    assert again == [Trouble(SERVER.name, "mail stopped: another reason", NOW, NOW)]


def test_what_nobody_could_be_told_stays_news() -> None:
    """A trouble counts as told only when somebody was: until then each run tells it."""
    known = weigh([SERVER], [], [], NOW)
    assert told(weigh([SERVER], known, [SERVER.name], NOW + DAY)) == ([SERVER.name], [])


def test_the_end_of_what_lasts_is_told_once() -> None:
    """Who was told of a trouble that lasts is told when it is over; then it is forgotten, and may come again."""
    known = heard(weigh([PAGE], [], [], NOW), NOW)
    over = weigh([], known, [PAGE.name], NOW + DAY)
    assert told(over) == ([], [PAGE.name])
    assert heard(over, NOW + DAY) == []
    assert told(weigh([PAGE], [], [], NOW + 2 * DAY)) == ([PAGE.name], [])


def test_the_end_of_what_happened_is_no_news() -> None:
    """That a refused mail belongs to an older edition by now is nothing to write about."""
    known = heard(weigh([BO], [], [], NOW), NOW)
    assert weigh([], known, [BO.name], NOW + DAY) == []


@pytest.mark.parametrize("wrong", [SERVER, BO])
def test_a_trouble_that_ended_untold_is_told_afterwards(wrong: Wrong) -> None:
    """Where the broken mail server was the only way to tell of it, it is told when it works again."""
    known = weigh([wrong], [], [], NOW)
    over = weigh([], known, [wrong.name], NOW + DAY)
    assert told(over) == ([], [wrong.name])
    _, text = message(news(over), "Lab", "/srv/digest.db", "")
    assert "From 2026-05-26 06:00 UTC to 2026-05-27 06:00 UTC" in text
    assert heard(over, NOW + DAY) == []


def test_what_is_long_over_is_let_go() -> None:
    """Where nobody can be told of it for a week, what is over is forgotten."""
    over = weigh([], weigh([PAGE], [], [], NOW), [PAGE.name], NOW)
    assert told(weigh([], over, [PAGE.name], NOW + 6 * DAY)) == ([], [PAGE.name])
    assert weigh([], over, [PAGE.name], NOW + 7 * DAY) == []


def test_a_trouble_that_comes_again_before_its_end_was_told_goes_on() -> None:
    """A server that comes and goes while alerts cannot leave is one trouble, and not one for each time."""
    known = heard(weigh([SERVER], [], [], NOW), NOW)
    over = weigh([], known, [SERVER.name], NOW + DAY)
    assert weigh([SERVER], over, [SERVER.name], NOW + 2 * DAY) == known


def test_what_a_run_did_not_look_at_is_not_over() -> None:
    """`digest send` reads no source, so what is wrong with one stays wrong."""
    known = heard(weigh([PAGE, SERVER], [], [], NOW), NOW)
    left = weigh([], known, [SERVER.name], NOW + DAY)
    assert told(left) == ([], [SERVER.name])
    assert known[0] in left


NAMES = st.sampled_from([SERVER.name, PAGE.name, BO.name, "death: 3", "copy"])
RUNS = st.lists(st.tuples(st.frozensets(NAMES), st.frozensets(NAMES), st.booleans()), max_size=12)


@given(RUNS)
def test_any_course_of_trouble(runs: list[tuple[frozenset[str], frozenset[str], bool]]) -> None:
    """Whatever comes, goes and is told: a trouble that begins is told before it is gone for good, and none is told
    twice unless its end could be told in between.
    """
    known: list[Trouble] = []
    open_: set[str] = set()
    for number, (wrong, looked, works) in enumerate(runs):
        now = NOW + number * timedelta(hours=1)
        known = weigh([Wrong(name, name) for name in sorted(wrong)], known, looked | wrong, now)
        assert wrong <= {one.name for one in known if not one.over}
        assert len({one.name for one in known}) == len(known)
        found = news(known)
        begun = {one.name for one in found.begun}
        assert not begun & open_
        assert {one.name for one in found.over} <= looked | {one.name for one in known if one.over}
        open_ &= {one.name for one in known}
        if works:
            open_ = (open_ | begun) - {one.name for one in found.over}
            known = heard(known, now)
            assert not any(news(known))


# ------------------------------------------------------------------------------------------ what is wrong


def test_sources_and_listings() -> None:
    """A source that cannot be read is a trouble; a listing that cannot is told by the exit code alone."""
    problems = [Problem("page.txt", None, "there is no such file"), Problem("other.txt", 7, "is no listing")]
    assert alarm.of_sources(problems, ["delivered"]) == [PAGE]
    assert [one.name for one in alarm.of_sources([], ["quiet day", "source stale"])] == ["source stale"]
    assert alarm.of_sources([], ["quiet day", "all filtered", "holiday"]) == []


def test_a_channel_that_stopped() -> None:
    """A server that refuses us is one trouble, however many mails waited for it."""
    sent = Sent(halted={"mail": "mx.example.org: it refuses user and password: 535"})
    (one,) = alarm.of_sending(sent, [], [])
    assert one == Wrong("channel: mail", "mail stopped: mx.example.org: it refuses user and password: 535")


def test_a_channel_works_again_when_something_was_answered() -> None:
    """Where nothing was to be sent nobody knows whether the server works, and its trouble is not over."""
    known = [Trouble(SERVER.name, SERVER.what, NOW), Trouble(PAGE.name, PAGE.what, NOW), Trouble("copy", "c", NOW)]
    assert alarm.scope(Sent(), ["mail"], known) == {"copy"}
    assert alarm.scope(Sent(answered=frozenset({"mail"})), ["mail"], known) == {"copy", SERVER.name}
    assert alarm.scope(Sent(halted={"mail": "no"}), ["mail"], known) == {"copy", SERVER.name}
    assert alarm.scope(Sent(), [], known) == {"copy", SERVER.name}, "nobody is sent anything by it any more"
    assert alarm.scope(None, ["mail"], known) == set()


def test_a_copy_says_nothing_of_deliveries() -> None:
    """D12: a store that must not send has one trouble, and cannot tell whether others are over."""
    sent = Sent(halted={"mail": "why", "webhook": "why"}, copy="digest.db was copied; `digest restore --adopt` ...")
    assert alarm.of_sending(sent, [a_delivery("refused")], []) == [
        Wrong("copy", "nothing is sent: digest.db was copied")
    ]
    assert alarm.scope(sent, ["mail"], [Trouble(SERVER.name, "", NOW), Trouble("copy", "", NOW)]) == {"copy"}


def test_readers_are_troubles_of_their_own_and_stay_hidden() -> None:
    """W16: each refused address is a trouble of its own, and no address stands whole in what is said of it, also where
    the server repeats it.
    """
    refused = [
        a_delivery("refused", name, detail=f"RCPT: 550 5.1.1 <{name.upper()}>: no such user, says root@mx.example.org")
        for name in ("bo@example.org", "cy@example.org")
    ]
    found = alarm.of_sending(Sent(), refused, [])
    assert len({one.name for one in found}) == 2
    assert found[0].what == (
        "ana: b…@example.org is refused: RCPT: 550 5.1.1 <B…@EXAMPLE.ORG>: no such user, says r…@mx.example.org"
    )
    again = a_delivery("refused", " BO@example.org", day=date(2026, 5, 27))
    assert alarm.of_sending(Sent(), [again], [])[0].name == found[0].name


def test_late_and_doubtful_mails_are_told_by_profile() -> None:
    """Mails that were not taken in time, or are in doubt, are one trouble for each profile, with how many they are."""
    late = [a_delivery("expired", detail="its time was over; last: 451 later"), a_delivery("expired", "cy@example.org")]
    doubts = [a_delivery("in doubt"), a_delivery("in doubt", day=date(2026, 5, 24))]
    assert alarm.of_sending(Sent(), late, doubts) == [
        Wrong(
            "expired: ana",
            "ana: 2 messages of 2026-05-26 could not be delivered in time: its time was over; last: 451 later",
        ),
        Wrong(
            "in doubt: ana",
            "ana: 2 messages of 2026-05-24 to 2026-05-26 may or may not have arrived",
        ),
    ]


def test_what_is_left_to_pages() -> None:
    """Papers that no mail will bring any more are a trouble of their profile, told once."""
    left = [a_delivery("refused", day=date(2026, 5, day), decided="left") for day in (24, 25)]
    assert alarm.of_sending(Sent(), [], [], left) == [
        Wrong("left: ana", "ana: the papers of 2 messages of 2026-05-24 to 2026-05-25 are left to their pages: mails "
        "with them were refused 3 times"),
    ]  # fmt: skip


def test_runs_that_died() -> None:
    """Each run that never ended is a trouble of its own; what was left midway was left by the last of them."""
    died = Run(3, "run", 4711, NOW, None, None)
    assert alarm.of_deaths([], 0) == []
    two = alarm.of_deaths([died._replace(number=4, command="send", process=4712), died], 2)
    assert two == [
        Wrong(
            "death: 4",
            "`digest send` (process 4712) began 2026-05-26 06:00 UTC and never ended; it left 2 messages midway, which "
            "are accounted for",
        ),
        Wrong("death: 3", "`digest run` (process 4711) began 2026-05-26 06:00 UTC and never ended"),
    ]
    assert {alarm.kind(one) for one in two} == alarm.DEATH


def test_a_run_that_was_stopped() -> None:
    """What stops `digest run` is not over because `digest send` works."""
    assert alarm.of_error("run", StorageError("cannot publish feeds: Not a directory")) == Wrong(
        "stopped: run", "`digest run` was stopped: cannot publish feeds: Not a directory"
    )


def test_every_kind_has_its_advice() -> None:
    """Whatever may be wrong, the message says what to do."""
    kinds = alarm.SOURCES | alarm.SENDING | alarm.COPY | alarm.DEATH | alarm.STOPPED
    assert set(alarm.ADVICE) == kinds
    assert kinds > alarm.EVENTS
    assert {"refused", "expired", "in doubt"} <= set(get_args(State))


# --------------------------------------------------------------------------------------------- what is said


def test_a_message_says_what_since_when_and_what_to_do() -> None:
    """An operator who has forgotten the installation knows after reading what it is, and what to do."""
    begun = Trouble(PAGE.name, PAGE.what, NOW)
    subject, text = message(
        News((begun,), ()), "Lab papers", "/srv/digest.db", "source failed: 0 listings in 1 file, 0 papers"
    )
    assert subject == "Lab papers: page.txt: there is no such file"
    assert text == (
        "Something is wrong:\n"
        "\n"
        "- page.txt: there is no such file\n"
        "  Since 2026-05-26 06:00 UTC.\n"
        "  What to do: see that it is there, can be read or reached, and is still what the source writes; later runs "
        "ask again.\n"
        "\n"
        "How the run ended: source failed: 0 listings in 1 file, 0 papers\n"
        "\n"
        "`digest status` says how things stand. The store is /srv/digest.db.\n"
        "\n"
        "You are told of each trouble once, until it is over and comes again.\n"
    )


def test_many_troubles_are_one_message() -> None:
    """A message lists ten troubles and counts the others; its subject has one line of bounded length."""
    many = tuple(Trouble(f"source: {number}", f"{number}.txt: {'x' * 200}\n", NOW) for number in range(30))
    subject, text = message(News(many, (Trouble("copy", "nothing is sent", NOW, NOW, NOW + DAY),)), "Lab", "/d", "")
    assert subject.startswith("Lab: 30 troubles, first: 0.txt: x")
    assert len(subject) <= 120
    assert "\n" not in subject
    assert text.count("What to do:") == 10
    assert "- and 20 more\n" in text
    assert "This is over:\n\n- nothing is sent\n  From 2026-05-26 06:00 UTC to 2026-05-27 06:00 UTC.\n" in text


def test_what_is_over_is_told_by_its_subject() -> None:
    """A message that only says that something is over does not look like one about trouble."""
    over = Trouble(PAGE.name, PAGE.what, NOW, NOW, NOW + DAY)
    assert message(News((), (over,)), "Lab", "/d", "")[0] == "Lab: over: page.txt: there is no such file"
    subject, text = message(News((), (over, over)), "Lab", "/d", "")
    assert subject == "Lab: 2 troubles are over"
    assert "Something is wrong" not in text
