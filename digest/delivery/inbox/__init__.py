"""The operator's inbox: unread messages are shown, and those that were acted on are marked as read.

Nothing is ever deleted or moved to another place, and what is not ours stays as unread as it was.
"""

from collections.abc import Callable
from typing import Protocol

MOST_MESSAGES = 1_000
"""How many messages are looked at in one run: those that came last."""

LARGEST = 262_144
"""How many bytes of a message are read. A mail of ours is at most 100,000, and a report has at most one of them."""

PATIENCE = 60.0
"""Seconds for an inbox as a whole: sending waits for it."""


class Inbox(Protocol):
    """One place where mail arrives; `digest.delivery.inbox.imap.ImapInbox` is one."""

    def read(
        self, look: Callable[[bytes], bool], act: Callable[[bytes], bool], stopping: Callable[[], bool]
    ) -> list[str]:
        """Give `look` the head of each unread message, and where it says True, `act` the message: where that says True
        it is marked as read. Whoever is killed between the two is shown it again.

        What the operator should know of the inbox, in sentences. Never raises for what a server, a network or a disk
        does; what `act` raises goes through. `stopping()` ends it early.
        """


def too_many(unread: int) -> list[str]:
    if unread <= MOST_MESSAGES:
        return []
    return [f"it has {unread:,} unread mails, of which the last {MOST_MESSAGES:,} were looked at"]
