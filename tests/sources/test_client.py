"""The polite client against a server on loopback: what it asks, what it keeps, whom it leaves alone."""

import gzip
import re
import time as time_
import tracemalloc
import zlib
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fetching_scene import FEED, START, Time, a_client
from hypothesis import given
from hypothesis import strategies as st
from mailservers.certificates import Authority
from mailservers.certificates import authority as make_authority
from replaying import Asked, Replay, Told

from digest.delivery.exchange import retry_after
from digest.errors import SourceError, TryAgain
from digest.sources.web.addresses import redirected
from digest.sources.web.exchange import Failed, Reply, exchange
from digest.sources.web.shapes import fault
from digest.store import open_store


@pytest.fixture
def server():
    with Replay() as replay:
        yield replay


def body(got) -> bytes:
    with got.document("x").open() as stream:
        return stream.read()


# ------------------------------------------------------------------------------------------------ asking


def test_an_answer_is_a_document(answers, server):
    """What stands at an address becomes a document that opens anew each time, with its media type and its instant."""
    server.answers["/feed"] = Told(FEED, fields={"Content-Type": "application/rss+xml"})
    document = a_client(answers).get(f"{server.url}/feed", "feed").document("my feed")
    assert (document.origin, document.media_type, document.fetched) == ("my feed", "application/rss+xml", START)
    for _ in range(2):
        with document.open() as stream:
            assert stream.read().decode() == FEED


def test_a_service_is_told_who_asks(answers, server):
    """P15: the User-Agent names the program, and whom to write to where the config says it."""
    server.answers["/"] = FEED
    a_client(answers, contact="ana@example.org").get(f"{server.url}/")
    (asked,) = server.asked
    assert asked.fields["user-agent"] == "paperdigest/0 (mailto:ana@example.org)"
    assert asked.fields["host"] == f"127.0.0.1:{server.port}"
    assert asked.fields["accept-encoding"] == "gzip"


def test_an_answer_is_as_good_as_new_for_an_hour(answers, server):
    """P15, T05: an address is asked once an hour, however often a run is started, also by other processes."""
    server.answers["/"] = FEED
    time = Time()
    a_client(answers, time).get(f"{server.url}/")
    time.go_on(3599)
    assert not a_client(answers, time).get(f"{server.url}/").trouble
    assert len(server.asked) == 1
    time.go_on(1)
    a_client(answers, time).get(f"{server.url}/")
    assert len(server.asked) == 2


def test_a_clock_that_was_put_back_makes_no_answer_fresh(answers, server):
    """An answer of the future is asked for again."""
    server.answers["/"] = FEED
    a_client(answers, Time(START + timedelta(days=300))).get(f"{server.url}/")
    a_client(answers, Time(START)).get(f"{server.url}/")
    assert len(server.asked) == 2


def test_what_is_unchanged_is_not_sent_again(answers, server):
    """P14: ETag and Last-Modified go back as they came, and after 304 the kept answer is read: nothing is lost."""
    fields = {"ETag": 'W/"a b"', "Last-Modified": "Tue, 26 May 2026 04:00:00 GMT"}
    server.answers["/"] = [Told(FEED, fields=fields), Told(status=304)]
    time = Time()
    a_client(answers, time).get(f"{server.url}/")
    time.go_on(86_400)
    got = a_client(answers, time).get(f"{server.url}/")
    assert (body(got).decode(), got.trouble, got.answer.at) == (FEED, "", time.at)
    assert "if-none-match" not in server.asked[0].fields
    assert server.asked[1].fields["if-none-match"] == 'W/"a b"'
    assert server.asked[1].fields["if-modified-since"] == "Tue, 26 May 2026 04:00:00 GMT"


@pytest.mark.parametrize("etag", ["x" * 1001, '"a\r\n b"', '"a\tb"'])
def test_a_tag_that_cannot_be_sent_back_is_none(answers, server, etag):
    """A field that is folded, or absurdly long, does not stand in a request."""
    server.answers["/"] = Told(FEED, fields={"ETag": etag})
    time = Time()
    a_client(answers, time).get(f"{server.url}/")
    time.go_on(7200)
    assert not a_client(answers, time).get(f"{server.url}/").trouble
    assert "if-none-match" not in server.asked[1].fields


def test_a_304_that_nobody_asked_for_is_no_answer(answers, server):
    """A server that says "unchanged" to somebody who has nothing is not believed."""
    server.answers["/"] = Told(status=304)
    with pytest.raises(SourceError, match="HTTP 304"):
        a_client(answers).get(f"{server.url}/")


def test_requests_to_one_house_keep_their_distance(answers, server):
    """P15: a second lies between two requests to one house, also where the first was another run's; one connection at
    a time.
    """
    server.answers |= {f"/{number}": FEED for number in range(3)}
    time = Time()
    client = a_client(answers, time)
    client.get(f"{server.url}/0")
    client.get(f"{server.url}/1")
    time.go_on(0.25)
    a_client(answers, time).get(f"{server.url}/2")
    assert time.slept == [1.0, 0.75]
    assert server.most_at_once == 1


def test_all_hosts_of_arxiv_are_asked_three_seconds_apart(answers):
    """arXiv's terms: three seconds between requests, over all of its hosts together."""
    asked = []

    def exchange(target, fields, terms):
        asked.append((target.host, time.at))
        return Reply(200, {}, gzip.compress(b"<a/>"), b"<a/>", b"<a/>")

    time = Time()
    client = a_client(answers, time, exchange=exchange)
    for host in ("rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org", "example.org"):
        client.get(f"https://{host}/")
    moments = [(at - START).total_seconds() for _, at in asked]
    assert moments == [0, 3, 6, 6]


# ------------------------------------------------------------------------------------------ being left alone


@pytest.mark.parametrize(
    ("field", "seconds"), [("7", 7), ("Tue, 26 May 2026 06:00:40 GMT", 40), ("soon", 4), ("", 4), ("-5", 4)]
)
def test_a_short_wait_is_waited_for(answers, server, field, seconds):
    """Retry-After, in seconds or as a date, is obeyed within the run where it is short; without one 4 s are waited."""
    fields = {"Retry-After": field, "Date": "Tue, 26 May 2026 06:00:00 GMT"}
    server.answers["/"] = [Told("later", 503, fields), Told(FEED)]
    time = Time()
    assert not a_client(answers, time).get(f"{server.url}/").trouble
    assert [slept for slept in time.slept if slept > 1] == [seconds]


def test_a_long_wait_is_kept_across_restarts(answers, server):
    """A house that says "in an hour" is not asked before, by whatever process; then it is, and it is forgotten."""
    server.answers["/a"] = [Told("later", 429, {"Retry-After": "3600"}), Told(FEED)]
    server.answers["/b"] = FEED
    time = Time()
    with pytest.raises(SourceError, match=r"HTTP 429: it was asked too often; it is not asked again before .* 07:00"):
        a_client(answers, time).get(f"{server.url}/a")
    time.go_on(3500)
    for path in "ab":
        with pytest.raises(SourceError, match="not asked again"):
            a_client(answers, time).get(f"{server.url}/{path}")
    assert len(server.asked) == 1
    time.go_on(60)  # the rest of it is waited for
    assert not a_client(answers, time).get(f"{server.url}/a").trouble
    assert time.slept[-1] == 40
    assert answers.rest("127.0.0.1") is None


@pytest.mark.parametrize("field", ["99999999999999999999", "Tue, 26 May 2099 06:00:00 GMT"])
def test_nobody_is_left_alone_for_longer_than_a_day(answers, server, field):
    """An absurd Retry-After is a day."""
    server.answers["/"] = Told("later", 429, {"Retry-After": field})
    with pytest.raises(SourceError, match="not asked again before 2026-05-27 06:00"):
        a_client(answers).get(f"{server.url}/")


def test_a_wait_that_a_wrong_clock_made_does_not_last(answers, server):
    """A rest that lies years ahead was put there by a clock that was wrong."""
    server.answers["/"] = [Told("later", 429, {"Retry-After": "3600"}), Told(FEED)]
    with pytest.raises(SourceError):
        a_client(answers, Time(START + timedelta(days=4000))).get(f"{server.url}/")
    assert not a_client(answers, Time(START)).get(f"{server.url}/").trouble


def test_a_server_that_fails_is_tried_three_times_and_then_less_and_less(answers, server):
    """5xx: three tries in a run, 4 and 8 s apart; the next run waits 5 minutes, the one after it 10; what was kept is
    read in the meantime, and it is said why.
    """
    server.answers["/"] = [Told(FEED), Told("", 500)]
    time = Time()
    a_client(answers, time).get(f"{server.url}/")
    time.go_on(7200)
    time.slept.clear()
    got = a_client(answers, time).get(f"{server.url}/")
    assert time.slept == [4, 8]
    assert got.trouble == (
        "HTTP 500: it has failed; it is not asked again before 2026-05-26 08:05 UTC; "
        "what it said on 2026-05-26 at 06:00 UTC is read again"
    )
    assert body(got).decode() == FEED
    time.go_on(301)
    assert "before 2026-05-26 08:15" in a_client(answers, time).get(f"{server.url}/").trouble
    assert len(server.asked) == 7


def test_chance_spreads_those_who_come_back(answers, server):
    """Jitter: a wait within the run is up to a quarter longer, one between runs up to a quarter shorter."""
    server.answers["/"] = Told("", 502)
    time = Time()
    with pytest.raises(SourceError, match="06:04"):
        a_client(answers, time, chance=0.8).get(f"{server.url}/")
    assert [round(slept, 3) for slept in time.slept] == [4.8, 9.6]


def test_one_address_that_fails_does_not_silence_its_host(answers, server):
    """500 is of one address: others of the host are asked."""
    server.answers |= {"/bad": Told("", 500), "/good": FEED}
    client = a_client(answers)
    with pytest.raises(SourceError):
        client.get(f"{server.url}/bad")
    assert not client.get(f"{server.url}/good").trouble


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "nothing at this address"),
        (401, "a key or a password"),
        (403, "refuses"),
        (410, "gone for good"),
        (418, ""),
    ],
)
def test_a_refusal_is_not_asked_for_again_at_once(answers, server, status, said):
    """What will be the same in a moment is asked once in a run, and says what to do."""
    server.answers["/"] = Told("<h1>no</h1>", status)
    with pytest.raises(SourceError, match=f"HTTP {status}: .*{said}"):
        a_client(answers).get(f"{server.url}/")
    assert len(server.asked) == 1


# ----------------------------------------------------------------------------------------- what is no answer


@pytest.mark.parametrize(
    ("shape", "told", "why"),
    [
        ("xml", "<!DOCTYPE html><html><title>Please log in</title>", r"a web page in place of XML \(Please log in\)"),
        ("feed", "<html><body>hello", "a web page in place of a feed; if that lists papers, write `- page: ADDRESS`"),
        ("feed", "Moved.", "text in place of a feed: Moved"),
        ("json", "<rss/>", "XML in place of JSON"),
        ("xml", '{"error": 1}', "JSON in place of XML"),
        ("json", "Rate limit exceeded", "text in place of JSON: Rate limit exceeded"),
        ("any", "", "empty"),
        ("feed", " \n", "empty"),
        ("xml", FEED[:-20], "breaks off in the middle"),
        ("json", '{"a": [1, ', "breaks off in the middle"),
    ],
)
def test_what_is_no_answer_leaves_the_last_one_as_it_was(answers, server, shape, told, why):
    """P07: a login page, JSON for XML, half an answer and nothing are told, and the good answer and its ETag stay."""
    good = "[1]" if shape == "json" else FEED
    server.answers["/"] = [Told(good, fields={"ETag": '"1"'}), Told(told, fields={"ETag": '"2"'})]
    time = Time()
    a_client(answers, time).get(f"{server.url}/", shape)
    time.go_on(7200)
    got = a_client(answers, time).get(f"{server.url}/", shape)
    assert re.search(why, got.trouble)
    assert (body(got).decode(), got.answer.etag) == (good, '"1"')


def test_what_a_server_says_is_told_in_plain_letters(answers, server):
    """W16: neither escape sequences nor line breaks of a server get into messages."""
    server.answers["/"] = "\x1b[31mred\x07 \u202e\r\nline"
    with pytest.raises(SourceError) as error:
        a_client(answers).get(f"{server.url}/", "json", doubt=lambda body: "never asked")
    server.answers["/b"] = "[]"
    with pytest.raises(SourceError) as other:
        a_client(answers).get(f"{server.url}/b", "json", doubt=lambda body: "it says \x1b[2J\nmore")
    assert str(other.value).startswith("it says [2J more; it is not")
    assert "\x1b" not in str(error.value) + str(other.value)


@pytest.mark.parametrize(
    "told",
    [
        Told(FEED, length=len(FEED) + 1),
        Told(pieces=[b"5\r\nhello\r\n", b"7\r\n"], fields={"Transfer-Encoding": "chunked"}),
        Told(gzip.compress(FEED.encode())[:-12], fields={"Content-Encoding": "gzip"}),
    ],
    ids=["length", "chunked", "gzip"],
)
def test_a_truncated_answer_is_none(answers, server, told):
    """An answer that is shorter than it says is tried again, and told."""
    server.answers["/"] = [told, Told(FEED)]
    assert body(a_client(answers).get(f"{server.url}/")).decode() == FEED
    assert len(server.asked) == 2


# ------------------------------------------------------------------------------------------- how it is packed


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(FEED.encode())),
        ("x-gzip", gzip.compress(FEED[:50].encode()) + gzip.compress(FEED[50:].encode())),
        ("deflate", zlib.compress(FEED.encode())),
        ("deflate", zlib.compress(FEED.encode(), wbits=-15)),
        ("identity", FEED.encode()),
    ],
)
def test_an_answer_may_be_compressed(answers, server, coding, packed):
    """gzip, in one member or several, and deflate in both of its forms are inflated."""
    server.answers["/"] = Told(packed, fields={"Content-Encoding": coding})
    assert body(a_client(answers).get(f"{server.url}/")).decode() == FEED


def test_what_fills_a_piece_is_inflated_to_its_end(answers, server):
    """An answer whose last piece inflates to more than one piece is whole."""
    text = b"<a>" + bytes(300_000).replace(b"\0", b"x") + b"</a>"
    server.answers["/"] = Told(gzip.compress(text), fields={"Content-Encoding": "gzip"})
    assert body(a_client(answers).get(f"{server.url}/", "xml")) == text


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd"])
def test_an_encoding_that_nobody_asked_for_is_refused(answers, server, coding):
    """P04: one layer, of those that were asked for."""
    server.answers["/"] = Told(FEED, fields={"Content-Encoding": coding})
    with pytest.raises(SourceError, match="nobody asked for"):
        a_client(answers).get(f"{server.url}/")


def test_a_bomb_is_cut(answers, server):
    """P04: what inflates to more than 50 MB is given up, and not held."""
    bomb = gzip.compress(bytes(60_000_000))
    server.answers["/"] = Told(bomb, fields={"Content-Encoding": "gzip"})
    tracemalloc.start()
    with pytest.raises(SourceError, match="inflates to more than 50,000,000 bytes"):
        a_client(answers).get(f"{server.url}/")
    assert tracemalloc.get_traced_memory()[1] < 16_000_000
    tracemalloc.stop()


def test_an_answer_without_end_is_cut(answers, server):
    """P04: more than 15 MB are not taken, whether the header says so or not."""
    server.answers["/told"] = Told(pieces=[], fields={"Content-Length": "1000000000"})
    endless = (b"10000\r\n" + bytes(65_536) + b"\r\n" for _ in range(1000))
    server.answers["/endless"] = Told(pieces=endless, fields={"Transfer-Encoding": "chunked"})
    for path, why in (("told", "the answer has 1,000,000,000 bytes"), ("endless", "more than 15,000,000 bytes")):
        with pytest.raises(SourceError, match=why):
            a_client(answers).get(f"{server.url}/{path}")
    assert len(server.asked) == 2


# ------------------------------------------------------------------------------------------------- how long


def test_a_drip_is_cut_at_the_deadline(answers, server):
    """P16: a server that sends a byte now and then keeps every limit of a single read, and not that of the whole."""
    server.answers["/body"] = Told(pieces=(b"x" for _ in range(10_000)))
    with pytest.raises(SourceError, match="it took too long to answer"):
        a_client(answers, Time(step=1.0), deadline=20.0).get(f"{server.url}/body")
    assert len(server.asked) == 1


def test_a_slow_service_has_more_time(answers, server):
    """What is known to be slow has three times the deadline."""
    server.answers["/"] = Told("<a>" + "x" * 50 + "</a>", length=57)
    client = a_client(answers, Time(step=5.0), deadline=18.0)
    with pytest.raises(SourceError, match="too long"):
        client.get(f"{server.url}/")
    assert (
        not a_client(answers, Time(START + timedelta(hours=2), step=5.0), deadline=18.0)
        .get(f"{server.url}/", slow=True)
        .trouble
    )


def test_silence_is_cut_at_the_deadline(answers, server):
    """P16: a server that takes the connection and says nothing, or stops in the middle, is given up."""
    server.answers["/"] = Told("<a>", length=100, hangs=True)
    time = Time()
    client = a_client(answers, time, deadline=0.2)
    client._monotonic = time_.monotonic  # sockets wait for real seconds
    client._until = time_.monotonic() + 600
    with pytest.raises(SourceError, match="it took too long to answer"):
        client.get(f"{server.url}/")


def test_the_time_for_all_sources_is_bounded(answers, server):
    """One dead source never delays the digest beyond the time that all have: the rest is asked by the next run."""
    server.answers |= {"/a": Told("", 503, {"Retry-After": "50"}), "/b": FEED}
    time = Time()
    client = a_client(answers, time, patience=60.0)
    with pytest.raises(SourceError):
        client.get(f"{server.url}/a")
    assert sum(time.slept) < 60
    time.go_on(60)
    with pytest.raises(SourceError, match="its share of the time for all sources is over"):
        client.get("http://localhost:1/b")


def test_each_source_has_a_share(answers, server):
    """A slow source takes its part of the time of all and leaves the others theirs; what one does not need others have,
    and there is always enough for one answer.
    """
    server.answers["/feed"] = FEED
    time = Time()
    client = a_client(answers, time, patience=600.0)

    def is_asked(number: int) -> bool:
        with suppress(SourceError):
            client.get(f"{server.url}/feed?{number}")
        return server.paths[-1:] == [f"/feed?{number}"]

    client.begin(4)
    time.go_on(149)
    assert is_asked(1)
    time.go_on(2)
    assert not is_asked(2)
    client.begin(3)
    assert is_asked(3)
    client.begin(2)
    time.go_on(220)
    assert is_asked(4)
    time.go_on(150)
    assert not is_asked(5)
    client.begin(20)
    time.go_on(50)
    assert is_asked(6)


def test_who_is_asked_to_stop_waits_for_nobody(answers, server):
    """Neither for the rest of an answer nor for another one; what was fetched before is kept."""
    asked = []

    def hang(_: Asked) -> Told:
        asked.append(1)
        return Told(FEED[:9], hangs=True, length=len(FEED))

    server.answers |= {"/a": FEED, "/b": hang}
    client = a_client(answers, stopping=lambda: bool(asked))
    client.get(f"{server.url}/a")
    for path in ("/b", "/c"):
        with pytest.raises(TryAgain, match="asked to stop"):
            client.get(f"{server.url}{path}")
    assert server.paths == ["/a", "/b"]
    assert answers.answer(f"{server.url}/a")


# ------------------------------------------------------------------------------------------ where it leads


def test_a_redirect_is_followed_and_remembered(answers, server):
    """A redirect is followed; what tells whether the answer changed is sent to the address that gave it, only."""
    server.answers["/old"] = Told(status=301, fields={"Location": "/new?x=1"})
    server.answers["/new"] = [Told(FEED, fields={"ETag": '"1"'}), Told(status=304)]
    time = Time()
    a_client(answers, time).get(f"{server.url}/old")
    time.go_on(7200)
    assert not a_client(answers, time).get(f"{server.url}/old").trouble
    assert server.paths == ["/old", "/new?x=1"] * 2
    assert [asked.fields.get("if-none-match") for asked in server.asked] == [None, None, None, '"1"']


def test_redirects_come_to_an_end(answers, server):
    """P16: five redirects are followed, a loop is told."""
    server.answers["/"] = Told(status=302, fields={"Location": "/"})
    with pytest.raises(SourceError, match="redirected more than 5 times"):
        a_client(answers).get(f"{server.url}/")
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("gopher://x/", "only http and https"),
        ("", "more than 5 times"),
        ("http://user:pass@x/", "has a user in it"),
        ("http://[", "is no address"),
        ("http://münchen/", "is not ASCII"),
    ],
)
def test_a_redirect_to_what_is_no_address_is_refused(answers, server, location, why):
    """W12: only http and https are followed, and nothing that hides a user or a control character."""
    server.answers["/"] = Told(status=302, fields={"Location": location.encode().decode("latin-1")})
    with pytest.raises(SourceError, match=why):
        a_client(answers).get(f"{server.url}/")


def test_https_never_becomes_clear_text(answers):
    """A redirect from https to http is not followed."""

    def exchange(target, fields, terms):
        return Reply(301, {"location": "http://example.org/"})

    with pytest.raises(SourceError, match="from https to clear text"):
        a_client(answers, exchange=exchange).get("https://example.org/")


def test_a_key_is_told_to_its_host_only(answers):
    """Fields that are secret do not follow a redirect to another host."""
    seen = []

    def exchange(target, fields, terms):
        seen.append((target.host, fields.get("x-api-key")))
        return Reply(302, {"location": "https://elsewhere.example/"}) if len(seen) == 1 else Reply(404, {})

    with pytest.raises(SourceError):
        a_client(answers, exchange=exchange).get("https://example.org/", secret={"x-api-key": "k"})
    assert seen == [("example.org", "k"), ("elsewhere.example", None)]


def test_an_address_that_is_not_public_is_refused(answers, server):
    """W12: without the operator's word nobody on this machine or in its network is connected to."""
    for url in (f"{server.url}/", f"http://localhost:{server.port}/"):
        with pytest.raises(SourceError, match="no public address; `fetch: private: true` allows it"):
            a_client(answers, private=False).get(url)
    assert server.asked == []


def test_a_redirect_does_not_lead_inside(answers, server):
    """W12: where a public host leads to an address of this machine, nobody there is connected to."""

    def outside(target, fields, terms):
        if target.host == "example.org":
            return Reply(302, {"location": f"{server.url}/admin"})
        return exchange(target, fields, terms)

    with pytest.raises(SourceError, match=r"127\.0\.0\.1, which is no public address"):
        a_client(answers, private=False, exchange=outside).get("http://example.org/")
    assert server.asked == []


def test_a_host_that_is_not_found_is_asked_once_in_a_run_and_again_in_the_next(answers):
    """Without a network each source says so, nobody waits, and nobody is left alone for it."""
    asked = []

    def exchange(target, fields, terms):
        asked.append(target.path)
        raise Failed("example.org was not found: Name or service not known", "unasked")

    time = Time()
    client = a_client(answers, time, exchange=exchange)
    for path in ("/a", "/b"):
        with pytest.raises(SourceError, match=r"example\.org was not found"):
            client.get(f"https://example.org{path}")
    assert (asked, time.slept) == (["/a"], [])
    with pytest.raises(SourceError):
        a_client(answers, time, exchange=exchange).get("https://example.org/a")
    assert asked == ["/a", "/a"]


def test_a_host_that_takes_no_connection_is_told(answers):
    """A refused connection is tried again, and then no other address of the host is in this run."""
    with Replay() as gone:
        port = gone.port
    time = Time()
    client = a_client(answers, time)
    with pytest.raises(SourceError, match=r"no connection to 127\.0\.0\.1: Connection refused; it is not asked again"):
        client.get(f"http://127.0.0.1:{port}/a")
    assert [slept for slept in time.slept if slept > 1] == [4, 8]
    with pytest.raises(SourceError, match=r"no connection to 127\.0\.0\.1"):
        client.get(f"http://127.0.0.1:{port}/b")


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def test_certificates_are_checked(answers, authority):
    """TLS: a server whose certificate is not good, or for another name, is not talked to; the operator may name an
    authority of their own.
    """
    with Replay({"/b": FEED}, authority.context("127.0.0.1")) as server:
        with pytest.raises(SourceError, match=r"no TLS with 127\.0\.0\.1: its certificate is not good"):
            a_client(answers).get(f"{server.url}/")
        assert not a_client(answers, authorities=authority.file).get(f"{server.url}/b").trouble
        assert server.paths == ["/b"]
    with (
        Replay({"/": FEED}, authority.context("other.example")) as server,
        pytest.raises(SourceError, match="certificate is not good"),
    ):
        a_client(answers, authorities=authority.file).get(f"{server.url}/")


# ------------------------------------------------------------------------------------------- whatever comes


@given(st.binary(max_size=300), st.binary(max_size=100), st.sampled_from(["xml", "json", "feed", "any"]))
def test_whatever_an_answer_looks_like_nothing_is_raised(head, tail, shape):
    """P01: any bytes are an answer or are not."""
    assert isinstance(fault(shape, head, tail), str)


@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_retry_after_says_nobody_waits_for_longer_than_a_day(field, date):
    """Any text is a number of seconds, from none to a day's."""
    assert 0 <= retry_after(field, date, START) <= 86_400


@given(st.text(max_size=80))
def test_whatever_a_redirect_says_it_is_an_address_or_refused(location):
    """What is followed is http or https, and ASCII without a control character."""
    try:
        onward = redirected("https://example.org/a", location)
    except ValueError:
        return
    assert onward.startswith("https://")
    assert re.fullmatch(r"[!-~]+", onward)


TEXTS = [b"<a>0</a>", b"<a>1</a>", b"<a>2</a>"]
GOOD = [Reply(200, {"etag": f'"{text[3]}"'}, gzip.compress(text), text, text) for text in TEXTS]
BAD = [
    *(Reply(status, {}) for status in (304, 400, 404, 408, 410, 429, 500, 503, 999)),
    *(Reply(status, {"retry-after": after}) for status in (429, 503) for after in ("0", "30", "7200", "x")),
    *(Reply(302, {"location": where}) for where in ("/b", "http://x/", "https://other.example/", "")),
    *(Reply(200, {}, gzip.compress(text), text, text) for text in (b"", b"<html>", b"<a>", b"{}")),
    *(Failed("no", fault) for fault in ("unasked", "unreached", "broken", "refused")),
]


@given(st.lists(st.tuples(st.sampled_from([*GOOD, *GOOD, *BAD]), st.integers(0, 50)), min_size=1, max_size=60))
def test_whatever_a_service_does_manners_are_kept(moves):
    """Of any sequence of answers: what is given is a good one; nobody is asked more than three times for one thing,
    faster than they allow, or while they are to be left alone; and nothing but a SourceError is raised.
    """
    with TemporaryDirectory() as folder, open_store(Path(folder) / "digest.db") as store:
        time, script, asked = Time(), [reply for reply, _ in moves], []

        def exchange(target, fields, terms):
            asked.append((target.house, time.at))
            reply = script.pop(0) if script else GOOD[0]
            if isinstance(reply, Failed):
                raise reply
            return reply

        for _, minutes in moves:
            client = a_client(store.answers, time, exchange=exchange)
            before, slept, started = len(asked), len(time.slept), time.at
            resting = [
                rest.until
                for place in ("example.org", "https://example.org/")
                if (rest := store.answers.rest(place)) and rest.until > time.at
            ]
            try:
                got = client.get("https://example.org/", "xml")
            except SourceError:
                assert store.answers.answer("https://example.org/") is None
            else:
                assert body(got) in TEXTS
            now = asked[before:]
            assert len(now) <= 3 * 6
            assert all(at >= until for _, at in now for until in resting)
            of_house = [at for house, at in asked if house == "example.org"]
            assert all((b - a).total_seconds() >= 1 for a, b in pairwise(of_house) if b >= started)
            assert sum(time.slept[slept:]) <= 600
            time.go_on(minutes * 60 + 1)
