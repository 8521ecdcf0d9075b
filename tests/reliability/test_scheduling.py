"""`digest schedule`: woken at the right moments, it does what `digest run --due` does, and goes on whatever happens."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from builders import a_profile
from installations import Installation, installed
from recorded import a_feed
from replaying import Asked, Replay, Told

from digest import clock
from digest.app import App, make_app
from digest.config import load
from digest.errors import ConfigError
from digest.model import Schedule
from digest.scheduling import BEAT, Current, Keeper, Timetable, keep
from digest.store import open_store
from digest.store.safety import alone

MORNING = datetime(2026, 5, 26, 6, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Scene:
    """An installation that is kept, its clock, and what was said."""

    def __init__(self, here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = here
        self.now = MORNING
        self.said: list[str] = []
        self.asked = False
        self.config = here.folder / "digest.yaml"
        monkeypatch.chdir(here.folder)
        monkeypatch.setattr(clock, "now", lambda: self.now)
        self.keeper = Keeper(Current(self.config, self.make, self.said.append), lambda: self.asked, self.said.append)

    def make(self) -> App:
        return make_app(load(self.config))

    def call(self) -> list[str]:
        """What one call says."""
        self.said.clear()
        self.keeper.call()
        return list(self.said)

    @property
    def mails(self) -> int:
        return sum(self.here.arrived().values())


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(installed(tmp_path / "here", 2), monkeypatch)


# ------------------------------------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        (MORNING - timedelta(hours=1), MORNING - timedelta(hours=1) + BEAT),
        (MORNING - 20 * SECOND, MORNING),
        (MORNING, MORNING + 30 * SECOND),
        (MORNING + 30 * SECOND, MORNING + 30 * SECOND + BEAT),
    ],
)
def test_it_wakes_when_an_hour_strikes_and_every_minute(now: datetime, fires: datetime) -> None:
    """At the hour of any profile, to the second, and a minute later at the latest."""
    profiles = [a_profile("a"), a_profile("b", schedule=Schedule(at=time(6, 0, 30)))]
    assert Timetable(lambda: profiles).get_next_fire_time(None, now) == fires
    assert Timetable(list).get_next_fire_time(None, now) == now + BEAT


# ------------------------------------------------------------------------------------------- what


def test_what_is_due_is_made_once_and_told(scene: Scene) -> None:
    """A line says what was made, the next one what comes; after that there is silence until the next turn."""
    made, next_ = scene.call()
    assert made.endswith("lab 2026-05-26: 2 papers; sent: 2 accepted")
    assert next_ == "next: lab Wed 2026-05-27 06:00 UTC"
    for _ in range(3):
        scene.now += BEAT
        assert scene.call() == []
    scene.now = MORNING + 3 * DAY
    scene.here.page(6)
    assert "lab 2026-05-29: 2 papers" in scene.call()[0]
    assert scene.mails == 4


def test_cron_beside_it(scene: Scene) -> None:
    """T05: whoever comes second finds that it is done; while another one is at work there is silence."""
    assert scene.here.digest("run", "--due") == 0
    assert scene.call() == []
    scene.now += DAY
    with alone(scene.here.store):
        assert scene.call() == []
    assert len(scene.call()) == 2


def test_what_stops_a_call_is_told_once(scene: Scene) -> None:
    """An error stops no later call, and is not told each minute; once it is over it would be told again."""
    out = scene.here.folder / "feeds"
    out.write_text("in the way")
    assert ["cannot publish" in line for line in scene.call()] == [True]
    for minutes in range(30):
        scene.now = MORNING + minutes * BEAT
        assert scene.call() == []
    out.unlink()
    scene.now += 20 * BEAT
    assert "sent: 2 accepted" in scene.call()[0]


def test_mails_that_were_put_off(scene: Scene) -> None:
    """They are tried again after a pause, without a run."""
    mails = scene.here.folder / "mails"
    mails.write_text("in the way")
    assert scene.call()[0].startswith("delivery failed")
    mails.unlink()
    scene.now += BEAT
    assert scene.call() == []
    scene.now += 30 * BEAT
    assert scene.call() == ["lab: 2 accepted"]


# ------------------------------------------------------------------------------------------- the config


def test_a_config_that_was_changed(scene: Scene) -> None:
    """C06: it is read anew and that is said; one that is wrong is told once, and the one before it stays."""
    scene.call()
    good = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(good + "    schedule: {at: 17:30}\n", encoding="utf-8")
    (told,) = scene.call()
    assert told.endswith("digest.yaml was read anew; next: lab Wed 2026-05-27 17:30 UTC")
    before = scene.keeper.current.app
    scene.config.write_text(good + "    schedule: {at: 25:00}\n", encoding="utf-8")
    wrong, stays = scene.call()
    assert "must be a time of day" in wrong
    assert stays == "the config stays as it was before it was changed"
    assert scene.call() == []
    scene.config.unlink()
    assert "there is no such file" in scene.call()[0]
    assert scene.keeper.current.app is before
    scene.config.write_text(good, encoding="utf-8")
    assert "was read anew" in scene.call()[0]


def test_a_wrong_config_is_not_begun_with(scene: Scene) -> None:
    """At the start a wrong config stops it."""
    scene.config.write_text("profiles: {}", encoding="utf-8")
    with pytest.raises(ConfigError):
        Current(scene.config, scene.make, scene.said.append)


# ------------------------------------------------------------------------------------------- how it is kept


@pytest.mark.timeout(100)
def test_a_clock_that_was_set(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """T04: it calls at its start, and at once after the clock was set or the machine slept; asked to stop it ends."""
    calls = threading.Semaphore(0)
    monkeypatch.setattr(Keeper, "call", lambda _: calls.release())
    shown = [timedelta(), timedelta(hours=-9), timedelta(), timedelta(days=365), timedelta()]

    def pause() -> None:
        """Waits for the call, where one is to be expected by the clock of the machine; then the clock is set anew."""
        if shown[0] <= timedelta():
            assert calls.acquire(timeout=20), f"no call was made with {len(shown)} to go"
        shown.pop(0)
        scene.asked = not shown
        scene.now = datetime.now(UTC) + (shown[0] if shown else timedelta())

    scene.now = datetime.now(UTC)
    keep(scene.keeper, pause)
    assert scene.said[-1] == "asked to stop: what is under way is finished"


@pytest.mark.timeout(100)
def test_what_is_under_way_is_finished(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """O03: asked to stop in the midst of a call, it makes the edition, begins no mail, and leaves that for later."""
    begun, asked = threading.Event(), threading.Event()
    work = Keeper._work

    def slow(keeper: Keeper, app: App) -> Iterator[str]:
        begun.set()
        assert asked.wait(30)
        yield from work(keeper, app)

    def pause() -> None:
        assert begun.wait(30)
        scene.asked = True
        asked.set()

    with monkeypatch.context() as slowly:
        slowly.setattr(Keeper, "_work", slow)
        keep(scene.keeper, pause)
    assert "2 papers" in scene.said[-2]
    assert scene.mails == 0
    scene.asked = False
    scene.now += timedelta(minutes=20)
    assert scene.call() == ["lab: 2 accepted"]


def test_who_is_asked_to_stop_while_sources_are_read(scene: Scene) -> None:
    """The run ends at once and is no death; what was fetched is kept, and the next call reads what is left."""

    def last(_: Asked) -> Told:
        scene.asked = True
        return Told("", hangs=True, length=100)

    with Replay({"/a": a_feed("2605.00001"), "/b": last}) as server:
        text = scene.config.read_text(encoding="utf-8").replace('["*.txt"]', f"[{server.url}/a, {server.url}/b]")
        scene.config.write_text(
            f"fetch: {{private: true}}\n{text}".replace("[quant", "[lists, quant"), encoding="utf-8"
        )
        scene.call()
        assert scene.call() == []
        with open_store(scene.here.store) as store:
            (run,) = store.runs.newest(9)
            assert run.outcome
            assert (run.outcome.exit_code, run.outcome.verdict) == (75, None)
            assert store.outbox.troubles() == []
        scene.asked = False
        server.answers["/b"] = a_feed("2605.00002").replace("lists change", "reading lists change")
        scene.now += BEAT
        assert "2 listings in 2 files" in scene.call()[0]
        assert server.paths == ["/a", "/b", "/b"]
        assert scene.mails == 2


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_whole_program(number: signal.Signals, tmp_path: Path) -> None:
    """Started, it makes what is due, waits, and ends with 0 when it is asked to; started again it has nothing to do."""
    here = installed(tmp_path / "here", 2)
    with (here.folder / "digest.yaml").open("a", encoding="utf-8") as config:
        config.write("    schedule: {at: 0:00}\n")
    for again in (False, True):
        with subprocess.Popen(
            [sys.executable, "-m", "digest", "schedule"], cwd=here.folder, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr
            begun = running.stderr.readline()
            assert "UTC: keeping the schedules of digest.yaml; next: lab " in begun
            if not again:
                assert "sent: 2 accepted" in running.stderr.readline()
                assert "next: lab " in running.stderr.readline()
            running.send_signal(number)
            left = running.stderr.read()
            assert running.wait(30) == 0, left
            assert "asked to stop: what is under way is finished" in left
            assert "Traceback" not in left
    assert sum(here.arrived().values()) == 2
    with open_store(here.store) as store:
        assert len(store.runs.newest(9)) == 1


@pytest.mark.parametrize(
    ("config", "told"), [("profiles: {}", "must not be empty"), ("profiles: {a: {keywords: [b]}}", "nothing to read")]
)
def test_what_cannot_be_kept(config: str, told: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong config, and one without sources, end it before it begins."""
    scene.config.write_text(config, encoding="utf-8")
    assert scene.here.digest("schedule") == 2
    assert told in capsys.readouterr().err
