"""Where templates are found, and what the environment refuses."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from digest.rendering.environment import environment, templates

ROOT = Path(__file__).parents[2]


def test_templates_of_a_checkout_stand_beside_the_package() -> None:
    """The repository keeps them at the top, where designers look."""
    assert templates() == ROOT / "templates"


def test_templates_of_an_installed_package_stand_inside_it(tmp_path: Path) -> None:
    """As a wheel lays them out, with no repository near."""
    shutil.copytree(ROOT / "digest", tmp_path / "digest", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", tmp_path / "digest" / "templates")
    program = (
        "from digest.model import Site; from digest.rendering import render_index\n"
        "from digest.rendering.environment import templates\n"
        "print(templates(), b'No profile is published here' in render_index([], Site())[0].content)"
    )
    said = subprocess.check_output(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path, text=True
    )
    assert said.split() == [str(tmp_path / "digest" / "templates"), "True"]


def test_name_that_is_not_there_is_an_error() -> None:
    """A template that misspells a value fails instead of printing nothing."""
    with pytest.raises(UndefinedError, match="'nothing' is undefined"):
        environment().from_string("{{ nothing }}").render()


def test_everything_printed_is_cleaned_and_escaped() -> None:
    """What Python did not make markup is text; what it did is printed as it is."""
    values = {"text": "<b>\u202ea\x00", "markup": Markup("<b>")}
    assert environment().from_string("{{ text }} {{ markup }}").render(values) == "&lt;b&gt;a <b>"


def test_templates_have_no_logic_but_loops_and_conditions() -> None:
    """Words are decided in Python: no template sets, calls or filters more than `join`."""
    for file in templates().glob("*.html"):
        text = file.read_text("utf-8")
        assert "{% set" not in text
        assert "| safe" not in text
        assert "|safe" not in text
