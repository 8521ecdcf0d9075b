import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.names import matches


@pytest.mark.parametrize(
    ("followed", "author"),
    [
        # Initials, in any number and order of name.
        ("Abhijit Sinha", "Abhijit Sinha"),
        ("Sinha, A.", "Abhijit Sinha"),
        ("Abhijit Sinha", "Sinha, A."),
        ("A. Sinha", "Abhijit Sinha"),
        ("Abhijit Sinha", "A. Sinha"),
        ("A Sinha", "Abhijit Kumar Sinha"),
        ("A. K. Sinha", "Abhijit Sinha"),
        ("A.K. Sinha", "Abhijit Kumar Sinha"),
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien"),
        ("ABHIJIT SINHA", "abhijit sinha"),
        # A family name alone.
        ("Sinha", "Abhijit Sinha"),
        ("Sinha", "Sinha, A."),
        ("Sinha", "Sinha"),
        ("van Dijk", "Teun van Dijk"),
        ("van der Berg", "Lisa van der Berg"),
        ("van der Berg", "van der Berg, L."),
        # Particles.
        ("Laurens van der Maaten", "van der Maaten, L."),
        ("van der Maaten, Laurens", "Laurens van der Maaten"),
        ("Laurens van der Maaten", "Maaten, Laurens van der"),
        ("L. Van Der Maaten", "Laurens van der Maaten"),
        ("de la Cruz, M.", "María de la Cruz"),
        ("Bin Yu", "B. Yu"),
        ("bin yu", "Bin Yu"),
        ("Yu, Bin", "Bin Yu"),
        ("Ben Poole", "Poole, Ben"),
        ("Van Nguyen", "Nguyen, Van"),
        ("Wei Di Wu", "Wu, Wei Di"),
        # Hyphens and apostrophes.
        ("Jean-Pierre Dupont", "J.-P. Dupont"),
        ("Jean-Pierre Dupont", "Jean Pierre Dupont"),
        ("Xiao-Ming Li", "Xiaoming Li"),
        ("Li, X.-M.", "Xiaoming Li"),
        ("Hector Garcia-Molina", "Garcia-Molina, H."),
        ("Garcia-Molina, Hector", "H. Garcia-Molina"),
        ("Conan O'Brien", "O’Brien, Conan"),
        ("O'Brien", "Conan O'Brien"),
        # Diacritics and TeX.
        ("Tomas Riha", "Tomáš Říha"),
        ("Łukasz Kaiser", "Lukasz Kaiser"),
        ("Erdős, P.", r"Paul Erd\H{o}s"),
        ("Schölkopf", r"Bernhard Sch\"olkopf"),
        ("Ångström", "A\u030angstro\u0308m"),
        # Suffixes.
        ("Martin King", "Martin King Jr."),
        ("Martin King Jr.", "King, Martin"),
        ("Martin King", "King Jr., Martin"),
        ("Martin King", "King, Jr., Martin"),
        ("Martin King", "King, Martin, Jr."),
        ("Martin King", "Martin King, Jr."),
        ("Martin King, Jr.", "Martin King"),
        ("Robert Tarjan III", "R. Tarjan"),
        ("Satoshi Ii", "Ii, Satoshi"),
        # Other scripts.
        ("王 伟", "王 伟"),
        ("王伟", "王伟"),
    ],
)
def test_one_person(followed: str, author: str) -> None:
    """Two spellings that may be one person's match."""
    assert matches(followed, author)


@pytest.mark.parametrize(
    ("followed", "author"),
    [
        ("Abhijit Sinha", "Bhaskar Sinha"),
        ("Sinha, A.", "B. Sinha"),
        ("Abhijit Sinha", "Abhijit Singh"),
        ("Abhijit Sinha", "Sinha Abhijit"),
        ("John A. Smith", "John B. Smith"),
        ("Michael Smith", "John Michael Smith"),
        ("Abhijit Sinha", "Abhinav Sinha"),
        ("Anna Li", "Ann Li"),
        ("Li", "Ana Lin"),
        ("Li", "Li Na Wang"),
        ("Berg", "Lisa van der Berg"),
        ("Berg", "van der Berg, L."),
        ("Molina", "Hector Garcia-Molina"),
        ("van der Berg", "Lisa Berg"),
        ("van Dijk", "Van Halen"),
        ("Jr.", "Martin King Jr."),
        ("Abhijit Sinha", ""),
        ("Abhijit Sinha", "."),
        ("", "Abhijit Sinha"),
        (",", "Abhijit Sinha"),
        (",", ","),
        ("!", "Abhijit Sinha"),
        ("", ""),
    ],
)
def test_two_people(followed: str, author: str) -> None:
    """Another family name, given names that disagree, or no name at all: no match."""
    assert not matches(followed, author)


NAMES = st.lists(
    st.sampled_from(("Ana", "Li", "van", "de", "J.", "O'Neil", "Jr.", ",", "II", "-", "é", "王")), max_size=6
).map(" ".join)


@given(NAMES | st.text(max_size=20), NAMES | st.text(max_size=20))
def test_any_text_can_be_asked_about(followed: str, author: str) -> None:
    """No text that somebody calls a name raises, and the answer is yes or no."""
    assert matches(followed, author) in (True, False)


@given(
    st.lists(st.sampled_from(("Ana", "Bo", "J.", "Jean-Luc")), min_size=1, max_size=3),
    st.sampled_from(("Li", "van der Berg", "O'Neil", "Garcia-Molina", "de la Cruz")),
)
def test_both_orders_of_a_name_are_one_person(given_names: list[str], family: str) -> None:
    """`Given Family` and `Family, Given` match each other and themselves."""
    spellings = f"{' '.join(given_names)} {family}", f"{family}, {' '.join(given_names)}"
    assert all(matches(one, other) for one in spellings for other in spellings)


@pytest.mark.timeout(20)
def test_following_many_among_many_is_no_burden() -> None:
    """Forty followed names against ten thousand authors are compared in seconds."""
    followed = [f"Given{n} Family{n}" for n in range(40)]
    authors = [f"G. Family{n}" for n in range(10_000)]
    assert sum(matches(one, author) for author in authors for one in followed) == 40
