"""`digest.doctor.machine`, `digest.doctor.post`: clock, disk, store, secrets, the mail server, `digest serve`."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from builders import a_digest, a_profile

from digest.config import Config
from digest.delivery.settings import Alerts, Dkim, Imap, Maildir, Mailing, Mbox, Secret, Server, Webhook
from digest.delivery.smtp.probe import probe
from digest.doctor import examine, exit_code, machine, post, tally
from digest.doctor.domain import NotAsked
from digest.doctor.finding import CONFIG, MACHINE, MAIL, Finding
from digest.model import Site
from digest.store import open_store, safety, witness

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)


def a_config(folder: Path, **known: object) -> Config:
    given = {
        "path": folder / "digest.yaml",
        "site": Site(base_url="https://lab.test/"),
        "sources": (),
        "out": folder / "feeds",
        "store": folder / "digest.db",
        "profiles": (a_profile(),),
        "alerts": Alerts(mails=("ops@lab.test",)),
        "mailing": Mailing("digest@lab.test", Maildir(folder / "out")),
    }
    return Config(**(given | known))  # type: ignore[arg-type]


def unasked(name: str, kind: str) -> list[str]:
    raise NotAsked("nobody is asked in tests")


# ------------------------------------------------------------------------------------------------- machine


def test_a_sound_installation(tmp_path: Path) -> None:
    """Everything is ok before the first run, and nothing is made by looking."""
    found = examine(a_config(tmp_path), NOW, monotonic, unasked)
    assert [(one.what, one.state) for one in found if one.state != "ok"] == []
    assert exit_code(found) == 0
    assert tally(found) == {"ok": len(found), "look": 0, "wrong": 0}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        (NOW, None, "ok"),
        (NOW, date(2026, 5, 27), "ok"),
        (NOW, date(2026, 5, 28), "look"),
        (NOW, datetime(2026, 5, 26, 7, tzinfo=UTC), "look"),
        (NOW, datetime(2026, 5, 26, 5, tzinfo=UTC), "ok"),
        (datetime(1970, 1, 1, tzinfo=UTC), None, "wrong"),
    ],
)
def test_the_clock(now: datetime, newest: date | datetime | None, state: str) -> None:
    """A clock that stands at 1970, or is behind what the store knows, is told; zones may be a day ahead."""
    assert machine.clock(now, newest).state == state


def test_zone_data() -> None:
    """A zone that nobody knows is told with what brings it."""
    assert machine.zones([a_profile(zone="Europe/Berlin"), a_profile(zone="UTC")]).state == "ok"
    found = machine.zones([a_profile(zone="Europe/Atlantis")])
    assert (found.state, found.code) == ("wrong", CONFIG)
    assert "Europe/Atlantis" in found.said


def test_the_store(tmp_path: Path) -> None:
    """A store is sound, gone, damaged or a copy; and a run may be at work with it."""
    config = a_config(tmp_path)
    with open_store(config.store) as store:
        store.keep(a_digest(day="2026-05-30"), NOW)
        witness.begin_session(store, config.store)
    with safety.alone(config.store):
        found, newest = machine.store(config)
    assert newest == date(2026, 5, 30)
    assert [one.state for one in found] == ["ok", "ok"]
    assert f"process {os.getpid()}" in found[1].said
    copied = tmp_path / "copy"
    copied.mkdir()
    (copied / "digest.db").write_bytes(config.store.read_bytes())
    (copied / "digest.db.witness").write_bytes((tmp_path / "digest.db.witness").read_bytes())
    found, _ = machine.store(a_config(copied))
    assert [(one.what, one.state) for one in found] == [("store", "ok"), ("sending", "look")]
    assert "only if the original sends no more: digest restore --adopt" in found[1].todo
    content = config.store.read_bytes()
    config.store.write_bytes(content[:6000])
    for reason in ("is damaged", "is gone"):
        (found_, *_), _ = machine.store(config)
        assert (found_.state, found_.code) == ("wrong", MACHINE)
        assert reason in found_.said
        config.store.unlink(missing_ok=True)


def test_the_published_folder(tmp_path: Path) -> None:
    """A folder that can be written is ok, one that is a file, or below one, is not; nothing is left in it."""
    assert machine.folder(tmp_path).state == "ok"
    assert machine.folder(tmp_path / "a" / "b").state == "ok"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        found = machine.folder(out)
        assert (found.state, found.code) == ("wrong", MACHINE)


@pytest.mark.parametrize(("url", "state"), [(None, "look"), ("http://lab.test/", "look"), ("https://lab.test/", "ok")])
def test_the_site(url: str | None, state: str) -> None:
    """Feeds want to know where they are served, by https."""
    assert machine.site(Site(base_url=url)).state == state


def test_the_worst_decides_the_exit_code() -> None:
    """2 before 5 before 4; what is to be looked at is 0."""

    def code(*codes: int) -> int:
        return exit_code([Finding("x", "wrong", "x", code=one) for one in codes])

    assert [code(MAIL), code(MAIL, MACHINE), code(MAIL, CONFIG, MACHINE)] == [4, 5, 2]
    assert exit_code([Finding("x", "look", "x"), Finding("x", "ok", "x")]) == 0


# ------------------------------------------------------------------------------------------------- secrets


def test_secrets_are_looked_for_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C04: each secret that the config names is there or is told, and none is in what is said."""
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    monkeypatch.setenv("CHAT", "https://chat.lab.test/hunter2")
    (tmp_path / "open").write_text("hunter2")
    (tmp_path / "open").chmod(0o644)
    mailing = Mailing(
        "digest@lab.test",
        Server("127.0.0.1", 9, user="digest", password=Secret("env", "SMTP_PASSWORD")),
        dkim=Dkim("lab.test", "autumn", tmp_path / "gone.pem"),
        inbox=Imap("127.0.0.1", 993, "digest", Secret("file", str(tmp_path / "open"))),
    )
    config = a_config(
        tmp_path,
        mailing=mailing,
        webhooks={"ana": (Webhook("ana.slack", "slack", Secret("env", "CHAT")),)},
        alerts=Alerts(webhooks=(Webhook("alerts.slack", "slack", Secret("command", "false")),)),
    )
    found = post.secrets(config)
    assert [(one.what, one.state) for one in found] == [
        ("password", "ok"), ("password of the inbox", "wrong"), ("webhook ana.slack", "ok"),
        ("webhook alerts.slack", "wrong"), ("signature", "wrong"),
    ]  # fmt: skip
    assert exit_code(found) == 2
    assert "hunter2" not in str(found)


def test_somebody_should_be_told(tmp_path: Path) -> None:
    """Alerts to nobody are something to look at; alerts by mail where nothing says how mail goes out are wrong."""
    assert [one.state for one in post.secrets(a_config(tmp_path, alerts=Alerts()))] == ["look"]
    assert [one.state for one in post.secrets(a_config(tmp_path, mailing=None))] == ["wrong"]


# ------------------------------------------------------------------------------------------- the mail server


@contextmanager
def a_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that talks so, once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                talk(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def an_smtp_server(said: list[bytes], ehlo: bytes = b"250 lab.test\r\n", auth: bytes = b"") -> Callable[..., None]:
    """A dialogue that notes what it hears."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 lab.test ESMTP\r\n")
        lines = connection.makefile("rb")
        for line in lines:
            said.append(line.split()[0])
            answers = {b"EHLO": ehlo, b"AUTH": auth, b"QUIT": b"221 bye\r\n"}
            connection.sendall(answers.get(said[-1], b"250 ok\r\n"))
            if said[-1] == b"QUIT":
                return

    return talk


def reach(port: int, seconds: float = 5.0, **known: object) -> Finding:
    server = Server("127.0.0.1", port, tls="none")._replace(**known)
    return post.reach(Mailing("digest@lab.test", server), monotonic, seconds)


def test_a_server_is_asked_and_given_no_mail() -> None:
    """A server is greeted and bidden good-bye; no MAIL is said."""
    said: list[bytes] = []
    with a_server(an_smtp_server(said)) as port:
        found = reach(port)
    assert found.state == "ok"
    assert said == [b"EHLO", b"QUIT"]


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (b"235 2.7.0 welcome\r\n", "ok", "logged in"),
        (b"535 5.7.8 who are you\r\n", "wrong", "it refuses user and password: 535 5.7.8 who are you"),
    ],
)
def test_a_server_is_logged_in_to(answer: bytes, state: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that a server refuses is found before a mail waits for it, and is not in what is said."""
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    said: list[bytes] = []
    with a_server(an_smtp_server(said, b"250-lab.test\r\n250 AUTH PLAIN\r\n", answer)) as port:
        found = reach(port, user="digest", password=Secret("env", "SMTP_PASSWORD"))
    assert (found.state, told in found.said) == (state, True)
    assert "hunter2" not in str(found)
    assert said[:2] == [b"EHLO", b"AUTH"]


def test_a_server_that_offers_no_encryption() -> None:
    """Where STARTTLS is wanted and not offered that is wrong, and what to do is said."""
    with a_server(an_smtp_server([])) as port:
        found = reach(port, tls="starttls")
    assert (found.state, found.code) == ("wrong", MAIL)
    assert "does not offer STARTTLS" in found.said


def test_servers_that_are_none() -> None:
    """Nothing listens; it hangs up; it refuses us; it says nothing: each is told, in bounded time."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = reach(port)
    assert (found.state, found.said.endswith("Connection refused")) == ("wrong", True)
    assert "nothing listens there" in found.todo
    with a_server(lambda connection: None) as port:
        assert "hung up" in reach(port).said
    with a_server(lambda connection: connection.sendall(b"554 5.7.1 go away\r\n")) as port:
        assert "it does not take mail from us: 554 5.7.1 go away" in reach(port).said
    with a_server(lambda connection: connection.recv(1) and None) as port:
        began = monotonic()
        assert "no answer to our connection in 0.5 s" in reach(port, 0.5).said
        assert monotonic() - began < 3.0


def test_a_server_that_drips_is_not_waited_for() -> None:
    """The deadline is for all of it, however often a byte comes."""

    def drip(connection: socket.socket) -> None:
        with connection.makefile("rb"):
            try:
                for byte in b"220-" * 1000:
                    connection.sendall(bytes([byte]))
                    if connection.recv(1) == b"":
                        return
            except OSError:
                return

    with a_server(drip) as port:
        began = monotonic()
        assert probe(Server("127.0.0.1", port, tls="none"), clock=monotonic, seconds=0.5)
        assert monotonic() - began < 3.0


def test_no_password_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its password a server is not asked: that the secret is missing is said where secrets are."""
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    assert reach(9, user="digest", password=Secret("env", "SMTP_PASSWORD")).state == "look"


def test_mails_into_folders(tmp_path: Path) -> None:
    """A Maildir and an mbox can be written, or are told."""
    mailing = Mailing("digest@lab.test", Maildir(tmp_path / "mail"))
    assert post.reach(mailing, monotonic, 1.0).state == "ok"
    (tmp_path / "file").touch()
    for through in (Maildir(tmp_path / "file"), Mbox(tmp_path / "file" / "mbox")):
        found = post.reach(mailing._replace(through=through), monotonic, 1.0)
        assert (found.state, found.code) == ("wrong", MACHINE)


# ---------------------------------------------------------------------------------------------- digest serve


@pytest.mark.parametrize(
    ("status", "said"), [(200, "is not https"), (404, "answers 404"), (503, "answers 503"), (0, "does not answer")]
)
def test_the_way_out(status: int, said: str) -> None:
    """Where `digest serve` should answer `/healthz` is asked; what answers without https is something to look at."""
    asked: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if status:
                self.send_response(status)
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.handle_request)
    thread.start()
    try:
        found = post.answers(f"http://127.0.0.1:{server.server_port}/digest/", 5.0)
    finally:
        thread.join()
        server.server_close()
    assert asked == ["/digest/healthz"]
    assert found.state == "look"
    assert said in found.said


def test_what_needs_the_network_is_asked_where_it_is_configured(tmp_path: Path) -> None:
    """LMTP and folders are on this machine: nobody asks the DNS about them; a server's domain is asked about."""
    here = replace(a_config(tmp_path), mailing=Mailing("digest@lab.org", Server("127.0.0.1", 9, "none", lmtp=True)))
    assert "SPF" not in {one.what for one in examine(here, NOW, monotonic, unasked)}
    there = replace(here, mailing=Mailing("digest@lab.org", Server("127.0.0.1", 9, "none")))
    assert {"SPF", "DKIM", "DMARC", "MX"} <= {one.what for one in examine(there, NOW, monotonic, unasked)}
    nowhere = replace(here, mailing=None, alerts=Alerts())
    assert "mail server" not in {one.what for one in examine(nowhere, NOW, monotonic, unasked)}
