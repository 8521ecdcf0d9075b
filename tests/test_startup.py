"""What a start of the program imports: a light command must not pay for a heavy one."""

import subprocess
import sys

import pytest

from digest.formats import FORMATS

HEAVY = {
    "ahocorasick_rs", "argparse", "asyncio", "dataclasses", "feedgen", "jinja2", "lxml", "markdown", "nh3", "pydantic",
    "sqlite3", "yaml", "importlib.metadata", "css_inline", "latex2mathml", "pylatexenc", "starlette", "uvicorn",
    "apscheduler",
}  # fmt: skip


def imported(code: str) -> set[str]:
    report = "import sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {report}"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(word):
    """`digest --help` and `--version` import none of the libraries that a run needs, nor argparse."""
    assert not imported(f"from digest.cli import main; main(['{word}'])") & HEAVY


def test_importing_the_package_imports_none_of_its_modules():
    """`import digest` imports no other module of the package until a name is used."""
    assert {name for name in imported("import digest") if name.startswith("digest.")} == set()


def test_a_command_imports_only_what_it_uses(tmp_path):
    """`digest parse` imports no renderer, store or configuration; an ad-hoc run no store, YAML or Markdown."""
    page = tmp_path / "page.txt"
    page.write_text("We count papers once and find that many are old.\narXiv:2605.00001\n")
    parse = imported(f"from digest.cli import main; main(['parse', '{page}'])")
    assert not parse & {"jinja2", "feedgen", "lxml", "sqlite3", "yaml", "pydantic", "ahocorasick_rs"}
    words = ["run", str(page), "-k", "papers", "--out", str(tmp_path / "site")]
    run = imported(f"from digest.cli import main; main({words})")
    assert {"jinja2", "feedgen"} <= run
    assert not run & {"sqlite3", "yaml", "pydantic", "markdown", "nh3", "importlib.metadata", "click", "css_inline"}
    assert not run & {"latex2mathml", "pylatexenc"}, "there is no TeX in that page"


def test_a_daily_run_is_a_light_one(tmp_path):
    """A run with a config, over a feed and with a mail, imports no format but the feed's, nothing that reads what comes
    back by mail where no inbox is named, and none of the libraries that other commands need.
    """
    (tmp_path / "feed.xml").write_text(FORMATS["feed"].EXAMPLE)
    (tmp_path / "digest.yaml").write_text(
        "sources: [feed.xml]\nmail: {from: d@example.org, maildir: mails}\n"
        "profiles: {ana: {keywords: [quantum, the, a], recipients: [ana@example.org]}}\n"
    )
    words = ["run", "--config", str(tmp_path / "digest.yaml")]
    run = imported(f"from digest.cli import main; main({words})")
    assert {"digest.sending.office", "digest.rendering.mail", "sqlite3", "feedgen"} <= run
    formats = {name.split(".")[2] for name in run if name.startswith("digest.formats.")}
    assert formats & set(FORMATS) <= {"feeds", "arxiv_api"}
    assert not formats & {"hypertext", "notes", "entries", "references", "objects"}
    assert not {name for name in run if name.startswith(("digest.delivery.incoming", "digest.delivery.smtp"))}
    assert not run & {"digest.sending.arrivals", "digest.delivery.secrets", "digest.sources.web.client"}
    assert not run & {"markdown", "nh3", "selectolax", "apscheduler", "starlette", "uvicorn", "asyncio"}
    assert not run & {"latex2mathml", "pylatexenc", "cryptography", "tarfile"}
