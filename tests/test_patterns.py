import re
import sys
from importlib import import_module
from subprocess import run

import pytest
from test_architecture import MODULES

from digest.patterns import _Pattern, pattern

EXTRA = {"digest.__main__"}


@pytest.mark.parametrize("told", ["apples", b"apples"])
def test_a_pattern_does_what_the_compiled_one_does(told):
    """A pattern answers as `re.compile`'s does, of text and of bytes, and tells what it was made of."""
    upper, double = told.upper(), told[1:3]
    mine = pattern(double, re.IGNORECASE)
    assert mine.search(upper).span() == (1, 3)
    assert mine.sub(told[:1], upper) == re.compile(double, re.IGNORECASE).sub(told[:1], upper)
    assert mine.fullmatch(told) is None
    assert mine.pattern == double
    assert mine.groups == 0


def test_a_pattern_is_compiled_when_it_is_used():
    """What is no regular expression is told by its first use, with `re`'s own error."""
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("")


def test_a_pattern_has_no_more_than_a_compiled_one():
    """What a compiled expression has not, a pattern has not either."""
    with pytest.raises(AttributeError, match=r"'re\.Pattern' object has no attribute 'serch'"):
        pattern("a").serch("")  # type: ignore[attr-defined]


def held(value: object) -> "list[_Pattern]":
    """The patterns in a module's value."""
    if isinstance(value, _Pattern):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [one for each in inner for one in held(each)]


@pytest.mark.parametrize("module", sorted(MODULES.keys() - EXTRA))
def test_every_pattern_of_a_module_compiles(module):
    """Each regular expression that a module keeps is one: whoever meets it first would have the error."""
    for value in vars(import_module(module)).values():
        for one in held(value):
            assert re.compile(one.pattern, one._flags)


def test_the_house_compiles_nothing_by_being_imported():
    """No module of ours has an expression compiled by being imported: `re.compile` stands in functions alone."""
    names = [name for name in MODULES if name not in EXTRA]
    code = f"""
import re, sys
from importlib import import_module
compiled, known = [], re.compile
def compile(*told, **named):
    frame = sys._getframe(1)
    if frame.f_globals["__name__"].startswith("digest."):
        compiled.append(frame.f_globals["__name__"])
    return known(*told, **named)
re.compile = compile
for name in {names}:
    import_module(name)
print(*compiled)
"""
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
