"""`digest.yaml` -> Config: checked whole, by the code that will use it, before anything else happens.

    config = load("digest.yaml")
    config.profiles[0].terms

A config that is wrong in any way is refused with every complaint at once, each with its place:

    digest.yaml:12:5: profiles.ana: unknown key 'keywrods' (did you mean 'keywords'?)

YAML is read without guessing types: `17:30`, `no`, `1.10` and `2605.21700` stay what was written, and become
numbers only where a number is wanted. A key with nothing (or `~`) after it is as good as absent.
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from digest.config.parts import below
from digest.config.shape import TABLES, File, table_at
from digest.config.tree import Complaint, Node, dotted, place_after, read, shown
from digest.delivery.settings import Alerts, Mailing, Webhook
from digest.errors import ConfigError
from digest.model import Addressee, Profile, Schedule, Site
from digest.plugins import did_you_mean
from digest.sources.settings import Fetching, Wanted

_START = "`digest init` writes one to start from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What `digest.yaml` says. Paths in it are taken from the folder it lies in."""

    path: Path
    site: Site
    sources: tuple[str | Wanted, ...]
    """Files, folders and globs, and what is asked over the network."""
    out: Path
    store: Path
    profiles: tuple[Profile, ...]
    """In the order of the file; at least one."""
    mailing: Mailing | None = None
    """None: nothing goes out as mail."""
    webhooks: Mapping[str, tuple[Webhook, ...]] = field(default_factory=dict)
    """The chats of each profile that has some."""
    alerts: Alerts = field(default_factory=Alerts)
    fetching: Fetching = field(default_factory=Fetching)


def load(path: Path | str) -> Config:
    """The config in the file `path`. Raises ConfigError, with everything that is wrong with it."""
    path = Path(path)
    tree, complaints = read(_text(path))
    if tree is not None:
        plain = tree.plain()
        if plain is None:
            raise ConfigError([f"{path}: is empty; {_START}"])
        try:
            file = File.model_validate(plain, context=path.parent)
            if not complaints:
                return _settled(file, path)
        except ValidationError as error:
            complaints += [_explain(tree, details) for details in error.errors(include_url=False)]
    raise ConfigError([f"{path}:{complaint}" for complaint in sorted(complaints)])


def _settled(file: File, path: Path) -> Config:
    """What `file` says when it lies at `path`."""
    site = Site(
        title=file.site.title,
        base_url=file.site.base_url,
        note=file.site.note,
        templates=str(below(path.parent, file.site.templates)) if file.site.templates else None,
    )
    profiles = tuple(
        Profile(
            name=name,
            title=wanted.title or name,
            terms=wanted.keywords,
            authors=wanted.authors,
            mutes=wanted.mutes,
            limit=wanted.limit,
            threshold=wanted.threshold,
            zone=wanted.zone,
            revised=wanted.revised,
            private=wanted.private,
            publish=file.publish if wanted.publish is None else wanted.publish,
            schedule=wanted.schedule.settled() if wanted.schedule else Schedule(),
            recipients=(
                *wanted.recipients,
                *(Addressee("webhook", hook.called(name)) for hook in wanted.webhooks),
            ),
        )
        for name, wanted in file.profiles.items()
    )
    return Config(
        path=path,
        site=site,
        sources=tuple(source.settled(path.parent) for source in file.sources),
        out=below(path.parent, file.out),
        store=below(path.parent, file.store),
        profiles=profiles,
        mailing=file.mail.settled(path.parent) if file.mail else None,
        webhooks={
            name: tuple(hook.settled(path.parent, name) for hook in wanted.webhooks)
            for name, wanted in file.profiles.items()
            if wanted.webhooks
        },
        alerts=file.alerts.settled(path.parent) if file.alerts else Alerts(),
        fetching=file.fetch.settled(path.parent),
    )


def starter() -> str:
    """The config that `digest init` writes: it works as it stands and explains itself."""
    return _STARTER


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, by which editors complete and check it as it is written."""
    return File.model_json_schema()


def _text(path: Path) -> str:
    """What the file says, without a byte order mark."""
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError:
        what = f"there is no such file (looked for {path.absolute()}); {_START}"
        raise ConfigError([f"{path}: {what}"]) from None
    except IsADirectoryError:
        raise ConfigError([f"{path}: is a folder; name the file in it"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        place = place_after(data[: error.start].decode())
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError([f"{path}:{Complaint(place, '', what)}"]) from None


# pydantic's error types in our words. One that is not here keeps pydantic's.
_SENTENCES = {
    "missing": "the key '{key}' is missing",
    "string_type": "must be text, is {shown}",
    "int_type": "must be a whole number, is {shown}",
    "int_parsing": "must be a whole number, is {shown}",
    "int_parsing_size": "must be a smaller whole number, is {shown}",
    "bool_type": "must be true or false, is {shown}",
    "bool_parsing": "must be true or false, is {shown}",
    "float_type": "must be a number, is {shown}",
    "float_parsing": "must be a number, is {shown}",
    "finite_number": "must be a finite number, is {shown}",
    "greater_than_equal": "must be {ge} or more, is {shown}",
    "less_than_equal": "must be {le} or less, is {shown}",
    "literal_error": "must be {expected}, is {shown}",
    "string_pattern_mismatch": "must be like {pattern}, is {shown}",
    "dict_type": "must be a mapping (lines of `key: value`), is {shown}",
    "model_type": "must be a mapping (lines of `key: value`), is {shown}",
    "tuple_type": "must be a list (lines of `- item`), is {shown}",
    "too_short": "must not be empty",
}


def _explain(tree: Node, details: ErrorDetails) -> Complaint:
    """pydantic's error as a complaint with its place in the file."""
    loc, kind = details["loc"], details["type"]
    place, steps = tree.find(loc, at_key=kind in {"extra_forbidden", "key"})
    if kind == "extra_forbidden":
        return Complaint(place, dotted(steps), f"unknown key {shown(loc[-1])}{_hint(str(loc[-1]), loc[:-1])}")
    if kind == "missing" and len(steps) == len(loc):  # the key is there, but nothing after it
        kind = "too_short"
    sentence = _SENTENCES.get(kind)
    if sentence is None:
        return Complaint(place, dotted(steps), details["msg"])
    variables = {"key": loc[-1] if loc else "", "shown": shown(details["input"]), **details.get("ctx", {})}
    return Complaint(place, dotted(steps), sentence.format(**variables))


def _hint(key: str, steps: Sequence[str | int]) -> str:
    """Where an unknown key that stands in the table `steps` down belongs, or what may have been meant."""
    if elsewhere := [name for name, table in TABLES.items() if key in table.model_fields]:
        return f"; it belongs to {' or '.join(elsewhere)}"
    known = [field.alias or name for name, field in table_at(steps).model_fields.items() if not field.exclude]
    return did_you_mean(key, known) or f"; there are: {', '.join(known)}"


_STARTER = """\
# The configuration of `digest`. Every key but `profiles` may be left out; what stands here is its
# default, or an example of it. Paths are taken from the folder of this file.

site:
  title: Paper digest             # shown on every page
  # base_url: https://example.org/digest/   # where the folder `out` is served; feeds need it for their links
  # note: |                       # a few words to your readers, in Markdown
  #   Questions to [Ana](mailto:ana@example.org).
  # templates: templates          # your own templates, each in place of the shipped one of its name

# Where papers are listed: files, globs (one that begins with * in quotes), addresses of feeds, and services:
# huggingface, biorxiv, medrxiv, pubmed, openreview, semantic_scholar, imap and more; see docs/sources.md.
sources:
  - folder: listings              # whatever you drop there
  - arxiv: [cs.CL, cs.SD]         # what arXiv announces in these categories
  # - https://example.org/journal/feed.xml
# fetch: {contact: ana@example.org}   # whom services may write to, and how they are asked

out: feeds                        # the folder that is published
# publish: [html, rss]            # in fewer formats than all; [] for profiles that are only sent
store: digest.db                  # remembers papers, what was shown to whom, and what was sent

# mail:                           # how mails go out to `recipients`: docs/mail.md has every key
#   from: Paper digest <digest@example.org>
#   smtp: {host: smtp.example.org, user: digest, password: {env: SMTP_PASSWORD}}
# alerts: {mail: [ana@example.org]}   # who is told when something is wrong, once per trouble

# Who reads what. A name is made of a-z, 0-9 and '-': it is a folder of `out` and part of addresses.
profiles:
  papers:
    title: My papers
    zone: UTC                     # whose calendar day an edition has, such as Europe/Berlin
    # schedule: {at: 6:00, days: weekdays}   # for `digest run --due`: docs/scheduling.md has every key

    # What to look for, and how much it counts (1 where there is no weight). Several words are a phrase.
    # A negative weight lowers a paper. Or write a list: [quantization:3, speech recognition:2]
    keywords:
      quantization: 3
      language model: 2
      speech recognition: 2
      survey: -1

    # Whom to follow, by weight; or a list of names, each of weight 3. Put a name with a comma in quotes.
    authors:
      "Sinha, A.": 5

    mutes: [blockchain]           # a paper that has one of these is not shown
    limit: 30                     # the most papers in an edition
    threshold: 0                  # the least score that is shown; 0 or less never is
    revised: false                # true: shows older papers too, when a new version of one is listed
    private: false                # true: under an address that nobody can guess, which `digest feeds` tells
    # recipients: [ana@example.org, Bo Ek <bo@example.org>]
    # webhooks: [{format: slack, url: {env: SLACK_URL}}]
"""
