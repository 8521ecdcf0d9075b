"""Deliver editions to those who subscribed: what the last run could not, what was put off, what a killed run left.

Every mail is recorded before and after, so this may be called as often as you like, from cron every few minutes: what
a server accepted is never sent again. `digest outbox` lists what is under way.
"""

import argparse
from pathlib import Path

from digest.cli import wishes
from digest.cli.stopping import until_told
from digest.errors import OK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send and record nothing")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.config import load
    from digest.sending.telling import exit_code, lines

    app = make_app(load(wishes.config_path(args)), store=args.store)
    if args.dry_run:
        for line in app.would_send():
            print(line)
        return OK
    with until_told() as stopping:
        office = app.office(stopping)
        if not office:
            print("nobody to send to: no profile has `recipients` or `webhooks`")
            return OK
        sent = app.send(office)
    for line in lines(sent):
        print(line)
    return exit_code(sent)
