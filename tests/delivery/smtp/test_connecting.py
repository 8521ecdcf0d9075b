"""`digest.delivery.smtp.connecting`: addresses, sockets and TLS, against real servers on loopback."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from book import Book
from mailservers.certificates import Authority, authority
from mailservers.faulty import ALWAYS, Fault, Setting, serving
from mailservers.other_end import a_parcel, a_server

from digest import clock
from digest.delivery.settings import Server
from digest.delivery.smtp import Deadlines, Smtp, connecting
from digest.delivery.smtp.connecting import Address, Connection, Place, find
from digest.delivery.smtp.dialogue import Dialogue

QUICK = Deadlines(connect=0.5, command=1.0, body=1.0, dot=1.0, quit=0.2)
LONG = Deadlines(connect=10, command=10, body=10, dot=10, quit=0.5)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


def carried(server: Server, password: str = "", deadlines: Deadlines = LONG, **known: Any) -> tuple[Book, str]:
    """What became of one parcel that is carried to `server`, and why the carrier stopped."""
    book = Book([a_parcel(1, **known)])
    carrier = Smtp(server, password, clock=clock.monotonic, deadlines=deadlines)
    return book, carrier.carry(book, lambda: False)


# ------------------------------------------------------------------------------------------------ looking up


def test_find_an_address() -> None:
    """An address is found as it is, introduced as configured, and known to stay on this machine."""
    place = find(a_server(host="127.0.0.1", port=2525, helo="us.example"), 5.0)
    assert place.addresses == (Address(socket.AF_INET, ("127.0.0.1", 2525)),)
    assert place.name == "us.example"
    assert place.context is None
    assert place.private


@pytest.mark.parametrize(
    ("host", "private"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("192.0.2.1", False), ("2001:db8::1", False),
     ("/run/lmtp", True)],
)  # fmt: skip
def test_what_stays_here(host: str, private: bool) -> None:
    """Loopback and sockets stay on this machine, and nothing else does."""
    assert find(a_server(host=host), 5.0).private == private


def test_one_of_many_leaves() -> None:
    """A name whose addresses are not all on this machine is not private."""
    here, away = Address(socket.AF_INET, ("127.0.0.1", 25)), Address(socket.AF_INET, ("192.0.2.1", 25))
    assert Place((here, here), "us", None).private
    assert not Place((here, away), "us", None).private


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example", "bad..name", "\udcff.example"])
def test_no_such_host(host: str) -> None:
    """D07: what is no name, or nobody's, is an error of the network, and every parcel is given back untried."""
    with pytest.raises(OSError):  # noqa: PT011  # the resolver's own words
        find(a_server(host=host), 5.0)
    book, why = carried(a_server(host=host))
    assert why.startswith(f"{host}: ")
    assert book.states == {1: "rendered"}


def _sleepy(*_: object, **__: object) -> list[object]:
    time.sleep(2)
    return []


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """D09: the system's resolver has no deadline, so we have one."""
    monkeypatch.setattr(connecting.socket, "getaddrinfo", _sleepy)
    before = time.monotonic()
    with pytest.raises(OSError, match=r"its address was not found in 0\.1 s"):
        find(a_server(host="slow.example"), 0.1)
    assert time.monotonic() - before < 1.5


@pytest.mark.parametrize(
    ("full", "name"),
    [
        ("mx.us.example", "mx.us.example"),
        ("localhost", "[127.0.0.1]"),
        ("1.0.0.127.in-addr.arpa", "[127.0.0.1]"),
        ("mücke.example", "[127.0.0.1]"),
    ],
)
def test_our_own_name(full: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321 section 4.1.3: a machine without a full name introduces itself by an address in brackets."""
    monkeypatch.setattr(connecting.socket, "getfqdn", lambda: full)
    assert find(a_server(host="127.0.0.1"), 5.0).name == name


def test_authorities(tmp_path: Path, ca: Authority) -> None:
    """Who is trusted: TLS 1.2 at least, names checked, only the given authorities; a file that is none is told."""
    context = find(a_server(host="127.0.0.1", tls="tls", authorities=ca.file), 5.0).context
    assert context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1
    (tmp_path / "empty.pem").touch()
    for file in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        book, why = carried(a_server(host="127.0.0.1", tls="tls", authorities=file))
        assert f"authorities: {file}: " in why
        assert book.states == {1: "rendered"}


# ------------------------------------------------------------------------------------------------ connecting


def test_over_ipv6() -> None:
    """A server that has only IPv6 is reached."""
    with serving(Setting(family=socket.AF_INET6)) as server:
        book, why = carried(a_server(host="::1", port=server.port))
        assert (book.states, why) == ({1: "accepted"}, "")


def test_over_a_socket(tmp_path: Path) -> None:
    """RFC 2033: LMTP to a socket of this machine, where a password may be said."""
    path = str(tmp_path / "lmtp")
    with serving(Setting(lmtp=True, login=("digest", "secret")), path) as server:
        book, why = carried(a_server(host=path, port=0, lmtp=True, user="digest"), "secret")
        assert (book.states, why) == ({1: "accepted"}, "")
        assert server.said[0].startswith(b"LHLO ")


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_nobody_listens() -> None:
    """D07, SMTP refused: nothing is tried and nothing burnt."""
    book, why = carried(a_server(host="127.0.0.1", port=closed_port()))
    assert why == "127.0.0.1: no connection: Connection refused"
    assert book.states == {1: "rendered"}
    assert book.outcomes[1].detail == why


@pytest.fixture
def silent_address() -> Iterator[Address]:
    """An address that takes no connection and refuses none: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(address)
            waiting.append(one)
        time.sleep(0.05)
        yield Address(socket.AF_INET, address)
        for one in waiting:
            one.close()


def talked(place: Place, server: Server, deadlines: Deadlines, until: Callable[[Connection], bool]) -> Connection:
    """A connection that takes its turns until something is so, or for five seconds."""
    import selectors

    dialogue = Dialogue(server, "", place.name, private=place.private)
    one = Connection(server, dialogue, place, deadlines, clock.monotonic())
    end = time.monotonic() + 5
    while not until(one) and time.monotonic() < end:
        left = one.look(clock.monotonic())
        sock, events = one.waits_for
        if not sock:
            break
        with selectors.DefaultSelector() as selector:
            selector.register(sock, events)
            if selector.select(min(left, 0.1)):
                one.turn(clock.monotonic())
    one.close()
    return one


def test_the_next_address_is_tried(silent_address: Address) -> None:
    """RFC 5321 section 5.1: an address that refuses, and one that does not answer in its share of the time, are
    followed by the next.
    """
    with serving() as server:
        refusing = Address(socket.AF_INET, ("127.0.0.1", closed_port()))
        good = Address(socket.AF_INET, ("127.0.0.1", server.port))
        odd = Address(9999, ("127.0.0.1", 25))
        place = Place((odd, refusing, silent_address, good), "us.example", None)
        one = talked(place, a_server(), QUICK, lambda one: one.dialogue.opened)
        assert one.dialogue.opened


def test_no_address_answers(silent_address: Address) -> None:
    """D09: all addresses together have the time of one."""
    before = time.monotonic()
    place = Place((silent_address, silent_address), "us.example", None)
    one = talked(place, a_server(), QUICK, lambda _: False)
    assert one.dialogue.halt == "no connection: it did not answer"
    assert 0.4 < time.monotonic() - before < 2


def test_no_address_at_all() -> None:
    """A name that has none is no connection."""
    one = talked(Place((), "us.example", None), a_server(), QUICK, lambda _: False)
    assert one.dialogue.halt == "no connection: it has no address"


# ------------------------------------------------------------------------------------------------ TLS


@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_tls(mode: Any, host: str, ca: Authority) -> None:
    """RFC 3207, RFC 8314: a mail over TLS, to who has a certificate for the name, or the address, that we look for."""
    setting = Setting(tls=ca.context("localhost", "127.0.0.1"), wrapped=mode == "tls", login=("digest", "secret"))
    with serving(setting) as server:
        wanted = a_server(host=host, port=server.port, tls=mode, user="digest", authorities=ca.file)
        content = b"Subject: large\r\n\r\n" + b"x" * 70 * 1024 + b"\r\n"
        book, why = carried(wanted, "secret", content=content)
        assert (book.states, why) == ({1: "accepted"}, "")
        assert server.stored[0].content == content


@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (lambda ca: ca.context("other.example"), "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        (lambda ca: ca.context("127.0.0.1", signed=False), "self-signed certificate"),
        (lambda ca: ca.context("127.0.0.1", days=-1), "certificate has expired"),
    ],
    ids=["another name", "self-signed", "expired"],
)
def test_a_certificate_that_is_not_good(
    mode: Any, certificate: Callable[[Authority], ssl.SSLContext], why: str, ca: Authority
) -> None:
    """Fault matrix, TLS failure; RFC 6125: nothing is said to who cannot show who they are, and it never goes on in
    clear text.
    """
    setting = Setting(tls=certificate(ca), wrapped=mode == "tls", login=("digest", "secret"))
    with serving(setting) as server:
        wanted = a_server(host="127.0.0.1", port=server.port, tls=mode, user="digest", authorities=ca.file)
        book, told = carried(wanted, "secret")
        assert book.states == {1: "rendered"}
        assert told.startswith("127.0.0.1: no TLS with 127.0.0.1: its certificate is not good: ")
        assert why in told
        assert told.endswith("; nothing is sent in clear text")
        assert not server.stored
        assert all(line.startswith((b"EHLO", b"STARTTLS")) for line in server.said)


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_handshake_that_hangs(mode: Any, ca: Authority) -> None:
    """D09: a server that begins TLS and falls silent is given up at the deadline."""
    hang = Fault("say", "STARTTLS", times=ALWAYS, text=b"220 go ahead\r\n", then="fall silent")
    with serving(Setting(offers=("STARTTLS",))) as server:
        server.fail(hang if mode == "starttls" else Fault("silence", "greeting", times=ALWAYS))
        wanted = a_server(host="127.0.0.1", port=server.port, tls=mode, authorities=ca.file)
        before = time.monotonic()
        book, why = carried(wanted, deadlines=QUICK)
        assert time.monotonic() - before < 3
        assert book.states == {1: "rendered"}
        assert why == "127.0.0.1: no answer to the TLS handshake in 1 s"


def test_a_server_that_speaks_another_tls(ca: Authority) -> None:
    """`tls: tls` to a port where clear text is spoken ends at the handshake."""
    with serving() as server:
        wanted = a_server(host="127.0.0.1", port=server.port, tls="tls", authorities=ca.file)
        book, why = carried(wanted)
        assert book.states == {1: "rendered"}
        assert "no TLS with 127.0.0.1" in why


# ------------------------------------------------------------------------------------------------ deadlines


HUGE = b"Subject: huge\r\n\r\n" + (b"x" * 998 + b"\r\n") * 9_000
"""More than the network takes from us when nobody reads."""


@pytest.mark.parametrize("kind", ["silence", "drip"])
def test_a_body_that_the_server_does_not_read(kind: Any) -> None:
    """D09: the body has a deadline of its own, the dot is never said, and the mail goes over another connection."""
    with serving() as server:
        server.fail(Fault(kind, "body"))
        wanted = a_server(host="127.0.0.1", port=server.port, connections=1)
        book, why = carried(wanted, deadlines=LONG._replace(body=0.5), content=HUGE)
        assert (book.states, why) == ({1: "accepted"}, "")
        assert server.connections == 2
        assert [len(one.content) for one in server.stored] == [len(HUGE)]


def test_a_hang_up_in_the_midst_of_a_body() -> None:
    """Fault matrix, disconnect before dot: the mail is sent again over another connection, and arrives once."""
    with serving() as server:
        server.fail(Fault("hang-up", "body"))
        book, why = carried(a_server(host="127.0.0.1", port=server.port), content=HUGE)
        assert (book.states, why) == ({1: "accepted"}, "")
        assert len(server.stored) == 1


@pytest.mark.parametrize(
    ("stage", "said"),
    [("greeting", "our connection"), ("EHLO", "EHLO"), ("MAIL", "MAIL"), ("dot", "the end of the message")],
)
def test_bytes_that_drip(stage: Any, said: str) -> None:
    """D09, fault matrix, a byte now and then: the deadline is for the whole reply, however often bytes come."""
    with serving(Setting(drip=0.05)) as server:
        server.fail(Fault("drip", stage, times=ALWAYS, text=b""))
        before = time.monotonic()
        book, why = carried(a_server(host="127.0.0.1", port=server.port), deadlines=LONG._replace(command=0.3, dot=0.3))
        assert time.monotonic() - before < 3
        assert f"no answer to {said} in 0.3 s" in (why + book.outcomes[1].detail)
        assert book.states == {1: "in doubt" if stage == "dot" else "rendered"}
