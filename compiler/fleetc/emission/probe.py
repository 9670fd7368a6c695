"""What a lowering compares its reads with: where a guard would flip, and so which other values are worth a try.

One run on leaves that are strings and numbers of our own, which note what they meet. It only suggests: no claim rests
on it, and whatever it misses (lengths, hashes, what is not reached) the alternatives by type have to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fleetc.emission.recorder import Read, Recorder
from fleetc.emission.site import Lowering, Site
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Suggestions = Mapping[Read, Mapping[Path, tuple[Any, ...]]]
"""For each read, by the place within its value: scalars to put there."""

_MOST: Final = 12


class _Source(NamedTuple):
    """Where a probe's value comes from."""

    notes: dict[Any, None]
    value: Any


def suggestions(lowering: Lowering[Any], site: Site) -> Suggestions:
    """What the reads of a lowering at a site are compared with."""
    prober = _Prober(site.cluster.id)
    try:
        for _ in lowering.lower(prober.twin(site, "@site", ())):
            pass
    except Exception:  # noqa: S110 - some code wants the builtin types themselves; what was noted before is of use
        pass
    return {read: {at: tuple(notes) for at, notes in by_place.items()} for read, by_place in prober.notes.items()}


class _Prober(Recorder):
    """A recorder whose leaves are probes."""

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster)
        self.notes: dict[Read, dict[Path, dict[Any, None]]] = {}

    def leaf(self, root: str, path: tuple[str, ...], value: Any) -> Any:
        """A leaf, in whose place a probe stands."""
        if isinstance(value, tuple):
            return tuple([self._probe((root, path), (n,), item) for n, item in enumerate(value)])
        if isinstance(value, dict):
            return {key: self._probe((root, path), (key,), item) for key, item in value.items()}
        return self._probe((root, path), (), value)

    def _probe(self, read: Read, at: Path, value: Any) -> Any:
        if type(value) not in (str, int):
            return value
        notes = self.notes.setdefault(read, {}).setdefault(at, {})
        source = (_Source(notes, value),)
        return _Text.of(value, source) if type(value) is str else _Number.of(value, source)


def _note(sources: tuple[_Source, ...], values: tuple[Any, ...]) -> None:
    for source in sources:
        for value in values:
            if len(source.notes) < _MOST and value != source.value:
                source.notes[value] = None


class _Text(str):
    __slots__ = ("sources",)
    sources: tuple[_Source, ...]

    @classmethod
    def of(cls, value: str, sources: tuple[_Source, ...]) -> _Text:
        out = cls(value)
        out.sources = sources
        return out

    def meets(self, *others: Any) -> None:
        """Note what it is compared with, alone, in front and behind."""
        whole = str(self)
        for other in others:
            if isinstance(other, tuple):
                self.meets(*other)
            elif isinstance(other, str):
                text = str(other)
                _note(self.sources, (text, f"{text}{whole}", f"{whole}{text}", f"{whole}{text}a"))

    __hash__ = str.__hash__


class _Number(int):
    sources: tuple[_Source, ...]

    @classmethod
    def of(cls, value: int, sources: tuple[_Source, ...]) -> _Number:
        out = cls(value)
        out.sources = sources
        return out

    def meets(self, *others: Any) -> None:
        """Note the values at which it would be what it is compared with, and next to it."""
        for other in others:
            if isinstance(other, int | float):
                by = int(other) - int(self)
                for source in self.sources:
                    at = source.value + by
                    _note((source,), (at, at + 1, at - 1))

    __hash__ = int.__hash__


def _comparing(cls: type[Any], base: type[Any], name: str) -> None:
    plain: Callable[..., Any] = getattr(base, name)

    def method(self: Any, *arguments: Any) -> Any:
        self.meets(*arguments[:1])
        for other in arguments[:1]:
            if isinstance(other, cls):
                other.meets(base(self))
        return plain(self, *arguments)

    setattr(cls, name, method)


def _computing(name: str, reflected: str) -> None:
    plain: Callable[[int, Any], Any] = getattr(int, name)
    turned: Callable[[int, Any], Any] = getattr(int, reflected)

    def of(result: Any, *sides: Any) -> Any:
        sources = tuple([s for side in sides if isinstance(side, _Number) for s in side.sources])
        return _Number.of(result, sources) if type(result) is int else result

    setattr(_Number, name, lambda self, other: of(plain(self, other), self, other))
    setattr(_Number, reflected, lambda self, other: of(turned(self, other), self, other))


_ORDER: Final = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_TEXT: Final = (
    "__contains__", "startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split",
    "find", "index", "replace", "count",
)  # fmt: skip
_OPERATORS: Final = ("add", "sub", "mul", "floordiv", "mod")

for _name in (*_ORDER, *_TEXT):
    _comparing(_Text, str, _name)
for _name in _ORDER:
    _comparing(_Number, int, _name)
for _name in _OPERATORS:
    _computing(f"__{_name}__", f"__r{_name}__")
