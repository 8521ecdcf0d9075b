"""Files, folders and patterns as sources."""

import os
import threading
from pathlib import Path

from digest.model import Document, Problem
from digest.sources.files import fetch


def names(*wanted: Path | str) -> list[str]:
    return [x.origin if isinstance(x, Document) else str(x) for x in fetch(map(str, wanted))]


def test_a_file_is_a_document(tmp_path):
    """A file gives a document that opens anew each time and is called as it was named."""
    (tmp_path / "a.txt").write_bytes(b"one")
    (document,) = fetch([str(tmp_path / "a.txt")])
    assert isinstance(document, Document)
    assert document.origin == str(tmp_path / "a.txt")
    for _ in range(2):
        with document.open() as stream:
            assert stream.read() == b"one"


def test_folders_and_patterns_give_their_files_in_order(tmp_path):
    """A folder gives its visible files and a pattern what fits it, by name; a file named twice comes once."""
    for name in ("b.txt", "a.txt", ".hidden", "c.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.txt").write_text("x")
    at = [str(tmp_path / name) for name in ("a.txt", "b.txt", "c.md")]
    assert names(tmp_path) == at
    assert names(tmp_path / "*.txt") == at[:2]
    assert names(tmp_path / "**/*.txt") == [*at[:2], str(tmp_path / "deep" / "d.txt")]
    assert names(tmp_path / "b.txt", tmp_path, tmp_path / "./b.txt") == [at[1], at[0], at[2]]


def test_a_name_with_brackets_is_a_file_first(tmp_path):
    """A file whose name looks like a pattern is that file."""
    (tmp_path / "a[1].txt").write_text("x")
    assert names(tmp_path / "a[1].txt") == [str(tmp_path / "a[1].txt")]


def test_what_is_not_there_is_a_problem(tmp_path):
    """A missing file, an empty folder and a pattern without a file are each told, in their place."""
    (tmp_path / "empty").mkdir()
    found = list(fetch([str(tmp_path / "no.txt"), str(tmp_path / "empty"), str(tmp_path / "*.md")]))
    assert all(isinstance(x, Problem) for x in found)
    assert [str(x).rpartition(": ")[2] for x in found] == [
        "there is no such file",
        "is a folder without files",
        "no file fits this pattern",
    ]


def test_a_name_that_no_file_can_have_is_a_problem():
    """A name that the file system refuses is told, and stops nothing."""
    (problem,) = fetch(["x" * 5000])
    assert isinstance(problem, Problem)
    assert "cannot be read" in problem.what


def test_a_pipe_can_be_read_twice(tmp_path):
    """A pipe gives its bytes once; the document that it is gives them each time."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"We count.",))
    writer.start()
    (document,) = fetch([str(pipe)])
    assert isinstance(document, Document)
    for _ in range(2):
        with document.open() as stream:
            assert stream.read() == b"We count."
    writer.join()


def test_an_empty_name_is_a_problem_and_not_this_folder():
    """An empty name, as an unset variable of a shell gives, reads nothing."""
    assert [str(x) for x in fetch([""])] == [": an empty name is no file"]
