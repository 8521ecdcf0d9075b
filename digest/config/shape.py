"""The shape of `digest.yaml`: its keys, what each may hold, and the checks, made with the code that will use them.

A check that fails raises pydantic's error with our own sentence in it, so that all of them come in one pass.
"""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast, get_args, get_origin
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from digest.config.mailing import Alarm, Hook, Hooks, Mail, addressees
from digest.config.parts import Address, Line, Note, Table, Where, below, wrong
from digest.config.schedule import Timing
from digest.config.sources import Fetch, Source
from digest.config.tree import shown
from digest.errors import UsageError
from digest.model import PUBLISHED, Addressee, Term
from digest.patterns import pattern
from digest.plugins import did_you_mean
from digest.ranking.authors import WEIGHT
from digest.ranking.query import parse_term
from digest.sources.settings import Wanted
from digest.text import fold, one_line, singular

# What lies beside the zones in a system's zone folder: the machine's own zone, and clocks that count leap seconds.
_NO_ZONE = pattern("(?:posix|right)/.*|posixrules|localtime|Factory", re.DOTALL)


def _zone(text: str) -> str:
    try:
        if _NO_ZONE.fullmatch(text):
            raise KeyError(text)
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(text[:64], sorted(available_timezones())) or ": write one as Europe/Berlin"
        if re.search(r"[+-]\d", text):
            hint = ": an offset does not say when clocks change; write a place, as Europe/Berlin"
        raise wrong(f"there is no time zone {shown(text)}{hint}") from None
    return text


def _name(text: str) -> str:
    if not re.fullmatch("[a-z0-9-]{1,64}", text):
        slug = "-".join(re.findall("[a-z0-9]+", fold(text)))[:64]
        hint = f" (write '{slug}'?)" if slug else ""
        raise wrong(f"a profile's name is 1 to 64 of a-z, 0-9 and '-'{hint}", "key")
    return text


def _phrase(text: object) -> str:
    """Words to look for."""
    if not isinstance(text, str) or not text.strip():
        raise wrong(f"must be text, is {shown(text)}")
    phrase = one_line(text)
    if not fold(phrase).strip():
        raise wrong(f"{shown(text)} has no letter or digit to look for", "key")
    return phrase


def _author(text: object) -> str:
    """A name to follow, as `Sinha, A.` or `A. Sinha`."""
    name = _phrase(text)
    if not fold(name.partition(",")[0]).strip():
        raise wrong(f"{shown(text)} has no family name before its comma", "key")
    return name


def _keyword(text: object) -> Term:
    """An item of a list of keywords: `quantization:3`."""
    if isinstance(text, dict):
        raise wrong("is a mapping; in a list, write no space after the colon: quantization:3")
    if not isinstance(text, str) or not text.strip():
        raise wrong(f"must be text, is {shown(text)}")
    try:
        return parse_term(one_line(text))
    except UsageError as error:
        raise wrong(str(error)) from None


def _weight(written: object, default: float) -> float:
    """The bounds are those of `parse_term`."""
    if written is None:
        return default
    try:
        weight = float(written) if isinstance(written, str) else 0.0
    except ValueError:
        weight = 0.0
    if not 0 < abs(weight) <= 1000:
        raise wrong(f"a weight is a number from -1000 to 1000 and not 0, is {shown(written)}")
    return weight


def _stems(text: str) -> str:
    """Equal for texts that the ranker takes for the same."""
    return " ".join(singular(word) for word in fold(text).split())


def _terms(
    value: object,
    default: float,
    *,
    phrase: Callable[[object], str],
    item: Callable[[object], Term],
    sameness: Callable[[str], str],
) -> tuple[Term, ...]:
    """The terms of a mapping of `phrase` to weight, or of a list of `item`; none the same as another."""
    faults: list[InitErrorDetails] = []
    terms: list[Term] = []
    seen: dict[str, str] = {}

    def attempt(place: str | int, function: Callable[..., Any], *arguments: object) -> Any:
        try:
            return function(*arguments)
        except PydanticCustomError as error:
            faults.append(InitErrorDetails(type=error, loc=(place,), input=arguments[0]))

    def add(term: Term) -> None:
        same = sameness(term.text)
        if same in seen:
            raise wrong(f"{shown(term.text)} finds the same as {shown(seen[same])} above; keep one", "key")
        seen[same] = term.text
        terms.append(term)

    if isinstance(value, dict):
        for key, written in value.items():
            text, weight = attempt(key, phrase, key), attempt(key, _weight, written, default)
            if text is not None:
                attempt(key, add, Term(text=text, weight=weight or default))
    elif isinstance(value, list | tuple):  # a tuple is the default
        for index, written in enumerate(value):
            if term := attempt(index, item, written):
                attempt(index, add, term)
    else:
        shape = "a mapping (lines of `text: weight`, with a space after the colon) or a list"
        raise wrong(f"must be {shape}, is {shown(value)}")
    if faults:
        raise ValidationError.from_exception_data("terms", faults)
    return tuple(terms)


def _keywords(value: object) -> tuple[Term, ...]:
    return _terms(value, 1.0, phrase=_phrase, item=_keyword, sameness=_stems)


def _authors(value: object) -> tuple[Term, ...]:
    def followed(name: object) -> Term:
        return Term(text=_author(name), weight=WEIGHT)

    return _terms(value, WEIGHT, phrase=_author, item=followed, sameness=fold)


def _mutes(value: object) -> tuple[str, ...]:
    def muted(phrase: object) -> Term:
        return Term(text=_phrase(phrase))

    if not isinstance(value, list):
        raise wrong(f"must be a list (lines of `- text`), is {shown(value)}")
    return tuple(term.text for term in _terms(value, 1.0, phrase=_phrase, item=muted, sameness=_stems))


_Weights: TypeAlias = dict[str, float | None] | list[str]


def _formats(value: object) -> tuple[str, ...]:
    """Those of `PUBLISHED` that are named, in its order."""
    if not isinstance(value, list | tuple):
        raise wrong(f"must be a list, as [html, rss], is {shown(value)}")
    for one in value:
        if one not in PUBLISHED:
            near = did_you_mean(one, list(PUBLISHED)) if isinstance(one, str) else ""
            raise wrong(f"{shown(one)} is no format{near}: those are {', '.join(PUBLISHED)}")
    if value and "html" not in value:
        raise wrong("feeds and files lead to the pages: add `html`, or write [] to publish nothing")
    return tuple(one for one in PUBLISHED if one in value)


_Formats: TypeAlias = Annotated[tuple[str, ...], PlainValidator(_formats, json_schema_input_type=list[str])]


class _Site(Table):
    """The site that an edition is published on."""

    title: Line = Field("Paper digest", description="Shown on every page.")
    base_url: Address | None = Field(
        None,
        description="The address at which the folder `out` is served, with http or https. Feeds need it for their own "
        "address and for links to pages.",
    )
    note: Note = Field("", description="A few words to your readers, in Markdown.")
    templates: Where | None = Field(
        None,
        description="A folder of your own templates and style sheet, from the folder of this file: each takes the "
        "place of the shipped one of its name.",
    )


class _Profile(Table):
    """What one reader, or one group of readers, wants to see."""

    title: Line | None = Field(None, description="The title of its feeds and pages; its name where there is none.")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="The time zone whose calendar day an edition has: an IANA name, as Europe/Berlin."
    )
    schedule: Timing | None = Field(
        None, description="When `digest run --due` and `digest schedule` make its editions."
    )
    keywords: Annotated[tuple[Term, ...], PlainValidator(_keywords, json_schema_input_type=_Weights)] = Field(
        (),
        description="Words to look for and their weights, from -1000 to 1000 and 1 where there is none; several words "
        "are a phrase, a negative weight lowers. Or a list in the command line's form: quantization:3.",
    )
    authors: Annotated[tuple[Term, ...], PlainValidator(_authors, json_schema_input_type=_Weights)] = Field(
        (),
        validate_default=True,
        description="People to follow, as `Sinha, A.` or `A. Sinha`, and their weights; or a list of names, which "
        "have weight 3.",
    )
    mutes: Annotated[tuple[str, ...], PlainValidator(_mutes, json_schema_input_type=list[str])] = Field(
        (), description="A paper that has one of these words or phrases is not shown."
    )
    limit: int = Field(30, ge=1, description="The most papers in an edition.")
    threshold: float = Field(0.0, allow_inf_nan=False, description="The least score that is shown; 0 or less never is.")
    revised: bool = Field(False, description="Show papers too of which only a new version is listed.")
    private: bool = Field(
        False,
        description="Publish it under an address that nobody can guess (`digest feeds` tells it) and name it nowhere "
        "else.",
    )

    publish: _Formats | None = Field(
        None, description="In which formats it is published, where that is not as `publish` at the top says."
    )
    recipients: Annotated[tuple[Addressee, ...], PlainValidator(addressees, json_schema_input_type=list[str] | str)] = (
        Field((), description="Who gets each edition as mail: addresses, or `Name <address>`.")
    )
    webhooks: Hooks = Field((), description="Chats that are told of each edition.")

    @field_validator("authors")
    @classmethod
    def _has_interests(cls, authors: tuple[Term, ...], info: ValidationInfo) -> tuple[Term, ...]:
        # Keywords that are wrong are not in the data, and have their own complaints.
        if not authors and info.data.get("keywords") == ():
            raise wrong("needs at least one keyword or author")
        return authors


class File(Table):
    """The digest's configuration: where papers are listed, who reads what, and where editions go."""

    site: _Site = Field(_Site(), description="What all pages and feeds share.")
    sources: tuple[Source, ...] = Field(
        (),
        description="Listings of papers: files, folders or globs, from the folder of this file; addresses of feeds; "
        "and services, as `arxiv: {categories: [cs.LG]}`.",
    )
    fetch: Fetch = Field(Fetch(), description="How addresses are asked.")
    out: Where = Field("feeds", description="The folder that is published, from the folder of this file.")
    publish: _Formats = Field(
        PUBLISHED,
        description="In which formats editions are published: rss, atom, jsonfeed, html, txt, md, json, bib, ris. "
        "Feeds and files lead to pages, so `html` is always among them; [] publishes nothing, for who is only sent it.",
    )
    store: Where = Field(
        "digest.db",
        validate_default=True,
        description="The file that remembers papers and what was shown to whom, from the folder of this file.",
    )
    mail: Mail | None = Field(None, description="How editions go out as mail.")
    alerts: Alarm | None = Field(None, description="Who is told when something is wrong.")
    profiles: dict[Annotated[str, AfterValidator(_name)], _Profile] = Field(
        min_length=1,
        description="Who reads what. A profile's name, 1 to 64 of a-z, 0-9 and '-', is its folder and part of its "
        "addresses.",
    )

    @field_validator("sources")
    @classmethod
    def _are_told_apart(cls, sources: tuple[Source, ...], info: ValidationInfo) -> tuple[Source, ...]:
        settled = [source.settled(cast("Path", info.context)) for source in sources]
        names = [one.name for one in settled if isinstance(one, Wanted)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise wrong(f"two of them are called {shown(twice)}: give one another `name:`, or take it out")
        return sources

    @field_validator("store")
    @classmethod
    def _stays_private(cls, store: str, info: ValidationInfo) -> str:
        out = info.data.get("out")
        if out is not None and _reaches(cast("Path", info.context), out, store):
            raise wrong(f"would be published: it lies in the folder that is `out`, {shown(out)}")
        return store

    @field_validator("mail")
    @classmethod
    def _is_kept_private(cls, mail: Mail | None, info: ValidationInfo) -> Mail | None:
        out: str | None = info.data.get("out")
        if not mail or out is None:
            return mail
        for key, path in mail.private().items():
            if _reaches(cast("Path", info.context), out, path):
                raise wrong(f"`{key}` would be published: it lies in the folder that is `out`, {shown(out)}")
        return mail

    # A table `mail:` that is wrong is not in the data, and has its own complaints.

    @field_validator("alerts")
    @classmethod
    def _can_be_told(cls, alerts: Alarm | None, info: ValidationInfo) -> Alarm | None:
        if alerts and alerts.mail and info.data.get("mail", ...) is None:
            raise wrong("`mail:` has addresses, but nothing says how mail goes out: add `mail:` at the top")
        return alerts

    @field_validator("profiles")
    @classmethod
    def _can_be_sent(cls, profiles: dict[str, _Profile], info: ValidationInfo) -> dict[str, _Profile]:
        readers = [name for name, one in profiles.items() if one.recipients]
        if readers and info.data.get("mail", ...) is None:
            raise wrong(f"{readers[0]} has recipients, but nothing says how mail goes out: add `mail:` at the top")
        return profiles


TABLES: dict[str, type[BaseModel]] = {
    "the top of the file": File,
    "site": _Site,
    "a profile": _Profile,
    "mail": Mail,
    "alerts": Alarm,
    "a webhook": Hook,
    "fetch": Fetch,
    "a schedule": Timing,
}
"""Those whose keys may have got into another one."""


def table_at(steps: Sequence[str | int]) -> type[BaseModel]:
    """The table that stands `steps` down from the top of the file."""
    found: type[BaseModel] = File
    rest = list(steps)
    while rest:
        field = found.model_fields.get(str(rest.pop(0)))
        if field and (inner := _table_in(field.annotation)):
            found = inner
            if get_origin(field.annotation) in (dict, tuple):
                rest = rest[1:]
    return found


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _table_in(part))), None)


def _reaches(folder: Path, out: str, file: str) -> bool:
    inside, outside = (Path(os.path.abspath(below(folder, path))) for path in (file, out))
    return inside.is_relative_to(outside)
