"""The commands as a person types them: what they print, and the code they end with."""

import json
from pathlib import Path

import pytest
from terminal import a_config, a_page, digest, tree

from digest import __version__
from digest.cli import COMMANDS

FEEDS = [name for feed in ("rss.xml", "atom.xml", "feed.json") for name in (feed, f"2026-05-26.{feed}")]
"""Each feed, and its page of the day."""


def test_help_lists_every_command(tmp_path: Path) -> None:
    """`digest --help` names every command, gives examples, and says what the exit codes mean."""
    done = digest("--help", cwd=tmp_path)
    assert done.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert "Exit codes" in done.out
    assert digest(cwd=tmp_path) == (2, done.out, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, tmp_path: Path) -> None:
    """`digest COMMAND --help` says what the command does and what each of its options is for."""
    done = digest(name, "--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: digest {name}")
    assert len(done.out.splitlines()) > 6


def test_the_version_is_printed(tmp_path: Path) -> None:
    """`digest --version` prints the version of the package."""
    assert digest("--version", cwd=tmp_path) == (0, f"digest {__version__}\n", "")


def test_parse_prints_an_object_a_listing(tmp_path: Path) -> None:
    """`digest parse --json` prints the keys of the contract, in file order, and unknown ones as null or empty."""
    a_page(tmp_path)
    done = digest("parse", "--json", "page.txt", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    one, two = map(json.loads, done.out.splitlines())
    assert one["source"] == {"file": "page.txt", "line": 1, "format": "abstract_id"}
    assert one["ids"] == {"arxiv": "2605.00001"}
    assert one["comments"] == "8 pages"
    assert two["source"]["line"] == 4
    unknown = {"version", "title", "author_count", "created", "updated", "published", "kind"}
    assert {key for key, value in two.items() if value is None} == {*unknown, "comments"}
    assert [two[key] for key in ("authors", "categories", "links", "metrics")] == [[], [], {}, {}]
    assert two["authors_truncated"] is False


def test_papers_are_printed_with_their_listings(tmp_path: Path) -> None:
    """`digest papers --json` prints each paper once, with its id and every place that lists it."""
    a_page(tmp_path)
    a_page(tmp_path, "again.txt")
    done = digest("papers", "--json", "page.txt", "again.txt", cwd=tmp_path)
    one, two = map(json.loads, done.out.splitlines())
    assert [one["id"], two["id"]] == ["arxiv:2605.00001", "arxiv:2605.00002"]
    assert one["listings"] == [
        {"file": "again.txt", "line": 1, "format": "abstract_id"},
        {"file": "page.txt", "line": 1, "format": "abstract_id"},
    ]
    assert "source" not in one
    told = digest("papers", "page.txt", "again.txt", cwd=tmp_path)
    assert told.out.endswith("4 listings, 2 papers\n")


def test_rank_prints_score_and_reasons(tmp_path: Path) -> None:
    """`digest rank --json` prints papers in order; the score is the sum of the points of its reasons."""
    a_page(tmp_path)
    done = digest("rank", "--json", "page.txt", "-k", "quantization:3", "-k", '"speech recognition"', cwd=tmp_path)
    one, two = map(json.loads, done.out.splitlines())
    assert (one["rank"], one["score"], one["paper"]["id"]) == (1, 1.5, "arxiv:2605.00001")
    assert one["reasons"] == [{"signal": "keyword", "term": "quantization", "place": "abstract", "points": 1.5}]
    assert (two["rank"], two["score"]) == (2, 0.5)
    assert len(digest("rank", "--json", "page.txt", "-k", "the", "--limit", "1", cwd=tmp_path).out.splitlines()) == 1


def test_what_is_muted_is_not_ranked(tmp_path: Path) -> None:
    """`--mute` leaves papers out, and `--author` finds people."""
    a_page(tmp_path, text="Ada Moreau, Keiko Mori\nWe count papers once and find that many are old.\n")
    found = digest("rank", "page.txt", "--author", "Mori, K.", cwd=tmp_path)
    assert '+3.0 "Mori, K." in authors' in found.out
    muted = digest("rank", "page.txt", "--author", "Mori, K.", "--mute", "papers", cwd=tmp_path)
    assert muted.out == "0 of 1 papers match\n"


def test_an_ad_hoc_run_publishes_and_remembers_nothing(tmp_path: Path) -> None:
    """`digest run FILE -k …` writes a site, the same bytes each time, and no memory beside it."""
    a_page(tmp_path)
    words = ("run", "page.txt", "-k", "quantization:3", "--day", "2026-05-26", "--out", "site")
    done = digest(*words, cwd=tmp_path)
    assert done.code == 0
    assert done.out.splitlines() == [
        "site/index.html",
        "site/digest/2026-05-26.html",
        "delivered: 2 listings in 1 file, 2 papers; digest 2026-05-26: 1 paper",
    ]
    first = tree(tmp_path)
    assert set(first) == {
        "page.txt",
        *(f"site/{name}" for name in ("index.html", "feeds.opml", "feed.css", *FEEDS)),
        *(f"site/digest/{name}" for name in ("index.html", "search-2026-05.json", *FEEDS)),
        *(f"site/digest/2026-05-26.{ending}" for ending in ("html", "txt", "md", "json", "bib", "ris")),
    }
    assert digest(*words, cwd=tmp_path, TZ="Pacific/Kiritimati").out == done.out
    assert tree(tmp_path) == first


def test_an_ad_hoc_run_remembers_where_it_is_told_to(tmp_path: Path) -> None:
    """With `--store` an ad-hoc run does not show on Wednesday what it showed on Tuesday."""
    a_page(tmp_path)
    words = ("run", "page.txt", "-k", "quantization:3", "--store", "memory.db", "--day")
    assert "1 paper\n" in digest(*words, "2026-05-26", cwd=tmp_path).out
    assert "quiet day (1 shown before)" in digest(*words, "2026-05-27", cwd=tmp_path).out


def test_the_daily_run_keeps_one_edition_a_day(tmp_path: Path) -> None:
    """A second run of a day gives the same edition and bytes; a paper is not shown on two days; the archive grows."""
    a_config(tmp_path)
    a_page(tmp_path)
    first = digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert first.code == 0
    assert "ana 2026-05-26: 2 papers" in first.out
    before = tree(tmp_path / "feeds")
    again = digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert "2 papers (made by an earlier run, kept as it is)" in again.out
    assert tree(tmp_path / "feeds") == before
    a_page(
        tmp_path,
        text="We weigh quantization once more and find it light, as others found before us.\narXiv:2605.00003\n",
    )
    nextday = digest("run", "--day", "2026-05-27", cwd=tmp_path)
    assert "ana 2026-05-27: 1 paper" in nextday.out
    after = tree(tmp_path / "feeds")
    assert after["ana/2026-05-26.html"] != b""
    assert b"2605.00003" in after["ana/2026-05-27.html"]
    assert b"2605.00001" not in after["ana/2026-05-27.html"]
    for feed in ("ana/rss.xml", "ana/atom.xml"):
        assert all(number in after[feed] for number in (b"2605.00001", b"2605.00002", b"2605.00003"))


def test_a_paper_that_came_after_the_edition_is_offered_next(tmp_path: Path) -> None:
    """What a later run of the same day reads is not lost: the next edition has it, though it is listed no more."""
    a_config(tmp_path)
    page = a_page(tmp_path)
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    late = "We weigh quantization once more and find it light, as others found before us.\narXiv:2605.00003\n"
    a_page(tmp_path, text=late)
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    page.write_text("We speak of other things entirely, and of none that anybody asked for.\narXiv:2605.00004\n")
    done = digest("run", "--day", "2026-05-27", cwd=tmp_path)
    assert "ana 2026-05-27: 1 paper" in done.out
    assert "2605.00003" in (tmp_path / "feeds/ana/2026-05-27.html").read_text()


def test_a_quiet_day_says_so_and_gives_way(tmp_path: Path) -> None:
    """A day without matches has a page that says why; a later run of that day may still fill it."""
    a_config(tmp_path)
    a_page(tmp_path, text="We speak of other things entirely, and of none that anybody asked for.\narXiv:2605.00004\n")
    done = digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert done.code == 0
    assert "ana 2026-05-26: quiet day" in done.out
    assert (tmp_path / "feeds/ana/2026-05-26.html").exists()
    a_page(tmp_path)
    assert "ana 2026-05-26: 2 papers" in digest("run", "--day", "2026-05-26", cwd=tmp_path).out


def test_init_writes_a_config_that_runs(tmp_path: Path) -> None:
    """`digest init` writes a digest.yaml which `digest run` takes, and leaves one that is there alone."""
    assert digest("init", cwd=tmp_path).code == 0
    a_page(tmp_path / "listings", days_ago=1)
    config = (tmp_path / "digest.yaml").read_text()
    assert "\n  - arxiv:" in config
    (tmp_path / "local.yaml").write_text(config.replace("  - arxiv:", "  # - arxiv:"))
    done = digest("run", "--config", "local.yaml", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "2 papers" in done.out
    mine = (tmp_path / "digest.yaml").read_bytes()
    refused = digest("init", cwd=tmp_path)
    assert refused.code == 2
    assert "was left alone" in refused.err
    assert (tmp_path / "digest.yaml").read_bytes() == mine


def test_the_default_day_is_the_profiles(tmp_path: Path) -> None:
    """Without `--day` the edition is of today in the profile's zone, not in the machine's."""
    from digest.clock import today

    zone = "Pacific/Kiritimati"
    a_config(tmp_path, f"    zone: {zone}\n")
    a_page(tmp_path)
    before = today(zone)
    done = digest("run", cwd=tmp_path, TZ="Pacific/Pago_Pago")
    assert any(f"ana {day}:" in done.out for day in (before, today(zone)))


def test_output_into_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    """`digest parse … | head -1` ends without a complaint."""
    import subprocess
    import sys

    a_page(tmp_path, text="We count one paper after the other until somebody stops us.\narXiv:2605.00001\n" * 20_000)
    command = f"'{sys.executable}' -m digest parse --json page.txt | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_standard_input_is_a_file(tmp_path: Path) -> None:
    """`cat page.txt | digest parse -` reads the page."""
    import subprocess
    import sys

    a_page(tmp_path)
    command = f"cat page.txt | '{sys.executable}' -m digest parse --json -"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 2, done.stderr


@pytest.mark.slow
def test_a_folder_that_was_emptied_is_filled_again(tmp_path: Path) -> None:
    """Every edition that the archive links to is there again, though only the newest are made each day."""
    import shutil

    a_config(tmp_path)
    for day in range(1, 13):
        text = f"We weigh quantization for the {day}th time and find it light, as others found before us.\n"
        a_page(tmp_path, text=f"{text}arXiv:2605.{day:05}\n")
        digest("run", "--day", f"2026-05-{day:02}", cwd=tmp_path)
    before = tree(tmp_path / "feeds")
    shutil.rmtree(tmp_path / "feeds")
    digest("run", "--day", "2026-05-12", cwd=tmp_path)
    after = tree(tmp_path / "feeds")
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} <= {"ana/2026-05-02.html"}
