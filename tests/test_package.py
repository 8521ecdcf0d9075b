"""What is shipped: the public names, and a wheel that works where nothing else is."""

import subprocess
import sys
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import digest


def test_public_names_are_there_and_sorted():
    """Every name in `__all__` can be used; the list is sorted; an unknown name is an AttributeError."""
    assert digest.__all__ == sorted(digest.__all__)
    assert all(callable(getattr(digest, name)) for name in digest.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        digest.nothing  # noqa: B018


def test_the_example_of_the_package_runs(tmp_path, monkeypatch, capsys):
    """The example in the package's docstring does what it says."""
    monkeypatch.chdir(tmp_path)
    page = "We find that quantization, counted once, is a matter of speech recognition.\narXiv:2605.0000{}\n"
    (tmp_path / "monday.txt").write_text(page.format(1))
    (tmp_path / "tuesday.txt").write_text(page.format(1))
    assert digest.__doc__
    exec(textwrap.dedent(digest.__doc__.partition("\n\n")[2]), {})
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2.0 We find that quantization")
    assert told[1] == '+1.5 "quantization" in abstract, +0.5 "speech recognition" in abstract'
    assert len(told) == 2


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_has_what_it_needs_and_no_more(wheel):
    """The wheel holds the package with its templates and samples, and none of the tests or the benchmark."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for inside in ("digest/templates/edition.html", "digest/templates/style.css", "digest/samples/digest.yaml"):
        assert inside in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"digest", f"paperdigest-{digest.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]


@pytest.mark.slow
def test_the_wheel_renders_in_an_empty_environment(wheel, tmp_path):
    """Installed alone into a new environment, the program reads a page and publishes an edition."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin/pip", "install", "--quiet", wheel], check=True, capture_output=True)
    (tmp_path / "page.txt").write_text("We count papers once and find that many are old.\narXiv:2605.00001\n")
    done = subprocess.run(
        [home / "bin/digest", "run", "page.txt", "-k", "papers:2", "--day", "2026-05-26"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "feeds/digest/2026-05-26.html").read_text()
    assert "<mark>papers</mark>" in page
    assert "<style>" in page
