"""Show the papers that the listings in files are of: a paper that is listed several times comes once, with all
its listings.
"""

import argparse

from digest.cli import output, wishes
from digest.cli.progress import watching
from digest.errors import OK, PROBLEMS
from digest.merging import merge
from digest.model import Paper
from digest.pipeline import read
from digest.sources.files import fetch


def arguments(parser: argparse.ArgumentParser) -> None:
    wishes.add_files(parser)
    wishes.add_format(parser)
    wishes.add_json(parser, "paper")


def execute(args: argparse.Namespace) -> int:
    reading = read(fetch(args.files), watching(), args.format)
    papers = merge(reading.listings)
    for paper in papers:
        if args.json:
            output.print_object(output.paper_object(paper))
        else:
            print(_lines(paper))
    output.print_problems(reading.problems)
    if not args.json:
        print(f"{len(reading.listings):,} listings, {len(papers):,} papers")
    return PROBLEMS if reading.problems else OK


def _lines(paper: Paper) -> str:
    from digest.text import shorten

    known = "  ".join(filter(None, [paper.id, paper.date.isoformat() if paper.date else "", output.people(paper)]))
    places = ", ".join(str(listing.position) for listing in paper.listings)
    return f"{shorten(paper.headline, max(30, output.width()))}\n{'':4}{known}\n{'':4}{places}"
