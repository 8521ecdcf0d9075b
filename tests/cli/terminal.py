"""Running the program as a person does: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HALF_PAGE = """\
We measure how reading lists change when repeated papers are counted once, and find that quantization matters.
8 pages
arXiv:2605.00001
We ask what speech recognition owes to the patience of those who listen, and answer that it owes them a lot.
arXiv:2605.00002
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


def digest(*words: str | Path, cwd: Path, **environment: str) -> Done:
    """Run `digest` with `words` in `cwd`; the environment is this one's with `environment` added."""
    done = subprocess.run(
        [sys.executable, "-m", "digest", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "TZ": "UTC", "PYTHONUNBUFFERED": "", **environment},
        capture_output=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def a_page(folder: Path, name: str = "page.txt", text: str = HALF_PAGE, days_ago: float = 0) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    if days_ago:
        at = path.stat().st_mtime - days_ago * 86_400
        os.utime(path, (at, at))
    return path


def a_config(folder: Path, more: str = "") -> Path:
    path = folder / "digest.yaml"
    path.write_text(
        "sources: [page.txt]\nprofiles:\n  ana:\n    keywords:\n      quantization: 3\n      speech recognition: 2\n"
        + more,
        encoding="utf-8",
    )
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
