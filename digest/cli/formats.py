"""List the formats that are read, each with what it is and what it looks like.

All of them are recognised from the content, whatever a file is called; `digest parse --format NAME` says which it is
where that is in doubt. Archives (zip, tar), compressed files (gzip, xz, zstd) and mailboxes are unpacked first.
"""

import argparse

from digest.cli import output
from digest.errors import OK
from digest.formats import FORMATS


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="only this one")
    parser.add_argument("--examples", action="store_true", help="with an example of each")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each")


def execute(args: argparse.Namespace) -> int:
    names = [args.name] if args.name else FORMATS.every()
    longest = max(map(len, names))
    for name in names:
        one = FORMATS[name]
        if args.json:
            output.print_object({"name": name, "about": one.ABOUT, "example": one.EXAMPLE})
            continue
        print(f"{name:{longest}}  {one.ABOUT}")
        if (args.examples or args.name) and one.EXAMPLE:
            print("\n" + "".join(f"    {line}\n" for line in one.EXAMPLE.rstrip("\n").split("\n")))
    return OK
