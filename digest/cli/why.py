"""Say why a paper ranks where it does, or why it is missing: never listed, the same as another, muted, matched
by nothing, below the threshold, beyond the limit, or shown on an earlier day.

PAPER is an arXiv id, a DOI, a paper's id, or words of its title or abstract. With files and -k the answer is
about a digest of those files; else about the profiles of the config and what they remember.
"""

import argparse
from collections.abc import Sequence
from functools import cache

from digest.cli import output, wishes
from digest.composing import Fate, fate
from digest.errors import OK, PROBLEMS, UsageError
from digest.model import Edition, Paper, Profile, Ranked
from digest.ranking import muted_by, rank


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paper", metavar="PAPER", help="an arXiv id, a DOI, an id, or words of title or abstract")
    wishes.add_files(parser, least="*")
    wishes.add_wishes(parser)
    parser.add_argument("--profile", metavar="P", help="only this profile of the config")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")


def execute(args: argparse.Namespace) -> int:
    return _of_files(args) if wishes.wished(args) else _of_memory(args)


def _of_files(args: argparse.Namespace) -> int:
    """The answer for a digest of the named files and the keywords of the command line."""
    from digest.app import profile_of
    from digest.merging import merge
    from digest.pipeline import read
    from digest.sources.files import fetch

    if not args.files:
        raise UsageError("name the files to look in: digest why PAPER FILE... -k KEYWORD")
    if args.config or args.profile:
        raise UsageError("-k and --author make a profile on the spot and do not go with --config or --profile")
    keywords, authors, mutes = wishes.terms(args)
    profile = profile_of(keywords, authors=authors, mutes=mutes)
    reading = read(fetch(args.files))
    papers = merge(reading.listings)
    ranked = rank(papers, profile)
    fates = dict(zip((r.paper.id for r in ranked), fate(ranked, profile, {}), strict=True))
    places = {r.paper.id: place for place, r in enumerate(ranked, 1)}
    found = _meant(args.paper, papers)
    for paper in found:
        one = ranked[places[paper.id] - 1]
        told = _told(fates[paper.id], one, profile, place=places[paper.id])
        print("\n".join([*_heading(paper), f"{profile.name}: {told}", *_reasons(one)]))
    if not found:
        print(_unknown(args.paper, len(papers)))
    output.print_problems(reading.problems)
    return PROBLEMS if reading.problems else OK


def _meant(text: str, papers: Sequence[Paper]) -> list[Paper]:
    """The papers that `text` names, else those that have all its words; at most 10."""
    from digest.merging import keys
    from digest.store.naming import has_words, names
    from digest.text import fold

    wanted = set(names(text))
    found = [paper for paper in papers if wanted & {paper.id, *keys(paper).values()}]
    words = fold(text).split()
    return found or [paper for paper in papers if words and has_words(paper, words)][:10]


def _of_memory(args: argparse.Namespace) -> int:
    """The answer for the profiles of a config, from what its store remembers."""
    from digest.app import make_app
    from digest.config import load

    if args.files:
        raise UsageError("with files, say what to look for: digest why PAPER FILE... -k KEYWORD")
    app = make_app(load(wishes.config_path(args)))
    asked = [wishes.chosen(app.profiles, args.profile)] if args.profile else app.profiles
    with app.memory() as store:
        if not store:
            raise UsageError("this configuration keeps no memory")
        late = cache(store.papers_since)
        found = store.find(args.paper)
        for paper in found:
            print("\n".join(_heading(paper)))
            for profile in asked:
                recent = store.archive(profile.name, profile.title, 1).recent
                waiting = paper.id in {p.id for p in late(store.considered(profile.name))}
                day = store.shown(profile.name).get(paper.id)
                edition = store.edition(profile.name, day) if day else None
                print("\n".join(_remembered(paper, profile, edition, recent, waiting=waiting)))
        if not found:
            print(_unknown(args.paper, store.papers()))
    return OK


def _remembered(
    paper: Paper, profile: Profile, edition: Edition | None, recent: Sequence[Edition], *, waiting: bool
) -> list[str]:
    """Lines on one paper and one profile: what was shown, or else what would become of the paper now."""
    if edition:
        for place, one in enumerate(edition.digest.ranked, 1):
            if one.paper.id == paper.id:
                shown = f"shown in edition {edition.number} of {edition.digest.day}, number {place}"
                return [f"{profile.name}: {shown}, with {one.score.total:.2f} points", *_reasons(one)]
        return [f"{profile.name}: shown in edition {edition.number} of {edition.digest.day}, under another id"]
    one = rank([paper], profile)[0]
    told = _told(fate([one], profile, {})[0], one, profile)
    if told.startswith("shown"):
        told = _missed(one, recent[0] if recent else None, waiting=waiting)
    return [f"{profile.name}: {told}", *_reasons(one)]


def _missed(one: Ranked, last: Edition | None, *, waiting: bool) -> str:
    """Why a paper that the profile wants was not shown so far."""
    points = f"it has {one.score.total:.2f} points"
    if not last or waiting:
        return f"{points} and came after the last edition: it is offered in the next one"
    tally = last.digest.tally
    if tally.beyond_limit:
        least = last.digest.ranked[-1].score.total
        return (
            f"{points}; the limit of {tally.shown} was reached in the edition of {last.digest.day}, "
            f"whose last paper has {least:.2f}"
        )
    return f"{points} by the profile as it is now, but had too few when the edition of {last.digest.day} was made"


def _told(what: Fate, one: Ranked, profile: Profile, place: int | None = None) -> str:
    total = one.score.total
    match what:
        case "shown":
            return f"shown, number {place}, with {total:.2f} points" if place else "shown"
        case "beyond_limit":
            return f"beyond the limit: {total:.2f} points are number {place}, and {profile.limit} are shown"
        case "below_threshold":
            return f"below the threshold: {total:.2f} points, and {profile.threshold:.2f} are needed"
        case "revised":
            return "not shown: only a new version was listed, and the paper is older; `revised: true` shows such papers"
        case "muted":
            return f"muted: it has '{muted_by(profile)(one.paper)}'"
        case _:
            return f"not shown: its reasons sum to {total:.2f}" if one.score.reasons else "matched by nothing"


def _heading(paper: Paper) -> list[str]:
    lines = [f"{paper.headline}", f"    {paper.id}  {output.people(paper)}".rstrip()]
    if not paper.title:
        lines.append("    no listing gives a title: this line was made from the abstract")
    places = ", ".join(f"{listing.position}" for listing in paper.listings)
    count = len(paper.listings)
    return [*lines, f"    listed {'once' if count == 1 else f'{count} times, as one paper'}: {places}"]


def _reasons(one: Ranked) -> list[str]:
    return [f"    {reason}" for reason in one.score.reasons]


def _unknown(text: str, known: int) -> str:
    return f"'{text}' was never listed: none of the {known:,} papers known here has that id or those words"
