"""Samples of the XML formats, broken in every way: no exception, no hang, nothing passed over in silence."""

import random
import time
from pathlib import Path

import pytest
from builders import a_document
from formats_scene import SAMPLES, samples

from digest.formats import parse

XML = [
    p
    for p in samples()
    if p.suffix not in (".html", ".md") and p.read_bytes().lstrip(b"\xef\xbb\xbf\xff\xfe \n")[:1] == b"<"
]
MUTANTS = 60


def mutant(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """`data` with some bytes flipped, cut, doubled, or a stretch of another sample put into it."""
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        begin, end = sorted(chance.randrange(len(other) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0:
                data = data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :]
            case 1:
                data = data[:at] + data[min(to, at + 200) :]
            case 2:
                data = data[: max(at, 1)]
            case 3:
                data = data[:to] + data[at:to] + data[to:]
            case 4:
                data = data[:at] + other[begin : min(end, begin + 500)] + data[at:]
            case _:
                data = data.replace(
                    chance.choice([b"<", b">", b"&", b'"', b"/", b"\n"]), chance.choice([b"", b"<", b"&#0;"]), 3
                )
    return data[:300_000]


@pytest.mark.parametrize("sample", XML, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_a_broken_sample_is_answered(sample: Path) -> None:
    """Listings or problems come of any bytes, within a second."""
    chance = random.Random(sample.name)
    whole = sample.read_bytes()
    for number in range(MUTANTS):
        data = mutant(chance, whole, chance.choice(XML).read_bytes())
        begin = time.process_time()
        found = list(parse(a_document(data)))
        assert time.process_time() - begin < 1, (number, data)
        assert found or not data.strip(), (number, data)


@pytest.mark.parametrize("sample", XML, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_a_sample_cut_anywhere_gives_whole_records(sample: Path) -> None:
    """Every record of a half-written file is one of the whole file's; the break is told."""
    whole = sample.read_bytes()
    known = [repr(x) for x in parse(a_document(whole))]
    for cut in range(1, len(whole), max(len(whole) // 40, 1)):
        found = [repr(x) for x in parse(a_document(whole[:cut]))]
        assert all(x in known or "Problem" in x for x in found), cut
        assert found
