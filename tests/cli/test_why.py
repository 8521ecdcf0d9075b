"""`digest why`: one answer for each way in which a paper can rank or be missing."""

from pathlib import Path

import pytest
from recorded import a_feed
from terminal import a_config, a_page, digest

K = ("-k", "quantization:3")


@pytest.mark.parametrize(
    ("paper", "words", "told"),
    [
        ("2605.00001", K, "digest: shown, number 1, with 1.50 points"),
        ("https://arxiv.org/abs/2605.00001v2", K, '+1.5 "quantization" in abstract'),
        ("patience of those who listen", K, "digest: matched by nothing"),
        ("2605.00001", (*K, "--mute", "reading list"), "digest: muted: it has 'reading list'"),
        ("2605.00001", ("-k", "quantization:-3"), "digest: not shown: its reasons sum to -1.50"),
        ("2605.99999", K, "'2605.99999' was never listed: none of the 2 papers known here"),
        ("2605.00001", K, "listed once: page.txt:1"),
    ],
)
def test_files_and_keywords_answer(paper: str, words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """For files and keywords the command says what became of the paper."""
    a_page(tmp_path)
    done = digest("why", paper, "page.txt", *words, cwd=tmp_path)
    assert done.code == 0
    assert told in done.out


def test_a_repeated_paper_says_where_it_stands(tmp_path: Path) -> None:
    """A paper that is the same as others names every listing of it."""
    a_page(tmp_path)
    a_page(tmp_path, "again.txt")
    done = digest("why", "2605.00001", "page.txt", "again.txt", *K, cwd=tmp_path)
    assert "listed 2 times, as one paper: again.txt:1, page.txt:1" in done.out


def test_the_memory_answers(tmp_path: Path) -> None:
    """With a config the command tells the edition that showed a paper, or why none did."""
    a_config(tmp_path, "    threshold: 1.2\n  ben:\n    keywords: [speech]\n    mutes: [patience]\n")
    a_page(tmp_path)
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    shown = digest("why", "2605.00001", "--profile", "ana", cwd=tmp_path)
    assert "ana: shown in edition 1 of 2026-05-26, number 1, with 1.50 points" in shown.out
    assert "ben:" not in shown.out
    missing = digest("why", "2605.00002", cwd=tmp_path)
    assert "ana: below the threshold: 1.00 points, and 1.20 are needed" in missing.out
    assert "ben: muted: it has 'patience'" in missing.out
    assert "'nobody' was never listed: none of the 2 papers" in digest("why", "nobody", cwd=tmp_path).out


def test_an_older_paper_is_told(tmp_path: Path) -> None:
    """One that was only replaced is left out of the edition, and the command says so."""
    a_config(tmp_path)
    feed = a_feed("2605.00001").replace("We measure", "We measure quantization").replace(" new", " replace")
    (tmp_path / "page.txt").write_text(feed.replace(">new<", ">replace<"), encoding="utf-8")
    made = digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert "ana 2026-05-26: quiet day (1 not new but revised)" in made.out
    assert "ana: not shown: only a new version was listed" in digest("why", "2605.00001", cwd=tmp_path).out


def test_the_limit_and_the_next_edition_are_told(tmp_path: Path) -> None:
    """A paper that the limit kept out is told with the last paper that was in; a late one waits for the next."""
    a_config(tmp_path, "    limit: 1\n")
    a_page(tmp_path)
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    kept_out = digest("why", "2605.00002", cwd=tmp_path)
    assert "the limit of 1 was reached in the edition of 2026-05-26, whose last paper has 1.50" in kept_out.out
    a_page(
        tmp_path,
        text="We weigh quantization once more and find it light, as others found before us.\narXiv:2605.00003\n",
    )
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    late = digest("why", "2605.00003", cwd=tmp_path)
    assert "came after the last edition: it is offered in the next one" in late.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("x", "--profile", "anna"), "no profile 'anna' (did you mean 'ana'?)"),
        (("x", "page.txt"), "with files, say what to look for"),
        (("x", *K), "name the files to look in"),
        (("x", "page.txt", *K, "--profile", "ana"), "do not go with --config or --profile"),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """Words that do not go together end with code 2 and say which."""
    a_config(tmp_path)
    a_page(tmp_path)
    done = digest("why", *words, cwd=tmp_path)
    assert done.code == 2
    assert told in done.err
