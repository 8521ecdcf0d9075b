"""Reading secrets where the config says they are. No message of ours ever has one in it (RELIABILITY C04)."""

import os
import shlex
import stat
import subprocess
from pathlib import Path

from digest.delivery.settings import Secret
from digest.errors import UsageError

PATIENCE = 30.0
"""Seconds that a command has to print a secret."""


def reveal(secret: Secret) -> str:
    """The secret itself, without the line break at its end. Raises UsageError, saying where it was looked for."""
    told = {"env": _from_environment, "file": _from_file, "command": _from_command}[secret.kind](secret.where)
    told = told.rstrip("\r\n")
    if not told:
        raise UsageError(f"the secret in {_place(secret)} is empty")
    return told


def _place(secret: Secret) -> str:
    if secret.kind == "command":
        return f"the command `{secret.where}`"
    return f"{'the variable ' if secret.kind == 'env' else ''}{secret.where}"


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise UsageError(f"the environment variable {name} is not set; the config takes a secret from it")
    return os.environ[name]


def _from_file(where: str) -> str:
    path = Path(where)
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            raise UsageError(f"{path} can be read by others than its owner; chmod 600 {path}")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: the secret cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: the secret is not UTF-8") from None


def _from_command(line: str) -> str:
    try:
        words = shlex.split(line)
        done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
    except (OSError, ValueError, IndexError) as error:
        raise UsageError(f"the command `{line}`, which prints a secret, cannot be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"the command `{line}` printed no secret in {PATIENCE:g} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        more = f": {said[-1]}" if said else ""
        raise UsageError(f"the command `{line}`, which prints a secret, ended with {done.returncode}{more}")
    return done.stdout.decode("utf-8", "replace")
