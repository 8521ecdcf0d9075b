"""Copy the store to one file, whole and checked, also while a run is at work.

The store has everything that cannot be made anew: what was shown and sent to whom. `digest restore` puts a copy back.
"""

import argparse
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", nargs="?", type=Path, metavar="FILE", help="where to (beside the store, by the day)")
    parser.add_argument("--replace", action="store_true", help="replace FILE where it is there")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.clock import today_here
    from digest.store import open_store
    from digest.store.copies import backup

    store = wishes.store_path(args)
    target = args.target or store.with_name(f"{store.name}.backup-{today_here()}")
    backup(store, target, replace=args.replace)
    with open_store(store) as opened:
        print(f"{target}: {opened.papers():,} papers, {target.stat().st_size / 1e6:,.1f} MB")
    return OK
