"""The Nu HTML Checker, which is the reference for what a page may be, over the pages of all archives (F19)."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from torture import blocks, tools
from torture.archives import ALL
from torture.faults import Faults

pytestmark = pytest.mark.slow

PART = 400
"""So many archives are checked by one process: it takes seconds to become fast."""

RATIO = 4
"""Of so many archives those of one are checked, where not all are wanted."""

_OF_THE_TEXTS = (
    # What the checker says of the texts themselves: they are the source's, and a page tells them as they are.
    r"Document uses the Unicode Private Use Area",
    r"Text run starts with a composing character",
    r"The value of attribute “title” on element “link”.* starts with a composing character",
    r"Text run is not in Unicode Normalization Form C",
)
"""The warnings that are no fault, each for the reason given."""

_ALLOWED = re.compile("|".join(_OF_THE_TEXTS))


@pytest.mark.parametrize("start", range(0, ALL, PART))
def test_the_checker_finds_nothing_wrong_in_any_page(start, tmp_path, figure):
    """No page has an error, and none a warning but for characters that are the source's own."""
    checker = tools.vnu()
    faults, files = Faults(), 0
    step = 1 if blocks.WHOLE else RATIO
    for block in range(start, min(start + PART, ALL), blocks.SIZE):
        for one in blocks.archives(block, step):
            for page in blocks.pages(one, faults):
                (tmp_path / f"{one.number}-{page.path.replace('/', '-')}").write_bytes(page.content)
                files += 1
    for name, messages in checked(checker, tmp_path).items():
        faults.add(name, messages)
    faults.settle()
    figure("{count:,} pages checked by vnu", count=files)


def checked(checker: list[str], folder: Path) -> dict[str, list[str]]:
    """What the checker says of the pages in `folder`, by name."""
    options = ["--format", "json", "--also-check-css", "--no-langdetect", "--stdout", "--skip-non-html"]
    run = subprocess.run([*checker, *options, str(folder)], capture_output=True, text=True, check=False)
    assert run.stdout.startswith("{"), run.stderr[-1000:]
    found: dict[str, list[str]] = {}
    for message in json.loads(run.stdout)["messages"]:
        if message["type"] == "non-document-error" or not _ALLOWED.match(message["message"]):
            line = f"{message.get('subType') or message['type']}: {message['message']} {message.get('extract', '')!r}"
            found.setdefault(Path(message.get("url", "?")).name, []).append(line)
    return found


def test_the_checker_would_say_so(tmp_path):
    """A page with a fault of each kind that matters here is refused: the checker is really asked."""
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><html lang=en><title>x</title><style>a{colour:red}</style><p><a href='http://[x/'>x</a><li>y"
    )
    messages = " ".join(checked(tools.vnu(), tmp_path)["bad.html"])
    assert "href" in messages
    assert "colour" in messages
    assert "li" in messages
