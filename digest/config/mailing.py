"""The tables of `digest.yaml` that say how editions are delivered and who is told of trouble."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from digest.config.parts import Line, Table, Where, base_url, below, wrong
from digest.config.tree import shown
from digest.delivery.settings import Alerts, Dkim, Imap, Maildir, Mailing, Mbox, Secret, Server, Webhook
from digest.errors import UsageError
from digest.model import Addressee
from digest.plugins import did_you_mean
from digest.text import fold_address

MAIL, WEBHOOK = "mail", "webhook"
"""The channels of `digest.model.Addressee`."""


# ------------------------------------------------------------------------------------------------ values


def mail_address(text: str) -> str:
    from digest.rendering.mail.headers import address

    try:
        return address(text)
    except UsageError as error:
        raise wrong(str(error)) from None


def _addressee(written: object) -> Addressee:
    """`ana@example.org`, or `Ana Sinha <ana@example.org>`."""
    if not isinstance(written, str) or not written.strip():
        raise wrong(f"must be a mail address, is {shown(written)}")
    named = re.fullmatch(r'\s*"?(?P<name>[^<>"]*?)"?\s*<(?P<address>[^<>]+)>\s*', written)
    if named:
        return Addressee(MAIL, mail_address(named["address"]), named["name"])
    return Addressee(MAIL, mail_address(written))


def addressees(written: object) -> tuple[Addressee, ...]:
    """Who is sent an edition; a list, or one address."""
    if not isinstance(written, list | tuple):
        return (_addressee(written),)
    found: dict[str, Addressee] = {}
    faults: list[InitErrorDetails] = []
    for index, item in enumerate(written):
        try:
            one = _addressee(item)
            if same := found.get(fold_address(one.address)):
                raise wrong(f"{shown(one.address)} stands there twice (as {shown(same.address)}); keep one")
            found[fold_address(one.address)] = one
        except PydanticCustomError as error:
            faults.append(InitErrorDetails(type=error, loc=(index,), input=item))
    if faults:
        raise ValidationError.from_exception_data("addresses", faults)
    return tuple(found.values())


def _host(text: str) -> str:
    host = text.strip()
    if not re.fullmatch(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?|[0-9A-Fa-f:]+)", host):
        raise wrong(f"must be a host's name or address, as smtp.example.org, is {shown(text)}")
    return host


def _holiday(text: str) -> str:
    try:
        if not re.fullmatch(r"(?:\d{4}-)?\d\d-\d\d", text, re.ASCII):
            raise ValueError(text)
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
    except ValueError:
        raise wrong(f"must be a day as 2026-12-25 or, every year, 12-25, is {shown(text)}") from None
    return text


def _leaving(text: str) -> str:
    url = base_url(text)
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_here(parts.hostname or ""):
        raise wrong(f"must begin with https:// (RFC 8058), is {shown(text)}")
    if re.search("[,()]", url):
        raise wrong(f"must have no comma and no parenthesis, which stand between addresses there, is {shown(text)}")
    return url


def _hook_name(text: str) -> str:
    if not re.fullmatch("[a-z0-9-]{1,32}", text):
        raise wrong(f"must be 1 to 32 of a-z, 0-9 and '-', is {shown(text)}")
    return text


def is_here(host: str) -> bool:
    """That host is this machine, as far as its name says so."""
    return host in ("localhost", "::1") or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", host)) or host.startswith("/")


# ------------------------------------------------------------------------------------------------ tables


class _Secret(Table):
    """Where a secret is. It never stands in the file itself."""

    env: Line | None = Field(None, description="The environment variable that has it.")
    file: Where | None = Field(None, description="The file that has it, which only its owner may read.")
    command: Line | None = Field(None, description="The command that prints it, as `pass show smtp`.")

    @model_validator(mode="before")
    @classmethod
    def _stands_elsewhere(cls, written: Any) -> Any:
        if isinstance(written, str):
            raise wrong("stands in the file: name where it is instead: {env: NAME}, {file: PATH} or {command: LINE}")
        return written

    @model_validator(mode="after")
    def _is_one(self) -> "_Secret":
        kinds = [kind for kind in ("env", "file", "command") if getattr(self, kind)]
        if len(kinds) != 1:
            raise wrong("needs one of env, file and command" + (f", has {' and '.join(kinds)}" if kinds else ""))
        return self

    def settled(self, folder: Path) -> Secret:
        if self.file:
            return Secret("file", str(below(folder, self.file).absolute()))
        return Secret("env", self.env) if self.env else Secret("command", self.command or "")


_Host: TypeAlias = Annotated[str, AfterValidator(_host)]
_MailAddress: TypeAlias = Annotated[str, AfterValidator(mail_address)]
_From: TypeAlias = Annotated[Addressee, PlainValidator(_addressee, json_schema_input_type=str)]
_Port: TypeAlias = Annotated[int | None, Field(ge=1, le=65535)]
PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Smtp(Table):
    """A mail server that takes our mail."""

    host: _Host = Field(description="The server's name, as smtp.example.org.")
    port: _Port = Field(None, description="587 with starttls, 465 with tls, 25 with none, where nothing is said.")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="starttls: encrypted before anything is said, or not at all; tls: from the first byte; none: clear "
        "text, for a server on this machine. Nothing ever falls back to clear text.",
    )
    user: Line | None = Field(None, description="Whom to log in as; nobody logs in where it is absent.")
    password: _Secret | None = Field(
        None, description="Where the password is: {env: NAME}, {file: PATH} or {command: LINE}."
    )
    connections: int = Field(2, ge=1, le=50, description="How many connections at a time.")
    messages: int = Field(500, ge=1, description="How many mails go over one connection before a new one is made.")
    per_minute: int = Field(0, ge=0, description="The most mails a minute; 0: as fast as it goes.")
    helo: _Host | None = Field(None, description="How to introduce ourselves; this machine's name otherwise.")
    authorities: Where | None = Field(None, description="A file of certificates to trust in place of the system's.")

    @field_validator("password")
    @classmethod
    def _has_user(cls, password: _Secret | None, info: Any) -> _Secret | None:
        if password and not info.data.get("user"):
            raise wrong("needs `user:`, whose password it is")
        return password

    @model_validator(mode="after")
    def _stays_secret(self) -> "_Smtp":
        if self.user and not self.password:
            raise wrong("`user:` needs `password:`, as {env: SMTP_PASSWORD}")
        if self.tls == "none" and self.user and not is_here(self.host):
            raise wrong("would send the password in clear text; use `tls: starttls` or `tls: tls`")
        return self

    def settled(self, folder: Path) -> Server:
        return Server(
            host=self.host,
            port=self.port or PORTS[self.tls],
            tls=self.tls,
            user=self.user or "",
            password=self.password.settled(folder) if self.password else None,
            connections=self.connections,
            messages=self.messages,
            per_minute=self.per_minute,
            helo=self.helo or "",
            authorities=below(folder, self.authorities) if self.authorities else None,
        )


class _Lmtp(Table):
    """A mail store on this machine that takes mail by LMTP (RFC 2033)."""

    host: _Host = Field("localhost", description="Where it listens.")
    port: _Port = Field(24, description="The port.")
    socket: Where | None = Field(None, description="The path of its socket, in place of host and port.")

    @model_validator(mode="after")
    def _is_one_place(self) -> "_Lmtp":
        if self.socket and {"host", "port"} & self.model_fields_set:
            raise wrong("needs `socket:`, or `host:` and `port:`, and not both")
        return self

    def settled(self, folder: Path) -> Server:
        host = str(below(folder, self.socket).absolute()) if self.socket else self.host
        return Server(host=host, port=self.port or 24, tls="none", connections=1, lmtp=True)


class _Dkim(Table):
    """The signature of mails (RFC 6376); leave it out where the mail server signs."""

    selector: Annotated[str, AfterValidator(_host)] = Field(
        description="The key's name in the DNS: SELECTOR._domainkey."
    )
    key: Where = Field(description="The file of the private key, RSA or Ed25519 in PEM.")
    domain: _Host | None = Field(None, description="The signer's domain; that of `from` where it is absent.")


class _Imap(Table):
    """A mailbox on a server, read over TLS."""

    host: _Host = Field(description="The server's name.")
    port: _Port = Field(993, description="The port.")
    user: Line = Field(description="Whom to log in as.")
    password: _Secret = Field(description="Where the password is.")
    folder: Line = Field("INBOX", description="The mailbox.")
    authorities: Where | None = Field(None, description="A file of certificates to trust in place of the system's.")


class _Inbox(Table):
    """Where bounces and mails that unsubscribe arrive."""

    maildir: Where | None = Field(None, description="A Maildir on this machine.")
    imap: _Imap | None = Field(None, description="A mailbox on a server.")

    @model_validator(mode="after")
    def _is_one(self) -> "_Inbox":
        if bool(self.maildir) == bool(self.imap):
            raise wrong("needs one of maildir and imap")
        return self

    def settled(self, folder: Path) -> Imap | Maildir:
        if not self.imap:
            return Maildir(below(folder, self.maildir or ""))
        one = self.imap
        return Imap(
            host=one.host,
            port=one.port or 993,
            user=one.user,
            password=one.password.settled(folder),
            folder=one.folder,
            authorities=below(folder, one.authorities) if one.authorities else None,
        )


class Mail(Table):
    """How editions go out as mail."""

    sender: _From = Field(alias="from", description="Whom mails are from: an address, or `Name <address>`.")
    smtp: _Smtp | None = Field(None, description="A mail server that takes our mail.")
    lmtp: _Lmtp | None = Field(None, description="A mail store that takes it by LMTP.")
    maildir: Where | None = Field(None, description="A Maildir that mails are put into.")
    mbox: Where | None = Field(None, description="An mbox file that mails are added to.")
    envelope: _MailAddress | None = Field(None, description="Where bounces go; the address of `from` otherwise.")
    verp: bool = Field(False, description="Bounces go to `local+TOKEN@domain`, which says whose mail it was.")
    dkim: _Dkim | None = Field(None, description="How mails are signed.")
    unsubscribe_mail: _MailAddress | None = Field(
        None, description="The address that takes mails that unsubscribe; that of `from` otherwise."
    )
    unsubscribe_url: Annotated[str, AfterValidator(_leaving)] | None = Field(
        None,
        description="Where `digest serve` answers, with https: mails then carry a link that unsubscribes at once.",
    )
    inbox: _Inbox | None = Field(None, description="Where bounces and those mails arrive; read before each sending.")
    in_doubt: Literal["carry", "resend", "hold"] = Field(
        "carry",
        description="What becomes of a mail that may or may not have arrived: its papers open the next one; it is sent "
        "again; or it waits for `digest outbox`.",
    )
    expires: int = Field(24, ge=1, le=24 * 30, description="Hours after which an edition is not tried any more.")
    bounces: int = Field(3, ge=1, description="After so many hard bounces in a row an address is sent nothing more.")

    @model_validator(mode="after")
    def _has_one_way(self) -> "Mail":
        ways = [way for way in ("smtp", "lmtp", "maildir", "mbox") if getattr(self, way)]
        if len(ways) != 1:
            raise wrong("needs one of smtp, lmtp, maildir and mbox" + (f", has {' and '.join(ways)}" if ways else ""))
        return self

    @model_validator(mode="after")
    def _has_room_for_a_token(self) -> "Mail":
        local = (self.envelope or self.sender.address).rpartition("@")[0]
        if self.verp and len(local) > 41:  # RFC 5321 section 4.5.3.1.1: 64, and `+TOKEN` is 23
            raise wrong(
                f"`verp:` has no room in {shown(local)}: name an `envelope:` with at most 41 letters before its @"
            )
        return self

    def private(self) -> dict[str, str]:
        """The paths that nobody else may read, by the keys that name them."""
        paths: list[tuple[str, str | None]] = [("maildir", self.maildir), ("mbox", self.mbox)]
        if self.smtp and self.smtp.password:
            paths.append(("smtp: password: file", self.smtp.password.file))
        if self.dkim:
            paths.append(("dkim: key", self.dkim.key))
        if self.inbox:
            paths.append(("inbox: maildir", self.inbox.maildir))
            if self.inbox.imap:
                paths.append(("inbox: imap: password: file", self.inbox.imap.password.file))
        return {key: path for key, path in paths if path}

    def settled(self, folder: Path) -> Mailing:
        through: Server | Maildir | Mbox
        if self.smtp or self.lmtp:
            through = (self.smtp or self.lmtp).settled(folder)  # type: ignore[union-attr]  # one of them is there
        else:
            through = Maildir(below(folder, self.maildir)) if self.maildir else Mbox(below(folder, self.mbox or ""))
        return Mailing(
            sender=self.sender.address,
            name=self.sender.name,
            through=through,
            envelope=self.envelope or "",
            verp=self.verp,
            dkim=Dkim(
                domain=self.dkim.domain or self.sender.address.rpartition("@")[2],
                selector=self.dkim.selector,
                key=below(folder, self.dkim.key),
            )
            if self.dkim
            else None,
            leave=self.unsubscribe_mail or "",
            leave_at=self.unsubscribe_url or "",
            inbox=self.inbox.settled(folder) if self.inbox else None,
            in_doubt=self.in_doubt,
            expires=self.expires,
            bounces=self.bounces,
        )


class Hook(Table):
    """A chat that is told of editions."""

    format: Line = Field(description="slack, discord, mattermost or telegram.")
    url: _Secret = Field(description="Where its address is: {env: NAME}, {file: PATH} or {command: LINE}.")
    chat: Line | None = Field(None, description="The chat's id, which telegram needs.")
    name: Annotated[str, AfterValidator(_hook_name)] | None = Field(
        None, description="What messages and the ledger call it; its format where it is absent."
    )

    @field_validator("format")
    @classmethod
    def _is_known(cls, format: str) -> str:
        from digest.rendering import RENDERERS

        hooks = ("slack", "discord", "mattermost", "telegram")
        if format not in hooks and format not in RENDERERS.strangers():
            hint = did_you_mean(format, list(hooks)) or f"; there are: {', '.join(hooks)}"
            raise wrong(f"there is no webhook {shown(format)}{hint}")
        return format

    @model_validator(mode="after")
    def _has_chat(self) -> "Hook":
        if (self.format == "telegram") != bool(self.chat):
            raise wrong("telegram needs `chat:`" if self.format == "telegram" else "only telegram has `chat:`")
        return self

    def called(self, owner: str) -> str:
        """What the ledger calls it: chats of different profiles are different, whatever their names."""
        return f"{owner}.{self.name or self.format}"

    def settled(self, folder: Path, owner: str) -> Webhook:
        url = self.url.settled(folder)
        return Webhook(name=self.called(owner), format=self.format, url=url, chat=self.chat or "")


def hooks(written: tuple[Hook, ...]) -> tuple[Hook, ...]:
    seen: set[str] = set()
    for one in written:
        if (name := one.name or one.format) in seen:
            raise wrong(f"two webhooks are called {shown(name)}; give one another `name:`")
        seen.add(name)
    return written


Hooks: TypeAlias = Annotated[tuple[Hook, ...], AfterValidator(hooks)]


class Alarm(Table):
    """Who is told when something is wrong, once per trouble."""

    mail: Annotated[tuple[Addressee, ...], PlainValidator(addressees, json_schema_input_type=list[str] | str)] = Field(
        (), description="Addresses of the operators; needs `mail:` at the top."
    )
    webhooks: Hooks = Field((), description="Chats of the operators.")
    stale_after: int = Field(4, ge=1, description="Days without anything new after which sources count as stale.")
    holidays: tuple[Annotated[str, AfterValidator(_holiday)], ...] = Field(
        (),
        description="Days without announcements, beside Saturday and Sunday: 2026-12-25 or, every year, 12-25.",
    )
    ping: _Secret | None = Field(
        None,
        description="Where the address is that is asked for after each run that ended well: {env: NAME}, {file: PATH} "
        "or {command: LINE}.",
    )

    def settled(self, folder: Path) -> Alerts:
        return Alerts(
            mails=tuple(one.address for one in self.mail),
            webhooks=tuple(one.settled(folder, "alerts") for one in self.webhooks),
            stale_after=self.stale_after,
            holidays=self.holidays,
            ping=self.ping.settled(folder) if self.ping else None,
        )
