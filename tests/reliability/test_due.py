"""`digest run --due`: what is due is made, published and sent once, however often it is called (T05, D15)."""

import json
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from installations import Installation, installed
from recorded import NOTHING, a_feed
from replaying import Replay

from digest import clock
from digest.app import PAUSE
from digest.errors import TryAgain
from digest.store import open_store
from digest.store.safety import alone

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
CONFIG = """\
sources: [page.txt]
mail:
  from: digest@example.org
  maildir: mails
profiles:
  lab:
    keywords: [quantization]
    zone: Europe/Berlin
    recipients: [ana@example.org]
    schedule: {schedule}
"""


class Scene:
    """An installation whose only source says something else each day, and its clock."""

    def __init__(self, here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = here
        self.now = datetime(2026, 5, 25, 4, tzinfo=UTC)  # a Monday, 6:00 in Berlin
        monkeypatch.chdir(here.folder)
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def schedule(self, text: str) -> "Scene":
        (self.here.folder / "digest.yaml").write_text(CONFIG.format(schedule=text), encoding="utf-8")
        return self

    def lists(self, *papers: int) -> None:
        """The source lists these papers and no others."""
        text = "".join(f"We study quantization in the {n} way, and find it.\narXiv:2605.{n:05}\n" for n in papers)
        (self.here.folder / "page.txt").write_text(text or "There is nothing.\narXiv:2605.99999\n", encoding="utf-8")

    def due(self, day: int = 25, hour: int = 6, minute: int = 0) -> int:
        """`digest run --due` on that day of May, by the clocks of Berlin."""
        self.now = datetime(2026, 5, 1, hour, minute, tzinfo=UTC) + (day - 1) * DAY - 2 * HOUR
        return self.here.digest("run", "--due")

    @property
    def days(self) -> list[str]:
        """Of the editions."""
        with open_store(self.here.store) as store:
            return [str(day) for day in reversed(store.days("lab"))]

    @property
    def mails(self) -> int:
        return sum(self.here.arrived().values())

    @property
    def had(self) -> set[str]:
        """The papers that the reader was told of."""
        return self.here.papers().get("ana@example.org", set())


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    here = installed(tmp_path / "here", 1)
    (here.folder / "5.txt").unlink()
    made = Scene(here, monkeypatch)
    made.lists(1, 2)
    return made.schedule("{}")


def test_every_minute_is_the_same_as_once_a_day(scene: Scene) -> None:
    """T05: called again and again, one edition a day, one mail, and no record of calls that had nothing to do."""
    for day in (25, 26):
        scene.lists(day)
        for hour, minute in ((6, 0), (6, 1), (6, 2), (7, 0), (12, 0), (23, 59)):
            assert scene.due(day, hour, minute) == 0
    scene.due(27, 5, 59)
    assert scene.days == ["2026-05-25", "2026-05-26"]
    assert scene.mails == 2
    with open_store(scene.here.store) as store:
        assert [run.command for run in store.runs.newest(9)] == ["run", "run"]


def test_nothing_is_said_where_nothing_is_due(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Cron mails what a command prints: what has nothing to do prints nothing."""
    scene.due(25, 6)
    assert capsys.readouterr().out.endswith("lab 2026-05-25: 2 papers; sent: 1 accepted\n")
    scene.due(25, 6, 1)
    assert capsys.readouterr() == ("", "")


def test_what_comes_next_is_said_on_a_terminal(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told when the next edition is due."""

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    scene.due(25, 6)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert scene.due(25, 7) == 0
    assert terminal.getvalue() == "nothing is due; next: lab Tue 2026-05-26 06:00 Europe/Berlin\n"


def test_an_edition_that_is_late(scene: Scene) -> None:
    """T01, D15: before the hour it is still yesterday's turn; its edition has yesterday's day, and is sent."""
    scene.lists()
    scene.due(25)
    scene.lists(1, 2)
    scene.due(27, 5)
    assert scene.days == ["2026-05-25", "2026-05-26"]
    assert scene.mails == 1
    scene.lists(3)
    scene.due(27, 6)
    assert scene.days == ["2026-05-25", "2026-05-26", "2026-05-27"]
    assert scene.had == {"2605.00001", "2605.00002", "2605.00003"}


def test_a_first_run_has_missed_no_day(scene: Scene) -> None:
    """Before its first hour nothing is made, not even read; after it today's edition, and none of a day before."""
    assert scene.due(26, 5) == 0
    assert scene.days == []
    assert not (scene.here.folder / "feeds").exists()
    scene.due(26, 15)
    assert scene.days == ["2026-05-26"]


def test_a_first_run_makes_no_edition_of_last_week(scene: Scene) -> None:
    """Who begins on a Wednesday has the first Monday's edition on the Monday that follows, with what came since."""
    scene.schedule("{days: mon}")
    scene.due(27, 12)
    assert scene.days == []
    scene.lists(3)
    scene.due(32)
    assert scene.days == ["2026-06-01"]
    assert scene.had == {"2605.00001", "2605.00002", "2605.00003"}


def test_after_days_without_power(scene: Scene) -> None:
    """D15: one edition for all of them, and none where the grace is over; that takes the day's turn all the same."""
    scene.due(20)
    scene.due(25, 15)
    assert scene.days == ["2026-05-20", "2026-05-25"]
    scene.schedule("{grace: 2}")
    scene.lists(3)
    scene.due(27, 9)
    assert scene.days == ["2026-05-20", "2026-05-25"]
    scene.lists()
    scene.due(28, 6)
    assert "2605.00003" in scene.had, "it was read when its turn came, though no edition was made"


def test_a_weekly_edition_has_the_whole_week(scene: Scene) -> None:
    """A source that lists each day something else is read each day, and the week is in one edition."""
    scene.schedule("{days: fri}")
    scene.lists()
    scene.due(22)
    for day in range(23, 30):
        scene.lists(day)
        scene.due(day)
        scene.due(day, 12)
    assert scene.days == ["2026-05-22", "2026-05-29"]
    assert scene.had == {f"2605.{day:05}" for day in range(23, 30)}


def test_a_turn_without_an_edition(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Its line says that none was due; a source that could not be read then is told, and does not count as read."""
    scene.schedule("{days: fri}")
    scene.due(22)
    capsys.readouterr()
    scene.due(23)
    assert "\nquiet day: 2 listings in 1 file, 2 papers; no edition was due" in capsys.readouterr().out
    (scene.here.folder / "page.txt").unlink()
    assert scene.due(24) == 3
    assert "source failed: 0 listings" in capsys.readouterr().out
    scene.here.digest("status", "--json")
    assert json.loads(capsys.readouterr().out)["sources_read"] == "2026-05-23T04:00:00+00:00"


def test_vacation(scene: Scene) -> None:
    """No mail in the span; the first edition after it has what came meanwhile."""
    scene.schedule("{vacation: [2026-05-26 to 2026-05-28]}")
    for day in range(25, 30):
        scene.lists(day)
        scene.due(day)
        if day < 29:
            assert scene.mails == 1
    assert scene.days == ["2026-05-25", "2026-05-29"]
    assert scene.had == {f"2605.{day:05}" for day in range(25, 30)}


def test_a_vacation_at_the_beginning(scene: Scene) -> None:
    """A profile that has no edition yet waits for what was read before its first one."""
    scene.schedule("{vacation: [2020-01-01 to 2026-05-26]}")
    for day in (25, 26, 27):
        scene.lists(day)
        scene.due(day)
    assert scene.days == ["2026-05-27"]
    assert scene.had == {f"2605.{day:05}" for day in (25, 26, 27)}


def test_a_minimum(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer papers than the minimum wait, once a day and not at each call, and come when there are enough."""
    scene.schedule("{minimum: 3, patience: 9}")
    scene.due(25)
    assert capsys.readouterr().out.endswith("lab 2026-05-25: no edition, 2 papers wait for more\n")
    scene.lists(3)
    scene.due(25, 12)
    assert scene.days == []
    scene.due(26)
    assert scene.days == ["2026-05-26"]
    assert scene.had == {f"2605.{n:05}" for n in (1, 2, 3)}
    scene.lists(4)
    scene.due(27)
    assert scene.mails == 1


def test_patience(scene: Scene) -> None:
    """No paper waits longer for others than the patience; a day without any waits for ever."""
    scene.schedule("{minimum: 3, patience: 2}")
    scene.lists()
    scene.due(21)
    scene.due(23)
    scene.lists(1)
    scene.due(25)
    scene.lists()
    scene.due(26)
    assert scene.days == []
    scene.due(27)
    assert scene.days == ["2026-05-27"]
    assert scene.had == {"2605.00001"}


def test_by_hand(scene: Scene) -> None:
    """`digest run` makes today's edition whatever the schedule says, and then that day is done."""
    scene.schedule("{minimum: 9, days: sun}")
    scene.now = datetime(2026, 5, 26, 1, tzinfo=UTC)
    assert scene.here.digest("run") == 0
    scene.due(26)
    scene.due(26, 7)
    assert scene.days == ["2026-05-26"]
    assert scene.mails == 1


@pytest.mark.parametrize("where", ["publish", "deliver"])
def test_a_run_that_died_is_finished(where: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """T05: killed after the edition was kept, before it was published or sent: the next call does the rest, once."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        at = {"publish": "digest.publishing.publish", "deliver": "digest.sending.office.PostOffice.deliver"}
        dying.setattr(at[where], killed)
        dying.setattr("digest.store.diary.Diary.end", lambda *_: None)
        assert scene.due(25, 23) == 130
    assert scene.days == ["2026-05-25"]
    assert scene.mails == 0
    for minute in (1, 2):
        assert scene.due(26, 5, minute) == 0
    assert scene.days == ["2026-05-25"]
    assert scene.mails == 1
    assert (scene.here.folder / "feeds/lab/2026-05-25.html").exists()


def test_a_run_that_an_error_stopped_is_tried_again_later(scene: Scene) -> None:
    """What stopped it may last: the next try comes after a pause, and not each minute."""
    out = scene.here.folder / "feeds"
    out.write_text("in the way")
    assert scene.due(25, 6) == 5
    out.unlink()
    assert scene.due(25, 6, 1) == 0
    assert not out.exists()
    assert scene.due(25, 6, int(PAUSE / MINUTE)) == 0
    assert (out / "lab/2026-05-25.html").exists()
    assert scene.mails == 1


def test_a_source_that_could_not_be_read_is_read_later(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that wakes before its network has nothing to show: it tries again, ever more rarely, and the day's
    edition is made when there is something.
    """
    page = scene.here.folder / "page.txt"
    page.unlink()
    tried = [minute for minute in range(0, 240, 5) if scene.due(25, 6 + minute // 60, minute % 60)]
    assert tried == [0, 10, 30, 70, 150]
    assert scene.mails == 0
    scene.lists(1, 2)
    assert scene.due(25, 13) == 0
    assert scene.days == ["2026-05-25"]
    assert scene.mails == 1
    capsys.readouterr()
    assert scene.due(25, 20) == 0
    assert capsys.readouterr().out == "", "it was read, and that day is done"


def test_each_morning_begins_anew(scene: Scene) -> None:
    """However long yesterday was tried in vain, today is tried again as soon as any day."""
    (scene.here.folder / "page.txt").unlink()
    for hour in range(6, 24):
        scene.due(25, hour)
    assert scene.due(26, 6) == 3
    scene.lists(1, 2)
    assert scene.due(26, 6, 10) == 0
    assert (scene.days, scene.mails) == (["2026-05-25", "2026-05-26"], 1)


def test_a_quiet_friday_stays_one(scene: Scene) -> None:
    """What fails on a day without an edition is read again, and makes none of the day before."""
    scene.schedule("{days: weekdays}")
    scene.lists()
    scene.due(29)
    (scene.here.folder / "page.txt").unlink()
    assert scene.due(30) == 3
    scene.lists(1, 2)
    assert scene.due(30, 7) == 0
    assert (scene.days, scene.mails) == (["2026-05-29"], 0)
    scene.lists()
    scene.due(32)
    assert scene.had == {"2605.00001", "2605.00002"}


def test_a_minimum_is_tried_again(scene: Scene) -> None:
    """An edition that was held because nothing could be read is made when there is enough."""
    scene.schedule("{minimum: 2}")
    (scene.here.folder / "page.txt").unlink()
    assert scene.due(25) == 3
    scene.lists(1, 2)
    scene.due(25, 7)
    assert (scene.days, scene.mails) == (["2026-05-25"], 1)


def test_nothing_is_new_where_nothing_could_be_read(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """A day that turns out to be quiet is called so, and not failed, and is not read again."""
    (scene.here.folder / "page.txt").unlink()
    assert scene.due(25) == 3
    scene.lists()
    assert scene.due(25, 6, 10) == 0
    assert "lab 2026-05-25: quiet day" in capsys.readouterr().out
    assert scene.due(25, 12) == 0
    assert capsys.readouterr().out == ""


def test_a_feed_that_is_not_there_yet_is_asked_again(scene: Scene) -> None:
    """Six in Berlin is midnight in New York, when arXiv begins to make its feed: it is looked for each hour until noon,
    as long as nothing is shown; a day without an announcement has none to wait for.
    """
    with Replay() as arxiv:
        config = CONFIG.format(schedule="{}").replace(
            "[page.txt]", f"[{{arxiv: {{categories: [cs.LG], at: {arxiv.url}}}}}]"
        )
        (scene.here.folder / "digest.yaml").write_text(f"fetch: {{private: true}}\n{config}", encoding="utf-8")
        arxiv.answers["/rss/cs.LG"] = a_feed(day="Sun, 24 May 2026")
        for hour in range(6, 20):
            scene.due(25, hour)
        assert len(arxiv.asked) == 6
        arxiv.answers |= {"/rss/cs.LG": a_feed("2605.00001", day="Mon, 25 May 2026"), "/oai": NOTHING}
        scene.due(26, 6)
        assert scene.mails == 0
        quantization = a_feed("2605.00002").replace("We measure", "We measure quantization")
        arxiv.answers["/rss/cs.LG"] = quantization
        scene.due(26, 6, 10)
        assert scene.mails == 0, "an answer is as good as new for an hour"
        scene.due(26, 7)
        assert (scene.days[-1], scene.mails) == ("2026-05-26", 1)
        before = len(arxiv.asked)
        arxiv.answers["/rss/cs.LG"] = a_feed(day="Fri, 29 May 2026")
        for hour in range(6, 20):
            scene.due(30, hour)
        assert sum(one.path.startswith("/rss") for one in arxiv.asked[before:]) == 1


def test_no_edition_is_tried_again_beyond_its_grace(scene: Scene) -> None:
    """What came too late for one comes with the next."""
    scene.schedule("{grace: 2}")
    (scene.here.folder / "page.txt").unlink()
    scene.due(25)
    scene.lists(1, 2)
    scene.due(25, 9)
    assert (scene.days, scene.mails) == (["2026-05-25"], 0)
    scene.lists()
    scene.due(26)
    assert scene.had == {"2605.00001", "2605.00002"}


def test_two_at_once(scene: Scene) -> None:
    """While a run is at work another one does nothing, and says so where something is due."""
    scene.due(25)
    with alone(scene.here.store):
        assert scene.due(25, 7) == 0
        assert scene.due(26) == TryAgain.exit_code
    assert scene.due(26) == 0


def test_what_was_put_off_goes_out(scene: Scene) -> None:
    """A mail that could not be handed over is tried again by later calls, with pauses, and needs no `digest send`."""
    mails = scene.here.folder / "mails"
    mails.write_text("in the way")
    assert scene.due(25) == 4
    mails.unlink()
    assert scene.due(25, 6, 1) == 0
    assert not mails.exists()
    assert scene.due(25, 6, 30) == 0
    assert scene.mails == 1
    assert scene.due(25, 7) == 0
    with open_store(scene.here.store) as store:
        assert [run.command for run in store.runs.newest(9)] == ["send", "run"]


@pytest.mark.parametrize("jump", [-2 * HOUR, 365 * DAY, -300 * DAY])
def test_clocks_that_jump(jump: timedelta, scene: Scene) -> None:
    """T04: a clock that is set anywhere makes at most one edition more, and back again the day is still done."""
    scene.due(25, 7)
    right, scene.now = scene.now, scene.now + jump
    scene.here.digest("run", "--due")
    scene.here.digest("run", "--due")
    editions = len(scene.days)
    assert editions <= 2
    scene.now = right
    scene.here.digest("run", "--due")
    assert len(scene.days) == editions
    scene.lists(3)
    scene.due(26)
    assert "2026-05-26" in scene.days


@pytest.mark.parametrize("words", [("-k", "rag", "page.txt"), ("--day", "2026-05-25")])
def test_wishes_that_do_not_go_together(
    words: tuple[str, ...], scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keywords on the command line have no schedule, and a day that is named is due by itself."""
    assert scene.here.digest("run", "--due", *words) == 2
    assert "--due goes with a config" in capsys.readouterr().err


def test_several_profiles(scene: Scene) -> None:
    """Each is served at its own hour, by its own clock; the pages of the others stay."""
    config = scene.here.folder / "digest.yaml"
    config.write_text(
        config.read_text(encoding="utf-8")
        + "  east: {keywords: [quantization], zone: Asia/Tokyo, schedule: {at: 9:00}}\n"
        + "  west: {keywords: [quantization], zone: America/Los_Angeles, schedule: {at: 20:00, days: mon}}\n",
        encoding="utf-8",
    )
    made = []
    for hour in range(48):
        scene.now = datetime(2026, 5, 25, tzinfo=UTC) + hour * HOUR
        scene.here.digest("run", "--due")
        with open_store(scene.here.store) as store:
            made.append({name: len(store.days(name)) for name in ("lab", "east", "west")})
    # The first call makes what was due today; after that each has its hour.
    assert made[0] == {"lab": 0, "east": 1, "west": 0}
    changed = [hour for hour, (before, after) in enumerate(pairwise(made), 1) if before != after]
    assert changed == [4, 24, 27, 28]
    index = (scene.here.folder / "feeds/index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}/' in index for name in ("lab", "east", "west"))
