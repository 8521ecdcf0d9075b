"""`digest.sending.word`: alerts on their way, by mail into a Maildir and to a chat that listens on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from digest.delivery.settings import Alerts, Dkim, Maildir, Mailing, Secret, Server, Webhook
from digest.sending.alarm import Wrong
from digest.sending.word import Operator
from digest.store import Store, open_store

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
PAGE = Wrong("source: page.txt", "page.txt: there is no such file")
SERVER = Wrong("channel: mail", "mail stopped: no connection")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "digest.db") as store:
        yield store


def mails(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((folder / "new").glob("*"))] if folder.exists() else []


def an_operator(tmp_path: Path, *, hooks: tuple[Webhook, ...] = (), **known: object) -> Operator:
    given = {
        "alerts": Alerts(mails=("ops@lab.test",), webhooks=hooks),
        "mailing": Mailing("digest@lab.test", Maildir(tmp_path / "ops")),
        "title": "Lab papers",
        "place": tmp_path / "digest.db",
        "carriers": {},
        "clock": lambda: NOW,
    }
    return Operator(**(given | known))  # type: ignore[arg-type]


@contextmanager
def a_chat(status: int = 200) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """The address of a chat that answers so, and what was posted to it."""
    posted: list[dict[str, object]] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Chat)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_hook(monkeypatch: pytest.MonkeyPatch, url: str, format: str = "slack", chat: str = "") -> Webhook:
    monkeypatch.setenv("OPS_CHAT", url)
    return Webhook("alerts.ops", format, Secret("env", "OPS_CHAT"), chat)


def test_an_alert_is_mailed_once(store: Store, tmp_path: Path) -> None:
    """The operator gets one mail about a trouble, another one when it is over, and none in between."""
    operator = an_operator(tmp_path)
    assert operator.mind(store.outbox, [PAGE], [], "source failed: …") == []
    assert operator.mind(store.outbox, [PAGE], [PAGE.name], "source failed: …") == []
    (mail,) = mails(tmp_path / "ops")
    assert "To: ops@lab.test\n" in mail
    assert "From: Lab papers <digest@lab.test>\n" in mail
    assert "Subject: Lab papers: page.txt: there is no such file\n" in mail
    assert store.outbox.troubles()[0].told == NOW
    later = an_operator(tmp_path, clock=lambda: NOW + timedelta(hours=1))
    assert later.mind(store.outbox, [], [PAGE.name], "delivered: …") == []
    assert len(mails(tmp_path / "ops")) == 2
    assert store.outbox.troubles() == []


def test_nobody_to_tell(store: Store, tmp_path: Path) -> None:
    """Without `alerts:` troubles are kept for `digest status`, told to nobody, and forgotten when they are over."""
    operator = an_operator(tmp_path, alerts=Alerts())
    assert operator.mind(store.outbox, [PAGE], [], "") == []
    assert [(one.name, one.told) for one in store.outbox.troubles()] == [(PAGE.name, None)]
    assert operator.mind(store.outbox, [], [PAGE.name], "") == []
    assert store.outbox.troubles() == []
    assert mails(tmp_path / "ops") == []


def test_an_alert_that_fails_is_tried_again(store: Store, tmp_path: Path) -> None:
    """A trouble that no mail and no chat took is told by the next run, and why it was not is said."""
    closed = Server("127.0.0.1", 9, tls="none")
    broken = an_operator(tmp_path, mailing=Mailing("digest@lab.test", closed))
    (why,) = broken.mind(store.outbox, [PAGE], [], "")
    assert why.startswith("o…@lab.test could not be told of trouble: 127.0.0.1: no connection")
    assert store.outbox.troubles()[0].told is None
    assert an_operator(tmp_path).mind(store.outbox, [PAGE], [PAGE.name], "") == []
    assert len(mails(tmp_path / "ops")) == 1


def test_that_mail_is_broken_goes_to_the_chat(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where mail stopped no mail is tried, and the chat is told."""
    with a_chat() as (url, posted):
        operator = an_operator(tmp_path, hooks=(a_hook(monkeypatch, url),))
        assert operator.mind(store.outbox, [SERVER], [], "", broken=["mail"]) == []
    assert mails(tmp_path / "ops") == []
    assert "mail stopped: no connection" in str(posted[0]["text"])
    assert store.outbox.troubles()[0].told


def test_a_broken_mail_server_is_told_of_when_it_works_again(store: Store, tmp_path: Path) -> None:
    """Where mail is the only way, the mail about it goes out when it works, and says from when to when it did not."""
    operator = an_operator(tmp_path)
    assert operator.mind(store.outbox, [SERVER], [], "", broken=["mail"]) == []
    assert mails(tmp_path / "ops") == []
    later = an_operator(tmp_path, clock=lambda: NOW + timedelta(hours=2))
    assert later.mind(store.outbox, [], [SERVER.name], "") == []
    (mail,) = mails(tmp_path / "ops")
    assert "From 2026-05-26 06:00 UTC to 2026-05-26 08:00 UTC" in mail
    assert store.outbox.troubles() == []


def test_one_way_is_enough(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody knows where the mail was accepted and the chat refused; that it did is said, without its address."""
    with a_chat(403) as (url, _):
        operator = an_operator(tmp_path, hooks=(a_hook(monkeypatch, url),))
        (why,) = operator.mind(store.outbox, [PAGE], [], "")
    assert why == "alerts.ops could not be told of trouble: HTTP 403"
    assert store.outbox.troubles()[0].told


def test_a_secret_that_is_gone_fails_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password, a key or an address that is not where the config says is told of, and the run goes on."""
    hook = a_hook(monkeypatch, "https://chat.lab.test/x")
    monkeypatch.delenv("OPS_CHAT")
    sign = Dkim("lab.test", "autumn", tmp_path / "no.pem")
    mailing = Mailing("digest@lab.test", Maildir(tmp_path / "ops"), dkim=sign)
    failed = an_operator(tmp_path, mailing=mailing, hooks=(hook,)).mind(store.outbox, [PAGE], [], "")
    no_key, no_chat = failed
    assert no_key.startswith(f"no mail could be sent about trouble: {tmp_path}/no.pem: the key that signs mails")
    assert no_chat.startswith("alerts.ops could not be told of trouble: the environment variable OPS_CHAT is not set")
    assert store.outbox.troubles()[0].told is None


def test_who_is_asked_to_stop_tells_nobody(store: Store, tmp_path: Path) -> None:
    """O03: a run that was asked to stop keeps what is wrong and leaves telling to the next one."""
    assert an_operator(tmp_path, stopping=lambda: True).mind(store.outbox, [PAGE], [], "") == []
    assert mails(tmp_path / "ops") == []
    assert an_operator(tmp_path).mind(store.outbox, [PAGE], [PAGE.name], "") == []
    assert len(mails(tmp_path / "ops")) == 1


@pytest.mark.parametrize("format", ["slack", "discord", "mattermost", "telegram", "stranger"])
def test_every_chat_is_told_in_its_own_shape(
    format: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a chat gets is within its limits, and what a source or server said calls nobody and forms no markup."""
    hostile = Wrong("source: !", "@everyone <!channel> <b>*bold*</b> [x](javascript:1) " + "y" * 300)
    wrong = [hostile, *(Wrong(f"source: {number}", f"{number} {'z' * 299}") for number in range(30))]
    with a_chat() as (url, posted):
        hook = a_hook(monkeypatch, url, format, "42" if format == "telegram" else "")
        assert an_operator(tmp_path, hooks=(hook,)).mind(store.outbox, wrong, [], "") == []
    (told,) = posted
    text = str(told["content" if format == "discord" else "text"])
    limit = {"slack": 3000, "discord": 2000, "mattermost": 16383, "telegram": 4096}.get(format, 16383)
    assert len(text) <= limit
    assert "31 troubles" in text
    if format == "slack":
        assert "&lt;!channel&gt;" in text
    if format == "discord":
        assert told["allowed_mentions"] == {"parse": []}
    if format == "mattermost":
        assert "@everyone" not in text
    if format == "telegram":
        assert (told["chat_id"], told["parse_mode"]) == ("42", "HTML")
        assert "<b>" not in text
        assert "@everyone" not in text
