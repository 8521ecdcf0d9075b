"""A ledger in memory, which lets a parcel move only as the real one does (`digest.store.ledger`), and remembers how."""

from collections import Counter
from collections.abc import Callable, Sequence

from digest.errors import StorageError
from digest.model import Outcome, Parcel

FROM = {
    "claimed": {"rendered", "deferred"},
    "dot sent": {"claimed"},
    "accepted": {"claimed", "dot sent"},
    "refused": {"claimed", "dot sent"},
    "deferred": {"claimed", "dot sent"},
    "in doubt": {"dot sent"},
    "rendered": {"claimed"},
}


class Book:
    """A `digest.delivery.Journal` of these parcels."""

    def __init__(
        self, parcels: Sequence[Parcel], *, watch: Callable[[str], None] = lambda _: None, breaks_at: int = 0
    ) -> None:
        """`watch` is told of each step, before it is done. Step number `breaks_at`, from 1, fails, and all after it."""
        self.parcels = {parcel.id: parcel for parcel in parcels}
        self.states = dict.fromkeys(self.parcels, "rendered")
        self.outcomes: dict[int, Outcome] = {}
        """The last of each."""
        self.steps = 0
        self.claims: Counter[int] = Counter()
        self._watch = watch
        self._breaks_at = breaks_at
        self._done: set[int] = set()
        """Not to be tried again in this run."""

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        self.steps += 1
        self._watch(f"settled {[one.id for one in settled]}, marked {[*marked]}, wanted {wanted}")
        if 0 < self._breaks_at <= self.steps:
            raise StorageError("the disk is full")
        for outcome in settled:
            self._move(outcome.id, outcome.state)
            self.outcomes[outcome.id] = outcome
            self._done.add(outcome.id)
        for one in marked:
            self._move(one, "dot sent")
        waiting = [one for one in self.ids(*FROM["claimed"]) if one not in self._done]
        for one in waiting[:wanted]:
            self._move(one, "claimed")
            self.claims[one] += 1
        return [self.parcels[one] for one in waiting[:wanted]]

    def _move(self, id: int, state: str) -> None:
        if self.states[id] not in FROM[state]:
            raise ValueError(f"parcel {id} cannot become {state}: it is {self.states[id]}")
        self.states[id] = state

    def recover(self) -> None:
        """Another run begins: what a dead one left is accounted for, and what was put off is due."""
        gone = {"claimed": "rendered", "dot sent": "in doubt"}
        self.states = {one: gone.get(state, state) for one, state in self.states.items()}
        self._breaks_at = 0
        self._done.clear()

    def ids(self, *states: str) -> list[int]:
        return [one for one, state in self.states.items() if state in states]
