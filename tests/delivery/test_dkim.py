"""`digest.delivery.dkim`: what dkimpy, as a receiver, says of our signatures."""

import re
from pathlib import Path

import dkim as receiver
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.delivery.dkim import record, signer
from digest.delivery.settings import Dkim
from digest.errors import UsageError

MESSAGE = (
    b"From: Paper digest <digest@example.org>\r\n"
    b"To: ana@example.org\r\n"
    b"Subject: 12 papers =?utf-8?q?=C2=B7?= Efficient\r\n  inference\r\n"
    b"Date: Tue, 26 May 2026 00:00:00 +0200\r\n"
    b"Message-ID: <0123@example.org>\r\n"
    b"List-Unsubscribe: <https://example.org/u/x>,\r\n <mailto:leave@example.org>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"A paper   with  spaces \r\n\r\n.dots\r\n\r\n\r\n"
)
KEYS = {"rsa": lambda: rsa.generate_private_key(65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate}


def written(folder: Path, key) -> Dkim:  # type: ignore[no-untyped-def]
    path = folder / "dkim.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return Dkim("example.org", "autumn", path)


@pytest.fixture(params=KEYS)
def dkim(request: pytest.FixtureRequest, tmp_path: Path) -> Dkim:
    return written(tmp_path, KEYS[request.param]())


def verifies(message: bytes, dkim: Dkim) -> bool:
    name, text = record(dkim)
    zone = {f"{name}.".encode(): text.encode()}
    if "k=ed25519" in text:
        pytest.importorskip("nacl", reason="dkimpy reads Ed25519 with PyNaCl")
    return bool(receiver.verify(message, dnsfunc=lambda asked, timeout=5: zone.get(asked)))


def test_verified(dkim: Dkim) -> None:
    """What we sign, a receiver finds unchanged and ours; and the same mail is signed the same."""
    sign = signer(dkim)
    assert verifies(sign(MESSAGE), dkim)
    assert sign(MESSAGE) == sign(MESSAGE)
    assert sign(MESSAGE).endswith(MESSAGE)


def test_lines(dkim: Dkim) -> None:
    """The field keeps to lines of 78 characters and to CRLF."""
    head = signer(dkim)(MESSAGE).removesuffix(MESSAGE)
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert head.count(b"\n") == head.count(b"\r\n")


@pytest.mark.parametrize(
    "change",
    [
        (b"A paper", b"B paper"),
        (b"/u/x", b"/u/y"),
        (b"One-Click", b"Two-Click"),
        (b"digest@", b"nobody@"),
        (b"To: ana", b"From: eve@example.net\r\nTo: ana"),
    ],
)
def test_changed(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    """A changed text, link or sender, and a second From, are found."""
    dkim = written(tmp_path, KEYS["rsa"]())
    message = signer(dkim)(MESSAGE)
    assert change[0] in message
    assert not verifies(message.replace(change[0], change[1], 1), dkim)


def test_survives_relays(tmp_path: Path) -> None:
    """Spaces that a relay changes, a field that it adds, and line ends that a Maildir has, do no harm."""
    dkim = written(tmp_path, KEYS["rsa"]())
    message = signer(dkim)(MESSAGE)
    assert verifies(b"Received: from a by b\r\n" + message.replace(b"Subject: 12", b"Subject:  12"), dkim)
    assert verifies(message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), dkim)


def test_every_field_is_covered(tmp_path: Path) -> None:
    """Each of the mail's fields is signed, and From once more than it is there."""
    message = signer(written(tmp_path, KEYS["rsa"]()))(MESSAGE)
    signed = re.search(rb"h=([^;]+);", message)
    assert signed
    names = re.sub(rb"\s", b"", signed[1]).split(b":")
    assert names.count(b"from") == 2
    assert {
        line.split(b":")[0].lower() for line in MESSAGE.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] != b" "
    } == set(names)


def test_a_bad_key(tmp_path: Path) -> None:
    """A key that is not there, that others may read, that is none or of another kind, is named with what to do."""
    dkim = written(tmp_path, KEYS["rsa"]())
    dkim.key.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        signer(dkim)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        signer(dkim._replace(key=tmp_path / "none.pem"))
    dkim.key.chmod(0o600)
    dkim.key.write_text("hello")
    with pytest.raises(UsageError, match="no private key in PEM"):
        signer(dkim)
    with pytest.raises(UsageError, match="neither an RSA nor an Ed25519 key"):
        signer(written(tmp_path, ec.generate_private_key(ec.SECP256R1())))
