"""A folder into which files are dropped, watched: an empty one is a quiet day, and no trouble.

What lies there unchanged for a month is in the store, and is left alone. A file that was written a moment ago may not
be whole, and is read by the next run; whoever wants it read at once moves it in when it is.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from digest.errors import SourceError
from digest.model import Document, Problem
from digest.sources.files import document
from digest.sources.settings import Folder
from digest.sources.trip import Trip
from digest.store.answers import SETTLED

READ: Final = timedelta(days=30)
"""What has not changed for longer is not read again, unless no run has been so long."""
MOMENT: Final = 5.0
"""Seconds in which a file has to be unchanged."""


class _File(NamedTuple):
    path: Path
    written: float
    """When its content was last written, in seconds since 1970."""
    changed: float
    """When anything of it last was: it may have been written elsewhere, long ago, and moved here now."""


def fetch(folder: Folder, trip: Trip) -> Iterator[Document | Problem]:
    now, since = trip.now.timestamp(), _since(trip)
    origins, fresh = [], []
    for file in _files(folder.path):
        if 0 <= now - file.written < MOMENT:
            fresh.append(file.path)
        elif since is None or max(file.written, file.changed) >= since:
            origins.append(str(file.path))
            yield document(file.path)
    trip.note(trip.today, origins, over=not fresh)
    for path in fresh:
        yield Problem(str(path), None, "was written a moment ago and may not be whole: it is read by the next run")


def _since(trip: Trip) -> float | None:
    """Since when a file must have changed to be read; None on the first run, which reads all."""
    last = max((day for day, state in trip.known.items() if state in SETTLED), default=None)
    if not last:
        return None
    day_before = datetime.combine(last - timedelta(days=1), time(), UTC)
    return min(trip.now - READ, day_before).timestamp()


def _files(folder: Path) -> list[_File]:
    """Those that can be seen, by name, also in folders below. Raises SourceError."""
    found = []

    def fail(error: OSError) -> None:
        more = "; make that folder, or take it out of the config" if isinstance(error, FileNotFoundError) else ""
        raise SourceError(f"{error.filename} cannot be read: {error.strerror}{more}")

    for place, below, names in os.walk(folder, onerror=fail):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            path = Path(place, name)
            try:
                about = path.stat()
            except OSError:
                continue  # it was moved away meanwhile
            if path.is_file():
                found.append(_File(path, about.st_mtime, about.st_ctime))
    return found
