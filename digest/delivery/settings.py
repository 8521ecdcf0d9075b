"""What an operator says of delivery, as values. Nothing here opens, connects or reads anything."""

from pathlib import Path
from typing import Literal, NamedTuple

Policy = Literal["carry", "resend", "hold"]
"""What becomes of a mail that may or may not have arrived: its papers open the next edition's mail; it is sent again,
the same bytes under the same Message-ID; or it waits for the operator (`digest outbox`).
"""


class Secret(NamedTuple):
    """Where a secret is, never the secret: read when it is needed, by `digest.delivery.secrets.reveal`."""

    kind: Literal["env", "file", "command"]
    where: str
    """A variable's name, an absolute path, or a command line."""


class Server(NamedTuple):
    """A mail server that takes our mail: SMTP, or LMTP (RFC 2033) where `lmtp`."""

    host: str
    """A name or an address; for LMTP also the absolute path of a socket."""
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls`: the connection is encrypted before anything is said on it, or given up (RFC 3207); `tls`: from its
    first byte (RFC 8314); `none`: clear text, for a server on this machine.
    """
    user: str = ""
    password: Secret | None = None
    connections: int = 2
    messages: int = 500
    """How many go over one connection before a new one is made."""
    per_minute: int = 0
    """At most so many messages a minute over all connections; 0: as fast as it goes."""
    lmtp: bool = False
    helo: str = ""
    """How we introduce ourselves; this machine's name where it is empty."""
    authorities: Path | None = None
    """A file of certificates to trust in place of the system's."""


class Maildir(NamedTuple):
    """A folder in Maildir's shape: each delivery is a file named by its id, so that none is ever there twice."""

    path: Path


class Mbox(NamedTuple):
    """One file in mbox's shape (RFC 4155, mboxrd)."""

    path: Path


class Dkim(NamedTuple):
    """Who signs (RFC 6376)."""

    domain: str
    selector: str
    key: Path
    """A private key in PEM, RSA or Ed25519."""


class Imap(NamedTuple):
    """A mailbox on a server, read over TLS (RFC 9051)."""

    host: str
    port: int
    user: str
    password: Secret
    folder: str = "INBOX"
    authorities: Path | None = None


class Webhook(NamedTuple):
    """A chat that is told of editions."""

    name: str
    """What the ledger calls it: `ana.slack`."""
    format: str
    """The renderer that writes what is posted."""
    url: Secret
    chat: str = ""
    """The chat's id, which Telegram wants beside the message."""


class Mailing(NamedTuple):
    """How mails go out."""

    sender: str
    """The address in From."""
    through: Server | Maildir | Mbox
    name: str = ""
    """The name in From; the site's title where it is empty."""
    envelope: str = ""
    """Where bounces go (RFC 5321 section 4.4); the sender where it is empty."""
    verp: bool = False
    """The envelope's sender says whose mail it was: `bounces+TOKEN@example.org`."""
    dkim: Dkim | None = None
    leave: str = ""
    """The address that takes mails that unsubscribe; the sender where it is empty."""
    leave_at: str = ""
    """Where `digest serve` answers, ending in `/`; empty where nobody does."""
    inbox: Imap | Maildir | None = None
    """Where bounces and those mails arrive."""
    in_doubt: Policy = "carry"
    expires: int = 24
    """Hours after which an edition is not tried any more."""
    bounces: int = 3
    """So many hard bounces in a row and nothing is sent to an address any more."""


class Alerts(NamedTuple):
    """Who is told of trouble."""

    mails: tuple[str, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    stale_after: int = 4
    """Days without anything new after which sources count as stale."""
    holidays: tuple[str, ...] = ()
    """Days on which nothing is expected, as 2026-12-25 or, every year, 12-25."""
    ping: Secret | None = None
    """The address that is asked for after each run that ended well."""
