"""The workflow of docs/scheduling.md keeps what it promises in the table below it."""

import re
from pathlib import Path

import ahead
import pytest
import yaml
from actions import Repository
from blocks import blocks, workflow
from conftest import ROOT
from programs import program

TABLE = re.findall(r"^\| ([^|]+) \| (green|red) \|", (ROOT / "docs/scheduling.md").read_text(encoding="utf-8"), re.M)
PROMISED = dict(TABLE)

pytestmark = pytest.mark.slow

PAGE = "We study quantization in the {0} way, and find that it holds.\narXiv:2605.0000{0}\n"
CONFIG = """\
{placed}
sources: [{sources}]
mail: {{from: digest@example.org, maildir: {mails}}}
profiles:
  lab: {{keywords: [quantization], recipients: [ana@example.org], schedule: {{at: "0:00"}}}}
"""


class Scene(Repository):
    """Ana's repository, and the mails that she got."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, workflow())
        self.mailbox = folder / "mails"
        self.config("listings/*.txt")
        self.push({"listings/1.txt": PAGE.format(1), "wheels/paperdigest-0.1.0-py3-none-any.whl": ""})

    def config(self, sources: str) -> None:
        """As docs/scheduling.md has it where things must lie."""
        (placed,) = (one.text for one in blocks() if one.text.startswith("site: ") and "memory/" in one.text)
        self.push({"digest.yaml": CONFIG.format(placed=placed, sources=sources, mails=self.mailbox)})

    @property
    def mails(self) -> int:
        return len([*self.mailbox.glob("new/*")])

    @property
    def shown(self) -> dict[str, bytes]:
        """What Pages shows."""
        return {str(one.relative_to(self.site)): one.read_bytes() for one in self.site.rglob("*") if one.is_file()}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """After its first run."""
    program("git")
    made = Scene(tmp_path / "ana")
    job = made.run(first=True)
    assert job.green, job.said
    assert f"lab/{ahead.today()}.html" in made.shown
    assert made.mails == 1
    return made


def test_one_at_a_time() -> None:
    """Two that run at once would each send what the other sends: GitHub keeps them apart, and ends none of them."""
    assert yaml.safe_load(workflow())["concurrency"] == "digest"


def test_again_on_the_same_day(scene: Scene) -> None:
    """Nothing is due: nothing is sent or deployed, and the site stays."""
    before = scene.shown
    for _ in range(2):
        job = scene.run()
        assert job.green == (PROMISED["nothing is due"] == "green")
        assert not job.did("deploy-pages")
        assert job.said == ""
    assert (scene.shown, scene.mails) == (before, 1)


def test_after_days_that_were_missed(scene: Scene) -> None:
    """One edition and one mail has what came meanwhile; the site has the days before too."""
    scene.push({"listings/2.txt": PAGE.format(2)})
    job = scene.run(later=3)
    assert job.green, job.said
    assert {f"lab/{ahead.today(3)}.html", f"lab/{ahead.today()}.html", "index.html"} <= set(scene.shown)
    assert f"lab/{ahead.today(2)}.html" not in scene.shown
    assert scene.mails == 2


def test_a_memory_that_is_gone(scene: Scene) -> None:
    """It is no first run, which nobody asked for: the job fails before anything is sent."""
    before = scene.shown
    scene.caches.clear()
    assert scene.run().green == (PROMISED["the memory is gone"] == "green")
    assert (scene.shown, scene.mails, scene.caches) == (before, 1, {})


def test_pages_that_cannot_be_deployed(scene: Scene) -> None:
    """The mail is sent and not forgotten; the next run deploys, and has nothing else to do."""
    scene.push({"listings/2.txt": PAGE.format(2)})
    before, scene.pages_work = scene.shown, False
    assert scene.run(later=1).green == (PROMISED["Pages cannot be deployed"] == "green")
    assert (scene.shown, scene.mails) == (before, 2)
    scene.pages_work = True
    job = scene.run(later=1)
    assert job.green
    assert job.did("deploy-pages")
    assert f"lab/{ahead.today(1)}.html" in scene.shown
    assert scene.mails == 2


def test_the_same_run_again(scene: Scene) -> None:
    """A job that failed may be run again by hand, which is the same run to GitHub: what it uploads has a name of its
    own.
    """
    assert scene.run(later=1, attempts=2).green
    scene.pages_work = False
    scene.push({"listings/2.txt": PAGE.format(2)})
    job = scene.run(later=2, attempts=2)
    assert not job.did("deploy-pages")
    assert job.did("upload-pages-artifact")


def test_mails_that_cannot_be_delivered(scene: Scene) -> None:
    """The job says so, and the page is there all the same."""
    scene.push({"listings/2.txt": PAGE.format(2)})
    scene.mailbox.rename(scene.mailbox.with_name("elsewhere"))
    scene.mailbox.write_text("in the way")
    job = scene.run(later=1)
    assert job.green == (PROMISED["mails were refused, or are in doubt"] == "green")
    assert "delivery failed" in job.said
    assert f"lab/{ahead.today(1)}.html" in scene.shown


def test_a_source_that_cannot_be_read(scene: Scene) -> None:
    """The others are read, and the page says what is missing. Where there is nothing to show, nobody has a mail, and
    the days before stay.
    """
    scene.config("listings/*.txt, gone.txt")
    scene.push({"listings/2.txt": PAGE.format(2)})
    job = scene.run(later=1)
    assert job.green == (PROMISED["a source could not be read"] == "green")
    assert b"gone.txt" in scene.shown[f"lab/{ahead.today(1)}.html"]
    scene.config("gone.txt")
    assert scene.run(later=2).green
    assert b"gone.txt" in scene.shown[f"lab/{ahead.today(2)}.html"]
    assert b"2605.00001" in scene.shown[f"lab/{ahead.today()}.html"]
    assert scene.mails == 2


def test_a_config_that_is_wrong(scene: Scene) -> None:
    """Nothing changes."""
    before = scene.shown
    scene.push({"digest.yaml": "profiles: {}"})
    assert scene.run(later=1).green == (PROMISED["config, disk"] == "green")
    assert (scene.shown, scene.mails) == (before, 1)


def test_what_happens_is_all_tried() -> None:
    """Each line of the table has its test."""
    tested = re.findall(r'PROMISED\["(.*?)"\]', Path(__file__).read_text(encoding="utf-8"))
    assert {*tested} == {*PROMISED}
