"""A Dovecot of one's own: one user's Maildir, behind IMAP over TLS on loopback, with a certificate of an authority that
was made for it. It runs as root and as anybody else, and is gone at the end.

    with dovecot() as server:
        (server.maildir / "new" / "1.a").write_bytes(message)
        ... server.host, server.port, server.user, server.password, server.authorities
"""

import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap {protocols}
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/Maildir
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=plain {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
{more}
"""

AS_A_USER = """\
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
"""


class ImapServer(NamedTuple):
    """A running server."""

    host: str
    port: int
    user: str
    password: str
    authorities: Path
    maildir: Path
    log: Path


def program(name: str) -> str:
    """Where a server's program is; where it is missing the test is skipped, or fails where CI is set."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/dovecot")
    if found:
        return found
    sentence = f"{name} is not on this machine: apt-get install dovecot-imapd"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def certify(folder: Path, host: str = "localhost") -> Path:
    """Write `server.pem` and `server.key` for `host`; the file of the authority that signed it."""
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority for tests")])
    now = datetime.now(UTC)

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, authority: bool) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=7))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if not authority:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(signer, SHA256()).public_bytes(Encoding.PEM)

    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    (folder / "server.pem").write_bytes(certificate(server, key.public_key(), authority=False))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    authorities = folder / "authorities.pem"
    authorities.write_bytes(certificate(name, signer.public_key(), authority=True))
    return authorities


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def dovecot(*, password: str = 'pass "word" \\ ü', protocols: str = "", more: str = "") -> Iterator[ImapServer]:
    """A server that has started. `protocols` and `more` are added to its configuration; `{folder}` in `more` is the
    folder that it has for itself.
    """
    command = program("dovecot")
    # The paths of sockets have to be short, and the owner of the mail has to get to it.
    with TemporaryDirectory(prefix="dovecot-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        authorities = certify(folder)
        (folder / "users").write_text(f"ana:{password}\n", encoding="utf-8")
        maildir = folder / "mail" / "Maildir"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        uid, gid, text = os.getuid(), os.getgid(), ""
        if uid:
            text = AS_A_USER.format(user=getpass.getuser(), group=grp.getgrgid(gid).gr_name)
        else:
            nobody = pwd.getpwnam("nobody")
            uid, gid = nobody.pw_uid, nobody.pw_gid
            for path in (folder / "mail", maildir, *maildir.iterdir()):
                os.chown(path, uid, gid)
        port = free_port()
        (folder / "dovecot.conf").write_text(
            text
            + CONFIG.format(
                folder=folder, port=port, uid=uid, gid=gid, protocols=protocols, more=more.format(folder=folder)
            ),
            encoding="utf-8",
        )
        with subprocess.Popen(
            [command, "-F", "-c", folder / "dovecot.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            try:
                _wait_for(port, process, folder / "log")
                yield ImapServer("localhost", port, "ana", password, authorities, maildir, folder / "log")
            finally:
                process.terminate()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    told = log.read_text(errors="replace") if log.exists() else ""
    pytest.fail(f"dovecot did not start: {told} {process.stderr and process.stderr.read(2000)!r}")
