"""Word to the operator: an alert on its way, by mail or to a chat. Nothing that fails here stops a run."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.delivery import Carrier
from digest.delivery.settings import Alerts, Mailing, Webhook
from digest.errors import UsageError
from digest.model import Parcel
from digest.sending import alarm
from digest.sending.alarm import Wrong
from digest.sending.letters import MAIL
from digest.sending.straight import deliver
from digest.store.outbox import Outbox
from digest.text import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who is told of trouble, and how."""

    alerts: Alerts
    mailing: Mailing | None
    title: str
    """The site's."""
    place: Path
    """The store's."""
    carriers: Mapping[str, Carrier]
    """Those that the run has opened."""
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False

    def mind(
        self, outbox: Outbox, wrong: Sequence[Wrong], judged: Collection[str], line: str, broken: Collection[str] = ()
    ) -> list[str]:
        """Keep what is wrong now, and tell what of it is new; why that failed, in sentences. What `judged` names and
        is not wrong is over. Nothing goes by the channels `broken`.

        Raises StorageError or TryAgain.
        """
        now = self.clock()
        known = outbox.troubles()
        troubles = alarm.weigh(wrong, known, judged, now)
        if not (self.alerts.mails or self.alerts.webhooks):
            troubles = [one for one in troubles if not one.over]
        if troubles != known:
            outbox.keep_troubles(troubles)
        news = alarm.news(troubles)
        if not (self.alerts.mails or self.alerts.webhooks) or not any(news) or self.stopping():
            return []
        subject, text = alarm.message(news, self.title, str(self.place.absolute()), line)
        told, failed = self._mailed(subject, text, broken)
        for hook in self.alerts.webhooks:
            if why := _posted(hook, f"{subject}\n\n{text}"):
                failed.append(f"{hook.name} could not be told of trouble: {why}")
            else:
                told = True
        if told:
            outbox.keep_troubles(alarm.heard(troubles, self.clock()))
        return failed

    def _mailed(self, subject: str, text: str, broken: Collection[str]) -> tuple[bool, list[str]]:
        """Whether some mail was accepted, and why others were not."""
        mailing, mails = self.mailing, self.alerts.mails
        if not mailing or not mails or MAIL in broken:
            return False, []
        from digest.rendering.mail.letter import letter
        from digest.sending.carriers import mail
        from digest.sending.office import signer

        try:
            sign, carrier = signer(mailing), self.carriers.get(MAIL) or mail(mailing)
        except UsageError as error:
            return False, [f"no mail could be sent about trouble: {error}"]
        name = mailing.name or self.title
        sender, now = mailing.envelope or mailing.sender, self.clock()
        parcels = [
            Parcel(number, sender, to, sign(letter(subject, text, mailing.sender, to, now, name=name)))
            for number, to in enumerate(mails, 1)
        ]
        outcomes, _ = deliver(parcels, carrier)
        failed = [
            f"{masked(to)} could not be told of trouble: {outcome.detail}"
            for to, outcome in zip(mails, outcomes, strict=True)
            if outcome.state != "accepted"
        ]
        return len(failed) < len(mails), failed


def _posted(hook: Webhook, text: str) -> str:
    """Why the chat did not take the text; empty where it did."""
    from digest.delivery.secrets import reveal
    from digest.delivery.webhook import WebhookCarrier
    from digest.rendering.webhooks import plain_message

    try:
        carrier = WebhookCarrier([hook], reveal)
    except UsageError as error:
        return str(error)
    (outcome,), _ = deliver([Parcel(1, "", hook.name, plain_message(hook.format, text, hook.chat))], carrier)
    return "" if outcome.state == "accepted" else outcome.detail
