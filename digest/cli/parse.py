"""Show the listings found in files, in file order; what cannot be read goes to standard error.

Nothing is merged and nothing is kept. The layout is recognised from the content, whatever a file is called.
"""

import argparse

from digest.cli import output, wishes
from digest.errors import OK, PROBLEMS
from digest.formats import FORMATS
from digest.model import Listing, Problem
from digest.pipeline import listed
from digest.sources.files import fetch


def arguments(parser: argparse.ArgumentParser) -> None:
    wishes.add_files(parser)
    wishes.add_format(parser)
    wishes.add_json(parser, "listing")


def epilog() -> str:
    return "`digest formats` lists the formats that are read, with an example of each."


def execute(args: argparse.Namespace) -> int:
    if args.format:
        FORMATS[args.format]
    failed = False
    for document in fetch(args.files):
        for item in [document] if isinstance(document, Problem) else listed(document, args.format):
            if isinstance(item, Problem):
                output.print_problems([item])
                failed = True
            elif args.json:
                output.print_object(output.listing_object(item))
            else:
                print(_line(item))
    return PROBLEMS if failed else OK


def _line(listing: Listing) -> str:
    from digest.text import headline, shorten

    what = listing.title or (headline(listing.abstract) if listing.abstract else "(no abstract)")
    day = listing.published or listing.created
    known = "  ".join(filter(None, [output.name(listing), day.isoformat() if day else "", output.people(listing)]))
    start = f"{listing.position}  "
    return f"{start}{shorten(what, max(30, output.width() - len(start)))}\n{'':4}{known or '(no id, date or authors)'}"
