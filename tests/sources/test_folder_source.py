"""A folder that is watched."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fetching_scene import Time, bring

from digest.sources.settings import Folder

LIST = "We measure how reading lists change when repeated papers are counted once.\narXiv:{number}\n"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def put(path: Path, number: str, written: datetime) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(LIST.format(number=number))
    os.utime(path, (written.timestamp(), written.timestamp()))


NOW = datetime.now(UTC)
"""Files are changed by the machine's own clock."""
EARLIER = NOW - timedelta(hours=1)


def test_what_lies_there_is_read(answers, drop):
    """Files that can be seen are read by name, also those in folders below."""
    for name, number in (("b.txt", 2), ("a.txt", 1), ("c/d.txt", 3), (".hidden", 4), (".git/x", 5)):
        put(drop / name, f"2605.0000{number}", EARLIER)
    (drop / "gone.txt").symlink_to("nowhere")
    brought = bring("folder", Folder(drop), answers, Time(NOW))
    assert (brought.ids, brought.problems) == (["2605.00001", "2605.00002", "2605.00003"], [])
    assert brought.days == {NOW.date().isoformat(): ("complete", 3)}


def test_an_empty_folder_is_a_quiet_day(answers, drop):
    """Nothing was dropped, and nothing is wrong."""
    brought = bring("folder", Folder(drop), answers, Time(NOW))
    assert (brought.ids, brought.problems, list(brought.days.values())) == ([], [], [("empty", 0)])


def test_a_folder_that_is_not_there_is_told(answers, drop):
    """A name that is wrong is no quiet day."""
    brought = bring("folder", Folder(drop / "x"), answers, Time(NOW))
    why = "cannot be read: No such file or directory; make that folder, or take it out of the config"
    assert brought.problems == [f"folder: {drop / 'x'} {why}"]


def test_a_file_that_was_just_written_is_left_for_the_next_run(answers, drop):
    """P08: it may be half written; one that was written elsewhere, and moved in, is whole."""
    put(drop / "new.txt", "2605.00001", NOW - timedelta(seconds=2))
    put(drop / "moved.txt", "2605.00002", EARLIER)
    brought = bring("folder", Folder(drop), answers, Time(NOW))
    assert brought.ids == ["2605.00002"]
    assert brought.problems == [
        f"{drop / 'new.txt'}: was written a moment ago and may not be whole: it is read by the next run"
    ]
    later = bring("folder", Folder(drop), answers, Time(NOW + timedelta(seconds=10)))
    assert (later.ids, later.problems) == (["2605.00002", "2605.00001"], [])


def test_what_is_old_is_not_read_again(answers, drop):
    """The first run reads all; what has not changed for a month before a later one is in the store."""
    put(drop / "a.txt", "2605.00001", EARLIER)
    ids = [
        bring("folder", Folder(drop), answers, Time(NOW + timedelta(days=days))).ids for days in (80, 81, 29, 31, 40)
    ]
    assert ids == [["2605.00001"], [], ["2605.00001"], [], []]


def test_after_a_pause_all_is_read_that_came_in_it(answers, drop):
    """Where no run was for longer than a month, what changed since the last one is read."""
    bring("folder", Folder(drop), answers, Time(NOW - timedelta(days=2)))
    put(drop / "a.txt", "2605.00001", EARLIER)
    assert bring("folder", Folder(drop), answers, Time(NOW + timedelta(days=50))).ids == ["2605.00001"]


def test_a_clock_that_was_ahead_hides_no_file(answers, drop):
    """A file of the future is read."""
    put(drop / "a.txt", "2605.00001", NOW + timedelta(days=9))
    assert bring("folder", Folder(drop), answers, Time(NOW)).ids == ["2605.00001"]
