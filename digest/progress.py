"""How somebody watches how far long work has come."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Somebody who wants to know how far long work has come."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """`items`, each reported as it is taken."""
        ...


class Unwatched:
    """Nobody wants to know."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        return iter(items)
