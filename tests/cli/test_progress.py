"""The progress bar: what a person sees of long work, and nobody else."""

from contextlib import redirect_stderr
from io import StringIO

from digest.cli.progress import Bar, watching


def test_long_work_is_drawn_and_wiped_away():
    """Every item comes through in its order; how far the work has come is drawn, and gone when it ends."""
    screen = StringIO()
    assert list(Bar(screen, patience=0).track(range(200), "merging", 200)) == list(range(200))
    told = screen.getvalue()
    assert told.startswith("\r\x1b[Kmerging   ━━━━━━━╌")
    assert "64 of 200" in told
    assert told.endswith("\r\x1b[K")


def test_work_without_a_known_end_is_counted():
    """Where nobody knows how much there is, the number so far is drawn."""
    screen = StringIO()
    list(Bar(screen, patience=0).track(iter(range(100)), "reading"))
    assert "reading   64" in screen.getvalue()
    assert " of " not in screen.getvalue()


def test_short_work_is_not_drawn():
    """Work that is over before anybody wonders leaves the screen alone."""
    screen = StringIO()
    assert len(list(Bar(screen, patience=60).track(range(1000), "ranking", 1000))) == 1000
    assert screen.getvalue() == ""


def test_nobody_watches_a_file():
    """Where standard error is no terminal there is no bar."""
    with redirect_stderr(StringIO()):
        assert watching() is None
