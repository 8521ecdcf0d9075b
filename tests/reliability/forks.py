"""Runs `digest` commands in forks of a process that has imported everything: a kill then hits the work, not the start.

Reads jobs as JSON lines, and answers each with the exit code: -9 where it was killed.

    {"words": ["send"], "cwd": "/somewhere"}    and, where they are wanted:
    "kill": ["after", seconds]                  kill it then
            ["noted", file, lines]              kill it when the file has so many lines
            ["before", call, number]            kill it as it enters that system call for that time
    "trace": [file, call, call, ...]            write these system calls to the file
    "later": days                               do it so many days later
    "mutant": [module, name, value]             break it: let the module's `name` be this
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

from ahead import days_ahead

LOADED = (
    *("digest.cli.run", "digest.cli.send", "digest.app", "digest.config", "digest.pipeline", "digest.store.sqlite"),
    *("digest.sending.office", "digest.delivery.smtp", "digest.delivery.leaving", "digest.rendering.mail", "sqlite3"),
    *("digest.delivery.folder", "digest.formats.pages.abstract_id", "digest.formats.pages.authors_abstract", "atexit"),
    *("digest.formats.pages.hf_page", "digest.ranking.keywords", "ahocorasick_rs", "feedgen.feed", "feedgen.ext.dc"),
    *("digest.rendering.html", "digest.rendering.rss", "digest.rendering.atom", "digest.rendering.jsonfeed"),
    *("digest.rendering.everything", "digest.rendering.bibliography", "digest.rendering.commonmark", "css_inline"),
    *("digest.rendering.edition_json", "digest.rendering.edition_md", "digest.rendering.opml", "digest.rendering.txt"),
)

Job = dict[str, Any]


def work(job: Job) -> None:
    """The child: never returns."""
    os.chdir(job["cwd"])
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdin = open(os.devnull)  # noqa: SIM115  # for as long as the child lives
    if "mutant" in job:
        module, name, value = job["mutant"]
        assert hasattr(import_module(module), name)
        setattr(import_module(module), name, value)
    from digest.cli import main

    if watched(job):
        # Where only parents may trace (Yama), this lets any process of ours (prctl(2), PR_SET_PTRACER_ANY).
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)  # until strace is there
    with days_ahead(job.get("later", 0)):
        os._exit(main(job["words"]))


def watched(job: Job) -> list[str]:
    """The strace that the job wants; none where it wants none."""
    if "trace" in job:
        file, *calls = job["trace"]
        return ["strace", "-f", "-qq", "-o", file, "-e", f"trace={','.join(calls)}"]
    kind, *what = job.get("kill") or ["never"]
    if kind != "before":
        return []
    call, number = what
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    return ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject]


def attach(command: list[str], child: int) -> "subprocess.Popen[bytes]":
    """Let strace watch the child, which has stopped and goes on when strace is there."""
    os.waitpid(child, os.WUNTRACED)
    strace = subprocess.Popen([*command, "-p", str(child)], stdin=subprocess.DEVNULL)
    status = Path(f"/proc/{child}/status")
    while "\nTracerPid:\t0\n" in status.read_text() and strace.poll() is None:
        time.sleep(0.001)
    os.kill(child, signal.SIGCONT)
    return strace


def done(child: int, job: Job) -> int:
    """The exit code of the child, which is killed when it is time."""
    kind, *what = job.get("kill") or ["never"]
    began = time.perf_counter()
    while kind in ("after", "noted"):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.perf_counter() - began >= what[0] if kind == "after" else lines(what[0]) >= what[1]:
            os.kill(child, signal.SIGKILL)
            break
        time.sleep(0.0005)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def lines(file: str) -> int:
    return Path(file).read_bytes().count(b"\n")


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            work(job)
        command = watched(job)
        strace = attach(command, child) if command else None
        code = done(child, job)
        if strace:
            strace.wait()
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
