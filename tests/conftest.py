"""What all tests share: the examples' number, the folder of real data where it is, stores, and figures to print."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from digest.store import Store, open_store
from digest.store.answers import Answers

# Time limits of single examples would test the machine; the seed is fixed so that a green suite stays green.
settings.register_profile(
    "suite", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

ROOT = Path(__file__).parent.parent

# The processes that tests start would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real listings beside the checkout; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "seeds" / "truth.json").exists():
        pytest.skip("the folder of real data, ../shared, is not here")
    return folder


Opener = Callable[[Path], Store]
OPENERS: dict[str, Opener] = {"sqlite": lambda folder: open_store(folder / "digest.db")}
"""Every kind of store, all of which keep one contract; a second kind adds its opener here."""


@pytest.fixture(params=OPENERS.values(), ids=OPENERS.keys())
def opener(request: pytest.FixtureRequest) -> Opener:
    """Opens a store in a folder."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of each kind."""
    with opener(tmp_path) as store:
        yield store


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    """What an empty store keeps of the network."""
    with open_store(tmp_path / "digest.db") as store:
        yield store.answers


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Says a figure at the end of the whole run, in however many processes its tests ran. Lines that are the same but
    for their numbers are said once, with the sums; `{a/b}` is the quotient of two sums:

        figure("{kills:,} kills, {doubts} in doubt ({doubts/kills:.1%})", kills=25, doubts=1)
    """

    def say(line: str, **numbers: float) -> None:
        record_property("figure", (line, numbers))

    return say


class Sums(dict[str, float]):
    """Numbers by name, and their quotients."""

    def __missing__(self, name: str) -> float:
        above, _, below = name.partition("/")
        return self[above] / self[below] if below and self[below] else 0.0


def figures(properties: list[tuple[str, object]]) -> list[str]:
    """The figures among the properties of all tests, as they are said."""
    sums: dict[str, Sums] = defaultdict(Sums)
    for name, value in properties:
        if name == "figure":
            line, numbers = value  # type: ignore[misc]  # as `figure` recorded it
            of_line = sums[line]
            for what, number in numbers.items():
                of_line[what] = of_line.get(what, 0) + number
    return [line.format_map(numbers) for line, numbers in sorted(sums.items())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for some in terminalreporter.stats.values() for one in some if getattr(one, "when", "") == "call"]
    if told := figures([pair for one in reports for pair in one.user_properties]):
        terminalreporter.section("figures")
        for line in told:
            terminalreporter.write_line(line)
