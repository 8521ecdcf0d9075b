"""The operator's own templates: looked at before a run, fenced in while they print, and named when they fail.

They run in Jinja's sandbox, which lets them print what they are given and reach nothing else, and without Jinja's two
ways to chance: the same edition gives the same bytes. What they let through unescaped is the operator's word.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any, NoReturn

from jinja2 import BaseLoader, TemplateNotFound, TemplateSyntaxError, UndefinedError, nodes
from jinja2.debug import rewrite_traceback_stack
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.errors import ConfigError, DigestError
from digest.plugins import did_you_mean

_PLAIN = (".css", ".js")
"""Files that pages take as they stand; they are no templates."""


class Fenced(ImmutableSandboxedEnvironment):
    """The environment of a folder of own templates. What goes wrong in one of them is a ConfigError that says
    `file:line: what`; what goes wrong elsewhere is raised as it was.
    """

    def __init__(self, own: str, loader: BaseLoader, **options: Any) -> None:
        super().__init__(loader=loader, **options)
        self.own = own
        del self.globals["lipsum"], self.filters["random"]

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Called by Jinja while it handles an exception that a template raised, or was not compiled for."""
        error = rewrite_traceback_stack(source=source)
        complaint = None if isinstance(error, DigestError) else self._complaint(error)
        if complaint is None:
            raise error
        raise ConfigError([complaint]) from error

    def _complaint(self, error: BaseException) -> str | None:
        """What to say of an error in the own folder, with its innermost place there; None where it is not there."""
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename}:{error.lineno}: {error.message}" if self._is_own(error.filename) else None
        places = [
            (frame.f_code.co_filename, line, frame.f_locals)
            for frame, line in walk_tb(error.__traceback__)
            if self._is_own(frame.f_code.co_filename)
        ]
        if not places:
            return None
        file, line, values = places[-1]
        return f"{file}:{line}: {self._said(error, values)}"

    def _is_own(self, file: str | None) -> bool:
        return file is not None and Path(file).is_relative_to(self.own)

    def _said(self, error: BaseException, values: Mapping[str, object]) -> str:
        if isinstance(error, UndefinedError):
            return f"{_undefined(str(error), values)}; docs/templates.md lists what each template is given"
        if isinstance(error, TemplateNotFound):
            return no_template(str(error), self.list_templates())
        if isinstance(error, SecurityError):
            return f"{str(error).rstrip('.')}: own templates may print what they are given, and no more"
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _undefined(said: str, values: Mapping[str, object]) -> str:
    """What Jinja said of a name that is not there, with what may have been meant."""
    if name := re.fullmatch(r"'(\w+)' is undefined", said):
        return said + did_you_mean(name[1], sorted(values))
    if part := re.fullmatch(r"'(digest\.[\w.]+)\.(\w+) object' has no attribute '(\w+)'", said):
        fields = getattr(getattr(sys.modules.get(part[1]), part[2], None), "_fields", ())
        return f"{part[2]} has no '{part[3]}'{did_you_mean(part[3], list(fields))}"
    return said


def no_template(name: str, known: list[str]) -> str:
    """The sentence about a template that is not there."""
    return f"there is no template '{name}'{_hint(name, known)}"


def _hint(name: str, known: list[str]) -> str:
    """Which of `known` may have been meant: one of the same kind, for all kinds of file end alike."""
    stem, _, kind = name.rpartition(".")
    stems = [one.removesuffix(f".{kind}") for one in known if one.endswith(f".{kind}")]
    return did_you_mean(stem, stems).replace("'?)", f".{kind}'?)") if stems else did_you_mean(name, known)


def complaints(environment: Fenced, shipped: list[str]) -> Iterator[str]:
    """What is wrong with the folder of own templates, each as `file:line: what`: templates that cannot be read or
    compiled, templates that they name and that are not there, and files that nothing uses.
    """
    own = Path(environment.own)
    files = sorted(path for path in own.rglob("*") if path.is_file() and not _hidden(path.relative_to(own)))
    names = {path.relative_to(own).as_posix(): path for path in files}
    used: set[str] = set()
    certain = True
    for name, path in names.items():
        if name.endswith(_PLAIN) and name in shipped:
            yield from _unread(path)
        elif Path(name).suffix in {Path(known).suffix for known in shipped} - set(_PLAIN):
            try:
                text = path.read_text(encoding="utf-8")
                environment.compile(text, name, str(path))
            except UnicodeDecodeError:
                yield from _unread(path)
            except ConfigError as error:
                yield from error.complaints
            else:
                for node in _namings(environment.parse(text, name, str(path))):
                    wanted, optional = _named(node)
                    certain = certain and bool(wanted)
                    used.update(wanted)
                    there = [one for one in wanted if one.removeprefix("shipped/") in shipped or one in names]
                    if wanted and not there and not optional:
                        yield f"{path}:{node.lineno}: {no_template(wanted[0], [*shipped, *names])}"
    for name, path in names.items():
        if name.startswith("shipped/"):
            yield f"{path}: under shipped/ stands what is shipped, and nothing else; move this file up"
            continue
        hint = _hint(name, [known for known in shipped if known not in names])
        if name not in shipped and name not in used and (certain or hint):
            yield f"{path}: no page, mail or text uses a template of this name{hint}"


Naming = nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport


def _namings(tree: nodes.Template) -> Iterator[Naming]:
    yield from tree.find_all(nodes.Extends)
    yield from tree.find_all(nodes.Include)
    yield from tree.find_all(nodes.Import)
    yield from tree.find_all(nodes.FromImport)


def _named(node: Naming) -> tuple[list[str], bool]:
    """The templates that a statement names, or none where they are only known when it runs, and whether it is
    content with none of them.
    """
    try:
        value = node.template.as_const()
    except nodes.Impossible:
        return [], True
    names = [value] if isinstance(value, str) else [name for name in value if isinstance(name, str)]
    return names, isinstance(node, nodes.Include) and node.ignore_missing


def _unread(path: Path) -> Iterator[str]:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        yield f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8"


def _hidden(path: Path) -> bool:
    """True for what editors and systems leave beside files."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts) or path.name.endswith("~")
