"""What tables of `digest.yaml` are made of: checks that several of them share, and how a complaint is raised.

A check that fails raises pydantic's error with our own sentence in it, so that all of them come in one pass.
"""

import glob
import os
import re
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from digest.config.tree import shown
from digest.text import clean, one_line


def wrong(what: str, of: str = "value") -> PydanticCustomError:
    """An error with our own sentence. `of` is what it is about: a `value`, or the `key` before it."""
    # pydantic wants a template that is literal (PEP 675), so the sentence is its variable.
    return PydanticCustomError(of, "{what}", {"what": what})


def line(text: str) -> str:
    if not (told := one_line(text)):
        raise wrong("must not be empty")
    return told


def note(text: str) -> str:
    return clean(text).strip("\n")


def base_url(text: str) -> str:
    if not text.isascii():
        raise wrong(f"must be ASCII (a host as xn--..., other letters as %XX), is {shown(text)}")
    try:
        url = urlsplit(text)
        whole = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        whole = False
    # RFC 3986 section 3.3, and brackets for an IPv6 host; neither user, query nor fragment.
    if not whole or not re.fullmatch(r"(?:[\w.~:/\[\]!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", text):
        raise wrong(f"must be an address as https://example.org/digest/, is {shown(text)}")
    return text if text.endswith("/") else f"{text}/"


def path(text: str) -> str:
    if not text.strip():
        raise wrong("must not be empty")
    if found := re.search("[\0\ud800-\udfff]", text):
        raise wrong(f"no file can have U+{ord(found[0]):04X} in its name")
    if "://" in text:
        raise wrong(f"must be a file, a folder or a glob, is the address {shown(text)}")
    return text


def below(folder: Path, name: str) -> Path:
    """The path `name` of a config that lies in `folder`; `~` is the home folder."""
    return folder / os.path.expanduser(name)


def pattern(folder: Path, source: str) -> str:
    """`source` of a config that lies in `folder`, whose own brackets and stars are no pattern."""
    return str(below(Path(glob.escape(str(folder))) if glob.has_magic(source) else folder, source))


Line: TypeAlias = Annotated[str, AfterValidator(line)]
Where: TypeAlias = Annotated[str, AfterValidator(path)]
Note: TypeAlias = Annotated[str, AfterValidator(note)]
Address: TypeAlias = Annotated[str, AfterValidator(base_url)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, content: Any) -> Any:
        """A key without a value is as good as absent; one that is unknown stays and is complained of."""
        if content is None:
            return {}
        if isinstance(content, dict):
            return {key: value for key, value in content.items() if value is not None or key not in cls.model_fields}
        return content
