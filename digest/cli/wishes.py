"""What several commands ask for in the same words: files, keywords, limits, days."""

import argparse
from collections.abc import Sequence
from datetime import date
from math import isfinite, nan
from pathlib import Path

from digest.errors import UsageError
from digest.model import Profile, Term
from digest.plugins import did_you_mean

CONFIG = Path("digest.yaml")


def needs(what: str, extra: str, error: ModuleNotFoundError) -> UsageError:
    """What is said where the packages of an extra are not there. Raises `error` again where it is a module of ours."""
    if error.name and error.name.split(".")[0] == "digest":
        raise error
    return UsageError(f"{what} needs more packages: pip install 'paperdigest[{extra}]'")


def add_files(parser: argparse.ArgumentParser, *, least: str = "+") -> None:
    parser.add_argument("files", nargs=least, metavar="FILE", help="a listing, a folder of them, a pattern, or -")


def add_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log", choices=("text", "json"), default="text", help="how the log is written (text)")


def add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", metavar="NAME", help="read every file as this layout instead of recognising it")


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"one JSON object a line for each {what}")


def add_wishes(parser: argparse.ArgumentParser) -> None:
    """What to look for, for a profile made on the spot."""
    group = parser.add_argument_group("what to look for (instead of a config's profiles)")
    group.add_argument(
        "-k",
        "--keyword",
        dest="keywords",
        action="append",
        default=[],
        metavar="KEYWORD",
        help="a word or phrase with a weight, as in 'quantization:3' or '\"speech recognition\"'; may be repeated; "
        "a negative weight lowers the score",
    )
    group.add_argument(
        "--author",
        dest="authors",
        action="append",
        default=[],
        metavar="NAME",
        help="an author to follow, as in 'Sinha, A.' or 'Abhijit Sinha:5'; may be repeated",
    )
    group.add_argument(
        "--mute",
        dest="mutes",
        action="append",
        default=[],
        metavar="TERM",
        help="a word or phrase; a paper that has it is left out; may be repeated",
    )


def terms(args: argparse.Namespace) -> tuple[list[Term], list[Term], list[str]]:
    """Keywords, followed authors and mutes as the person named them. Raises UsageError."""
    from digest.ranking.authors import WEIGHT
    from digest.ranking.query import parse_term

    keywords = [parse_term(text) for text in args.keywords]
    authors = [parse_term(text, WEIGHT) for text in args.authors]
    return keywords, authors, [parse_term(text).text for text in args.mutes]


def wished(args: argparse.Namespace) -> bool:
    return bool(args.keywords or args.authors)


def day(text: str) -> date:
    """An argument that is a day, as 2026-05-26."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no day; write it as 2026-05-26") from None


def positive(text: str) -> int:
    """An argument that is a whole number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number above 0")
    return int(text)


def number(text: str) -> float:
    """An argument that is a number of points."""
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of points from 0 up")
    return value


def chosen(profiles: Sequence[Profile], name: str | None) -> Profile:
    """The profile called `name`, or the only one. Raises UsageError."""
    names = [profile.name for profile in profiles]
    if name is None:
        if len(names) > 1:
            raise UsageError(f"name one of the profiles: {', '.join(names)}")
        return profiles[0]
    if name not in names:
        hint = did_you_mean(name, names) or f"; there are: {', '.join(names)}"
        raise UsageError(f"no profile '{name}'{hint}")
    return profiles[names.index(name)]


def config_path(args: argparse.Namespace) -> Path:
    """The config to use: the one that was named, or digest.yaml in this folder. Raises UsageError."""
    if args.config:
        return Path(args.config)
    if CONFIG.exists():
        return CONFIG
    raise UsageError(
        "nothing to look for: name keywords, as in -k 'quantization:3', or write a config with `digest init` "
        f"(there is no {CONFIG} in this folder)"
    )


def store_path(args: argparse.Namespace) -> Path:
    """The store that --store names, or the config's. Raises UsageError or ConfigError."""
    if args.store:
        return Path(args.store)
    from digest.config import load

    return load(config_path(args)).store
