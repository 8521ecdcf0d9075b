"""A run that is asked to stop finishes what is on its way, keeps the rest, and says that all is well (O03)."""

import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import ahead
import kills
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PATIENCE = 30.0
"""Seconds that it may take."""


@contextmanager
def begun(scene: kills.Scene) -> "Iterator[subprocess.Popen[bytes]]":
    """The work of the scene, when it has sent five messages and is about others, and its server is slow."""
    scene.fresh()
    command = ahead.command(scene.later, *scene.words)
    with scene.slow_server(1.0):
        running = subprocess.Popen(command, cwd=scene.work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        while len(scene.noted()) < 5:
            assert running.poll() is None
            time.sleep(0.01)
        yield running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("kind", ["send", "run"])
def test_stopped(kind: str, number: signal.Signals, tmp_path: Path) -> None:
    """O03: asked to stop, it waits for the answers to what it has sent, sends nothing else, leaves nothing in doubt and
    ends with 0, well within 30 seconds; the next run has the rest.
    """
    figures = kills.Figures()
    with kills.scene(tmp_path, kind) as scene:
        with begun(scene) as running:
            asked, before = time.monotonic(), len(scene.noted())
            running.send_signal(number)
            told, _ = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, told
        assert time.monotonic() - asked < 10
        sent = scene.noted()
        assert before <= len(sent) <= before + 4, "what was on its way on two connections, and no more"
        accepted = {f"<{message_id}>" for _, _, message_id in scene.rows("state = 'accepted' AND message_id <> ''")}
        assert {one["id"] for one in sent} <= accepted
        assert scene.rows("state IN ('claimed', 'dot sent', 'in doubt')") == []
        assert len(scene.rows("state = 'rendered'")) == kills.READERS - len(sent)
        kills.aftermath(scene, figures)
    assert (figures.faults, figures.duplicates, figures.doubts) == ({}, 0, 0)


def test_killed_after_it_was_asked(tmp_path: Path) -> None:
    """O03: who loses patience and kills it has lost nothing."""
    figures = kills.Figures()
    with kills.scene(tmp_path, "send") as scene:
        with begun(scene) as running:
            running.terminate()
            time.sleep(0.05)
            running.kill()
            running.communicate()
        assert running.returncode == -signal.SIGKILL
        kills.aftermath(scene, figures)
    assert (figures.faults, figures.duplicates) == ({}, 0)
    assert 1 <= figures.doubts <= 2


def test_asked_twice(tmp_path: Path) -> None:
    """Who asks a second time is obeyed at once, and has lost nothing either."""
    figures = kills.Figures()
    with kills.scene(tmp_path, "send") as scene:
        with begun(scene) as running:
            running.terminate()
            time.sleep(0.1)
            running.terminate()
            running.communicate(timeout=5)
        assert running.returncode == -signal.SIGTERM
        kills.aftermath(scene, figures)
    assert (figures.faults, figures.duplicates) == ({}, 0)
