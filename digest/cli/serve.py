"""Serve the published folder, and the links in mails that unsubscribe, over HTTP; meant to stand behind a proxy that
has the certificate: docs/serving.md shows how. /healthz and /readyz say whether all is well. A line a request goes to
standard error. SIGTERM ends it when what is under way is done.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from digest.cli import output, wishes
from digest.cli.stopping import until_told
from digest.errors import OK, DigestError

if TYPE_CHECKING:
    from digest.delivery.settings import Mailing


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="HOST", help="the address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, metavar="N", help="the port (8000); 0 is any that is free")
    parser.add_argument(
        "--root-path", default="", metavar="PATH", help="what paths begin with, as /digest, where a proxy leaves it on"
    )
    wishes.add_log(parser)
    parser.add_argument("--metrics", action="store_true", help="answer /metrics too, with numbers for Prometheus")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the published folder (the config's)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    import gc

    from digest.app import make_app
    from digest.config import load
    from digest.logs import open_log

    log = open_log(args.log, output.note)
    config = load(wishes.config_path(args))
    app = make_app(config, out=args.out, store=args.store)
    assert app.store, "a config has a store"
    try:
        from digest.web.desk import Desk
        from digest.web.server import listen, make_server
        from digest.web.site import make_site, refuse_secrets
    except ModuleNotFoundError as error:
        raise wishes.needs("`digest serve`", "web", error) from None
    if args.metrics:
        try:
            import digest.metrics  # noqa: F401  # that it can be answered is known before somebody asks
        except ModuleNotFoundError as error:
            raise wishes.needs("`digest serve --metrics`", "metrics", error) from None
    refuse_secrets(app.out, (config.path, app.store, *_of_mail(app.mailing)))
    site = make_site(app, log, args.root_path, metrics=args.metrics)
    try:
        Desk(app.store).look()
    except DigestError as error:
        log(f"{error}; files are served all the same")
    gc.enable()  # commands that end soon go without
    with until_told() as stopping, listen(args.host, args.port) as listening:
        stopping()
        host, port = listening.getsockname()[:2]
        log(f"serving {app.out} at http://{f'[{host}]' if ':' in host else host}:{port}{args.root_path.rstrip('/')}/")
        make_server(site, stopping=stopping).run(sockets=[listening])
    return OK


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a whole number from 0 to 65535")
    return int(text)


def _of_mail(mailing: "Mailing | None") -> Iterator[Path]:
    """Where mails, and the key that signs them, lie on this machine."""
    from digest.delivery.settings import Maildir, Mbox

    if not mailing:
        return
    for place in (mailing.through, mailing.inbox):
        if isinstance(place, Maildir | Mbox):
            yield place.path
    if mailing.dkim:
        yield mailing.dkim.key
