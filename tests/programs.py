"""The programs that tests drive and that no `pip install` brings: found, or the test is skipped and says how to get
them.

Where `CI=true` is set nothing may be missing: there their absence fails the test.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PLACES = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
"""Servers stand in folders that not everybody looks into."""


def program(*names: str) -> str:
    """The path of the first of `names` that is there."""
    return next(filter(None, (shutil.which(name, path=PLACES) for name in names)), None) or missing(names[0])


def mail_programs() -> None:
    """Postfix and Dovecot are here, and may be started: by root alone, for they give their rights away."""
    for name in ("postfix", "dovecot"):
        program(name)
    for package in ("imap", "lmtp"):
        if not Path("/usr/lib/dovecot", package).exists():
            missing(f"dovecot-{package}d")
    if os.geteuid() != 0:
        pytest.skip("only root may start mail servers")


def missing(name: str) -> NoReturn:
    sentence = f"{name} is not on this machine: `make tools` gets it, or says how to"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
