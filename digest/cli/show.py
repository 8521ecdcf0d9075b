"""Print an edition in any format: as text to read here, as Markdown, JSON, BibTeX or RIS, as a mail, or as what
a chat's webhook wants to be sent.

    digest show --format slack | curl --json @- https://hooks.slack.example/...
    digest show --format mail --to ana@example.org | sendmail -t
"""

import argparse
import sys
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK, UsageError

MAIL = "mail"
"""One mail is for one person: it is no renderer of what is published for all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="a profile of the config (the only one)")
    parser.add_argument("--format", default="txt", metavar="NAME", help="how to write it (txt)")
    parser.add_argument("--to", metavar="ADDRESS", help="with --format mail: whom it is for")
    parser.add_argument("--from", dest="sender", metavar="ADDRESS", help="with --format mail: whom it is from")
    parser.add_argument("--day", type=wishes.day, metavar="DAY", help="the edition's day, as 2026-05-26 (the newest)")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def epilog() -> str:
    from digest.rendering import RENDERERS

    return f"formats: {', '.join([*RENDERERS.every(), MAIL])}"


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.config import load
    from digest.rendering import RENDERERS

    mailed = args.format == MAIL
    if mailed and not args.to:
        raise UsageError("say whom the mail is for: --to ADDRESS")
    if not mailed and (args.to or args.sender):
        raise UsageError("--to and --from go with --format mail")
    render = None if mailed else RENDERERS[args.format]
    app = make_app(load(wishes.config_path(args)), store=args.store)
    archive = app.edition(wishes.chosen(app.profiles, args.profile), args.day)
    # The first rendition is the edition's own; a page's index or a feed's older parts come after it.
    content = render(archive, app.site)[0].content if render else app.mail(archive, args.to, args.sender)
    sys.stdout.buffer.write(content)
    return OK
