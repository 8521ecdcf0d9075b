"""`digest backup` and `restore`: a copy of the store never sends what the original may have sent (D12, S10)."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from posts import a_page_of, a_sink, an_installation, dump, listed, mails, run, states, today
from terminal import tree

SMTP = "smtp: {{host: 127.0.0.1, port: {port}, tls: none, connections: 1}}"
READERS = "ana@example.org, bob@example.org, eve@example.org"

ONLY_IF = "only if the original sends no more: digest restore --adopt"
"""Wherever somebody is told to adopt a copy: two that send would mail every reader twice."""

pytestmark = pytest.mark.slow


def test_backup(tmp_path: Path) -> None:
    """`digest backup` writes one whole file that only its owner may read, where it is told to or beside the store."""
    an_installation(tmp_path)
    run(tmp_path, "run")
    done = run(tmp_path, "backup", "copy.db")
    assert done.out.startswith("copy.db: 2 papers, ")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert dump(tmp_path / "copy.db") == dump(tmp_path / "digest.db")
    assert not (tmp_path / "copy.db-wal").exists()
    run(tmp_path, "backup")
    assert [file.name for file in tmp_path.glob("digest.db.backup-*")]


def test_backup_overwrites_nothing(tmp_path: Path) -> None:
    """A file that is there is left alone unless `--replace` says otherwise; the store is never its own backup."""
    an_installation(tmp_path)
    run(tmp_path, "run")
    (tmp_path / "copy.db").write_text("mine")
    assert "is there already and was left alone" in run(tmp_path, "backup", "copy.db", code=5).err
    assert (tmp_path / "copy.db").read_text() == "mine"
    run(tmp_path, "backup", "copy.db", "--replace")
    assert dump(tmp_path / "copy.db")
    assert "is the store itself" in run(tmp_path, "backup", "digest.db", "--replace", code=5).err
    assert "there is no store at" in run(tmp_path, "backup", "x.db", "--store", "none.db", code=5).err
    assert not (tmp_path / "x.db").exists()
    assert "none.db" not in tree(tmp_path)


def test_backup_while_a_run_is_at_work(tmp_path: Path) -> None:
    """A backup is taken while mails go out, waits for nobody and disturbs nobody."""
    here = tmp_path / "here"
    with a_sink(tmp_path, 1.0) as (port, journal):
        an_installation(here, SMTP.format(port=port), READERS)
        run(here, "run", "--no-send")
        sending = subprocess.Popen([sys.executable, "-m", "digest", "send"], cwd=here, stdout=subprocess.DEVNULL)
        wait_for(journal)
        run(here, "backup", "copy.db")
        assert sending.poll() is None
        assert "another run is at work" in run(here, "restore", "copy.db", code=75).err
        assert sending.wait(30) == 0
    assert states(here) == ["accepted"] * 3
    assert len(journal.read_text().splitlines()) == 3


def wait_for(journal: Path) -> None:
    until = time.monotonic() + 30
    while not (journal.exists() and journal.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    """An installation whose store was copied before it sent, sent since, and was put back from the copy."""
    an_installation(tmp_path, readers=READERS)
    run(tmp_path, "run", "--no-send")
    run(tmp_path, "backup", "copy.db")
    run(tmp_path, "send")
    assert len(mails(tmp_path)) == 3
    done = run(tmp_path, "restore", "copy.db")
    assert "what was there is " in done.out
    assert f"it sends nothing until you adopt it, {ONLY_IF}" in done.out
    for file in (tmp_path / "box" / "new").iterdir():
        file.unlink()  # so that nothing but the ledger keeps a mail from being sent again
    return tmp_path


def test_restored(restored: Path) -> None:
    """D12: a store that was put back makes editions and publishes them, but sends nothing and says why, with code 4."""
    a_page_of(restored, "2605.00003")
    for command, later in (("send", 0), ("run", 1)):
        done = run(restored, command, code=4, later=later)
        assert ONLY_IF in done.out
    assert (restored / "feeds" / "lab" / f"{today(1)}.html").exists()
    assert (mails(restored), listed(restored)) == ([], [])


def test_adopted(restored: Path) -> None:
    """D12: once it is adopted, what the original may have sent is in doubt, is never sent again, and is carried."""
    done = run(restored, "restore", "--adopt")
    assert "sends from now on, and nothing else may; " in done.out
    run(restored, "send", code=4)
    assert (states(restored), mails(restored)) == (["in doubt"] * 3, [])
    a_page_of(restored, "2605.00003")
    assert "3 accepted" in run(restored, "run", later=1).out
    for mail in mails(restored):
        assert {name.encode() in mail for name in ("2605.00001", "2605.00002", "2605.00003")} == {True}
    run(restored, "send")
    assert len(mails(restored)) == 3


def test_restored_and_adopted_at_once(restored: Path) -> None:
    """`digest restore BACKUP --adopt` does both; what was in the place is kept beside it each time."""
    run(restored, "restore", "copy.db", "--adopt")
    assert {"digest.db.replaced-1", "digest.db.replaced-2"} <= {file.name for file in restored.iterdir()}
    run(restored, "send", code=4)
    assert mails(restored) == []


def test_copied_to_another_place(tmp_path: Path) -> None:
    """D12: a folder that was copied whole sends from its old place only, until the copy is adopted."""
    here, there = tmp_path / "here", tmp_path / "there"
    an_installation(here, readers=READERS)
    run(here, "run", "--no-send")
    run(here, "send")
    shutil.copytree(here, there)
    a_page_of(here, "2605.00003")
    a_page_of(there, "2605.00003")
    assert ONLY_IF in run(there, "run", code=4, later=1).out
    assert "3 accepted" in run(here, "run", later=1).out
    assert (len(mails(here)), len(mails(there))) == (6, 3)


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("restore",), "name the backup to put back, or say --adopt", 2),
        (("restore", "none.db"), "there is no store at none.db", 5),
        (("restore", "page.txt"), "page.txt is not a store of digest", 5),
        (("restore", "digest.db"), "is the store itself; name a backup", 5),
        (("restore", "--adopt", "--store", "none.db"), "there is no store at none.db to adopt", 2),
    ],
)
def test_restore_wrong(words: tuple[str, ...], told: str, code: int, tmp_path: Path) -> None:
    """What is no backup is not put into the store's place, which stays as it was."""
    an_installation(tmp_path)
    run(tmp_path, "run", "--no-send")
    before = dump(tmp_path / "digest.db")
    assert told in run(tmp_path, *words, code=code).err
    assert dump(tmp_path / "digest.db") == before
    assert not list(tmp_path.glob("*.replaced-*"))
