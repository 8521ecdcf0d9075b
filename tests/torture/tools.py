"""The programs that tests drive and that no `pip install` brings: found, or the test is skipped and says how to get
them.

Where `CI=true` is set nothing may be missing: there their absence fails the test.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from conftest import ROOT

PACKAGES = ROOT.resolve() / "build" / "npm" / "node_modules"


def chromium() -> str:
    return _program("chromium", "chromium-browser", "google-chrome")


def newsboat() -> str:
    return _program("newsboat")


def vnu() -> list[str]:
    """The command that checks pages: the Nu HTML Checker, which W3C runs as validator.w3.org/nu."""
    jar = _package("vnu-jar/build/dist/vnu.jar")
    # Deep pages need a deep stack (its documentation says so), and short runs no second compiler.
    return [_program("java"), "-Xss8m", "-XX:+UseSerialGC", "-jar", str(jar)]


def axe() -> str:
    """The script that finds what keeps people out of a page."""
    return _package("axe-core/axe.min.js").read_text(encoding="utf-8")


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    return found or _missing(names[0])


def _package(path: str) -> Path:
    folders = [PACKAGES, *map(Path, filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)))]
    found = next((folder / path for folder in folders if (folder / path).is_file()), None)
    return found or _missing(path.partition("/")[0])


def _missing(name: str) -> NoReturn:
    sentence = f"{name} is not on this machine: `make tools` gets it"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
