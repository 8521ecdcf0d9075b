"""Which addresses may be asked, and what messages say of them."""

import pytest

from digest.delivery.exchange import retry_after
from digest.sources.web.addresses import is_public, redirected, shown, target
from digest.sources.web.waiting import left


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.8.9.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 255.255.255.255 224.0.0.1
    192.0.2.1 198.18.0.1 240.0.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1
    ::ffff:10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 2002:7f00:1:: 2002:a00:1::""".split(),
)
def test_an_address_that_is_not_of_the_whole_network_is_known(address):
    """W12: this machine, private, link-local, shared, reserved and group addresses, also those inside of others."""
    assert not is_public(address)


@pytest.mark.parametrize("address", "93.184.216.34 8.8.8.8 2606:2800:220:1:248:1893:25c8:1946 64:ff9b::808:808".split())
def test_a_public_address_is_one(address):
    """Addresses of the whole network may be asked."""
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://Example.org", ("https", "example.org", 443, "/")),
        ("http://example.org:8080/a?b=c#d", ("http", "example.org", 8080, "/a?b=c")),
        ("https://[2001:db8::1]/x", ("https", "2001:db8::1", 443, "/x")),
    ],
)
def test_an_address_is_taken_apart(url, parts):
    """Scheme, host, port, and what the first line of a request has."""
    assert target(url) == parts


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org/feed", "ftp://x/", "https://", "https://x:0/", "https://x:99999/", "https://u:p@x/"),
        *(
            "https://x/a b",
            "https://x/\r\nHost: y",
            "https://x/é",
            "https://[x/",
            "javascript:alert(1)",
            "https://x/\x7f",
        ),
    ],
)
def test_what_is_no_address_is_refused(url):
    """Neither another scheme, nor a user, nor a character that could end the first line of a request."""
    with pytest.raises(ValueError, match=r"is|has|begins"):
        target(url)


@pytest.mark.parametrize(
    ("url", "house"),
    [
        ("https://rss.arxiv.org/", "arxiv.org"),
        ("https://arxiv.org/", "arxiv.org"),
        ("https://notarxiv.org/", "notarxiv.org"),
        ("https://arxiv.org.example/", "arxiv.org.example"),
        ("https://api2.openreview.net/", "openreview.net"),
    ],
)
def test_hosts_of_a_service_are_one_house(url, house):
    """Services count requests to all of their hosts together; a name that only looks like theirs is not theirs."""
    assert target(url).house == house


def test_messages_have_no_query_and_no_user():
    """What may be a secret does not get into messages."""
    assert shown("https://ana:pw@example.org/feed?token=abc") == "https://example.org/feed?…"
    assert shown("https://example.org/feed") == "https://example.org/feed"
    assert shown("http://[") == "an address"


def test_a_redirect_may_be_relative():
    """RFC 9110 section 10.2.2: what leads on is taken from where it stands."""
    assert redirected("https://example.org/a/b", "../c") == "https://example.org/c"


def test_waits_have_bounds():
    """Retry-After without a date of the answer is compared with our clock; nothing is negative or longer than a day."""
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 5, 26, 6, tzinfo=UTC)
    assert retry_after("Tue, 26 May 2026 06:01:00 GMT", "", now) == 60
    assert retry_after("Mon, 25 May 2026 06:01:00 GMT", "", now) == 0
    assert retry_after("Tue, 26 May 2026 06:01:00 -0000", "no date", now) == 60
    assert retry_after("Tue, 99 May 2026", "", now) == 0
    assert left(now + timedelta(seconds=5), now) == 5
    assert left(now - timedelta(seconds=5), now) == left(now + timedelta(days=30), now) == 0
