"""How things reach readers: renditions a published folder, parcels a mail server, a Maildir or a webhook.

A channel knows nothing of papers, and a rendition nothing of channels.

`folder.publish` may be called again with the same renditions: what is there already is left alone. A mail cannot be
looked at once it is sent, so a *carrier* tells a journal before and after (RFC 1047):

    parcels = journal.step(wanted=8)                      # claimed, committed
    ... all of a message but its last line ...
    journal.step(marked=[parcel.id])                      # from here on it may have arrived
    ... the final dot, the server's answer ...
    journal.step(settled=[Outcome(parcel.id, "accepted", "250 2.0.0 queued as 4F1")], wanted=1)
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from digest.model import Outcome, Parcel, Receipt, Rendition


class Channel(Protocol):
    """One way of publishing; `digest.delivery.folder.publish` is one."""

    def __call__(self, renditions: Sequence[Rendition], folder: Path) -> list[Receipt]:
        """Deliver, and say of each rendition, in the order given, what became of it.

        Raises StorageError where the place of delivery cannot be written.
        """


class Journal(Protocol):
    """The ledger, as a carrier sees it."""

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        """Record outcomes and marks, and claim at most `wanted` parcels: all in one transaction that is on disk when
        this returns. Nothing is claimed when `wanted` parcels are not due: fewer, or none, come back.

        Raises StorageError or TryAgain: then nothing was recorded, and the carrier sends nothing more.
        """


class Carrier(Protocol):
    """One way of delivering parcels; `digest.delivery.smtp.Smtp` is one."""

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        """Deliver what the journal gives until it gives no more, or until `stopping()`: then what is on its way is
        finished and the rest given back.

        Empty, or why the carrier stopped early, in a sentence for the operator (no connection, credentials refused,
        421, …). Never raises for what a server or a network does.
        """
