"""Against the servers that mails really meet: Postfix takes them by submission, Dovecot keeps them, IMAP reads them.

What is said here is said to the programs of Debian's packages `postfix`, `dovecot-imapd` and `dovecot-lmtpd`.
"""

import email
import email.policy
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dkim import verify
from mailservers.postfix import DOMAIN, PASSWORD, SMALL, MailHost, mail_host
from programs import program

from digest.delivery.dkim import record
from digest.delivery.settings import Dkim, Secret, Server
from digest.delivery.smtp import Smtp
from digest.model import Delivery, Parcel
from digest.sending.straight import deliver
from digest.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

KEYS = {"rsa": partial(rsa.generate_private_key, 65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate}
ONCE = (
    *("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type", "Auto-Submitted"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "DKIM-Signature"),
)
TOKEN = r"[\w-]{22}"
LEAVE = rf"<https://digest\.{DOMAIN}/u/{TOKEN}>, ?<mailto:operator@{DOMAIN}\?subject=unsubscribe%20{TOKEN}>"

READERS = ("rsa.ana", "rsa.bob", "ed25519.ana", "ed25519.bob", "well", "small", "direct", "late", "grey", "wary", "raw")
GONE = "gone"
"""Postfix takes mail for it, and Dovecot has no such mailbox."""

PAGE = f"""\
We ask what quantization does to a dot that stands alone
.
..
.QUIT
and to lines that begin with From and dots, as
From here on everything is quantization.
arXiv:2605.00001
Größere Modelle, 模型, модели: la quantization est tout — naïve façade, 𝔸 and \u200b too.
arXiv:2605.00002
Of quantization in a word of {"letters" * 300} that no line can hold.
arXiv:2605.00003
"""
PAPERS = ["2605.00001", "2605.00002", "2605.00003"]


@pytest.fixture(scope="module")
def host() -> Iterator[MailHost]:
    with mail_host(["operator", *READERS], known=[GONE]) as host:
        yield host


class Installation:
    """A folder with a config that sends by way of `host`, and a page to make an edition of."""

    def __init__(self, folder: Path, host: MailHost, readers: Sequence[str], through: str = "", more: str = "") -> None:
        self.folder = folder
        self.day = "2026-05-26"
        through = through or (
            f"smtp: {{host: localhost, port: {host.submission}, tls: starttls, user: operator@{DOMAIN}, "
            f"password: {{env: SMTP_PASSWORD}}, authorities: {host.authority}}}"
        )
        to = ", ".join(f"{reader}@{DOMAIN}" for reader in readers)
        (folder / "digest.yaml").write_text(
            f"sources: ['*.txt']\nmail:\n  from: Paper digest <operator@{DOMAIN}>\n  {through}\n"
            f"  unsubscribe_url: https://digest.{DOMAIN}/\n{more}"
            f"profiles:\n  lab:\n    keywords: [quantization]\n    recipients: [{to}]\n"
        )
        (folder / "page.txt").write_text(PAGE, encoding="utf-8")

    def digest(self, *words: str, code: int = 0, before: Sequence[str] = ()) -> str:
        """What a command printed, which ended so."""
        done = subprocess.run(
            [*before, sys.executable, "-m", "digest", *words],
            cwd=self.folder,
            env=os.environ | {"SMTP_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def deliveries(self) -> dict[str, Delivery]:
        """What the ledger knows, by the reader's name."""
        with open_store(self.folder / "digest.db") as store:
            return {one.to.address.partition("@")[0]: one for one in store.outbox.deliveries()}

    def frozen(self, reader: str) -> bytes:
        """The bytes that were kept to be sent."""
        delivery = self.deliveries()[reader]
        with open_store(self.folder / "digest.db") as store:
            kept = store.outbox.message(delivery.id)
        assert kept
        return kept


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def papers(message: EmailMessage, kind: str) -> list[str]:
    """The papers that a part tells, in order."""
    return list(dict.fromkeys(re.findall(r"(?:arXiv:|arxiv\.org/abs/)(\d{4}\.\d{5})", text_of(message, kind))))


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content())


def answer(zone: dict[bytes, bytes], asked: bytes, timeout: int = 5) -> bytes | None:
    """What the DNS says."""
    return zone.get(asked)


@pytest.mark.parametrize("key", KEYS)
def test_mail_is_read_back(key: str, host: MailHost, tmp_path: Path) -> None:
    """E04 to E07, E09, D02: what Postfix was told under TLS, logged in, is read back by IMAP: byte for byte what was
    frozen, signed, each field once, text and HTML with the same papers; and a second run sends nothing.
    """
    dkim = Dkim(DOMAIN, f"of-{key}", tmp_path / "dkim.pem")
    dkim.key.write_bytes(KEYS[key]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    dkim.key.chmod(0o600)
    readers = [f"{key}.ana", f"{key}.bob"]
    more = f"  dkim: {{selector: {dkim.selector}, key: dkim.pem}}\n"
    installed = Installation(tmp_path, host, readers, more=more)
    installed.digest("run")
    for reader in readers:
        (content,) = host.inbox(reader, 1)
        assert content.endswith(installed.frozen(reader))
        message = read(content)
        assert {name: len(message.get_all(name, [])) for name in ONCE} == dict.fromkeys(ONCE, 1)
        assert message["Message-ID"] == f"<{installed.deliveries()[reader].message_id}>"
        assert message["Return-Path"] == f"<operator@{DOMAIN}>"
        assert message["To"] == f"{reader}@{DOMAIN}"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(LEAVE, str(message["List-Unsubscribe"]))
        assert papers(message, "plain") == papers(message, "html") != []
        assert set(papers(message, "plain")) == set(PAPERS)
        assert "stands alone . Comments: .. .QUIT and to lines" in " ".join(text_of(message, "plain").split())

        name, text = record(dkim)
        zone = {f"{name}.".encode(): text.encode()}
        assert verify(content, dnsfunc=partial(answer, zone))
        assert not verify(content.replace(b"List-Id: ", b"List-Id: x"), dnsfunc=partial(answer, zone))
        assert "with ESMTPSA" in str(message.get_all("Received")), "it came under TLS, logged in"

    assert {one.state for one in installed.deliveries().values()} == {"accepted"}
    assert all("queued as" in one.detail for one in installed.deliveries().values())
    before = host.log().count("sasl_method=PLAIN")
    installed.digest("run")
    installed.digest("send")
    assert host.log().count("sasl_method=PLAIN") == before
    assert [len(host.inbox(reader)) for reader in readers] == [1, 1]


def test_bytes_are_not_changed(host: MailHost) -> None:
    """E01: dots at the start of lines, what looks like the end of a message and the next command, bytes beyond ASCII
    and lines of 998 arrive as they were given; more than one such mail follows another on one connection.
    """
    head = f"From: operator@{DOMAIN}\r\nTo: raw@{DOMAIN}\r\nDate: Tue, 26 May 2026 00:00:00 +0200\r\nSubject: raw\r\n"
    evil = f"MAIL FROM:<eve@{DOMAIN}>\r\nRCPT TO:<raw@{DOMAIN}>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
    bodies = [
        f"\r\n.\r\n{evil}\r\n.\r\n",
        ".\r\n..\r\n...\r\n.a\r\n",
        "é 模型 " * 83 + "\r\n",
        "x" * 998 + "\r\n" + "." * 997 + "\r\n",
        "\r\n\r\n\r\n",
    ]
    sent = [f"{head}Message-ID: <raw{number}@{DOMAIN}>\r\n\r\n{body}".encode() for number, body in enumerate(bodies)]
    server = Server(
        host="localhost",
        port=host.submission,
        user=f"operator@{DOMAIN}",
        password=Secret("env", "SMTP_PASSWORD"),
        connections=1,
        authorities=host.authority,
    )
    parcels = [Parcel(number, f"operator@{DOMAIN}", f"raw@{DOMAIN}", content) for number, content in enumerate(sent)]
    outcomes, why = deliver(parcels, Smtp(server, PASSWORD, clock=monotonic))
    assert (why, [one.state for one in outcomes]) == ("", ["accepted"] * len(sent))
    arrived = host.inbox("raw", len(sent))
    assert sorted(one.partition(b"From: operator")[2] for one in arrived) == sorted(
        one.partition(b"From: operator")[2] for one in sent
    )


def test_refused_address(host: MailHost, tmp_path: Path) -> None:
    """D02, D07: an address that Postfix does not know (550 5.1.1) is refused for good and counts as a hard bounce; the
    mail of nobody else is touched by it.
    """
    installed = Installation(tmp_path, host, ["nobody", "well"], more="  bounces: 1\n")
    told = installed.digest("run", code=4)
    assert "1 accepted, 1 refused" in told
    refused = installed.deliveries()["nobody"]
    assert refused.state == "refused"
    assert refused.detail.startswith("RCPT: 550 5.1.1")
    assert installed.deliveries()["well"].state == "accepted"
    assert len(host.inbox("well", 1)) == 1
    assert installed.digest("outbox", "--suppressed", "--addresses").startswith(
        f"nobody@{DOMAIN}  every profile  bounced"
    )


def test_too_large(host: MailHost, tmp_path: Path) -> None:
    """E15: a mail that is larger than the server's SIZE is refused here, and not one command is said for it."""
    through = (
        f"smtp: {{host: localhost, port: {host.small}, user: operator@{DOMAIN}, password: {{env: SMTP_PASSWORD}}, "
        f"authorities: {host.authority}}}"
    )
    installed = Installation(tmp_path, host, ["small"], through)
    many = "".join(
        f"On quantization of the kind {n}: {'we weigh it again ' * 40}.\narXiv:2604.{n:05}\n" for n in range(99)
    )
    (tmp_path / "many.txt").write_text(many)
    installed.digest("run", code=4)
    refused = installed.deliveries()["small"]
    assert refused.state == "refused"
    assert re.fullmatch(rf"refused: local: the mail has [\d,]+ bytes, and the server takes {SMALL:,}", refused.detail)
    assert host.inbox("small") == []
    assert f"to=<small@{DOMAIN}>" not in host.log()
    assert "size limit" not in host.log()


def test_lmtp(host: MailHost, tmp_path: Path) -> None:
    """By LMTP into Dovecot's socket, without any server between, arrives what was frozen."""
    installed = Installation(tmp_path, host, ["direct"], f"lmtp: {{socket: {host.lmtp}}}")
    installed.digest("run")
    (content,) = host.inbox("direct", 1)
    assert content.endswith(installed.frozen("direct"))
    assert "Postfix" not in str(read(content).get_all("Received"))
    assert installed.deliveries()["direct"].state == "accepted"
    installed.digest("send")
    assert len(host.inbox("direct")) == 1


def test_late_bounce(host: MailHost, tmp_path: Path) -> None:
    """E16: a mail that Postfix took and could not deliver comes back to the envelope's sender, which says whose it was;
    the next sending reads it there and sends that reader nothing more, and nobody else's is touched.
    """
    inbox = (
        f"  inbox: {{imap: {{host: localhost, port: {host.imap}, user: operator@{DOMAIN}, "
        f"password: {{env: SMTP_PASSWORD}}, authorities: {host.authority}}}}}\n"
    )
    installed = Installation(tmp_path, host, [GONE, "late"], more=f"  verp: true\n  bounces: 1\n{inbox}")
    installed.digest("run")
    assert {one.state for one in installed.deliveries().values()} == {"accepted"}
    (report,) = host.inbox("operator", 1)
    message = read(report)
    assert message.get_content_type() == "multipart/report"
    assert re.fullmatch(rf"operator\+[\w-]{{22}}@{DOMAIN}", str(message["To"]))
    assert message["Return-Path"] == "<>"
    assert b"\r\nStatus: 5.1.1\r\n" in report
    assert installed.deliveries()[GONE].message_id.encode() in report
    assert len(host.inbox("late", 1)) == 1
    installed.digest("send")
    assert installed.digest("outbox", "--suppressed", "--addresses").startswith(
        f"{GONE}@{DOMAIN}  every profile  bounced"
    )


def test_greylisted(host: MailHost, tmp_path: Path) -> None:
    """D07: a mail that was put off (450) is left alone for some minutes, then arrives as the very bytes it had."""
    installed = Installation(tmp_path, host, ["grey"])
    installed.digest("run")
    deferred, frozen = installed.deliveries()["grey"], installed.frozen("grey")
    assert (deferred.state, deferred.attempts) == ("deferred", 1)
    assert deferred.detail.startswith("RCPT: 450 4.2.0")
    assert deferred.due
    assert 150 <= (deferred.due - deferred.changed).total_seconds() <= 600
    installed.digest("send")
    assert installed.deliveries()["grey"] == deferred
    assert host.inbox("grey") == []
    installed.digest("send", before=[program("faketime"), "-f", "+11m"])
    (content,) = host.inbox("grey", 1)
    assert content.endswith(frozen)
    assert installed.deliveries()["grey"].state == "accepted"


def test_nobody_in_between(host: MailHost, tmp_path: Path) -> None:
    """A server whose certificate nobody we trust has signed is told nothing, and a wrong password halts the run: no
    mail is lost by either, and none is burned.
    """
    installed = Installation(tmp_path, host, ["wary"])
    good = (tmp_path / "digest.yaml").read_text()
    (tmp_path / "digest.yaml").write_text(re.sub(", authorities: [^}]+", "", good))
    told = installed.digest("run", code=4)
    assert "its certificate is not good" in told
    assert "nothing is sent in clear text" in told
    (tmp_path / "digest.yaml").write_text(good.replace("{env: SMTP_PASSWORD}", "{env: HOME}"))
    assert "refuses user and password: 535" in installed.digest("send", code=4)
    waiting = installed.deliveries()["wary"]
    assert (waiting.state, waiting.attempts) == ("rendered", 0)
    (tmp_path / "digest.yaml").write_text(good)
    installed.digest("send")
    assert len(host.inbox("wary", 1)) == 1


def test_test_mail(host: MailHost, tmp_path: Path) -> None:
    """`digest test-mail` shows every line that was said under way, and never the password."""
    installed = Installation(tmp_path, host, ["well"])
    told = installed.digest("test-mail", f"well@{DOMAIN}")
    for said in ("C: STARTTLS", "S: 235 2.7.0", "C: AUTH PLAIN ********", f"C: RCPT TO:<well@{DOMAIN}>", "queued as"):
        assert said in told
    assert PASSWORD not in told
