"""The spec kinds: a line each. A kind that is not here does not exist for the compiler."""

from __future__ import annotations

import re
from typing import Literal, assert_never

from fleetc.language.cluster import Cluster
from fleetc.language.dashboard import Dashboard
from fleetc.language.fleet import Fleet
from fleetc.language.manifest import Manifest
from fleetc.language.model import Model
from fleetc.language.objective import Objective
from fleetc.language.platform import Platform
from fleetc.language.policy import Policy
from fleetc.language.pool import GPUPool
from fleetc.language.rollout import Rollout
from fleetc.language.schema import Struct, struct_of
from fleetc.language.team import Team
from fleetc.language.telemetry import Telemetry
from fleetc.language.types import Node
from fleetc.tuples import NamedTuple

API_VERSION = "fleetc/v1alpha1"

KindName = Literal[
    "Fleet", "Platform", "Cluster", "GPUPool", "Team", "Manifest", "Model", "Policy", "Rollout",
    "Telemetry", "Objective", "Dashboard",
]  # fmt: skip


class Kind(NamedTuple):
    """What may stand in a document of this kind beside its spec's own fields."""

    name: KindName
    node: type[Node]
    defaults_for: tuple[KindName, ...] = ()
    """Kinds that `spec.defaults` of this kind gives defaults for."""
    owner: Literal["team", "cluster"] | None = None
    """The field of the metadata that names what it belongs to; it is a field of the spec from then on."""
    placed: bool = False
    """It runs on clusters that `placement` selects, and takes `overrides`."""

    @property
    def struct(self) -> Struct:
        """The schema of its spec."""
        return struct_of(self.node)

    @property
    def field(self) -> str:
        """Its name among `defaults`: `gpuPool`."""
        return re.sub("^[A-Z]+(?=[A-Z][a-z])|^[A-Z]", lambda m: m[0].lower(), self.name)

    @property
    def owned(self) -> bool:
        """The metadata must name what it belongs to."""
        return self.owner is not None and self.struct.fields[self.owner].required

    @property
    def local(self) -> bool:
        """Its names are those of one cluster: two clusters may have one of the same name."""
        return self.owner == "cluster"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "Fleet",
            Fleet,
            defaults_for=(
                *("Platform", "Cluster", "GPUPool", "Team", "Manifest", "Model", "Policy", "Telemetry", "Objective"),
                "Dashboard",
            ),
        ),
        Kind("Platform", Platform, defaults_for=("Cluster", "GPUPool")),
        Kind("Cluster", Cluster, defaults_for=("GPUPool", "Team")),
        Kind("GPUPool", GPUPool, owner="cluster"),
        Kind("Team", Team, defaults_for=("Manifest", "Model", "Objective", "Dashboard"), placed=True),
        Kind("Manifest", Manifest, owner="team", placed=True),
        Kind("Model", Model, owner="team", placed=True),
        Kind("Policy", Policy, placed=True),
        Kind("Rollout", Rollout),
        Kind("Telemetry", Telemetry, placed=True),
        Kind("Objective", Objective, owner="team", placed=True),
        Kind("Dashboard", Dashboard, owner="team", placed=True),
    )
}


def layer_order(kind: KindName) -> tuple[KindName, ...]:
    """The kinds whose `defaults` apply to `kind`, weakest first."""
    match kind:
        case "Fleet" | "Rollout":
            return ()
        case "Platform" | "Policy" | "Telemetry":
            return ("Fleet",)
        case "Cluster":
            return ("Fleet", "Platform")
        case "GPUPool":
            return ("Fleet", "Platform", "Cluster")
        case "Team":
            return ("Fleet", "Cluster")
        case "Manifest" | "Model" | "Objective" | "Dashboard":
            return ("Fleet", "Team")
        case _:
            assert_never(kind)
