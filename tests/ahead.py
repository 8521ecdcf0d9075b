"""`digest` as it will be on a later day, for tests that live through several.

python ahead.py DAYS WORDS…     one command, so many days from now
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from digest import clock


def today(later: int = 0) -> date:
    """The day by UTC, so many days from now."""
    return datetime.now(UTC).date() + timedelta(days=later)


def command(days: int, *words: str) -> list[str]:
    """What to start so that a process of its own is so many days ahead."""
    return (
        [sys.executable, str(Path(__file__)), str(days), *words] if days else [sys.executable, "-m", "digest", *words]
    )


@contextmanager
def days_ahead(days: int) -> Iterator[None]:
    """Meanwhile the only place that asks what time it is says so many days more."""
    real = clock.now

    def later() -> datetime:
        return real() + timedelta(days=days)

    _put(real, later)
    try:
        yield
    finally:
        _put(later, real)


def _put(one: object, other: object) -> None:
    """Wherever the program knows `clock.now` by the name `now`."""
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] == "digest" and vars(module).get("now") is one:
            vars(module)["now"] = other


if __name__ == "__main__":
    sys.path.pop(0)
    from digest.cli import main

    with days_ahead(int(sys.argv[1])):
        sys.exit(main(sys.argv[2:]))
