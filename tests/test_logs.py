"""`digest.logs`: what the commands that stay say, for people and for machines."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.logs import Event, as_json, open_log

AT = datetime(2026, 5, 26, 8, 0, 0, 123456, timezone(timedelta(hours=2)))


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = kept


def test_an_event_is_its_line_and_what_it_tells() -> None:
    """Whoever wants a line has a line; a machine has the parts, the instant in UTC first."""
    event = Event("GET / 200", event="request", status=200)
    assert event == "GET / 200"
    assert (
        as_json(event, AT)
        == '{"at": "2026-05-26T06:00:00.123Z", "event": "request", "status": 200, "line": "GET / 200"}'
    )


def test_a_plain_line_is_an_event_too() -> None:
    """It tells nothing but itself; letters stay letters."""
    assert json.loads(as_json("Říha \n x", AT)) == {
        "at": "2026-05-26T06:00:00.123Z",
        "event": "said",
        "line": "Říha \n x",
    }


def test_a_log_of_text() -> None:
    """As people read it; stamped where nothing else tells the time."""
    said: list[str] = []
    open_log("text", said.append)(Event("GET / 200", event="request"))
    open_log("text", said.append, stamped=True)("next: ana")
    assert said[0] == "digest: GET / 200"
    assert re.fullmatch(r"digest: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: next: ana", said[1])


def test_a_log_of_objects_has_what_libraries_say() -> None:
    """Every line can be read by a machine, whoever wrote it, and one event is one line."""
    said: list[str] = []
    open_log("json", said.append)("one\ntwo")
    logging.getLogger("apscheduler").warning("%s is late", "a job")
    logging.getLogger("apscheduler").info("not said")
    told = [json.loads(line) for line in said]
    assert not any("\n" in line for line in said)
    assert [(one["event"], one["line"]) for one in told] == [("said", "one\ntwo"), ("library", "a job is late")]
    assert (told[1]["logger"], told[1]["level"]) == ("apscheduler", "warning")
    assert all(datetime.fromisoformat(one["at"]).tzinfo == UTC for one in told)
