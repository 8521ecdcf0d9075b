"""Regular expressions that are compiled when they are first used.

The modules of a run have hundreds of them, for what documents may say, and one document says little of it: compiling
them all would take longer than reading it.
"""

import re
from typing import AnyStr, cast


def pattern(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, later: what is wrong with the expression comes out when it is used (a test uses each)."""
    return cast("re.Pattern[AnyStr]", _Pattern(expression, flags))


class _Pattern:
    """A compiled expression to all who ask for what one has."""

    def __init__(self, expression: str | bytes, flags: int) -> None:
        self.pattern = expression
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        """For what was not asked for before: afterwards it stands here, as near as in the compiled expression."""
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found
