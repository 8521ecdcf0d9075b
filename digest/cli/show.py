"""Print an edition in any format: as text to read here, as Markdown, JSON, BibTeX or RIS, or as what a chat's
webhook wants to be sent.

    digest show --format slack | curl --json @- https://hooks.slack.example/...
"""

import argparse
import sys
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="a profile of the config (the only one)")
    parser.add_argument("--format", default="txt", metavar="NAME", help="how to write it (txt)")
    parser.add_argument("--day", type=wishes.day, metavar="DAY", help="the edition's day, as 2026-05-26 (the newest)")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def epilog() -> str:
    from digest.rendering import RENDERERS

    return f"formats: {', '.join(RENDERERS.every())}"


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.config import load
    from digest.rendering import RENDERERS

    render = RENDERERS[args.format]
    app = make_app(load(wishes.config_path(args)), store=args.store)
    archive = app.edition(wishes.chosen(app.profiles, args.profile), args.day)
    # The first is the edition's own; a page's index or a feed's older parts come after it.
    sys.stdout.buffer.write(render(archive, app.site)[0].content)
    return OK
