"""What to do about what a mail server said: the usual refusals, in words for who set it up."""

import re

from digest.delivery.settings import Server

_APP_PASSWORD = {
    "gmail.com": "Gmail wants an app password (myaccount.google.com/apppasswords), not the account's own",
    "googlemail.com": "Gmail wants an app password (myaccount.google.com/apppasswords), not the account's own",
    "office365.com": "Microsoft 365 wants SMTP AUTH switched on for this mailbox, by its administrator",
    "outlook.com": "Outlook.com does not take passwords from programs any more; send through another server",
    "fastmail.com": "Fastmail wants an app password, made under Settings, Privacy & Security",
    "mail.me.com": "iCloud wants an app-specific password, made at account.apple.com",
    "yahoo.com": "Yahoo wants an app password, made under Account Security",
    "yandex": "Yandex wants an app password, and mail programs allowed in its settings",
}

_SAID = (
    (r"\b5\.7\.515\b", "Outlook wants SPF, DKIM and DMARC of the domain of `from`: see `digest doctor`"),
    (r"\b(SPF|DKIM|DMARC)\b", "the domain of `from` lacks a record or a signature: see `digest doctor`"),
    (r"(?i)spamhaus|\bPBL\b|blocklist|blacklist", "this machine is on a blocklist; send through your provider"),
    (r"(?i)greylist|\b45[01]\b.*(try again|later)", "it wants us to come again, and `digest send` will"),
    (r"\b(452|552) [45]\.2\.2\b|(?i:over ?quota|mailbox full)", "the reader's mailbox is full"),
    (r"\b5\.1\.[0123]\b|(?i:user unknown|no such user)", "there is no such mailbox; look at the address"),
    (r"(?i)relay", "it takes mail for others only from who logs in: set `user:` and `password:`"),
    (r"\b530\b|(?i:must issue a starttls)", "it wants an encrypted connection: `tls: starttls`"),
    (r"(?i)refuses our sender", "the address in `from`, or `envelope`, is not one that this account may use"),
    (r"(?i)does not let us log in", "it offers no login here: use port 587, or 465 with `tls: tls`"),
    (r"(?i)certificate.*(hostname|mismatch|match)", "its certificate is of another name: use that as `host:`"),
    (r"(?i)self[- ]signed|unable to get.*issuer", "nobody known signed its certificate: name yours in `authorities:`"),
    (r"(?i)certificate has expired", "its certificate is over; whoever runs the server has to renew it"),
    (r"(?i)wrong version number|no TLS with", "another TLS is spoken there: 465 wants `tls: tls`, 587 starttls"),
    (r"(?i)name or service not known|no address associated|name resolution", "there is no such host: look at `host:`"),
    (r"(?i)connection refused", "nothing listens there: look at `host:` and `port:`"),
    (r"(?i)did not answer|timed out|unreachable", "it cannot be reached; many networks block port 25: use 587 or 465"),
)  # fmt: skip


def advice(said: str, server: Server | None = None) -> str:
    """A sentence about what to do; empty where nobody knows better than the words themselves."""
    if re.search(r"refuses user and password|\b53[45]\b", said):
        host = server.host if server else ""
        return next((what for name, what in _APP_PASSWORD.items() if name in host), "look at `user:` and `password:`")
    return next((what for pattern, what in _SAID if re.search(pattern, said)), "")
