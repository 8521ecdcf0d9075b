"""Whole processes, as a person starts them: how fast `digest` is there, and what its commands cost over big pages."""

import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from figures import Start, Whole
from measuring import spend, surroundings

KEYWORDS = ("-k", "quantization:3", "-k", '"speech recognition"')
DAY = ("--day", "2026-05-26")

NOTHING = "pass"
IMPORTS = "import feedgen.feed, jinja2, yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Python that has `digest`."""

    python: Path
    said: str
    """How it was made, for the reader of the figures."""

    @property
    def digest(self) -> list[str | Path]:
        script = self.python.with_name("digest")
        return [script] if script.exists() else [self.python, "-m", "digest"]


def here() -> Installation:
    """This Python, as it is."""
    return Installation(python=Path(sys.executable), said="what is installed here")


def install(root: Path, folder: Path) -> Installation:
    """`digest` built from the checkout `root` and installed into a new environment in `folder`; where that
    cannot be done (it takes pip and perhaps a network), this Python.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    lock = root / "requirements.lock"
    versions = ["--constraint", str(lock)] if lock.exists() else []
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(python)]
    command = [*pip, "install", "--compile", *versions, str(root)]
    done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return Installation(
            python=Path(sys.executable), said=f"what is installed here: no fresh one could be installed ({why[0]})"
        )
    return Installation(python=python, said="a fresh environment with the wheel of this checkout, byte code compiled")


# ------------------------------------------------------------------------------------------------- start-up


def starts(installation: Installation, samples: Sequence[Path], pages: Sequence[Path], turns: int) -> list[Start]:
    """Each command and its base in turn, all of them `turns` times over; each of `pages` has 1,000 listings."""
    digest = installation.digest
    with TemporaryDirectory(prefix="bench-") as name:
        out = Path(name)
        run: list[str | Path] = [*KEYWORDS, *DAY, "--out", out]
        cases: list[tuple[str, list[str | Path], str, float]] = [
            ("--version", [*digest, "--version"], NOTHING, 3),
            ("--help", [*digest, "--help"], NOTHING, 3),
            (f"run, {len(samples)} sample files", [*digest, "run", *samples, *run], IMPORTS, 2),
            *((f"run, 1,000 listings, {page.stem}", [*digest, "run", page, *run], IMPORTS, 3.0) for page in pages),
        ]
        bases: dict[str, list[str | Path]] = {base: [installation.python, "-c", base] for base in (NOTHING, IMPORTS)}
        for _, command, base, _ in cases:  # byte code, templates and the file cache become warm
            spend(bases[base], out)
            spend(command, out)
        costs = [
            [(spend(bases[base], out), spend(command, out)) for _, command, base, _ in cases] for _ in range(turns)
        ]
    return [
        _start(name, base, limit, [(theirs.cpu, ours.cpu) for theirs, ours in column])
        for (name, _, base, limit), column in zip(cases, zip(*costs, strict=True), strict=True)
    ]


def _start(command: str, base: str, limit: float, pairs: Sequence[tuple[float, float]]) -> Start:
    ratios = [ours / theirs for theirs, ours in pairs]
    return Start(
        command=command,
        cpu=median(ours for _, ours in pairs),
        base=base,
        ratio=median(ratios),
        least=min(ratios),
        most=max(ratios),
        limit=limit,
    )


# ------------------------------------------------------------------------------------------------- commands

READ = (
    "import sys\nwith open(sys.argv[1], encoding='utf-8') as page:\n    print(sum(len(line.split()) for line in page))"
)


def wholes(installation: Installation, page: Path, count: int, budget: float) -> Iterator[Whole]:
    """The commands over `page` of `count` listings, each in turn with a Python that splits the page into words."""
    with TemporaryDirectory(prefix="bench-") as out:
        cases: dict[str, list[str | Path]] = {
            "parse --json": ["parse", page, "--json"],
            "papers --json": ["papers", page, "--json"],
            "rank --json": ["rank", page, *KEYWORDS, "--json"],
            "run": ["run", page, *KEYWORDS, *DAY, "--out", out],
        }
        for name, words in cases.items():
            pairs: list[tuple[float, float, float]] = []
            while not pairs or (sum(ours for _, ours, _ in pairs) < budget and len(pairs) < 5):
                theirs = spend([installation.python, "-c", READ, page], page.parent)
                ours = spend([*installation.digest, *words], page.parent)
                pairs.append((theirs.cpu, ours.cpu, ours.peak))
            yield Whole(
                command=name,
                count=count,
                cpu=median(ours for _, ours, _ in pairs),
                ratio=median(ours / theirs for theirs, ours, _ in pairs),
                peak=max(peak for _, _, peak in pairs),
            )
