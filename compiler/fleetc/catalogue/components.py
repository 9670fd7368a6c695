"""Components of a platform, and the API versions that each of their versions serves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from fleetc.catalogue.engines import order
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple

Served = Mapping[str, Mapping[str, tuple[str, ...]]]
"""For each API group and kind, the versions served, as the CRD lists them."""


class ComponentVersion(NamedTuple):
    """One version of a component, what its CRDs serve, and what of that they call deprecated."""

    version: str
    served: Served
    deprecated: Served = MappingProxyType({})


class Component(NamedTuple):
    """A component, its versions oldest first."""

    name: str
    versions: tuple[ComponentVersion, ...]

    def at(self, version: str) -> ComponentVersion | None:
        """The entry of exactly this version, with or without a leading `v`; None when the table has no such entry."""
        return next((v for v in self.versions if order(v.version) == order(version)), None)


@cache
def components() -> tuple[Component, ...]:
    """Every component, by name."""
    return rows("components", Component)


def component(name: str) -> Component | None:
    """The component of that name; None when it is not in the catalogue."""
    return next((c for c in components() if c.name == name), None)


def component_names() -> tuple[str, ...]:
    """Their names, to propose one where a name is unknown."""
    return tuple(c.name for c in components())


def providers_of(group: str, kind: str) -> tuple[tuple[Component, ComponentVersion], ...]:
    """Which versions of which components serve a kind; some kinds are shipped by several components."""
    return tuple((c, v) for c in components() for v in c.versions if kind in v.served.get(group, {}))


def served_in(versions: Mapping[str, str], group: str, kind: str, *wanted: str) -> str | None:
    """The apiVersion in which components, each in its version, serve a kind: the first of the `wanted` API versions.

    An object is written for a version's shape. None when none serves it, or its version is not in the catalogue.
    """
    for api in wanted:
        for name, version in sorted(versions.items()):
            found = component(name)
            release = found.at(version) if found else None
            if release is not None and api in release.served.get(group, {}).get(kind, ()):
                return f"{group}/{api}"
    return None
