"""Whole days with an inbox: `digest run` sends into a Maildir, a reader or a server writes back, the next run obeys."""

import email
import email.policy
import os
import re
import shutil
import subprocess
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import ahead
import pytest
from mailservers.imap_server import dovecot

CONFIG = """\
sources: ["*.txt"]
mail:
  from: digest@digest.example.org
  maildir: sent
  envelope: bounces@digest.example.org
  verp: true
  unsubscribe_mail: leave@digest.example.org
  inbox: {inbox}
profiles:
  lab:
    keywords: [quantization]
    recipients: [ana@example.net, bo@example.com]
"""


class Installation:
    """One folder with a config; papers come every day."""

    def __init__(self, folder: Path, inbox: str = "{maildir: inbox}") -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        for name in ("new", "cur", "tmp"):
            (self.inbox / name).mkdir(parents=True)
        (folder / "digest.yaml").write_text(CONFIG.format(inbox=inbox))

    def digest(self, *words: str, before: tuple[str, ...] = (), later: int = 0) -> "subprocess.CompletedProcess[str]":
        command = [*before, *ahead.command(later, *words)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120)

    def day(self, number: int, *, before: tuple[str, ...] = (), later: int = 0) -> dict[str, EmailMessage]:
        """One day's run, over a page with a new paper; the mails that it sent, by their recipients."""
        (self.folder / f"page{number}.txt").write_text(
            f"We study quantization in the way {number}, and find that it holds.\narXiv:2605.{number:05}\n"
        )
        there = set((self.folder / "sent").glob("new/*"))
        done = self.digest("run", before=before, later=later)
        assert done.returncode == 0, done.stdout + done.stderr
        new = [path.read_bytes() for path in (self.folder / "sent").glob("new/*") if path not in there]
        mails = [email.message_from_bytes(content, policy=email.policy.default) for content in new]
        assert all(isinstance(mail, EmailMessage) for mail in mails)
        return {str(mail["To"]): mail for mail in mails}

    def arrives(self, name: str, content: bytes) -> None:
        (self.inbox / "new" / name).write_bytes(content)

    def unread(self) -> list[str]:
        return sorted(path.name for path in self.inbox.glob("*/*") if "S" not in path.name.partition(":2,")[2])


def wish(mail: EmailMessage) -> bytes:
    """What a mail program sends for the mailto address in List-Unsubscribe (RFC 6068)."""
    [uri] = re.findall(r"<(mailto:[^>]+)>", str(mail["List-Unsubscribe"]))
    split = urlsplit(uri)
    [subject] = parse_qs(split.query)["subject"]
    asking = EmailMessage()
    asking["From"], asking["To"], asking["Subject"] = mail["To"], split.path, subject
    return asking.as_bytes()


def report(mail: EmailMessage, status: str = "5.1.1") -> bytes:
    """What a server makes of the mail: a report by RFC 3464 that gives the mail's head back."""
    head = "".join(f"{name}: {value}\n" for name, value in mail.items())
    return (
        "From: MAILER-DAEMON@mx.example.net\nTo: bounces@digest.example.org\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; {mail['To']}\nAction: failed\nStatus: {status}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{head}\n--b--\n"
    ).encode()


@pytest.mark.slow
def test_unsubscribed_by_mail(tmp_path: Path) -> None:
    """The mail that a mail program sends for List-Unsubscribe ends the mails to its reader, and to nobody else."""
    here = Installation(tmp_path)
    first = here.day(1)
    assert set(first) == {"ana@example.net", "bo@example.com"}
    here.arrives("1.wish", wish(first["ana@example.net"]))
    here.arrives("2.other", b"From: somebody@example.com\nSubject: hello\n\nhow are you?\n")
    assert set(here.day(2, later=1)) == {"bo@example.com"}
    assert here.unread() == ["2.other"]
    listed = here.digest("outbox", "--suppressed").stdout
    assert re.fullmatch(r"a…@example\.net  lab  unsubscribed \d{4}-\d\d-\d\d\n", listed)
    assert set(here.day(3, later=2)) == {"bo@example.com"}


@pytest.mark.slow
def test_unsubscribed_through_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where the inbox is behind IMAP; the mail is marked as read there, and only that one."""
    with dovecot() as server:
        monkeypatch.setenv("INBOX_PASSWORD", server.password)
        where = f"host: localhost, port: {server.port}, user: ana, authorities: {server.authorities}"
        here = Installation(tmp_path, f"{{imap: {{{where}, password: {{env: INBOX_PASSWORD}}}}}}")
        first = here.day(1)
        for name, content in (("1.wish", wish(first["bo@example.com"])), ("2.other", b"Subject: hello\n\nyou\n")):
            path = server.maildir / "new" / name
            path.write_bytes(content)
            path.chmod(0o644)
        assert set(here.day(2, later=1)) == {"ana@example.net"}
        assert sorted(path.name for path in (server.maildir / "cur").iterdir()) == ["1.wish:2,S", "2.other:2,"]


@pytest.mark.slow
def test_three_hard_bounces_on_three_days(tmp_path: Path) -> None:
    """E16: after hard bounces of three days an address is sent nothing more, and `digest outbox` says why."""
    faketime = shutil.which("faketime")
    if not faketime:
        sentence = "faketime is not on this machine: apt-get install faketime"
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
    here = Installation(tmp_path)
    for number in range(1, 4):
        at = (faketime, f"2026-05-{number + 10} 08:00:00")
        mails = here.day(number, before=at)
        assert set(mails) == {"ana@example.net", "bo@example.com"}
        here.arrives(f"{number}.hard", report(mails["ana@example.net"]))
        here.arrives(f"{number}.soft", report(mails["bo@example.com"], "4.4.1"))
    fourth = here.day(4, before=(faketime, "2026-05-14 08:00:00"))
    assert set(fourth) == {"bo@example.com"}
    assert here.unread() == []
    assert here.digest("outbox", "--suppressed").stdout == "a…@example.net  every profile  bounced 2026-05-14  5.1.1\n"


@pytest.mark.slow
def test_an_inbox_that_cannot_be_read(tmp_path: Path) -> None:
    """The mails go out all the same, and the operator is told what is wrong with the inbox."""
    here = Installation(tmp_path, "{maildir: nowhere}")
    assert len(here.day(1)) == 2
    assert "the inbox: nowhere/new cannot be read: No such file or directory\n" in here.digest("send").stdout


def test_a_secret_that_is_missing(tmp_path: Path) -> None:
    """The inbox's password is looked for before anything is sent, as all secrets are (C04)."""
    imap = "{imap: {host: localhost, user: ana, password: {env: NO_SUCH_VARIABLE}}}"
    done = Installation(tmp_path, imap).digest("send")
    assert done.returncode == 2
    assert done.stderr.startswith("digest: the environment variable NO_SUCH_VARIABLE is not set")
