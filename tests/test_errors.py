import re
from collections.abc import Iterator

import pytest

from digest import errors
from digest.errors import ConfigError, DigestError

TREE = re.findall(r"^    (?:[├└]── )?(\w+)(?: +(\d+))?", errors.__doc__, re.MULTILINE)


def all_below(error: type[DigestError]) -> Iterator[type[DigestError]]:
    yield error
    for below in error.__subclasses__():
        yield from all_below(below)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The docstring names every error there is, in the order of the module, and none else."""
    defined = [name for name, what in vars(errors).items() if isinstance(what, type) and issubclass(what, DigestError)]
    assert [name for name, _ in TREE] == defined
    # An error that is private to one module may stand below these, with their exit code.
    named = {getattr(errors, name) for name in defined}
    assert all(error in named or error.exit_code == error.__base__.exit_code for error in all_below(DigestError))


def test_the_exit_codes_in_the_docstring_are_those_of_the_errors() -> None:
    """Each error ends the command with the code that the docstring says; the root has one that is no success."""
    told = {name: int(code) for name, code in TREE if code}
    assert told == {name: getattr(errors, name).exit_code for name, _ in TREE if name != "DigestError"}
    assert DigestError.exit_code not in (errors.OK, errors.PROBLEMS)
    assert errors.OK == 0
    assert errors.PROBLEMS == 3


@pytest.mark.parametrize("name", [name for name, _ in TREE if name != "ConfigError"])
def test_an_error_is_its_sentence(name: str) -> None:
    """What is raised with a sentence is printed as that sentence."""
    assert str(getattr(errors, name)("page.txt: is gone; name another")) == "page.txt: is gone; name another"


def test_a_config_error_is_all_its_complaints() -> None:
    """It keeps each complaint and is printed one a line."""
    error = ConfigError(["digest.yaml:1:1: one", "digest.yaml:2:1: two"])
    assert error.complaints == ("digest.yaml:1:1: one", "digest.yaml:2:1: two")
    assert str(error) == "digest.yaml:1:1: one\ndigest.yaml:2:1: two"
