"""`digest.sending.advice`: words about what a server said."""

import pytest

from digest.delivery.settings import Server
from digest.sending.advice import advice


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("535 5.7.8 authentication failed", "`user:`"),
        ("550 5.7.515 Access denied, sending domain does not meet the required authentication level", "Outlook"),
        ("550 5.7.26 SPF check did not pass", "lacks a record"),
        ("554 5.7.1 blocked using zen.spamhaus.org", "blocklist"),
        ("450 4.2.0 Greylisted, see http://postgrey.example", "come again"),
        ("552 5.2.2 over quota", "full"),
        ("RCPT: 550 5.1.1 User unknown", "no such mailbox"),
        ("RCPT: 554 5.7.1 Relay access denied", "logs in"),
        ("MAIL: 530 5.7.0 Must issue a STARTTLS command first", "starttls"),
        ("smtp.example.org: it refuses our sender a@b: 550 no", "`from`"),
        ("its certificate is not good: Hostname mismatch, certificate is not valid for 'x'", "use that as"),
        ("its certificate is not good: self-signed certificate", "`authorities:`"),
        ("its certificate is not good: certificate has expired", "renew"),
        ("no TLS with a: TLS failed: wrong version number", "465"),
        ("a: Name or service not known", "`host:`"),
        ("no connection: Connection refused", "`port:`"),
        ("no connection: it did not answer", "587"),
    ],
)
def test_the_usual_refusals(said: str, about: str) -> None:
    """What servers usually say is explained with what to do."""
    assert about in advice(said)


def test_providers() -> None:
    """Where the provider is known, its own way to a password is named."""
    assert "app password" in advice("it refuses user and password: 535 5.7.8 no", Server("smtp.gmail.com", 587))
    assert "SMTP AUTH" in advice("it refuses user and password: 535 no", Server("smtp.office365.com", 587))


def test_nothing_to_add() -> None:
    """Where nobody knows better nothing is said."""
    assert advice("250 2.0.0 queued") == ""
