"""A change of one object, and what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, Literal

from fleetc.source.span import render_path
from fleetc.tuples import NamedTuple


class Effect(StrEnum):
    """What a change does. `CHANGES`: the server takes it, and nothing more is known of what it does."""

    DATA = "data at risk"
    IMMUTABLE = "immutable field"
    WIDENS_RBAC = "widens RBAC"
    WIDENS_NETWORK = "widens network"
    LOOSENS = "loosens security"
    REMOVES = "removes"
    RESTARTS = "restarts pods"
    SCALES = "scales"
    NARROWS_RBAC = "narrows RBAC"
    NARROWS_NETWORK = "narrows network"
    TIGHTENS = "tightens security"
    RAISES = "raises limits"
    LOWERS = "lowers limits"
    ADDS = "adds"
    CHANGES = "changes"
    NO_OP = "no-op"


ORDER: Final = {effect: n for n, effect in enumerate(Effect)}
"""What a reader has to see first comes first."""


class Key(NamedTuple):
    """A step to the item of a list that has this value in a field by which items are told apart. The field is "" where
    the items are plain values."""

    field: str
    value: str


Step = str | int | Key
Place = tuple[Step, ...]

How = Literal["added", "removed", "changed", "reordered"]


class Value(NamedTuple):
    """One difference within an object. What is added has no `before`, what is removed no `after`: None. Of what is
    `reordered` they are what tells the items of a list apart, in the order that they had and have; what is added to a
    list goes to its end."""

    path: Place
    how: How
    before: Any
    after: Any


class Meaning(NamedTuple):
    """An effect, and why: of which place, or of the object as a whole."""

    effect: Effect
    why: str
    path: Place = ()


class Identity(NamedTuple):
    """What makes an object the same object; at another version of its API it is the same."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


STACK: Final = Identity("", "Stack", "", "data")
"""What a cluster's stack is told to do: data that Pulumi's program reads, and no object of the cluster."""


def render(path: Place) -> str:
    """A path as people write it: `spec.template.spec.containers[engine].image`."""
    out = ""
    for step in path:
        out = f"{out}[{step.value}]" if isinstance(step, Key) else render_path((step,), out)
    return out


def plain(path: Place) -> list[str | int]:
    """A path as data."""
    return [step.value if isinstance(step, Key) else step for step in path]
