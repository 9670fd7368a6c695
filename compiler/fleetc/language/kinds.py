"""The spec kinds: a line each. A kind that is not here does not exist for the compiler."""

from __future__ import annotations

from typing import Literal, NamedTuple, assert_never

from fleetc.language.cluster import Cluster
from fleetc.language.fleet import Fleet
from fleetc.language.manifest import Manifest
from fleetc.language.schema import Struct, struct_of
from fleetc.language.team import Team
from fleetc.language.types import Node

API_VERSION = "fleetc/v1alpha1"

KindName = Literal["Fleet", "Cluster", "Team", "Manifest"]


class Kind(NamedTuple):
    """What may stand in a document of this kind beside its spec's own fields."""

    name: KindName
    node: type[Node]
    defaults_for: tuple[KindName, ...] = ()
    """Kinds that `spec.defaults` of this kind gives defaults for."""
    owned: bool = False
    """`metadata.team` may name the team that it belongs to."""
    placed: bool = False
    """It runs on clusters that `placement` selects, and takes `overrides`."""

    @property
    def struct(self) -> Struct:
        """The schema of its spec."""
        return struct_of(self.node)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Fleet", Fleet, defaults_for=("Cluster", "Team", "Manifest")),
        Kind("Cluster", Cluster, defaults_for=("Team",)),
        Kind("Team", Team, defaults_for=("Manifest",), placed=True),
        Kind("Manifest", Manifest, owned=True, placed=True),
    )
}


def layer_order(kind: KindName) -> tuple[KindName, ...]:
    """The kinds whose `defaults` apply to `kind`, weakest first."""
    match kind:
        case "Fleet":
            return ()
        case "Cluster":
            return ("Fleet",)
        case "Team":
            return ("Fleet", "Cluster")
        case "Manifest":
            return ("Fleet", "Team")
        case _:
            assert_never(kind)
