"""References between specs: every name refers to something, and both sides of traffic between teams agree.

All of it is read from documents, before layers are merged: what a name refers to does not depend on the cluster.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.document import Doc, Locate, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.wording import listing, nearest
from fleetc.resolve.traffic import Traffic, team_layers
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_LISTS: Final = (("clusters", "Cluster"), ("environments", "environment"))
_KUBERNETES: Final = "kube-"
"""The prefix that Kubernetes keeps for its own namespaces."""
_CLASS: Final = "priority class"
_POOL: Final = "pool"
_SYSTEM: Final = "system-"
"""The prefix of the priority classes that every API server makes."""
NAMING: Final = ("Cluster", "GPUPool")
"""Kinds of which there are thousands, and whose documents say nothing but names of other documents and of environments
that is looked at here, if they hold no defaults."""


class Unsure:
    """What broken files and documents leave open: nothing is reported that may only follow from them.

    - `docs`: broken documents: good for what they hold, not for what they lack
    - `words`: the words of files whose documents are not all known: each may be a name
    - `kinds`: kinds of documents whose names are broken
    - `anything`: a file cannot be read at all: any name may be in it
    - `environments`: the Fleet's list of environments is broken
    - `defaults`: some defaults are broken
    """

    def __init__(self) -> None:
        self.docs: list[Doc] = []
        self.words: set[str] = set()
        self.kinds: set[str] = set()
        self.anything = False
        self.environments = False
        self.defaults = False


def check_references(
    docs: Mapping[str, Doc],
    known: Mapping[str, set[str]],
    locate: Locate,
    table: Doc | None = None,
    unsure: Unsure | None = None,
    settled: Collection[str] = (),
) -> Iterator[Diagnostic]:
    """`known` has the names of each kind, those of broken documents too; without `table`, names of classes are not
    checked. `settled`: ids of documents that are known to name what there is, by selectors, owners and environments."""
    unsure = unsure or Unsure()
    every = [*docs.values(), *unsure.docs]
    asked = [*(doc for doc in docs.values() if doc.id not in settled), *unsure.docs] if settled else every
    check = _Check(known, every, table, locate, unsure)
    yield from _environments(asked, check)
    for doc in asked:
        yield from _placements(doc, check)
        yield from _owner(doc, check)
    telling = [doc for doc in every if doc.kind not in NAMING or doc.defaults]
    owners = _owners(telling)
    for doc, base in team_layers(telling):
        yield from _namespaces(doc, (*base, "namespaces"), locate)
        yield from _classes(doc, (*base, "priorityClasses"), check)
        yield from _peers(doc, (*base, "network"), check, owners)
    for doc, base in _layers_of("Model", telling):
        yield from _access(doc, (*base, "access"), check)
    for doc, base in _layers_of("Objective", telling):
        yield from check.name(doc, (*base, "model"), "Model")
    for doc, base in _layers_of("Dashboard", telling):
        for field, kind in (("model", "Model"), ("pool", _POOL), ("team", "Team")):
            yield from check.name(doc, (*base, "for", field), kind)
    if not unsure.defaults:
        yield from Traffic(docs, {doc.id for doc in unsure.docs}, telling, locate).findings()


def _names(known: Mapping[str, set[str]], every: list[Doc]) -> dict[str, set[str]]:
    fleets = [doc for doc in every if doc.kind == "Fleet"]
    environments = {name for doc in fleets for name in doc.tree["spec"].get("environments", ())}
    # Those of several clusters may have one name.
    return {**known, "environment": environments, _POOL: {name.rpartition("/")[2] for name in known.get("GPUPool", ())}}


def _cluster_trees(every: list[Doc], table: Doc) -> Iterator[Mapping[str, Any]]:
    """Every layer of every Cluster."""
    yield table.tree.get("Cluster", {})
    for doc in every:
        if "Cluster" in doc.defaults:
            yield doc.tree["defaults"]["Cluster"]
        if doc.kind == "Cluster":
            yield doc.tree["spec"]


def _class_names(tree: Mapping[str, Any]) -> Iterator[str]:
    yield from tree.get("priorityClasses", ())
    yield from tree.get("existing", {}).get("priorityClasses", ())


def _owners(every: list[Doc]) -> dict[str, str]:
    """The team of each namespace."""
    out: dict[str, str] = {}
    for doc, base in team_layers(every):
        if doc.kind == "Team":
            out.update(dict.fromkeys(lookup(doc.tree, (*base, "namespaces"))[1] or (), doc.name))
    return out


class _Classes(NamedTuple):
    """The names of priority classes, and of those that are not for tenants."""

    all: set[str]
    refused: set[str]


class _Check:
    def __init__(
        self, known: Mapping[str, set[str]], every: list[Doc], table: Doc | None, locate: Locate, unsure: Unsure
    ) -> None:
        self.names = _names(known, every)
        self.locate = locate
        self.unsure = unsure
        self._every = every
        self._table = table

    @cached_property
    def classes(self) -> _Classes | None:
        """The priority classes, for which every cluster has to be read; None where it is not known what there is."""
        if self._table is None or any(d.kind in ("Fleet", "Cluster") for d in self.unsure.docs):
            return None
        trees = list(_cluster_trees(self._every, self._table))
        said = [(name, c.get("tenants")) for tree in trees for name, c in tree.get("priorityClasses", {}).items()]
        refused = {name for name, tenants in said if tenants is False and (name, True) not in said}
        return _Classes({name for tree in trees for name in _class_names(tree)}, refused)

    def name(self, doc: Doc, path: Path, kind: str) -> Iterator[Diagnostic]:
        """The value at `path`, if there is one, is the name of a `kind`."""
        found, value = lookup(doc.tree, path)
        if found:
            yield from self.named(doc, path, kind, str(value))

    def named(self, doc: Doc, path: Path, kind: str, value: str, *, key: bool = False) -> Iterator[Diagnostic]:
        """`value`, standing at `path` (as its key), is the name of a `kind`."""
        names = self.names.get(kind, set())
        if kind == _CLASS:
            names = self.classes.all if self.classes is not None else set[str]()
        skipped = self.unsure.anything or ("GPUPool" if kind == _POOL else kind) in self.unsure.kinds
        if kind == "environment":
            skipped = skipped or self.unsure.environments or not names
        if not (skipped or value in names or value in self.unsure.words):
            what = kind if kind == kind.lower() else kind.lower()
            message = f"there is no {what} `{value}`"
            hint = _hint(value, names, kind)
            yield Diagnostic(codes.UNKNOWN_REFERENCE, message, doc.span(self.locate, path, key=key), hint, path)


def _hint(value: str, names: set[str], kind: str) -> str:
    near = nearest(value, sorted(names))
    if near:
        return f"did you mean `{near}`?"
    add = {
        "environment": "add it to the Fleet's `environments`",
        _CLASS: "add it to the cluster's `priorityClasses`",
    }.get(kind, f"add a {kind} of that name")
    return f"{add}, or name one of {listing(sorted(names))}" if names else add


def _environments(every: list[Doc], check: _Check) -> Iterator[Diagnostic]:
    """The Fleet lists some, and each cluster is in one of them."""
    for doc in every:
        if doc.kind == "Fleet" and not check.names["environment"] and not check.unsure.environments:
            path: Path = ("spec", "environments")
            span, hint = doc.span(check.locate, path, key=True), "list them, such as [dev, prod]"
            yield Diagnostic(codes.MISSING_FIELD, "the Fleet has no `environments`", span, hint, path)
        if doc.kind == "Cluster":
            yield from check.name(doc, ("spec", "environment"), "environment")
        if "Cluster" in doc.defaults:
            yield from check.name(doc, ("defaults", "Cluster", "environment"), "environment")


def _placements(doc: Doc, check: _Check) -> Iterator[Diagnostic]:
    for base, selector in _selectors(doc):
        for field, kind in _LISTS:
            for n, name in enumerate(selector.get(field) or ()):
                yield from check.named(doc, (*base, field, n), kind, str(name))
        for name in selector.get("weights") or ():
            yield from check.named(doc, (*base, "weights", name), "Cluster", name, key=True)


def _owner(doc: Doc, check: _Check) -> Iterator[Diagnostic]:
    """What a document belongs to, and the platform and the hub of a cluster."""
    owner = KINDS[doc.kind].owner
    if owner is not None:
        yield from check.name(doc, ("spec", owner), owner.capitalize())
    if doc.kind == "Cluster":
        yield from check.name(doc, ("spec", "platform"), "Platform")
        yield from check.name(doc, ("spec", "argocd", "hub"), "Cluster")
    if "Cluster" in doc.defaults:
        yield from check.name(doc, ("defaults", "Cluster", "platform"), "Platform")
        yield from check.name(doc, ("defaults", "Cluster", "argocd", "hub"), "Cluster")


def _selectors(doc: Doc) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """What selects clusters, and where it stands."""
    tree = doc.tree
    if "placement" in tree["spec"]:
        yield ("spec", "placement"), tree["spec"]["placement"]
    for n, override in enumerate(tree["overrides"]):
        yield ("overrides", n, "match"), override.get("match", {})
    for kind in doc.defaults:
        yield ("defaults", kind, "placement"), tree["defaults"][kind].get("placement", {})
    if doc.kind == "Rollout":
        for name, wave in tree["spec"].get("waves", {}).items():
            yield ("spec", "waves", name, "match"), wave.get("match", {})


def _namespaces(doc: Doc, base: Path, locate: Locate) -> Iterator[Diagnostic]:
    """A team that owned one of Kubernetes' own namespaces would cut the cluster off from itself."""
    for name in lookup(doc.tree, base)[1] or ():
        if name == "default" or name.startswith(_KUBERNETES):
            path = (*base, name, "name")
            message = f"namespace `{name}` belongs to Kubernetes, not to a team"
            yield _invalid(doc, path, message, "use another name", locate)


def _classes(doc: Doc, base: Path, check: _Check) -> Iterator[Diagnostic]:
    for n, name in enumerate(lookup(doc.tree, base)[1] or ()):
        path = (*base, n)
        if check.classes is None:
            return
        if name.startswith(_SYSTEM) or name in check.classes.refused:
            message = f"priority class `{name}` is not for tenants"
            hint = "leave it out" if name.startswith(_SYSTEM) else "leave it out, or set its `tenants` to true"
            yield _invalid(doc, path, message, hint, check.locate)
        else:
            yield from check.named(doc, path, _CLASS, name)


def _peers(doc: Doc, base: Path, check: _Check, owners: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Teams exist, namespaces that teams own are named by the team, and hosts are only where policies know them."""
    for direction in ("ingress", "egress"):
        for to in lookup(doc.tree, (*base, direction))[1] or ():
            path: Path = (*base, direction, to, "to")
            kind, slash, name = to.partition("/")
            if kind == "team" and slash and name == doc.name and doc.kind == "Team":
                message = "a team's pods may always reach each other"
                yield _invalid(doc, path, message, "remove it", check.locate)
            elif kind == "team" and slash:
                yield from check.named(doc, path, "Team", name)
            elif kind == "namespace" and slash and name in owners:
                message = f"namespace `{name}` is team {owners[name]}'s"
                yield _invalid(doc, path, message, f"write team/{owners[name]}", check.locate)
            elif not slash and direction == "ingress":
                message = f"ingress from host `{to}`: a connection does not tell the host name that it comes from"
                yield _invalid(doc, path, message, "use an IP range", check.locate)


def _layers_of(kind: str, docs: list[Doc]) -> Iterator[tuple[Doc, Path]]:
    """Every partial spec of a kind: specs, overrides, and the defaults of other kinds."""
    for doc in docs:
        if doc.kind == kind:
            yield doc, ("spec",)
            yield from ((doc, ("overrides", n, "set")) for n in range(len(doc.tree["overrides"])))
        if kind in doc.defaults:
            yield doc, ("defaults", kind)


def _access(doc: Doc, base: Path, check: _Check) -> Iterator[Diagnostic]:
    """Teams that may reach a model exist, and are others than its own."""
    for n, to in enumerate(lookup(doc.tree, base)[1] or ()):
        name = to.removeprefix("team/")
        if doc.kind == "Model" and name == doc.tree["spec"].get("team"):
            message = "a team's pods may always reach each other"
            yield _invalid(doc, (*base, n), message, "remove it", check.locate)
        else:
            yield from check.named(doc, (*base, n), "Team", name)


def _invalid(doc: Doc, path: Path, message: str, hint: str, locate: Locate) -> Diagnostic:
    return Diagnostic(codes.INVALID_VALUE, message, doc.span(locate, path), hint, path)
