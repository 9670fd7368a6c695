"""A cluster as its checks see it. What only depends on a subject's objects is made once for all clusters that share
them."""

from __future__ import annotations

from _blake2 import blake2b
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from fleetc.check.findings import Place
from fleetc.check.fleet.facts import NAMESPACE, Facts, Reference, Target, facts_of
from fleetc.check.fleet.object_stakes import stakes
from fleetc.check.fleet.pods import Pods
from fleetc.check.fleet.stakes import pack as pack_stakes
from fleetc.check.fleet.targets import BINDING, CONFIGURATION
from fleetc.check.fleet.traffic import pack
from fleetc.check.rules.access import Map, at
from fleetc.check.schemas import check_object
from fleetc.check.states import State, Verdict
from fleetc.emission.emission import Row
from fleetc.emission.shapes import Shape
from fleetc.language.cluster import Cluster
from fleetc.language.manifest import Manifest
from fleetc.language.policy import Policy
from fleetc.language.team import Team
from fleetc.language.types import Node
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.crds import Components, Given

T = TypeVar("T")
USAGE: Final = "policies"
"""Under this name the run's memo holds what policies came to (`check.policy.usage.Usage`)."""
DIGEST: Final = 16


class Item(NamedTuple):
    """One object of a cell: its shape, facts, and its own verdict."""

    shape: Shape
    facts: Facts
    verdict: Verdict


class Cell:
    """What one subject emits on one cluster, on all clusters where it is the same."""

    def __init__(self, items: tuple[Item, ...], minor: str) -> None:
        self.items = items
        self.minor = minor

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
    def rules(self) -> tuple[int, ...]:
        """The positions of PrometheusRules."""
        kind = "monitoring.coreos.com PrometheusRule"
        return tuple(n for n, item in enumerate(self.items) if item.facts.identity.kind == kind)

    @cached_property
    def dashboards(self) -> tuple[int, ...]:
        """The positions of what carries dashboards of Grafana."""
        return tuple(n for n, item in enumerate(self.items) if _carries_dashboards(item))

    @cached_property
    def references(self) -> int:
        """The number of references."""
        return sum(map(len, self.wanted.values()))

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """The pods that the objects start."""
        return tuple(pods for item in self.items for pods in item.facts.pods)

    @cached_property
    def network(self) -> bytes:
        """All that reachability depends on, packed: policies, namespaces with their labels, pods."""
        kinds = ("networking.k8s.io NetworkPolicy", "cilium.io CiliumNetworkPolicy")
        policies = [(n, i.shape.object) for n, i in enumerate(self.items) if i.facts.identity.kind in kinds]
        return pack(policies, self._spaces, self.pods)

    @cached_property
    def spaces(self) -> tuple[Item, ...]:
        """The Namespaces."""
        return tuple(item for item in self.items if item.facts.identity.kind == NAMESPACE)

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """The names of the namespaces that objects are in."""
        return tuple(sorted({item.facts.identity.namespace for item in self.items} - {""}))

    @cached_property
    def _spaces(self) -> list[tuple[str, Map]]:
        """The Namespaces' names, with their labels."""
        return [(i.facts.identity.name, at(i.shape.object, "metadata", "labels")) for i in self.spaces]

    @cached_property
    def stakes(self) -> bytes:
        """All that the rule `quota` depends on, packed: what counts, what decides how much, and quotas."""
        return pack_stakes(stakes([(item.shape.object, item.facts) for item in self.items], self.minor))

    @cached_property
    def outline(self) -> bytes:
        """A digest of all else that other objects, and the rules on whole clusters, can see of the cell."""
        wanted = [("\0".join(t), len(f), sum(r.optional for _, r in f)) for t, f in self.wanted.items()]
        identities, made = sorted(map("\0".join, self.identities)), sorted(map("\0".join, self.made))
        selections = [selection for item in self.items for selection in item.facts.selections]
        around = pack((), self._spaces, self.pods)
        rules = [self.items[n].shape.object.get("spec") for n in self.rules]
        rules += [self.items[n].shape.object for n in self.dashboards]
        seen = (len(self.items), identities, made, sorted(wanted), selections, around, self._given, rules)
        return blake2b(repr(seen).encode(), digest_size=DIGEST).digest()

    @cached_property
    def _given(self) -> list[tuple[Any, Any]]:
        """The roles that the objects give, and to whom; what they are is looked for by `boundary` in each object."""
        found = [i.shape.object for i in self.items if i.facts.identity.kind == BINDING]
        return [(obj.get("roleRef"), obj.get("subjects")) for obj in found]


def _carries_dashboards(item: Item) -> bool:
    """Objects of the Grafana Operator, and ConfigMaps with the label by which the sidecar of Grafana finds them."""
    kind = item.facts.identity.kind
    if kind == CONFIGURATION:
        return "grafana_dashboard" in at(item.shape.object, "metadata", "labels")
    return kind == "grafana.integreatly.org GrafanaDashboard"


Valid = Callable[[str, "Components"], Set[bytes]]
"""For a minor, and components where CRDs are given: the keys of objects that are known to be valid there."""


def none_known(_minor: str, _has: Components) -> Set[bytes]:
    """Nothing is known to be valid."""
    return frozenset()


class Cells:
    """Makes cells and objects' verdicts, each once for a minor; where CRDs are given, and for a set of components."""

    def __init__(self, valid: Valid = none_known, given: Given | None = None) -> None:
        self.valid = valid
        self.given = given
        self._cells: dict[tuple[str, Components, tuple[Shape, ...]], Cell] = {}
        self._items: dict[tuple[str, Components, Shape], Item] = {}

    def cell(self, minor: str, shapes: tuple[Shape, ...], has: Components = ()) -> Cell:
        """The cell of these shapes; `has` tells the components only where CRDs are given."""
        got = self._cells.get((minor, has, shapes))
        if got is None:
            got = self._cells[minor, has, shapes] = Cell(tuple([self._item(minor, has, s) for s in shapes]), minor)
        return got

    def _item(self, minor: str, has: Components, shape: Shape) -> Item:
        got = self._items.get((minor, has, shape))
        if got is None:
            facts = facts_of(shape.object, minor)
            if self.given is not None:
                facts = facts._replace(scope=self.given.scope(shape.object, has) or facts.scope)
            got = self._items[minor, has, shape] = Item(shape, facts, self._verdict(minor, has, shape))
        return got

    def _verdict(self, minor: str, has: Components, shape: Shape) -> Verdict:
        if shape.key in self.valid(minor, has):
            return Verdict(State.VALID)
        if self.given is not None:
            return self.given.judge(shape.object, minor, has)
        return check_object(shape.object, minor)


class View:
    """One cluster: its spec, its subjects' nodes, and each subject's cell. `memo` is the whole run's."""

    def __init__(
        self,
        cluster: Cluster,
        index: int,
        rows: list[tuple[Row, Cell]],
        nodes: Mapping[str, Node],
        memo: dict[object, object],
        policies: tuple[Policy, ...] = (),
    ) -> None:
        """`nodes`: of the subjects, as they are on the cluster; `manifests`: the team of each Manifest, by its id."""
        self.cluster = cluster
        self.index = index
        self.rows = rows
        self.nodes = nodes
        self.teams = {node.name: node for node in nodes.values() if isinstance(node, Team)}
        self.manifests = {id: node.team for id, node in nodes.items() if isinstance(node, Manifest)}
        self.memo = memo
        self.policies = policies

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
