"""Whatever kills a run, nobody gets a mail twice, nobody loses a paper, and the next run goes on by itself (M1, M2).

`make test` has 200 kills at random moments, and one before every fifth system call of a run that changes something;
`make torture` has 10,000 and every call. The figures are printed at the end; `SEED=1 pytest …` takes other moments.
"""

import os
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import kills
import pytest
from programs import program

TORTURE = os.environ.get("TORTURE") == "all"
SEED = int(os.environ.get("SEED", "20261124"))
KILLS = 25
"""In each batch."""
BATCHES = (
    {"send": 160, "run": 200, "first run": 20, "due": 20}
    if TORTURE
    else {"send": 3, "run": 3, "first run": 1, "due": 1}
)
BY_POLICY = 20 if TORTURE else 1
STEPS = (
    {"run": 1, "first run": 1, "due": 1, "send": 1} if TORTURE else {"run": 5, "first run": 30, "due": 30, "send": 20}
)
"""Every so manieth system call is killed; what is in a first run and in no other is making the store."""
SHARES = 8 if TORTURE else 2
"""Into so many tests these kills are divided."""
IN_DOUBT = (
    "{even_doubtful:,} of {even:,} kills at moments of equal chance left mails in doubt ({even_doubtful/even:.1%})"
)

Say = Callable[..., None]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if TORTURE else 600)]


def hold(figures: kills.Figures, how: str, figure: Say) -> None:
    figure(kills.FIGURES % how, **asdict(figures))
    assert figures.faults == {}


def at_random(scene: kills.Scene, figures: kills.Figures, chance: random.Random) -> None:
    """So many kills, each of work that was not done yet; every second one while mails are sent."""
    while figures.kills < KILLS:
        even = figures.kills % 2 == 0
        if kills.killed(scene, "after", scene.moment(chance, even=even)):
            kills.aftermath(scene, figures, even=even)
        else:
            scene.measure()


@pytest.mark.parametrize(("kind", "batch"), [(kind, batch) for kind in BATCHES for batch in range(BATCHES[kind])])
def test_killed_at_any_moment(kind: str, batch: int, tmp_path: Path, figure: Say) -> None:
    """D05, promises 2, 3 and 6: a kill at a random moment costs nobody a mail or a paper, leaves every page whole, old
    or new, and the store sound; the next run has everything done and leaves nothing behind.
    """
    figures = kills.Figures()
    with kills.scene(tmp_path, kind) as scene:
        at_random(scene, figures, random.Random(f"{SEED} {kind} {batch}"))
    hold(figures, "at random moments", figure)
    figure(IN_DOUBT, even=figures.even, even_doubtful=figures.even_doubtful)
    assert figures.duplicates == 0


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("batch", range(BY_POLICY))
def test_killed_under_another_policy(policy: str, batch: int, tmp_path: Path, figure: Say) -> None:
    """D06: where mails in doubt are sent again only they come twice, as the very same bytes under the same id; where
    they are held the operator decides, and nothing comes twice or is lost.
    """
    figures = kills.Figures()
    with kills.scene(tmp_path, "send", policy) as scene:
        at_random(scene, figures, random.Random(f"{SEED} {policy} {batch}"))
    hold(figures, f"with in_doubt: {policy}", figure)
    assert figures.duplicates == (figures.again if policy == "resend" else 0)


@pytest.mark.parametrize("kind", list(STEPS))
@pytest.mark.parametrize("share", range(SHARES))
def test_killed_before_a_call(kind: str, share: int, tmp_path: Path, figure: Say) -> None:
    """S08, M2: a kill right before a write, a sync, a rename, a send or another call that changes something costs
    nobody anything.
    """
    program("strace")
    figures, missed = kills.Figures(), 0
    with kills.scene(tmp_path, kind) as scene:
        for call, number in kills.calls(scene)[:: STEPS[kind]][share::SHARES]:
            # A run may take a call less than the one before it: sends and commits depend on what came when.
            if kills.killed(scene, "before", call, number):
                kills.aftermath(scene, figures)
            else:
                missed += 1
    assert missed <= max(figures.kills / 10, 1)
    nth = f"every {STEPS[kind]}th" if STEPS[kind] > 1 else "every"
    hold(figures, f"before {nth} system call of a {kind} that changes something", figure)
    assert figures.duplicates == 0
