"""The services that answer with JSON, and PubMed, against a server on loopback that answers as they do."""

import re
from datetime import timedelta

import pytest
from fetching_scene import FEED, START, Time, bring
from recorded import NO_POSTS, a_feed, article, daily, esearch, notes, papers, posted, results
from replaying import Asked, Replay, Told

from digest.config import load
from digest.delivery.settings import Secret
from digest.sources.objects import at, told, wants_list
from digest.sources.settings import HuggingFace, OpenReview, Pubmed, Rxiv, SemanticScholar

YESTERDAY, TODAY = "2026-05-25", "2026-05-26"


@pytest.fixture
def server():
    with Replay() as replay:
        yield replay


# -------------------------------------------------------------------------------------- Hugging Face


def test_daily_papers_are_asked_for_by_day(answers, server):
    """Yesterday's list is over, today's may grow: it is fetched once more tomorrow, and then no more."""
    lists = {YESTERDAY: daily("2605.00001"), TODAY: daily("2605.00002", "2605.00003"), "2026-05-27": "[]"}
    server.answers["/api/daily_papers"] = lambda asked: Told(lists[asked.query["date"]])
    source = HuggingFace(server.url)
    brought = bring("huggingface", source, answers)
    assert (brought.ids, brought.problems) == (["2605.00001", "2605.00002", "2605.00003"], [])
    assert brought.days == {YESTERDAY: ("complete", 1), TODAY: ("pending", 2)}
    lists[TODAY] = daily("2605.00002", "2605.00003", "2605.00004")
    later = bring("huggingface", source, answers, Time(START + timedelta(days=1)))
    assert later.days == {YESTERDAY: ("complete", 1), TODAY: ("complete", 3), "2026-05-27": ("pending", 0)}
    assert [asked.query["date"] for asked in server.asked] == [YESTERDAY, TODAY, TODAY, "2026-05-27"]


def test_a_day_is_over_when_it_was_asked_for_after_its_end(answers, server):
    """An answer of ten minutes before midnight is as good as new, but says nothing of those ten minutes."""
    server.answers["/api/daily_papers"] = daily("2605.00001")
    source, midnight = HuggingFace(server.url), START + timedelta(hours=18)
    bring("huggingface", source, answers, Time(midnight - timedelta(minutes=10)))
    soon = bring("huggingface", source, answers, Time(midnight + timedelta(minutes=10)))
    assert soon.days[TODAY] == ("pending", 1)
    assert bring("huggingface", source, answers, Time(midnight + timedelta(hours=2))).days[TODAY] == ("complete", 1)


def test_an_older_empty_list_is_no_empty_day(answers, server):
    """Where the service fails, what it said before of a day that was empty then is told as what it is."""
    server.answers["/api/daily_papers"] = [Told("[]"), Told("[]"), Told("", 500)]
    bring("huggingface", HuggingFace(server.url), answers)
    brought = bring("huggingface", HuggingFace(server.url), answers, Time(START + timedelta(days=1)))
    assert brought.days[TODAY] == ("failed", 0)
    assert "HTTP 500" in brought.problems[0]


def test_a_long_day_has_pages(answers, server):
    """A list of a hundred may go on."""
    pages = [daily(*(f"2605.{number:05}" for number in range(100))), daily("2605.00100")]
    server.answers["/api/daily_papers"] = lambda asked: Told(
        pages[int(asked.query.get("p", 0))] if asked.query["date"] == TODAY else "[]"
    )
    brought = bring("huggingface", HuggingFace(server.url), answers)
    assert len(brought.ids) == 101
    assert brought.days == {YESTERDAY: ("empty", 0), TODAY: ("pending", 101)}


def test_an_error_is_no_list(answers, server):
    """What the API says in place of a list is told, the other day is read, and the answer is not kept."""
    server.answers["/api/daily_papers"] = lambda asked: Told(
        '{"error": "Internal error"}' if asked.query["date"] == YESTERDAY else daily("2605.00002")
    )
    brought = bring("huggingface", HuggingFace(server.url), answers)
    assert brought.ids == ["2605.00002"]
    assert re.match(
        r"huggingface: it answers: Internal error; it is not asked again .* \(2026-05-25\)$", brought.problems[0]
    )
    assert brought.days[YESTERDAY] == ("failed", 0)


# ------------------------------------------------------------------------------------------ bioRxiv


def test_preprints_are_asked_for_by_day_and_page(answers, server):
    """A page begins behind the last one, however long those are; a day's list is final a day after its end."""

    def details(asked: Asked) -> Told:
        _, _, name, since, until, start, form = asked.path.partition("?")[0].split("/")
        assert (name, since, form) == ("biorxiv", until, "json")
        assert asked.query == {"category": "cell_biology"}
        return Told(posted(int(start), min(30, 70 - int(start)), 70) if since == "2026-05-24" else NO_POSTS)

    server.answers |= {
        f"/details/biorxiv/2026-05-{day}/2026-05-{day}/{start}/json": details
        for day in (24, 25, 26)
        for start in (0, 30, 60)
    }
    brought = bring("biorxiv", Rxiv("biorxiv", ("Cell Biology",), server.url), answers)
    assert len(brought.ids) == 70
    assert brought.problems == []
    assert brought.days == {"2026-05-24": ("complete", 70), YESTERDAY: ("pending", 0), TODAY: ("pending", 0)}


def test_medrxiv_is_its_sibling(answers, server):
    """The same API answers for medRxiv; an error that looks like success is told."""
    server.answers |= {
        f"/details/medrxiv/{day}/{day}/0/json": '{"messages":[{"status":"Error: database is down"}],"collection":[]}'
        for day in ("2026-05-24", YESTERDAY, TODAY)
    }
    brought = bring("medrxiv", Rxiv("medrxiv", (), server.url), answers)
    assert brought.problems[0].startswith("medrxiv: it answers: Error: database is down; it is not asked again")
    assert {state for state, _ in brought.days.values()} == {"failed"}


# ------------------------------------------------------------------------------------------- PubMed


def test_pubmed_is_searched_and_then_fetched(answers, server, monkeypatch):
    """A search by the day of entry gives ids, and what these are is fetched in pieces; the service is told who asks."""
    monkeypatch.setenv("NCBI_KEY", "k1")
    ids = [str(40_000_000 + number) for number in range(250)]

    def search(asked: Asked) -> Told:
        assert (asked.query["term"], asked.query["datetype"]) == ("quantization[tiab]", "edat")
        assert (asked.query["tool"], asked.query["email"]) == ("paperdigest", "ana@example.org")
        assert asked.query["mindate"] == asked.query["maxdate"]
        return Told(esearch(ids if asked.query["mindate"] == "2026/05/24" else []))

    def efetch(asked: Asked) -> Told:
        found = "".join(map(article, asked.query["id"].split(",")))
        return Told(f'<?xml version="1.0" ?><PubmedArticleSet>{found}</PubmedArticleSet>')

    server.answers |= {"/entrez/eutils/esearch.fcgi": search, "/entrez/eutils/efetch.fcgi": efetch}
    source = Pubmed("quantization[tiab]", Secret("env", "NCBI_KEY"), server.url)
    brought = bring("pubmed", source, answers, contact="ana@example.org")
    assert brought.ids == ids
    assert brought.problems == []
    assert brought.days["2026-05-24"] == ("complete", 250)
    assert {asked.query["api_key"] for asked in server.asked} == {"k1"}
    assert len(server.asked) == 3 + 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told('{"error":"API rate limit exceeded","count":"4","limit":"3"}', 429), "HTTP 429: it was asked too often"),
        ('{"error":"API key invalid"}', "it answers: API key invalid"),
        ('{"esearchresult":{"ERROR":"Search Backend failed"}}', "it answers: Search Backend failed"),
        ("{]}", "it answers: an error"),
    ],
)
def test_a_search_that_fails_is_told(answers, server, told, why):
    """Each of the ways in which it fails, once for all days."""
    server.answers["/entrez/eutils/esearch.fcgi"] = told
    brought = bring("pubmed", Pubmed("x", None, server.url), answers)
    assert why in brought.problems[0]
    assert {state for state, _ in brought.days.values()} == {"failed"}


def test_a_key_that_is_not_there_is_a_problem_of_its_source(answers, server):
    """The environment variable is named, and nobody is asked."""
    brought = bring("pubmed", Pubmed("x", Secret("env", "NO_SUCH_KEY"), server.url), answers)
    assert brought.problems == [
        "pubmed: the environment variable NO_SUCH_KEY is not set; the config takes a secret from it"
    ]
    assert server.asked == []


# --------------------------------------------------------------------------------------- OpenReview


def test_submissions_are_those_that_changed_last(answers, server):
    """Each venue is asked for its submissions, a page at a time, as many as are wanted."""

    def answer(asked: Asked) -> Told:
        assert asked.query["sort"] == "tmdate:desc"
        start, limit = int(asked.query["offset"]), int(asked.query["limit"])
        have = {"X.org/2026/Conference/-/Submission": 620, "Y.org/-/Paper": 0}[asked.query["invitation"]]
        return Told(notes(start, max(min(limit, have - start), 0)))

    server.answers["/notes"] = answer
    source = OpenReview(("X.org/2026/Conference", "Y.org/-/Paper"), 1000, server.url)
    brought = bring("openreview", source, answers)
    assert len(brought.ids) == 620
    assert brought.problems == []
    assert brought.days == {TODAY: ("complete", 620)}
    assert len(bring("openreview", source._replace(newest=30), answers, name="few").ids) == 30


def test_openreview_says_what_is_wrong(answers, server):
    """Its own words are told."""
    server.answers["/notes"] = '{"name":"NotFoundError","message":"The Invitation X was not found"}'
    brought = bring("openreview", OpenReview(("X",), 10, server.url), answers)
    assert "it answers: The Invitation X was not found" in brought.problems[0]


# --------------------------------------------------------------------------------- Semantic Scholar


def test_semantic_scholar_looks_back(answers, server, monkeypatch):
    """The search goes some days back by the date of publication, page after page; the key is in the header."""
    monkeypatch.setenv("S2_KEY", "k2")

    def bulk(asked: Asked) -> Told:
        assert asked.query["publicationDateOrYear"] == "2026-05-12:2026-05-26"
        assert asked.query["fieldsOfStudy"] == "Computer Science,Medicine"
        return Told(papers(3) if asked.query.get("token") == "T/1=" else papers(1, 2, token="T/1="))

    server.answers["/graph/v1/paper/search/bulk"] = bulk
    key = Secret("env", "S2_KEY")
    source = SemanticScholar('"list reading"', ("Computer Science", "Medicine"), 14, key, server.url)
    brought = bring("semantic_scholar", source, answers)
    assert len(brought.ids) == 3
    assert (brought.problems, brought.days) == ([], {TODAY: ("complete", 3)})
    assert [asked.fields["x-api-key"] for asked in server.asked] == ["k2", "k2"]


def test_semantic_scholar_looks_further_back_after_a_pause(answers, server):
    """Days without a run are added to those that it looks back, up to two months."""
    server.answers["/graph/v1/paper/search/bulk"] = papers()
    source = SemanticScholar("x", (), 14, None, server.url)
    assert bring("semantic_scholar", source, answers).days == {TODAY: ("empty", 0)}
    for days in (10, 200):
        bring("semantic_scholar", source, answers, Time(START + timedelta(days=days)))
    windows = [asked.query["publicationDateOrYear"] for asked in server.asked]
    assert windows == ["2026-05-12:2026-05-26", "2026-05-12:2026-06-05", "2026-10-13:2026-12-12"]


def test_semantic_scholar_says_what_is_wrong(answers, server):
    """Its own words are told; 429 without a key is common, and waits."""
    server.answers["/graph/v1/paper/search/bulk"] = '{"error": "Unrecognized or unsupported fields: [x]"}'
    brought = bring("semantic_scholar", SemanticScholar("x", at=server.url), answers)
    assert "it answers: Unrecognized or unsupported fields: [x]" in brought.problems[0]


# ------------------------------------------------------------------------------------------- objects


def test_whatever_json_comes_nothing_is_raised():
    """Broken, deep and odd JSON has no list in it."""
    for answer in (b"", b"{", b"[" * 100_000, b"1", b'{"a": 1}', b'{"a": {"b": null}}', b"\xff"):
        assert at(answer, "a", "b") == []
        assert isinstance(told(answer), dict)
        assert wants_list("a", "b")(answer).startswith("it answers: ")
    assert at(b"[1]") == [1]
    assert at(b'{"a": {"b": [2]}}', "a", "b") == [2]
    assert wants_list()(b"[]") == wants_list("a")(b'{"a": []}') == ""
    assert wants_list("a", "b")(b'{"a": {"ERROR": "is\\n down"}}') == "it answers: is down"


# --------------------------------------------------------------------------------------- all of them


def test_all_services_in_one_config(answers, server, tmp_path):
    """Every source brings what it lists, through the faults that services have: a redirect, one that says "in a second"
    first, one that answers with a login page, one that breaks off. Each is told by name, and the ledger knows all.
    """
    at = f"at: '{server.url}'"
    (tmp_path / "digest.yaml").write_text(
        "sources:\n"
        f"  - feed: {server.url}/journal.xml\n  - page: {server.url}/page.txt\n"
        f"  - arxiv: {{categories: [cs.LG], {at}}}\n  - arxiv: {{query: 'all:lists', {at}}}\n"
        f"  - huggingface: {{{at}}}\n  - biorxiv: {{{at}}}\n  - medrxiv: {{{at}}}\n"
        f"  - pubmed: {{query: lists, {at}}}\n  - openreview: {{venues: X.org, {at}}}\n"
        f"  - semantic_scholar: {{query: lists, {at}}}\n"
        "profiles: {ana: {keywords: [counting]}}\n"
    )
    days = ("2026-05-24", YESTERDAY, TODAY)
    server.answers |= {
        "/journal.xml": Told(status=301, fields={"Location": "/moved.xml"}),
        "/moved.xml": FEED,
        "/page.txt": "We measure how reading lists change when papers are counted once.\narXiv:2605.10000\n",
        "/rss/cs.LG": [Told("", 503, {"Retry-After": "1"}), Told(a_feed("2605.10001"))],
        "/api/query": results("2605.10002", total=1),
        "/api/daily_papers": lambda asked: Told(daily("2605.10003") if asked.query["date"] == TODAY else "[]"),
        **{f"/details/biorxiv/{day}/{day}/0/json": NO_POSTS for day in days[1:]},
        "/details/biorxiv/2026-05-24/2026-05-24/0/json": posted(1, 1, 1),
        **{f"/details/medrxiv/{day}/{day}/0/json": "<html><title>Log in</title></html>" for day in days},
        "/entrez/eutils/esearch.fcgi": esearch(["41000001"]),
        "/entrez/eutils/efetch.fcgi": f"<PubmedArticleSet>{article('41000001')}</PubmedArticleSet>",
        "/notes": notes(1, 1)[:-20],
        "/graph/v1/paper/search/bulk": papers(7),
    }
    time = Time()
    brought = {
        one.name: bring(one.kind, one.settings, answers, time, name=one.name)
        for one in load(tmp_path / "digest.yaml").sources
    }
    assert [len(one.ids) for one in brought.values()] == [1, 1, 1, 1, 1, 1, 0, 3, 0, 1]
    assert {name: one.days[TODAY][0] for name, one in brought.items()} == {
        f"{server.url}/journal.xml": "complete",
        f"{server.url}/page.txt": "complete",
        "arXiv cs.LG": "complete",
        "arXiv all:lists": "complete",
        "Hugging Face Daily Papers": "pending",
        "bioRxiv": "pending",
        "medRxiv": "failed",
        "PubMed lists": "pending",
        "OpenReview X.org": "failed",
        "Semantic Scholar lists": "complete",
    }
    told = [problem for one in brought.values() for problem in one.problems]
    assert len(told) == 2
    assert told[0].startswith(
        "medRxiv: it answers with a web page in place of JSON (Log in); it is not asked again before"
    )
    assert told[0].endswith("(3 days from 2026-05-24 to 2026-05-26)")
    assert told[1].startswith("OpenReview X.org: the answer breaks off in the middle; it is not asked again before")
    assert server.most_at_once == 1
