"""The benchmark: that it runs and tells of everything. What it measures is no matter for tests."""

import json
import os
import socket
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest
from figures import exponent, table, verdict
from formats import WRITTEN, pieces
from measuring import paired, spend, timed
from pages import invented, many, write
from processes import install
from sending import DELAY, far, program
from stages import trial

from digest.formats import parse
from digest.model import Document, Listing

ROOT = Path(__file__).parents[1]
SINK = program("smtp-sink") and program("smtp-source")


def bench(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_every_stage_has_a_row_for_every_size(tmp_path: Path) -> None:
    """A run over two tiny pages tells of each stage and size once, and of each command, as a table and as JSON."""
    few = ("--quick", "--sizes", "20,40", "--budget", "0")
    done = bench(*few, "--only", "stages", "--only", "commands", "--json", tmp_path / "rows")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    parsing = [f"parse {name}" for name in ("authors_abstract", "abstract_id", "abstract_id_dates", "hf_page")]
    sized = [(stage, size) for stage in [*parsing, "merge", "rank"] for size in (20, 40)]
    # A page of a feed is full at 250 kB, which these papers are when there are 91.
    feeds = [(f"{name} of {shown}", min(shown, 91)) for shown in (30, 1000) for name in ("rss", "atom")]
    pages = [("html of 30", 30), ("html of 1000", 1000)]
    assert {(row["stage"], row["count"]) for row in rows if "stage" in row} == {*sized, *feeds, *pages}
    assert len([row for row in rows if "command" in row]) == 2 * 4
    for row in rows:
        assert row["cpu"] > 0
        assert row["ratio"] > 0
        assert f"| {row.get('stage') or row['command']} " in done.stdout
    assert "Growth from 20 to 40" in done.stdout


@pytest.mark.slow
def test_a_cold_start_is_held_against_its_limit() -> None:
    """Each start is set beside its base, with the limit and whether it was kept."""
    done = bench("--quick", "--only", "startup", "--turns", "1")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if " x pass " in line or " x imports " in line]
    assert len(rows) == 4
    assert all(row.endswith(("| ok   |", "| OVER |", "| ok |")) for row in rows)


@pytest.mark.slow
@pytest.mark.skipif(not (SINK or os.environ.get("CI")), reason="Postfix's smtp-sink and smtp-source are not there")
def test_many_readers_are_set_beside_the_plain_way() -> None:
    """A run of a few readers, all of whom are sent their mail, tells what it cost and what the plain way would."""
    words = [sys.executable, ROOT / "bench" / "many.py", "20", "2", sys.executable]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["readers"] == 20
    assert told["plain"] > 0 < told["cpu"]
    assert told["ratio"] == pytest.approx(told["plain"] / told["cpu"])


@pytest.mark.slow
@pytest.mark.skipif(not (SINK or os.environ.get("CI")), reason="Postfix's smtp-sink and smtp-source are not there")
def test_sending_is_held_against_its_limits(tmp_path: Path) -> None:
    """A few mails of ours, smtplib and smtp-source give a row for each number of connections, with its limits."""
    done = bench("--quick", "--only", "sending", "--mails", "100", "--json", tmp_path / "rows")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert [row.get("connections") for row in rows] == [2, 4, None]
    *near, far = rows
    for row in near:
        assert row["count"] == 100
        assert row["cpu"] > row["freezing"] > 0
        assert row["rate"] > 0
    assert far["rate"] > far["plain"] > 0
    assert (
        sum(line.count("| ok ") + line.count("| OVER ") + line.count("| UNDER ") for line in done.stdout.splitlines())
        == 9
    )


@pytest.mark.slow
def test_every_format_with_samples_is_read_beside_its_peer(tmp_path: Path) -> None:
    """Each format that has samples has a row with its peer; those with a limit are judged, and memory is told twice."""
    done = bench("--quick", "--only", "formats", "--budget", "0", "--json", tmp_path / "rows")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    speeds, held = ([row for row in rows if row["section"] == section] for section in ("formats", "memory"))
    samples = {p.name for p in (ROOT / "tests" / "data" / "formats").iterdir() if p.is_dir()}
    assert {row["format"] for row in speeds} == {*samples, "arxiv_listing"}
    for row in speeds:
        assert row["count"] > 0
        assert row["cpu"] > 0
        assert row["ratio"] > 0
    limited = [row["format"] for row in speeds if row["limit"]]
    assert set(limited) == {"feed", "arxiv_api", "arxiv_listing", "kaggle"}
    speed, memory = done.stdout.split("Memory:")
    assert speed.count("| ok ") + speed.count("| UNDER ") == len(limited)
    assert memory.count("| ok ") + memory.count("| OVER ") == len(held) == 2


@pytest.mark.parametrize("name", WRITTEN)
def test_a_document_of_invented_papers_lists_them(name: str) -> None:
    """What is written in a format is read in it: ids, titles, abstracts and authors, and nothing is a problem."""
    data = b"".join(pieces(name, 60_000))
    found = list(parse(Document(origin="bench", open=lambda: BytesIO(data))))
    listings = [one for one in found if isinstance(one, Listing)]
    assert len(listings) == len(found) > 20
    for one, paper in zip(listings, many(200), strict=False):
        assert one.format == name
        assert one.ids["arxiv"] == paper.id
        assert (one.title, one.authors) == (paper.title, paper.authors)
        assert one.abstract == paper.abstract


def test_a_long_way_takes_its_time() -> None:
    """What goes through the delaying proxy comes back as it was, no sooner than after there and back, and what is sent
    at once comes at once.
    """
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        far(server.getsockname()[1]) as way,
        socket.create_connection(("127.0.0.1", way)) as client,
        server.accept()[0] as there,
    ):
        start = monotonic()
        client.sendall(b"x" * 500_000 + b"y")
        heard = b""
        while not heard.endswith(b"y"):
            heard += there.recv(65_536)
        there.sendall(heard[-3:])
        assert client.recv(10) == b"xxy"
        assert DELAY <= monotonic() - start < 20 * DELAY
        assert len(heard) == 500_001


def test_many_papers_are_as_many_papers() -> None:
    """Papers that come again differ from one another in id, title and abstract."""
    papers = list(many(6000))
    assert papers[:50] == list(invented(50))
    for told in ("id", "title", "abstract"):
        assert len({getattr(paper, told) for paper in papers[5000:]}) == 1000
        assert {getattr(paper, told) for paper in papers[:5000]}.isdisjoint(getattr(p, told) for p in papers[5000:])


def test_sizes_that_are_no_numbers_are_refused() -> None:
    """A list of sizes that cannot be read is a usage error that says how to write it."""
    done = bench("--sizes", "1000,many")
    assert done.returncode == 2
    assert "'1000,many' is no list of numbers" in done.stderr


def test_a_page_that_is_read_wrongly_gives_no_figure(tmp_path: Path) -> None:
    """Where fewer listings are found than were written, the figure would be of something else."""
    write(2, tmp_path)
    with pytest.raises(SystemExit, match="2 listings were found where 3 were written"):
        trial("parse hf_page", 3, tmp_path).work()


@pytest.mark.slow
def test_what_cannot_be_installed_is_measured_here(tmp_path: Path) -> None:
    """Without a fresh environment the figures are of this one, and say so."""
    installation = install(tmp_path / "nothing", tmp_path / "environment")
    assert installation.python == Path(sys.executable)
    assert "no fresh one could be installed" in installation.said


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    """A process that fails gives no figure."""
    with pytest.raises(subprocess.CalledProcessError):
        spend([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_a_process_is_told_by_its_time_and_memory(tmp_path: Path) -> None:
    """A child that holds 50 MB is told to have had them."""
    spent = spend([sys.executable, "-c", "held = b'x' * 50_000_000"], tmp_path)
    assert spent.cpu > 0
    assert spent.peak > 50


def test_more_work_takes_more_time() -> None:
    """A hundred times the work takes more time, whatever else the machine does."""
    once, often = timed(lambda: sum(range(10_000))), timed(lambda: sum(range(1_000_000)))
    assert often > once


def test_a_pair_is_the_ratio_of_the_two() -> None:
    """Work that does its baseline thirty times costs more than it."""
    pair = paired(lambda: [sum(range(50_000)) for _ in range(30)], lambda: sum(range(50_000)), budget=0.2)
    assert pair.ratio > 1
    assert pair.work > pair.baseline > 0
    assert pair.peak > 0


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_is_the_power_of_growth(power: float) -> None:
    """Times that grow by a power of the size give that power."""
    sizes = (10, 100, 1000)
    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_a_limit_is_kept_up_to_itself() -> None:
    """What equals its limit is ok, what is above is over."""
    assert [verdict(value, 1.05) for value in (1.0, 1.05, 1.06)] == ["ok", "ok", "OVER"]


def test_a_table_is_aligned() -> None:
    """Words stand to the left and figures to the right, in Markdown."""
    assert table(("stage", "n"), [("merge", "10"), ("x", "1,000")]).splitlines() == [
        "| stage |     n |",
        "| ----- | ----- |",
        "| merge |    10 |",
        "| x     | 1,000 |",
    ]
