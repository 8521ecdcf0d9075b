"""The log of the commands that stay: a line an event on standard error, for people or, as JSON objects, for machines.

    log = open_log("json")
    log(Event("GET / 200 18234 bytes 3 ms", event="request", method="GET", path="/", status=200, bytes=18234, ms=3))

    {"at": "2026-05-26T06:00:00.000Z", "event": "request", "line": "GET / 200 …", "method": "GET", "path": "/", …}

What libraries log goes the same way, and does so as soon as it is a warning.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal, Self

from digest import clock

Form = Literal["text", "json"]

Log = Callable[[str], None]
"""What is told a line."""

SAID: Final = "said"
"""The kind of an event of which nothing but its line is told."""


class Event(str):
    """A line of the log, and what of it a machine may look for."""

    told: dict[str, str | int | float]

    def __new__(cls, line: str, /, **told: str | int | float) -> Self:
        made = super().__new__(cls, line)
        made.told = told
        return made


def open_log(form: Form, write: Callable[[str], None], *, stamped: bool = False) -> Log:
    """What hands each line on to `write`; `stamped` texts begin with the instant in UTC, as JSON objects always do."""
    if form == "json":
        logging.basicConfig(level=logging.WARNING, handlers=[_Handler(write)], force=True)

    def log(line: str) -> None:
        at = clock.now()
        if form == "json":
            text = as_json(line, at)
        else:
            text = f"digest: {at:%Y-%m-%d %H:%M:%S} UTC: {line}" if stamped else f"digest: {line}"
        write(text)

    return log


def as_json(line: str, at: datetime) -> str:
    """A line as one JSON object."""
    told = line.told if isinstance(line, Event) else {}
    instant = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"at": instant, "event": SAID, **told, "line": str(line)}, ensure_ascii=False)


class _Handler(logging.Handler):
    """What libraries log, as JSON objects too."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        event = Event(self.format(record), event="library", logger=record.name, level=record.levelname.lower())
        self._write(as_json(event, datetime.fromtimestamp(record.created, UTC)))
