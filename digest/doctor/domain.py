"""What the DNS says of the domain that mails are from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MX.

Each check is a function of how the DNS is asked. What nobody could be asked about is not wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from digest.delivery.settings import Dkim, Mailing, Server
from digest.doctor.finding import MAIL, Finding
from digest.errors import UsageError

Ask = Callable[[str, str], list[str]]
"""The records of a name and a type, a text each; none where there are none. Raises NotAsked."""

OWN: Final = ("test", "invalid", "localhost", "example", "local", "internal", "lan", "home.arpa")
"""Names that nobody out there knows (RFC 6761, 6762, 8375)."""

_SENDERS: Final[Mapping[str, str]] = {
    "gmail.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "fastmail.com": "spf.messagingengine.com",
}
"""By a server's name, what SPF includes to allow it."""


class NotAsked(Exception):
    """No resolver, or none that answered in time."""


def look(mailing: Mailing, ask: Ask) -> list[Finding]:
    """All of it. SPF and MX are of the envelope's domain, where bounces go; the others of that of From."""
    sender = _domain(mailing.sender)
    envelope = _domain(mailing.envelope or mailing.sender)
    if is_own(sender):
        what = f"{sender} is a name of your own network: no record of it is asked for"
        return [Finding("DNS", "ok", what)]
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("SPF", lambda: spf(envelope, ask, mailing.through.host if isinstance(mailing.through, Server) else "")),
        ("DKIM", lambda: dkim(mailing.dkim, ask)),
        ("DMARC", lambda: dmarc(sender, ask)),
        ("MX", lambda: mx(envelope, ask)),
    ]
    found = []
    for what, check in checks:
        try:
            found.append(check())
        except NotAsked as error:
            found.append(Finding(what, "look", f"could not be asked: {error}"))
    return found


def is_own(domain: str) -> bool:
    return "." not in domain or domain.endswith(tuple(f".{name}" for name in OWN))


def spf(domain: str, ask: Ask, host: str = "") -> Finding:
    """`host` is the server that takes our mail."""
    records = [one for one in ask(domain, "TXT") if one.lower().split(" ")[0] == "v=spf1"]
    include = next((what for name, what in _SENDERS.items() if host.endswith(name)), "")
    wanted = f"v=spf1 include:{include} -all" if include else "v=spf1 a mx -all"
    if not records:
        todo = f"publish a TXT record of {domain} that names who sends for it: {wanted}"
        return Finding("SPF", "look", f"{domain} has no record: many will not have its mail", todo)
    if len(records) > 1:
        todo = "make them one: with more than one none counts (RFC 7208 section 4.5)"
        return Finding("SPF", "wrong", f"{domain} has {len(records)} records", todo, MAIL)
    (record,) = records
    if {"+all", "all"} & {term.lower() for term in record.split()}:
        return Finding("SPF", "wrong", f"{domain} allows everybody: {record}", "end it in -all", MAIL)
    if include and include not in record:
        return Finding("SPF", "look", f"{domain} does not name {include}: {record}", f"add include:{include}")
    return Finding("SPF", "ok", f"{domain}: {record}")


def dkim(settings: Dkim | None, ask: Ask) -> Finding:
    if not settings:
        todo = "see in a mail that arrived that it has a DKIM-Signature; where not, set `mail: dkim`"
        return Finding("DKIM", "look", "mails are not signed here; the mail server may do so", todo)
    from digest.delivery.dkim import record

    try:
        name, wanted = record(settings)
    except UsageError as error:
        return Finding("DKIM", "look", f"its record is not known: {error}")
    publish = f"publish the TXT record of {name}: {wanted}"
    records = ask(name, "TXT")
    if not records:
        return Finding("DKIM", "wrong", f"{name} has no record: no signature can be checked", publish, MAIL)
    if not any(_tags(one).get("p") == _tags(wanted)["p"] for one in records):
        return Finding("DKIM", "wrong", f"{name} has the record of another key", publish, MAIL)
    if len(records) > 1:
        return Finding("DKIM", "wrong", f"{name} has {len(records)} records", "leave the one of this key", MAIL)
    return Finding("DKIM", "ok", f"{name} has the record of our key")


def dmarc(domain: str, ask: Ask) -> Finding:
    """The record of the domain, or of the nearest above it that has one."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        records = [one for one in ask(name, "TXT") if one.lower().replace(" ", "").startswith("v=dmarc1")]
        if len(records) > 1:
            return Finding("DMARC", "wrong", f"{name} has {len(records)} records", "leave one: none counts now", MAIL)
        if records:
            policy = _tags(records[0]).get("p", "").lower()
            if policy not in ("none", "quarantine", "reject"):
                return Finding("DMARC", "wrong", f"{name} has no policy: {records[0]}", "add p=none", MAIL)
            return Finding("DMARC", "ok", f"{name}: policy {policy}")
    todo = f"publish a TXT record of _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    return Finding("DMARC", "look", f"{domain} has no record: Gmail, Yahoo and Outlook ask for one", todo)


def mx(domain: str, ask: Ask) -> Finding:
    records = ask(domain, "MX")
    hosts = [record.split()[-1].rstrip(".") for record in records]
    if hosts == [""]:
        todo = "set `mail: envelope` to an address that takes mail"
        return Finding("MX", "wrong", f"{domain} takes no mail (RFC 7505): bounces cannot arrive", todo, MAIL)
    if hosts:
        return Finding("MX", "ok", f"bounces go to {', '.join(sorted(hosts)[:3])}")
    if ask(domain, "A") or ask(domain, "AAAA"):
        return Finding("MX", "ok", f"bounces go to {domain} itself, which has no MX")
    todo = "set `mail: envelope` to an address that takes mail: bounces go there, and many refuse a sender without one"
    return Finding("MX", "look", f"{domain} takes no mail: bounces cannot arrive", todo)


def _domain(address: str) -> str:
    domain = address.rpartition("@")[2].rstrip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _tags(record: str) -> dict[str, str]:
    """Tags and values (RFC 6376 section 3.2), white space taken out."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}


def asking(clock: Callable[[], float], seconds: float, servers: Sequence[tuple[str, int]] = ()) -> Ask:
    """How the DNS is asked: this machine's resolver, or `servers`, for `seconds` from now on in all."""
    until = clock() + seconds

    def ask(name: str, kind: str) -> list[str]:
        try:
            from dns.exception import DNSException
            from dns.nameserver import Do53Nameserver
            from dns.resolver import NXDOMAIN, NoAnswer, Resolver
        except ImportError:
            raise NotAsked("that needs more packages: pip install 'paperdigest[mail]'") from None
        left = until - clock()
        if left <= 0:
            raise NotAsked("no answer came in time")
        try:
            resolver = Resolver(configure=not servers)
            if servers:
                resolver.nameservers = [Do53Nameserver(host, port) for host, port in servers]
            answer: Any = resolver.resolve(name, kind, lifetime=min(left, 5.0), search=False)
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError) as error:
            raise NotAsked(str(error) or type(error).__name__) from None
        if kind == "TXT":
            return ["".join(part.decode("utf-8", "replace") for part in one.strings) for one in answer]
        return [one.to_text() for one in answer]

    return ask
