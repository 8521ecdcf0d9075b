"""Look at the installation: config, clock, zone data, disk, store, published folder, secrets, mail server, DNS records.

Each line is ok, `look` (it works, or nobody can tell from here) or WRONG, with what to do. Nothing is sent and nothing
changed; the mail server is spoken to up to the point where it would take a mail. The exit code is 0, or that of what
is wrong: 2 the config or a secret, 5 this machine, 4 mail. What the DNS could not be asked about is not wrong.
"""

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from digest.cli import output, wishes
from digest.errors import ConfigError

if TYPE_CHECKING:
    from digest.doctor.finding import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each check")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from digest import clock
    from digest.config import load
    from digest.doctor import DEADLINE, domain, examine, exit_code, tally
    from digest.doctor.finding import CONFIG, Finding

    try:
        config = load(wishes.config_path(args))
        if args.store:
            config = replace(config, store=args.store)
        ask = domain.asking(clock.monotonic, DEADLINE)
        found = examine(config, clock.now(), clock.monotonic, ask)
    except ConfigError as error:
        found = [Finding("config", "wrong", complaint, code=CONFIG) for complaint in error.complaints]
    room = max(len(one.what) for one in found) + 2
    for one in found:
        if args.json:
            output.print_object(one._asdict())
        else:
            print("\n".join(_lines(one, room)))
    if not args.json:
        counts = tally(found)
        print(f"\n{counts['ok']} ok, {counts['look']} to look at, {counts['wrong']} wrong")
    return exit_code(found)


def _lines(one: "Finding", room: int) -> list[str]:
    """`room` is for what was looked at."""
    told = {"ok": "ok", "look": "look", "wrong": "WRONG"}[one.state]
    before = " " * (6 + room)
    said = textwrap.wrap(
        one.said, max(output.width() - len(before), 40), break_long_words=False, break_on_hyphens=False
    )
    # What is to be done stands on one line: it may be a record to copy.
    return [f"{told:6}{one.what:{room}}{said[0]}", *(before + line for line in [*said[1:], one.todo] if line)]
