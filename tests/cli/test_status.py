"""`digest status` as a person types it, and what the operator is told by runs."""

import json
import os
import quopri
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection, create_server
from time import sleep
from typing import NoReturn

import pytest
from terminal import HALF_PAGE, Done, a_config, a_page, digest, tree

from digest.store import open_store

MAILDIR = "mail: {from: digest@lab.test, maildir: out}\nalerts: {mail: ops@lab.test}\n"
READERS = "    recipients: [ana@lab.test, bo@lab.test]\n"


def an_installation(folder: Path, mail: str = MAILDIR, readers: str = READERS) -> Path:
    a_page(folder)
    a_config(folder, readers + mail)
    return folder


def through(port: int) -> str:
    return f"smtp: {{host: 127.0.0.1, port: {port}, tls: none}}"


def alerts(folder: Path) -> list[str]:
    """The mails to the operator, as they are read: a line may be broken anywhere on its way."""
    found = [plain(path) for path in (folder / "out" / "new").glob("*")] if (folder / "out").exists() else []
    return [mail for mail in found if "To: ops@lab.test\n" in mail]


def plain(mail: Path) -> str:
    head, _, text = mail.read_text().partition("\n\n")
    return f"{head}\n\n{quopri.decodestring(text).decode()}"


def status(folder: Path) -> tuple[Done, dict[str, object]]:
    done = digest("status", "--json", cwd=folder)
    return done, json.loads(done.out or "{}")


def _missing(name: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not on this machine")
    pytest.skip(f"{name} is not on this machine")


@contextmanager
def a_sink(*options: str) -> Iterator[int]:
    """The port of a mail server that fails as its options say (smtp-sink(1))."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or _missing("smtp-sink")
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_user = ("-u", "nobody") if os.geteuid() == 0 else ()
    with subprocess.Popen([program, *as_user, *options, f"127.0.0.1:{port}", "16"]) as sink:
        try:
            for _ in range(100):
                try:
                    create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    sleep(0.05)
            yield port
        finally:
            sink.kill()


def test_before_the_first_run(tmp_path: Path) -> None:
    """Where nothing was run yet that is what is said, and nothing is made."""
    an_installation(tmp_path)
    before = tree(tmp_path)
    assert digest("status", cwd=tmp_path) == (0, "nothing was run yet: `digest run` makes the first edition\n", "")
    assert status(tmp_path)[1] == {"version": 1, "verdict": None, "exit_code": 0}
    assert tree(tmp_path) == before


def test_after_a_run(tmp_path: Path) -> None:
    """The verdict stands first, then the last run, each profile, and the store; the database stays as it was."""
    an_installation(tmp_path)
    ran = digest("run", cwd=tmp_path)
    assert ran.code == 0

    def dump() -> list[str]:
        with closing(sqlite3.connect(tmp_path / "digest.db")) as connection:
            return list(connection.iterdump())

    before = dump()
    done = digest("status", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "delivered: papers went out"
    assert f"UTC, just now: {ran.out.splitlines()[-1]}\n" in done.out
    assert "           sent: 2 accepted\n" not in done.out
    assert "sent: 2 accepted\n" in done.out
    assert "digest.db, 0." in done.out
    assert dump() == before


@pytest.mark.slow
def test_a_run_that_an_error_stops_is_on_record(tmp_path: Path) -> None:
    """A run that fails after the store was opened is told with its error; the next one that works ends that."""
    an_installation(tmp_path)
    (tmp_path / "feeds").write_text("in the way")
    assert digest("run", cwd=tmp_path).code == 5
    done, told = status(tmp_path)
    assert done.code == 5
    assert told["last_run"]["exit_code"] == 5  # type: ignore[index]
    assert "cannot publish" in told["last_run"]["summary"]  # type: ignore[index]
    assert digest("run", cwd=tmp_path).code == 5
    (mail,) = alerts(tmp_path)
    assert "`digest run` was stopped: cannot publish" in mail
    (tmp_path / "feeds").unlink()
    assert digest("run", cwd=tmp_path).code == 0
    assert len(alerts(tmp_path)) == 2
    assert digest("status", cwd=tmp_path).code == 0


def test_a_store_that_cannot_be_used(tmp_path: Path) -> None:
    """O01: a damaged store, and one that is gone, end with 5, and are said on standard error; nothing is put there."""
    an_installation(tmp_path)
    digest("run", cwd=tmp_path)
    store = tmp_path / "digest.db"
    content = store.read_bytes()
    store.write_bytes(content[:5000])
    done = digest("status", cwd=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert "is damaged" in done.err
    store.unlink()
    done = digest("status", cwd=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert "was here and is gone" in done.err
    assert not store.exists()


AT_WORK = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from digest.store import open_store
from digest.store.safety import alone
path = Path(sys.argv[1])
with open_store(path) as store, alone(path):
    store.runs.begin("run", os.getpid(), datetime.now(UTC))
    print("ready", flush=True)
    sys.stdin.read()
    if sys.argv[2] == "die":
        os._exit(9)
"""


@pytest.mark.slow
def test_while_a_run_is_at_work_and_after_it_died(tmp_path: Path) -> None:
    """It may be asked while another process works, and names it; a run that died is told by the next run, once."""
    an_installation(tmp_path)
    assert digest("run", cwd=tmp_path).code == 0
    command = [sys.executable, "-c", AT_WORK, str(tmp_path / "digest.db"), "die"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdin
        assert worker.stdout.readline() == "ready\n"
        done = digest("status", cwd=tmp_path)
        assert done.code == 0
        assert f", process {worker.pid}\n" in done.out
        worker.stdin.close()
    done = digest("status", cwd=tmp_path)
    assert done.code == 75
    assert done.out.startswith("the last `digest run` died midway; the next one goes on where it was")
    assert digest("send", cwd=tmp_path).code == 0
    assert digest("run", cwd=tmp_path).code == 0
    assert digest("run", cwd=tmp_path).code == 0
    (mail,) = alerts(tmp_path)
    assert f"(process {worker.pid}) began " in mail.replace("=\n", "")
    assert digest("status", cwd=tmp_path).code == 0


@pytest.mark.slow
def test_a_source_that_fails_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    """O04, rss2email#195: a source that is gone is one mail, however often is run; that it is back is another."""
    an_installation(tmp_path)
    (tmp_path / "page.txt").unlink()
    runs = [digest("run", cwd=tmp_path) for _ in range(3)]
    assert [done.code for done in runs] == [3, 3, 3]
    (mail,) = alerts(tmp_path)
    assert "page.txt: there is no such file" in mail
    assert digest("status", cwd=tmp_path).code == 3
    assert digest("send", cwd=tmp_path).code == 0, "which reads no source"
    assert len(alerts(tmp_path)) == 1
    a_page(tmp_path)
    assert digest("run", cwd=tmp_path).code == 0
    assert any("Subject: Paper digest: over: " in mail for mail in alerts(tmp_path))
    assert len(alerts(tmp_path)) == 2


@pytest.mark.slow
def test_sources_without_news_are_told_once(tmp_path: Path) -> None:
    """Days on which nothing new comes are quiet, until they are too many: that is said once."""
    an_installation(tmp_path)
    days = ["2026-05-25", "2026-05-26", "2026-05-27", "2026-05-28", "2026-05-29", "2026-05-30", "2026-05-31"]
    runs = [digest("run", "--no-send", "--day", day, cwd=tmp_path) for day in days]
    assert [done.code for done in runs] == [0, 0, 0, 0, 3, 3, 3]
    assert [done.out.splitlines()[-1].partition(":")[0] for done in runs[3:5]] == ["quiet day", "source stale"]
    (mail,) = alerts(tmp_path)
    assert "nothing new has come from any source for days" in mail
    a_page(tmp_path, text=HALF_PAGE.replace("repeated papers", "old papers").replace("2605.0000", "2606.0000"))
    assert digest("run", "--no-send", "--day", "2026-06-01", cwd=tmp_path).code == 0
    assert len(alerts(tmp_path)) == 2


def test_a_quiet_day_sends_nothing_and_says_so(tmp_path: Path) -> None:
    """T07: no mail goes out for a day that shows nothing; the page, the profile's page and `digest status` say why."""
    an_installation(tmp_path)
    digest("run", "--no-send", "--day", "2026-05-25", cwd=tmp_path)
    done = digest("run", cwd=tmp_path)
    today = datetime.now(UTC).date()
    assert not [path for path in (tmp_path / "out/new").glob("*") if "ana@lab.test" in path.read_text()]
    kind = done.out.splitlines()[-1].partition(":")[0]
    assert kind in ("quiet day", "holiday", "source stale")
    page = (tmp_path / f"feeds/ana/{today}.html").read_text()
    assert f"<p>How this day ended: {kind}, nothing new" in page
    assert f"Read the edition: no papers ({kind})" in (tmp_path / "feeds/ana/index.html").read_text()
    assert f"no papers ({kind})" in digest("status", cwd=tmp_path).out


@pytest.mark.slow
def test_a_server_that_refuses_readers(tmp_path: Path) -> None:
    """A server that refuses every reader, and the operator: 4, no address whole, and the operator is told later."""
    with a_sink("-f", "RCPT") as port:
        an_installation(tmp_path, MAILDIR.replace("maildir: out", through(port)))
        done = digest("run", cwd=tmp_path)
        assert done.code == 4
        assert "o…@lab.test could not be told of trouble" in done.out.splitlines()[-1]
        done, told = status(tmp_path)
    assert (done.code, told["verdict"]) == (4, "delivery failed")
    assert [one["kind"] for one in told["troubles"]] == ["refused", "refused"]  # type: ignore[attr-defined]
    assert [one["told"] for one in told["troubles"]] == [None, None]  # type: ignore[attr-defined]
    assert "ana@" not in done.out
    # What the operator was not told is told by the next run that can.
    config = tmp_path / "digest.yaml"
    config.write_text(config.read_text().replace(through(port), "maildir: out"))
    assert digest("send", cwd=tmp_path).code == 4, "for they are refused still"
    (mail,) = alerts(tmp_path)
    assert mail.count(" is refused") >= 2


@pytest.mark.slow
def test_a_server_that_is_gone(tmp_path: Path) -> None:
    """A server that cannot be reached is one trouble for all readers; it is over when it takes something again."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    an_installation(tmp_path, MAILDIR.replace("maildir: out", through(port)))
    assert [digest("run", cwd=tmp_path).code for _ in range(2)] == [4, 4]
    done, told = status(tmp_path)
    assert (done.code, told["verdict"]) == (4, "delivery failed")
    (trouble,) = told["troubles"]  # type: ignore[misc]
    assert (trouble["kind"], trouble["told"]) == ("channel", None)
    assert "Connection refused" in trouble["what"]
    config = tmp_path / "digest.yaml"
    config.write_text(config.read_text().replace(through(port), "maildir: out"))
    assert digest("send", cwd=tmp_path).code == 0
    assert digest("status", cwd=tmp_path).code == 0
    (mail,) = alerts(tmp_path)
    assert "Subject: Paper digest: over: mail stopped" in mail


@pytest.mark.slow
def test_a_copied_store_is_told_of(tmp_path: Path) -> None:
    """D12: a store that was copied sends no edition, tells the operator once, and `digest status` says what to do."""
    (tmp_path / "first").mkdir()
    an_installation(tmp_path / "first")
    assert digest("run", cwd=tmp_path / "first").code == 0
    copied = tmp_path / "second"
    shutil.copytree(tmp_path / "first", copied, ignore=shutil.ignore_patterns("out"))
    assert [digest("send", cwd=copied).code for _ in range(2)] == [4, 4]
    done, told = status(copied)
    assert (done.code, told["may_send"]) == (4, False)
    (mail,) = alerts(copied)
    assert "only if the original sends no more: digest restore --adopt" in " ".join(mail.split())
    assert len(list((copied / "out/new").glob("*"))) == 1
    assert digest("restore", "--adopt", cwd=copied).code == 0
    digest("send", cwd=copied)
    assert status(copied)[1]["may_send"] is True


def test_each_run_that_died_is_told(tmp_path: Path) -> None:
    """Fault matrix, kill -9: of several runs that were killed the operator is told of each, once; also where the run
    after them is stopped by an error before it can tell anybody.
    """
    an_installation(tmp_path)
    digest("run", cwd=tmp_path)
    with open_store(tmp_path / "digest.db") as store:
        for process in (11, 12, 13):
            store.runs.begin("send", process, datetime.now(UTC))
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").write_text("in the way of the Maildir")
    shutil.rmtree(tmp_path / "feeds")
    (tmp_path / "feeds").write_text("in the way of the pages")
    assert digest("run", cwd=tmp_path).code == 5
    assert {one["kind"] for one in status(tmp_path)[1]["troubles"]} >= {"death", "stopped"}  # type: ignore[attr-defined]
    (tmp_path / "out").unlink()
    (tmp_path / "feeds").unlink()
    for _ in range(2):
        assert digest("run", cwd=tmp_path).code == 0
    told = "\n".join(alerts(tmp_path)).replace("=\n", "")
    assert [told.count(f"(process {number}) began") for number in (11, 12, 13)] == [1, 1, 1]


def test_every_run_leaves_a_row(tmp_path: Path) -> None:
    """What each run did is on record: command, process, days, verdict, exit code, its line, its problems."""
    an_installation(tmp_path)
    (tmp_path / "page.txt").write_text(HALF_PAGE + "neither a paper nor an id\n")
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    digest("send", cwd=tmp_path)
    digest("send", "--dry-run", cwd=tmp_path)
    with open_store(tmp_path / "digest.db") as store:
        sent, ran = store.runs.newest(9)
    assert (ran.command, sent.command) == ("run", "send")
    assert ran.outcome
    assert ran.outcome.summary.startswith("delivered: 2 listings in 1 file, 2 papers; ana 2026-05-26: 2 papers")
    assert {profile: str(day) for profile, day in ran.outcome.days.items()} == {"ana": "2026-05-26"}
    assert (ran.outcome.exit_code, ran.outcome.verdict) == (3, "delivered")
    assert [problem.startswith("page.txt:") for problem in ran.outcome.problems] == [True]
    assert sent.outcome
    assert sent.outcome.exit_code == 0
    assert ran.ended
    assert ran.began <= ran.ended <= sent.began
