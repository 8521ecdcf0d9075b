"""Runs `digest` commands in forks of a process that has imported everything: a kill then hits the work, not the start.

Reads jobs as JSON lines, {"words": [...], "cwd": "...", "kill": seconds or null}, and answers each with the exit code:
-9 where it was killed.
"""

import json
import os
import signal
import sys
import time
from importlib import import_module

LOADED = (
    *("digest.cli.run", "digest.cli.send", "digest.app", "digest.config", "digest.pipeline", "digest.store.sqlite"),
    *("digest.sending.office", "digest.delivery.smtp", "digest.delivery.leaving", "digest.rendering.mail", "sqlite3"),
    *(
        "digest.formats.pages.abstract_id",
        "digest.rendering.html",
        "digest.rendering.rss",
        "feedgen.feed",
        "css_inline",
    ),
)


def work(words: list[str], cwd: str) -> None:
    """The child: never returns."""
    os.chdir(cwd)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdin = open(os.devnull)  # noqa: SIM115  # for as long as the child lives
    from digest.cli import main

    os._exit(main(words))


def done(child: int, kill: float | None) -> int:
    """The exit code of a child that is killed after so many seconds."""
    if kill is not None:
        until = time.perf_counter() + kill
        while time.perf_counter() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.0005)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            work(job["words"], job["cwd"])
        sys.stdout.write(f"{done(child, job['kill'])}\n")
        sys.stdout.flush()
