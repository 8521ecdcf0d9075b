"""`digest.delivery.ping`, and the runs that give a sign of life."""

import json
from pathlib import Path

import pytest
from mailservers.chats import Behaviour, chat, dripping, hanging_up, muttering, resetting, says, silent

from digest.app import make_app
from digest.config import load
from digest.delivery.ping import ping
from digest.errors import UsageError

SECRET = "/ping/5f0c-4fQ9?status=up"


def pinged(behaviour: Behaviour, deadline: float = 5.0) -> tuple[str, list[bytes]]:
    with chat(behaviour) as one:
        return ping(f"http://127.0.0.1:{one.port}{SECRET}", deadline), one.requests


def test_the_address_is_asked_for() -> None:
    """A GET of the very address, without a body; any 2xx is an answer."""
    why, [request] = pinged(says(204))
    assert why == ""
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(f"GET {SECRET} HTTP/1.1\r\n".encode())
    assert body == b""


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (says(404, "there is no check 5f0c-4fQ9"), "HTTP 404: there is no check …"),
        (says(302, "", "Location: http://127.0.0.1:1/"), "HTTP 302"),
        (says(500), "HTTP 500"),
        (silent, "it took too long"),
        (dripping, "it took too long"),
        (hanging_up, "Remote end closed connection without response"),
        (resetting, "Connection reset by peer"),
        (muttering, "220 smtp.example.org ESMTP"),
    ],
)
def test_what_goes_wrong_is_a_sentence_without_the_address(behaviour: Behaviour, said: str) -> None:
    """Who has the address can pretend that all is well."""
    why, _ = pinged(behaviour, 0.5)
    assert said in why
    assert "5f0c" not in why


def test_nobody_there() -> None:
    """A port that nobody listens at."""
    with chat(says(200)) as one:
        port = one.port
    assert ping(f"http://127.0.0.1:{port}{SECRET}") == "Connection refused"


@pytest.mark.parametrize("url", ["", "ping.example.org/x", "http://ping.example.org/5f0c", "ftp://127.0.0.1/"])
def test_what_is_no_address_or_no_secret_way_is_refused(url: str) -> None:
    """In clear text it would be everybody's."""
    with pytest.raises(UsageError, match="the address of the ping"):
        ping(url)


# --------------------------------------------------------------------------------------------- by a run


def an_app(folder: Path, sources: str = "page.txt"):
    (folder / "page.txt").write_text("We study quantization, and find that it holds.\narXiv:2605.00001\n")
    (folder / "digest.yaml").write_text(
        f"sources: [{sources}]\nalerts: {{ping: {{env: PING}}}}\nprofiles: {{ana: {{keywords: [quantization]}}}}\n"
    )
    return make_app(load(folder / "digest.yaml"))


def test_a_run_that_ends_well_gives_a_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, after all was done; a quiet day is as good as any."""
    with chat(says(200)) as one:
        monkeypatch.setenv("PING", f"http://127.0.0.1:{one.port}{SECRET}")
        assert an_app(tmp_path).run().exit_code == 0
        assert len(one.requests) == 1
        assert an_app(tmp_path).run().exit_code == 0
        assert len(one.requests) == 2


def test_a_run_that_fails_gives_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever listens raises the alarm."""
    with chat(says(200)) as one:
        monkeypatch.setenv("PING", f"http://127.0.0.1:{one.port}{SECRET}")
        assert an_app(tmp_path, "page.txt, gone.txt").run().exit_code == 3
        assert one.requests == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1/5f0c", "the ping failed: Connection refused"),
        ("nonsense", "the ping failed: the address of the ping is none"),
        (None, "the ping failed: the environment variable PING is not set"),
    ],
)
def test_a_ping_that_fails_fails_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None, said: str
) -> None:
    """It is said in the run's last line."""
    monkeypatch.delenv("PING", raising=False)
    if address:
        monkeypatch.setenv("PING", address)
    report = an_app(tmp_path).run()
    assert report.exit_code == 0
    assert said in " ".join(report.sent.problems)
    assert json.dumps(report.sent.problems).count("5f0c") == 0
