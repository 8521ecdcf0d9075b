"""Whatever kills a run, nobody gets a mail twice, nobody loses a paper, and the next run goes on by itself (M1, M2).

`make test` has 200 kills at random moments and one before every fifth system call that changes something; `make
torture` has 10,000 and every call. The figures are printed: `pytest -s tests/reliability/test_kills.py`.
"""

import os
import random
import shutil
import sys
from pathlib import Path

import kills
import pytest

TORTURE = os.environ.get("TORTURE") == "all"
SEED = int(os.environ.get("SEED", "20261124"))
BATCHES = 400 if TORTURE else 8
KILLS = 25

pytestmark = pytest.mark.slow


def hold(figures: kills.Figures, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")
    assert (figures.duplicates, figures.lost, figures.damaged, figures.unfinished) == (0, 0, 0, 0), figures
    # Done, or done with something in doubt to look at.
    assert set(figures.exits) <= {0, 4}, figures


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.timeout(900)
def test_killed_at_any_moment(batch: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """D05, promises 2, 3 and 6: a kill at a random moment costs nobody anything."""
    figures, chance = kills.Figures(), random.Random(SEED + batch)
    with kills.scene(tmp_path) as scene:
        longest = kills.duration(scene)
        for _ in range(KILLS):
            kills.killed_at(scene, chance.uniform(0.0, longest))
            kills.aftermath(scene, figures)
    hold(figures, capsys)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
@pytest.mark.parametrize("call", kills.CALLS)
@pytest.mark.timeout(900)
def test_killed_before_a_call(call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """S08: a kill right before a write, a sync, a rename or a send costs nobody anything."""
    figures = kills.Figures()
    with kills.scene(tmp_path) as scene:
        count = kills.calls(scene)[call]
        for number in range(1, count + 1, 1 if TORTURE else 5):
            assert kills.killed_before(scene, call, number), f"{call} {number} of {count} did not happen"
            kills.aftermath(scene, figures)
    hold(figures, capsys)
