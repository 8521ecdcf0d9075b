"""Every document is taken for what it is and for nothing else, whatever it is called, however it is encoded or packed,
and whatever lies beside it; what is no listing is refused whole.
"""

import io
import tarfile
import zipfile
from email.message import EmailMessage
from gzip import compress
from pathlib import Path
from typing import Any

import pytest
from builders import a_document
from formats_scene import told
from mixing import Mixed, documents

from digest.formats import parse, recognise
from digest.formats.head import head, wide_encoding
from digest.model import Problem
from digest.sources.files import fetch

DOCUMENTS = documents()
PLAIN = [one for one in DOCUMENTS if not one.packed]
TEXTS = [one for one in PLAIN if head(one.data).look == "text"]


def read(data: bytes, name: str = "page.txt") -> list[dict[str, Any]]:
    """What is told of a document, without the name of the file."""
    items = told(parse(a_document(data, name)))
    for item in items:
        item.get("source", {}).pop("file", None)
    return items


def names(one: Mixed) -> str:
    return one.name


@pytest.mark.parametrize("one", PLAIN, ids=names)
def test_a_document_is_taken_for_its_own_format_only(one: Mixed) -> None:
    """One format is surest of it, and it is the right one."""
    assert [found.NAME for found in recognise(head(one.data))] == [one.format]


@pytest.mark.parametrize("one", DOCUMENTS, ids=names)
def test_a_name_does_not_matter(one: Mixed) -> None:
    """A document called as any other format's would be is read as it is."""
    wanted = read(one.data)
    for name in ("x", "x.bib", "x.xml", "x.json", "x.eml", "x.zip", "x.md"):
        assert read(one.data, name) == wanted


@pytest.mark.parametrize("one", PLAIN, ids=names)
def test_marks_and_line_ends_do_not_matter(one: Mixed) -> None:
    """A byte order mark before it, and the line ends of another system."""
    if wide_encoding(one.data):
        pytest.skip("its mark and its line ends are those of UTF-16")
    wanted = read(one.data)
    assert read(b"\xef\xbb\xbf" + one.data.removeprefix(b"\xef\xbb\xbf")) == wanted
    if b"\r" not in one.data:
        assert read(one.data.replace(b"\n", b"\r\n")) == wanted


@pytest.mark.parametrize("one", TEXTS, ids=names)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_of_a_text_does_not_matter(one: Mixed, encoding: str) -> None:
    """UTF-16 with its mark or by its look; Latin-1 as Windows has it, where it can be written so."""
    try:
        text = one.data.decode("utf-8-sig")
        data = text.encode(encoding)
    except UnicodeError:
        pytest.skip("it cannot be written so")
    if encoding != "utf-16" and encoding != "cp1252" and sum(map(str.isascii, text)) < len(text) * 0.8:
        pytest.skip("a text that is not mostly Latin needs its mark")
    assert read(data) == read(one.data)


@pytest.mark.parametrize("one", PLAIN, ids=names)
def test_packing_does_not_matter(one: Mixed) -> None:
    """Compressed, in an archive, and attached to a mail, alone or in a mailbox."""
    wanted = read(one.data)
    assert read(compress(one.data)) == wanted
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("folder/any name", one.data)
    assert read(archive.getvalue()) == wanted
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("any name")
        member.size = len(one.data)
        tar.addfile(member, io.BytesIO(one.data))
    assert read(archive.getvalue()) == wanted
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "papers"
    message["Date"] = "Fri, 1 May 2026 10:00:00 +0000"
    message.add_attachment(one.data, maintype="application", subtype="octet-stream", filename="papers")
    mail = message.as_bytes()
    assert read(mail) == wanted
    assert read(b"From a@example.org Fri May  1 10:00:00 2026\n" + mail + b"\n") == wanted


def test_a_folder_of_everything_gives_what_each_gives_alone(tmp_path: Path) -> None:
    """What lies beside a document changes nothing."""
    wanted = []
    for number, one in enumerate(DOCUMENTS):
        path = tmp_path / f"{number:04}"
        path.write_bytes(one.data)
        wanted += read(one.data, str(path))
    found = [item for document in fetch([str(tmp_path)]) for item in told(parse(document))]  # type: ignore[arg-type]  # all are documents
    for item in found:
        item.get("source", {}).pop("file", None)
    assert found == wanted


def test_a_doubt_names_both() -> None:
    """Where two formats are as sure nothing is read, and the way to say which is told."""
    by_name = {one.format: one.data for one in reversed(DOCUMENTS)}
    (problem,) = parse(a_document(by_name["benty_fields"] + b"\n\n" + by_name["arxiv_page"]))
    assert isinstance(problem, Problem)
    assert problem.what == "may be arxiv_page or benty_fields: say which with --format"


ORDINARY = {
    "a README": "# counter\n\n[![build](https://img.example.org/b.svg)](https://example.org)\n\n"
    "Counts papers.\n\n## Install\n\n"
    "```\npip install counter\n```\n\n## Features\n\n- fast\n- small\n- exact\n\n## Use\n\n"
    "Run `counter FILE`. It prints a number.\n\n"
    "It implements [Moreau et al.](https://arxiv.org/abs/2605.00001).\n\n## License\n\nMIT\n",
    "a newsletter": "Dear readers,\n\nthis month we moved into a new building, and the library is open again.\n\n"
    "* The canteen opens at 11.\n* The lifts work.\n"
    "* See https://example.org/news for photographs.\n\nYours,\nThe Editors\n",
    "Python": "import os\n\n\nclass Paper:\n    '''One.'''\n\n    def title(self):\n"
    "        # see https://arxiv.org/abs/2605.00001\n"
    "        return os.environ['TITLE']\n",
    "C": "#include <stdio.h>\n\n/* Title: none\n * Authors: nobody */\nint main(void) {\n"
    "    printf(\"hello\\n\");\n    return 0;\n}\n",
    "JavaScript": "const papers = [];\nfunction add(paper) {\n"
    "  papers.push({ title: paper.title, authors: [] });\n}\nexport { add };\n",
    "Rust": "use std::fs;\n\n#[derive(Debug)]\nstruct Paper {\n    title: String,\n}\n\n"
    "fn main() {\n    println!(\"{:?}\", fs::read(\"x\"));\n}\n",
    "shell": "#!/bin/sh\nset -e\nfor f in *.txt; do\n  echo \"$f\" | wc -l\ndone\n",
    "a log": "2026-05-01 10:00:01 INFO server: started on :8080\n"
    "2026-05-01 10:00:02 WARN server: slow request /abs/2605.00001\n"
    "2026-05-01 10:00:03 ERROR db: connection lost\n" * 20,
    "a CSV of prices": "date,open,close,volume\n2026-05-01,10.5,11.0,1000\n2026-05-02,11.0,10.8,900\n",
    "a LaTeX paper": "\\documentclass{article}\n\\title{Counting}\n\\author{Ada Moreau}\n"
    "\\begin{document}\n\\maketitle\n"
    "\\begin{abstract}\nWe count.\n\\end{abstract}\nLists are long \\cite{moreau}.\n\\end{document}\n",
    "a JSON config": '{"name": "counter", "version": "1.0.0", "scripts": {"test": "pytest"}, "private": true}\n',
    "a YAML config": "name: counter\nversion: 1\nsteps:\n  - run: make\n  - run: make test\n",
    "a home page": "<!DOCTYPE html>\n<html><head><title>Ada Moreau</title></head><body><h1>Ada Moreau</h1>"
    "<p>I count things. <a href='https://example.org/cv.html'>CV</a></p></body></html>\n",
    "a table of numbers": "| Model | Score |\n|---|---|\n| a | 0.1 |\n| b | 0.2 |\n",
    "minutes": "# Minutes of 1 May 2026\n\n1. The minutes are approved.\n2. The roof leaks.\n"
    "3. Ada will call somebody.\n",
    "a poem": "The list is long,\nthe night is short,\nand what is read\nis soon forgot.\n",
    "a to-do list": "- [ ] buy milk\n- [x] call the plumber\n- [ ] read something good\n",
    "a changelog": "# Changelog\n\n## 1.2.0 - 2026-05-01\n\n### Added\n\n- A flag (#12)\n"
    "- Another ([#13](https://github.com/a/b/pull/13))\n",
    "an XML config": '<?xml version="1.0"?>\n'
    '<project><modelVersion>4.0.0</modelVersion><artifactId>counter</artifactId></project>\n',
    "SQL": "CREATE TABLE papers (id TEXT PRIMARY KEY, title TEXT);\nINSERT INTO papers VALUES ('1', 'x');\n",
}  # fmt: skip


@pytest.mark.parametrize("what", ORDINARY)
def test_an_ordinary_document_is_refused_whole(what: str) -> None:
    """One problem, at its first line, that says how to see what is read; nothing is half read."""
    items = list(parse(a_document(ORDINARY[what])))
    assert len(items) == 1, items
    assert isinstance(items[0], Problem)
    assert "no listing that is known here" in items[0].what
    assert items[0].line == 1
