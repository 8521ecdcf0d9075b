"""What the documents tell people to put into files is what those files want, and agrees with the program."""

import ast
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from blocks import Block, blocks, units, workflow
from conftest import ROOT

from digest.cli import COMMANDS
from digest.errors import OK, PROBLEMS, UNDELIVERED, StorageError, TryAgain, UsageError
from digest.model import Schedule

CONTAINERFILE = (ROOT / "docs/Containerfile").read_text(encoding="utf-8")
UNITS = units()
SERVICES = [name for name in UNITS if name.endswith(".service")]
HOME = "/srv/digest"


# ------------------------------------------------------------------------------------------------- what is a block


def read_yaml(text: str) -> None:
    yaml.safe_load(text)


def read_ini(text: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(text)


def read_console(text: str) -> None:
    assert text.startswith(("$ ", "# "))
    for line in text.splitlines():
        shlex.split(line)


def read_crontab(text: str) -> None:
    """Five fields, and a command without a %, which cron takes for a line's end (crontab(5))."""
    for line in text.splitlines():
        *when, command = line.split(maxsplit=5)
        assert all(re.fullmatch(r"[*\d/,-]+", part) for part in when)
        assert "%" not in command
        subprocess.run(["sh", "-n", "-c", command], check=True)


def read_braces(text: str) -> None:
    assert text.count("{") == text.count("}")


def read_caddyfile(text: str) -> None:
    """A brace opens at the end of a line, and closes on one of its own."""
    read_braces(text)
    assert all(line.strip() == "}" or line.find("{") in (-1, len(line) - 1) for line in text.splitlines())


READ = {
    "yaml": read_yaml,
    "ini": read_ini,
    "console": read_console,
    "crontab": read_crontab,
    "python": ast.parse,
    "json": json.loads,
    "nginx": read_braces,
    "caddyfile": read_caddyfile,
    "jinja": read_braces,
    "css": read_braces,
}


@pytest.mark.parametrize("block", [one for one in blocks() if one.language], ids=lambda one: one.place)
def test_what_stands_in_a_fence_is_of_its_language(block: Block) -> None:
    """Nothing that somebody copies is refused by what it is copied for."""
    READ[block.language](block.text)


def commands() -> Iterator[tuple[str, str]]:
    """Each call of `digest` in the recipes, with its place."""
    for name in SERVICES:
        (line,) = re.findall(r"^ExecStart=(.*)$", UNITS[name], re.M)
        yield name, line.removeprefix(f"{HOME}/.venv/bin/")
    for one in blocks():
        if one.language == "crontab":
            yield one.place, one.text.rpartition(".venv/bin/")[2].strip()
    yield "the workflow", "digest run --due"
    said = re.sub(r"^# ?", "", CONTAINERFILE, flags=re.M).replace("\\\n", " ")
    for line in re.findall(r"^ +podman run .* digest (digest .*|\w+.*|)$", said, re.M):
        yield "docs/Containerfile", line if line.startswith("digest ") else f"digest {line}"


@pytest.mark.parametrize(("place", "line"), [*commands()])
def test_every_command_is_one(place: str, line: str) -> None:
    """Its words are those of the program."""
    program, *words = shlex.split(line)
    assert program == "digest"
    if not words:
        words = re.findall(r'^CMD \["(\w+)"\]$', CONTAINERFILE, re.M)
    assert words[0] in COMMANDS
    parser = ArgumentParser(exit_on_error=False)
    import_module(f"digest.cli.{words[0]}").arguments(parser)
    parser.parse_args(words[1:])


# ------------------------------------------------------------------------------------------------------ services


def unit(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string(UNITS[name])
    return parser["Service"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_write_where_it_works(name: str) -> None:
    """All but its own folder is closed, as the user of its own that it runs as."""
    service = unit(name)
    assert service["User"] == "digest"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == service["WorkingDirectory"] == HOME


def test_what_a_call_ends_with_is_no_failure_where_the_next_call_mends_it() -> None:
    """A timer's service fails by what somebody must look at, and by nothing else."""
    service = unit("digest-due.service")
    fine = set(service["SuccessExitStatus"].split()) | {str(OK)}
    assert fine == {str(OK), str(PROBLEMS), str(TryAgain.exit_code), "SIGTERM"}
    assert not fine & {str(code) for code in (UsageError.exit_code, UNDELIVERED, StorageError.exit_code)}
    assert service["Type"] == "oneshot"
    assert "Restart" not in service, "the timer does it"


@pytest.mark.parametrize("name", ["digest.service", "digest-serve.service"])
def test_a_service_that_stays_is_started_again_but_for_a_wrong_config(name: str) -> None:
    """Not so fast that systemd gives it up: five starts in ten seconds are too many for it (systemd.unit(5))."""
    service = unit(name)
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(UsageError.exit_code)
    assert int(service["RestartSec"]) * 5 > 10


def test_every_service_has_the_time_that_it_needs_to_stop() -> None:
    """An answer that is on its way has its deadline, one that is served 30 seconds."""
    from digest.sources.settings import Fetching

    for name in ("digest.service", "digest-due.service"):
        assert int(unit(name)["TimeoutStopSec"]) > Fetching().deadline
    assert int(unit("digest-serve.service")["TimeoutStopSec"]) > 30
    assert re.findall(r"--stop-timeout (\d+)", CONTAINERFILE) == [
        unit("digest.service")["TimeoutStopSec"],
        unit("digest-serve.service")["TimeoutStopSec"],
    ]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """systemd-analyze has nothing to say of them; skipped where there is none."""
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not on this machine")
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text.replace(f"{HOME}/.venv/bin/digest", sys.executable).replace(HOME, "/"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
        timeout=60,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


def test_a_timer_and_cron_call_often_enough() -> None:
    """Each calls every ten minutes, and the timer also what was missed while the machine was off."""
    timer = UNITS["digest-due.timer"]
    assert "OnCalendar=*:0/10\n" in timer
    assert "Persistent=true\n" in timer
    (crontab,) = (one.text for one in blocks() if one.language == "crontab")
    assert crontab.startswith("*/10 * * * * ")
    assert Schedule().grace is None, "what is called late is made all the same"


# ------------------------------------------------------------------------------------------------------ elsewhere


def test_the_workflow_runs_one_job_of_known_shape() -> None:
    """It asks for no more rights than Pages want, may be started by hand, and ends by itself."""
    said = yaml.safe_load(workflow())
    assert said["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert set(said[True]) == {"schedule", "workflow_dispatch"}, "YAML 1.1 reads `on` as true"
    (job,) = said["jobs"].values()
    assert job["timeout-minutes"] <= 60


def test_the_container_runs_as_nobody_in_particular_with_what_was_tested() -> None:
    """Not as root, with the versions of the lock, and with its shell lines in order."""
    assert re.search(r"^USER digest$", CONTAINERFILE, re.M)
    assert "--constraint /usr/src/digest/requirements.lock" in CONTAINERFILE
    joined = CONTAINERFILE.replace("\\\n", " ")
    for line in re.findall(r"^RUN (.*)$", joined, re.M):
        subprocess.run(["sh", "-n", "-c", line], check=True)


def test_the_containers_health_is_asked_where_it_is_answered(tmp_path: Path) -> None:
    """What its file writes as `digest-health` asks /healthz, and fails where nobody answers."""
    (line,) = re.findall(r"^RUN (printf .*?)$", CONTAINERFILE.replace("\\\n", " "), re.M)
    program = tmp_path / "digest-health"
    subprocess.run(["sh", "-c", line.replace("/usr/local/bin/digest-health", shlex.quote(str(program)))], check=True)
    text = program.read_text(encoding="utf-8").replace(":8000", ":9")
    assert "/healthz" in text
    assert text.startswith("#!/usr/local/bin/python3\n")
    assert subprocess.run([sys.executable, "-c", text], capture_output=True).returncode == 1
