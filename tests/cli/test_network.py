"""`digest run` with sources on the network, which is a server on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from replaying import Asked, Replay, Told
from terminal import HALF_PAGE, a_page, digest

from digest.store import open_store

FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Lists</title><item>'
    "<title>Quantization of lists</title><link>https://arxiv.org/abs/2605.00009</link>"
    "<description>We measure how reading lists change when repeated papers are counted once.</description>"
    "</item></channel></rss>"
)


def a_config(folder: Path, *sources: str, fetch: str = "{private: true}") -> None:
    lines = "".join(f"  - {source}\n" for source in sources)
    (folder / "digest.yaml").write_text(
        f"sources:\n{lines}fetch: {fetch}\nprofiles: {{ana: {{keywords: [quantization]}}}}\n", encoding="utf-8"
    )


@pytest.fixture
def server():
    with Replay() as replay:
        yield replay


def test_a_feed_is_read(tmp_path: Path, server) -> None:
    """A feed by its address is read like a file; run again within the hour, nobody is asked again."""
    server.answers["/feed"] = FEED
    a_config(tmp_path, f"{server.url}/feed?token=secret")
    for _ in range(2):
        done = digest("run", cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
        assert "1 listing in 1 file, 1 paper; ana" in done.out
    assert server.paths == ["/feed?token=secret"]
    assert server.asked[0].fields["user-agent"].startswith("paperdigest/")


def test_a_source_that_fails_stops_no_other_and_the_page_says_what_is_missing(tmp_path: Path, server) -> None:
    """Files and good sources are read; what could not be reached is told by name, on the page too; the exit code is 3.
    Secrets in an address are told nobody.
    """
    a_page(tmp_path, text=HALF_PAGE)
    server.answers |= {"/good": FEED, "/page": Told("<!doctype html><title>Log in</title>")}
    a_config(tmp_path, f"{server.url}/gone?token=secret", f"{server.url}/good", "page.txt")
    done = digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert done.code == 3
    assert re.fullmatch(
        rf"digest: {server.url}/gone\?…: HTTP 404: there is nothing at this address; see whether it has moved; "
        r"it is not asked again before \d{4}-\d\d-\d\d \d\d:\d\d UTC\n",
        done.err,
    )
    assert "delivered: 3 listings in 3 files, 3 papers" in done.out
    page = (tmp_path / "feeds" / "ana" / "2026-05-26.html").read_text()
    assert "HTTP 404: there is nothing at this address" in page
    assert "token=secret" not in page + done.out + done.err


def test_a_paper_that_stays_in_a_feed_is_listed_once(tmp_path: Path, server) -> None:
    """The same item, further down in the feed on each day, is the listing that is known already."""
    a_config(tmp_path, f"{server.url}/feed", fetch="{private: true, every: 0}")
    for day in (26, 27, 28):
        more = FEED.partition("<item>")[0] + "".join(
            f"<item><title>Quantization, part {number}</title><link>https://arxiv.org/abs/2605.1{number:04}</link></item>\n"
            for number in range(day)
        )
        server.answers["/feed"] = more + "<item>" + FEED.partition("<item>")[2]
        assert digest("run", "--day", f"2026-05-{day}", cwd=tmp_path).code == 0
    with open_store(tmp_path / "digest.db") as store:
        (paper,) = store.find("arxiv:2605.00009")
        assert [str(listing.position) for listing in paper.listings] == [f"{server.url}/feed"]


def test_a_service_that_says_later_is_left_alone_by_the_next_run(tmp_path: Path, server) -> None:
    """Retry-After outlives the process: the next run asks nobody, and says until when."""
    server.answers["/feed"] = Told("", 429, {"Retry-After": "7200"})
    a_config(tmp_path, f"{server.url}/feed", f"{server.url}/other")
    for _ in range(2):
        done = digest("run", cwd=tmp_path)
        assert done.code == 3
        assert done.err.count("HTTP 429: it was asked too often; it is not asked again before") == 2
    assert server.paths == ["/feed"]


def test_a_page_is_read(tmp_path: Path, server) -> None:
    """What is no feed is read where the config says that it is a page; where it says feed, it is told."""
    server.answers["/page"] = HALF_PAGE
    a_config(tmp_path, f"page: {server.url}/page")
    done = digest("run", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "2 listings in 1 file" in done.out
    a_config(tmp_path, f"feed: {server.url}/page?2")
    assert "text in place of a feed: We measure how reading lists" in digest("run", cwd=tmp_path).err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take the network away")
@pytest.mark.parametrize("dropped", [True, False])
def test_without_a_network_the_first_run_works_from_files(tmp_path: Path, dropped) -> None:
    """From an empty folder, with the config that `digest init` writes: what could not be reached is told plainly, at
    once, and what was dropped makes the edition.
    """
    assert digest("init", cwd=tmp_path).code == 0
    if dropped:
        a_page(tmp_path / "listings", days_ago=1)
    command = ["unshare", "--net", sys.executable, "-m", "digest", "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    told = r"^digest: arXiv cs\.CL cs\.SD: rss\.arxiv\.org was not found \(.*\): is this machine on the network\?$"
    assert re.search(told, done.stderr, re.MULTILINE)
    if dropped:
        assert "delivered: 2 listings in 2 files, 2 papers; papers" in done.stdout
        assert len(done.stderr.splitlines()) == 1
    else:
        assert "source failed: 0 listings" in done.stdout


def test_a_private_address_is_refused_until_the_config_allows_it(tmp_path: Path, server) -> None:
    """W12: nothing of the network around is asked by a feed that leads there."""
    server.answers["/feed"] = FEED
    a_config(tmp_path, f"{server.url}/feed", fetch="{}")
    done = digest("run", cwd=tmp_path)
    assert "127.0.0.1 is at 127.0.0.1, which is no public address; `fetch: private: true` allows it" in done.err
    assert server.asked == []


def test_papers_of_an_unchanged_feed_reach_a_profile_that_came_later(tmp_path: Path, server) -> None:
    """304: what was kept is read again, so that a new profile sees it, and an old one is not shown it twice."""
    server.answers["/feed"] = [Told(FEED, fields={"ETag": '"1"'}), Told(status=304)]
    a_config(tmp_path, f"{server.url}/feed", fetch="{private: true, every: 0}")
    assert digest("run", "--day", "2026-05-26", cwd=tmp_path).code == 0
    with (tmp_path / "digest.yaml").open("a") as file:
        file.write("")
    text = (tmp_path / "digest.yaml").read_text().replace("profiles: {", "profiles: {bo: {keywords: [lists]}, ")
    (tmp_path / "digest.yaml").write_text(text)
    done = digest("run", "--day", "2026-05-27", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "bo 2026-05-27: 1 paper;" in done.out
    assert "ana 2026-05-27: quiet day (1 shown before)" in done.out
    assert server.asked[1].fields["if-none-match"] == '"1"'


def test_the_ledger_of_days_is_shown(tmp_path: Path, server) -> None:
    """After a run `digest status` tells each source's newest day."""
    paper = {"id": "2605.00009", "title": "Quantization of lists", "summary": "We count.", "authors": [], "upvotes": 1}
    listed = json.dumps([{"paper": {**paper, "submittedOnDailyAt": "2026-05-26T00:00:00.000Z"}, "numComments": 0}])
    server.answers["/api/daily_papers"] = listed
    a_config(tmp_path, f"huggingface: {{at: '{server.url}'}}", f"{server.url}/gone")
    assert digest("run", cwd=tmp_path).code == 3
    told = digest("status", cwd=tmp_path).out
    days = {asked.query["date"] for asked in server.asked if "date" in asked.query}
    assert f"Hugging Face Daily Papers: {max(days)} pending, 1 listing" in told
    assert f"{server.url}/gone: {datetime.now(UTC):%Y-%m-%d} failed" in told


def test_a_day_is_noted_when_its_papers_are_kept(tmp_path: Path, server) -> None:
    """A run that is stopped has noted no day: the next one asks for it again."""
    server.answers["/feed"] = FEED
    a_config(tmp_path, f"{server.url}/feed")
    (tmp_path / "feeds").write_text("mine")
    assert digest("run", cwd=tmp_path).code == 5
    with open_store(tmp_path / "digest.db") as store:
        assert store.answers.covered() == []
        assert store.answers.answer(f"{server.url}/feed")
    (tmp_path / "feeds").unlink()
    assert digest("run", cwd=tmp_path).code == 0
    with open_store(tmp_path / "digest.db") as store:
        assert [(row.state, row.listings) for row in store.answers.covered()] == [("complete", 1)]


def test_a_run_that_is_killed_while_it_fetches_loses_nothing(tmp_path: Path, server) -> None:
    """Promise 6: what was fetched before the kill is kept, and not asked for again; the rest is."""
    process: list[subprocess.Popen[bytes]] = []

    def kill(asked: Asked) -> Told:
        process[0].kill()
        return Told(FEED)

    server.answers |= {"/first": FEED, "/second": kill}
    a_config(tmp_path, f"{server.url}/first", f"{server.url}/second")
    with subprocess.Popen([sys.executable, "-m", "digest", "run"], cwd=tmp_path, stdout=subprocess.DEVNULL) as running:
        process.append(running)
        assert running.wait(60) == -signal.SIGKILL
    server.answers["/second"] = FEED.replace("2605.00009", "2605.00010").replace("of lists", "of other lists")
    done = digest("run", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "2 listings in 2 files" in done.out
    assert server.paths == ["/first", "/second", "/second"]


@pytest.mark.parametrize("command", ["run", "schedule"])
def test_a_run_that_is_asked_to_stop_while_it_fetches_asks_nobody_else(command: str, tmp_path: Path, server) -> None:
    """O03: sources may take ten minutes, which no service manager waits. Asked to stop meanwhile, it asks no other,
    makes no edition without them, and loses nothing: the next run has what was fetched, and asks for the rest.
    """
    process: list[subprocess.Popen[bytes]] = []

    def stop(asked: Asked) -> Told:
        process[0].terminate()
        return Told(FEED)

    server.answers |= {"/first": stop, "/second": FEED.replace("2605.00009", "2605.00010").replace("of", "of other")}
    a_config(tmp_path, f"{server.url}/first", f"{server.url}/second")
    words = [sys.executable, "-m", "digest", command]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        process.append(running)
        _, told = running.communicate(timeout=60)
    assert running.returncode == {"run": 75, "schedule": 0}[command]
    assert b"asked to stop" in told
    assert not (tmp_path / "feeds").exists()
    done = digest("run", "--due", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "2 listings in 2 files" in done.out
    # What was just being answered may have been let go.
    assert server.paths in (["/first", "/second"], ["/first", "/first", "/second"])


def test_what_a_killed_run_had_fetched_is_read_though_the_feed_goes_on(tmp_path: Path, server) -> None:
    """Promise 3: a feed that has dropped a paper since the run that was killed loses nobody that paper."""
    a_config(tmp_path, f"{server.url}/feed", fetch="{private: true, every: 0}")
    server.answers["/feed"] = FEED
    (tmp_path / "feeds").write_text("in the way")
    assert digest("run", cwd=tmp_path).code == 5
    (tmp_path / "digest.db").rename(tmp_path / "kept.db")
    with open_store(tmp_path / "kept.db") as kept, open_store(tmp_path / "digest.db", anew=True) as store:
        store.answers.keep(kept.answers.answer(f"{server.url}/feed"))  # as if it had been killed before it read that
    (tmp_path / "feeds").unlink()
    server.answers["/feed"] = FEED.replace("2605.00009", "2605.00010").replace("of lists", "of other lists")
    assert "2 listings in 2 files, 2 papers" in digest("run", cwd=tmp_path).out
    assert "1 listing in 1 file" in digest("run", cwd=tmp_path).out


def test_a_package_may_add_a_source(tmp_path: Path) -> None:
    """What an installed package registers under `digest.sources` is a key like any other, and is handed what follows
    it; where the package fails, it stops no other source.
    """
    site = tmp_path / "site"
    (site / "lab-1.0.dist-info").mkdir(parents=True)
    (site / "lab.py").write_text(
        "from io import BytesIO\nfrom digest.model import Document\n\n"
        "def fetch(said, trip):\n"
        "    yield Document(origin=f'lab {said[\"room\"]}', open=lambda: BytesIO(PAGE))\n"
        "    raise RuntimeError('the lab is closed')\n\n"
        f"PAGE = {HALF_PAGE.encode()!r}\n"
    )
    (site / "lab-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n")
    (site / "lab-1.0.dist-info" / "entry_points.txt").write_text("[digest.sources]\nlab = lab:fetch\n")
    a_config(tmp_path, "lab: {room: 7}")
    done = digest("run", cwd=tmp_path, PYTHONPATH=str(site))
    assert done.err == "digest: lab: the source failed: RuntimeError: the lab is closed\n"
    assert "2 papers; ana" in done.out
    assert "unknown key 'lab'" in digest("run", cwd=tmp_path).err
