import pytest
from builders import a_paper, a_profile
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.ranking.keywords import PLACES, finder, signal
from digest.text import singular


def places(phrase: str, **texts: str | None) -> list[str]:
    """Where the phrase stands in a paper of these texts and no others."""
    paper = a_paper(**{"title": None, "abstract": None, "comments": None, "headline": "x", **texts})
    return [place for _, place, _ in finder([phrase])(paper)]


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("rag", "RAG."),
        ("RAG", "(rag)"),
        ("speech recognition", "Robust Speech-Recognition"),
        ("speech-recognition", "speech recognition"),
        ("speech recognition", "Speech\u00a0recognition"),
        ("network", "Networks of ours"),
        ("networks", "A network"),
        ("studies", "A study"),
        ("large language model", "Large Language Models"),
        ("large language models", "large languages model"),
        ("Gaussian process", "Gaussian processes"),
        ("losses", "A loss"),
        ("transformer", "The transformer's heart"),
        ("C++", "Faster C++17"),
        ("c#", "Written in C#."),
        ("schrödinger bridge", r"Schr\"odinger Bridges"),
        ("Schrodinger", "Schrödinger"),
        ("poincaré", "POINCARE"),
        ("3d", "3D Gaussian splatting"),
        ("gaussian splatting", "3D Gaussian splatting"),
        ("量子", "量子 コンピュータ"),
        ("İstanbul", "istanbul"),
        ("ﬁne tuning", "Fine-tuning"),
        ("a a", "a a a"),
        (
            "deep neural networks for image segmentation with transformers",
            "Deep neural network for images segmentation with transformers",
        ),
    ],
)
def test_a_phrase_is_found(phrase: str, title: str) -> None:
    """Case, hyphens, accents, TeX, possessives and plurals on either side make no difference."""
    assert places(phrase, title=title) == ["title"]


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("rag", "Storage"),
        ("rag", "Fragments"),
        ("c", "C++ and C#"),
        ("C++", "C"),
        ("speech recognition", "Recognition of speech"),
        ("speech recognition", "Speech and recognition"),
        ("speech recognition", "Speech"),
        ("general", "Generative"),
        ("graph neural network", "Graph network, neural"),
        (
            "deep neural networks for image segmentation with transformers",
            "Deep neural network for images segmentation with a transformer",
        ),
        (
            "deep neural networks for image segmentation with transformers",
            "Deep neural networks for image segmentation",
        ),
        ("!!!", "?"),
        ("", ""),
        ("", "x"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, title: str) -> None:
    """Parts of words, words apart, in another order or of another kind are no match."""
    assert places(phrase, title=title) == []


def test_a_phrase_does_not_run_from_one_field_into_the_next() -> None:
    """Half a phrase at the end of the title and half at the start of the abstract are no match."""
    assert places("speech recognition", title="On speech", abstract="Recognition of it.", comments="speech") == []


def test_a_phrase_is_found_in_each_place() -> None:
    """The places come from title to comments, each once."""
    assert places("graph", comments="Graphs, graphs", title="graph", abstract="a graph") == [
        "title",
        "abstract",
        "comments",
    ]


def test_terms_that_fold_alike_each_find_their_own() -> None:
    """Terms that are spelled differently and mean the same words each have their reason, in the profile's order."""
    found = finder(["RAG", "networks", "rag", "network"])(a_paper(title="RAG network", abstract=None))
    assert [index for index, _, _ in found] == [0, 1, 2, 3]


def test_terms_within_terms_are_all_found() -> None:
    """A term that is part of a longer one is found beside it, also where they overlap."""
    found = finder(["neural", "graph neural network", "neural network", "network model"])(
        a_paper(title="Graph neural network models", abstract=None)
    )
    assert [index for index, _, _ in found] == [0, 1, 2, 3]


def test_no_terms_find_nothing() -> None:
    """A profile without terms, or with terms without a word, gives no reasons and no error."""
    assert finder([])(a_paper()) == []
    assert finder(["", "…"])(a_paper()) == []
    assert signal([a_paper()], [a_profile()])(a_profile()) == {}


def test_a_paper_without_texts_has_no_reasons() -> None:
    """Neither None nor the empty text is looked into."""
    assert places("graph", title=None, abstract="", comments=None) == []


WORDS = st.sampled_from(
    ("a", "as", "bus", "buses", "class", "classes", "graph", "graphs", "study", "studies", "x", "xs")
)


@given(st.lists(WORDS, min_size=1, max_size=9), st.lists(WORDS, max_size=16))
@settings(max_examples=300)
def test_the_finder_compares_words_as_singular_does(phrase: list[str], title: list[str]) -> None:
    """A phrase of any length stands where its words, singular, follow each other in the text's words, singular."""
    wanted, there = ([singular(word) for word in words] for words in (phrase, title))
    expected = any(there[i : i + len(wanted)] == wanted for i in range(len(there)))
    assert bool(places(" ".join(phrase), title=" ".join(title))) == expected


@pytest.mark.timeout(20)
def test_a_thousand_long_phrases_are_no_burden() -> None:
    """Phrases of twenty words, each with its plurals, do not multiply into millions of patterns."""
    find = finder([f"studies of classes {' '.join(['graphs'] * 16)} number{n}" for n in range(1000)])
    assert find(a_paper(title=f"Study of class {'graph ' * 16} number7")) == [(7, "title", 1.0)]


def test_the_places_are_fields_of_a_paper() -> None:
    """Each place where a term counts is a text of a paper, and counts for less than the one before."""
    assert all(hasattr(a_paper(), place) for place, _ in PLACES)
    assert [part for _, part in PLACES] == sorted((part for _, part in PLACES), reverse=True)
