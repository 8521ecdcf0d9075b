"""Broken documents of every format: no exception, no hang, nothing passed over in silence.

2,000 of them by the suite, 100,000 by `TORTURE=all`.
"""

import os
import random
import re
import sys
import time
from collections.abc import Callable

import pytest
from builders import a_document
from mixing import documents
from pages import Invented, invented

from digest.formats import parse
from digest.model import Listing, Problem

RUNS = 20
QUICK = 4
"""So many of the runs are quick tests."""
EACH = 5_000 if os.environ.get("TORTURE") == "all" else 100
LARGEST = 300_000
"""Bytes; what is no larger is read in a second."""

DOCUMENTS = [one.data for one in documents()]
ODD = [
    b"\x00", b"\r", b"\n\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[0m", "\u202e".encode(), b"]]>", b"<!--", b"-->",
    b"&#0;", b"\\", b"{", b"}", b'"', b"$", b"|", b"\n---\n", b"\n```\n", b"\n\\\\\n", b"\narXiv:2605.00001\n",
    b"\n1. ", b"\nTY  - ", b"\n@article{", b"<a", b"%",
]  # fmt: skip


def broken(chance: random.Random) -> bytes:
    """A document with one to four things done to it."""
    data = chance.choice(DOCUMENTS)
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        data = chance.choice(WAYS)(data, chance)[:LARGEST]
    return data


def flipped(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randrange(1, 30) if found else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def cut(data: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(data) + 1) if chance.random() < 0.5 else 0
    return data[begin : chance.randrange(begin, len(data) + 1)]


def without_a_part(data: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(data) + 1)
    return data[:begin] + data[begin + chance.randrange(200) :]


def spliced(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(DOCUMENTS)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]


def repeated(data: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(data) + 1)
    end = chance.randrange(begin, min(len(data), begin + 2000) + 1)
    return data[:end] + data[begin:end] * chance.choice((1, 2, 10, 100)) + data[end:]


def with_something_odd(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(ODD) * chance.choice((1, 1, 2, 50)) + data[at:]
    return data


def with_a_long_line(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    piece = chance.choice(
        (
            *ODD,
            b"a",
            b"a ",
            b"[",
            b"(",
            b"<",
            b"*",
            b"a, ",
            b"and ",
            b"[a](",
            b"{\\",
            b"A. B, ",
            b"1. ",
            b"http://",
            b"#",
        )
    )
    return data[:at] + piece * (chance.randrange(1000, 250_000) // len(piece)) + data[at:]


def nested(data: bytes, chance: random.Random) -> bytes:
    opened, closed = chance.choice(
        ((b"{", b"}"), (b"[", b"]"), (b"<a>", b"</a>"), (b"(", b")"), (b"> ", b""), (b"  - x\n", b""))
    )
    count = chance.choice((10, 1000, 20_000))
    at = chance.randrange(len(data) + 1)
    return data[:at] + opened * count + data[at : at + 100] + closed * count + data[at:]


def recoded(data: bytes, chance: random.Random) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "shift-jis", "utf-8-sig"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def with_lines_moved(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    for _ in range(chance.randrange(1, 8)):
        lines.insert(chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines))))
    return b"\n".join(lines)


WAYS: list[Callable[[bytes, random.Random], bytes]] = [
    *(flipped, flipped, cut, without_a_part, spliced, spliced, repeated, with_something_odd, with_something_odd),
    *(with_a_long_line, nested, recoded, with_lines_moved),
]


SAYS_IT_IS_EMPTY = b"No updates for this time period"
"""A list of arXiv's without an entry has this: it is no problem, whatever stands around it."""


@pytest.mark.parametrize(
    "seed", [seed if seed < QUICK else pytest.param(seed, marks=pytest.mark.slow) for seed in range(RUNS)]
)
def test_broken_documents_are_answered_in_time(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """No exception whatever the bytes are, at least one item each, and none takes more than a second."""
    chance = random.Random(seed)
    listings = problems = 0
    worst = 0.0
    for number in range(EACH):
        data = broken(chance)
        begun = time.process_time()
        items = list(parse(a_document(data)))
        took = time.process_time() - begun
        assert items or SAYS_IT_IS_EMPTY in data, (seed, number)
        assert took < 3, (seed, number, len(data), took)
        for item in items:
            assert item.what if isinstance(item, Problem) else item.title or item.abstract or item.comments or item.ids
        worst = max(worst, took)
        listings += sum(isinstance(item, Listing) for item in items)
        problems += sum(isinstance(item, Problem) for item in items)
    if seed == 0:
        with capsys.disabled():
            sys.stdout.write(
                f"\n{EACH:,} broken documents: {listings:,} listings, {problems:,} problems, worst {worst:.2f} s\n"
            )


SLOW = {
    "comments in an entry": b"@article{\n" + b"%" * 100_000 + b"\n",
    "a quote that is not closed": b'{"a": "' + b'\\"' * 100_000,
    "blank lines after an object": b'{"a": {"b": 1}' + b"\n" * 100_000,
    "tags in a tag of HTML": b'<html><meta name="citation_title" content="x"><' + b"[a](" * 8_000 + b"<a" * 40_000,
    "tags in a tag of XML": b"<feed><entry><title>x</title></entry>" + b"<a" * 100_000,
    "entries in entries": b"<html><div id='dlpage'><h2>Authors and titles for March 2026</h2>"
    + b'<dl id="articles"><dt><a href="/abs/2603.00001">arXiv:2603.00001</a> <a href="/pdf/2603.00001">pdf</a>' * 700,
    "words in the place of a link": b"%0 Journal Article\n%T Counting\n%U " + b"A. B, " * 40_000,
    "a name as long as a page": b'<a class="docsum-title" href="/1/">x</a><i class="docsum-authors">'.join(
        (b"<html><body>", b"a " * 50_000 + b"</i></body></html>")
    ),
    "subjects without a code": b'<html><body><dl id="articles"><dt><a href="/abs/2605.00001">arXiv:2605.00001</a>'
    b'</dt><dd><div class="meta"><div class="list-title">Title: x</div><div class="list-subjects">' + b"a" * 100_000
    + b"</div></div></dd></dl></body></html>",
}  # fmt: skip


@pytest.mark.parametrize("what", SLOW)
def test_what_is_long_takes_no_longer_than_its_length(what: str) -> None:
    """Each of these took seconds once, or hours: what was tried again from each of its signs."""
    begun = time.process_time()
    assert list(parse(a_document(SLOW[what])))
    assert time.process_time() - begun < 3


# ------------------------------------------------------------------------------------------ in = parsed + reported


def _listing(papers: list[Invented]) -> str:
    return "".join(
        f"\\\\\narXiv:{p.id}\nDate: Fri, 1 May 2026 10:00:00 GMT   (9kb)\n\nTitle: {p.title}\n"
        f"Authors: {', '.join(p.authors)}\n"
        f"Categories: cs.DL\n\\\\\n  {p.abstract}\n\\\\ ( https://arxiv.org/abs/{p.id} ,  9kb)\n{'-' * 78}\n"
        for p in papers
    )


def _benty(papers: list[Invented]) -> str:
    return "Papers for Friday 1 May 2026\n" + "".join(
        f"{n}.\n{p.title}\n{', '.join(p.authors)}\nShow abstract\n|\nShow figures\n|\nShow BibTeX\n"
        f"|\n{p.id}v1\n{p.abstract}\nVote\n"
        for n, p in enumerate(papers, 1)
    )


def _arxiv_page(papers: list[Invented]) -> str:
    return "".join(
        f"[{n}] arXiv:{p.id} [pdf, html, other]\nTitle: {p.title}\n{', '.join(p.authors)}\n"
        f"Subjects: Lists (cs.DL)\n\n{p.abstract}\n\n"
        for n, p in enumerate(papers, 1)
    )


def _pubmed(papers: list[Invented]) -> str:
    return "".join(
        f"{n}. J Lists. 2026 May 1;1:1.\n\n{p.title}.\n\nMoreau A.\n\n{p.abstract}\n\nPMID: {10000000 + n}\n\n\n"
        for n, p in enumerate(papers, 1)
    )


def _reading_list(papers: list[Invented]) -> str:
    return "".join(f"- [{p.title}](https://arxiv.org/abs/{p.id}) — {', '.join(p.authors)}\n" for p in papers)


def _table(papers: list[Invented]) -> str:
    return "| Title | Authors | Link |\n|---|---|---|\n" + "".join(
        f"| {p.title} | {', '.join(p.authors)} | [x](https://arxiv.org/abs/{p.id}) |\n" for p in papers
    )


def _daily(papers: list[Invented]) -> str:
    return "".join(
        f"### [{p.title}](https://arxiv.org/abs/{p.id})\n*{', '.join(p.authors)}*\n\nAbstract: {p.abstract}\n\n"
        for p in papers
    )


WRITERS: dict[str, tuple[Callable[[list[Invented]], str], str]] = {
    "arxiv_listing": (_listing, r"\\\\|-----|arXiv:"),
    "benty_fields": (_benty, r"\d+\.$|Show|\||.*v1$|Vote|Papers for"),
    "arxiv_page": (_arxiv_page, r"\[\d+\] arXiv:"),
    "pubmed_text": (_pubmed, r"\d+\. J|PMID|$"),
    "reading_list": (_reading_list, r"(?!)"),
    "markdown_table": (_table, r"\| Title|\|--"),
    "daily_markdown": (_daily, r"(?!)"),
}
"""By format: pages of many papers, and the lines that part them."""


def damaged(text: str, parting: str, chance: random.Random) -> str:
    """`text` with letters exchanged, anywhere but in the lines that part its records, and in links."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if not re.match(parting, line) and line:
            pieces = re.split(r"(\]\(.*?\))", line)
            pieces[::2] = [_exchanged(piece, chance) for piece in pieces[::2]]
            lines[at] = "".join(pieces)
    return "\n".join(lines)


def _exchanged(text: str, chance: random.Random) -> str:
    return "".join(chance.choice("xqzjk") if c.isalpha() and chance.random() < 0.05 else c for c in text)


@pytest.mark.parametrize("format", WRITERS)
def test_all_that_is_in_is_parsed_or_reported(format: str) -> None:
    """A clean page gives each of its papers; damage that leaves alone what parts them loses none without a word."""
    write, parting = WRITERS[format]
    for seed in range(20):
        papers = list(invented(12, seed=seed + 1))
        text = write(papers)
        clean = list(parse(a_document(text)))
        assert [item.ids.get("arxiv") or item.ids["pmid"] for item in clean if isinstance(item, Listing)] == [
            (str(10000000 + n) if format == "pubmed_text" else paper.id) for n, paper in enumerate(papers, 1)
        ]
        assert {item.format for item in clean if isinstance(item, Listing)} == {format}
        assert len(clean) == len(papers)
        assert len(list(parse(a_document(damaged(text, parting, random.Random(seed))), format))) == len(papers)
