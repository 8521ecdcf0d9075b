"""Reading secrets where the config says they are. No message of ours ever has one in it."""

import os
import shlex
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from digest.delivery.settings import Secret
from digest.errors import UsageError

PATIENCE = 30.0
"""Seconds that a command has to print a secret."""


def reveal(secret: Secret, patience: float = PATIENCE) -> str:
    """The secret itself: the first line of what is there, for password stores keep notes below it.

    Raises UsageError, saying where it was looked for.
    """
    place = _place(secret)
    if secret.kind == "command":
        told = _from_command(secret.where, patience)
    else:
        told = _from_environment(secret.where) if secret.kind == "env" else _from_file(secret.where)
    try:
        text = told.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{place}: the secret is not UTF-8") from None
    line = text.partition("\n")[0].rstrip("\r")
    if not line:
        raise UsageError(f"{place}: there is no secret, or its first line is empty")
    if "\0" in line:
        raise UsageError(f"{place}: the secret has a byte of zero in it, and is none")
    return line


def _place(secret: Secret) -> str:
    kinds = {"command": f"the command `{secret.where}`", "env": f"the environment variable {secret.where}"}
    return kinds.get(secret.kind, secret.where)


def _from_environment(name: str) -> bytes:
    if name not in os.environ:
        raise UsageError(f"the environment variable {name} is not set; the config takes a secret from it")
    return os.fsencode(os.environ[name])


def _from_file(where: str) -> bytes:
    path = Path(where)
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            raise UsageError(f"{path} can be read by others than its owner; chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the secret cannot be read: {error.strerror}") from None


def _from_command(line: str, patience: float) -> bytes:
    try:
        process = subprocess.Popen(
            shlex.split(line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError, IndexError) as error:
        what = getattr(error, "strerror", None) or error
        raise UsageError(f"the command `{line}`, which prints a secret, cannot be run: {what}") from None
    with process:
        try:
            told, said = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            # All that it started: a child that lives on would hold what we read from open.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise UsageError(f"the command `{line}` printed no secret in {patience:g} s") from None
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
        more = f": {last[0]}" if last else ""
        raise UsageError(f"the command `{line}`, which prints a secret, ended with {process.returncode}{more}")
    return told
