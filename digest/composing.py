"""Ranked papers -> a digest: what is shown, what is left out and why, and under which headings."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

from digest.model import Digest, Paper, Problem, Profile, Ranked, Section, Tally, Verdict
from digest.ranking import muted_by

Fate = Literal["shown", "beyond_limit", "below_threshold", "unmatched", "muted", "already_shown", "revised"]

STRONG = 0.5
"""Papers with at least this part of the best score stand in the first section."""


def compose(
    ranked: Sequence[Ranked],
    profile: Profile,
    day: date,
    shown: Mapping[str, date] | None = None,
    problems: Iterable[Problem] = (),
    judge: Callable[[Tally], Verdict] = lambda tally: "delivered" if tally.shown else "quiet day",
    others: int = 0,
) -> Digest:
    """The digest of `ranked` (best first) for a profile and a local day; nothing speaks for so many `others`.

    `shown` maps the ids of papers that the profile has been shown to the day: they are not shown again. `judge` says
    what kind of day it was.
    """
    fates = fate(ranked, profile, shown or {})
    kept = tuple(r for r, what in zip(ranked, fates, strict=True) if what == "shown")
    tally = Tally(**(Counter[str](fates) + Counter(unmatched=others)))
    return Digest(
        profile=profile.name,
        title=profile.title,
        day=day,
        sections=_sections(kept),
        tally=tally,
        problems=tuple(problems),
        verdict=judge(tally),
    )


def fate(ranked: Sequence[Ranked], profile: Profile, shown: Mapping[str, date]) -> list[Fate]:
    """What becomes of each of `ranked` (best first), in their order.

    A score of 0 or less matches nothing that the profile wants; one below the threshold is counted apart. A paper of
    which nothing but new versions was listed is an old one: `revised` where the profile does not want them too.
    """
    mute = muted_by(profile)
    fates: list[Fate] = []
    room = profile.limit
    for r in ranked:
        total = r.score.total
        if total <= 0:
            fates.append("unmatched")
        elif r.paper.id in shown:
            fates.append("already_shown")
        elif not profile.revised and _is_revised(r.paper):
            fates.append("revised")
        elif mute(r.paper):
            fates.append("muted")
        elif total < profile.threshold:
            fates.append("below_threshold")
        elif room > 0:
            room -= 1
            fates.append("shown")
        else:
            fates.append("beyond_limit")
    return fates


def _is_revised(paper: Paper) -> bool:
    """Whoever lists it calls it replaced."""
    return paper.kind == "replaced" and all(listing.kind == "replaced" for listing in paper.listings)


def _sections(kept: tuple[Ranked, ...]) -> tuple[Section, ...]:
    """One section, or two where the scores tell apart what is close to the profile and what touches it."""
    if not kept:
        return ()
    least = kept[0].score.total * STRONG
    strong = sum(r.score.total >= least for r in kept)
    if strong == len(kept):
        return (Section(title="Matches", ranked=kept),)
    return (
        Section(title="Top matches", ranked=kept[:strong]),
        Section(title="More matches", ranked=kept[strong:]),
    )
