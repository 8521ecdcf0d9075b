"""Parcels that go straight out, without the ledger: a test letter, or word to the operator that something is wrong."""

from collections.abc import Sequence

from digest.delivery import Carrier
from digest.model import Outcome, Parcel


class Straight:
    """A journal in memory, of parcels that are not kept."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        self._waiting = list(parcels)
        self.outcomes: dict[int, Outcome] = {}

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        self.outcomes |= {outcome.id: outcome for outcome in settled}
        taken, self._waiting = self._waiting[:wanted], self._waiting[wanted:]
        return taken


def deliver(parcels: Sequence[Parcel], carrier: Carrier) -> tuple[list[Outcome], str]:
    """What became of each of `parcels`, in their order, and why the carrier stopped early, if it did."""
    journal = Straight(parcels)
    why = carrier.carry(journal, lambda: False)
    return [journal.outcomes.get(one.id, Outcome(one.id, "rendered", why)) for one in parcels], why
