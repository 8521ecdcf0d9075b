"""A folder of alert mails, on a server (IMAP) or on this machine (Maildir).

What is unread is kept in the store, and then marked as read: whoever is killed between the two reads it again, and what
was kept is read by every run for two weeks. Nothing is deleted or moved.
"""

import gzip
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from digest import clock
from digest.delivery.inbox import Inbox
from digest.delivery.inbox.maildir import MaildirInbox
from digest.delivery.secrets import reveal
from digest.delivery.settings import Maildir
from digest.model import Document, Problem
from digest.sources.settings import Mailbox
from digest.sources.trip import Trip
from digest.sources.web.client import Got
from digest.store.answers import Answer

LARGEST: Final = 5_000_000
"""How many bytes of a mail are read; one day of arXiv's largest archive is about one."""


def fetch(mailbox: Mailbox, trip: Trip) -> Iterator[Document | Problem]:
    house = f"mail:{trip.name}"
    cut = 0

    def keep(content: bytes) -> bool:
        nonlocal cut
        cut += len(content) >= LARGEST
        mark = blake2b(content, digest_size=8, person=b"digest mail").hexdigest()
        trip.answers.keep(Answer(f"{house}:{mark}", house, trip.now, gzip.compress(content, mtime=0)))
        return True

    problems = _inbox(mailbox).read(lambda head: True, keep, lambda: False)
    if cut:
        what = "1 mail is" if cut == 1 else f"{cut:,} mails are"
        problems = [*problems, f"{what} larger than {LARGEST:,} bytes, and cut there"]
    origins = []
    for answer in trip.answers.of_house(house):
        origins.append(f"{trip.name}, {answer.at.date()}, {answer.url[-6:]}")
        yield Got(answer).document(origins[-1])
    trip.note(trip.today, origins, over=True, trouble=problems[0] if problems else "")
    for problem in problems:
        yield Problem(trip.name, None, problem)


def _inbox(mailbox: Mailbox) -> Inbox:
    where = mailbox.where
    if isinstance(where, Maildir):
        return MaildirInbox(where.path, clock=clock.monotonic, largest=LARGEST)
    from digest.delivery.inbox.imap import ImapInbox

    return ImapInbox(where, reveal(where.password), clock=clock.monotonic, largest=LARGEST)
