"""An installation that sends editions: its store, a clock that is set, and a server that answers as it is told."""

import email
import email.policy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from builders import a_digest, a_paper, a_profile, a_ranked

from digest import publishing
from digest.delivery import Carrier, Journal
from digest.delivery.settings import Maildir, Mailing, Webhook
from digest.model import Addressee, Edition, Outcome, Parcel, Profile, Site, Tally
from digest.sending import Errand, Sent, send
from digest.sending.letters import Desk
from digest.store import Store, open_store

MAILING = Mailing(sender="digest@example.org", through=Maildir(Path("unused")), name="Paper digest")
SITE = Site(title="Paper digest", base_url="https://example.org/digest/")
FIRST = date(2026, 5, 25)
KEY = b"a secret"


def reader(name: str) -> Addressee:
    return Addressee("mail", f"{name}@example.org")


def a_paper_of(number: int, day: date = FIRST):  # type: ignore[no-untyped-def]
    return a_paper(f"arxiv:{day:%y%m}.{day.day:02}{number:03}", title=f"Paper {number} of {day}")


def mailed(content: bytes) -> list[str]:
    """The ids of the papers that a mail tells, in their order."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    return re.findall(r"arXiv:(\S+)", text)


class Killed(Exception):
    """The run ends here, as by kill -9."""


Answer = Callable[[Parcel], str]
"""What the server does with a parcel: a state, `hard` for a hard bounce, `early` to put it off before the dot, `sender`
to have no sender of ours, `dies` before the dot, `dies after` it.
"""


@dataclass
class Server:
    """A `digest.delivery.Carrier` that notes what it took."""

    answer: Answer = lambda parcel: "accepted"
    taken: list[Parcel] = field(default_factory=list)
    """What was accepted, as far as we know."""
    offered: list[Parcel] = field(default_factory=list)
    given: list[Parcel] = field(default_factory=list)
    """What had its dot."""
    after: float = 0.0
    """For how long it wants to be left alone when it puts something off."""

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=1)
        while parcels:
            (parcel,) = parcels
            self.offered.append(parcel)
            answer = self.answer(parcel)
            if answer == "dies":
                raise Killed
            if answer in ("early", "sender", "hard"):
                why = "550 5.7.1 not from that sender" if answer == "sender" else ""
                hard = answer == "hard"
                early = Outcome(parcel.id, "refused" if hard else "deferred", why, hard)
                parcels = journal.step(settled=[early], wanted=0 if why or stopping() else 1)
                if why:
                    return f"it refuses our sender {parcel.sender}: {why}"
                continue
            journal.step(marked=[parcel.id])
            self.given.append(parcel)
            if answer == "dies after":
                raise Killed
            if answer == "accepted":
                self.taken.append(parcel)
            outcome = Outcome(parcel.id, answer, f"250 {answer}", after=self.after)  # type: ignore[arg-type]
            parcels = journal.step(settled=[outcome], wanted=0 if stopping() else 1)
        return ""

    @property
    def papers(self) -> dict[str, list[str]]:
        """What each reader has, one after the other."""
        found: dict[str, list[str]] = defaultdict(list)
        for parcel in self.taken:
            found[parcel.recipient] += mailed(parcel.content)
        return found


@dataclass
class Scene:
    """One store and what is sent from it."""

    path: Path
    profiles: tuple[Profile, ...] = ()
    mailing: Mailing | None = MAILING
    hooks: Mapping[str, Sequence[Webhook]] = field(default_factory=dict)
    server: Server = field(default_factory=Server)
    chats: Server = field(default_factory=Server)
    now: datetime = datetime(2026, 5, 25, 6, tzinfo=UTC)
    sign: Callable[[bytes], bytes] = lambda message: message
    site: Site = SITE

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.path)

    def reopen(self) -> None:
        """As after a run that was killed."""
        self.store.close()
        self.store = open_store(self.path)

    def profile(self, name: str = "ana", *readers: str | Addressee) -> None:
        """The config has that profile with those readers from now on."""
        to = tuple(reader(one) if isinstance(one, str) else one for one in readers)
        others = tuple(one for one in self.profiles if one.name != name)
        self.profiles = (*others, a_profile(name, recipients=to))

    def edition(self, *numbers: int, day: date | None = None, profile: str = "ana") -> Edition:
        """Keep an edition of papers with those numbers; of today where no day is named."""
        day = day or self.now.date()
        digest = a_digest(*(a_ranked(a_paper_of(number, day)) for number in numbers), profile=profile, day=str(day))
        if not numbers:
            digest = replace(digest, tally=Tally(unmatched=7), verdict="quiet day")
        return self.store.keep(digest, datetime.combine(day, datetime.min.time(), UTC))

    def desk(self) -> Desk:
        archives = publishing.places(self.profiles, self.store, lambda: "0f1e2d3c4b5a6978")
        return Desk(
            site=self.site,
            archives={one.profile: one for one in archives},
            mailing=self.mailing,
            hooks=self.hooks,
            key=KEY,
            sign=self.sign,
        )

    def errand(self, carriers: Mapping[str, Carrier] | None = None, run: str = "run") -> Errand:
        return Errand(
            profiles=self.profiles,
            today={one.name: self.now.date() for one in self.profiles},
            desk=self.desk(),
            carriers={"mail": self.server, "webhook": self.chats} if carriers is None else carriers,
            run=run,
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )

    def send(self, answer: str | Answer = "accepted") -> Sent | None:
        """Send with a server that answers so; None where the run was killed."""
        self.server.answer = (lambda parcel: answer) if isinstance(answer, str) else answer
        try:
            return send(self.errand(), self.store)
        except Killed:
            self.reopen()
            return None

    def later(self, hours: float = 24.0) -> None:
        self.now += timedelta(hours=hours)

    def states(self, profile: str = "ana") -> dict[tuple[str, str], str]:
        """By reader and day."""
        return {
            (one.to.address.partition("@")[0], one.day.isoformat()): one.state
            for one in self.store.outbox.deliveries(profile=profile)
        }

    def state(self, name: str = "ana", day: date | None = None) -> str:
        return self.states()[name, (day or self.now.date()).isoformat()]


def ids(*papers: tuple[int, date] | int) -> list[str]:
    """The ids of papers as mails have them."""
    pairs: Iterable[tuple[int, date]] = [one if isinstance(one, tuple) else (one, FIRST) for one in papers]
    return [f"{day:%y%m}.{day.day:02}{number:03}" for number, day in pairs]
