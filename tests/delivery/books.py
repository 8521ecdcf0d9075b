"""A ledger in memory that is as strict as the store's, for carriers to be watched with; and mails to carry."""

from collections.abc import Sequence
from typing import Literal

from digest.model import Outcome, Parcel


class Books:
    """A `digest.delivery.Journal`. Nothing is settled that was not claimed, nothing that was marked is given back."""

    def __init__(self, *parcels: Parcel) -> None:
        self.parcels = {parcel.id: parcel for parcel in parcels}
        self.waiting = list(self.parcels)
        self.states: dict[int, Literal["claimed", "marked"]] = {}
        self.outcomes: dict[int, Outcome] = {}
        self.steps: list[str] = []

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        for outcome in settled:
            state = self.states.pop(outcome.id)
            assert not (outcome.state == "rendered" and state == "marked"), "what may have arrived was given back"
            assert not (outcome.state == "in doubt" and state == "claimed"), "what cannot have arrived is in doubt"
            self.outcomes[outcome.id] = outcome
            self.steps.append(f"{outcome.state} {outcome.id}")
        for number in marked:
            assert self.states[number] == "claimed"
            self.states[number] = "marked"
            self.steps.append(f"marked {number}")
        claimed, self.waiting = self.waiting[:wanted], self.waiting[wanted:]
        self.states |= dict.fromkeys(claimed, "claimed")
        return [self.parcels[number] for number in claimed]

    def again(self, *numbers: int) -> None:
        """These are to be carried once more, as after a run that was killed."""
        self.states.clear()
        self.waiting = [*numbers]

    @property
    def told(self) -> list[str]:
        """The state of each outcome, in the order of the parcels."""
        return [self.outcomes[number].state for number in sorted(self.outcomes)]

    @property
    def details(self) -> str:
        return "\n".join(outcome.detail for outcome in self.outcomes.values())


def a_mail(number: int = 1, body: str = "A paper.\r\n", *, to: str = "", sender: str = "bounces@example.org") -> Parcel:
    to = to or f"reader{number}@example.org"
    content = (
        f"From: digest@example.org\r\nTo: {to}\r\nSubject: {number}\r\nDate: Tue, 26 May 2026 00:00:00 +0200\r\n"
        f"Message-ID: <mail{number}@example.org>\r\n\r\n{body}"
    )
    return Parcel(number, sender, to, content.encode())


def never() -> bool:
    return False


def a_message(number: int = 1, chat: str = "ana.slack", content: bytes = b'{"text": "2 papers"}') -> Parcel:
    return Parcel(number, "", chat, content)
