"""Small worlds: documents as trees or texts, without files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.language.texts import doc, locate

from fleetc.diagnostics import Diagnostic
from fleetc.language.document import Doc, Locate, Tree
from fleetc.resolve import World, resolve
from fleetc.resolve.layers import Layer

OUTPUTS: Tree = {"manifests": "golden", "stacks": "stacks/generated"}
NO_TABLE: Tree = {"providers": {}, "parts": {}}
CLUSTER: Tree = {
    "kubernetes": "1.35",
    "provider": "kind",
    "environment": "dev",
    "role": "worker",
    "network": {"cni": "kindnet", "dns": {"namespace": "kube-system"}},
    "argocd": {"namespace": "argocd", "login": "serviceAccount"},
}
FLEET: Tree = {
    "organisation": "acme",
    "environments": ["dev", "prod"],
    "outputs": OUTPUTS,
    "repository": {"revision": "main"},
    "tests": "tests",
}


def made(
    kind: str,
    name: str,
    spec: Tree,
    overrides: Sequence[Tree] = (),
    defaults: Mapping[str, Tree] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Doc:
    """A document from canonical data."""
    metadata: Tree = {"name": name, **({"labels": dict(labels)} if labels else {})}
    tree: Tree = {"metadata": metadata, "spec": spec, "overrides": list(overrides), "defaults": dict(defaults or {})}
    return Doc(kind, name, ((f"{kind}/{name}.yaml", 0),), tree, {})


def table_of(tree: Tree) -> Doc:
    """A table of built-in defaults."""
    return Doc("Table", "defaults", (("table.yaml", 0),), {**NO_TABLE, **tree}, {})


def world_of(docs: Sequence[Doc], table: Tree = NO_TABLE) -> World:
    """A world of documents; with a Fleet, when they have none."""
    fleets = [] if any(d.kind == "Fleet" for d in docs) else [made("Fleet", "acme", FLEET)]
    return World({d.id: d for d in [*fleets, *docs]}, table_of(table))


def fold(trees: Sequence[Tree]) -> Tree:
    """What a merge of trees, weakest first, comes to: field by field, asking who says it last."""
    out: Tree = {}
    for key in dict.fromkeys(key for tree in trees for key in tree):
        said = [tree[key] for tree in trees if key in tree]
        last = [n for n, value in enumerate(said) if not isinstance(value, dict)]
        out[key] = said[-1] if last and last[-1] == len(said) - 1 else fold(said[last[-1] + 1 if last else 0 :])
    return out


def set_at(tree: Any, path: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Where in a layer a path's value is said: there, or above, where something that is no mapping stands."""
    for length in range(len(path) + 1):
        if not isinstance(tree, dict):
            return path[:length]
        if length < len(path):
            if path[length] not in tree:
                return None
            tree = tree[path[length]]
    return path


def applying(layers: Sequence[Layer]) -> list[Tree]:
    """The trees of the layers that apply."""
    return [layer.tree for layer in layers if layer.applies]


class Texts:
    """A fleet from texts, one document each, in files a.yaml, b.yaml and so on."""

    def __init__(self, *texts: str) -> None:
        self.files = {f"{chr(97 + n)}.yaml": text for n, text in enumerate(texts)}
        made = [(file, doc(text)) for file, text in self.files.items()]
        self.docs = {d.id: Doc(d.kind, d.name, ((file, 0),), d.tree, d.moves) for file, d in made}
        self.locate: Locate = locate(self.files)

    def resolve(self, table: Tree = NO_TABLE) -> tuple[World, list[Diagnostic]]:
        """The world, and what is wrong with it."""
        return resolve(self.docs, table_of(table), self.locate)
