"""How renditions reach readers: a channel takes what was rendered and hands back a receipt for each.

A channel knows nothing of papers, and a rendition nothing of channels. Handing the same renditions over again is
always safe: what is there already is left alone and its receipt says `unchanged`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from digest.model import Receipt, Rendition


class Channel(Protocol):
    """One way of delivering; `digest.delivery.folder.publish` is one."""

    def __call__(self, renditions: Sequence[Rendition], folder: Path) -> list[Receipt]:
        """Deliver, and say of each rendition, in the order given, what became of it.

        Raises StorageError where the place of delivery cannot be written.
        """
