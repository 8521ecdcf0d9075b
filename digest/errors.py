"""What can stop a run, and the exit code that each stop has.

    DigestError
    ├── UsageError      2   the command line asks for something that is not there
    ├── ConfigError     2   digest.yaml is wrong; carries every complaint at once
    ├── SourceError     3   a source could not be read at all
    ├── StorageError    5   the store or the published folder cannot be written
    └── TryAgain       75   somebody else holds the lock: the same command may work later

A failure that does *not* stop a run is no exception: it is a `digest.model.Problem`.
"""

from collections.abc import Sequence

OK = 0
PROBLEMS = 3
"""Exit code of a run that ended, but in which some sources or listings failed."""


UNDELIVERED = 4
"""Exit code of a run that ended, but in which mails were refused, or may or may not have arrived."""


class DigestError(Exception):
    """A failure with a sentence for the person who reads it: what, where, and what to do."""

    exit_code = 1


class UsageError(DigestError):
    """The command line names something that does not exist or does not fit."""

    exit_code = 2


class ConfigError(DigestError):
    """The configuration is wrong. `complaints` are whole lines: `file:line:column: what`."""

    exit_code = 2

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


class SourceError(DigestError):
    """A source cannot be read: missing, not permitted, not a file."""

    exit_code = 3


class StorageError(DigestError):
    """The store or the published folder cannot be read or written; nothing was half done."""

    exit_code = 5


class TryAgain(DigestError):
    """Another process is in the way; nothing was changed."""

    exit_code = 75
