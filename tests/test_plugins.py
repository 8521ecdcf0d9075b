import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.plugins import Registry, did_you_mean


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A folder on the module path into which a stranger's package can be put."""
    sys.path.insert(0, str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(site: Path, name: str, group: str, points: dict[str, str], **modules: str) -> None:
    """Put a package there as an installer would: modules, and metadata with entry points."""
    for module, source in modules.items():
        (site / f"{module}.py").write_text(source)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"[{group}]", *(f"{point} = {path}" for point, path in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def a_registry(group: str = "digest.colours") -> Registry[object]:
    return Registry(group, {"path": "os.path", "join": "os.path:join", "gone": "digest.gone"})


def test_a_built_in_part_is_a_module_or_something_in_it() -> None:
    """A dotted path names a module, and after a colon what is taken from it."""
    import os.path

    assert a_registry()["path"] is os.path
    assert a_registry()["join"] is os.path.join


def test_naming_a_part_does_not_import_it() -> None:
    """Iterating gives the built-in names in their order, also of parts that could not be imported."""
    assert list(a_registry()) == ["path", "join", "gone"]
    assert "path" in a_registry()
    assert "blue" not in a_registry()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pth", "no colour 'pth' (did you mean 'path'?)"),
        ("PATH", "no colour 'PATH'; there are: gone, join, path"),
        ("", "no colour ''; there are: gone, join, path"),
        ("violet", "no colour 'violet'; there are: gone, join, path"),
    ],
)
def test_an_unknown_name_is_told_with_what_was_meant(name: str, message: str) -> None:
    """The message names the kind of part, and the nearest name or all of them."""
    with pytest.raises(UsageError) as told:
        a_registry()[name]
    assert str(told.value) == message


def test_a_guess_is_made_only_where_something_is_near() -> None:
    """Nothing near, nothing known, nothing asked: no guess."""
    assert did_you_mean("keywrods", ["authors", "keywords"]) == " (did you mean 'keywords'?)"
    assert did_you_mean("x", ["keywords"]) == ""
    assert did_you_mean("x", []) == ""
    assert did_you_mean("", iter(["keywords"])) == ""


def test_a_stranger_s_part_is_found(site: Path) -> None:
    """An installed package adds a part by an entry point of the family's group."""
    install(site, "paint", "digest.colours", {"blue": "paint:BLUE", "all": "paint"}, paint="BLUE = '#00f'")
    registry = a_registry()
    assert registry["blue"] == "#00f"
    assert registry["all"] is sys.modules["paint"]
    assert registry.strangers() == ["all", "blue"]
    assert registry.every() == ["path", "join", "gone", "all", "blue"]
    assert list(registry) == ["path", "join", "gone"]


def test_a_stranger_cannot_replace_a_built_in_part(site: Path) -> None:
    """A name that is built in stays what it is, whoever else claims it, before and after strangers are asked for."""
    install(site, "paint", "digest.colours", {"path": "paint:BLUE", "blue": "paint:BLUE"}, paint="BLUE = '#00f'")
    registry = a_registry()
    assert registry.every() == ["path", "join", "gone", "blue"]
    assert registry["blue"] == "#00f"
    assert registry["path"] is not sys.modules["paint"].BLUE
    assert registry["path"].__name__ == "posixpath"


def test_a_part_of_another_family_is_not_taken(site: Path) -> None:
    """Entry points of other groups, ours or not, are of no concern."""
    install(site, "paint", "digest.shapes", {"blue": "paint:BLUE"}, paint="BLUE = '#00f'")
    assert a_registry().strangers() == []
    with pytest.raises(UsageError):
        a_registry()["blue"]


def test_a_misspelled_stranger_is_guessed_too(site: Path) -> None:
    """The names that packages add are among those that may have been meant."""
    install(site, "paint", "digest.colours", {"turquoise": "paint:BLUE"}, paint="BLUE = '#00f'")
    with pytest.raises(UsageError, match=r"no colour 'turqoise' \(did you mean 'turquoise'\?\)"):
        a_registry()["turqoise"]


def test_asking_for_names_imports_no_stranger(site: Path) -> None:
    """A list of names, or a misspelled one, does not run the code of packages that nobody asked for."""
    install(site, "paint", "digest.colours", {"blue": "paint:BLUE"}, paint="BLUE = '#00f'")
    registry = a_registry()
    registry.every()
    with pytest.raises(UsageError):
        registry["violet"]
    assert "paint" not in sys.modules


@pytest.mark.parametrize(
    ("path", "source", "what"),
    [
        ("paint_gone:BLUE", "", "No module named 'paint_gone'"),
        ("paint:RED", "BLUE = 1", "has no attribute 'RED'"),
        ("paint:BLUE", "import nothing_like_it", "No module named 'nothing_like_it'"),
    ],
)
def test_a_stranger_that_cannot_be_imported_is_told(site: Path, path: str, source: str, what: str) -> None:
    """Who asks for a broken part is told which package it is of and what is wrong with it."""
    install(site, "paint", "digest.colours", {"blue": path}, paint=source)
    with pytest.raises(UsageError, match=f"colour 'blue' of the package paint cannot be loaded: .*{what}"):
        a_registry()["blue"]


def test_a_broken_stranger_does_not_stand_in_the_way(site: Path) -> None:
    """Another part of the family can be had, named and misspelled although one cannot be imported."""
    points = {"red": "paint_gone:RED", "blue": "paint:BLUE"}
    install(site, "paint", "digest.colours", points, paint="BLUE = '#00f'")
    registry = a_registry()
    assert registry["blue"] == "#00f"
    assert registry.strangers() == ["blue", "red"]
    with pytest.raises(UsageError, match="no colour 'bleu'"):
        registry["bleu"]


def test_a_part_is_loaded_once(site: Path) -> None:
    """Asking twice gives the same part."""
    install(site, "paint", "digest.colours", {"blue": "paint:make"}, paint="class make: pass")
    registry = a_registry()
    assert registry["blue"] is registry["blue"]


def test_the_product_s_families_name_only_what_is_there() -> None:
    """Every built-in part of every family can be imported by its name."""
    from digest.formats import FORMATS
    from digest.ranking import SIGNALS
    from digest.rendering import RENDERERS

    for family in (FORMATS, SIGNALS, RENDERERS):
        assert family.group.startswith("digest.")
        for name in family:
            assert family[name] is not None
