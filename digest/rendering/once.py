"""Work on a paper that is done once, however many editions, feeds and mails show it.

    @once
    def fragment(paper: Paper, emphasis: tuple[str, ...]) -> bytes: ...

A paper's text is the same for every reader; only its rank, score and reasons are theirs. Who writes ten thousand
personal editions of one day escapes, styles and encodes each paper once and joins the rest.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from digest.model import Paper

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 8192
"""So many papers are remembered: more than a day has. At the next one all are let go."""

VARIANTS = 256
"""So many results of one paper are: for other words to be marked, other sections to stand in."""


def once(function: Callable[Concatenate[Paper, P], T]) -> Callable[Concatenate[Paper, P], T]:
    """`function`, called once for each paper and further arguments, which must be positional and hashable.

    Papers are told apart by identity: to compare two takes as long as the work that is saved. What is kept holds on
    to its paper, so that no other can have the same identity.
    """
    kept: dict[int, tuple[Paper, dict[Any, T]]] = {}

    def remembered(paper: Paper, /, *args: P.args, **kwargs: P.kwargs) -> T:
        found = kept.get(id(paper))
        if found is None:
            if len(kept) >= KEPT:
                kept.clear()
            found = kept[id(paper)] = (paper, {})
        results = found[1]
        if args in results:
            return results[args]
        if len(results) >= VARIANTS:
            results.clear()
        made = results[args] = function(paper, *args, **kwargs)
        return made

    update_wrapper(remembered, function)
    return remembered
