"""Objects that take data along when they go: Argo CD deletes none of them before a person has confirmed it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from fleetc.catalogue.delivery import precious
from fleetc.emission.owned import group_of
from fleetc.emission.site import Lowering, Object, Site

_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_CONFIRM: Final = "Delete=confirm,Prune=confirm"


def confirmed(lowering: Lowering[Any]) -> Lowering[Any]:
    """The lowering, whose objects say so where Argo CD delivers them."""
    return Lowering(lowering.name, _marked(lowering.lower))


def _marked(lower: Callable[[Any], Iterable[Object]]) -> Callable[[Site], Iterator[Object]]:
    def lower_marked(s: Site) -> Iterator[Object]:
        for obj in lower(s):
            # How a cluster is delivered is read for such objects alone: all others are shared whatever it is.
            if (group_of(obj), str(obj.get("kind"))) in precious() and s.cluster.delivery == "argocd":
                yield _mark(obj)
            else:
                yield obj

    return lower_marked


def _mark(obj: Object) -> Object:
    metadata: dict[str, Any] = obj["metadata"]
    annotations: dict[str, str] = metadata.get("annotations") or {}
    # Who says something else in a Manifest means it.
    return {**obj, "metadata": {**metadata, "annotations": {_OPTIONS: _CONFIRM, **annotations}}}
