"""arXiv against a server on loopback that answers as arXiv does, in its good days and its bad ones."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fetching_scene import START, Time, bring
from recorded import NOTHING, a_feed, a_record, oai, records, results
from replaying import Asked, Replay, Told

from digest.sources.archives import oai_set
from digest.sources.settings import Arxiv

TUESDAY = START  # 2026-05-26 06:00 UTC, two in the morning in New York


@pytest.fixture
def server():
    with Replay() as replay:
        yield replay


def arxiv(server, *categories: str, **known) -> Arxiv:
    return Arxiv(categories or (() if "query" in known else ("cs.LG",)), at=server.url, **known)


# ---------------------------------------------------------------------------------------------------- today


def test_one_feed_has_the_announcements_of_all_categories(answers, server):
    """Categories are asked for together, and the day is the one that the feed says it is of."""
    server.answers["/rss/cs.CL+cs.LG"] = a_feed("2605.00001", "2605.00002")
    brought = bring("arxiv", arxiv(server, "cs.CL", "cs.LG"), answers)
    assert (brought.ids, brought.problems) == (["2605.00001", "2605.00002"], [])
    assert brought.days == {"2026-05-26": ("complete", 2)}
    assert {one.position.file for one in brought.reading.listings} == {"arxiv 2026-05-26"}
    assert server.paths == ["/rss/cs.CL+cs.LG"]  # nothing is missed by who was never here


def test_days_are_those_of_new_york(answers, server):
    """At three in the morning in London it is still yesterday where arXiv announces, and yesterday's feed is not
    stale.
    """
    server.answers["/rss/cs.LG"] = a_feed("2605.00001", day="Mon, 25 May 2026")
    brought = bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(hours=4)))
    assert brought.days == {"2026-05-25": ("complete", 1)}


def test_a_feed_that_is_still_yesterdays_is_stale(answers, server):
    """Its papers are read, and the day is asked for again; readers are told when the morning has come in New York."""
    server.answers["/rss/cs.LG"] = a_feed("2605.00001", day="Mon, 25 May 2026")
    brought = bring("arxiv", arxiv(server), answers)
    assert brought.ids == ["2605.00001"]
    assert brought.days == {"2026-05-25": ("complete", 1), "2026-05-26": ("stale", 0)}
    (row,) = answers.covered("arxiv", TUESDAY.date())
    assert row.detail == "its feed is still that of 2026-05-25"
    assert brought.problems == []
    late = bring("arxiv", arxiv(server), answers, Time(TUESDAY + timedelta(hours=6)))
    assert late.problems == [
        "arxiv: its feed is still that of 2026-05-25; what is new since is fetched when it is there"
    ]


@pytest.mark.parametrize(
    ("hours", "feed", "days"),
    [
        (0, a_feed(), {"2026-05-26": ("pending", 0)}),
        (4 * 24, a_feed(day="Sat, 30 May 2026"), {"2026-05-29": ("empty", 0), "2026-05-30": ("empty", 0)}),
        (
            4 * 24,
            a_feed("2605.00001", day="Fri, 29 May 2026"),
            {"2026-05-29": ("complete", 1), "2026-05-30": ("empty", 0)},
        ),
    ],
    ids=["tuesday", "saturday", "saturday-with-fridays"],
)
def test_an_empty_feed_is_believed_on_a_weekend_only(answers, server, hours, feed, days):
    """On a working day an empty feed may be a mistake: OAI-PMH is asked when the day is over."""
    server.answers |= {"/rss/cs.LG": feed, "/oai": NOTHING}
    assert bring("arxiv", arxiv(server), answers, Time(TUESDAY + timedelta(hours=hours))).days == days


@pytest.mark.parametrize(("day", "last"), [("2026-05-30", "2026-05-29"), ("2026-11-27", "2026-11-26")])
def test_who_begins_on_a_weekend_has_the_last_announcement(answers, server, day, last):
    """The first run finds an empty feed on a day without an announcement: OAI-PMH has the one before it, once."""
    noon = datetime.fromisoformat(f"{day}T16:00+00:00")
    older = a_record("2603.00002", "2026-03-02", updated="2026-05-28")
    created = (noon - timedelta(days=2)).date()
    server.answers |= {
        "/rss/cs.LG": a_feed(day=f"{noon:%a, %d %b %Y}"),
        "/oai": oai(f"<ListRecords>{a_record('2605.00001', str(created))}{older}</ListRecords>"),
    }
    brought = bring("arxiv", arxiv(server), answers, Time(noon))
    assert [(one.ids["arxiv"], one.kind) for one in brought.reading.listings] == [
        ("2605.00001", "new"), ("2603.00002", "replaced"),
    ]  # fmt: skip
    assert brought.days == {last: ("complete", 2), day: ("empty", 0)}
    bring("arxiv", arxiv(server), answers, Time(noon + timedelta(hours=6)))
    assert sum(path.startswith("/oai") for path in server.paths) == 1


@pytest.mark.parametrize(
    ("day", "feed", "holidays", "state", "told"),
    [
        # Thanksgiving, and what an operator knows besides: nothing was announced on the evening before.
        ("2026-11-27", "Thu, 26 Nov 2026", (), "empty", False),
        ("2026-05-27", "Tue, 26 May 2026", ("05-26",), "empty", False),
        ("2026-05-27", "Tue, 26 May 2026", (), "stale", True),
        # The weekend begins and ends with the announcements, not with the week.
        ("2026-05-29", "Thu, 28 May 2026", (), "stale", True),
        ("2026-05-30", "Fri, 29 May 2026", (), "empty", False),
        ("2026-05-31", "Fri, 29 May 2026", (), "empty", False),
        ("2026-06-01", "Fri, 29 May 2026", (), "stale", True),
    ],
)
def test_the_calendar_decides_what_is_stale(answers, server, day, feed, holidays, state, told):
    """Where nothing was announced on the evening before, nothing is awaited: on holidays as on weekends."""
    server.answers["/rss/cs.LG"] = a_feed("2605.00001", day=feed)
    noon = datetime.fromisoformat(f"{day}T16:00+00:00")
    brought = bring("arxiv", arxiv(server), answers, Time(noon), holidays=holidays)
    assert brought.days[day] == (state, 0)
    assert bool(brought.problems) == told


@pytest.mark.parametrize(
    ("day", "holidays", "state"),
    [("2026-11-27", (), "empty"), ("2026-05-27", ("05-26",), "empty"), ("2026-05-27", (), "pending")],
)
def test_the_calendar_decides_what_may_be_empty(answers, server, day, holidays, state):
    """On the day after a holiday an empty feed is as it should be; on any other one it may be a mistake."""
    noon = datetime.fromisoformat(f"{day}T16:00+00:00")
    server.answers |= {"/rss/cs.LG": a_feed(day=f"{noon:%a, %d %b %Y}"), "/oai": NOTHING}
    assert bring("arxiv", arxiv(server), answers, Time(noon), holidays=holidays).days[day] == (state, 0)


@pytest.mark.parametrize("hour", [5, 10, 24 + 3])
def test_the_same_hour_is_another_day_elsewhere(answers, server, hour):
    """One in the morning in New York, six, and 23:00 there, wherever the reader is: New York's Monday has its own feed,
    and is told to be late from six in the morning on.
    """
    monday = datetime(2026, 6, 1, tzinfo=UTC)
    server.answers["/rss/cs.LG"] = a_feed(day="Fri, 29 May 2026")
    brought = bring("arxiv", arxiv(server), answers, Time(monday + timedelta(hours=hour)))
    assert brought.days["2026-06-01"] == ("stale", 0)
    assert bool(brought.problems) == (hour >= 10)


def test_a_feed_without_a_date_is_of_today(answers, server):
    """What cannot be read is no reason to lose a day."""
    server.answers["/rss/cs.LG"] = re.sub(
        "<pubDate>Tue.*?-0400</pubDate>", "<pubDate>soon</pubDate>", a_feed("2605.00001")
    )
    assert bring("arxiv", arxiv(server), answers).days == {"2026-05-26": ("complete", 1)}


# --------------------------------------------------------------------------------------------- missed days


def test_a_missed_day_is_asked_for_category_by_category(answers, server):
    """What failed yesterday is fetched by OAI-PMH today, in all of its parts; three seconds lie between requests."""
    server.answers["/rss/cs.LG+hep-th"] = [Told("", 500), Told("", 500), Told("", 500), Told(a_feed("2605.00003"))]
    wanted = arxiv(server, "cs.LG", "hep-th")
    first = bring("arxiv", wanted, answers, Time(TUESDAY - timedelta(days=1)))
    assert first.days == {"2026-05-25": ("failed", 0)}
    assert first.problems[0].startswith("arxiv: HTTP 500: it has failed; it is not asked again before 2026-05-25 06:05")

    def list_records(asked: Asked) -> Told:
        if asked.query.get("resumptionToken") == "a b&c=1|2":
            return Told(records("2605.00002"))
        assert {asked.query[key] for key in ("from", "until")} == {"2026-05-25"}
        assert asked.query["metadataPrefix"] == "arXiv"
        part = records("2605.00001", token="a b&amp;c=1|2")
        return Told({"cs:cs:LG": part, "physics:hep-th": NOTHING}[asked.query["set"]])

    server.answers["/oai"] = list_records
    brought = bring("arxiv", wanted, answers)
    assert (brought.ids, brought.problems) == (["2605.00003", "2605.00001", "2605.00002"], [])
    assert brought.days == {"2026-05-25": ("complete", 2), "2026-05-26": ("complete", 1)}


def test_a_day_without_announcements_is_confirmed(answers, server):
    """noRecordsMatch is an empty list and no trouble, and the day is not asked for again."""
    server.answers |= {"/rss/cs.LG": a_feed(), "/oai": NOTHING}
    bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(days=1)))
    for _ in range(2):
        brought = bring("arxiv", arxiv(server), answers)
        assert (brought.ids, brought.problems) == ([], [])
    assert brought.days == {"2026-05-25": ("empty", 0), "2026-05-26": ("pending", 0)}
    assert sum(path.startswith("/oai") for path in server.paths) == 1


def test_a_week_without_a_run_is_caught_up(answers, server):
    """Each missed day is asked for once."""
    server.answers |= {"/rss/cs.LG": a_feed("2605.00001", day="Tue, 19 May 2026"), "/oai": records("2605.00002")}
    bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(days=7)))
    server.answers["/rss/cs.LG"] = a_feed("2605.00003")
    brought = bring("arxiv", arxiv(server), answers)
    assert {day: state for day, (state, _) in brought.days.items()} == {
        f"2026-05-{number}": "complete" for number in range(19, 27)
    }
    assert len(server.asked) == 2 + 6


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (oai('<error code="badArgument">from is wrong</error>'), "OAI-PMH answers badArgument: from is wrong"),
        ("<html><title>Rate exceeded</title></html>", r"a web page in place of XML \(Rate exceeded\)"),
        (records("2605.00002")[:-30], "breaks off"),
        (Told("", 503, {"Retry-After": "1200"}), "HTTP 503: it is out of order or busy; it is not asked again"),
        (records("2605.00002", token="round"), "the list of cs.LG does not come to its end"),
    ],
    ids=["error", "html", "truncated", "503", "endless"],
)
def test_a_missed_day_that_fails_is_asked_for_again(answers, server, told, why):
    """Whatever OAI-PMH answers in place of records is told with the day, and the day stays missing."""
    server.answers |= {"/rss/cs.LG": a_feed("2605.00001", day="Sun, 24 May 2026"), "/oai": told}
    bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(days=2)))
    server.answers["/rss/cs.LG"] = a_feed("2605.00003")
    brought = bring("arxiv", arxiv(server), answers)
    assert "2605.00003" in brought.ids
    assert re.search(rf"^arxiv: .*{why}.* \(2026-05-25\)$", brought.problems[0])
    assert brought.days["2026-05-25"][0] == "failed"
    server.answers["/oai"] = records("2605.00002")
    again = bring("arxiv", arxiv(server), answers, Time(TUESDAY + timedelta(hours=3)))
    assert again.days["2026-05-25"] == ("complete", 1)


def test_what_was_only_changed_on_a_missed_day_is_not_new(answers, server):
    """OAI-PMH lists a paper on the day of its last change: one that was submitted long before was replaced, or got a
    journal; one that is younger is new, also where it has a second version already.
    """
    server.answers["/rss/cs.LG"] = a_feed("2605.00001", day="Sun, 24 May 2026")
    bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(days=2)))
    submitted = {"2605.00002": "2026-05-25", "2605.00003": "2026-05-20", "2603.00004": "2026-03-02", "x": ""}
    server.answers |= {
        "/rss/cs.LG": a_feed("2605.00005"),
        "/oai": oai(
            "<ListRecords>"
            + "".join(a_record(number, created, updated="2026-05-25") for number, created in submitted.items())
            + "</ListRecords>"
        ),
    }
    brought = bring("arxiv", arxiv(server), answers)
    assert brought.days["2026-05-25"] == ("complete", 4)
    assert {one.title: one.kind for one in brought.reading.listings[1:]} == {
        "Counting papers 2605.00002": "new",
        "Counting papers 2605.00003": "new",
        "Counting papers 2603.00004": "replaced",
        "Counting papers x": None,
    }


def test_what_came_while_nobody_was_here_is_new(answers, server):
    """What was announced and replaced within the days that were missed stands only in the list of the later day."""
    server.answers |= {"/rss/cs.LG": a_feed("2605.00001", day="Thu, 14 May 2026"), "/oai": NOTHING}
    bring("arxiv", arxiv(server), answers, Time(TUESDAY - timedelta(days=12)))
    record = a_record("2605.00002", "2026-05-14", updated="2026-05-25")

    def list_records(asked: Asked) -> Told:
        return Told(oai(f"<ListRecords>{record}</ListRecords>") if asked.query["from"] == "2026-05-25" else NOTHING)

    server.answers |= {"/rss/cs.LG": a_feed("2605.00003"), "/oai": list_records}
    brought = bring("arxiv", arxiv(server), answers)
    assert [(one.ids["arxiv"], one.kind) for one in brought.reading.listings] == [
        ("2605.00003", "new"), ("2605.00002", "new"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.LG", "cs:cs:LG"),
        ("stat.ML", "stat:stat:ML"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("physics.optics", "physics:physics:optics"),
        ("math", "math:math"),
    ],
)
def test_categories_are_sets(category, name):
    """Physics is a group of archives; the others are groups of their own."""
    assert oai_set(category) == name


# ------------------------------------------------------------------------------------------------- a query


def test_a_query_gives_its_newest(answers, server):
    """Pages are turned until there are as many as are wanted, or no more."""

    def query(asked: Asked) -> Told:
        start, number = int(asked.query["start"]), int(asked.query["max_results"])
        assert (asked.query["sortBy"], asked.query["sortOrder"]) == ("submittedDate", "descending")
        assert asked.query["search_query"] == "all:lists AND cat:cs.LG"
        ids = [f"2605.{one:05}" for one in range(start, min(start + number, 130))]
        return Told(results(*ids, total=130, start=start))

    server.answers["/api/query"] = query
    brought = bring("arxiv", arxiv(server, query="all:lists AND cat:cs.LG"), answers)
    assert len(brought.ids) == 130
    assert brought.problems == []
    assert brought.days == {"2026-05-26": ("complete", 130)}
    few = bring("arxiv", arxiv(server, query="all:lists AND cat:cs.LG", newest=20), answers, name="few")
    assert len(few.ids) == 20


def test_an_empty_page_that_should_be_full_is_asked_for_again(answers, server):
    """arXiv's API gives such pages now and then."""
    server.answers["/api/query"] = [Told(results(total=2)), Told(results("2605.00001", "2605.00002", total=2))]
    time = Time(datetime(2026, 5, 26, 6, tzinfo=UTC))
    brought = bring("arxiv", arxiv(server, query="all:lists"), answers, time)
    assert (brought.ids, brought.problems) == (["2605.00001", "2605.00002"], [])
    assert time.slept == [4]
    server.answers["/api/query"] = Told(results(total=2))
    failed = bring("arxiv", arxiv(server, query="all:other"), answers, name="other")
    assert "it answers with an empty page, though 2 are found" in failed.problems[0]


def test_a_query_that_finds_nothing_is_empty(answers, server):
    """Nothing found is an answer."""
    server.answers["/api/query"] = results(total=0)
    brought = bring("arxiv", arxiv(server, query="all:nothing"), answers)
    assert (brought.ids, brought.problems, brought.days) == ([], [], {"2026-05-26": ("empty", 0)})
