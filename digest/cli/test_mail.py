"""Send one plain letter, the way that editions go, and show every line that is said on it.

Nothing is recorded. What the server answers is explained where it is one of the usual refusals.
"""

import argparse

from digest.cli import wishes
from digest.errors import OK, UNDELIVERED, UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="whom to send it to")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")


def execute(args: argparse.Namespace) -> int:
    from digest import clock
    from digest.config import load
    from digest.delivery.settings import Server
    from digest.model import Parcel
    from digest.rendering.mail.letter import letter
    from digest.sending.advice import advice
    from digest.sending.carriers import mail
    from digest.sending.office import signer
    from digest.sending.straight import deliver

    config = load(wishes.config_path(args))
    if not config.mailing:
        raise UsageError(f"{config.path} does not say how mail goes out: add `mail:` at the top (docs/mail.md)")
    mailing = config.mailing
    text = (
        f"This is a test of {config.site.title}: mail from {mailing.sender} reaches you.\n\n"
        "Look at where it arrived (inbox or spam), and at what your program says of its sender.\n"
    )
    content = signer(mailing)(
        letter("Test of the paper digest", text, mailing.sender, args.address, clock.now(), name=mailing.name)
    )
    carrier = mail(mailing, watch=lambda line: print(f"   {line}"))
    if isinstance(mailing.through, Server):
        where = mailing.through
        print(f"{'LMTP' if where.lmtp else 'SMTP'} to {where.host}, port {where.port}, tls: {where.tls}")
    (outcome,), why = deliver([Parcel(1, mailing.envelope or mailing.sender, args.address, content)], carrier)
    if outcome.state == "accepted":
        print(f"accepted: {outcome.detail}")
        return OK
    print(f"{'not sent' if outcome.state == 'rendered' else outcome.state}: {why or outcome.detail}")
    if hint := advice(why or outcome.detail, mailing.through if isinstance(mailing.through, Server) else None):
        print(hint)
    return UNDELIVERED
