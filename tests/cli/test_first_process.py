"""In a container `digest` is the first process, which the kernel protects from signals that it does not handle."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import a_config

UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


@pytest.fixture
def apart() -> list[str]:
    """What makes a command the first process of its own; the test is skipped where that is not allowed."""
    try:
        subprocess.run([*UNSHARE, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nobody may make a process the first of its own here")
    return UNSHARE


def test_the_first_process_ends_when_it_is_told_to(apart: list[str], tmp_path: Path) -> None:
    """SIGTERM ends it also while there is nothing to be finished: here it waits for the page that it reads."""
    a_config(tmp_path)
    program = (
        "import os, sys, digest.cli, digest.cli.run as run\n"
        "run.execute = lambda args: print(os.getpid(), flush=True) or sys.stdin.read()\n"
        "sys.argv = ['digest', 'run']\n"
        "sys.exit(digest.cli.main())\n"
    )
    with subprocess.Popen(
        [*apart, sys.executable, "-c", program], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout
        assert running.stdout.readline() == b"1\n"
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text(encoding="ascii").split()
        subprocess.run(["kill", "-TERM", *children], check=True)
        assert running.wait(20) == 128 + signal.SIGTERM
