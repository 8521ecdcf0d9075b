"""`digest.config.mailing`: what a config says of delivery. Its mistakes stand in `data/config/mail_*.yaml`."""

import re
from pathlib import Path

import pytest

from digest.config import load, schema
from digest.config.mailing import PORTS, is_here
from digest.delivery.settings import Alerts, Dkim, Imap, Maildir, Mailing, Mbox, Secret, Server, Webhook
from digest.model import Addressee

MAIL = """\
mail:
  from: Paper digest <digest@example.org>
  smtp:
    host: smtp.example.org
    user: digest
    password: {env: SMTP_PASSWORD}
    connections: 4
    authorities: ca.pem
  envelope: bounces@example.org
  verp: true
  dkim: {selector: autumn, key: keys/dkim.pem}
  unsubscribe_mail: leave@example.org
  unsubscribe_url: https://digest.example.org
  inbox:
    imap: {host: imap.example.org, user: digest, password: {file: imap.password}}
  in_doubt: hold
  expires: 12
  bounces: 2
alerts:
  mail: ops@example.org
  webhooks: [{format: slack, url: {command: pass show ops}, name: ops}]
  stale_after: 3
  holidays: [12-25, 2026-11-26]
profiles:
  ana:
    keywords: [rag]
    recipients: [ana@example.org, "Bo Ek <Bo@Example.org>"]
    webhooks: [{format: discord, url: {env: HOOK}}]
  bob:
    keywords: [rag]
    recipients: bob@example.org
"""
PROFILES = "profiles: {ana: {keywords: [rag], recipients: [ana@example.org]}}\n"


def config_of(folder: Path, text: str):  # type: ignore[no-untyped-def]
    (folder / "digest.yaml").write_text(text, encoding="utf-8")
    return load(folder / "digest.yaml")


def through(folder: Path, way: str):  # type: ignore[no-untyped-def]
    return config_of(folder, f"mail: {{from: digest@example.org, {way}}}\n{PROFILES}").mailing.through


def test_all_of_it(tmp_path: Path) -> None:
    """Every key of delivery becomes a value, paths from the folder of the file, secrets by their places alone."""
    config = config_of(tmp_path, MAIL)
    assert config.mailing == Mailing(
        sender="digest@example.org",
        name="Paper digest",
        through=Server(
            host="smtp.example.org",
            port=587,
            user="digest",
            password=Secret("env", "SMTP_PASSWORD"),
            connections=4,
            authorities=tmp_path / "ca.pem",
        ),
        envelope="bounces@example.org",
        verp=True,
        dkim=Dkim("example.org", "autumn", tmp_path / "keys/dkim.pem"),
        leave="leave@example.org",
        leave_at="https://digest.example.org/",
        inbox=Imap("imap.example.org", 993, "digest", Secret("file", str(tmp_path / "imap.password"))),
        in_doubt="hold",
        expires=12,
        bounces=2,
    )
    assert config.alerts == Alerts(
        mails=("ops@example.org",),
        webhooks=(Webhook("alerts.ops", "slack", Secret("command", "pass show ops")),),
        stale_after=3,
        holidays=("12-25", "2026-11-26"),
    )
    assert [profile.recipients for profile in config.profiles] == [
        (
            Addressee("mail", "ana@example.org"),
            Addressee("mail", "Bo@Example.org", "Bo Ek"),
            Addressee("webhook", "ana.discord"),
        ),
        (Addressee("mail", "bob@example.org"),),
    ]
    assert config.webhooks == {"ana": (Webhook("ana.discord", "discord", Secret("env", "HOOK")),)}


def test_nothing_of_it(tmp_path: Path) -> None:
    """Without these keys nothing goes out as mail and nobody is told."""
    config = config_of(tmp_path, "profiles: {ana: {keywords: [rag]}}")
    assert (config.mailing, config.alerts, config.webhooks, config.profiles[0].recipients) == (None, Alerts(), {}, ())


@pytest.mark.parametrize(("tls", "port"), PORTS.items())
def test_ports(tmp_path: Path, tls: str, port: int) -> None:
    """Where no port is named it is the usual one of the kind of encryption (RFC 8314, RFC 6409)."""
    assert through(tmp_path, f"smtp: {{host: a.example, tls: {tls}}}").port == port
    assert through(tmp_path, f"smtp: {{host: a.example, tls: {tls}, port: 2525}}").port == 2525


def test_other_ways(tmp_path: Path) -> None:
    """Mail goes by LMTP over TCP or a socket, into a Maildir or an mbox, just as well."""
    assert through(tmp_path, "lmtp: {}") == Server("localhost", 24, "none", connections=1, lmtp=True)
    assert through(tmp_path, "lmtp: {socket: run/lmtp}").host == str(tmp_path / "run/lmtp")
    assert through(tmp_path, "maildir: box") == Maildir(tmp_path / "box")
    assert through(tmp_path, "mbox: box") == Mbox(tmp_path / "box")
    inbox = config_of(tmp_path, f"mail: {{from: d@example.org, maildir: a, inbox: {{maildir: b}}}}\n{PROFILES}").mailing
    assert inbox.inbox == Maildir(tmp_path / "b")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "/run/lmtp"])
def test_here(host: str) -> None:
    """A password may go in clear text to this very machine."""
    assert is_here(host)


@pytest.mark.parametrize("host", ["smtp.example.org", "127.example.org", "10.0.0.1", "::2"])
def test_not_here(host: str) -> None:
    """Whatever else a host is called, it is another machine."""
    assert not is_here(host)


def test_no_secret_in_the_file(tmp_path: Path) -> None:
    """A password that stands in the file is refused, and not repeated in the complaint (C04)."""
    from digest.errors import ConfigError

    with pytest.raises(ConfigError) as caught:
        through(tmp_path, "smtp: {host: a.example, user: ana, password: hunter2}")
    assert "name where it is instead" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def keys(node: dict[str, object], definitions: dict[str, dict[str, object]]) -> set[str]:
    """The names and descriptions of all keys below a schema's node."""
    found: set[str] = set()
    for name, said in node.get("properties", {}).items():  # type: ignore[attr-defined]
        assert said["description"].endswith("."), name
        found.add(name)
        for reference in re.findall(r"'\$ref': '#/\$defs/(\w+)'", str(said)):
            found |= keys(definitions[reference], definitions)
    return found


def test_every_key_is_documented() -> None:
    """Every key of delivery stands in docs/mail.md (C08)."""
    tree = schema()
    page = (Path(__file__).parent.parent / "docs/mail.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_]+)`", page))
    for table in ("Mail", "Alarm", "Hook"):
        assert keys(tree["$defs"][table], tree["$defs"]) <= told
