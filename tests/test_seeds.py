"""The daily run over the real seed pages, as a subscriber sees it."""

import json
import subprocess
import sys

import feedparser
import pytest


@pytest.fixture(scope="module")
def site(shared, tmp_path_factory):
    """The site that a run over the seed pages publishes, made twice."""
    folder = tmp_path_factory.mktemp("site")
    files = sorted(map(str, (shared / "seeds").glob("*.txt")))
    keywords = ["-k", "quantization:3", "-k", '"speech recognition"']
    for out in ("first", "second"):
        words = ["run", *files, *keywords, "--day", "2026-05-26", "--out", str(folder / out)]
        subprocess.run([sys.executable, "-m", "digest", *words], check=True, capture_output=True)
    ranked = subprocess.run(
        [sys.executable, "-m", "digest", "rank", "--json", *files, *keywords], check=True, capture_output=True
    )
    return folder, [json.loads(line) for line in ranked.stdout.splitlines()]


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_feeds_hold_the_ranked_papers_in_order(site, name):
    """A feed reader takes both feeds without complaint and finds the papers in the order of the ranking."""
    folder, ranked = site
    feed = feedparser.parse((folder / "first" / "digest" / name).read_bytes())
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [one["paper"]["headline"] for one in ranked]
    stamps = [entry.updated_parsed if "updated_parsed" in entry else entry.published_parsed for entry in feed.entries]
    assert stamps == sorted(stamps, reverse=True)
    assert len({entry.id for entry in feed.entries}) == len(ranked) == 19


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_paper_on_three_pages_is_one_entry(site, name):
    """LieQ, whose authors, id and dates stand on three pages, is one entry that has them all."""
    folder, _ = site
    feed = feedparser.parse((folder / "first" / "digest" / name).read_bytes())
    (entry,) = [entry for entry in feed.entries if "LieQ" in entry.title]
    assert entry.id == entry.link == "https://arxiv.org/abs/2508.03332"
    names = [
        "He Xiao",
        "Qingyao Yang",
        "Dirui Xie",
        "Wendong Xu",
        "Wenyong Zhou",
        "Haobo Liu",
        "Zhengwu Liu",
        "Ngai Wong",
    ]
    text = entry.summary if name == "rss.xml" else entry.content[0].value
    assert ", ".join(names) in text
    assert "5 August 2025 · revised 6 August 2025" in text
    if name == "atom.xml":
        assert [author.name for author in entry.authors] == names


def test_two_runs_publish_the_same_bytes(site):
    """Run twice, into two folders, the site is the same to the byte."""
    folder, _ = site
    first, second = (
        {p.relative_to(folder / out): p.read_bytes() for p in (folder / out).rglob("*") if p.is_file()}
        for out in ("first", "second")
    )
    assert first == second
    assert len(first) == 23
