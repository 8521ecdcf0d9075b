"""What all exports share: whatever becomes of a file, it is answered, in time, and its parts stay apart."""

import random
from time import process_time

import pytest
from builders import a_document
from formats_scene import SAMPLES, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.formats import FORMATS, parse
from digest.model import Listing, Problem

EXPORTS = ("bibtex", "ris", "wos", "medline", "endnote", "csv")
MINE = {name: [p.read_bytes() for p in samples() if p.parent.name == name] for name in EXPORTS}
OTHERS = [p.read_bytes() for p in samples() if p.parent.name not in EXPORTS]
SIGNS = [
    b"{",
    b"}",
    b'"',
    b"@",
    b"=",
    b",",
    b"#",
    b"%",
    b"\\",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"  - ",
    b"\n\n",
    b"ER  -",
    b"\t",
]

STRETCHES = [b"@a{", b"% @a{a, ", b"{}", b'"{', b"a ", b" ", b"$", b"$x", b"\\'", b"<", b"<a "]


def read(content: bytes, format: str | None = None) -> tuple[list[Listing], list[Problem]]:
    items = list(parse(a_document(content), format))
    return [x for x in items if isinstance(x, Listing)], [x for x in items if isinstance(x, Problem)]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A file that something happened to: bytes changed, lost, put in, doubled; cut; spliced with another's."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        to = min(at + chance.choice((1, 1, 5, 80, 1000)), len(data))
        match chance.randrange(6):
            case 0:
                data[at:to] = bytes(chance.randrange(256) for _ in range(min(to - at, 8)))
            case 1:
                del data[at:to]
            case 2:
                data[at:at] = chance.choice(SIGNS) * chance.choice((1, 1, 2, 30))
            case 3:
                data[at:at] = data[at:to]
            case 4:
                del data[at:]
            case _:
                other = chance.choice(OTHERS or [b"x"])
                begin = chance.randrange(len(other) + 1)
                data[at:at] = other[begin : begin + 2000]
    return bytes(data)


@pytest.mark.parametrize("format", EXPORTS)
def test_broken_files_are_answered(format: str) -> None:
    """No exception, no silence, nothing that hangs; lines are lines of the file."""
    chance = random.Random(f"exports {format}")
    for _ in range(400):
        content = mutated(chance.choice(MINE[format]), chance)
        lines = content.count(b"\n") + content.count(b"\r") + 1
        begun = process_time()
        for name in (None, format):
            listings, problems = read(content, name)
            assert listings or problems
            assert all(x.title or x.abstract or x.ids for x in listings)
            assert all(1 <= x.position.line <= lines for x in listings)
            assert all(x.line is None or 1 <= x.line <= lines for x in problems)
        assert process_time() - begun < 1


@settings(max_examples=100)
@given(st.binary(max_size=600), st.sampled_from(EXPORTS))
def test_any_bytes_are_answered(content: bytes, format: str) -> None:
    """Also where the format is named, and wrong."""
    listings, problems = read(content, format)
    assert listings or problems


@pytest.mark.parametrize("format", EXPORTS)
@pytest.mark.parametrize(
    "monster",
    [
        *(sign * (290_000 // len(sign)) for sign in (*SIGNS, *STRETCHES)),
        b"@a{a, b = " * 29_000,
        b"@comment{" * 32_000,
        b"\n@comment{" * 29_000,
        b"@string{a = a # a}\n" * 15_000,
        b"\n@a{b, c = {" * 24_000,
        b"TY  - JOUR\n" * 26_000,
        b"AU  - x\n" * 36_000,
        b"PMID- 1\n" * 36_000,
        b"\n\nPMC - PMC1\n" * 24_000,
        b"PT J\nAU x\n" * 29_000,
        b"%0 a\n%T x\n" * 29_000,
        b"Title,Authors,Year\n" + b'"x\n' * 90_000,
        b"Title,Authors,Year\n" + b'"x""\n,"' * 40_000,
        b"Title,Authors,Year\n" + b"x,y,2020\n" * 10_000,
        b"Title,Authors,Year\n" + b"x;" * 140_000,
        b"Title,Authors,Year\nx,y,2020\n" + b"," * 280_000,
        b"Title," * 48_000,
        b"@a{a, author = {" + b"x and " * 48_000 + b"y}}",
        b"@a{a, title = {" + b"\\ensuremath{" * 20_000 + b"}" * 20_000 + b"}}",
        b"@a{a, title = {" + b"\\textbf{" * 30_000 + b"}" * 30_000 + b"}}",
        b"@a{a, title = {" + b"$" * 250_000 + b"}}",
        b"@a{a, title = {" + b"{" * 140_000 + b"}" * 140_000 + b"}}",
        b"@a{a, author = {" + b"{" * 140_000 + b"}" * 140_000 + b"}}",
        b"@a{a, month = {" + b"may-" * 70_000 + b"}, year = 2020, title = {x}}",
        b"@a{a, keywords = {" + b"a," * 140_000 + b"}, title = {x}}",
        b"TY  - JOUR\nTI  - x\nKW  - " + b"a;" * 140_000 + b"\nER  - \n",
        b"TY  - JOUR\nTI  - x\nDA  - " + b"2020-" * 50_000 + b"\nER  - \n",
        b"TY  - JOUR\nTI  - x\nUR  - " + b"http://x.org/a " * 19_000 + b"\nER  - \n",
        b"TY  - JOUR\nTI  - x\nSN  - " + b"1234-5678 " * 28_000 + b"\nER  - \n",
    ],
    ids=lambda data: data[:24].decode("latin-1"),
)  # fmt: skip
def test_no_pattern_takes_its_time(format: str, monster: bytes) -> None:
    """What is repeated without end, and begins what never ends, is read in less than a second."""
    begun = process_time()
    listings, problems = read(monster, format)
    assert process_time() - begun < 1
    assert listings or problems


@pytest.mark.parametrize("format", EXPORTS)
def test_the_example_is_recognised_and_read(format: str) -> None:
    """What `digest formats NAME` shows is of that format, and whole."""
    listings, problems = read(FORMATS[format].EXAMPLE.lstrip("\n").encode())
    assert problems == []
    assert {x.format for x in listings} == {format}


@pytest.mark.parametrize("format", EXPORTS)
def test_listings_are_not_held(format: str) -> None:
    """The first listing comes before much of the document was read."""
    import io

    content = max(MINE[format], key=len)
    read_so_far = 0

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what RawIOBase is given
            nonlocal read_so_far
            data = (b"\n\n" + content)[: len(buffer)]
            buffer[: len(data)] = data
            read_so_far += len(data)
            return len(data)

    from digest.model import Document

    items = FORMATS[format].parse(Document(origin="endless", open=lambda: io.BufferedReader(Endless())))
    for _ in range(300):
        next(items)
    assert read_so_far < 3_000_000


def test_every_export_has_samples() -> None:
    """A format without a sample is not broken here."""
    assert all(MINE.values()), SAMPLES
