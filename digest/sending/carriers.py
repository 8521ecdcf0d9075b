"""The carriers that a config asks for, by channel, and its inbox."""

from collections.abc import Callable, Iterable, Mapping

from digest import clock
from digest.delivery import Carrier
from digest.delivery.inbox import Inbox
from digest.delivery.settings import Maildir, Mailing, Mbox, Secret, Webhook
from digest.sending.letters import MAIL, WEBHOOK


def carriers(
    mailing: Mailing | None, hooks: Iterable[Webhook], watch: Callable[[str], None] | None = None
) -> Mapping[str, Carrier]:
    """One for mail where `mailing` says how, one for chats where there are some. Passwords are read now.

    Raises UsageError for a secret that is not where it should be. `watch` is told each line of a dialogue with a
    mail server.
    """
    found: dict[str, Carrier] = {}
    if mailing:
        found[MAIL] = mail(mailing, watch)
    if chats := list(hooks):
        from digest.delivery.secrets import reveal
        from digest.delivery.webhook import WebhookCarrier

        found[WEBHOOK] = WebhookCarrier(chats, reveal)
    return found


def mail(mailing: Mailing, watch: Callable[[str], None] | None = None) -> Carrier:
    through = mailing.through
    if isinstance(through, Maildir):
        from digest.delivery.maildir import MaildirCarrier

        return MaildirCarrier(through.path)
    if isinstance(through, Mbox):
        from digest.delivery.mbox import MboxCarrier

        return MboxCarrier(through.path)
    from digest.delivery.smtp import Smtp

    return Smtp(through, secret(through.password), clock=clock.monotonic, watch=watch)


def inbox(mailing: Mailing | None) -> Inbox | None:
    """Where bounces and mails that unsubscribe arrive; None where nobody said. Its password is read now, as above."""
    where = mailing.inbox if mailing else None
    if not where:
        return None
    if isinstance(where, Maildir):
        from digest.delivery.inbox.maildir import MaildirInbox

        return MaildirInbox(where.path, clock=clock.monotonic)
    from digest.delivery.inbox.imap import ImapInbox

    return ImapInbox(where, secret(where.password), clock=clock.monotonic)


def secret(where: Secret | None) -> str:
    if not where:
        return ""
    from digest.delivery.secrets import reveal

    return reveal(where)
