"""A mail server as it stands on thousands of machines: Postfix takes mail by submission, Dovecot keeps it.

Both run on loopback with configuration, queue, mailboxes and ports of their own; nothing below /etc is changed. They
have to be started by root, for they give their rights away to users of their own.

    Postfix, submission (STARTTLS, SASL) ─▶ its queue ─▶ LMTP ─▶ Dovecot ─▶ a Maildir each ─▶ IMAP over TLS
"""

import imaplib
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from programs import mail_programs, program

from mailservers.certificates import authority

DOMAIN = "example.org"
PASSWORD = "sésame ouvre-toi"
"""Of all mailboxes."""
SMALL = 20_000
"""The most bytes that the server at `MailHost.small` takes."""

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.{domain}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
default_transport = error:nothing leaves this machine
alias_maps =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/known
virtual_transport = lmtp:unix:private/dovecot-lmtp
smtpd_tls_chain_files = {certificate}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_helo_required = yes
smtpd_forbid_bare_newline = yes
smtpd_forbid_unauth_pipelining = yes
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:127.0.0.1:{greylist},
    permit_sasl_authenticated, reject
notify_classes =
"""

MASTER = """\
127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{small} inet n - n - - smtpd -o message_size_limit={limit}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = digest-tests
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:~/Maildir
recipient_delimiter = +
first_valid_uid = 1
auth_mechanisms = plain login
auth_failure_delay = 0
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener {folder}/queue/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
  }}
  unix_listener {folder}/lmtp {{
    mode = 0600
  }}
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0600
    user = postfix
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
  override_fields = uid=nobody gid=nogroup
}}
"""


class Greylist(socketserver.ThreadingTCPServer):
    """Puts off the first mail to each address that begins with `grey`, as a policy service of Postfix."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.seen: set[str] = set()


class Asked(socketserver.StreamRequestHandler):
    """http://www.postfix.org/SMTPD_POLICY_README.html"""

    server: Greylist

    def handle(self) -> None:
        asked: dict[str, str] = {}
        for line in self.rfile:
            name, _, value = line.decode().strip().partition("=")
            if name:
                asked[name] = value
                continue
            to = asked.get("recipient", "")
            new = to.startswith("grey") and to not in self.server.seen
            self.server.seen.add(to)
            action = "DEFER_IF_PERMIT 4.2.0 Greylisted, come again" if new else "DUNNO"
            self.wfile.write(f"action={action}\n\n".encode())
            asked = {}


@dataclass(frozen=True)
class MailHost:
    """Both servers, running."""

    folder: Path
    authority: Path
    """Whom to trust."""
    submission: int
    """The port that takes mail, for who logs in under TLS."""
    small: int
    """The same, for small mails only."""
    imap: int
    lmtp: Path
    """Dovecot's own socket."""
    greylist: Greylist = field(compare=False)

    def inbox(self, user: str, least: int = 0, seconds: float = 20.0) -> list[bytes]:
        """The messages in the inbox of `user@example.org`, when there are so many."""
        until = time.monotonic() + seconds
        while len(found := self._inbox(user)) < least:
            assert time.monotonic() < until, f"{user} has {len(found)} mails:\n{self.log()[-4000:]}"
            time.sleep(0.05)
        return found

    def _inbox(self, user: str) -> list[bytes]:
        trust = ssl.create_default_context(cafile=str(self.authority))
        with imaplib.IMAP4_SSL("localhost", self.imap, ssl_context=trust, timeout=20) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{user}@{DOMAIN}\0{PASSWORD}".encode())
            (count,) = imap.select("INBOX", readonly=True)[1]
            if not int(count or b"0"):
                return []
            fetched = imap.fetch("1:*", "(BODY.PEEK[])")[1]
        return [part[1] for part in fetched if isinstance(part, tuple)]

    def log(self) -> str:
        """What Postfix noted."""
        with suppress(FileNotFoundError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return ""


@contextmanager
def mail_host(users: Sequence[str], *, known: Sequence[str] = ()) -> Iterator[MailHost]:
    """The servers, with a mailbox for each of `users`. Postfix takes mail for `known` too, and finds out too late that
    there is no mailbox. Stopped and removed at the end. Skips the test where they are not on this machine.
    """
    mail_programs()
    # Servers that have given their rights away look into it, which pytest's own folders do not allow; and the path of
    # a socket has at most 107 letters.
    with TemporaryDirectory(prefix="digest-mail-") as name, Greylist() as greylist:
        folder = Path(name)
        folder.chmod(0o755)
        trusted = authority(folder)
        trusted.context("localhost")
        (certificate,) = folder.glob("server-*.pem")
        certificate.chmod(0o600)
        submission, small, imap = _free_ports(3)
        told = {
            "folder": folder,
            "domain": DOMAIN,
            "certificate": certificate,
            "submission": submission,
            "small": small,
            "limit": SMALL,
            "imap": imap,
            "greylist": greylist.server_address[1],
        }
        (folder / "etc").mkdir()
        (folder / "etc" / "main.cf").write_text(MAIN.format_map(told))
        (folder / "etc" / "master.cf").write_text(MASTER.format_map(told))
        (folder / "known").write_text("".join(f"{user}@{DOMAIN} {user}\n" for user in (*users, *known)))
        (folder / "dovecot.conf").write_text(DOVECOT.format_map(told))
        (folder / "users").write_text(
            "".join(f"{user}@{DOMAIN}:{PASSWORD}::::{folder}/mail/{user}::\n" for user in users)
        )
        (folder / "users").chmod(0o644)
        for inside, owner in (("queue", "root"), ("data", "postfix"), ("mail", "nobody")):
            (folder / inside).mkdir()
            shutil.chown(folder / inside, owner)
        answering = threading.Thread(target=greylist.serve_forever, args=(0.05,))
        answering.start()
        host = MailHost(folder, trusted.file, submission, small, imap, folder / "lmtp", greylist)
        try:
            with _postfix(folder), _dovecot(folder):
                _await([submission, small, imap], host)
                yield host
        finally:
            greylist.shutdown()
            answering.join()


@contextmanager
def _postfix(folder: Path) -> Iterator[None]:
    command = [program("postfix"), "-c", str(folder / "etc")]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run([*command, "start"], capture_output=True, text=True, env=environment)
    log = folder / "log"
    assert done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")
    try:
        yield
    finally:
        subprocess.run([*command, "stop"], capture_output=True, env=environment)


@contextmanager
def _dovecot(folder: Path) -> Iterator[None]:
    server = subprocess.Popen([program("dovecot"), "-F", "-c", folder / "dovecot.conf"])
    try:
        yield
    finally:
        server.terminate()
        server.wait(20)


def _free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _await(ports: Sequence[int], host: MailHost) -> None:
    until = time.monotonic() + 20
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < until, f"nothing listens on {port}:\n{host.log()}"
                time.sleep(0.05)
