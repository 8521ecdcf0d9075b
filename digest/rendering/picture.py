"""The picture of the day: how strong an edition is and what it is about, in a few bars.

Each term has a row with a bar for each paper that has most of its points from it, at the paper's rank and as high as
its score, before the outline of the whole edition. What the bars show also stands beside them in words.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from digest.model import Edition, Ranked, Reason
from digest.rendering import wording
from digest.rendering.addresses import anchor
from digest.text import one_line

_LEAST = 3
"""Fewer papers are seen at a glance without a picture."""

_ROWS = 5
"""Terms that are shown; what has its points from others stands in one more row."""

_BARS = 48
"""More papers share bars, so that the picture stays small."""

_STEP, _HEIGHT = 10, 32


class Row(NamedTuple):
    """A term: the papers that have most of their points from it."""

    label: str
    href: str
    """The best of these papers on the same page."""
    aside: str
    """`3 papers, best 10.5`"""
    bars: str
    """The data of an SVG path: a vertical line for each bar."""


class Picture(NamedTuple):
    """What `edition.html` draws: one small SVG a row, all `width` by `height`."""

    caption: str
    outline: str
    """The data of an SVG path: all papers of the edition, as a shape."""
    rows: tuple[Row, ...]
    width: int
    height: int


def picture(edition: Edition) -> Picture | None:
    """The picture of an edition; None where it shows too few papers to need one."""
    ranked = edition.digest.ranked
    if len(ranked) < _LEAST:
        return None
    scores = [max(one.score.total, 0.0) for one in ranked]
    best = max(scores) or 1.0
    share = -(-len(ranked) // _BARS)
    heights = [max(1, round(_HEIGHT * score / best)) for score in scores]
    rows = [
        Row(
            label=label,
            href=f"#{anchor(ranked[places[0]].paper)}",
            aside=f"{wording.counted(len(places), 'paper')}, best {wording.points(max(scores[i] for i in places))}",
            bars=_bars(places, heights, share),
        )
        for label, places in _topics(ranked, scores)
    ]
    caption = (
        f"{wording.counted(len(ranked), 'paper')}, best score {wording.points(best)}, "
        f"half of them {wording.points(sorted(scores, reverse=True)[(len(scores) - 1) // 2])} or more."
    )
    return Picture(
        caption=caption,
        outline=_outline(heights, share),
        rows=tuple(rows),
        width=_STEP * -(-len(ranked) // share),
        height=_HEIGHT,
    )


def _topics(ranked: Sequence[Ranked], scores: Sequence[float]) -> list[tuple[str, list[int]]]:
    """The terms and the places of their papers, those of most points first; the rarer ones together as the last."""
    found: dict[str, list[int]] = {}
    labels: dict[str, str] = {}
    for place, one in enumerate(ranked):
        label = _topic(one.score.reasons)
        labels.setdefault(label.casefold(), label)
        found.setdefault(label.casefold(), []).append(place)
    weight = {key: sum(scores[i] for i in places) for key, places in found.items()}
    order = sorted(found, key=lambda key: (-weight[key], found[key][0]))
    kept = order if len(order) <= _ROWS + 1 else order[:_ROWS]
    topics = [(labels[key], found[key]) for key in kept]
    rest = sorted(place for key in order[len(kept) :] for place in found[key])
    return [*topics, ("Other terms", rest)] if rest else topics


@lru_cache(maxsize=8192)
def _topic(reasons: tuple[Reason, ...]) -> str:
    """The term that gave most points, the first of several."""
    points: dict[str, float] = {}
    for reason in reasons:
        points[reason.term] = points.get(reason.term, 0.0) + reason.points
    return one_line(max(points, key=points.__getitem__)) if points else "No term"


def _bars(places: Sequence[int], heights: Sequence[int], share: int) -> str:
    tallest: dict[int, int] = {}
    for place in places:
        bar = place // share
        tallest[bar] = max(tallest.get(bar, 0), heights[place])
    return "".join(f"M{_STEP * bar + _STEP // 2} {_HEIGHT}v-{height}" for bar, height in tallest.items())


def _outline(heights: Sequence[int], share: int) -> str:
    """Stairs from the left foot to the right one."""
    steps: list[tuple[int, int]] = []
    for start in range(0, len(heights), share):
        height = max(heights[start : start + share])
        if steps and steps[-1][0] == height:
            steps[-1] = (height, steps[-1][1] + _STEP)
        else:
            steps.append((height, _STEP))
    return f"M0 {_HEIGHT}" + "".join(f"V{_HEIGHT - height}h{width}" for height, width in steps) + f"V{_HEIGHT}z"
