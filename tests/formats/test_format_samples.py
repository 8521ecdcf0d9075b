"""Every sample gives what was read in it, by a person with the format's specification beside them.

`REWRITE_GOLDENS=1 pytest tests/formats/test_format_samples.py` rewrites the goldens; the difference is for you to read.
"""

import json
from pathlib import Path

import pytest
from formats_scene import MARKS, REAL, REWRITE, SAMPLES, golden, marked, read, samples, told

from digest.formats import FORMATS


@pytest.mark.parametrize("sample", samples(), ids=lambda p: str(p.relative_to(SAMPLES)))
def test_an_invented_sample_gives_its_golden(sample: Path) -> None:
    """The listings and problems of a sample are those beside it."""
    found = told(read(sample))
    if REWRITE:
        golden(sample).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(golden(sample).read_text(encoding="utf-8"))


@pytest.mark.parametrize("sample", samples(), ids=lambda p: str(p.relative_to(SAMPLES)))
def test_a_sample_is_recognised_as_the_format_of_its_folder(sample: Path) -> None:
    """What a sample is taken for is never left to its name."""
    formats = {known["source"]["format"] for known in told(read(sample)) if "source" in known}
    assert formats <= {sample.parent.name}


def test_every_golden_has_its_sample() -> None:
    """A golden that nothing is compared with proves nothing."""
    wanted = {golden(sample) for sample in samples()} | {MARKS}
    assert {p for p in SAMPLES.rglob("*.json") if p not in samples()} <= wanted


def test_every_folder_of_samples_is_a_format() -> None:
    """A folder is named as the format that its samples are of."""
    assert {p.name for p in SAMPLES.iterdir() if p.is_dir()} <= set(FORMATS)


def real() -> list[Path]:
    return sorted(p for p in REAL.rglob("*") if p.is_file()) if REAL.exists() else []


@pytest.mark.parametrize("sample", real(), ids=lambda p: str(p.relative_to(REAL)))
def test_a_real_sample_gives_what_was_read_in_it(sample: Path) -> None:
    """The facts of a real file, and the marks of its texts, are those that were noted."""
    name = str(sample.relative_to(REAL))
    noted = json.loads(MARKS.read_text(encoding="utf-8")) if MARKS.exists() else {}
    found = marked(read(sample))
    if REWRITE:
        lines = noted | {name: found}
        rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(lines.items())]
        MARKS.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    assert found == noted.get(name)
