"""The documentation is true: its examples run, and everything a person can use is in it."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from os import environ
from typing import get_args

import pytest
from conftest import ROOT

from digest.cli import COMMANDS
from digest.config.sources import Fetch, Source
from digest.formats import FORMATS
from digest.ranking import SIGNALS
from digest.rendering import RENDERERS
from digest.sources import SOURCES

README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES_PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
FORMATS_PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
SHOWN = [
    (line[2:], told) for block in CONSOLE for line, told in re.findall(r"^(\$ digest .*)\n((?:[^$].*\n)*)", block, re.M)
]


def test_the_readme_opens_with_what_it_is_a_picture_and_the_two_commands():
    """A newcomer sees, in this order, what the program is, how an edition looks, and the two commands."""
    places = [
        README.index(x) for x in ("A daily digest", "](docs/edition.png)", "$ make digest", "$ make test", "## Use")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(("command", "told"), [pair for pair in SHOWN if pair[1]])
def test_examples_of_the_readme_print_what_they_show(command, told, tmp_path):
    """A command whose output the README shows prints exactly that."""
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "samples").symlink_to(ROOT / "digest" / "samples")
    words = [word for part in shlex.split(command)[1:] for word in (sorted(expand(part, tmp_path)) or [part])]
    done = subprocess.run(
        [sys.executable, "-m", "digest", *words],
        cwd=tmp_path,
        env=environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == told


def expand(part, folder):
    """What a shell makes of a pattern."""
    return [str(path.relative_to(folder)) for path in folder.glob(part)] if "*" in part else []


def test_some_examples_are_checked():
    """The README shows at least a run and a ranking with their output."""
    assert {"run", "rank"} <= {command.split()[1] for command, told in SHOWN if told}


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_in_the_readme(name):
    """Each command has its line in the README's table."""
    assert f"| `digest {name}" in README


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_in_its_page(name):
    """Each format has its own section in docs/formats.md, which says what it cannot know."""
    section = re.search(rf"^### `{name}`.*?(?=^##|\Z)", FORMATS_PAGE, re.M | re.S)
    assert section, "no section"
    assert re.search(r"Cannot\s+know", section[0])


@pytest.mark.parametrize("code", [0, 2, 3, 4, 5, 75])
def test_every_exit_code_is_in_the_readme(code):
    """The README says what each exit code means."""
    assert re.search(rf"\b{code} [a-z]", README)


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_source_is_in_its_page(name):
    """Each source has its own section in docs/sources.md, with an example, and with what it cannot know."""
    section = re.search(rf"^### `{name}`.*?(?=^##|\Z)", SOURCES_PAGE, re.M | re.S)
    assert section, "no section"
    assert re.search(rf"^  - {name}:", section[0], re.M)
    assert re.search(r"Cannot\s+know", section[0])


def test_every_key_of_sources_is_in_its_page():
    """C08: each key of each source, and of how addresses are asked, stands in docs/sources.md."""
    told = set(re.findall(r"`([a-z_]+)`", SOURCES_PAGE))
    tables = {"Fetch": Fetch, **{name: _table(Source.model_fields[name].annotation) for name in SOURCES}}
    for name, table in tables.items():
        assert set(table.model_fields) <= told, name


def _table(annotation):
    return next(part for part in get_args(annotation) if part is not type(None))


@pytest.mark.parametrize("group", [FORMATS.group, SIGNALS.group, RENDERERS.group, SOURCES.group])
def test_every_group_of_plugins_is_in_the_guide(group):
    """CONTRIBUTING names each entry point group."""
    assert group in CONTRIBUTING


def test_every_room_is_in_the_guide():
    """CONTRIBUTING names every module and folder of the package, and none that is gone."""
    rooms = {p.name + "/" if p.is_dir() else p.name for p in (ROOT / "digest").iterdir() if not p.name.startswith("__")}
    told = set(re.findall(r"^\| `([a-z_/.]+)` \|", CONTRIBUTING, re.M))
    assert told == rooms - {"samples/"} | {"templates/"}


def test_links_of_the_documents_lead_somewhere():
    """Every relative link in the documents is to a file of the repository."""
    for text in (README, CONTRIBUTING, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / target).exists(), target


PROMISES = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


def test_every_promise_has_its_tests():
    """O10: each promise of the README has at least one test by name in docs/promises.md."""
    promised = README.partition("## What it promises")[2].partition("\n## ")[0]
    numbers = re.findall(r"^(\d+)\. ", promised, re.M)
    parts = dict(re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## |\Z)", PROMISES, re.M | re.S))
    assert numbers == [str(number) for number in range(1, 13)] == list(parts)
    assert all("`tests/" in part for part in parts.values())


@pytest.mark.parametrize("test", sorted(set(re.findall(r"`(tests/[^`]+)`", PROMISES))))
def test_a_test_that_a_promise_names_is_there(test):
    """O10: a test that was renamed or is gone holds no promise."""
    path, _, name = test.partition("::")
    source = ROOT / path
    assert source.exists()
    assert re.search(rf"^def {name}\(", source.read_text(encoding="utf-8"), re.M)


CONTAINERFILE = (ROOT / "docs" / "Containerfile").read_text(encoding="utf-8")


def test_what_the_container_asks_for_is_there():
    """Its extras and its commands exist."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r"/usr/src/digest\[([a-z,]+)\]", CONTAINERFILE)
    assert set(named.split(",")) <= set(extras)
    commands = {*re.findall(r'CMD \["(\w+)"', CONTAINERFILE), *re.findall(r"digest (init|serve)\b", CONTAINERFILE)}
    assert commands == {"schedule", "init", "serve"} & set(COMMANDS)


@pytest.mark.slow
def test_what_the_container_copies_is_enough(tmp_path):
    """The installation works from what is copied, and nothing else of the checkout."""
    source, target = tmp_path / "usr" / "src", tmp_path / "installed"
    for *names, to in (line.split() for line in re.findall(r"^COPY (.*)$", CONTAINERFILE, re.MULTILINE)):
        for name in names:
            place = tmp_path / to.lstrip("/")
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, source / "digest"]
    subprocess.run(pip, check=True, capture_output=True)
    run = [sys.executable, "-c", "import digest.cli; print(digest.__file__); digest.cli.main(['init'])"]
    done = subprocess.run(run, cwd=tmp_path, env={**environ, "PYTHONPATH": str(target)}, capture_output=True, text=True)
    assert done.stdout.startswith(str(target))
    assert (tmp_path / "digest.yaml").exists()
