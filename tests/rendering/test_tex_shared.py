"""The laws of readable text over all real titles, abstracts, comments and names that lie beside the checkout."""

import json
import re

import pytest
from test_tex_mathml import check

from digest.rendering.tex import pieces, readable
from digest.rendering.tex.spans import spans
from digest.text import clean, one_line

_WORD = re.compile(r"(?<!\S)[(\"']?[A-Za-z]{2,}[.,;:!?)]*(?!\S)")


@pytest.fixture(scope="module")
def texts(shared):
    """Every text of every paper of the stream and of the listings with gold, once."""
    found = {}
    for folder in ("stream", "listing_gold"):
        for path in sorted((shared / folder).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                authors = row.get("authors") or []
                told = [row.get(key) for key in ("title", "abstract", "summary", "comment", "comments")]
                told += [authors] if isinstance(authors, str) else authors
                found.update((one_line(text), None) for text in told if text)
    assert len(found) > 6000
    return list(found)


def test_real_texts_are_read_to_clean_lines(texts):
    """Nothing raises; each text comes out as one clean line, which its pieces join to, and stays so when read again."""
    for text in texts:
        got = readable(text)
        assert got == one_line(got) == clean(got)
        assert "".join(piece.text for piece in pieces(text)) == got
        assert readable(got) == got
        check(text)


def test_no_formula_of_a_real_text_is_left(texts):
    """Where formulas were, no dollar and no macro of theirs is left."""
    for text in texts:
        money = re.sub(r"\\\$|\$\d[\d.,]*[KMBk]?", "", text)
        if money.count("$") % 2 == 0 and spans(text):
            assert not re.search(r"\$(?!\d)", readable(text)), text


def test_prose_of_real_texts_survives(texts):
    """Every word that stands alone outside of formulas is there afterwards, in its order."""
    for text in texts:
        prose = text
        for span in reversed(spans(text).values()):
            prose = f"{prose[: span.start]}$\0${prose[span.end :]}"
        rest = iter(readable(text).split(" "))
        for word in _WORD.findall(prose):
            plain = word.strip("\"'().,;:!?")
            assert any(plain in one for one in rest), (word, text)


def test_little_tex_is_left_in_real_texts(texts):
    """Of all texts at most one in a thousand still has a backslash or a dollar that is no price."""
    left = [got for text in texts if re.search(r"\\|\$(?!\d)", got := readable(text))]
    assert len(left) <= len(texts) / 1000, left
