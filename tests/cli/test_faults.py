"""What goes wrong: each fault has its message and exit code, loses nothing, and leaves the old edition whole."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pages import LAYOUTS, invented
from terminal import HALF_PAGE, a_config, a_page, digest, tree

K = ("-k", "quantization:3", "--day", "2026-05-26")


def test_a_missing_file_stops_no_other(tmp_path: Path) -> None:
    """A file that is not there is named, the others are read, and the code is 3."""
    a_page(tmp_path)
    done = digest("run", "nosuch.txt", "page.txt", *K, cwd=tmp_path)
    assert done.code == 3
    assert done.err == "digest: nosuch.txt: there is no such file\n"
    assert done.out.endswith("delivered: 2 listings in 2 files, 2 papers; digest 2026-05-26: 1 paper; 1 problem\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty: it lists nothing"), (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is no text but a PNG image")],
)
def test_a_file_without_text_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    """An empty and a binary file are told, the others are read, and the code is 3."""
    a_page(tmp_path)
    (tmp_path / "bad.txt").write_bytes(content)
    done = digest("parse", "--json", "bad.txt", "page.txt", cwd=tmp_path)
    assert done.code == 3
    assert f"digest: bad.txt: {told}" in done.err
    assert len(done.out.splitlines()) == 2


def test_a_file_of_two_layouts_loses_nothing(tmp_path: Path) -> None:
    """Half a page of one layout and half of another are both read, without a problem."""
    papers = list(invented(8))
    text = "".join(LAYOUTS["authors_abstract"](papers[:4])) + "".join(LAYOUTS["hf_page"](papers[4:]))
    a_page(tmp_path, text=text)
    done = digest("parse", "--json", "page.txt", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line)["abstract"] for line in done.out.splitlines()] == [p.abstract for p in papers]


def test_a_line_of_ten_megabytes_is_one_problem(tmp_path: Path) -> None:
    """A line of 10 MB is named with its number, its listing alone is left out, and memory stays small."""
    page = a_page(tmp_path)
    with page.open("a") as file:
        file.write("word " * 2_000_000 + "\narXiv:2605.00003\n" + HALF_PAGE)
    done = digest("parse", "--json", "page.txt", cwd=tmp_path)
    assert done.code == 3
    assert done.err == "digest: page.txt:6: a line of more than 256 kB: the listing it belongs to was left out\n"
    assert len(done.out.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profiles:\n  ana:\n   keywords: [a\n", "digest.yaml:"),
        (
            "profiles:\n  ana:\n    keywrods: [a]\n",
            "digest.yaml:3:5: profiles.ana: unknown key 'keywrods' (did you mean 'keywords'?)",
        ),
        ("", "digest.yaml: is empty"),
    ],
)
def test_a_wrong_config_changes_nothing(text: str, told: str, tmp_path: Path) -> None:
    """Invalid YAML and an unknown key are told with their place; the code is 2 and nothing is written."""
    a_page(tmp_path)
    (tmp_path / "digest.yaml").write_text(text)
    done = digest("run", cwd=tmp_path)
    assert done.code == 2
    assert told in done.err
    assert set(tree(tmp_path)) == {"page.txt", "digest.yaml"}


def test_an_output_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where the output folder is a file, or lies below one, the message names it and the code is 5."""
    a_page(tmp_path)
    for out in ("page.txt", "page.txt/below"):
        done = digest("run", "page.txt", *K, "--out", out, cwd=tmp_path)
        assert done.code == 5
        assert "page.txt" in done.err
        assert "Traceback" not in done.err
    assert set(tree(tmp_path)) == {"page.txt"}


def test_a_full_disk_leaves_the_old_edition_whole(tmp_path: Path) -> None:
    """When publishing runs out of space, the code is 5 and every published file is as it was."""
    a_page(tmp_path)
    assert digest("run", "page.txt", *K, cwd=tmp_path).code == 0
    before = tree(tmp_path)
    a_page(tmp_path, "more.txt", HALF_PAGE.replace("0000", "0001") + "".join(LAYOUTS["abstract_id"](invented(20))))
    done = subprocess.run(
        [sys.executable, "-m", "digest", "run", "page.txt", "more.txt", *K],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        # A file that may not grow past 4 kB fails in the same call as one on a full disk.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    after = tree(tmp_path)
    assert {name: after[name] for name in before} == before
    assert set(after) == {*before, "more.txt"}
    assert digest("run", "page.txt", "more.txt", *K, cwd=tmp_path).code == 0


def test_a_store_that_is_none_is_kept(tmp_path: Path) -> None:
    """A store file that is something else is left as it is, and the code is 5."""
    a_page(tmp_path)
    a_config(tmp_path, "")
    (tmp_path / "digest.db").write_text("my diary")
    done = digest("run", cwd=tmp_path)
    assert done.code == 5
    assert "digest.db" in done.err
    assert (tmp_path / "digest.db").read_text() == "my diary"
    assert not (tmp_path / "feeds").exists()


def test_two_runs_at_once_take_turns(tmp_path: Path) -> None:
    """A second run on a store that is in use ends with code 75 and changes nothing."""
    import fcntl

    a_page(tmp_path)
    a_config(tmp_path)
    assert digest("run", "--day", "2026-05-26", cwd=tmp_path).code == 0
    before = tree(tmp_path)
    with (tmp_path / "digest.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = digest("run", "--day", "2026-05-27", cwd=tmp_path)
    assert done.code == 75
    assert "another run is at work" in done.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rnu",), "no command 'rnu' (did you mean 'run'?)"),
        (("frobnicate",), "there are: run, parse"),
        (("run",), "nothing to look for"),
        (("run", *K), "name the files to read"),
        (("run", "page.txt", *K, "--config", "digest.yaml"), "do not go with --config"),
        (("run", "page.txt", "--limit", "3"), "--limit goes with -k"),
        (("run", "page.txt", "-k", "a:b"), "the weight 'b' is not a number"),
        (("run", "page.txt", "-k", "!!!"), "no letter or digit"),
        (("run", "page.txt", "-k", "a", "--day", "tomorrow"), "'tomorrow' is no day; write it as 2026-05-26"),
        (("run", "page.txt", "-k", "a", "--threshold", "nan"), "no number of points"),
        (("run", "page.txt", "-k", "a", "--limit", "0"), "no whole number above 0"),
        (("rank", "page.txt"), "nothing to look for"),
        (("parse", "page.txt", "--format", "hf_pgae"), "no format 'hf_pgae' (did you mean 'hf_page'?)"),
        (("parse",), "required: FILE"),
        (("run", "--config", "nosuch.yaml"), "nosuch.yaml"),
    ],
)
def test_wrong_usage_is_explained(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """A command line that does not fit ends with code 2 and says what would."""
    a_page(tmp_path)
    done = digest(*words, cwd=tmp_path)
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err
    assert set(tree(tmp_path)) == {"page.txt"}


def test_an_unknown_zone_of_the_machine_is_no_trouble(tmp_path: Path) -> None:
    """A TZ that nobody knows does not stop an ad-hoc run without a day."""
    a_page(tmp_path)
    for zone in ("Nowhere/Special", "UTC+25"):
        assert digest("run", "page.txt", "-k", "a", cwd=tmp_path, TZ=zone).code == 0


def test_a_terminal_without_letters_gets_what_it_can_show(tmp_path: Path) -> None:
    """Where standard output takes only ASCII, names lose their accents' letters and nothing else."""
    a_page(tmp_path, text="Tomás Říha, Keiko Mori\nWe count papers once and find that many are old.\n")
    done = digest("papers", "page.txt", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.code, done.err) == (0, "")
    assert "Tom?s ??ha, Keiko Mori" in done.out
    rows = digest("papers", "--json", "page.txt", cwd=tmp_path, PYTHONIOENCODING="ascii").out
    assert json.loads(rows)["authors"] == ["Tomás Říha", "Keiko Mori"]


def test_a_config_without_sources_says_what_is_missing(tmp_path: Path) -> None:
    """A run that has nothing to read is no quiet day but wrong usage, and writes nothing."""
    (tmp_path / "digest.yaml").write_text("profiles:\n  ana:\n    keywords: [papers]\n")
    done = digest("run", cwd=tmp_path)
    assert done.code == 2
    assert "nothing to read: name files, or list them under `sources:`" in done.err
    assert set(tree(tmp_path)) == {"digest.yaml"}


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_takes_nothing_is_told(unbuffered: str, tmp_path: Path) -> None:
    """Where standard output is full, the message says so and the code is 5, at the first line or at the last."""
    a_page(tmp_path)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "digest", "parse", "page.txt"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 5
    assert "the output cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_trying_out_keywords_leaves_the_site_of_a_config_alone(tmp_path: Path) -> None:
    """Beside a digest.yaml an ad-hoc run wants a folder of its own."""
    a_page(tmp_path)
    a_config(tmp_path)
    refused = digest("run", "page.txt", *K, cwd=tmp_path)
    assert refused.code == 2
    assert "name another one with --out DIR" in refused.err
    assert digest("run", "page.txt", *K, "--out", "trial", cwd=tmp_path).code == 0
