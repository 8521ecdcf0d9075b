"""Write a digest.yaml to start from: one profile, every key explained. An existing file is left alone. Beside it the
folder is made that it reads listings from.
"""

import argparse
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK, StorageError, UsageError

LISTINGS = "listings"
"""The folder of the starter's sources."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default=str(wishes.CONFIG), metavar="FILE", help="the file to write")


def execute(args: argparse.Namespace) -> int:
    from digest.config import starter

    path = Path(args.config)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter())
        if not (listings := path.parent / LISTINGS).exists():
            listings.mkdir()
    except FileExistsError:
        raise UsageError(f"{path} is there already and was left alone; name another with --config") from None
    except OSError as error:
        raise StorageError(f"{error.filename or path}: cannot be written: {error.strerror}") from error
    print(f"{path} is written, and the folder {LISTINGS} made beside it. Put your keywords into it, then:")
    print(f"digest run --config {path}")
    return OK
