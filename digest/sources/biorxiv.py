"""bioRxiv and medRxiv: what was posted on each day, new preprints and new versions.

https://api.biorxiv.org/details/biorxiv/2026-05-26/2026-05-26/0/json?category=neuroscience

A page tells how many it has and how many there are; the next one begins behind it. Source: api.biorxiv.org.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from digest.model import Document, Problem
from digest.sources.objects import at
from digest.sources.settings import Rxiv
from digest.sources.trip import Trip

if TYPE_CHECKING:
    from digest.sources.web.client import Got

API: Final = "https://api.biorxiv.org"
LAG: Final = 1
"""Days after which a day's list does not grow any more."""


def fetch(rxiv: Rxiv, trip: Trip) -> Iterator[Document | Problem]:
    base = f"{rxiv.at or API}/details/{rxiv.server}"

    def ask(day: date) -> Iterator["Got"]:
        for category in rxiv.categories or ("",):
            only = f"?category={quote(category.lower().replace(' ', '_'))}" if category else ""
            start, total = 0, 1
            while start < total:
                got = trip.get(f"{base}/{day}/{day}/{start}/json{only}", "json", doubt=_refused)
                number, total = _counted(got.text)
                if not number:
                    break
                yield got
                start += number

    return trip.bring(trip.due(lag=LAG), ask, lag=LAG)


def _counted(page: bytes) -> tuple[int, int]:
    """How many there are on a page, and in all."""
    number = len(at(page, "collection"))
    total = str(_message(page).get("total", ""))
    return number, int(total) if total.isdecimal() else number


def _message(page: bytes) -> dict[str, Any]:
    first = next(iter(at(page, "messages")), None)
    return first if isinstance(first, dict) else {}


def _refused(page: bytes) -> str:
    """Why a page is none; that nothing was posted is an empty list."""
    status = str(_message(page).get("status", "an error"))
    return "" if status == "ok" or status.startswith("no posts found") else f"it answers: {status[:200]}"
