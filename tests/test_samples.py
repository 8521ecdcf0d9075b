"""The samples that ship with the package, and the edition of them in feeds/sample/."""

import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT

from digest import cli
from digest.composing import compose
from digest.config import load
from digest.formats.pages import LAYOUTS
from digest.merging import merge
from digest.model import Digest, Listing, Paper
from digest.pipeline import read
from digest.ranking import rank
from digest.sources.files import fetch
from digest.text import fingerprint, fold

SAMPLES = ROOT / "digest" / "samples"
MADE = ROOT / "feeds" / "sample"
DAY = "2026-05-26"
REMAKE = (
    f"feeds/sample/ is not what the code makes of digest/samples/. If that is meant, make it anew, with a fresh "
    f"store: digest run --config digest/samples/digest.yaml --day {DAY} --out feeds --store /tmp/sample.db"
)

PAGES = {
    "monday-authors.txt": ("authors_abstract", 15),
    "monday-ids.txt": ("abstract_id", 10),
    "tuesday-daily.txt": ("hf_page", 14),
    "tuesday-dates.txt": ("abstract_id", 11),
}


@pytest.fixture(scope="module")
def listings() -> tuple[Listing, ...]:
    """What the sample config's sources list."""
    reading = read(fetch(load(SAMPLES / "digest.yaml").sources))
    assert reading.problems == ()
    return reading.listings


@pytest.fixture(scope="module")
def papers(listings) -> list[Paper]:
    return merge(listings)


@pytest.fixture(scope="module")
def edition(papers) -> Digest:
    (profile,) = load(SAMPLES / "digest.yaml").profiles
    return compose(rank(papers, profile), profile, date.fromisoformat(DAY))


# ---------------------------------------------------------------------------------------------- listings


def test_every_sample_listing_is_read(listings):
    """Each sample page is known by its layout and gives all of its listings, without a problem."""
    found = Counter((Path(x.position.file).name, x.format) for x in listings)
    assert found == {(name, layout): count for name, (layout, count) in PAGES.items()}
    assert all(x.abstract and 50 <= len(x.abstract.split()) <= 130 for x in listings)


def test_every_layout_has_a_sample(listings):
    """Every layout of pages is among the samples, and ids come both with dates and without."""
    assert {x.format for x in listings} == set(LAYOUTS)
    assert {x.created is None for x in listings if x.ids} == {True, False}


def test_the_samples_hold_the_traps_of_real_pages(listings):
    """The pages have what real ones have: cut lists, collaborations, an id glued to a digit, TeX, no metadata."""
    authors = {x.authors for x in listings}
    assert ("HALCYON Collaboration",) in authors
    assert {len(x.authors) for x in listings if x.authors_truncated} == {8}
    assert any(len(names) == 1 and " " in names[0] for names in authors)
    assert "arXiv:2605.990183D scans" in (SAMPLES / "monday-ids.txt").read_text()
    assert {x.author_count for x in listings if x.title and not x.published} == {None}
    assert {1, 11} <= {x.author_count for x in listings}
    texts = " ".join(x.abstract for x in listings)
    assert all(sign in texts for sign in (r"$\mathcal{O}(n \log n)$", r"Erd\H{o}s", "$l_2$-norm", r"\$5 "))


def test_dates_without_a_year_are_of_the_page_s_year(listings):
    """On the daily page the date that names last year puts the dates without a year into this one."""
    days = {x.published for x in listings if x.published}
    assert str(min(days)) == "2025-11-18"
    assert Counter(day.year for day in days)[2026] == len(days) - 1


# ------------------------------------------------------------------------------------------------ papers


def test_repeats_become_one_paper(listings, papers):
    """The 50 listings are of 40 papers: seven stand on several pages, one of them on all four."""
    assert (len(listings), len(papers)) == (50, 40)
    assert Counter(len(x.listings) for x in papers) == {1: 33, 2: 5, 3: 1, 4: 1}


def test_a_paper_on_all_pages_has_what_each_of_them_knows(papers):
    """The paper that stands on all four pages has authors, id, title and dates, none of which all pages tell."""
    (paper,) = (x for x in papers if len(x.listings) == len(PAGES))
    assert paper.id == "arxiv:2605.99104"
    told = {Path(x.position.file).stem: x for x in paper.listings}
    assert told["monday-authors"].authors == paper.authors
    assert (told["monday-authors"].ids, told["monday-authors"].title) == ({}, None)
    assert told["monday-ids"].ids == paper.ids == {"arxiv": "2605.99104"}
    assert (told["monday-ids"].authors, told["monday-ids"].created) == ((), None)
    assert told["tuesday-daily"].title == paper.title == paper.headline
    assert (told["tuesday-dates"].created, told["tuesday-dates"].updated) == (paper.created, paper.updated)
    assert all((paper.authors, paper.title, paper.abstract, paper.created, paper.updated, paper.published))


def test_the_sample_ids_are_of_no_real_paper(papers):
    """Sample ids are of April and May 2026 and from 99000 up, which no month of arXiv reaches."""
    assert all(re.fullmatch(r"260[45]\.99\d{3}", x.ids["arxiv"]) for x in papers if x.ids)
    assert len({x.ids["arxiv"] for x in papers if x.ids}) == sum(1 for x in papers if x.ids) == 20


def test_the_samples_are_invented(shared, papers):
    """No sample has the title or the abstract of one of several hundred real papers."""
    files = sorted((shared / "stream").glob("*.jsonl"))
    if not files:
        pytest.skip("the real papers, ../shared/stream, are not here")
    real = [json.loads(row) for file in files for row in file.read_text(encoding="utf-8").splitlines()]
    assert len(real) > 300
    assert {fold(x.title) for x in papers if x.title}.isdisjoint(fold(row["title"]) for row in real)
    assert {fingerprint(x.abstract) for x in papers}.isdisjoint(fingerprint(row["summary"]) for row in real)


# ----------------------------------------------------------------------------------------------- edition


def test_the_sample_edition_shows_every_fate_but_shown_before(edition):
    """The profile fills its edition in two sections; papers stay out for each reason that a first day can have."""
    tally = edition.tally
    assert [x.title for x in edition.sections] == ["Top matches", "More matches"]
    assert (tally.shown, tally.considered) == (12, 40)
    assert (tally.beyond_limit, tally.below_threshold, tally.unmatched, tally.muted) == (5, 5, 17, 1)


def test_the_sample_edition_shows_every_kind_of_reason(edition):
    """Among the reasons are title, abstract, comments and authors, and one that takes points away."""
    reasons = [reason for ranked in edition.ranked for reason in ranked.score.reasons]
    assert {reason.place for reason in reasons} == {"title", "abstract", "comments", "authors"}
    assert {reason.term for reason in reasons if reason.points < 0} == {"survey"}


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in the checkout", "from another folder"])
def test_the_made_sample_is_rebuilt_byte_for_byte(tmp_path, monkeypatch, elsewhere):
    """Running the sample config makes feeds/sample/ to the byte, wherever the samples lie and the command runs."""
    config = SAMPLES / "digest.yaml"
    if elsewhere:
        shutil.copytree(SAMPLES, tmp_path / "some folder")
        monkeypatch.chdir(tmp_path)
        config = Path("some folder") / "digest.yaml"
    out, store = tmp_path / "out", tmp_path / "sample.db"
    assert cli.main(["run", "--config", str(config), "--day", DAY, "--out", str(out), "--store", str(store)]) == 0
    built, made = contents(out / "sample"), contents(MADE)
    assert sorted(built) == sorted(made), REMAKE
    assert [name for name in built if built[name] != made[name]] == [], REMAKE


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {str(x.relative_to(folder)): x.read_bytes() for x in folder.rglob("*") if x.is_file()}
