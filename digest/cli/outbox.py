"""List the mails and messages that are on their way, refused or in doubt, and decide what becomes of one.

A mail is in doubt where the connection broke between our last byte and the server's answer: nobody can know whether it
arrived. With `in_doubt: carry` its papers open the next mail by themselves; here you can say otherwise. Addresses are
shortened unless --addresses is given.
"""

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from digest.cli import wishes
from digest.errors import OK, UsageError

if TYPE_CHECKING:
    from digest.model import Delivery, State
    from digest.store.outbox import Outbox, Suppression


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", metavar="PROFILE", help="only this profile")
    parser.add_argument("--day", type=wishes.day, metavar="DAY", help="only the edition of that day, as 2026-05-26")
    parser.add_argument(
        "--all", action="store_true", help="those that were accepted, dropped, or went along with a later one, too"
    )
    wishes.add_json(parser, "mail")
    parser.add_argument("--addresses", action="store_true", help="whole addresses")
    decide = parser.add_mutually_exclusive_group()
    decide.add_argument("--resend", type=wishes.positive, metavar="ID", help="send the very same mail again")
    decide.add_argument("--carry", type=wishes.positive, metavar="ID", help="let the next mail take its papers along")
    decide.add_argument("--drop", type=wishes.positive, metavar="ID", help="let it be: its papers stay on the page")
    decide.add_argument("--suppressed", action="store_true", help="list who is sent nothing, and why")
    decide.add_argument("--release", metavar="ADDRESS", help="send to that address again, from the next edition on")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.clock import now
    from digest.config import load
    from digest.store.safety import is_there

    app = make_app(load(wishes.config_path(args)), store=args.store)
    if args.profile:
        wishes.chosen(app.profiles, args.profile)
    assert app.store, "a config has a store"
    if not is_there(app.store):
        raise UsageError("nothing was run yet: `digest run` makes the first edition")
    with app.memory() as store:
        assert store, "it was there"
        outbox = store.outbox
        if args.suppressed:
            _list_suppressed(_of_profile(outbox.suppressions(), args.profile), args)
        elif args.release:
            _release(outbox, args)
        else:
            for how, then in _DECISIONS.items():
                if number := getattr(args, how):
                    _list([outbox.decide(number, how, now())], args)
                    if not args.json:
                        print(then)
                    return OK
            found = outbox.deliveries(profile=args.profile, day=args.day, states=() if args.all else _OPEN)
            _list([one for one in found if args.all or _is_open(one)], args)
    return OK


_DECISIONS: "dict[Literal['resend', 'carry', 'drop'], str]" = {
    "resend": "the next `digest send` sends it again",
    "carry": "its papers open the reader's next mail",
    "drop": "it is let be: nothing is sent for it any more, and its papers stay on the page",
}


_OPEN: "tuple[State, ...]" = (
    "planned",
    "rendered",
    "claimed",
    "dot sent",
    "deferred",
    "refused",
    "expired",
    "in doubt",
)


def _is_open(one: "Delivery") -> bool:
    """Something may still become of it, or somebody has to say what."""
    return not one.carried_into and one.decided != "drop"


def _list(deliveries: "list[Delivery]", args: argparse.Namespace) -> None:
    from digest.text import masked

    for one in deliveries:
        address, detail = one.to.address, one.detail
        if not args.addresses:
            # Servers repeat whom they will not have.
            address = masked(address)
            detail = re.sub(re.escape(one.to.address), lambda found: masked(found[0]), detail, flags=re.IGNORECASE)
        if args.json:
            print(
                json.dumps(
                    {
                        "id": one.id,
                        "profile": one.profile,
                        "day": one.day.isoformat(),
                        "channel": one.to.channel,
                        "address": address,
                        "state": one.state,
                        "attempts": one.attempts,
                        "message_id": one.message_id,
                        "detail": detail,
                        "changed": one.changed.isoformat(),
                        "due": one.due and one.due.isoformat(),
                        "expires": one.expires.isoformat(),
                        "carried_into": one.carried_into,
                        "decided": one.decided or None,
                    },
                    ensure_ascii=False,
                )
            )
        else:
            how = "left to its page" if one.decided == "left" else "carried"
            decided = {"carry": ", to be carried", "drop": ", dropped"}.get(one.decided, "")
            more = f", {how} by {one.carried_into}" if one.carried_into else decided
            due = f", next try {one.due:%Y-%m-%d %H:%M} UTC" if one.state == "deferred" and one.due else ""
            print(f"{one.id:>6}  {one.day}  {one.profile}  {address}  {one.state}{more}{due}  {detail}".rstrip())
    if not deliveries and not args.json:
        print("nothing is on its way, refused or in doubt")


def _of_profile(suppressions: "list[Suppression]", profile: str | None) -> "list[Suppression]":
    """Those that hold back mail of `profile`; all of them where none is named."""
    return [one for one in suppressions if not profile or one.profile in ("", profile)]


def _list_suppressed(suppressions: "list[Suppression]", args: argparse.Namespace) -> None:
    from digest.text import masked

    for one in suppressions:
        address = one.to.address if args.addresses else masked(one.to.address)
        if args.json:
            told = {
                "address": address,
                "profile": one.profile or None,
                "reason": one.reason,
                "since": one.since.isoformat(),
                "detail": one.detail,
            }
            print(json.dumps(told, ensure_ascii=False))
        else:
            until = f"{one.reason} {one.since:%Y-%m-%d}"
            print(f"{address}  {one.profile or 'every profile'}  {until}  {one.detail}".rstrip())
    if not suppressions and not args.json:
        print("nobody")


def _release(outbox: "Outbox", args: argparse.Namespace) -> None:
    from digest.text import fold_address

    wanted = fold_address(args.release)
    held = [one for one in outbox.suppressions() if fold_address(one.to.address) == wanted]
    for one in (chosen := _of_profile(held, args.profile)):
        outbox.release(one.profile, one.to)
        print(f"{one.to.address} is sent {one.profile or 'every profile'} again, from the next edition on")
    if not chosen:
        of = f" of {args.profile}" if args.profile else ""
        raise UsageError(f"nothing holds back mail{of} to {args.release}; --suppressed lists who is held back")
