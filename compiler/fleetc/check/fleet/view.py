"""A cluster as its checks see it. What only depends on a subject's objects is made once for all clusters that share
them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

from fleetc.check.findings import Place
from fleetc.check.fleet.facts import NAMESPACE, Facts, Reference, Target, facts_of
from fleetc.check.fleet.pods import Pods
from fleetc.check.rules.access import at
from fleetc.check.schemas import check_object
from fleetc.check.states import State, Verdict
from fleetc.emission.emission import Row
from fleetc.emission.shapes import Shape
from fleetc.language.cluster import Cluster
from fleetc.language.model import Model
from fleetc.language.team import Team
from fleetc.source.span import Path

T = TypeVar("T")


class Item(NamedTuple):
    """One object of a cell: its shape, facts, and its own verdict."""

    shape: Shape
    facts: Facts
    verdict: Verdict


class Cell:
    """What one subject emits on one cluster, on all clusters where it is the same."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self.items = items

    @cached_property
    def identities(self) -> dict[Target, int]:
        """The position of each object; of the last one, where two have one identity."""
        return {item.facts.identity: n for n, item in enumerate(self.items)}

    @cached_property
    def made(self) -> frozenset[Target]:
        """Everything that comes into being with the objects."""
        return frozenset(target for item in self.items for target in item.facts.made)

    @cached_property
    def wanted(self) -> dict[Target, list[tuple[int, Reference]]]:
        """Everything that the objects refer to, with the references to it by position."""
        out: dict[Target, list[tuple[int, Reference]]] = {}
        for n, item in enumerate(self.items):
            for reference in item.facts.references:
                out.setdefault(reference.target, []).append((n, reference))
        return out

    @cached_property
    def references(self) -> int:
        """The number of references."""
        return sum(map(len, self.wanted.values()))

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """The pods that the objects start."""
        return tuple(pods for item in self.items for pods in item.facts.pods)

    @cached_property
    def policies(self) -> tuple[tuple[int, Shape], ...]:
        """The network policies, by position."""
        kinds = ("networking.k8s.io NetworkPolicy", "cilium.io CiliumNetworkPolicy")
        return tuple((n, i.shape) for n, i in enumerate(self.items) if i.facts.identity.kind in kinds)

    @cached_property
    def interface(self) -> object:
        """All that other objects, and the rules on whole clusters, can see of the cell."""
        wanted = {target: len(found) for target, found in self.wanted.items()}
        optional = {t: n for t, f in self.wanted.items() if (n := sum(ref.optional for _, ref in f))}
        selections = repr([selection for item in self.items for selection in item.facts.selections])
        return len(self.items), self.identities.keys(), self.made, wanted, optional, selections, self.network

    @cached_property
    def network(self) -> object:
        """All that reachability depends on: policies, labels of namespaces, labels and named ports of pods."""
        spaces = [
            (i.facts.identity.name, repr(at(i.shape.object, "metadata").get("labels")))
            for i in self.items
            if i.facts.identity.kind == NAMESPACE
        ]
        pods = {(p.namespace, tuple(sorted(map(repr, p.labels.items()))), p.ports): None for p in self.pods}
        return tuple(shape for _, shape in self.policies), tuple(spaces), tuple(pods)


class Cells:
    """Makes cells and objects' verdicts, each once for a minor. `valid`: the keys of objects that are known to be, by
    minor."""

    def __init__(self, valid: Mapping[str, Set[bytes]] | None = None) -> None:
        self.valid = valid or {}
        self._cells: dict[tuple[str, tuple[Shape, ...]], Cell] = {}
        self._items: dict[tuple[str, Shape], Item] = {}

    def cell(self, minor: str, shapes: tuple[Shape, ...]) -> Cell:
        """The cell of these shapes."""
        got = self._cells.get((minor, shapes))
        if got is None:
            got = self._cells[minor, shapes] = Cell(tuple([self._item(minor, shape) for shape in shapes]))
        return got

    def _item(self, minor: str, shape: Shape) -> Item:
        got = self._items.get((minor, shape))
        if got is None:
            known = shape.key in self.valid.get(minor, ())
            verdict = Verdict(State.VALID) if known else check_object(shape.object, minor)
            got = self._items[minor, shape] = Item(shape, facts_of(shape.object, minor), verdict)
        return got


class View:
    """One cluster: its spec, its teams and models, and each subject's cell. `memo` is the whole run's."""

    def __init__(
        self,
        cluster: Cluster,
        index: int,
        rows: list[tuple[Row, Cell]],
        teams: Mapping[str, Team],
        manifests: Mapping[str, str | None],
        models: Mapping[str, Model],
        memo: dict[object, object],
    ) -> None:
        """`manifests`: the team of each Manifest on the cluster, by the Manifest's id."""
        self.cluster = cluster
        self.index = index
        self.rows = rows
        self.teams = teams
        self.manifests = manifests
        self.models = models
        self.memo = memo

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gives, made once in a run for each key."""
        if key not in self.memo:
            self.memo[key] = make()
        return cast(T, self.memo[key])

    def place(self, row: Row, position: int, path: Path) -> Place:
        """A place in one of the cluster's objects."""
        return Place(row.subject, self.index, position, path)

    @cached_property
    def made(self) -> set[Target]:
        """Everything that comes into being on the cluster."""
        out: set[Target] = set()
        for _, cell in self.rows:
            out |= cell.made
        return out

    def items(self) -> Iterator[tuple[Row, int, Item]]:
        """Every object, with its subject's row and its position there."""
        return ((row, n, item) for row, cell in self.rows for n, item in enumerate(cell.items))
