"""OpenReview: submissions to some venues, those that changed last first.

https://api2.openreview.net/notes?invitation=ICLR.cc/2026/Conference/-/Submission&sort=tmdate:desc&limit=1000

A submission may be made public weeks after it was made, which changes it: so what counts is the last change, and there
are no days that could be missed. Source: docs.openreview.net, "API V2".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from digest.model import Document, Problem
from digest.sources.objects import at, wants_list
from digest.sources.settings import OpenReview
from digest.sources.trip import Trip

if TYPE_CHECKING:
    from digest.sources.web.client import Got

API: Final = "https://api2.openreview.net"
PAGE: Final = 500


def fetch(openreview: OpenReview, trip: Trip) -> Iterator[Document | Problem]:
    def ask() -> Iterator["Got"]:
        for venue in openreview.venues:
            invitation = venue if "/-/" in venue else f"{venue}/-/Submission"
            for start in range(0, openreview.newest, PAGE):
                number = min(PAGE, openreview.newest - start)
                asked = {"invitation": invitation, "sort": "tmdate:desc", "limit": number, "offset": start}
                got = trip.get(f"{openreview.at or API}/notes?{urlencode(asked)}", "json", doubt=wants_list("notes"))
                found = len(at(got.text, "notes"))
                if found:
                    yield got
                if found < number:
                    break

    return trip.bring([trip.today], lambda _: ask(), dated=False)
