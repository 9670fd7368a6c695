"""What expressions may use on the servers of a minor.

A server takes in new expressions only what the servers of the minor before it know too, so that going back stays
possible (apiserver, pkg/cel/environment).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from fleetc.cel.functions import Library, Overload
from fleetc.cel.libraries import formatting
from fleetc.cel.libraries.authorizer import AUTHORIZERS, SELECTORS
from fleetc.cel.libraries.conversions import CONVERSIONS
from fleetc.cel.libraries.formats import FORMATS
from fleetc.cel.libraries.lists import LISTS, MORE_LISTS, PAIRS, SETS
from fleetc.cel.libraries.network import NETWORK
from fleetc.cel.libraries.optionals import OPTIONALS
from fleetc.cel.libraries.quantities import QUANTITIES
from fleetc.cel.libraries.standard import STANDARD
from fleetc.cel.libraries.text import REGEX, STRINGS
from fleetc.cel.libraries.urls import URLS
from fleetc.cel.libraries.versions import VERSIONS
from fleetc.cel.macros import Macros
from fleetc.cel.types import Type, type_of
from fleetc.tuples import NamedTuple

LIBRARIES: Final[Mapping[str, Library]] = {
    "the language": STANDARD,
    "conversions and times": CONVERSIONS,
    "lists": LISTS,
    "regular expressions": REGEX,
    "URLs": URLS,
    "authorizer": AUTHORIZERS,
    "authorizer, selectors": SELECTORS,
    "optional values": OPTIONALS,
    "quantities": QUANTITIES,
    "strings": STRINGS,
    "sets": SETS,
    "addresses and ranges": NETWORK,
    "formats": FORMATS,
    "comprehensions of two variables": PAIRS,
    "semantic versions": VERSIONS,
    "more of lists": MORE_LISTS,
}
"""All functions, by what they are about. Those of `formatting` are among the strings."""
assert "format" in STRINGS.overloads, formatting.__name__


class Environment(NamedTuple):
    """What expressions may use in one place."""

    functions: Mapping[str, tuple[Overload, ...]]
    types: Mapping[str, Type]
    macros: Macros


def _of(libraries: Iterable[Library], macros: Macros) -> Environment:
    functions: dict[str, tuple[Overload, ...]] = {}
    types: dict[str, Type] = {}
    for library in libraries:
        for name, overloads in library.overloads.items():
            functions[name] = (*functions.get(name, ()), *overloads)
        types.update({t.name: type_of(t) for t in library.types})
    return Environment(functions, types, macros)


EVERYTHING: Final = _of(LIBRARIES.values(), Macros(bind=True))


@lru_cache(maxsize=16)
def environment(minor: str, *, bind: bool = False) -> Environment:
    """What new expressions may use on servers of a minor, as in "1.35". `bind`: `cel.bind` too."""
    shared = int(minor.partition(".")[2]) - 1
    macros = Macros(pairs=shared >= PAIRS.since, lists=shared >= MORE_LISTS.since, bind=bind)
    return _of([library for library in LIBRARIES.values() if library.since <= shared], macros)
