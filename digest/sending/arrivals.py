"""What came in by mail: bounces are counted, and who asks to be left alone is.

Each thing is done once, also where a run is killed before the message is marked as read, and is shown it again: the
store knows what it has recorded. `digest.delivery.incoming` says what counts, and why nobody can do this to another.
No transaction of the store is open while the inbox is talked to: each ends before `act` returns.
"""

from collections.abc import Callable
from datetime import datetime

from digest.delivery import leaving
from digest.delivery.inbox import Inbox
from digest.delivery.incoming import Bounce, Complaint, Incoming, Leaving, Traces, matters, understood
from digest.delivery.settings import Mailing
from digest.model import Delivery
from digest.sending.letters import MAIL
from digest.store.outbox import Outbox, Subscriber
from digest.text import fold_address


def take(
    inbox: Inbox, mailing: Mailing, outbox: Outbox, now: datetime, stopping: Callable[[], bool] = lambda: False
) -> list[str]:
    """Read the inbox, and do what its messages ask for; what the operator should know of it, in sentences.

    Trouble with the inbox is such a sentence. Raises StorageError or TryAgain.
    """
    leave = _door(mailing)
    strangers = 0

    def act(content: bytes) -> bool:
        nonlocal strangers
        asked = understood(content, leave)
        done = bool(asked) and _done(asked, outbox, now, mailing.bounces)
        if not done and isinstance(asked, Leaving) and asked.meant:
            strangers += 1
        return done

    problems = inbox.read(lambda head: matters(head, leave), act, stopping)
    if strangers:
        what = "1 mail asks" if strangers == 1 else f"{strangers:,} mails ask"
        problems = [*problems, f"{what} to unsubscribe with a token that nobody has; left unread"]
    return [f"the inbox: {problem}" for problem in problems]


def _door(mailing: Mailing) -> str:
    """The address that unsubscribes with a token in it; empty where bounces come to such addresses."""
    leave, envelope = mailing.leave or mailing.sender, mailing.envelope or mailing.sender
    return "" if mailing.verp and fold_address(leave) == fold_address(envelope) else leave


def _done(asked: Incoming | None, outbox: Outbox, now: datetime, limit: int) -> bool:
    """It was ours, and what it asks for is in the store."""
    if isinstance(asked, Bounce):
        return _count(asked, outbox, now, limit)
    if isinstance(asked, Complaint):
        reader, _ = _known(asked.traces, outbox)
        return bool(reader) and _leave(reader, outbox, now, "complained to their provider")
    if isinstance(asked, Leaving):
        return _leave(outbox.subscriber(leaving.mark(asked.token)), outbox, now)
    return False


def _leave(reader: Subscriber | None, outbox: Outbox, now: datetime, detail: str = "") -> bool:
    if not reader:
        return False
    outbox.suppress(reader.profile, reader.to, "unsubscribed", now, detail)
    return True


def _count(bounce: Bounce, outbox: Outbox, now: datetime, limit: int) -> bool:
    """Record that a mail came back: of each mail once, or of each report where nobody knows which mail that was."""
    reader, delivery = _known(bounce.traces, outbox)
    if not reader:
        return False
    address = fold_address(reader.to.address)
    # A mail that was forwarded may have failed further on, at addresses that we do not know.
    own = [fate for fate in bounce.fates if address in fate.addresses] or list(bounce.fates)
    if all(fate.became != "underway" for fate in own):
        hard = all(fate.became == "hard" for fate in own)
        of = f"returned:{delivery.id}" if delivery else f"report:{bounce.mark}:{address}"
        outbox.bounced(f"{of}:{'hard' if hard else 'soft'}", reader.to, hard, now, limit=limit, detail=own[0].said)
    return True


def _known(traces: Traces, outbox: Outbox) -> tuple[Subscriber | None, Delivery | None]:
    """Whose mail it was, and which; the mail is None where only the reader is known.

    Chats have ids in the ledger, too, but those can be guessed.
    """
    readers = (outbox.subscriber(leaving.mark(token)) for token in traces.tokens)
    reader = next(filter(None, readers), None)
    for message_id in traces.ids:
        delivery = outbox.by_message_id(message_id)
        if delivery and delivery.to.channel == MAIL:
            of = Subscriber(delivery.profile, delivery.to)
            if not reader or _same(reader, of):
                return of, delivery
    return reader, None


def _same(one: Subscriber, other: Subscriber) -> bool:
    return (one.profile, fold_address(one.to.address)) == (other.profile, fold_address(other.to.address))
