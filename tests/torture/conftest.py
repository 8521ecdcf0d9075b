"""Prints what the torture came to: `how many of what`, added up over all tests and processes."""

from collections import Counter

import pytest

_SUMS: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, value in report.user_properties if report.when == "call" else []:
        if name.startswith("count of "):
            _SUMS[name.removeprefix("count of ")] += value


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, value in sorted(_SUMS.items()):
        terminalreporter.write_line(f"{value:>12,} {name}")
