"""The resolved fleet: its clusters, and every subject as it is on each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.cluster import Cluster
from fleetc.language.dashboard import Dashboard
from fleetc.language.decode import Missing, decode, missing
from fleetc.language.document import Doc, Locate, Tree, lookup
from fleetc.language.fleet import Fleet
from fleetc.language.kinds import KINDS, KindName, layer_order
from fleetc.language.model import Model
from fleetc.language.objective import Objective
from fleetc.language.placement import SELECTOR_READS
from fleetc.language.platform import Platform
from fleetc.language.pool import GPUPool
from fleetc.language.rollout import Rollout
from fleetc.language.team import Team
from fleetc.language.telemetry import Telemetry
from fleetc.language.types import Node
from fleetc.resolve.conflicts import conflicts
from fleetc.resolve.layers import Layer, Origin, fill, merge, origins, part_origin
from fleetc.resolve.places import Places
from fleetc.source.sharing import Once
from fleetc.source.span import Path

_NO_TREE: Tree = {}


class World:
    """The fleet as a graph. Nodes are made when they are first asked for, and shared by all clusters where they are
    alike."""

    def __init__(self, docs: Mapping[str, Doc], table: Doc, beyond: Mapping[str, Doc] | None = None) -> None:
        """`beyond`: the documents of the whole fleet, where only some of its clusters are looked at."""
        self.docs = docs
        self._beyond = docs if beyond is None else beyond
        self.table = table
        self._nodes: dict[Any, Node] = {}
        self._variants: dict[str, Sequence[Node]] = {}
        self._matchers: dict[str, _Matcher] = {}
        self._keys: dict[str, Sequence[tuple[Any, ...]]] = {}
        self._once: Once = Once()

    @cached_property
    def fleet_doc(self) -> Doc:
        """The Fleet's document."""
        return next(d for d in self.docs.values() if d.kind == "Fleet")

    @cached_property
    def fleet(self) -> Fleet:
        """The Fleet."""
        return cast(Fleet, self._node(self.fleet_doc, (), self.layers(self.fleet_doc)))

    @cached_property
    def cluster_docs(self) -> list[Doc]:
        """The clusters' documents, by name."""
        return self._of("Cluster")

    @cached_property
    def clusters(self) -> list[Cluster]:
        """The clusters, by name."""
        return [cast(Cluster, self._node(d, (), self.layers(d))) for d in self.cluster_docs]

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each cluster, by name."""
        return {d.name: n for n, d in enumerate(self.cluster_docs)}

    @cached_property
    def subjects(self) -> list[Doc]:
        """What is placed on clusters: documents by kind and name."""
        return sorted((d for d in self.docs.values() if KINDS[d.kind].placed), key=lambda d: (d.kind, d.name))

    def models(self) -> list[Doc]:
        """The models' documents, by name; as each is on a cluster: `variant`, `variants`."""
        return self._of("Model")

    @cached_property
    def pool_docs(self) -> list[Doc]:
        """The pools' documents, by name."""
        return self._of("GPUPool")

    @cached_property
    def pools(self) -> list[GPUPool]:
        """The pools of all clusters, by cluster and name."""
        return [self.pool(d) for d in self.pool_docs]

    def pool(self, doc: Doc) -> GPUPool:
        """The pool of a document."""
        return cast(GPUPool, self._node(doc, (), self.layers(doc)))

    @cached_property
    def platforms(self) -> dict[str, Platform]:
        """The platforms, by name."""
        return {d.name: cast(Platform, self._node(d, (), self.layers(d))) for d in self._of("Platform")}

    @cached_property
    def rollout_docs(self) -> list[Doc]:
        """The rollouts' documents, by name."""
        return self._of("Rollout")

    @cached_property
    def rollouts(self) -> list[Rollout]:
        """The rollouts, by name; which wave a cluster is in: `resolve.rollouts.wave_of`."""
        return [cast(Rollout, self._node(d, (), self.layers(d))) for d in self.rollout_docs]

    def cluster(self, name: str) -> Cluster | None:
        """A cluster of the whole fleet, by its name; None where there is none."""
        doc = self._beyond.get(f"Cluster/{name}")
        return cast(Cluster, self._node(doc, (), self.layers(doc))) if doc is not None else None

    def _of(self, kind: KindName) -> list[Doc]:
        return sorted((d for d in self.docs.values() if d.kind == kind), key=lambda d: d.name)

    def layers(self, doc: Doc, cluster: int | None = None, *, unmatched: bool = False) -> list[Layer]:
        """The layers of a document, weakest first; for a subject as it is on a cluster, those of that cluster too.

        With `unmatched`, overrides that do not match stand among them, marked so.
        """
        out = list(self._tables(doc))
        for kind in layer_order(cast(KindName, doc.kind)):
            source = self._source_of_defaults(doc, kind, cluster)
            if source is not None and (doc.kind, kind) == ("Cluster", "Platform"):
                out += self._components(doc, source)
            if source is not None and doc.kind in source.defaults:
                base: Path = ("defaults", doc.kind)
                reasons = (self._platform(self._cluster_of(doc)),) if kind == "Platform" else ()
                out.append(Layer("default", source, base, source.tree["defaults"][doc.kind], True, reasons))
        out.append(Layer("spec", doc, ("spec",), doc.tree["spec"]))
        if cluster is not None:
            out += self._overrides(doc, cluster, unmatched=unmatched)
        return out

    def _components(self, doc: Doc, platform: Doc) -> Iterator[Layer]:
        """What a cluster has by its platform."""
        for layer in self.layers(platform):
            tree: Tree = {name: layer.tree[name] for name in ("components", "values") if name in layer.tree}
            if tree:
                yield layer._replace(tree=tree, reasons=(*layer.reasons, self._platform(doc)))

    def _tables(self, doc: Doc) -> Iterator[Layer]:
        if doc.kind in self.table.tree:
            yield Layer("table", self.table, (doc.kind,), self.table.tree[doc.kind])
        if doc.kind in ("Cluster", "GPUPool"):
            source, path = self._provider(self._cluster_of(doc))
            _, provider = lookup(source.tree, path)
            tree = self.table.tree["providers"].get(provider, _NO_TREE).get(doc.kind)
            if tree is not None:
                yield Layer("table", self.table, ("providers", provider, doc.kind), tree, True, ((source, path),))

    def _provider(self, doc: Doc) -> tuple[Doc, Path]:
        """Where a cluster's provider stands: in its spec, else in its Platform's or the Fleet's defaults."""
        at: Path = ("defaults", "Cluster", "provider")
        platform = self._source_of_defaults(doc, "Platform", None)
        if "provider" in doc.tree["spec"]:
            return doc, ("spec", "provider")
        return (platform, at) if platform is not None and lookup(platform.tree, at)[0] else (self.fleet_doc, at)

    def _platform(self, doc: Doc) -> tuple[Doc, Path]:
        """Where the name of a cluster's platform stands: in its spec, else in the Fleet's defaults."""
        own = "platform" in doc.tree["spec"]
        return (doc, ("spec", "platform")) if own else (self.fleet_doc, ("defaults", "Cluster", "platform"))

    def _cluster_of(self, doc: Doc) -> Doc:
        """The cluster that a pool belongs to; a cluster is its own."""
        return doc if doc.kind == "Cluster" else self.docs[f"Cluster/{doc.tree['spec']['cluster']}"]

    def _source_of_defaults(self, doc: Doc, kind: KindName, cluster: int | None) -> Doc | None:
        if kind == "Fleet":
            return self.fleet_doc
        if kind == "Platform":
            source, path = self._platform(self._cluster_of(doc))
            return self.docs.get(f"Platform/{lookup(source.tree, path)[1]}")
        if kind == "Cluster" and KINDS[doc.kind].owner == "cluster":
            return self._cluster_of(doc)
        if kind == "Cluster":
            return None if cluster is None else self.cluster_docs[cluster]
        return self.docs.get(f"{kind}/{doc.tree['spec'].get('team', '')}")

    def _overrides(self, doc: Doc, cluster: int, *, unmatched: bool) -> Iterator[Layer]:
        source = self.cluster_docs[cluster]
        matched = self._matching(doc, cluster)
        for n in range(len(doc.tree["overrides"])) if unmatched else matched:
            override = doc.tree["overrides"][n]
            reasons: list[tuple[Doc, Path]] = [(doc, ("overrides", n, "match", field)) for field in override["match"]]
            reasons += [(source, SELECTOR_READS[field]) for field in override["match"]]
            base: Path = ("overrides", n, "set")
            yield Layer("override", doc, base, override["set"], n in matched, tuple(reasons))

    def _matching(self, doc: Doc, cluster: int) -> tuple[int, ...]:
        """The overrides of a document that match a cluster, in order."""
        matcher = self._matchers.get(doc.id)
        if matcher is None:
            matcher = self._matchers[doc.id] = _Matcher(doc)
        return matcher.on(self.clusters[cluster])

    def merged(self, doc: Doc, layers: Sequence[Layer]) -> Tree:
        """The whole spec of a document: its layers merged, items of keyed lists filled from the table."""
        struct = KINDS[doc.kind].struct
        return fill(struct, merge(layers, struct, self._once), self.table.tree["parts"], self._once)

    def missing(self, doc: Doc, layers: Sequence[Layer]) -> tuple[Missing, ...]:
        """The required fields that no layer sets."""
        return missing(KINDS[doc.kind].struct, self.merged(doc, layers), self._once)

    def variants(self, subject: str) -> Sequence[Node]:
        """The subject as it is on each cluster, in the order of `clusters`; alike ones are one object."""
        got = self._variants.get(subject)
        if got is None:
            got = self._variants[subject] = self._make_variants(self.docs[subject])
        return got

    def variant(self, subject: str, cluster: int) -> Node:
        """The subject as it is on one cluster."""
        doc = self.docs[subject]
        return self._node(doc, self.variant_keys(doc)[cluster], None, cluster)

    def _make_variants(self, doc: Doc) -> Sequence[Node]:
        return [self._node(doc, key, None, n) for n, key in enumerate(self.variant_keys(doc))]

    def variant_keys(self, doc: Doc) -> Sequence[tuple[Any, ...]]:
        """What tells the variants apart, for each cluster: its defaults for the kind, and the overrides that match."""
        got = self._keys.get(doc.id)
        if got is None:
            clusters = range(len(self.cluster_docs))
            defaults: list[tuple[Any, ...]] = [()] * len(clusters)
            if "Cluster" in layer_order(cast(KindName, doc.kind)):
                trees = [cluster.tree["defaults"].get(doc.kind) for cluster in self.cluster_docs]
                defaults = [() if tree is None else (repr(tree),) for tree in trees]
            if doc.tree["overrides"]:
                defaults = [(*defaults[n], self._matching(doc, n)) for n in clusters]
            got = self._keys[doc.id] = defaults
        return got

    def _node(self, doc: Doc, key: tuple[Any, ...], layers: list[Layer] | None, cluster: int | None = None) -> Node:
        node = self._nodes.get((doc.kind, doc.name, key))
        if node is None:
            spec = self.merged(doc, self.layers(doc, cluster) if layers is None else layers)
            node = decode(KINDS[doc.kind], doc.name, doc.tree["metadata"], spec, self._once)
            self._nodes[doc.kind, doc.name, key] = node
        return node

    def doc(self, node_id: str, cluster: int) -> Doc:
        """The document of a node, by the name that it has on a cluster: `Kind/name`."""
        kind, _, name = node_id.partition("/")
        local = KINDS[kind].local and "/" not in name
        return self.docs[f"{kind}/{self.cluster_docs[cluster].name}/{name}" if local else node_id]

    def origins(self, node_id: str, cluster: int, path: Path) -> Iterator[Origin]:
        """What takes part in the value at a canonical path of a node, as it is on a cluster. `path` starts in the node:
        `("name",)` and `("labels", ...)` are metadata, all else is spec."""
        doc = self.doc(node_id, cluster)
        if path[:1] in (("name",), ("labels",)):
            yield Origin("value", "spec", doc, ("metadata", *path))
        else:
            got = list(origins(self.layers(doc, cluster if KINDS[doc.kind].placed else None, unmatched=True), path))
            if not any(o.role == "value" for o in got):
                filled = part_origin(self.table, KINDS[doc.kind].struct, path)
                got = [filled, *got] if filled else got
            yield from got


class _Matcher:
    """Which overrides match a cluster; those that name clusters are looked up, so that a thousand of them cost
    nothing."""

    def __init__(self, doc: Doc) -> None:
        self.matches: list[Tree] = [override["match"] for override in doc.tree["overrides"]]
        self.named: dict[str, list[int]] = {}
        self.general: list[int] = []
        for n, match in enumerate(self.matches):
            for name in match.get("clusters", ()):
                self.named.setdefault(name, []).append(n)
            if not match.get("clusters"):
                self.general.append(n)

    def on(self, cluster: Cluster) -> tuple[int, ...]:
        """Their numbers, in order."""
        candidates = sorted([*self.named.get(cluster.name, ()), *self.general])
        return tuple([n for n in candidates if selects(self.matches[n], cluster)])


def selects(match: Tree, cluster: Cluster) -> bool:
    """Whether a partial selector selects the cluster (Selector.matches, on data); a placement may say more."""
    for field, wanted in match.items():
        if field not in SELECTOR_READS:
            continue
        if field == "labels":
            if any(cluster.labels.get(k) != v for k, v in wanted.items()):
                return False
        else:
            name = {"clusters": "name", "environments": "environment", "regions": "region", "roles": "role"}.get(
                field, field
            )
            if wanted and getattr(cluster, name) not in wanted:
                return False
    return True


def resolve(
    docs: Mapping[str, Doc],
    table: Doc,
    locate: Locate,
    subjects: Collection[str] | None = None,
    beyond: Mapping[str, Doc] | None = None,
) -> tuple[World, list[Diagnostic]]:
    """The fleet, and what is missing or in conflict in it. With diagnostics, the world is not fit for use.

    Of `subjects` alone: the Fleet, the clusters and the other subjects are known to be whole. `beyond`: see `World`.
    """
    world, found = World(docs, table, beyond), list[Diagnostic]()
    for doc in (d for d in docs.values() if not KINDS[d.kind].placed):
        if subjects is None or doc.id in subjects:
            found += _missing(world, doc, world.layers(doc), locate)
    if found:
        return world, found
    found += _of_clusters(world, locate) if subjects is None else ()
    for doc in world.pool_docs:
        if subjects is None or doc.id in subjects:
            cluster = world.clusters[world.index[doc.tree["spec"]["cluster"]]]
            # Imported here, as below: who has no pools and models does not pay for the catalogue.
            from fleetc.resolve.pools import pool_findings  # noqa: PLC0415

            places = Places(doc, world.layers(doc), locate)
            found += pool_findings(world.pool(doc), cluster, places)
    for doc in world.subjects:
        if subjects is not None and doc.id not in subjects:
            continue
        seen: set[tuple[Any, ...]] = set()
        for n, key in enumerate(world.variant_keys(doc)):
            if key not in seen:
                seen.add(key)
                layers = world.layers(doc, n)
                missed = list(_missing(world, doc, layers, locate))
                found += missed
                found += conflicts(doc, layers, locate)
                if not missed:
                    found += _of_node(world.variant(doc.id, n), Places(doc, layers, locate))
    return world, list(dict.fromkeys(found))


def _of_clusters(world: World, locate: Locate) -> Iterator[Diagnostic]:
    if world.platforms:
        # Imported here, as below.
        from fleetc.resolve.minors import minor_findings  # noqa: PLC0415

        yield from minor_findings(world, locate)
    if any(node.values for nodes in (world.platforms.values(), world.clusters) for node in nodes):
        # Imported here: who gives no values does not pay for the catalogue.
        from fleetc.resolve.charts import values_findings  # noqa: PLC0415

        yield from values_findings(world, locate)
    if any(cluster.delivery is not None for cluster in world.clusters):
        # Imported here, as below.
        from fleetc.resolve.delivery import delivery_findings  # noqa: PLC0415

        yield from delivery_findings(world, locate)


def _of_node(node: Node, at: Places) -> Iterator[Diagnostic]:
    """What cannot be of a subject, as it is on some cluster."""
    if isinstance(node, Model):
        from fleetc.resolve.models import model_findings  # noqa: PLC0415

        yield from model_findings(node, at)
    elif isinstance(node, Objective | Telemetry):
        from fleetc.resolve.measuring import measuring_findings  # noqa: PLC0415

        yield from measuring_findings(node, at)
    elif isinstance(node, Dashboard):
        from fleetc.resolve.charting import charting_findings  # noqa: PLC0415

        yield from charting_findings(node, at)
    elif isinstance(node, Team) and len(node.quota.devices) > 1:
        from fleetc.resolve.facts import quota_findings  # noqa: PLC0415

        yield from quota_findings(node, at)


def _missing(world: World, doc: Doc, layers: list[Layer], locate: Locate) -> Iterator[Diagnostic]:
    for path, field in world.missing(doc, layers):
        owner = next((o for o in world_origins(layers, path) if o.role == "value" and o.via != "table"), None)
        place = (owner.doc, owner.path) if owner else (doc, ("spec",))
        span = place[0].span(locate, place[1], key=True)
        where = f" in {doc.kind} {doc.name}"
        yield Diagnostic(codes.MISSING_FIELD, f"`{field}` is missing{where}", span, f"add `{field}`", (*path, field))


def world_origins(layers: list[Layer], path: Path) -> Iterator[Origin]:
    """Origins of the nearest parent of `path` that any layer sets."""
    for length in range(len(path), 0, -1):
        got = list(origins(layers, path[:length]))
        if got:
            yield from got
            return
