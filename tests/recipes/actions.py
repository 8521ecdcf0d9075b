"""GitHub Actions on this machine, as far as our workflow uses them: a repository with its caches, its artifacts and its
Pages, and jobs that run the workflow's steps in order, each on a new checkout.

Whatever the workflow says that is not known here is an error: there is no guessing at what GitHub would do.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

AHEAD = Path(__file__).parent.parent / "ahead.py"


@dataclass
class Job:
    """One run of the workflow."""

    outcomes: list[tuple[str, str]] = field(default_factory=list)
    """Of each step: what it is, and `success`, `failure` or `skipped`."""
    said: str = ""

    @property
    def green(self) -> bool:
        return all(outcome != "failure" for _, outcome in self.outcomes)

    def did(self, what: str) -> bool:
        """Whether the one step whose name has `what` in it was run, and ended well."""
        (outcome,) = (outcome for name, outcome in self.outcomes if what in name)
        return outcome == "success"


class Repository:
    """One in a folder: `origin` holds what was pushed, `site` what Pages shows."""

    def __init__(self, folder: Path, workflow: str) -> None:
        self.workflow: dict[Any, Any] = yaml.safe_load(workflow)
        self.origin, self.site, self.work = folder / "origin", folder / "site", folder / "work"
        self.caches: dict[str, Path] = {}
        """In the order in which they were saved."""
        self.pages_work = True
        self.runs = 0
        self._folder = folder
        self._programs = folder / "programs"
        self._programs.mkdir(parents=True)
        (folder / "kept").mkdir()
        self.origin.mkdir()
        self._git("init", "--quiet", "--initial-branch", "main", ".")

    def push(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.origin / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self._git("add", "--all")
        who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false")
        self._git(*who, "commit", "--quiet", "--message", "change")

    def run(self, *, first: bool = False, later: int = 0, attempts: int = 1) -> Job:
        """Run the workflow, started by hand with its box ticked where it is the `first`, so many days from now."""
        self.runs += 1
        artifacts: dict[str, Path] = {}
        for attempt in range(1, attempts + 1):
            job = self._attempt(attempt, artifacts, "true" if first else "", later)
        return job

    def _attempt(self, attempt: int, artifacts: dict[str, Path], first: str, later: int) -> Job:
        job = Job()
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        self._put_programs(later)
        known = {"github.run_id": str(self.runs), "github.run_attempt": str(attempt), "inputs.first": first}
        for step in self.workflow["jobs"]["digest"]["steps"]:
            known["success()"] = str(job.green).lower()
            name = str(step.get("uses") or step["run"])
            outcome = "skipped"
            if _holds(str(step.get("if", "success()")), known):
                inputs = {key: _filled(str(value), known) for key, value in step.get("with", {}).items()}
                done = (
                    self._used(name.partition("@")[0], inputs, artifacts)
                    if "uses" in step
                    else self._script(_filled(step["run"], known), step.get("id"), known, job)
                )
                outcome = "success" if done else "failure"
            job.outcomes.append((name, outcome))
            if "id" in step:
                known[f"steps.{step['id']}.outcome"] = outcome
        return job

    # ------------------------------------------------------------------------------------------------------- steps

    def _used(self, action: str, inputs: dict[str, str], artifacts: dict[str, Path]) -> bool:
        match action:
            case "actions/checkout":
                self._git("clone", "--quiet", f"file://{self.origin}", str(self.work))
            case "actions/cache/restore":
                self._restore(inputs)
            case "actions/cache/save":
                # Saving never fails a job: one that is there stays, and of nothing there is none.
                if inputs["key"] not in self.caches and (self.work / inputs["path"]).exists():
                    self.caches[inputs["key"]] = self._kept(inputs["path"])
            case "actions/upload-pages-artifact":
                if inputs["name"] in artifacts or not (self.work / inputs["path"]).is_dir():
                    return False
                artifacts[inputs["name"]] = self._kept(inputs["path"])
            case "actions/deploy-pages":
                return self._deploy(artifacts[inputs["artifact_name"]])
            case _:
                raise AssertionError(f"nobody knows here what {action} does")
        return True

    def _restore(self, inputs: dict[str, str]) -> None:
        """The very cache, or else the one saved last whose key begins so; one that is not there fails no job."""
        wanted = [inputs["key"]] if inputs["key"] in self.caches else []
        wanted += [key for key in reversed(self.caches) if key.startswith(inputs["restore-keys"])]
        if wanted:
            shutil.copytree(self.caches[wanted[0]], self.work / inputs["path"], symlinks=True)

    def _kept(self, path: str) -> Path:
        """A copy of that folder of the checkout."""
        number = len(list((self._folder / "kept").iterdir()))
        return Path(shutil.copytree(self.work / path, self._folder / "kept" / str(number), symlinks=True))

    def _deploy(self, artifact: Path) -> bool:
        if self.pages_work:
            shutil.rmtree(self.site, ignore_errors=True)
            shutil.copytree(artifact, self.site)
        return self.pages_work

    def _script(self, script: str, name: str | None, known: dict[str, str], job: Job) -> bool:
        """By the shell of a container that names none: `sh -e`."""
        output = self._folder / "output"
        output.write_text("")
        path = f"{self._programs}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.work,
            env={**os.environ, "PATH": path, "GITHUB_OUTPUT": str(output), "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        job.said += done.stdout + done.stderr
        for line in output.read_text().splitlines():
            key, _, value = line.partition("=")
            known[f"steps.{name}.outputs.{key}"] = value
        return done.returncode == 0

    def _put_programs(self, later: int) -> None:
        """`digest` of this checkout, so many days ahead, and a `pip` that sees whether the wheel is there."""
        programs = {
            "digest": f'exec "{sys.executable}" "{AHEAD}" {later} "$@"',
            "pip": 'test "$1" = install && test -f "$2" && test $# = 2',
        }
        for name, text in programs.items():
            (self._programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (self._programs / name).chmod(0o755)

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.origin, check=True, capture_output=True)


# ------------------------------------------------------------------------------------------------------ expressions


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: known.get(found[1], ""), text)


def _holds(condition: str, known: dict[str, str]) -> bool:
    """Whether a step is run: `always()`, outputs and outcomes joined by `&&`."""
    parts = condition.split(" && ")
    if "always()" not in parts:
        parts.append("success()")
    return all(_true(part, known) for part in parts if part != "always()")


def _true(part: str, known: dict[str, str]) -> bool:
    if compared := re.fullmatch(r"([\w.]+) == '(\w+)'", part):
        return known.get(compared[1], "") == compared[2]
    assert re.fullmatch(r"success\(\)|steps\.\w+\.outputs\.\w+", part), f"nobody knows here what {part} is"
    return known.get(part, "") not in ("", "false")
