"""Say where each profile's feeds are, for a reader of feeds to subscribe to, or its page, where it has none: the
private ones too.

A private profile is published under an address that nobody can guess, and nothing that is published names it. With
--rotate it gets another one: the old address stops to work at once.
"""

import argparse
from pathlib import Path

from digest.cli import wishes
from digest.errors import OK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="only this profile of the config")
    parser.add_argument("--rotate", action="store_true", help="give the private PROFILE another address")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder that is published (the config's)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.config import load
    from digest.rendering.addresses import FEEDS, absolute

    app = make_app(load(wishes.config_path(args)), args.out, args.store)
    asked = [wishes.chosen(app.profiles, args.profile)] if args.profile or args.rotate else app.profiles
    if args.rotate:
        app.rotate(asked[0])
    folders = app.folders()
    width = max(len(feed.label) for feed in FEEDS)
    for profile in asked:
        print(f"{profile.title} ({profile.name}{', private' if profile.private else ''})")
        places = [(feed.label, feed.name) for feed in FEEDS if feed.format in profile.publish]
        if not places:
            print("  none: `publish` names none for it")
            # Nothing else tells where a private one is.
            places = [("Page", "index.html")] if profile.publish else []
        for label, name in places:
            path = f"{folders[profile.name]}/{name}"
            address = absolute(path, app.site) if app.site.base_url else app.out / path
            print(f"  {label:{width}}  {address}")
    if not app.site.base_url:
        print("These are files. Say where the folder is served with `site: base_url` to see addresses.")
    return OK
