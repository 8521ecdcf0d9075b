"""Hugging Face's Daily Papers, the list of each day.

https://huggingface.co/api/daily_papers?date=2026-05-26&limit=100&p=0

A list grows during its day; it is fetched once more when that is over. Source: the Hub's API at
huggingface.co/docs/hub/api.
"""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Final

from digest.model import Document, Problem
from digest.sources.objects import at, wants_list
from digest.sources.settings import HuggingFace
from digest.sources.trip import Trip

if TYPE_CHECKING:
    from digest.sources.web.client import Got

API: Final = "https://huggingface.co"
PAGE: Final = 100


def fetch(hugging_face: HuggingFace, trip: Trip) -> Iterator[Document | Problem]:
    base = f"{hugging_face.at or API}/api/daily_papers"

    def ask(day: date) -> Iterator["Got"]:
        for page in count():
            got = trip.get(f"{base}?date={day}&limit={PAGE}{f'&p={page}' if page else ''}", "json", doubt=wants_list())
            number = len(at(got.text))
            if number:
                yield got
            if number < PAGE:
                return

    return trip.bring(trip.due(), ask)
