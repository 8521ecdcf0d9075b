"""`digest send`, `outbox`, `test-mail`, `run --no-send` and `--init`, as a person types them."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from posts import a_page_of, a_sink, an_installation, doubt, dump, listed, mails, run, states, today
from terminal import digest, tree

from digest.clock import day_of

SMTP = "smtp: {{host: 127.0.0.1, port: {port}, tls: none{more}}}"


# ------------------------------------------------------------------------------------------------ send


def test_run_sends(tmp_path: Path) -> None:
    """`digest run` sends what it published, and says so in its last line; nothing is sent twice."""
    an_installation(tmp_path, readers="ana@example.org, bob@example.org")
    done = run(tmp_path, "run")
    assert done.out.splitlines()[-1].endswith("sent: 2 accepted")
    run(tmp_path, "run")
    assert run(tmp_path, "send").out == "lab: 2 accepted\n"
    assert len(mails(tmp_path)) == 2


def test_no_send(tmp_path: Path) -> None:
    """`digest run --no-send` publishes and records nothing of sending; `digest send` sends it then."""
    an_installation(tmp_path)
    assert "sent" not in run(tmp_path, "run", "--no-send").out
    assert (tmp_path / "feeds" / "lab" / "index.html").exists()
    assert (listed(tmp_path), (tmp_path / "box").exists()) == ([], False)
    assert run(tmp_path, "send").out == "lab: 1 accepted\n"
    [mail] = mails(tmp_path)
    assert mail.count(b"arXiv:2605.00001") == 2


@pytest.mark.parametrize("words", [(), ("--no-send",)])
def test_a_day_to_come(words: tuple[str, ...], tmp_path: Path) -> None:
    """`digest run --day` with a slip of the pen mails nobody: a day that has not begun for a profile that has readers
    is refused before anything is done, and the day itself is another matter.
    """
    an_installation(tmp_path)
    before = set(tree(tmp_path))
    done = run(tmp_path, "run", "--day", today(1), *words, code=2)
    assert f"{today(1)} has not begun for lab, where it is {today()}; its readers would have its mail" in done.err
    assert set(tree(tmp_path)) == before
    assert run(tmp_path, "run", "--day", today(1), *words, later=1)
    assert len(mails(tmp_path)) == (0 if words else 1)


def test_a_day_to_come_in_one_zone(tmp_path: Path) -> None:
    """A day begins in each profile's own zone: one that has begun for some, and not for another, is refused too."""
    an_installation(tmp_path, readers="")
    config = tmp_path / "digest.yaml"
    east = "  east:\n    keywords: [quantization]\n    zone: Pacific/Kiritimati\n    recipients: [bob@example.org]\n"
    west = east.replace("east", "west").replace("Pacific/Kiritimati", "Pacific/Pago_Pago")
    config.write_text(config.read_text() + east + west)
    there = str(day_of(datetime.now(UTC), "Pacific/Kiritimati"))
    here = str(day_of(datetime.now(UTC), "Pacific/Pago_Pago"))
    assert f"has not begun for west, where it is {here}" in run(tmp_path, "run", "--day", there, code=2).err
    assert not (tmp_path / "box").exists()
    run(tmp_path, "run", "--day", here)


def test_a_day_to_come_without_readers(tmp_path: Path) -> None:
    """Where nobody is sent anything a page may be of any day."""
    an_installation(tmp_path, readers="")
    run(tmp_path, "run", "--day", today(400))


def test_nobody(tmp_path: Path) -> None:
    """Without readers `digest send` says so; without an edition too."""
    an_installation(tmp_path)
    assert run(tmp_path, "send").out == "nothing to send\n"
    (tmp_path / "digest.yaml").write_text("sources: [page.txt]\nprofiles: {lab: {keywords: [quantization]}}\n")
    assert run(tmp_path, "send").out == "nobody to send to: no profile has `recipients` or `webhooks`\n"


def test_dry_run(tmp_path: Path) -> None:
    """D14: `digest send --dry-run` opens no connection and changes no row, whatever there is to send."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        an_installation(
            tmp_path, SMTP.format(port=server.getsockname()[1], more=""), "ana@example.org, bob@example.org"
        )
        assert run(tmp_path, "send", "--dry-run").out == "nothing to send: nothing was run yet\n"
        assert not (tmp_path / "digest.db").exists()
        run(tmp_path, "run", "--no-send")
        before = dump(tmp_path / "digest.db")
        done = run(tmp_path, "send", "--dry-run")
        assert done.out == f"lab {today()}: 2 papers, to 2 who have not been sent it\n"
        assert dump(tmp_path / "digest.db") == before
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.slow
def test_dry_run_tells_what_waits(tmp_path: Path) -> None:
    """A dry run tells what was put off, what is carried on a quiet day, and that a copy sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    an_installation(tmp_path, SMTP.format(port=port, more=""))
    run(tmp_path, "run", code=4)
    told = run(tmp_path, "send", "--dry-run").out
    assert re.fullmatch(rf"lab: 1 of {today()} (to be sent|that waits for [-0-9]+ [0-9:]+ UTC)\n", told)
    doubt_all(tmp_path)
    assert run(tmp_path, "send", "--dry-run").out == "nothing to send\n"
    a_page_of(tmp_path, "2605.00003")
    run(tmp_path, "run", "--no-send", later=1)
    assert (
        run(tmp_path, "send", "--dry-run", later=1).out == f"lab {today(1)}: 1 paper, to 1 who has not been sent it\n"
    )
    (tmp_path / "copy").mkdir()
    for name in ("digest.db", "digest.yaml"):
        (tmp_path / "copy" / name).write_bytes((tmp_path / name).read_bytes())
    before = dump(tmp_path / "copy" / "digest.db")
    assert "nothing is sent: " in (told := run(tmp_path / "copy", "send", "--dry-run").out)
    assert "only if the original sends no more: digest restore --adopt" in told
    assert dump(tmp_path / "copy" / "digest.db") == before


def doubt_all(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "digest.db")) as db, db:
        db.execute("UPDATE delivery SET state = 'in doubt', due = NULL, run = NULL")


def test_server_down(tmp_path: Path) -> None:
    """D07: a server that cannot be reached stops no publishing; it is told, the code is 4, and the mail waits."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    an_installation(tmp_path, SMTP.format(port=port, more=""))
    done = run(tmp_path, "run", code=4)
    assert done.out.splitlines()[-1].startswith("delivery failed: ")
    assert "Connection refused" in done.out
    assert (tmp_path / "feeds" / "lab" / "index.html").exists()
    assert states(tmp_path) in (["rendered"], ["deferred"])


def test_secrets_are_missing(tmp_path: Path) -> None:
    """A secret that is not where the config says stops the run before anything is done, and is told by its place."""
    an_installation(tmp_path, SMTP.format(port=2525, more=", user: ana, password: {env: NO_SUCH_VARIABLE}"))
    for command in ("run", "send"):
        assert "the environment variable NO_SUCH_VARIABLE is not set" in run(tmp_path, command, code=2).err
    assert set(tree(tmp_path)) == {"digest.yaml", "page.txt"}


@pytest.mark.slow
def test_two_at_once(tmp_path: Path) -> None:
    """D13: a second run while one is sending ends with code 75, says which process is at work, and sends nothing."""
    with a_sink(tmp_path, 5.0) as (port, journal):
        an_installation(
            tmp_path / "here", SMTP.format(port=port, more=", connections: 1"), "a@example.org, b@example.org"
        )
        run(tmp_path / "here", "run", "--no-send")
        with subprocess.Popen([sys.executable, "-m", "digest", "send"], cwd=tmp_path / "here", stdout=-3) as first:
            wait_for(journal)
            for command in ("send", "run"):
                done = run(tmp_path / "here", command, code=75)
                assert f"another run is at work with it (process {first.pid}); nothing was done" in done.err
            assert first.wait(30) == 0
    assert len(journal.read_text().splitlines()) == 2


def wait_for(journal: Path) -> None:
    """Until the server has noted a mail."""
    until = time.monotonic() + 30
    while not (journal.exists() and journal.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["send", "run"])
@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop(command: str, wish: signal.Signals, tmp_path: Path) -> None:
    """O03: SIGTERM finishes the message at hand, keeps the rest and ends with 0; the next call goes on, and nobody gets
    anything twice.
    """
    readers = ", ".join(f"reader{number}@example.org" for number in range(10))
    with a_sink(tmp_path, 0.5) as (port, journal):
        an_installation(tmp_path / "here", SMTP.format(port=port, more=", connections: 1"), readers)
        run(tmp_path / "here", "run", "--no-send")
        sending = subprocess.Popen(
            [sys.executable, "-m", "digest", command], cwd=tmp_path / "here", stdout=subprocess.DEVNULL
        )
        wait_for(journal)
        sending.send_signal(wish)
        assert sending.wait(20) == 0
        sent = len(journal.read_text().splitlines())
        counts = {state: states(tmp_path / "here").count(state) for state in ("accepted", "in doubt", "claimed")}
        assert counts == {"accepted": sent, "in doubt": 0, "claimed": 0}
        assert 1 <= sent < 10
    with a_sink(tmp_path) as (port, journal):
        an_installation(tmp_path / "here", SMTP.format(port=port, more=""), readers)
        run(tmp_path / "here", "send")
        noted = [json.loads(line)["to"] for line in journal.read_text().splitlines()]
    assert sorted(noted) == sorted(readers.split(", "))


@pytest.mark.slow
def test_killed(tmp_path: Path) -> None:
    """D05: after kill -9 in the midst `digest send` says what it found, and each mail is in the Maildir once."""
    readers = ", ".join(f"reader{number}@example.org" for number in range(60))
    an_installation(tmp_path, readers=readers)
    run(tmp_path, "run", "--no-send")
    killer = (
        "import os, signal, sys\n"
        "left = 40\n"
        "def count(event, arguments):\n"
        "    global left\n"
        "    if event == 'os.rename' and '.digest' in str(arguments[1]):\n"
        "        left -= 1\n"
        "        left or os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(count)\n"
        "from digest.cli import main\n"
        "main(['send'])\n"
    )
    killed = subprocess.run([sys.executable, "-c", killer], cwd=tmp_path, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert 0 < len(mails(tmp_path)) < 60
    done = run(tmp_path, "send")
    assert done.out.splitlines()[0] == "lab: 60 accepted"
    assert re.fullmatch(
        r"a run that was cut short had left \d+ midway; they are accounted for", done.out.splitlines()[1]
    )
    told = [re.search(rb"^To: (\S+)", mail, re.MULTILINE)[1].decode() for mail in mails(tmp_path)]  # type: ignore[index]
    assert sorted(told) == sorted(readers.split(", "))


# ----------------------------------------------------------------------------------------------- outbox


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """An installation with one mail that was accepted, of ana, and one in doubt, of bob; in that order."""
    an_installation(tmp_path, readers="ana@example.org, bob@example.org")
    run(tmp_path, "run")
    doubt(tmp_path, 2)
    return tmp_path


def test_outbox(doubtful: Path) -> None:
    """`digest outbox` lists what is not accepted, with shortened addresses; --all and --addresses list the rest."""
    assert run(doubtful, "outbox").out == f"     2  {today()}  lab  b…@example.org  in doubt  cut short\n"
    every = run(doubtful, "outbox", "--all", "--addresses").out.splitlines()
    assert [line.split()[3:5] for line in every] == [["bob@example.org", "in"], ["ana@example.org", "accepted"]]
    assert run(doubtful, "outbox", "lab", "--day", today(-1)).out == "nothing is on its way, refused or in doubt\n"


def test_what_went_along_is_over(doubtful: Path) -> None:
    """What a later mail took along needs nobody any more: only --all lists it."""
    a_page_of(doubtful, "2605.00077")
    run(doubtful, "run", later=1)
    assert run(doubtful, "outbox").out == "nothing is on its way, refused or in doubt\n"
    assert f"{today()}  lab  b…@example.org  in doubt, carried by" in run(doubtful, "outbox", "--all").out


def test_outbox_json(doubtful: Path) -> None:
    """`--json` prints one object a line, with all that is known of a mail."""
    [line] = run(doubtful, "outbox", "--json").out.splitlines()
    told = json.loads(line)
    assert list(told) == [
        *("id", "profile", "day", "channel", "address", "state", "attempts", "message_id", "detail", "changed"),
        *("due", "expires", "carried_into", "decided"),
    ]
    assert (told["id"], told["address"], told["state"], told["due"]) == (2, "b…@example.org", "in doubt", None)
    assert json.loads(run(doubtful, "outbox", "--json", "--addresses").out)["address"] == "bob@example.org"


def test_what_a_server_repeats(doubtful: Path) -> None:
    """W16: an address that a server repeats is shortened like any other."""
    with closing(sqlite3.connect(doubtful / "digest.db")) as db, db:
        db.execute("UPDATE delivery SET detail = '550 5.1.1 <Bob@Example.org>: unknown' WHERE seq = 2")
    assert "<B…@Example.org>: unknown" in run(doubtful, "outbox").out
    assert "Bob@" not in run(doubtful, "outbox", "--json").out
    assert "<Bob@Example.org>: unknown" in run(doubtful, "outbox", "--addresses").out


def test_what_was_decided(doubtful: Path) -> None:
    """After a decision a mail is listed as what it is: one that was dropped needs nobody any more."""
    assert run(doubtful, "outbox", "--carry", "2").out.splitlines()[0].endswith("in doubt, to be carried  cut short")
    assert "in doubt, to be carried" in run(doubtful, "outbox").out
    assert run(doubtful, "outbox", "--drop", "2").out.splitlines()[0].endswith("in doubt, dropped  cut short")
    assert run(doubtful, "outbox").out == "nothing is on its way, refused or in doubt\n"
    assert "in doubt, dropped" in run(doubtful, "outbox", "--all").out
    assert [one["decided"] for one in listed(doubtful)] == ["drop", None]
    assert run(doubtful, "outbox", "--carry", "2").out


def test_what_is_left_to_its_page(doubtful: Path) -> None:
    """Papers that no mail will have any more are listed as such, and `digest status` says so with what to do."""
    with closing(sqlite3.connect(doubtful / "digest.db")) as db, db:
        db.execute("UPDATE delivery SET state = 'refused', sealed = 1, message_id = '' WHERE seq = 2")
    for later in (1, 2, 3):
        a_page_of(doubtful, f"2605.0008{later}")
        run(doubtful, "run", later=later)
        if later < 3:
            newest = max(one["id"] for one in listed(doubtful) if one["address"] == "b…@example.org")
            with closing(sqlite3.connect(doubtful / "digest.db")) as db, db:
                db.execute("UPDATE delivery SET state = 'refused', sealed = 1 WHERE seq = ?", [newest])
    assert "b…@example.org  refused, left to its page by 8" in run(doubtful, "outbox", "--all").out
    told = digest("status", cwd=doubtful, later=3).out
    assert f"lab: the papers of 1 message of {today()} are left to their pages" in told
    assert "will not have something that is in these papers" in told


def test_resend(doubtful: Path) -> None:
    """`--resend ID` sends the very same mail again."""
    done = run(doubtful, "outbox", "--resend", "2")
    assert done.out.splitlines()[1] == "the next `digest send` sends it again"
    assert run(doubtful, "outbox").out.split()[4:6] == ["rendered", "sent"]
    before = mails(doubtful)
    for file in (doubtful / "box" / "new").iterdir():
        if b"To: bob" in file.read_bytes():
            file.unlink()
    assert run(doubtful, "send").out == "lab: 2 accepted\n"
    assert sorted(mails(doubtful)) == sorted(before)


@pytest.mark.slow
def test_carry_and_drop(doubtful: Path) -> None:
    """`--carry ID` lets the next mail take the papers along, though the config says hold; `--drop ID` does not."""
    for how, said, papers in (("carry", "open the reader's next mail", 3), ("drop", "let be", 1)):
        config = (doubtful / "digest.yaml").read_text()
        if "in_doubt" not in config:
            (doubtful / "digest.yaml").write_text(config.replace("maildir: box", "maildir: box\n  in_doubt: hold"))
        a_page_of(doubtful, f"2605.0001{papers}")
        newest = max(one["id"] for one in listed(doubtful) if one["address"] == "b…@example.org")
        if how == "drop":
            doubt(doubtful, newest)
        assert said in run(doubtful, "outbox", f"--{how}", str(newest)).out
        done = digest("run", later=1 if how == "carry" else 2, cwd=doubtful)
        assert done.code in (0, 4)
        newest = [
            mail for mail in mails(doubtful) if f"arXiv:2605.0001{papers}".encode() in mail and b"To: bob" in mail
        ]
        text = newest[0].partition(b"text/html")[0]
        assert len(set(re.findall(rb"arXiv:(\S+)", text))) == papers


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--resend", "1"), "delivery 1 is accepted: only what is in doubt, expired or refused waits"),
        (("--carry", "99"), "there is no delivery 99; `digest outbox` lists them"),
        (("--drop", "x"), "'x' is no whole number above 0"),
        (("--drop", "0"), "'0' is no whole number above 0"),
        (("--resend", "2", "--drop", "2"), "not allowed with argument"),
        (("--release", "nobody@example.org"), "nothing holds back mail to nobody@example.org; --suppressed lists"),
        (("lba",), "no profile 'lba' (did you mean 'lab'?)"),
        (("--day", "yesterday"), "'yesterday' is no day; write it as 2026-05-26"),
    ],
)
def test_outbox_wrong(words: tuple[str, ...], told: str, doubtful: Path) -> None:
    """What cannot be done is refused with code 2, says why, and changes nothing."""
    before = dump(doubtful / "digest.db")
    assert told in run(doubtful, "outbox", *words, code=2).err
    assert dump(doubtful / "digest.db") == before


def test_outbox_before_the_first_run(tmp_path: Path) -> None:
    """Where nothing was run yet `digest outbox` says so and makes no store."""
    an_installation(tmp_path)
    assert "nothing was run yet" in run(tmp_path, "outbox", code=2).err
    assert set(tree(tmp_path)) == {"digest.yaml", "page.txt"}


@pytest.mark.slow
def test_suppressed(doubtful: Path) -> None:
    """`--suppressed` lists who is sent nothing and why, `--release` lets them have the next edition."""
    from digest.clock import now
    from digest.model import Addressee
    from digest.store import open_store

    assert run(doubtful, "outbox", "--suppressed").out == "nobody\n"
    with open_store(doubtful / "digest.db") as store:
        store.outbox.suppress("lab", Addressee("mail", "Ana@example.org"), "unsubscribed", now(), "one click")
        store.outbox.suppress("", Addressee("mail", "bob@example.org"), "bounced", now(), "550 5.1.1")
    assert run(doubtful, "outbox", "--suppressed").out == (
        f"A…@example.org  lab  unsubscribed {today()}  one click\n"
        f"b…@example.org  every profile  bounced {today()}  550 5.1.1\n"
    )
    told = [
        json.loads(line) for line in run(doubtful, "outbox", "--suppressed", "--json", "--addresses").out.splitlines()
    ]
    assert [(one["address"], one["profile"], one["reason"]) for one in told] == [
        ("Ana@example.org", "lab", "unsubscribed"),
        ("bob@example.org", None, "bounced"),
    ]
    a_page_of(doubtful, "2605.00003")
    assert "2 suppressed" in digest("run", later=1, cwd=doubtful).out
    assert "Ana@example.org is sent lab again" in run(doubtful, "outbox", "--release", " ANA@example.org").out
    assert "is sent every profile again" in run(doubtful, "outbox", "lab", "--release", "bob@example.org").out
    a_page_of(doubtful, "2605.00004")
    assert "2 accepted" in run(doubtful, "run", later=2).out


# ------------------------------------------------------------------------------------------- test-mail


def test_test_mail(tmp_path: Path) -> None:
    """`digest test-mail` prints every line that is said, and that the mail was taken; nothing is recorded."""
    with a_sink(tmp_path) as (port, journal):
        an_installation(tmp_path / "here", SMTP.format(port=port, more=""))
        done = run(tmp_path / "here", "test-mail", "ana@example.org")
    lines = done.out.splitlines()
    assert lines[0] == f"SMTP to 127.0.0.1, port {port}, tls: none"
    assert lines[-1].startswith("accepted: ")
    for word in ("EHLO", "MAIL FROM:<digest@example.org>", "RCPT TO:<ana@example.org>", "DATA", "250 2.0.0 noted"):
        assert any(word in line for line in lines), word
    assert json.loads(journal.read_text())["to"] == "ana@example.org"
    assert set(tree(tmp_path / "here")) == {"digest.yaml", "page.txt"}


@pytest.mark.parametrize("way", ["maildir: box", "mbox: box"])
def test_test_mail_to_a_file(way: str, tmp_path: Path) -> None:
    """Into a Maildir or an mbox it is delivered as editions are."""
    an_installation(tmp_path, way)
    done = run(tmp_path, "test-mail", "ana@example.org")
    assert done.out.startswith("accepted: ")
    content = (mails(tmp_path) or [(tmp_path / "box").read_bytes()])[0]
    assert b"Subject: Test of the paper digest\n" in content


def test_test_mail_explains(tmp_path: Path) -> None:
    """What a server says is explained, and the code is 4: nobody listens there; no login there; a refusal."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    an_installation(tmp_path, SMTP.format(port=port, more=""))
    done = run(tmp_path, "test-mail", "ana@example.org", code=4)
    assert done.out.splitlines()[-1] == "nothing listens there: look at `host:` and `port:`"
    with a_sink(tmp_path) as (port, _):
        an_installation(tmp_path, SMTP.format(port=port, more=", user: ana, password: {command: echo hunter2}"))
        done = run(tmp_path, "test-mail", "ana@example.org", code=4)
    assert "hunter2" not in done.out + done.err
    assert done.out.splitlines()[-1] == "it offers no login here: use port 587, or 465 with `tls: tls`"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("test-mail",), "required: ADDRESS"),
        (("test-mail", "ana at example"), "'ana at example' is no mail address; write it as ana@example.org"),
        (("test-mail", "ana@example.org\r\nBcc: eve@example.org"), "is no mail address"),
    ],
)
def test_test_mail_wrong(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """An address that is none is refused."""
    an_installation(tmp_path)
    assert told in run(tmp_path, *words, code=2).err
    assert not (tmp_path / "box").exists()


def test_test_mail_without_mail(tmp_path: Path) -> None:
    """A config that does not say how mail goes out is told what to add."""
    (tmp_path / "digest.yaml").write_text("profiles: {lab: {keywords: [quantization]}}\n")
    assert "add `mail:` at the top" in run(tmp_path, "test-mail", "ana@example.org", code=2).err


# ------------------------------------------------------------------------------------------------ --init


@pytest.mark.slow
def test_a_store_that_is_gone(tmp_path: Path) -> None:
    """S07, promise 12: where a store that has sent is gone nothing is made anew, until `digest run --init` says so."""
    an_installation(tmp_path)
    run(tmp_path, "run")
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"digest.db{end}").unlink(missing_ok=True)
    for words in (("run",), ("send",), ("send", "--dry-run"), ("outbox",)):
        told = run(tmp_path, *words, code=5).err
        assert "was here and is gone" in told
        assert "digest run --init" in told
    assert not (tmp_path / "digest.db").exists()
    assert "1 accepted" in run(tmp_path, "run", "--init").out
    assert run(tmp_path, "send").out == "lab: 1 accepted\n"


def test_init_replaces_nothing(tmp_path: Path) -> None:
    """`digest run --init` where a store is there is a run like any other."""
    an_installation(tmp_path)
    run(tmp_path, "run")
    assert "made by an earlier run" in run(tmp_path, "run", "--init").out
    assert len(mails(tmp_path)) == 1


def test_help_of_the_commands(tmp_path: Path) -> None:
    """Each command explains itself."""
    for command in ("send", "outbox", "test-mail", "backup", "restore"):
        done = run(tmp_path, command, "--help")
        assert f"usage: digest {command}" in done.out
        assert os.linesep * 2 in done.out
