"""What came in by mail: bounces are counted, and who asks to be left alone is."""

from datetime import datetime

from digest.delivery.settings import Mailing
from digest.store.outbox import Outbox


def take(mailing: Mailing, outbox: Outbox, now: datetime) -> list[str]:
    """Read the inbox, and do what its messages ask for; what the operator should know of it, in sentences."""
    return []
