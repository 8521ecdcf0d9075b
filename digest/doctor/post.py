"""How mails go out: secrets and keys, the mail server up to good-bye, and where readers unsubscribe."""

from collections.abc import Callable

from digest.config import Config
from digest.delivery.folder import can_be_written
from digest.delivery.settings import Imap, Maildir, Mailing, Mbox, Secret, Server
from digest.doctor.finding import CONFIG, MACHINE, MAIL, Finding
from digest.errors import UsageError


def secrets(config: Config) -> list[Finding]:
    """Every secret and key that the config names is where it says."""
    mailing = config.mailing
    wanted: dict[str, Secret] = {}
    if mailing and isinstance(mailing.through, Server) and mailing.through.password:
        wanted["password"] = mailing.through.password
    if mailing and isinstance(mailing.inbox, Imap):
        wanted["password of the inbox"] = mailing.inbox.password
    hooks = [hook for some in config.webhooks.values() for hook in some]
    wanted |= {f"webhook {hook.name}": hook.url for hook in (*hooks, *config.alerts.webhooks)}
    if config.alerts.ping:
        wanted["ping"] = config.alerts.ping
    found = [_secret(what, where) for what, where in wanted.items()]
    if mailing and mailing.dkim:
        from digest.delivery.dkim import algorithm, private_key

        try:
            kind = algorithm(private_key(mailing.dkim))
            found.append(Finding("signature", "ok", f"{kind}, with {mailing.dkim.key}"))
        except UsageError as error:
            found.append(Finding("signature", "wrong", str(error), code=CONFIG))
    if not (config.alerts.mails or config.alerts.webhooks):
        todo = "name somebody under `alerts:`; until then only the exit code and `digest status` say it"
        found.append(Finding("alerts", "look", "nobody is told when something is wrong", todo))
    if config.alerts.mails and not mailing:
        found.append(Finding("alerts", "wrong", "they go by mail, and nothing says how mail goes out", code=CONFIG))
    return found


def _secret(what: str, where: Secret) -> Finding:
    from digest.delivery.secrets import reveal

    try:
        reveal(where)
    except UsageError as error:
        return Finding(what, "wrong", str(error), code=CONFIG)
    return Finding(what, "ok", f"is there ({where.kind})")


def reach(mailing: Mailing, clock: Callable[[], float], seconds: float) -> Finding:
    """The way that mails go: a server is spoken to up to good-bye, and given no mail."""
    through = mailing.through
    if not isinstance(through, Server):
        return _folder(through)
    from digest.delivery.secrets import reveal
    from digest.delivery.smtp.probe import probe
    from digest.sending.advice import advice

    name = f"{'LMTP' if through.lmtp else 'SMTP'} to {through.host}" + ("" if through.lmtp else f":{through.port}")
    try:
        password = reveal(through.password) if through.password else ""
    except UsageError:
        return Finding("mail server", "look", f"{name} could not be asked without the password")
    if why := probe(through, password, clock=clock, seconds=seconds):
        return Finding("mail server", "wrong", f"{name}: {why}", advice(why, through), MAIL)
    how = {"starttls": ", encrypted by STARTTLS", "tls": ", encrypted", "none": ""}[through.tls]
    return Finding("mail server", "ok", f"{name} takes mail from us{how}{', logged in' if through.user else ''}")


def _folder(through: Maildir | Mbox) -> Finding:
    where = through.path if isinstance(through, Maildir) else through.path.parent
    if why := can_be_written(where):
        return Finding("mail", "wrong", f"{through.path}: {why}", "let who runs `digest` write there", MACHINE)
    return Finding("mail", "ok", f"goes into {through.path}")


def answers(base: str, seconds: float) -> Finding:
    """`digest serve` answers at `base`, which ends in `/`."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    todo = "run `digest serve`, and lead this address to it; until then nobody can unsubscribe by a click"
    try:
        with urlopen(f"{base}healthz", timeout=seconds):  # its scheme was checked when the config was read
            pass
    except HTTPError as error:
        error.close()
        return Finding("unsubscribing", "look", f"{base}healthz answers {error.code}", todo)
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", None) or error
        return Finding("unsubscribing", "look", f"{base}healthz does not answer: {why}", todo)
    if not base.startswith("https:"):
        return Finding("unsubscribing", "look", f"{base} is not https", "one-click unsubscription needs https")
    return Finding("unsubscribing", "ok", f"{base} answers")
