"""The daily run as a function: what its stages hand on, and the one line that sums it up."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from builders import a_document, a_listing, a_profile

from digest.errors import SourceError, StorageError
from digest.merging import merge
from digest.model import Document, Problem, Site
from digest.pipeline import Task, choosing, composed, gathered, keep, listed, read, run, verdict
from digest.store import open_store

PAGE = (
    "We measure how reading lists change when repeated papers are counted once, and find that quantization matters.\n"
    "arXiv:2605.00001\n"
)
DAY = date(2026, 5, 26)


def a_task(out: Path, **known) -> Task:
    profile = a_profile(keywords={"quantization": 3}, **known)
    return Task(site=Site(), profiles=[profile], days={profile.name: DAY}, out=out, fresh=lambda: "f0e1")


def test_a_format_that_fails_is_a_problem_of_its_document():
    """Whatever a format raises becomes a problem that names the document; the others are read."""

    def explode():
        raise RuntimeError("no such planet")

    broken = Document(origin="broken.txt", open=explode)
    reading = read([broken, a_document(PAGE)])
    assert len(reading.listings) == 1
    assert [str(p) for p in reading.problems] == [
        "broken.txt: the reader of this format failed: RuntimeError: no such planet"
    ]


def test_every_document_is_counted():
    """Documents in = documents read + problems of sources; the reading keeps their order."""
    reading = read([a_document(PAGE, "a"), Problem("b", None, "there is no such file"), a_document(PAGE, "c")])
    assert reading.documents == 3
    assert [x.position.file for x in reading.listings] == ["a", "c"]


def test_an_unknown_format_is_the_callers_mistake():
    """A format that does not exist is no problem of the document but an error of its own."""
    from digest.errors import UsageError

    with pytest.raises(UsageError):
        list(listed(a_document(PAGE), "nosuch"))


def test_a_run_without_memory_is_pure_but_for_its_folder(tmp_path):
    """Two runs over the same documents publish the same bytes, and the report says what was done."""
    first = run([a_document(PAGE)], a_task(tmp_path / "a"), None)
    second = run([a_document(PAGE)], a_task(tmp_path / "b"), None)
    assert first.editions == second.editions
    for path in (tmp_path / "a").rglob("*.*ml"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    assert first.exit_code == 0
    assert {receipt.outcome for receipt in first.receipts} == {"delivered"}
    assert {r.outcome for r in run([a_document(PAGE)], a_task(tmp_path / "a"), None).receipts} == {"unchanged"}


def test_many_profiles_are_summed_up(tmp_path):
    """Where a run is of more than 20 profiles, its line has numbers in place of names."""
    some = [a_profile(f"p{number}", keywords={"quantization": 3}) for number in range(20)]
    others = [a_profile(f"q{number}", keywords={"knots": 3}) for number in range(2)]
    task = Task(site=Site(), profiles=some, days={one.name: DAY for one in some}, out=tmp_path, fresh=lambda: "")
    assert verdict(run([a_document(PAGE)], task, None)).count("2026-05-26") == 20
    many = replace(task, profiles=[*some, *others], days={one.name: DAY for one in [*some, *others]})
    assert verdict(run([a_document(PAGE)], many, None)) == (
        "delivered: 1 listing in 1 file, 1 paper; 22 profiles: 20 papers in 20 editions, 2 without papers"
    )
    with open_store(tmp_path / "digest.db") as store:
        run([a_document(PAGE)], many, store)
        again = verdict(run([a_document(PAGE)], many, store))
    assert again.endswith("20 papers in 20 editions, 2 without papers, 20 made by an earlier run")


def test_the_verdict_says_what_became_of_everything(tmp_path):
    """The verdict counts listings, files and papers, and for each profile what was shown and what was left."""
    report = run([a_document(PAGE)], a_task(tmp_path), None)
    assert verdict(report) == "delivered: 1 listing in 1 file, 1 paper; ana 2026-05-26: 1 paper"
    quiet = run([a_document(PAGE)], a_task(tmp_path, threshold=9.0), None)
    assert (
        verdict(quiet)
        == "all filtered: 1 listing in 1 file, 1 paper; ana 2026-05-26: all filtered (1 below the threshold)"
    )
    failed = run([a_document("")], a_task(tmp_path), None)
    assert verdict(failed) == "source failed: 0 listings in 1 file, 0 papers; ana 2026-05-26: source failed; 1 problem"
    assert failed.exit_code == 3


def test_problems_reach_the_edition():
    """An edition carries the problems of its run, so that its page can tell them."""
    problem = Problem("b.txt", None, "there is no such file")
    profile = a_profile(keywords={"reading": 1})
    choice = choosing(merge([a_listing(arxiv="2605.00001")]), [profile], {profile.name: DAY}, None)(profile)
    edition = keep(composed(choice, profile, DAY, None, [problem]), profile, None)
    assert edition.digest.problems == (problem,)
    assert edition.issued.isoformat() == "2026-05-26T00:00:00+00:00"


def test_a_folder_that_cannot_be_written_stops_the_run(tmp_path):
    """Where the output folder is a file the run raises and the file stays."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StorageError):
        run([a_document(PAGE)], a_task(tmp_path / "out"), None)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_source_that_fails_stops_no_other():
    """Promise 7: whatever a source raises becomes a problem of its name, in its place; a store that fails stops all."""

    def broken():
        yield a_document(PAGE, "a")
        raise RuntimeError("no such planet")

    def unreachable():
        raise SourceError("example.org was not found")

    sources = [("one", broken), ("two", unreachable), ("three", lambda: [a_document(PAGE, "c")])]
    assert [x.origin if isinstance(x, Document) else str(x) for x in gathered(sources)] == [
        "a",
        "one: the source failed: RuntimeError: no such planet",
        "two: example.org was not found",
        "c",
    ]

    def full():
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        list(gathered([("one", full), ("two", broken)]))


def test_what_moves_in_its_document_has_no_line():
    """A feed lists the same tomorrow, some lines further down: what it says is known again without its line."""
    at = a_document(PAGE, "feed")
    moved = Document(origin="feed", open=a_document("\n\n" + PAGE, "feed").open, moving=True)
    one, two = (read([document]).listings[0] for document in (replace(at, moving=True), moved))
    assert one == two
    assert str(one.position) == "feed"
    assert str(read([at]).listings[0].position) == "feed:1"
    problem = read([Document(origin="feed", open=a_document("x\n").open, moving=True)]).problems[0]
    assert problem.line == 1
