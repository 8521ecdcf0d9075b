"""`digest.formats.dates`: dates as they are told."""

from datetime import date

import pytest

from digest.formats.dates import of_text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Fri May 01, 2026", (date(2026, 5, 1), "")),
        ("2026-05-01T04:00:00Z", (date(2026, 5, 1), "")),
        ("2026 May 1", (date(2026, 5, 1), "")),
        ("May 2026", (None, "2026-05")),
        ("2026-05", (None, "2026-05")),
        ("2026 May", (None, "2026-05")),
        ("2026 Spring", (None, "2026")),
        ("1998 Dec-1999 Jan", (None, "1998")),
        ("2026", (None, "2026")),
        ("soon", (None, "")),
        ("", (None, "")),
    ],
)
def test_a_text_gives_a_day_or_as_much_as_it_tells(text: str, told: tuple[date | None, str]) -> None:
    """A whole day, else a month, else a year; of a stretch the year in which it begins."""
    assert of_text(text) == told
