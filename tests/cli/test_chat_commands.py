"""Chats from the command line: told once, put off as they ask, and their address in nothing that is written (C04)."""

import json
import os
from pathlib import Path

import pytest
from mailservers.chats import Chat, chat, dripping, hanging_up, says
from posts import a_page_of, dump, run, today
from terminal import digest, tree

SECRET = "/services/T0AB/xoxb-4fQ9"
CONFIG = """\
sources: [page.txt]
profiles:
  lab:
    keywords: [quantization]
    webhooks: [{format: slack, url: {env: SLACK_URL}}]
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    (tmp_path / "digest.yaml").write_text(CONFIG)
    a_page_of(tmp_path, "2605.00001")
    return tmp_path


def told(folder: Path, one: Chat, *words: str, later: int = 0) -> tuple[int, str]:
    """The exit code and all that a command said, which has no part of the address in it."""
    done = digest(*words, cwd=folder, later=later, SLACK_URL=f"http://127.0.0.1:{one.port}{SECRET}")
    said = done.out + done.err
    for content in (said.encode(), *tree(folder).values()):
        assert b"xoxb" not in content
        assert b"T0AB" not in content
    return done.code, said


def test_a_chat_is_told_once(lab: Path) -> None:
    """A profile with a webhook needs no `mail:`; the chat is told by the run, and by no later call."""
    with chat(says(200, "ok")) as one:
        assert told(lab, one, "run")[0] == 0
        assert told(lab, one, "send") == (0, "lab: 1 accepted\n")
    [request] = one.requests
    assert b"2605.00001" in request
    assert json.loads(request.partition(b"\r\n\r\n")[2])["blocks"]


def test_a_chat_that_asks_for_patience(lab: Path) -> None:
    """Section 3, 429: with `Retry-After` the next call does not come back, and says when one will."""
    with chat(says(429, f"slow down {SECRET}", "Retry-After: 7200")) as one:
        assert "1 deferred" in told(lab, one, "run")[1]
        assert told(lab, one, "send") == (0, "lab: 1 deferred\n")
        assert "waits for" in told(lab, one, "send", "--dry-run")[1]
        listing = told(lab, one, "outbox")[1]
    assert len(one.requests) == 1
    assert "lab.slack  deferred, next try " in listing
    assert "HTTP 429: slow down …" in listing


def test_a_chat_that_hangs_up(lab: Path) -> None:
    """D06: a chat that hears all and hangs up is in doubt: code 4; the next edition has those papers too."""
    with chat(hanging_up) as one:
        code, said = told(lab, one, "run")
        assert (code, "1 in doubt" in said) == (4, True)
        assert told(lab, one, "send")[0] == 4
    assert len(one.requests) == 1
    a_page_of(lab, "2605.00002")
    with chat(says(200)) as one:
        told(lab, one, "run", later=1)
    assert [name in one.requests[0] for name in (b"2605.00001", b"2605.00002")] == [True, True]


def test_an_address_that_is_none(lab: Path) -> None:
    """An address that is none stops the run before anything is done, and is not repeated."""
    done = digest("run", cwd=lab, SLACK_URL=f"ftp://example.org{SECRET}")
    assert done.code == 2
    assert "the address of the webhook lab.slack must begin with https://" in done.err
    assert "xoxb" not in done.err
    assert set(tree(lab)) == {"digest.yaml", "page.txt"}


def test_a_dry_run_tells_no_chat(lab: Path) -> None:
    """D14: a dry run needs no secret and posts nothing."""
    assert "SLACK_URL" not in os.environ
    run(lab, "send", "--dry-run")
    with chat(dripping) as one:
        (lab / "digest.yaml").write_text(CONFIG.replace("    webhooks", "    # webhooks"))
        run(lab, "run")
        (lab / "digest.yaml").write_text(CONFIG)
        before = dump(lab / "digest.db")
        assert told(lab, one, "send", "--dry-run")[1] == f"lab {today()}: 1 paper, to 1 who has not been sent it\n"
        assert (one.connections, dump(lab / "digest.db")) == (0, before)
