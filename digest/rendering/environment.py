"""The Jinja environment, and where its templates are."""

import sys
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from digest.text import clean


def templates() -> Path:
    """The folder of templates: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.with_name("templates")


@cache
def environment() -> Environment:
    """Everything that a template prints is cleaned and escaped, unless Python made it `Markup`; a name that is
    not there is an error. Templates are read once a process.
    """
    found = Environment(
        loader=FileSystemLoader(templates()),
        bytecode_cache=_Compiled(templates() / "__pycache__"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    style = (templates() / "style.css").read_text(encoding="utf-8")
    found.globals["style"] = Markup(style)
    return found


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
