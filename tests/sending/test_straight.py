"""`digest.sending.straight` and `carriers`: what goes out without the ledger, and which carrier a config asks for."""

from pathlib import Path

import pytest

from digest.delivery import Journal
from digest.delivery.maildir import MaildirCarrier
from digest.delivery.mbox import MboxCarrier
from digest.delivery.settings import Maildir, Mailing, Mbox, Secret, Server, Webhook
from digest.delivery.smtp import Smtp
from digest.delivery.webhook import WebhookCarrier
from digest.errors import UsageError
from digest.model import Outcome, Parcel
from digest.sending.carriers import carriers, mail
from digest.sending.straight import deliver


class Moody:
    """Takes the first parcel, refuses the second, and stops before the third."""

    def carry(self, journal: Journal, stopping: object) -> str:
        one, two = journal.step(wanted=2)
        journal.step(marked=[one.id], settled=[Outcome(two.id, "refused", "550 no")])
        journal.step(settled=[Outcome(one.id, "accepted", "250 ok")])
        return "421 come back later"


def test_straight() -> None:
    """Each parcel has its outcome, in their order; one that was never tried says why."""
    parcels = [Parcel(number, "", f"{number}@example.org", b"") for number in (3, 1, 2)]
    outcomes, why = deliver(parcels, Moody())
    assert outcomes == [
        Outcome(3, "accepted", "250 ok"),
        Outcome(1, "refused", "550 no"),
        Outcome(2, "rendered", "421 come back later"),
    ]
    assert why == "421 come back later"


@pytest.mark.parametrize(
    ("through", "kind"),
    [
        (Server("smtp.example.org", 587), Smtp),
        (Server("/run/lmtp", 24, tls="none", lmtp=True), Smtp),
        (Maildir(Path("box")), MaildirCarrier),
        (Mbox(Path("box")), MboxCarrier),
    ],
)
def test_carriers(through: Server | Maildir | Mbox, kind: type) -> None:
    """Each way in which mail can go out has its carrier; nothing is opened before there is something to carry."""
    mailing = Mailing("digest@example.org", through)
    assert isinstance(mail(mailing), kind)
    assert list(carriers(mailing, [])) == ["mail"]
    assert list(carriers(None, [])) == []


def test_secrets_are_read_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password and a chat's address are read when the carriers are made: a missing one stops a run at its start."""
    monkeypatch.delenv("MISSING", raising=False)
    monkeypatch.setenv("HOOK", "https://hooks.example.org/x")
    missing = Secret("env", "MISSING")
    server = Server("smtp.example.org", 587, user="ana", password=missing)
    with pytest.raises(UsageError, match="MISSING"):
        carriers(Mailing("digest@example.org", server), [])
    with pytest.raises(UsageError, match="MISSING"):
        carriers(None, [Webhook("ana.slack", "slack", missing)])
    made = carriers(None, [Webhook("ana.slack", "slack", Secret("env", "HOOK"))])
    assert isinstance(made["webhook"], WebhookCarrier)
