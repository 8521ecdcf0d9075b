"""Make each profile's editions when its schedule says so, and send them, until somebody asks to stop.

It does at the right moments what `digest run --due` does when it is called, and remembers nothing of its own: it may be
started, stopped and killed at any time, and cron may do the same beside it. When the config was changed it is read
anew; one that is wrong is told, and changes nothing. A line an event goes to standard error. SIGTERM ends it when what
is under way is done, a second one at once.
"""

import argparse
from pathlib import Path
from time import sleep

from digest.cli import output, wishes
from digest.cli.stopping import until_told
from digest.errors import OK, UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    wishes.add_log(parser)
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder to publish to (the config's)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    import gc

    from digest.app import make_app
    from digest.config import load
    from digest.logs import open_log
    from digest.scheduling import Current, Keeper, keep

    log = open_log(args.log, output.note, stamped=True)
    path = wishes.config_path(args)
    current = Current(path, lambda: make_app(load(path), args.out, args.store), log)
    if not current.app.sources:
        raise UsageError("nothing to read: list files under `sources:` in the config")
    gc.enable()  # commands that end soon go without
    with until_told() as stopping:
        stopping()
        current.app.office(stopping)  # a secret that is not there is told now
        log(f"keeping the schedules of {path}; {current.app.coming()}")
        keep(Keeper(current, stopping, log), lambda: sleep(1.0))
    return OK
