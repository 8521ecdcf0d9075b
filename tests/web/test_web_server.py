"""`digest serve` as it runs: a process, sockets, slow clients, signals, and a reader who leaves."""

import contextlib
import email
import email.policy
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import ahead
import pytest
from conftest import ROOT
from starlette.responses import PlainTextResponse
from web_scene import ANA, BO, CONFIG, a_page, an_installation, everything, exchange, serving, token

from digest.web import files, forms, site
from digest.web.server import CONNECTIONS, Patient, listen, make_server

ONE_CLICK = b"List-Unsubscribe=One-Click"


def digest(folder: Path, *words: str, later: int = 0) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(ahead.command(later, *words), cwd=folder, capture_output=True, text=True, timeout=60)


# --------------------------------------------------------------------------------------------- end to end


@pytest.mark.slow
def test_a_reader_follows_the_link_in_their_mail_and_gets_no_more(tmp_path: Path) -> None:
    """E04, W02, promise 9, end to end: the https address in List-Unsubscribe of a delivered mail, posted to as a mail
    program does, ends that reader's mails of that profile from the next edition on; others get theirs. So too where a
    proxy leaves the path of `unsubscribe_url` on.
    """
    at = "https://example.org/papers/digest/"
    (tmp_path / "digest.yaml").write_text(CONFIG.replace("https://papers.example.org/", at))
    a_page(tmp_path, 5)
    assert digest(tmp_path, "run").returncode == 0
    first = mails(tmp_path)
    assert sorted(first) == [ANA, BO]
    head = first[ANA]["List-Unsubscribe"]
    assert first[ANA]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (link,) = re.findall(rf"<({at}[^>]+)>", head)

    with serving(tmp_path, "--root-path", "/papers/digest") as served:
        page = served.ask(urlsplit(link).path)
        assert (page.status, b"Unsubscribe from My papers?" in page.body) == (200, True)
        kind = "application/x-www-form-urlencoded"
        done = served.ask(urlsplit(link).path, "POST", ONE_CLICK, content_type=kind)
        assert (done.status, b"Unsubscribed from My papers" in done.body) == (200, True)

    a_page(tmp_path, 6)
    assert digest(tmp_path, "run", later=1).returncode == 0
    assert sorted(mails(tmp_path, but=first)) == [BO]
    listed = digest(tmp_path, "outbox", "--suppressed", "--addresses").stdout
    assert listed.startswith(f"{ANA}  lab  unsubscribed ")


def mails(
    folder: Path, but: dict[str, email.message.EmailMessage] | None = None
) -> dict[str, email.message.EmailMessage]:
    """The mails in the Maildir by whom they are to, `but` for some."""
    known = {mail["Message-ID"] for mail in (but or {}).values()}
    read = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (folder / "box" / "new").iterdir()
    ]
    new = [mail for mail in read if mail["Message-ID"] not in known]
    found = {mail["To"].addresses[0].addr_spec: mail for mail in new}
    assert len(found) == len(new)
    return found  # type: ignore[return-value]  # the policy makes EmailMessages


# --------------------------------------------------------------------------------------------- many at once


@pytest.mark.slow
def test_a_thousand_requests_over_several_connections(tmp_path: Path) -> None:
    """W17, W01: 1,000 GETs over ten connections, and as many of junk beside them: every feed comes whole, the store is
    as it was, and memory stays.
    """
    app = an_installation(tmp_path)
    before = everything(app)
    feed = (app.out / "lab" / "rss.xml").read_bytes()
    link = f"/u/{token(app, ANA)}"
    junk = [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/wp-login.php",
        f"/u/{'A' * 22}",
        "/%00",
        "/lab",
        "/u/x?y=z",
    ]
    with serving(tmp_path) as served:

        def reader(number: int) -> Counter[int]:
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
            counted: Counter[int] = Counter()
            tag = ""
            for turn in range(100):
                if turn % 10 == 9:
                    got = exchange(connection, link)
                else:
                    got = exchange(connection, "/lab/rss.xml", **({"if_none_match": tag} if turn % 2 and tag else {}))
                    tag = got.headers["etag"]
                    assert got.content == (b"" if got.status == 304 else feed)
                counted[got.status] += 1
            connection.close()
            return counted

        def vandal(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
            for turn in range(200):
                got = exchange(connection, junk[turn % len(junk)], ("GET", "HEAD", "PUT", "OPTIONS")[turn % 4])
                assert got.status in (301, 404, 405)
                if turn % 50 == 0:
                    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as raw:
                        raw.sendall(b"\x16\x03\x01 no request at all\r\n\r\n")
                        assert b"400 Bad Request" in raw.recv(4096)
            connection.close()

        warm = rss(served.process.pid)
        with ThreadPoolExecutor(15) as threads:
            vandals = [threads.submit(vandal, number) for number in range(5)]
            counted = sum((one.result() for one in [threads.submit(reader, n) for n in range(10)]), Counter())
            for one in vandals:
                one.result()
        assert counted == {200: 600, 304: 400}
        assert rss(served.process.pid) - warm < 30_000, "kB more than before"
        assert len(served.log(2_000)) >= 2_000
    assert everything(app) == before


def rss(process: int) -> int:
    """The memory of a process in kB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1])


@pytest.mark.slow
def test_a_store_that_is_busy_does_not_keep_feeds_waiting(tmp_path: Path) -> None:
    """Fault matrix: while another process writes, links wait for it, all of them are done when it ends, and feeds are
    served meanwhile without delay.
    """
    app = an_installation(tmp_path)
    link = f"/u/{token(app, ANA)}"
    with serving(tmp_path) as served, ThreadPoolExecutor(12) as threads:
        other = sqlite3.connect(app.store or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        posts = [threads.submit(served.ask, link, "POST", ONE_CLICK) for _ in range(12)]
        time.sleep(0.3)
        for _ in range(20):
            began = time.perf_counter()
            assert served.ask("/lab/rss.xml").status == 200
            assert time.perf_counter() - began < 1
        assert not any(post.done() for post in posts)
        other.execute("ROLLBACK")
        other.close()
        assert {post.result().status for post in posts} == {200}


def test_an_answer_does_not_wait_for_the_network(tmp_path: Path) -> None:
    """Small answers over one connection come at once each, and not after the 40 ms of a delayed ACK."""
    with running(hello) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            assert exchange(connection, "/").body == b"hello"
            taken.append(time.perf_counter() - began)
        connection.close()
    assert sorted(taken)[15] < 0.03


# ------------------------------------------------------------------------------------------- slow and rude


class Hasty(Patient):
    for_head = 0.4
    for_reader = 1.0


@contextlib.contextmanager
def running(answering, protocol: type[Patient] = Hasty) -> Iterator[int]:
    """A server of an application in a thread; gives its port."""
    server = make_server(answering, protocol)
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


async def hello(scope, receive, send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


def until_closed(connection: socket.socket, drops: bytes = b"") -> tuple[float, bytes]:
    """Seconds until the other side closes, and what it said; meanwhile `drops` go to it one by one."""
    began, said = time.perf_counter(), b""
    connection.settimeout(0.1)
    while time.perf_counter() - began < 10:
        try:
            if drops:
                connection.sendall(drops[:1])
                drops = drops[1:]
            if not (more := connection.recv(65_536)):
                break
            said += more
        except TimeoutError:
            continue
        except OSError:
            break
    return time.perf_counter() - began, said


@pytest.mark.parametrize(
    "drops",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200,
    ],
    ids=["nothing", "drops"],
)
def test_a_head_that_does_not_come_is_not_waited_for(drops: bytes) -> None:
    """W17: a client that says nothing, or a byte now and then, is hung up on in time."""
    with running(hello) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        took, said = until_closed(connection, drops)
        assert (0.3 < took < 5, said) == (True, b"")


def test_a_body_that_nobody_reads_is_not_waited_for() -> None:
    """W17: what drips in after the answer is cut off too."""
    with running(hello) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        took, said = until_closed(connection, b"x" * 200)
        assert took < 5
        assert said.endswith(b"hello")


def test_a_second_request_has_its_time_too() -> None:
    """W17: a connection that was good once is held to the same; and one that is quick is kept."""
    with running(hello) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            while not connection.recv(65_536).endswith(b"hello"):
                pass
            time.sleep(0.25)
        took, said = until_closed(connection, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200)
        assert (0.3 < took < 5, said) == (True, b"")


@pytest.mark.slow
def test_an_answer_that_nobody_takes_is_given_up() -> None:
    """W17: a client that asks and does not read is hung up on, and one that reads slowly is not."""
    size = 30_000_000

    async def large(scope, receive, send) -> None:
        await PlainTextResponse(b"x" * size)(scope, receive, send)

    with running(large) as port:
        for pause, whole in ((0.02, True), (3.0, False)):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                time.sleep(pause)
                connection.settimeout(10)
                got = 0
                with contextlib.suppress(ConnectionResetError):
                    while got < size and (more := len(connection.recv(1_000_000))):
                        got += more
                        time.sleep(pause if whole else 0)
                assert (got >= size) is whole, got


@pytest.mark.parametrize(
    "rude",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_answered_as_guarded(rude: bytes) -> None:
    """W10: what is not HTTP gets a 400 with the headers of all answers, and no more."""

    async def reading(scope, receive, send) -> None:
        while (await receive()).get("more_body"):
            pass
        await hello(scope, receive, send)

    with running(reading) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(rude)
        took, said = until_closed(connection)
        assert took < 5
        assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        head = said.partition(b"\r\n\r\n")[0].lower()
        for line in (b"nosniff", b"referrer-policy: no-referrer", b"default-src 'none'; frame-ancestors 'none'"):
            assert line in head


# --------------------------------------------------------------------------------------------- the command


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_and_what_is_under_way_ends_well(tmp_path: Path, sent: signal.Signals) -> None:
    """O03: a signal lets what is under way finish, takes nothing new, and ends with exit code 0."""
    app = an_installation(tmp_path)
    with serving(tmp_path) as served:
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            head = f"POST /u/{token(app, ANA)} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(ONE_CLICK)}\r\n\r\n"
            connection.sendall(head.encode() + ONE_CLICK[:5])
            time.sleep(0.3)
            served.process.send_signal(sent)
            time.sleep(0.5)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", served.port), timeout=5)
            assert served.process.poll() is None
            connection.sendall(ONE_CLICK[5:])
            _, said = until_closed(connection)
            assert said.startswith(b"HTTP/1.1 200 OK")
        assert served.process.wait(timeout=10) == 0
        assert not [line for line in served.log() if not line.startswith("digest: ")]


def test_it_ends_though_it_was_told_before_it_had_begun() -> None:
    """A signal that comes between its start and uvicorn's own heed of signals is not lost: a container that was stopped
    just then would be waited for, and killed.
    """
    with listen("127.0.0.1", 0) as listening:
        make_server(PlainTextResponse("hello"), stopping=lambda: True).run(sockets=[listening])


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_it_done_or_not(tmp_path: Path) -> None:
    """Fault matrix, kill -9: after each, the reader is unsubscribed or not, the store is whole, and whoever was told so
    is.
    """
    app = an_installation(tmp_path)
    link = f"/u/{token(app, ANA)}"
    for delay in (0.0, 0.002, 0.004, 0.008, 0.016):
        with serving(tmp_path) as served:
            assert served.ask(link, "POST", b"subscribe=again").status == 200
            killing = threading.Timer(delay, served.process.kill)
            killing.start()
            told = 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                told = served.ask(link, "POST", ONE_CLICK).status
            killing.join()
        with sqlite3.connect(app.store or "") as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            left = db.execute("SELECT count(*) FROM suppression").fetchone()[0]
        db.close()
        assert left in ((1,) if told == 200 else (0, 1))


def test_the_guide_tells_the_limits() -> None:
    """docs/serving.md has the figures that hold."""
    told = re.sub(r"\s+", " ", (ROOT / "docs" / "serving.md").read_text(encoding="utf-8"))
    for figure in (
        f"A form has at most {forms.LARGEST // 1024} kB",
        f"head has to be there in {Patient.for_head:.0f} seconds and what is posted in {site.BODY:.0f}",
        f"nobody takes for {Patient.for_reader:.0f} seconds is given up",
        f"{site.CONCURRENT} requests are answered at a time, and {CONNECTIONS:,} connections held",
        f"nor are files over {files.LARGEST // 1_000_000} MB",
    ):
        assert figure in told


@pytest.mark.slow
def test_the_log_is_json_where_that_is_wanted(tmp_path: Path) -> None:
    """Each line on standard error is an object, from the first one on."""
    an_installation(tmp_path)
    with serving(tmp_path, "--log", "json") as served:
        served.ask("/lab/rss.xml")
        (told,) = map(json.loads, served.log(1))
        assert {key: told[key] for key in ("event", "method", "path", "status")} == {
            "event": "request",
            "method": "GET",
            "path": "/lab/rss.xml",
            "status": 200,
        }


def test_without_its_packages_it_says_how_to_get_them(tmp_path: Path) -> None:
    """A command without its extra is a sentence that names it."""
    (tmp_path / "digest.yaml").write_text(CONFIG)
    for missing, words, extra in (
        ("starlette", ["serve"], "web"),
        ("uvicorn", ["serve"], "web"),
        ("prometheus_client", ["serve", "--metrics"], "metrics"),
        ("prometheus_client", ["status", "--metrics"], "metrics"),
    ):
        code = f"import sys; sys.modules['{missing}'] = None; from digest.cli import main; sys.exit(main({words}))"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        said = f"digest: `digest {' '.join(words)}` needs more packages: pip install 'paperdigest[{extra}]'\n"
        assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize(
    ("config", "words", "said"),
    [
        (CONFIG, ("--out", "."), "digest.yaml lies in ., where everything is handed out"),
        (CONFIG, ("--store", "feeds/a.db"), "feeds/a.db lies in feeds, where everything is handed out"),
        (CONFIG, ("--out", "box"), "box lies in box, where everything is handed out"),
        (CONFIG, ("--root-path", "digest"), "the root path must be like /digest, is 'digest'"),
        (CONFIG, ("--port", "70000"), "'70000' is no port: a whole number from 0 to 65535"),
        (CONFIG, ("--host", "192.0.2.1"), "cannot listen at 192.0.2.1 port 8000: Cannot assign requested address"),
    ],
)
def test_what_cannot_be_served_is_said(tmp_path: Path, config: str, words: tuple[str, ...], said: str) -> None:
    """C03: what is wrong is said before anything is served, with exit code 2."""
    (tmp_path / "digest.yaml").write_text(config)
    done = digest(tmp_path, "serve", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """A second server on a port is refused in a sentence."""
    (tmp_path / "digest.yaml").write_text(CONFIG)
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = digest(tmp_path, "serve", "--port", str(port))
    said = f"digest: cannot listen at 127.0.0.1 port {port}: another program listens there; name another --port"
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == said


@pytest.mark.slow
def test_it_starts_before_the_first_run_and_sees_it(tmp_path: Path) -> None:
    """A service may be started on an empty machine: it says what is missing, makes no store, and serves what the first
    run publishes without being started again.
    """
    (tmp_path / "digest.yaml").write_text(CONFIG)
    with serving(tmp_path) as served:
        health = served.ask("/healthz")
        assert (health.status, health.body[:20]) == (503, b"digest.db is missing")
        assert served.ask("/").status == 404
        assert not (tmp_path / "digest.db").exists()
        app = an_installation(tmp_path)
        assert served.ask("/healthz").body == b"ok\n"
        assert served.ask("/lab/rss.xml").status == 200
        assert served.ask(f"/u/{token(app, ANA)}").status == 200
        (told,) = served.before
        assert told.startswith("digest: digest.db is missing")
        assert told.endswith("; files are served all the same")
