"""What all tests share: the examples' number, and the folder of real data where it is present."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
