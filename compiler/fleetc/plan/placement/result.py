"""What the placement solver answers. Prices are in millionths of the currency an hour; None where one is unknown."""

from __future__ import annotations

from typing import Literal

from fleetc.plan.placement.model import Problem, Range, Room
from fleetc.plan.placement.reasons import Binding, Component, MoveReason, Reason, Rejected, Remedy
from fleetc.tuples import NamedTuple

Held = Literal["always", "preemption", "partly"]
"""Whether burst endangers promises: never; unless promised pods may preempt others; or it does not even fit."""


class Placement(NamedTuple):
    """A part of a workload: promised replicas and at most, in a pool, run as one alternative.

    `pod` is the room of a pod, `pods` how many a replica has; `whole_nodes` if each has its node to itself.
    """

    pool: str
    cluster: str
    alternative: str
    least: int
    most: int
    pod: Room
    pods: int
    whole_nodes: bool
    price_least: int | None
    price_most: int | None


class Move(NamedTuple):
    """Promised replicas that leave a pool, and why. Where they go is in the placement."""

    workload: str
    pool: str
    alternative: str
    replicas: int
    why: MoveReason


class Placed(NamedTuple):
    """A workload whose promise is kept."""

    workload: str
    parts: tuple[Placement, ...]
    price_least: int | None
    price_most: int | None
    moves: tuple[Move, ...]


class Unplaced(NamedTuple):
    """A workload whose promise cannot be kept beside the others."""

    workload: str
    moves: tuple[Move, ...]


class PodsOf(NamedTuple):
    """Promised pods of one shape and the workloads (ids) that they are of."""

    room: Room
    pods: int
    workloads: tuple[str, ...]


class NodeGroup(NamedTuple):
    """Nodes of a pool for these pods only; `nodes` always suffice, and fewer would not if `exact`.

    `workloads` (ids) are all that run there, promised or not. `name` tells nodes that are set aside from those of other
    groups: by order of size `large` for the largest pods, then `large-2`; "" for those that the others leave. `kept` is
    how many nodes there are, guaranteed and with all up: what no group needs goes to those whose burst would use it.
    """

    pods: tuple[PodsOf, ...]
    nodes: int
    exact: bool
    workloads: tuple[str, ...]
    name: str
    kept: Range


class Apart(NamedTuple):
    """Why the nodes of a pool are divided: if all pods shared them, they would need that many in the worst case."""

    together: int


class Proof(NamedTuple):
    """Why the promises on a pool hold. `groups` need no more nodes together than are guaranteed.

    With `apart` None there is one group at most, on all nodes. Else the first group has the smallest pods and all nodes
    that are not set aside; each other group's nodes are, by a label that no pod selects but its own.
    `at_most` is how many nodes the maximum of all replicas needs in the worst case, if at least `nodes_most` are up.
    """

    pool: str
    guaranteed: int
    nodes_most: int
    groups: tuple[NodeGroup, ...]
    apart: Apart | None
    at_most: int
    burst: Held

    def set_aside(self) -> int:
        """The nodes that are kept apart for larger pods, of those that are guaranteed."""
        return sum(group.kept.least for group in self.groups[1:])


class Gap(NamedTuple):
    """The first component of the cost in which the result may not be the best: its own, and no placement has less.

    With `component` None nothing above balance can be better.
    """

    component: Component | None
    found: int
    bound: int

    def basis_points(self) -> int | None:
        """The gap in hundredths of a percent of the bound, rounded up; None if the bound is 0 and the gap is not."""
        if self.found == self.bound:
            return 0
        return -(-(self.found - self.bound) * 10_000 // self.bound) if self.bound else None


class Result(NamedTuple):
    """All placements and proofs, by names, and what was compared. If `exact`, nothing is better above balance."""

    problem: Problem
    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    proofs: tuple[Proof, ...]
    cost: tuple[tuple[Component, int], ...]
    exact: bool
    gap: Gap

    def of(self, workload: str) -> Placed | None:
        """The placement of a workload, if its promise is kept."""
        return next((p for p in self.placed if p.workload == workload), None)


class Explanation(NamedTuple):
    """Why a workload is where it is, or what binds and what would work (each remedy was tried, on its own, with all
    others where they are), and each pool and alternative that was not chosen with what spoke against it."""

    workload: str
    reason: Reason | None
    binding: Binding | None
    rejected: tuple[Rejected, ...]
    remedies: tuple[Remedy, ...]
