"""Kind GPUPool: nodes of one shape in one cluster, with or without accelerators."""

from typing import Annotated, ClassVar, Literal

from fleetc.language.types import (
    Bytes,
    Count,
    CountRange,
    DevicesText,
    LabelValue,
    Line,
    MoneyText,
    Name,
    Node,
    Part,
    Quantity,
    Range,
    ReservationText,
)


class Machine(Part):
    """The provider's machine type, and what a node of it has; of a type in the catalogue, that is known."""

    SHORT: ClassVar[str] = "type"

    type: Line | None
    cpu: Quantity | None
    memory: Bytes | None


class Reserved(Part):
    """What the kubelet and the daemons on every node keep for themselves: pods cannot have it."""

    cpu: Quantity | None
    memory: Bytes | None


class Sharing(Part):
    """How each device is divided; nothing set: a container has it alone."""

    mig: Line | None
    time_slicing: Annotated[int, Range(2, 48)] | None
    mps: Annotated[int, Range(2, 48)] | None


class GPUPool(Node):
    """A pool of nodes. Its name is that within its cluster."""

    FROM_METADATA: ClassVar[tuple[str, ...]] = ("cluster",)

    cluster: Name
    accelerators: DevicesText | None
    topology: Line | None
    machine: Machine
    reserved: Reserved
    max_pods: Count | None
    disk: Bytes | None
    nodes: CountRange
    zones: tuple[LabelValue, ...]
    capacity: Literal["reserved", "onDemand", "spot"]
    reservation: ReservationText | None
    provisioning: Literal["karpenter", "computeClass", "clusterAutoscaler", "static"]
    sharing: Sharing
    allocation: Literal["auto", "dra", "devicePlugin"]
    price: MoneyText | None
    maintenance: bool

    def key(self) -> str:
        """Its name in the fleet: `CLUSTER/NAME`."""
        return f"{self.cluster}/{self.name}"
