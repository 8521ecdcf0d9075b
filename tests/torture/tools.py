"""The programs that look at what was made, as `programs` finds them."""

import os
from pathlib import Path

from conftest import ROOT
from programs import missing, program

PACKAGES = ROOT.resolve() / "build" / "npm" / "node_modules"


def chromium() -> str:
    return program("chromium", "chromium-browser", "google-chrome")


def newsboat() -> str:
    return program("newsboat")


def vnu() -> list[str]:
    """The command that checks pages: the Nu HTML Checker, which W3C runs as validator.w3.org/nu."""
    jar = _package("vnu-jar/build/dist/vnu.jar")
    # Deep pages need a deep stack (its documentation says so), and short runs no second compiler.
    return [program("java"), "-Xss8m", "-XX:+UseSerialGC", "-jar", str(jar)]


def axe() -> str:
    """The script that finds what keeps people out of a page."""
    return _package("axe-core/axe.min.js").read_text(encoding="utf-8")


def _package(path: str) -> Path:
    folders = [PACKAGES, *map(Path, filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)))]
    found = next((folder / path for folder in folders if (folder / path).is_file()), None)
    return found or missing(path.partition("/")[0])
