"""Registries: built-ins and a stranger's entry points come through one door.

    FORMATS = Registry("digest.formats", {"bibtex": "digest.formats.bibtex"})
    FORMATS["bibtex"]            # imports the module on first use
    FORMATS["bibtxe"]            # UsageError: no format 'bibtxe' (did you mean 'bibtex'?)

A built-in is a dotted path, so that naming it costs no import; an entry point of the group adds a name and can
not replace a built-in one. Installed packages are scanned only when a name is not built in or when somebody
asks for `every()`: that scan costs more than a whole small run.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from digest.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


def did_you_mean(word: str, known: Iterator[str] | list[str]) -> str:
    """` (did you mean 'x'?)`, or the empty string where nothing known comes near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


class Registry(Generic[T]):
    """A family of parts by name. Iterating gives the names of the built-in ones, in their order."""

    def __init__(self, group: str, builtin: Mapping[str, str]) -> None:
        self.group = group
        self._builtin = dict(builtin)
        self._loaded: dict[str, T] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._builtin)

    def __getitem__(self, name: str) -> T:
        """The part called `name`, imported on first use. Raises UsageError where there is none, or where a
        stranger's cannot be imported.
        """
        if name not in self._loaded:
            if name in self._builtin:
                self._loaded[name] = cast("T", _load(self._builtin[name]))
            elif name in self._points:
                self._loaded[name] = self._strangers_part(self._points[name])
            else:
                names = sorted({*self._builtin, *self._points})
                hint = did_you_mean(name, names) or f"; there are: {', '.join(names)}"
                raise UsageError(f"no {self._kind} '{name}'{hint}")
        return self._loaded[name]

    def strangers(self) -> list[str]:
        """The names that installed packages add to this family, sorted; none of them is imported for it."""
        return sorted(self._points)

    def every(self) -> list[str]:
        """Every name: the built-in ones in their order, then the strangers'."""
        return [*self._builtin, *self.strangers()]

    @property
    def _kind(self) -> str:
        return self.group.rpartition(".")[2].removesuffix("s")

    @cached_property
    def _points(self) -> "dict[str, EntryPoint]":
        from importlib.metadata import entry_points

        return {point.name: point for point in entry_points(group=self.group) if point.name not in self._builtin}

    def _strangers_part(self, point: "EntryPoint") -> T:
        try:
            return cast("T", point.load())
        except (ImportError, AttributeError) as error:
            package = f" of the package {point.dist.name}" if point.dist else ""
            raise UsageError(f"the {self._kind} '{point.name}'{package} cannot be loaded: {error}") from error


def _load(path: str) -> object:
    module, _, attribute = path.partition(":")
    loaded = import_module(module)
    return getattr(loaded, attribute) if attribute else loaded
