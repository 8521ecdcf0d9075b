"""Show the papers in files in the order of keywords, each with its score and the reasons that make it up.

Papers that match nothing are left out. Nothing is kept: the place to try keywords before they go into a profile.
"""

import argparse

from digest.cli import output, wishes
from digest.cli.progress import watching
from digest.errors import OK, PROBLEMS, UsageError
from digest.merging import merge
from digest.model import Ranked
from digest.pipeline import read
from digest.sources.files import fetch


def arguments(parser: argparse.ArgumentParser) -> None:
    wishes.add_files(parser)
    wishes.add_wishes(parser)
    wishes.add_format(parser)
    parser.add_argument("--limit", type=wishes.positive, metavar="N", help="show only the first N")
    wishes.add_json(parser, "ranked paper")


def execute(args: argparse.Namespace) -> int:
    from digest.app import profile_of
    from digest.ranking import muted_by, rank

    if not wishes.wished(args):
        raise UsageError("nothing to look for: name a keyword, as in -k 'quantization:3'")
    keywords, authors, mutes = wishes.terms(args)
    profile = profile_of(keywords, authors=authors, mutes=mutes)
    reading = read(fetch(args.files), watching(), args.format)
    papers = merge(reading.listings)
    mute = muted_by(profile)
    ranked = [r for r in rank(papers, profile) if r.score.reasons and not mute(r.paper)]
    for place, one in enumerate(ranked[: args.limit], 1):
        if args.json:
            output.print_object(output.ranked_object(place, one))
        else:
            print(_lines(place, one))
    output.print_problems(reading.problems)
    if not args.json:
        print(f"{len(ranked):,} of {len(papers):,} papers match")
    return PROBLEMS if reading.problems else OK


def _lines(place: int, ranked: Ranked) -> str:
    from digest.text import shorten

    paper = ranked.paper
    known = "  ".join(filter(None, [output.name(paper) or paper.id, output.people(paper)]))
    first = f"{place:3}. {ranked.score.total:6.2f}  "
    indent = " " * len(first)
    reasons = "\n".join(f"{indent}{reason}" for reason in ranked.score.reasons)
    return f"{first}{shorten(paper.headline, max(30, output.width() - len(first)))}\n{indent}{known}\n{reasons}"
