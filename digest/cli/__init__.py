"""The command line. A command is a module with `arguments(parser)` and `execute(args) -> exit code`, imported
only when it is the one that was asked for: `digest --help` costs little more than starting Python.
"""

import sys
from collections.abc import Sequence

COMMANDS = {
    "run": "the daily run: read listings, rank them for each profile, publish feeds and pages",
    "parse": "show the listings found in files, and what could not be read",
    "formats": "list the formats of listings that are read, with an example of each",
    "papers": "show the papers that the listings are of, repeats merged",
    "rank": "show papers in the order of keywords, with the reasons",
    "why": "say why a paper ranks where it does, or why it is missing",
    "send": "deliver editions to those who subscribed: what is new, what was put off, what was left midway",
    "status": "say how things stand: the last run, who got what, what waits, what is wrong",
    "doctor": "check the installation: config, clock, disk, store, mail server, DNS records of the domain",
    "outbox": "list mails on their way, refused or in doubt, and decide what becomes of them",
    "test-mail": "send one letter, and explain everything that was said on its way",
    "schedule": "make each profile's editions when they are due, until told to stop",
    "serve": "serve what is published over HTTP, and the links in mails that unsubscribe",
    "backup": "copy the store to one file, also while a run is at work",
    "restore": "put a backup in the place of the store, and let a copied store send",
    "show": "print an edition as text, Markdown, JSON, a citation list, a feed or a webhook's payload",
    "feeds": "say where each profile's feeds are; give a private one another address",
    "init": "write a digest.yaml to start from",
}
"""Each command's name, which is its module's, and what it does."""

_EXAMPLES = """\
examples:
  digest run page.txt -k 'quantization:3' -k '"speech recognition"'
                                    a digest of one page, written to feeds/
  digest init                       a digest.yaml with profiles, then:
  digest run                        the daily run that digest.yaml describes
  digest why 2508.03332             why that paper is in the digest, or not

`digest COMMAND --help` says more. Exit codes: 0 done; 2 wrong usage or configuration; 3 done, but some files or
listings could not be read, or nothing new has come for days; 4 done, but mails were refused or expired, or are in
doubt; 5 the store or the output folder cannot be written; 75 busy, or it died: try again."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else 2
    if words[0] in ("-V", "--version", "version"):
        from digest import __version__

        print(f"digest {__version__}")
        return 0
    if argv is None:
        # This process is ours. A run makes many values and no cycles worth looking for, and then it ends: looking
        # costs a tenth of it, and as much again at the end, where the interpreter looks at whatever is not frozen.
        import atexit
        import gc
        import os

        gc.disable()
        atexit.register(gc.freeze)
        if os.getpid() == 1:
            _heed_signals()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without a letter gets ? in its place
    return _execute(words)


def _help() -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {what}" for name, what in COMMANDS.items())
    return (
        "usage: digest COMMAND [...]\n\n"
        "A daily digest of research papers: listings in, ranked and explained editions out.\n\n"
        f"commands:\n{commands}\n\n"
        "options:\n  -h, --help     this text\n  -V, --version  the version\n\n"
        f"{_EXAMPLES}"
    )


def _execute(words: list[str]) -> int:
    from digest.errors import DigestError, UsageError

    name, *rest = words
    try:
        if name not in COMMANDS:
            from digest.plugins import did_you_mean

            hint = did_you_mean(name, list(COMMANDS)) or f"; there are: {', '.join(COMMANDS)}"
            raise UsageError(f"no command '{name}'{hint}")
        import argparse
        from importlib import import_module

        command = import_module(f"digest.cli.{name.replace('-', '_')}")
        parser = argparse.ArgumentParser(
            prog=f"digest {name}",
            description=command.__doc__,
            epilog=command.epilog() if hasattr(command, "epilog") and {"-h", "--help"} & set(rest) else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(parser)
        code = int(command.execute(parser.parse_intermixed_args(rest)))
        sys.stdout.flush()
        return code
    except DigestError as error:
        print("\n".join(f"digest: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough (`digest parse … | head`).
        _give_up_output()
        return 0
    except OSError as error:
        print(f"digest: {error.filename or 'the output'} cannot be written: {error.strerror}", file=sys.stderr)
        _give_up_output()
        return 5
    except KeyboardInterrupt:
        print("digest: interrupted; nothing was half written", file=sys.stderr)
        return 130


def _heed_signals() -> None:
    """The first process of a container is ended by no signal that it has not asked for (pid_namespaces(7)): `podman
    stop` would wait and then kill. So be ended by SIGTERM as any other process is.
    """
    import os
    import signal

    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(128 + number))


def _give_up_output() -> None:
    """Let standard output lead nowhere, so that Python does not try at its end to write what is left."""
    import os
    from contextlib import suppress

    with suppress(OSError, ValueError):  # a test's standard output may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
