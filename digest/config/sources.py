"""The tables of `digest.yaml` that say where papers are listed, and how addresses are asked."""

import re
from abc import abstractmethod
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from digest.config.mailing import ImapPlace, SecretPlace, mail_address
from digest.config.parts import Line, Table, Where, below, line, pattern, wrong
from digest.config.tree import shown
from digest.delivery.settings import Maildir
from digest.plugins import did_you_mean
from digest.sources import SOURCES, settings
from digest.sources.archives import ARCHIVES
from digest.sources.settings import Fetching, Wanted
from digest.sources.web.addresses import shown as address_shown
from digest.sources.web.addresses import target


def _url(text: str) -> str:
    try:
        target(text)
    except ValueError as error:
        raise wrong(f"{error}; it must be as https://example.org/feed, is {shown(address_shown(text))}") from None
    return text


_Url: TypeAlias = Annotated[str, AfterValidator(_url)]


def _named(text: str) -> str:
    if "/" in text:
        raise wrong(f"must have no '/', as a path has, is {shown(text)}")
    return line(text)


class _Kind(Table):
    """One source on the network."""

    main: ClassVar[str] = ""
    """The key that a value by itself is for; empty where there is none."""

    name: Annotated[str, AfterValidator(_named)] | None = Field(
        None, description="What messages call it, where its own name says too little."
    )

    @model_validator(mode="before")
    @classmethod
    def _may_be_short(cls, written: Any) -> Any:
        return {cls.main: written} if cls.main and isinstance(written, str | list) else written

    @abstractmethod
    def called(self) -> str:
        """What it is called where nobody has given it a name."""

    @abstractmethod
    def settings(self, folder: Path) -> Any:
        """What its kind takes."""


class _Feed(_Kind):
    """Any feed."""

    main = "url"

    url: _Url = Field(description="Its address.")

    def called(self) -> str:
        return address_shown(self.url)

    def settings(self, folder: Path) -> settings.Feed:
        return settings.Feed(self.url)


class _Page(_Feed):
    """Any page, or file, that lists papers."""

    def settings(self, folder: Path) -> settings.Feed:
        return settings.Feed(self.url, page=True)


class _Service(_Kind):
    """One that stands somewhere else, unless somebody has a copy of it."""

    at: _Url | None = Field(None, description="Where it answers, in place of its own hosts: a mirror or a proxy.")

    @property
    def place(self) -> str:
        return (self.at or "").rstrip("/")


def _plain(words: str) -> str:
    """Words as a part of a name: readers are shown of what looks like a path its last part only."""
    return words.replace("/", " ")


def _list(written: Any) -> Any:
    return [written] if isinstance(written, str) else written


def _category(text: str) -> str:
    archive, _, part = text.partition(".")
    if archive not in ARCHIVES:
        raise wrong(f"there is no category {shown(text)}{did_you_mean(archive, list(ARCHIVES)) or '; one is cs.LG'}")
    if not re.fullmatch(r"[a-z-]+(?:\.[A-Za-z-]{2,20})?", text) or (part and part in ARCHIVES):
        raise wrong(f"a category is as cs.LG or hep-th, is {shown(text)}")
    return text


class _Arxiv(_Service):
    """arXiv."""

    main = "categories"

    categories: Annotated[tuple[Annotated[str, AfterValidator(_category)], ...], BeforeValidator(_list)] = Field(
        (), description="Categories whose announcements are read, as [cs.CL, cs.LG]."
    )
    query: Line | None = Field(
        None, description="What to look for in place of them, as arXiv's API has it: all:quantization AND cat:cs.LG."
    )
    newest: int = Field(200, ge=1, le=2000, description="So many of what the query finds, the newest first.")

    @model_validator(mode="after")
    def _asks_for_something(self) -> "_Arxiv":
        if bool(self.categories) == bool(self.query):
            raise wrong("needs one of categories and query")
        return self

    def called(self) -> str:
        return f"arXiv {_plain(' '.join(self.categories) or self.query or '')}"

    def settings(self, folder: Path) -> settings.Arxiv:
        return settings.Arxiv(self.categories, self.query or "", self.newest, self.place)


class _HuggingFace(_Service):
    """Hugging Face's Daily Papers."""

    def called(self) -> str:
        return "Hugging Face Daily Papers"

    def settings(self, folder: Path) -> settings.HuggingFace:
        return settings.HuggingFace(self.place)


class _Biorxiv(_Service):
    """bioRxiv."""

    main = "categories"

    categories: Annotated[tuple[Line, ...], BeforeValidator(_list)] = Field(
        (), description="Its categories, as [cell biology, neuroscience]; all where there are none."
    )

    def called(self) -> str:
        return f"bioRxiv {', '.join(self.categories)}".strip()

    def settings(self, folder: Path) -> settings.Rxiv:
        return settings.Rxiv("biorxiv", self.categories, self.place)


class _Medrxiv(_Biorxiv):
    """medRxiv."""

    def called(self) -> str:
        return f"medRxiv {', '.join(self.categories)}".strip()

    def settings(self, folder: Path) -> settings.Rxiv:
        return settings.Rxiv("medrxiv", self.categories, self.place)


class _Search(_Service):
    """A service that is searched."""

    main = "query"

    query: Line = Field(description="What to look for, as the service has it.")
    key: SecretPlace | None = Field(
        None,
        description="Where the key is that the service gives out, as {env: NAME}; it may be asked more often then.",
    )


class _Pubmed(_Search):
    """PubMed."""

    def called(self) -> str:
        return f"PubMed {_plain(self.query)}"

    def settings(self, folder: Path) -> settings.Pubmed:
        return settings.Pubmed(self.query, self.key.settled(folder) if self.key else None, self.place)


class _SemanticScholar(_Search):
    """Semantic Scholar."""

    subjects: Annotated[tuple[Line, ...], BeforeValidator(_list)] = Field(
        (), description="Its fields of study, as [Computer Science]; all where there are none."
    )
    days: int = Field(14, ge=1, le=60, description="So many days back by the date of publication.")

    def called(self) -> str:
        return f"Semantic Scholar {_plain(self.query)}"

    def settings(self, folder: Path) -> settings.SemanticScholar:
        key = self.key.settled(folder) if self.key else None
        return settings.SemanticScholar(self.query, self.subjects, self.days, key, self.place)


class _OpenReview(_Service):
    """OpenReview."""

    main = "venues"

    venues: Annotated[tuple[Line, ...], BeforeValidator(_list)] = Field(
        min_length=1, description="The ids of venues, as [ICLR.cc/2026/Conference], or of their invitations."
    )
    newest: int = Field(1000, ge=1, le=10_000, description="So many of each venue, those that changed last first.")

    def called(self) -> str:
        return f"OpenReview {_plain(', '.join(self.venues))}"

    def settings(self, folder: Path) -> settings.OpenReview:
        return settings.OpenReview(self.venues, self.newest, self.place)


class _ImapFolder(_Kind, ImapPlace):
    """A folder of mails on a server."""

    def called(self) -> str:
        return f"{self.folder} at {self.host}"

    def settings(self, folder: Path) -> settings.Mailbox:
        return settings.Mailbox(self.settled(folder))


class _Place(_Kind):
    """A folder of this machine."""

    main = "path"

    path: Where = Field(description="The folder, from the folder of this file; of a Maildir that with `new` and `cur`.")


class _WatchedFolder(_Place):
    """A folder into which files are dropped."""

    def called(self) -> str:
        return self.path

    def settings(self, folder: Path) -> settings.Folder:
        return settings.Folder(below(folder, self.path))


class _MaildirFolder(_Place):
    """A folder of mails on this machine."""

    def called(self) -> str:
        return f"Maildir {self.path}"

    def settings(self, folder: Path) -> settings.Mailbox:
        return settings.Mailbox(Maildir(below(folder, self.path)))


class Source(Table):
    """Where papers are listed: a file, a folder or a glob, or one of the services."""

    files: Where | None = Field(None, description="A file, a folder or a glob, from the folder of this file.")
    feed: _Feed | None = Field(None, description="A feed by its address.")
    page: _Page | None = Field(None, description="A page that lists papers, by its address.")
    arxiv: _Arxiv | None = Field(None, description="arXiv's announcements in some categories, or a query.")
    huggingface: _HuggingFace | None = Field(None, description="Hugging Face's Daily Papers.")
    biorxiv: _Biorxiv | None = Field(None, description="What is posted at bioRxiv.")
    medrxiv: _Medrxiv | None = Field(None, description="What is posted at medRxiv.")
    pubmed: _Pubmed | None = Field(None, description="What PubMed finds.")
    openreview: _OpenReview | None = Field(None, description="Submissions to venues at OpenReview.")
    semantic_scholar: _SemanticScholar | None = Field(None, description="What Semantic Scholar finds.")
    imap: _ImapFolder | None = Field(None, description="A folder of alert mails on a server.")
    maildir: _MaildirFolder | None = Field(None, description="A folder of alert mails on this machine.")
    folder: _WatchedFolder | None = Field(None, description="A folder into which files are dropped.")
    of_package: tuple[str, Any] | None = Field(None, exclude=True, description="What an installed package adds.")

    @model_validator(mode="before")
    @classmethod
    def _is_one(cls, written: Any) -> Any:
        if isinstance(written, str):
            return {"feed": written} if "://" in written else {"files": written}
        if not isinstance(written, dict):
            raise wrong(f"must be a file, an address, or a service as `feed: https://...`, is {shown(written)}")
        if len(written) != 1:
            raise wrong(f"must be one source, is a mapping of {len(written)} keys; begin each with its own `-`")
        ((kind, said),) = written.items()
        if kind == "of_package" or (kind not in cls.model_fields and kind in SOURCES.strangers()):
            return {"of_package": (kind, said)}
        return {kind: {} if said is None else said}

    def settled(self, folder: Path) -> str | Wanted:
        if self.files is not None:
            return pattern(folder, self.files)
        if self.of_package:
            kind, said = self.of_package
            return Wanted(kind, kind, said)
        ((kind, table),) = ((kind, getattr(self, kind)) for kind in self.model_fields_set)
        return Wanted(kind, table.name or table.called(), table.settings(folder))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """An editor is told that a text will do."""
        made = handler.resolve_ref_schema(handler(schema))
        made["properties"].pop("of_package", None)
        made["properties"].pop("files", None)
        table = dict(made)
        description = table.pop("description", "")
        made.clear()
        made |= {"description": description, "anyOf": [{"type": "string"}, table]}
        return made


class Fetch(Table):
    """The manners of whoever asks addresses."""

    contact: Annotated[str, AfterValidator(mail_address)] | None = Field(
        None, description="A mail address that services are told, so that they write before they lock anybody out."
    )
    every: float = Field(1.0, ge=0, le=168, description="Hours for which an answer is as good as a new one.")
    deadline: float = Field(60.0, ge=1, le=3600, description="Seconds for one answer, from the first byte to the last.")
    patience: float = Field(600.0, ge=1, le=86_400, description="Seconds for all sources of a run together.")
    private: bool = Field(False, description="Ask addresses of this machine and of networks that are not public, too.")
    authorities: Where | None = Field(None, description="A file of certificates to trust in place of the system's.")

    def settled(self, folder: Path) -> Fetching:
        return Fetching(
            contact=self.contact or "",
            every=self.every,
            deadline=self.deadline,
            patience=self.patience,
            private=self.private,
            authorities=below(folder, self.authorities) if self.authorities else None,
        )
