"""`digest.accents`: TeX's accented letters as Unicode."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accents import accented


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"Schr\"odinger, Schr{\"o}dinger, Schr\"{o}dinger, Schr{\"{o}}dinger", ", ".join(["Schrödinger"] * 4)),
        (r"Erd{\H o}s and Erd\H{o}s", "Erdős and Erdős"),
        (r"\'{E}lie, Fran\c{c}ois, \v Cech, \c c", "Élie, François, Čech, ç"),
        (r"{\o}stergaard, \O ystein, \L{}ukasz, {\AA}ke, Stra{\ss}e", "østergaard, Øystein, Łukasz, Åke, Straße"),
        (r"Ji\v{r}\'{\i}, na\"{\i}ve, Mar\'\i a", "Jiří, naïve, María"),
        (r"\.{I}zmir, \d{H}asan, \k{a}, \r{u}, \u{g}", "İzmir, Ḥasan, ą, ů, ğ"),
    ],
)
def test_an_accent_and_its_letter_are_one(text: str, read: str) -> None:
    """Braces around either or both make no difference, nor does a space behind an accent that is a letter."""
    assert accented(text) == read


@pytest.mark.parametrize(
    "text",
    [r"$\c{x} + \'a$ stays", r"\textbf{x} and \cite{a}", r"a \ b", r"C:\users\old", "no TeX", "\\", r"\v", r"{\c"],
)
def test_other_tex_stays_as_it_is(text: str) -> None:
    """Formulas, macros that are no accents, and backslashes are left to who knows them."""
    assert accented(text) == text


@given(st.text(alphabet="\\{}'\"`^~=.cvuHkr aoeiLlo$\u0301é", max_size=40))
def test_no_text_raises_and_the_result_is_in_nfc(text: str) -> None:
    """Whatever is half written stays; nothing raises."""
    if "\\" in text:
        assert unicodedata.is_normalized("NFC", accented(text))
