"""What stands in fences in the documents: each block with its language, and what was said just before it."""

import re
from pathlib import Path
from typing import NamedTuple

from conftest import ROOT


class Block(NamedTuple):
    place: str
    """`docs/serving.md:98`, the line of its fence."""
    language: str
    before: str
    """The paragraph above it."""
    text: str


def blocks() -> list[Block]:
    """Those of all documents."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [one for page in pages for one in _of(page)]


def _of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        above = text[: fence.start()]
        place = f"{page.relative_to(ROOT)}:{above.count(chr(10)) + 1}"
        found.append(Block(place, fence[1], above.rstrip().rpartition("\n\n")[2], fence[2]))
    return found


def units() -> dict[str, str]:
    """The systemd units by name: the paragraph above each says where it is put."""
    found = {}
    for one in blocks():
        if one.language == "ini":
            (name,) = re.findall(r"`/etc/systemd/system/([\w.-]+)`", one.before)
            found[name] = one.text
    return found


def workflow() -> str:
    """The workflow of GitHub Actions."""
    (found,) = (one.text for one in blocks() if one.language == "yaml" and "runs-on:" in one.text)
    return found
