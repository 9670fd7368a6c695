"""What whoever delivers objects has to know of them: where deleting one loses data, and what controllers own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from fleetc.catalogue.read import load, typed
from fleetc.tuples import NamedTuple


class Precious(NamedTuple):
    """A kind of which an object takes data with it when it goes, and why."""

    group: str
    kind: str
    because: str


class Controlled(NamedTuple):
    """Fields that a controller writes in objects of some kinds (by API group), if they have one of `annotations` or of
    `labels`. With `target`: not in them, but in what that field of their spec refers to.

    Fields are JSON pointers, or expressions of jq where those lead into lists.
    """

    by: str
    kinds: Mapping[str, tuple[str, ...]]
    annotations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    target: str = ""
    pointers: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()


class GroupKind(NamedTuple):
    """A kind in its API group."""

    group: str
    kind: str


class Table(NamedTuple):
    """The whole table. `of_teams`: the kinds without a namespace that a team's specs can ever make."""

    precious: tuple[Precious, ...]
    controlled: tuple[Controlled, ...]
    of_teams: tuple[GroupKind, ...]


@cache
def table() -> Table:
    """The table, read when it is first asked for."""
    found: Any = load("delivery")
    return typed(Table, found, "delivery")


@cache
def precious() -> Mapping[tuple[str, str], str]:
    """By group and kind: why an object's end is the end of data."""
    return MappingProxyType({(one.group, one.kind): one.because for one in table().precious})


@cache
def controlled() -> Mapping[tuple[str, str], tuple[Controlled, ...]]:
    """By group and kind: what may be owned by controllers because of such an object."""
    out: dict[tuple[str, str], tuple[Controlled, ...]] = {}
    for one in table().controlled:
        for group, kinds in one.kinds.items():
            for kind in kinds:
                out[group, kind] = (*out.get((group, kind), ()), one)
    return MappingProxyType(out)
