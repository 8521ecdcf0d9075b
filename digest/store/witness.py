"""The witness beside a store: a small file by which a copy of the store is known as one, and a missing store is missed.

What was sent is known to the store that sent it and to no copy of it. So each time before anything is sent the store
counts one more session, and the witness notes it: which store, how many sessions, on which machine, at which path. A
store whose witness tells otherwise makes editions, but sends nothing until somebody adopts it.
"""

import json
import os
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from digest.durable import make_durable_folder
from digest.errors import StorageError

if TYPE_CHECKING:
    from digest.store import Store

ONLY_IF = "only if the original sends no more: digest restore --adopt"
"""Two that send mail every reader twice, and no store can know of another."""

_MACHINE = Path("/etc/machine-id")
_RESTORED = "restored"
"""The name of the secret by which a store that came out of a backup knows of it: `yes`, or `no` once it is adopted."""


class Witness(NamedTuple):
    """What the file says."""

    instance: str
    sessions: int
    machine: str
    path: str


def standing(store: "Store", path: Path) -> str:
    """Why the store at `path` must not send anything; empty where it may. Changes nothing."""
    adopt = f"adopt it, {ONLY_IF}"
    if store.known_secret(_RESTORED) == "yes":
        return f"{path} came out of a backup, and cannot know what was sent since; {adopt}"
    sessions = int(store.known_secret("sessions") or "0")
    seen = read(path)
    if not seen:
        # Before the first session nothing was sent, and the witness is written before that.
        how = "cannot be read" if name(path).exists() else "is missing"
        return f"{path} has sent before, but not from here ({name(path).name} {how}); {adopt}" if sessions else ""
    if seen.instance != store.known_secret("instance"):
        return f"{path} is not the store that sent from here; {adopt}"
    if seen.machine != machine() or seen.path != _place(path):
        return f"{path} was copied or moved: it sent as {seen.path}; {adopt}"
    if seen.sessions > sessions:
        return f"{path} is an older copy of the store that sent from here; {adopt}"
    return ""


def begin_session(store: "Store", path: Path) -> None:
    """Count one more session, first in the store: killed in between, it is ahead of its witness, which is fine. Only a
    store that has a witness ever counts one.
    """
    instance, sessions = store.secret("instance", _fresh), int(store.secret("sessions", lambda: "0"))
    if not sessions:
        _write(path, Witness(instance, 0, machine(), _place(path)))
    store.secret("sessions", lambda: str(sessions + 1), renew=True)
    _write(path, Witness(instance, sessions + 1, machine(), _place(path)))


def adopt(store: "Store", path: Path, now: datetime) -> int:
    """Make the store at `path` the one that sends. What its original may have sent is in doubt from now on: all that
    was under way, and editions that are kept, or whose day had begun, by `now` and that nobody was recorded to get. How
    many deliveries that are.
    """
    changed = store.outbox.adopt(now)
    seen = read(path)
    sessions = max(int(store.secret("sessions", lambda: "0")), seen.sessions if seen else 0)
    store.secret("sessions", lambda: str(sessions), renew=True)
    # The witness last: until it is written, a store that was adopted in part is still one that must be.
    instance = store.secret("instance", _fresh, renew=True)
    store.secret(_RESTORED, lambda: "no", renew=True)
    _write(path, Witness(instance, sessions, machine(), _place(path)))
    return changed


def mark_restored(store: "Store") -> None:
    store.secret(_RESTORED, lambda: "yes", renew=True)


def name(path: Path) -> Path:
    """Beside the file itself, whatever links lead there."""
    real = path.resolve()
    return real.with_name(f"{real.name}.witness")


def read(path: Path) -> Witness | None:
    """What is known of the store at `path`; None where nothing is, or nothing that can be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(name(path).read_text(encoding="utf-8"))
        return Witness(str(told["instance"]), int(told["sessions"]), str(told["machine"]), str(told["path"]))
    return None


def is_missed(path: Path) -> bool:
    """Where the store at `path` is not there, it was. Also a witness that cannot be read says so."""
    return os.path.lexists(name(path))


def expect(path: Path) -> None:
    """See to it that the store at `path` is missed from now on, where it is not there. May raise OSError."""
    with open(name(path), "a", opener=_private):
        pass
    make_durable_folder(name(path).parent)


def forget(path: Path) -> None:
    """A new store is at `path`: what stood there before is not missed."""
    name(path).unlink(missing_ok=True)


def machine() -> str:
    """Something that tells this machine from others; empty where there is nothing that stays."""
    try:
        return blake2b(_MACHINE.read_bytes().strip(), digest_size=8, person=b"digest host").hexdigest()
    except OSError:
        return ""


def _write(path: Path, witness: Witness) -> None:
    """In one step, and durable. Raises StorageError."""
    target = name(path)
    made = target.with_name(f".{target.name}.new")
    try:
        with open(made, "w", encoding="utf-8", opener=_private) as file:
            json.dump(witness._asdict(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        made.replace(target)
        make_durable_folder(target.parent)
    except OSError as error:
        raise StorageError(f"{target}: cannot be written: {error.strerror}; nothing was sent") from error


def _place(path: Path) -> str:
    return str(path.resolve())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _fresh() -> str:
    return os.urandom(8).hex()
