"""The figures that tests say: summed over all of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, figures

KILLS = "{kills:,} kills, {doubts} in doubt ({doubts/kills:.1%})"


def test_sums_and_quotients() -> None:
    """Lines that are the same but for their numbers are one, with the sums; what is no figure is not said."""
    told = [("figure", (KILLS, {"kills": 900, "doubts": 4})), ("figure", (KILLS, {"kills": 100, "doubts": 16}))]
    assert figures([*told, ("xml", "x"), ("figure", ("10 days without a fault", {}))]) == [
        "10 days without a fault",
        "1,000 kills, 20 in doubt (2.0%)",
    ]
    assert figures([("figure", (KILLS, {"kills": 0, "doubts": 0}))]) == ["0 kills, 0 in doubt (0.0%)"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_said_at_the_end(workers: str, tmp_path: Path) -> None:
    """They are printed at the end of a run, also where its tests ran in several processes, and where one failed."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('number', range(4))\n"
        "def test_it(number, figure):\n"
        "    figure('{cells} cells, {faults} faults', cells=1, faults=number == 3)\n"
        "    assert number < 3\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, tmp_path, "--rootdir", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "4 cells, 1 faults" in done.stdout.splitlines(), done.stdout + done.stderr
