"""The daily run: read the listings, merge repeats, rank them for each profile, keep the day's edition and
publish feeds and pages.

With a config, editions are remembered: one for each profile and local day, and a paper that was shown is not
shown again on a later day. With -k and files, a profile is made on the spot and nothing is remembered, unless
--store names a file.

With --due only those profiles are served whose edition is due by their schedule and not made yet: call it as often as
you like, from cron or a timer. docs/scheduling.md has recipes.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from digest.cli import output, wishes
from digest.cli.progress import watching
from digest.cli.stopping import until_told
from digest.errors import OK, UsageError

if TYPE_CHECKING:
    from digest.app import App
    from digest.pipeline import Report
    from digest.sending import Sent


def arguments(parser: argparse.ArgumentParser) -> None:
    wishes.add_files(parser, least="*")
    wishes.add_wishes(parser)
    parser.add_argument("--limit", type=wishes.positive, metavar="N", help="with -k: show at most N papers (30)")
    parser.add_argument(
        "--threshold", type=wishes.number, metavar="X", help="with -k: show no paper that scores less (0)"
    )
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument(
        "--day",
        type=wishes.day,
        metavar="DAY",
        help="the edition's day, as 2026-05-26 (today); with readers none to come",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder to publish to (the config's, or feeds)")
    parser.add_argument(
        "--due",
        action="store_true",
        help="only what is due by the schedules of the profiles and not done yet; may be called every minute",
    )
    parser.add_argument("--no-send", action="store_true", help="publish, but send nothing; `digest send` does later")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")
    parser.add_argument("--init", action="store_true", help="begin anew where the store is gone: nothing is remembered")


def execute(args: argparse.Namespace) -> int:
    app = _installation(args)
    if args.init and app.store:
        from digest.store import open_store

        open_store(app.store, anew=True).close()
    with until_told() as stopping:
        todo = app.todo() if args.due else "run"
        office = None if args.no_send or not todo else app.office(stopping)
        if todo == "send" and office:
            return _sent(app.send(office))
        if todo == "run":
            files, bar = args.files, watching()
            if args.due:
                report = app.run_due(files, bar, office, stopping)
            else:
                report = app.run(files, args.day, bar, office, stopping)
            if report:
                return _made(app, report)
    if sys.stdout.isatty():  # cron would mail it each time
        print(f"nothing is due; {app.coming()}")
    return OK


def _sent(sent: "Sent") -> int:
    from digest.sending.telling import exit_code, lines

    for line in lines(sent):
        print(line)
    return exit_code(sent)


def _made(app: "App", report: "Report") -> int:
    from digest.pipeline import NAMED, verdict

    output.print_problems(report.reading.problems)
    print(app.out / "index.html")
    for page in report.pages if len(report.pages) <= NAMED else ():
        print(app.out / page)
    print(verdict(report))
    return report.exit_code


def _installation(args: argparse.Namespace) -> "App":
    from digest.app import make_ad_hoc, make_app

    if args.due and (wishes.wished(args) or args.day):
        raise UsageError("--due goes with a config, and does not go with -k, --author and --day")
    if wishes.wished(args):
        if args.config:
            raise UsageError("-k and --author make a profile on the spot and do not go with --config")
        if not args.files:
            raise UsageError("name the files to read: digest run FILE... -k KEYWORD")
        if not args.out and wishes.CONFIG.exists():
            raise UsageError(f"{wishes.CONFIG} publishes from this folder: name another one with --out DIR")
        from digest.clock import today_here

        args.day = args.day or today_here()
        keywords, authors, mutes = wishes.terms(args)
        return make_ad_hoc(
            keywords,
            authors=authors,
            mutes=mutes,
            limit=args.limit or 30,
            threshold=args.threshold or 0.0,
            out=args.out or Path("feeds"),
            store=args.store,
        )
    if stray := [f"--{name}" for name in ("limit", "threshold", "mutes") if getattr(args, name)]:
        raise UsageError(f"{stray[0].removesuffix('s')} goes with -k; with a config it is a key of the profile")
    from digest.config import load

    return make_app(load(wishes.config_path(args)), args.out, args.store)
