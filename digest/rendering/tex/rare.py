"""The macros that our own tables lack: pylatexenc knows a thousand, and is asked only for them."""

from functools import cache, lru_cache
from typing import Any

# These say when or whose, or stand for what lies elsewhere in the document.
_NOT_SYMBOLS = frozenset({"today", "title", "author", "date", "maketitle", "item", "include", "input"})


@lru_cache(maxsize=1024)
def symbol(name: str) -> str:
    """What the macro `\\name`, without arguments, looks like as text; empty where nobody knows."""
    if name in _NOT_SYMBOLS:
        return ""
    written = getattr(_known().get_macro_spec(name), "simplify_repl", None)
    return written if isinstance(written, str) and "%" not in written and "<" not in written else ""


@cache
def _known() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()
