"""The Jinja environment: the shipped templates, and the operator's own before them.

An own template takes the place of the shipped one of its name, or extends it: `{% extends "shipped/edition.html" %}`.
Own templates run in Jinja's sandbox: they print what they are given and reach nothing else.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from digest.errors import ConfigError
from digest.text import clean


def templates() -> Path:
    """The folder of templates: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.with_name("templates")


@cache
def environment(own: str | None = None) -> Environment:
    """The environment of an installation with its `own` folder of templates, or none.

    Everything that a template prints is cleaned, and escaped where its name ends in `.html`, unless Python made it
    `Markup`; a name that is not there is an error. Templates are read once a process; `style` is `style.css`.

    What goes wrong in an own template, also later, when it prints, is a ConfigError that says `file:line: what`.
    """
    shipped = FileSystemLoader(templates())
    options: dict[str, Any] = {
        "autoescape": _escaped,
        "auto_reload": False,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
        "finalize": _finalize,
    }
    if own is None:
        compiled = _Compiled(templates() / "__pycache__")
        found = Environment(loader=_Loader(shipped), bytecode_cache=compiled, **options)
    else:
        from digest.rendering.own_templates import Fenced

        found = Fenced(own, _Loader(shipped, FileSystemLoader(own)), **options)
    found.globals["style"] = Markup(source(found, "style.css"))
    return found


def check(own: str) -> None:
    """Looks at a folder of own templates before anything is printed.

    Raises ConfigError with every complaint: no such folder, templates that are no UTF-8 or that Jinja cannot read,
    templates that they name and that are not there, and files whose names nothing uses (did you mean …?).
    """
    from digest.rendering.own_templates import Fenced, complaints

    if not Path(own).is_dir():
        raise ConfigError([f"{own}: there is no such folder of templates"])
    shipped = FileSystemLoader(templates())
    fenced = Fenced(own, _Loader(shipped, FileSystemLoader(own)))
    known = [name for name in shipped.list_templates() if "__pycache__" not in name]
    if found := list(complaints(fenced, known)):
        raise ConfigError(found)


def source(environment: Environment, name: str) -> str:
    """The text of a file among the templates, as it stands: a style sheet, a script."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _escaped(name: str | None) -> bool:
    return name is None or not name.endswith((".txt", ".md"))


class _Loader(BaseLoader):
    """The first of `folders` that has a template, the operator's before the shipped one; under `shipped/` only that."""

    def __init__(self, shipped: FileSystemLoader, *own: FileSystemLoader) -> None:
        self._shipped = shipped
        self._folders = (*own, shipped)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if template.startswith("shipped/"):
            return self._shipped.get_source(environment, template.removeprefix("shipped/"))
        for folder in self._folders:
            with suppress(TemplateNotFound):
                return _read(folder, environment, template)
        raise TemplateNotFound(template)

    def list_templates(self) -> list[str]:
        return sorted({name for folder in self._folders for name in folder.list_templates()})


def _read(folder: FileSystemLoader, environment: Environment, name: str) -> tuple[str, str, Callable[[], bool]]:
    try:
        return folder.get_source(environment, name)
    except UnicodeDecodeError as error:
        file = Path(folder.searchpath[0], name)
        raise ConfigError([f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from error


class _Compiled(FileSystemBytecodeCache):
    """Templates are kept compiled as Python keeps its modules: beside their source, where that can be written
    and byte code is wanted. Compiling them takes longer than all else in a small run.
    """

    def __init__(self, folder: Path) -> None:
        # What a template compiles to hangs on this module too, of which Jinja knows nothing.
        edition = blake2b(Path(__file__).read_bytes(), digest_size=4).hexdigest()
        super().__init__(str(folder), f"{sys.implementation.cache_tag}-{edition}-%s.jinja")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


def _finalize(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
