import re
import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from builders import a_paper
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.ranking.keywords import finder
from digest.text import (
    clean,
    fingerprint,
    fold,
    headline,
    occurrences,
    one_line,
    sentences,
    shorten,
    singular,
    spellings,
    tokens,
    without_tex_accents,
)

# What makes folding hard, so that a few joined at random meet every rule of it and their borders.
PIECES = (
    *("a", "Z", "s", "9", "network", "networks", "studies", "loss", "c", " ", "  ", "\n", "\t", "_", "-", ".", "/"),
    *("'", "'s", "’s", "’", "+", "++", "#", "C++", "{", "}", "\\", "\\'", '\\"', "\\c", "\\v ", "\\o", "\\ss", "\\L "),
    *("é", "e\u0301", "\u0301", "\u20d7", "ß", "ẞ", "İ", "ı", "ø", "Æ", "ﬁ", "Ⅳ", "½", "™", "℃", "№", "①", "²"),
    *("中", "が", "か\u3099", "한", "हि", "ΐ", "ς", "Σ", "\u200b", "\u200d", "\u00ad", "\u00a0", "\u2028", "🄰", "😀"),
)
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=40))
WORDS = st.text("abceghilnosuxyz", min_size=1, max_size=8)


def words(text: str) -> list[str]:
    return fold(text).split()


# ------------------------------------------------------------------------------------------------- clean


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@settings(max_examples=300)
def test_xml_takes_whatever_is_clean(text: str) -> None:
    """An XML parser accepts any text once it is clean, and gives it back but for its line ends."""
    root = ET.Element("text")
    root.text = clean(text)
    back = ET.fromstring(ET.tostring(root, "utf-8")).text or ""
    assert back == clean(text).replace("\r\n", "\n").replace("\r", "\n")


def test_no_character_of_unicode_survives_that_xml_forbids() -> None:
    """clean keeps no character outside XML 1.0's production 2, and of control characters white space only."""
    kept = clean("".join(map(chr, range(sys.maxunicode + 1))))
    assert re.fullmatch("[\t\n\r\x85\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", kept)
    assert len(kept) > 1_000_000


@given(TEXTS | st.text(st.characters(exclude_categories=()), max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """A clean text is clean: NFC, and the same after a second time."""
    assert clean(clean(text)) == clean(text)
    assert unicodedata.is_normalized("NFC", clean(text))


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200E, 0x061C, 0xFEFF, 0xFDD0, 0x1FFFE, 0x10FFFF, 0xD800, 0x9B, 0])
def test_what_fools_a_reader_or_a_terminal_is_removed(code: int) -> None:
    """Bidirectional controls, byte order marks, noncharacters, lone surrogates and C1 controls go."""
    assert clean(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize("text", ["naïve café", "量子", "😀👩‍💻", "a\tb\nc", "ﬁne", "$x^2 < y$ & z"])
def test_what_a_reader_can_read_stays(text: str) -> None:
    """Letters of any script, emoji with their joiners, TeX and white space are left as they are."""
    assert clean(text) == text


@given(TEXTS | st.text(st.characters(exclude_categories=()), max_size=60))
def test_one_line_is_one_line(text: str) -> None:
    """However a text is broken, one_line has no line end, no two spaces and none at an end, and is stable."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert "  " not in line
    assert one_line(line) == line


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\f", "\v", "\x85", "\u2028", "\u00a0", "\u3000", "\x1c"])
def test_every_white_space_keeps_words_apart(space: str) -> None:
    """A form feed or a line separator between two words becomes a space, it does not glue them together."""
    assert one_line(f"first{space}second") == "first second"


# ------------------------------------------------------------------------------------------------- folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Quantization-Aware Training", "quantization aware training"),
        ("naïve Bayes, Poincaré", "naive bayes poincare"),
        ("STRASSE Straße", "strasse strasse"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("Łukasz Ørsted Æsir Þór", "lukasz orsted aesir thor"),
        ("eﬃcient ﬁne-tuning", "efficient fine tuning"),
        ("ＦＵＬＬＷＩＤＴＨ", "fullwidth"),
        ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
        ("量子 計算", "量子 計算"),
        ("H₂O and x²", "h2o and x2"),
        (r"Schr\"odinger Schr{\"o}dinger Schr\"{o}dinger", "schrodinger schrodinger schrodinger"),
        (r"Poincar\'e, {\'E}cole, G\"{o}del, na{\"\i}ve", "poincare ecole godel naive"),
        (r"Erd\H{o}s, \v{C}ech, {\v C}ech, \c{S}ahin, Gu\c c", "erdos cech cech sahin guc"),
        (r"{\L}ukasz, {\O}rsted, stra{\ss}e, {\ae}ther, Bj\o rn", "lukasz orsted strasse aether bjorn"),
        ("the model's weights, the models' weights", "the model weights the models weights"),
        ("Einstein’s EINSTEIN'S", "einstein einstein"),
        ("it isn't theirs", "it isn t theirs"),
        ("snake_case and a/b", "snake case and a b"),
        ("C++, C# and F#.", "c++ c# and f#"),
        ("GPT-4 at 3.5e-4", "gpt 4 at 3 5e 4"),
        ("a+b", "a b"),
        ("+ # ++", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    """Case, accents, ligatures, TeX accents, possessives and punctuation make no difference; C++ is no C."""
    assert " ".join(words(text)) == folded


@pytest.mark.parametrize(
    ("text", "folded"), [("C++17", "c++ 17"), ("C++/CLI", "c++ cli"), ("i++j", "i++ j"), ("1+1", "1 1")]
)
def test_a_plus_belongs_to_the_word_before_it_or_to_nobody(text: str, folded: str) -> None:
    """C++17 is C++ in version 17, never C+, and a sum has no plus in its words."""
    assert " ".join(words(text)) == folded


def test_a_mark_of_trade_is_no_part_of_a_name() -> None:
    """A paper that writes Jetson™ is found by `jetson`."""
    assert words("Jetson™ Nano, Xeon℠") == ["jetson", "nano", "xeon"]


@pytest.mark.parametrize("joiner", ["\u00ad", "\u200b", "\u200d", "\u2060"])
def test_what_nobody_sees_parts_no_word(joiner: str) -> None:
    """A soft hyphen, or a mark of zero width from a web page, does not hide a word from a keyword."""
    assert words(f"quanti{joiner}zation") == ["quantization"]


def test_a_quotation_mark_behind_a_backslash_glues_no_words() -> None:
    """An escaped quotation mark between two words is no accent on the second."""
    assert words(r"the \"large\" model") == ["the", "large", "model"]


@given(TEXTS)
def test_a_folded_text_is_padded_and_parted_by_one_space(text: str) -> None:
    """A folded text starts and ends with a space, has never two in a row, and is one space where it has no word."""
    folded = fold(text)
    assert folded[0] == folded[-1] == " "
    assert "  " not in folded
    assert folded == (" " + " ".join(folded.split()) + " " if folded.split() else " ")


@given(TEXTS)
@example("Cafe\u0301's")
@example("ΐ's ﬃ's")
def test_folding_does_not_see_how_characters_are_composed(text: str) -> None:
    """A text composed (NFC) and the same decomposed (NFD) fold alike, and so do its upper and lower case."""
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    """Folding twice changes nothing."""
    assert fold(fold(text)) == fold(text)


@given(st.text("abcXYZ019 -_.,+#'\\{}\"", max_size=30))
def test_letters_outside_ascii_do_not_change_how_the_rest_is_folded(text: str) -> None:
    """The quick way for plain ASCII gives the words that the general way gives."""
    assert words(f"{text} 中")[:-1] == words(text)


def test_a_word_is_not_found_inside_another() -> None:
    """`rag` stands in RAG. and not in storage, fragment or RAGs."""
    assert " rag " in fold("We use RAG.")
    for text in ("storage", "fragment", "RAGs", "rag2", "ragé"):
        assert " rag " not in fold(text)


def test_tex_is_left_alone_where_there_is_none() -> None:
    """A text without TeX's letters is given back as it is, commands that only look alike included."""
    for text in ("plain", r"\alpha and \omega", r"C:\temp", "\\"):
        assert without_tex_accents(text) == text


# ------------------------------------------------------------------------------------------------- tokens


@given(TEXTS)
@settings(max_examples=500)
@example(r"Schr{\"o}'s cat")
@example(r"a+\'e")
@example(r"\v's a")
@example("a\u20d7b")
@example("25℃ Foo™")
@example("a's+")
def test_tokens_are_the_folded_words(text: str) -> None:
    """For any text the tokens are the words of fold, in their order."""
    assert [token.word for token in tokens(text)] == words(text)


@given(TEXTS)
@settings(max_examples=300)
def test_a_token_stands_in_the_text(text: str) -> None:
    """Every token has a place in the text that is not empty, and neither starts nor ends go back."""
    found = tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)
    assert [token.end for token in found] == sorted(token.end for token in found)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Graph-based models", ["Graph", "based", "models"]),
        (r"Poincar\'e maps", [r"Poincar\'e", "maps"]),
        ("Poincaré’s maps", ["Poincaré", "maps"]),
        ("e\u0301t\u20d7a x", ["e\u0301t\u20d7a", "x"]),
        ("C++ code", ["C++", "code"]),
        ("½ more", ["½", "½", "more"]),
    ],
)
def test_a_token_knows_how_it_was_written(text: str, written: list[str]) -> None:
    """A token's place holds the word as the text has it, TeX and marks included."""
    assert [text[token.start : token.end] for token in tokens(text)] == written


# ------------------------------------------------------------------------------------------------- plurals


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *[("network", "networks"), ("study", "studies"), ("image", "images"), ("gan", "gans"), ("tree", "trees")],
        *[("query", "queries"), ("cache", "caches"), ("database", "databases"), ("size", "sizes"), ("llm", "llms")],
    ],
)
def test_a_plural_is_its_singular(one: str, many: str) -> None:
    """A regular plural and its singular are one word."""
    assert singular(one) == singular(many)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *[("process", "processes"), ("loss", "losses"), ("class", "classes"), ("bias", "biases"), ("box", "boxes")],
        *[("approach", "approaches"), ("patch", "patches"), ("mesh", "meshes"), ("virus", "viruses"), ("tie", "ties")],
    ],
)
def test_a_plural_after_a_hissing_sound_is_its_singular(one: str, many: str) -> None:
    """`gaussian process` finds Gaussian processes, and `loss` finds losses."""
    assert singular(one) == singular(many)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("general", "generative"), ("corpus", "corp"), ("loss", "los"), ("class", "clas"), ("optimus", "optimu")],
        *[("universe", "university"), ("news", "newly"), ("us", "u"), ("is", "i"), ("as", "a"), ("policy", "police")],
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    """The stemmer is light: what is no plural is left alone."""
    assert singular(one) != singular(other)


@given(WORDS)
def test_a_singular_is_its_own(word: str) -> None:
    """The singular of a singular is itself, and no word becomes empty."""
    assert singular(singular(word)) == singular(word) != ""


@given(WORDS)
@settings(max_examples=300)
def test_spellings_are_the_words_of_one_singular(word: str) -> None:
    """spellings gives a word itself and only words of the same singular, whichever of them it is asked for."""
    found = spellings(word)
    assert word in found
    assert {singular(other) for other in found} == {singular(word)}
    assert all(set(spellings(other)) == set(found) for other in found)


@given(WORDS, st.sampled_from(["", "s", "es", "ies", "e"]))
@settings(max_examples=300)
def test_no_spelling_is_missing(word: str, ending: str) -> None:
    """Every word of the same singular, however it ends, is among the spellings."""
    for other in (word + ending, word[:-1] + ending):
        if other and singular(other) == singular(word):
            assert other in spellings(word)


# ------------------------------------------------------------------------------------------------- occurrences

PROSE = st.lists(
    st.sampled_from(
        (
            *("graph", "graphs", "neural", "network", "networks", "Network's", "a", "a", "study", "studies", "C++"),
            *("(", ",", "-", r"Schr\"odinger", "Schrödinger", "loss", "losses", "\u00ad", "™", "process", "processes"),
        )
    ),
    max_size=14,
).map(" ".join)


@given(PROSE | TEXTS, st.lists(PROSE | TEXTS, max_size=4))
@settings(max_examples=400)
@example(
    "deep neural network for images segmentation with transformers",
    ["deep neural networks for image segmentation with transformers"],
)
def test_a_mark_stands_exactly_where_there_is_a_reason(text: str, phrases: list[str]) -> None:
    """A phrase has an occurrence in a text if and only if the keyword signal finds it there."""
    paper = a_paper(title=text, headline="x", abstract=None)
    for phrase in phrases:
        assert bool(occurrences(text, [phrase])) == bool(finder([phrase])(paper)), phrase


@given(PROSE | TEXTS, st.lists(PROSE | TEXTS, max_size=4))
@settings(max_examples=300)
def test_marks_are_in_order_and_apart(text: str, phrases: list[str]) -> None:
    """Occurrences lie in the text, are not empty, in order, and have at least one character between them."""
    last = -1
    for start, end in occurrences(text, phrases):
        assert last < start < end <= len(text)
        last = end


@given(PROSE | TEXTS, st.lists(PROSE | TEXTS, max_size=4))
@settings(max_examples=400)
def test_places_are_the_same_however_they_are_looked_for(text: str, phrases: list[str]) -> None:
    """A lonely backslash behind a text, for which all its words are looked at, changes no place in it."""
    assert occurrences(text, phrases) == occurrences(f"{text} \\", phrases)


@pytest.mark.parametrize(
    ("text", "phrases", "marked"),
    [
        ("Graph neural networks and a graph.", ["graph"], ["Graph", "graph"]),
        ("Graph neural networks.", ["graph neural network"], ["Graph neural networks"]),
        ("Neural graph networks.", ["graph neural network"], []),
        ("graph neural network pruning", ["graph neural", "neural network pruning"], ["graph neural network pruning"]),
        ("a a a", ["a a"], ["a a a"]),
        ("Graph neural networks.", ["graph", "graph neural"], ["Graph neural"]),
        ("C++17", ["17", "c++"], ["C++17"]),
        ("RAG in storage", ["rag"], ["RAG"]),
        (r"The Poincar\'e map", ["poincaré map"], [r"Poincar\'e map"]),
        ("x", ["", "!!!"], []),
        ("", ["x"], []),
        ("x", [], []),
    ],
)
def test_occurrences(text: str, phrases: list[str], marked: list[str]) -> None:
    """Phrases are found whole, in order, in any number; those that overlap are one mark."""
    assert [text[start:end] for start, end in occurrences(text, phrases)] == marked


# ------------------------------------------------------------------------------------------------- fingerprints

LONG = (
    "We present a self-supervised method for Schrödinger bridges that is state-of-the-art on three benchmarks, "
    "and release the code."
)


@pytest.mark.parametrize(
    "other",
    [
        LONG.upper(),
        LONG.replace(" ", "\n"),
        LONG.replace("self-supervised", "self-\nsupervised"),
        LONG.replace("-", " "),
        LONG.replace("ö", r"\"{o}"),
        LONG.replace("ö", "o"),
        LONG.replace("ö", "o\u0308"),
        LONG.replace(",", ";").rstrip("."),
        f"**{LONG}** ",
        LONG.replace("bridges", "bri\u00addges"),
    ],
)
def test_a_fingerprint_sees_letters_and_digits_only(other: str) -> None:
    """A text that was wrapped, hyphenated, shouted, spelled in TeX or marked up keeps its fingerprint."""
    assert fingerprint(other) == fingerprint(LONG) is not None


@pytest.mark.parametrize("other", [LONG + " 2", LONG.replace("three", "four"), LONG[:-8], LONG + "量"])
def test_another_text_has_another_fingerprint(other: str) -> None:
    """One letter more, less or different, of any script, is another text."""
    assert fingerprint(other) != fingerprint(LONG)


@pytest.mark.parametrize("text", ["", " ", "!!!", "This paper has been withdrawn.", "量子" * 3, "-" * 500])
def test_a_short_text_has_no_fingerprint(text: str) -> None:
    """Too few letters to identify a paper give none, however many other characters there are."""
    assert fingerprint(text) is None


def test_a_fingerprint_of_anything_can_be_asked_for() -> None:
    """With least=0 even a text without a letter has one, of 32 hexadecimal digits."""
    found = fingerprint("", least=0)
    assert found is not None
    assert len(found) == 32
    assert int(found, 16)


def test_a_fingerprint_never_changes() -> None:
    """Fingerprints are kept in stores: this sentence has the same one in every version, on every machine."""
    assert fingerprint(LONG) == "355199ae2f80c2514e190c9549474428"


@given(TEXTS, TEXTS)
def test_texts_of_the_same_words_have_one_fingerprint(one: str, other: str) -> None:
    """Two texts that fold to the same words, and have no possessive to lose, have the same fingerprint."""
    if "'" not in one + other and "’" not in one + other and fold(one) == fold(other) and "+" not in fold(one):
        assert fingerprint(one, least=0) == fingerprint(other, least=0)


# ------------------------------------------------------------------------------------------------- headlines


@given(TEXTS | st.text("ab ,.", max_size=60), st.integers(1, 40))
@settings(max_examples=300)
def test_a_short_version_fits(text: str, width: int) -> None:
    """shorten never gives more than `width` characters, gives a text that fits as it is, and marks a cut."""
    short = shorten(text, width)
    assert len(short) <= width
    assert short == text if len(text) <= width else short.endswith("…")


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("alpha beta gamma", 16, "alpha beta gamma"),
        ("alpha beta gamma", 15, "alpha beta…"),
        ("alpha beta gamma", 11, "alpha beta…"),
        ("alpha beta gamma delta", 17, "alpha beta gamma…"),
        ("alpha beta gamma delta", 16, "alpha beta…"),
        ("alpha beta, gamma delta", 17, "alpha beta…"),
        ("alpha beta (gamma) delta", 18, "alpha beta…"),
        ("Donaudampfschifffahrt", 6, "Donau…"),
        ("", 5, ""),
        ("abc", 1, "…"),
    ],
)
def test_a_text_is_cut_between_words(text: str, width: int, short: str) -> None:
    """The cut is after as many whole words as fit, without the punctuation before it, and only a long word is split."""
    assert shorten(text, width) == short


@given(
    TEXTS
    | st.lists(st.sampled_from(["We do it.", "Dr.", "A.", "e.g.", "Fig. 2", "Is it?", "x", "3.5", "(B)."])).map(
        " ".join
    )
)
def test_sentences_joined_are_the_text(text: str) -> None:
    """The sentences of a text joined by one space are its one_line."""
    assert " ".join(sentences(text)) == one_line(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We do it. It works! Does it? Yes.", ["We do it.", "It works!", "Does it?", "Yes."]),
        ("See Fig. 2 of Smith et al. Then stop.", ["See Fig. 2 of Smith et al. Then stop."]),
        ("By J. Smith, e.g. On dogs, i.e. Here.", ["By J. Smith, e.g. On dogs, i.e. Here."]),
        ("At 3.5 percent. $x$ grows.", ["At 3.5 percent.", "$x$ grows."]),
        ("", [""]),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    """A sentence ends at its mark before a capital, a digit or TeX; abbreviations and initials end none."""
    assert sentences(text) == found


@pytest.mark.parametrize(
    ("abstract", "line"),
    [
        (
            "Diffusion models are slow. We present a sampler of four steps. It works.",
            "We present a sampler of four steps",
        ),
        ("Dogs bark. In this paper, we introduce Bark, a corpus.", "We introduce Bark, a corpus"),
        ("Trees grow. This work studies moss. Fine.", "This work studies moss"),
        ("Trees grow in woods. They are green.", "Trees grow in woods"),
        ("graphs are everywhere", "Graphs are everywhere"),
        ("  Wrapped\ntext of   a line.\n", "Wrapped text of a line"),
    ],
)
def test_a_headline_is_what_an_abstract_announces(abstract: str, line: str) -> None:
    """The first sentence that announces something is the headline, else the first sentence, without its full stop."""
    assert headline(abstract) == line


@given(TEXTS | PROSE, st.integers(10, 120))
def test_a_headline_is_a_line_that_fits(text: str, width: int) -> None:
    """Any abstract gives a headline of at most `width` characters, on one line, and something where it has a word."""
    line = headline(one_line(text), width)
    assert len(line) <= width
    assert len(line.splitlines()) <= 1
    if words(text):
        assert line


# ------------------------------------------------------------------------------------------------- size


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    [
        *[
            "a",
            "a ",
            "'s",
            "a's ",
            "+",
            "a+",
            "C++",
            "\\",
            '\\" ',
            "\\c ",
            "\\v",
            "{\\'",
            "\u0301",
            "é",
            "™",
            "中",
            "a\u0301's ",
        ],
        *["We. ", "we ", "this paper ", "in this paper. ", "A.", ".", "Ab. ", "e.g. ", "\ud800", " ", "\n"],
    ],
    ids=ascii,
)
def test_the_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """50,000 characters of the worst kind are cleaned, folded, cut up, marked and shortened at once."""
    text = (piece * 50_000)[:50_000]
    one_line(text), fold(text), tokens(text), occurrences(text, ["a", "a b", "we we we"])
    fingerprint(clean(text)), headline(text), sentences(text), shorten(text, 20_000)
