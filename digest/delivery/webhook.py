"""Messages to chats: each parcel is one JSON document that is posted to one address.

A parcel is marked before it is posted. What broke before the request was out is put off; what broke after it is in
doubt, for a chat has no way to be asked. Redirects are not followed: the address is a secret, and goes nowhere else.
"""

import json
from collections.abc import Callable, Sequence
from math import isfinite

from digest import clock
from digest.delivery import Journal
from digest.delivery.exchange import DEADLINE, Answer, asked, checked, let_go, opened, reason, veiled, within
from digest.delivery.settings import Secret, Webhook
from digest.model import Outcome, Parcel


class WebhookCarrier:
    """A `digest.delivery.Carrier`. The addresses are read now: raises UsageError for one that is none.

    `clock` gives seconds that only go up.
    """

    def __init__(
        self,
        hooks: Sequence[Webhook],
        reveal: Callable[[Secret], str],
        *,
        clock: Callable[[], float] = clock.monotonic,
        deadline: float = DEADLINE,
    ) -> None:
        self._urls = {hook.name: checked(reveal(hook.url), f"the webhook {hook.name}") for hook in hooks}
        self._clock = clock
        self._deadline = deadline

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=1)
        while parcels:
            (parcel,) = parcels
            outcome = self._deliver(parcel, journal)
            parcels = journal.step(settled=[outcome], wanted=0 if stopping() else 1)
        return ""

    def _deliver(self, parcel: Parcel, journal: Journal) -> Outcome:
        url = self._urls.get(parcel.recipient)
        if url is None:
            return Outcome(parcel.id, "refused", f"the config has no webhook {parcel.recipient} any more")
        from http.client import HTTPException

        until = self._clock() + self._deadline
        connection = opened(url, self._deadline)
        try:
            within(self._deadline, connection.connect)
        except (OSError, HTTPException, ValueError) as error:
            let_go(connection)
            return Outcome(parcel.id, "deferred", veiled(f"no connection: {reason(error)}", url))
        journal.step(marked=[parcel.id])
        try:
            answer = within(until - self._clock(), lambda: asked(connection, url, parcel.content))
        except (OSError, HTTPException, ValueError) as error:
            return Outcome(parcel.id, "in doubt", veiled(f"the connection broke: {reason(error)}", url))
        finally:
            let_go(connection)
        return _outcome(parcel.id, answer, url)


# ------------------------------------------------------------------------------------------------ the answer


def _outcome(seq: int, answer: Answer, url: str) -> Outcome:
    status, text = answer.status, veiled(answer.text, url)
    told = f"HTTP {status}{f': {text}' if text else ''}"
    if 200 <= status < 300:
        return Outcome(seq, "accepted", told)
    if status in (408, 425, 429) or status >= 500:
        return Outcome(seq, "deferred", told, after=answer.after or _after_in(answer.content))
    if 300 <= status < 400:
        return Outcome(seq, "refused", f"HTTP {status}: it leads elsewhere, and is not followed; use the new address")
    return Outcome(seq, "refused", told)


def _after_in(text: bytes) -> float:
    """Seconds for which a chat wants to be left alone, by its JSON: Discord's `retry_after`, Telegram's `parameters:
    retry_after`.
    """
    try:
        said = json.loads(text)
    except ValueError:
        return 0.0
    for table in (said, said.get("parameters")) if isinstance(said, dict) else ():
        seconds = table.get("retry_after") if isinstance(table, dict) else None
        if isinstance(seconds, int | float) and isfinite(seconds) and seconds > 0:
            return float(seconds)
    return 0.0
