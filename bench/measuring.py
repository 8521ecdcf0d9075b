"""How time and memory are told on a machine that is busy with other things.

Times are CPU seconds: how long others kept the processor does not count. But a shared processor is itself faster
now and slower then, so two things are compared by running them in turn (A B A B) and taking the median of the ratios.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
"""Where programs are looked for: Debian keeps servers where not everybody searches."""

_LEAST = 0.03
"""Seconds that a single measurement lasts at least: what is faster is repeated within it."""


class Pair(NamedTuple):
    """A piece of work and its baseline, run in turn: the medians of their CPU seconds and of the ratios."""

    work: float
    baseline: float
    ratio: float
    peak: float
    """The greatest resident size of the process after the first run of the work, in MB."""
    rise: float
    """By how much that run raised it."""


class Spent(NamedTuple):
    """What a whole process cost: CPU seconds, its children's among them, and its greatest resident size in MB."""

    cpu: float
    peak: float


# ------------------------------------------------------------------------------------- inside a process


def paired(work: Callable[[], object], baseline: Callable[[], object], budget: float, most: int = 15) -> Pair:
    """`work` and `baseline` in turn until `budget` CPU seconds are spent, at most `most` times.

    The first turn only warms up, unless it spends the budget by itself.
    """
    before = peak()
    first = timed(work)
    after = peak()
    pairs = [(first, timed(baseline))]
    spent = sum(pairs[0])
    if spent < budget:
        times = [max(1, round(_LEAST / max(cpu, 1e-6))) for cpu in pairs.pop()]
        while not pairs or (spent < budget and len(pairs) < most):
            pairs.append((timed(work, times[0]), timed(baseline, times[1])))
            spent += sum(cpu * count for cpu, count in zip(pairs[-1], times, strict=True))
    return Pair(
        work=median(ours for ours, _ in pairs),
        baseline=median(theirs for _, theirs in pairs),
        ratio=median(ours / theirs for ours, theirs in pairs),
        peak=after,
        rise=after - before,
    )


def timed(work: Callable[[], object], times: int = 1) -> float:
    """The CPU seconds that one of `times` calls takes."""
    start = process_time()
    for _ in range(times):
        work()
    return (process_time() - start) / times


def peak() -> float:
    """The greatest resident size that this process has had, in MB."""
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def resident() -> float:
    """The resident size of this process now, in MB; where nobody tells, the greatest that it has had."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return peak()


def _megabytes(maxrss: int) -> float:
    return maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


# --------------------------------------------------------------------------------------- whole processes


def spend(command: Sequence[str | Path], folder: Path) -> Spent:
    """Run `command` in `folder`, its output thrown away. Raises CalledProcessError where it fails."""
    process = subprocess.Popen(command, cwd=folder, env=surroundings(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Spent(usage.ru_utime + usage.ru_stime, _megabytes(usage.ru_maxrss))


def surroundings() -> Mapping[str, str]:
    """The environment without what changes how Python starts: byte code is kept, and no other path is searched."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
