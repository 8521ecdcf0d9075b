"""Put a backup in the place of the store, and, with --adopt, make the store that is here the one that sends.

What was in its place is kept beside it. A restored store, or one that was copied here from another machine, makes
editions and publishes them, but it cannot know what was sent since it was copied: it sends nothing until it is adopted.
Adopt it only if the original sends no more: of what that one sends from then on this one knows nothing, and readers
would have it twice. Whatever may have been sent by then is in doubt, and is not sent again.
"""

import argparse
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK, UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", nargs="?", type=Path, metavar="BACKUP", help="what `digest backup` wrote")
    parser.add_argument("--adopt", action="store_true", help="let the store that is here send, and no other")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.clock import now
    from digest.store import open_store, witness
    from digest.store.copies import restore
    from digest.store.safety import alone

    if not args.backup and not args.adopt:
        raise UsageError("name the backup to put back, or say --adopt to let the store that is here send")
    store = wishes.store_path(args)
    if args.backup:
        kept = restore(args.backup, store)
        print(f"{store} is what {args.backup} has" + (f"; what was there is {kept}" if kept else ""))
    if not args.adopt:
        print(f"it sends nothing until you adopt it, {witness.ONLY_IF}")
        return OK
    if not store.exists():
        raise UsageError(f"there is no store at {store} to adopt")
    with open_store(store) as opened, alone(store):
        doubted = witness.adopt(opened, store, now())
    print(f"{store} sends from now on, and nothing else may; {doubted:,} that were under way are in doubt")
    return OK
