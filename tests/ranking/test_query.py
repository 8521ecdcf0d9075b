import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.model import Term
from digest.ranking.query import parse_term


@pytest.mark.parametrize(
    ("text", "phrase", "weight"),
    [
        ("quantization", "quantization", 1.0),
        ("quantization:3", "quantization", 3.0),
        ("quantization: 3", "quantization: 3", 1.0),
        ("quantization :3", "quantization", 3.0),
        ("  quantization:0.5 ", "quantization", 0.5),
        ("survey:-1", "survey", -1.0),
        ("survey:+2", "survey", 2.0),
        ("survey:1e2", "survey", 100.0),
        ("survey:1000", "survey", 1000.0),
        ("speech recognition", "speech recognition", 1.0),
        ("speech \t recognition:2", "speech recognition", 2.0),
        ('"speech recognition":2', "speech recognition", 2.0),
        ('"speech recognition"', "speech recognition", 1.0),
        ('"speech recognition" : 2', "speech recognition", 2.0),
        ('"std::vector"', "std::vector", 1.0),
        ('"ratio 3:1":-2', "ratio 3:1", -2.0),
        ("“speech recognition”:2", "speech recognition", 2.0),
        ("„Sprache“:2", "Sprache", 2.0),
        ("«parole»:2", "parole", 2.0),
        ("BERT: a survey", "BERT: a survey", 1.0),
        ("C++:2", "C++", 2.0),
        ("量子:2", "量子", 2.0),
        ("naïve Bayes", "naïve Bayes", 1.0),
        ("Sinha, A.:5", "Sinha, A.", 5.0),
        ("Conan O'Brien", "Conan O'Brien", 1.0),
    ],
)
def test_what_a_person_writes(text: str, phrase: str, weight: float) -> None:
    """A word, a phrase, quotes of several kinds, and a weight after a colon."""
    assert parse_term(text) == Term(text=phrase, weight=weight)


def test_the_weight_that_is_not_named_is_the_default() -> None:
    """A caller says what a term without a weight counts; a weight that is named stands."""
    assert parse_term("Sinha", 3.0).weight == 3.0
    assert parse_term('"Sinha"', 3.0).weight == 3.0
    assert parse_term("Sinha:1", 3.0).weight == 1.0


NOT_A_NUMBER = "is not a number; write it as in 'quantization:3', and put a text with a colon in double quotes"
OUT_OF_RANGE = "a weight is a number from -1000 to 1000 and not 0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quantization:", f"keyword quantization:: the weight '' {NOT_A_NUMBER}"),
        ("quantization:high", f"keyword quantization:high: the weight 'high' {NOT_A_NUMBER}"),
        ("std::vector", f"keyword std::vector: the weight 'vector' {NOT_A_NUMBER}"),
        ('"a":x', f"keyword \"a\":x: the weight 'x' {NOT_A_NUMBER}"),
        ('"a":', f"keyword \"a\":: the weight '' {NOT_A_NUMBER}"),
        ("a:0", f"keyword a:0: {OUT_OF_RANGE}"),
        ("a:-0.0", f"keyword a:-0.0: {OUT_OF_RANGE}"),
        ("a:nan", f"keyword a:nan: {OUT_OF_RANGE}"),
        ("a:inf", f"keyword a:inf: {OUT_OF_RANGE}"),
        ("a:-inf", f"keyword a:-inf: {OUT_OF_RANGE}"),
        ("a:1e999", f"keyword a:1e999: {OUT_OF_RANGE}"),
        ("a:1000.01", f"keyword a:1000.01: {OUT_OF_RANGE}"),
        ("a:-1001", f"keyword a:-1001: {OUT_OF_RANGE}"),
        ('"speech recognition', 'keyword "speech recognition: the quote is not closed'),
        ('"', 'keyword ": the quote is not closed'),
        ("“speech", "keyword “speech: the quote is not closed"),
        (
            '"speech" recognition',
            'keyword "speech" recognition: after the quotes only a weight may follow, as in "speech":2',
        ),
        ('"a" "b":2', 'keyword "a" "b":2: after the quotes only a weight may follow, as in "a":2'),
        ("", "keyword '' has no letter or digit to look for"),
        ("  ", "keyword '  ' has no letter or digit to look for"),
        ("!?", "keyword '!?' has no letter or digit to look for"),
        (":3", "keyword ':3' has no letter or digit to look for"),
        ('""', "keyword '\"\"' has no letter or digit to look for"),
        ('"":2', "keyword '\"\":2' has no letter or digit to look for"),
        ("\u0301:2", "keyword '\u0301:2' has no letter or digit to look for"),
    ],
)
def test_what_cannot_be_understood_is_told(text: str, message: str) -> None:
    """Each mistake has a sentence that says what is wrong with which keyword, and what to write instead."""
    with pytest.raises(UsageError) as told:
        parse_term(text)
    assert str(told.value) == message


@given(st.text(max_size=30))
def test_any_text_is_a_term_or_a_usage_error(text: str) -> None:
    """Whatever is typed gives a term with a word in it and a finite weight in range, or UsageError."""
    try:
        term = parse_term(text)
    except UsageError:
        return
    assert term.text.split() == term.text.split(" ")
    assert any(character.isalnum() for character in term.text)
    assert 0 < abs(term.weight) <= 1000


@given(
    st.lists(st.text("abc:'é+", min_size=1, max_size=5), min_size=1, max_size=3).map(" ".join),
    st.integers(1, 100_000).map(lambda n: n / 100),
)
def test_in_quotes_any_phrase_stands_for_itself(phrase: str, weight: float) -> None:
    """A phrase in double quotes is taken as it is, colons included."""
    if any(character.isalnum() for character in phrase):
        assert parse_term(f'"{phrase}":{weight}') == Term(text=phrase, weight=weight)
