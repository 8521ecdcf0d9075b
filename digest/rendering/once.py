"""Work on a paper that is done once, however many editions, feeds and mails show it.

    @once
    def fragment(paper: Paper, emphasis: tuple[str, ...]) -> bytes: ...

A paper's text is the same for every reader; only its rank, score and reasons are theirs. Who writes ten thousand
personal editions of one day escapes, styles and encodes each paper once and joins the rest.
"""

from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from digest.model import Paper

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 8192
"""So many results are kept: more than a day has papers. At the next one all are let go."""


def once(function: Callable[Concatenate[Paper, P], T]) -> Callable[Concatenate[Paper, P], T]:
    """`function`, called once for each paper and further arguments, which must be positional and hashable.

    Papers are told apart by identity: to compare two takes as long as the work that is saved. What is kept holds on
    to its paper, so that no other can have the same identity.
    """
    kept: dict[Hashable, tuple[Paper, T]] = {}

    def remembered(paper: Paper, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Any = (id(paper), *args)
        found = kept.get(key)
        if found is not None:
            return found[1]
        if len(kept) >= KEPT:
            kept.clear()
        made = function(paper, *args, **kwargs)
        kept[key] = (paper, made)
        return made

    update_wrapper(remembered, function)
    return remembered
