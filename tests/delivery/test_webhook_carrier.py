"""`digest.delivery.webhook`: what a chat answers, or does not, and what the ledger is told of it."""

import socket
import time
from pathlib import Path

import pytest
from books import Books, a_message, never
from mailservers.chats import (
    Behaviour,
    certified,
    chat,
    deaf,
    dripping,
    hanging_up,
    heard,
    muttering,
    resetting,
    says,
    silent,
)

from digest.delivery.settings import Secret, Webhook
from digest.delivery.webhook import WebhookCarrier
from digest.errors import UsageError
from digest.model import Outcome

SECRET = "/services/T0AB/xoxb-4fQ9?key=Zm9v%2Fbar"


def carrier(*urls: str, deadline: float = 5.0) -> WebhookCarrier:
    hooks = [Webhook(f"ana.{number}", "slack", Secret("env", url)) for number, url in enumerate(urls)]
    return WebhookCarrier(hooks, lambda secret: secret.where, deadline=deadline)


def carried(*urls: str, deadline: float = 5.0) -> Books:
    """What became of one message to each of those addresses."""
    books = Books(*(a_message(number, f"ana.{number}") for number in range(len(urls))))
    assert carrier(*urls, deadline=deadline).carry(books, never) == ""
    for url in urls:
        assert_veiled(books.details, url)
    return books


def assert_veiled(text: str, url: str) -> None:
    """The secret part of the address is not in it, whole or in pieces (C04, W16)."""
    for piece in (url, url.partition("/services")[2], "T0AB", "xoxb-4fQ9", "Zm9v"):
        assert not piece or piece not in text


def outcome(behaviour: Behaviour, deadline: float = 5.0) -> tuple[Outcome, list[str]]:
    with chat(behaviour) as one:
        books = carried(f"http://127.0.0.1:{one.port}{SECRET}", deadline=deadline)
    return books.outcomes[0], books.steps


# --------------------------------------------------------------------------------------------- the request


def test_the_request() -> None:
    """The message is posted whole, as JSON, to the very address, once it was marked."""
    with chat(says(200, "ok")) as one:
        books = carried(f"http://127.0.0.1:{one.port}{SECRET}")
    [request] = one.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == f"POST {SECRET} HTTP/1.1".encode()
    assert f"Host: 127.0.0.1:{one.port}".encode() in head
    assert b"Content-Type: application/json; charset=utf-8" in head
    assert (body, books.steps) == (b'{"text": "2 papers"}', ["marked 0", "accepted 0"])
    assert books.details == "HTTP 200: ok"


def test_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat over TLS is posted to where its certificate is trusted and of its name, and not spoken to otherwise."""
    context, authority = certified(tmp_path)
    with chat(says(204), context) as one:
        [stranger] = carried(f"https://127.0.0.1:{one.port}{SECRET}").outcomes.values()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        [known] = carried(f"https://127.0.0.1:{one.port}{SECRET}").outcomes.values()
    other, authority = certified(tmp_path, "127.0.0.2")
    with chat(says(204), other) as two:
        [misnamed] = carried(f"https://127.0.0.1:{two.port}{SECRET}").outcomes.values()
    assert (known.state, len(one.requests), two.requests) == ("accepted", 1, [])
    assert (stranger.state, misnamed.state) == ("deferred", "deferred")
    assert "certificate" in stranger.detail
    assert "certificate" in misnamed.detail


def test_several_chats() -> None:
    """Each message goes to its own chat, in order; one that the config has no more is refused."""
    books = Books(a_message(0, "ana.0"), a_message(1, "bob.slack"), a_message(2, "ana.1"))
    with chat(says(200)) as one, chat(says(200)) as two:
        carrier(f"http://127.0.0.1:{one.port}/a", f"http://127.0.0.1:{two.port}/b").carry(books, never)
    assert books.told == ["accepted", "refused", "accepted"]
    assert (len(one.requests), len(two.requests)) == (1, 1)
    assert books.outcomes[1].detail == "the config has no webhook bob.slack any more"


def test_stopped() -> None:
    """Whoever is told to stop finishes the message at hand (O03)."""
    books = Books(a_message(0, "ana.0"), a_message(1, "ana.0"))
    with chat(says(200)) as one:
        carrier(f"http://127.0.0.1:{one.port}/").carry(books, lambda: True)
    assert (books.told, books.waiting) == (["accepted"], [1])


# ---------------------------------------------------------------------------------------------- the answer


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((status, "accepted") for status in (200, 201, 202, 204)),
        *((status, "refused") for status in (301, 302, 303, 307, 308, 400, 401, 403, 404, 410, 413, 418)),
        *((status, "deferred") for status in (408, 425, 429, 500, 502, 503, 504)),
    ],
)
def test_statuses(status: int, state: str) -> None:
    """D07: 2xx is accepted, what may pass is put off, the rest is refused, and so is a redirect."""
    told, steps = outcome(says(status, "no_text", "Location: http://127.0.0.1:1/elsewhere"))
    assert (told.state, told.hard, told.after) == (state, False, 0.0)
    assert str(status) in told.detail
    assert steps == ["marked 0", f"{state} 0"]


def test_redirects_are_not_followed() -> None:
    """The address is a secret, and goes nowhere else."""
    with chat(says(200)) as other, chat(says(307, "", f"Location: http://127.0.0.1:{other.port}{SECRET}")) as one:
        books = carried(f"http://127.0.0.1:{one.port}{SECRET}")
    assert (books.told, len(one.requests), other.connections) == (["refused"], 1, 0)
    assert "not followed" in books.details


@pytest.mark.parametrize(
    ("fields", "body", "after"),
    [
        (["Retry-After: 120"], "", 120.0),
        (["Retry-After: 0"], "", 0.0),
        (["Retry-After: -5"], "", 0.0),
        (["Retry-After: soon"], "", 0.0),
        (["Retry-After: " + "9" * 400], "", 86_400.0),
        (["Retry-After: Tue, 26 May 2026 10:02:00 GMT", "Date: Tue, 26 May 2026 10:00:00 GMT"], "", 120.0),
        (["Retry-After: Tue, 26 May 2026 09:00:00 GMT", "Date: Tue, 26 May 2026 10:00:00 GMT"], "", 0.0),
        (["Retry-After: Tue, 26 May 2026 10:02:00 GMT"], "", 0.0),
        ([], '{"retry_after": 1.5, "global": false}', 1.5),
        ([], '{"ok": false, "parameters": {"retry_after": 35}}', 35.0),
        ([], '{"retry_after": "soon"}', 0.0),
        ([], '{"retry_after": -1}', 0.0),
        ([], '{"retry_after": Infinity, "parameters": 5}', 0.0),
        ([], "[1", 0.0),
        ([], "[]", 0.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, fields: list[str], body: str, after: float) -> None:
    """A chat that says for how long it wants to be left alone is believed, however it says so (RFC 9110, Discord,
    Telegram), for up to a day.
    """
    told, _ = outcome(says(status, body, *fields))
    assert (told.state, told.after) == ("deferred", after)


def test_the_answer_is_told_short_and_clean() -> None:
    """What a chat says is kept in one line, without controls, and not at any length."""
    told, _ = outcome(says(400, "bad\r\n\x1b[31m block\n" + "x" * 5000))
    assert told.detail.startswith("HTTP 400: bad [31m block xxx")
    assert told.detail.isprintable()
    assert len(told.detail) < 520


@pytest.mark.parametrize("echo", ["no such hook: {}", "<a href='{}'>", '{{"path": "{}"}}'])
def test_an_answer_that_repeats_the_address(echo: str) -> None:
    """C04: a server that repeats the address, as many error pages do, does not get it into our messages."""
    outcome(says(404, echo.format(f"http://127.0.0.1{SECRET}")))
    told, _ = outcome(says(404, echo.format("xoxb-4fQ9 Zm9v/bar T0AB")))
    assert "…" in told.detail


# --------------------------------------------------------------------------------------------- no answer


@pytest.mark.parametrize("behaviour", [hanging_up, resetting, muttering])
def test_broken_after_the_request(behaviour: Behaviour) -> None:
    """D05: when the request is out and no answer comes nobody can know: in doubt."""
    told, steps = outcome(behaviour)
    assert (told.state, steps) == ("in doubt", ["marked 0", "in doubt 0"])
    assert told.detail.startswith("the connection broke: ")


@pytest.mark.parametrize("behaviour", [silent, dripping])
def test_deadline(behaviour: Behaviour) -> None:
    """D09: a chat that says nothing, or a byte at a time, is given up after the deadline as a whole: in doubt."""
    began = time.monotonic()
    told, _ = outcome(behaviour, deadline=0.3)
    assert (told.state, told.detail) == ("in doubt", "the connection broke: it took too long")
    assert 0.3 <= time.monotonic() - began < 2


def test_no_handshake() -> None:
    """D09: one that never gets to TLS is given up too, and certainly had nothing."""
    with chat(deaf) as one:
        began = time.monotonic()
        books = carried(f"https://127.0.0.1:{one.port}{SECRET}", deadline=0.3)
    assert (books.told, books.steps) == (["deferred"], ["deferred 0"])
    assert time.monotonic() - began < 2


def test_no_connection() -> None:
    """D07: a chat where nobody listens, and a host that is none, had nothing: put off, never in doubt."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    books = carried(f"http://127.0.0.1:{port}{SECRET}", f"https://no-such-host.invalid{SECRET}", deadline=10.0)
    assert (books.told, books.steps) == (["deferred"] * 2, ["deferred 0", "deferred 1"])
    assert "no connection: Connection refused" in books.details


def test_a_broken_chat_holds_up_no_other() -> None:
    """D16: one chat that hangs costs the others its deadline, and nothing else."""
    began = time.monotonic()
    with chat(silent) as bad, chat(says(200)) as good:
        books = carried(*(f"http://127.0.0.1:{one.port}{SECRET}" for one in (good, bad, good, bad, good)), deadline=0.3)
    assert books.told == ["accepted", "in doubt", "accepted", "in doubt", "accepted"]
    assert time.monotonic() - began < 3


def test_late_words_change_nothing() -> None:
    """An answer that comes after the deadline belongs to no other message."""

    def late(connection: socket.socket, one: object) -> None:
        body = heard(connection, one)  # type: ignore[arg-type]
        if b"1" in body:
            time.sleep(0.5)
        connection.sendall(
            b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n" if b"1" in body else b"HTTP/1.1 200 OK\r\n\r\n"
        )

    books = Books(a_message(0, "ana.0", b'{"n": 1}'), a_message(1, "ana.0", b'{"n": 2}'))
    with chat(late) as one:
        carrier(f"http://127.0.0.1:{one.port}/", deadline=0.3).carry(books, never)
    assert books.told == ["in doubt", "accepted"]


# -------------------------------------------------------------------------------------------- the address


@pytest.mark.parametrize(
    "url",
    [
        "hooks.example.org/services",
        "https://",
        "https:///services",
        "https://hooks.example.org:0/x",
        "https://hooks.example.org:99999/x",
        "https://[::1/x",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\nHost: evil",
        "https://hooks.example.org/\x00",
        "https://hööks.example.org/x",
        "https://ana:hunter2@hooks.example.org/x",
        "ftp://hooks.example.org/x",
        "http://hooks.example.org/x",
        "http://127.0.0.1.example.org/x",
    ],
)
def test_bad_addresses(url: str) -> None:
    """An address that is none, or would send the message in clear text, is refused without being repeated (C04)."""
    with pytest.raises(UsageError) as caught:
        carrier(url)
    assert "the address of the webhook ana.0" in str(caught.value)
    assert "example.org/x" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_clear_text_on_this_machine(host: str) -> None:
    """A bridge on this very machine needs no TLS."""
    carrier(f"http://{host}:8065/hooks/x")
