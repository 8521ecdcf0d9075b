"""What a check found."""

from typing import Literal, NamedTuple

CONFIG, MAIL, MACHINE = 2, 4, 5
"""Exit codes, by what is wrong."""


class Finding(NamedTuple):
    """One line of a look at the installation."""

    what: str
    """What was looked at, in a word or two."""
    state: Literal["ok", "look", "wrong"]
    """`look`: it works, or nobody can tell from here, but somebody should look at it."""
    said: str
    todo: str = ""
    """What to do; empty where nothing is to be done."""
    code: int = 0
    """The exit code, where it is wrong."""
