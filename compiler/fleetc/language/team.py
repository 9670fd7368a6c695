"""Kind Team: a tenant, its namespaces on each of its clusters, and what it may use and reach."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple, cast

from fleetc.language.placement import Selector
from fleetc.language.types import (
    DEVICE,
    Annotations,
    Bytes,
    Count,
    Group,
    Key,
    LabelValue,
    Line,
    Name,
    Node,
    OwnLabels,
    Part,
    PeerText,
    PortText,
    Quantity,
    Range,
    Subdomain,
)

TEAM_LABEL = "fleetc.dev/team"
"""The label of everything that is a team's, its namespaces among it."""

PodSecurity = Literal["privileged", "baseline", "restricted"]


class TeamNamespace(Part):
    """One namespace; `share` is its weight when the team's quota is split over its namespaces."""

    KEY: ClassVar[str] = "name"

    name: Name
    share: Annotated[int, Range(0, 1000)]
    labels: OwnLabels
    annotations: Annotations
    pod_security: PodSecurity | None


class Members(Part):
    """Groups of the cluster's identity provider, by what they may do in the team's namespaces."""

    admins: tuple[Group, ...]
    developers: tuple[Group, ...]
    viewers: tuple[Group, ...]


class TeamServiceAccount(Part):
    """A ServiceAccount in every namespace of the team, its token never mounted; annotations bind cloud identities."""

    KEY: ClassVar[str] = "name"

    name: Subdomain
    annotations: Annotations


class Quota(Part):
    """What the team may use on one cluster, all its namespaces together."""

    cpu: Quantity | None
    memory: Bytes | None
    ephemeral_storage: Bytes | None
    storage: Bytes | None
    pods: Count | None
    persistent_volume_claims: Count | None
    services: Count | None
    load_balancers: Count | None
    node_ports: Count | None
    config_maps: Count | None
    secrets: Count | None
    jobs: Count | None
    devices: Annotated[Mapping[str, Count], Key(DEVICE)]


class Amounts(Part):
    """CPU, memory and local storage of one container."""

    cpu: Quantity | None
    memory: Bytes | None
    ephemeral_storage: Bytes | None


class Limits(Part):
    """What a container gets when it asks for nothing, and the least and most that it may ask for."""

    default: Amounts
    default_request: Amounts
    max: Amounts
    min: Amounts
    max_volume: Bytes | None


Protocol = Literal["TCP", "UDP", "SCTP"]


class PortRange(NamedTuple):
    """Ports from `first` to `last`, both inclusive."""

    protocol: Protocol
    first: int
    last: int


class Peer(Part):
    """One other side of traffic: `team/NAME`, `namespace/NAME`, an IP range or a host name; no ports: all ports."""

    KEY: ClassVar[str] = "to"

    to: PeerText
    ports: tuple[PortText, ...]

    def port_ranges(self) -> list[PortRange]:
        """The ports, from texts such as `443`, `53/UDP` and `8000-8100/TCP`; empty: all ports."""
        return [port_range(text) for text in self.ports]

    def team(self) -> str | None:
        """The team's name, when the peer is a team."""
        return self.to.removeprefix("team/") if self.to.startswith("team/") else None

    def namespace(self) -> str | None:
        """The namespace's name, when the peer is a namespace that no team owns."""
        return self.to.removeprefix("namespace/") if self.to.startswith("namespace/") else None

    def cidr(self) -> str | None:
        """The IP range, when the peer is one."""
        head, _, _ = self.to.partition("/")
        return None if self.team() or self.namespace() or not is_address(head) else self.to

    def host(self) -> str | None:
        """The host name, when the peer is one; `*.` in front means any one label."""
        return None if "/" in self.to else self.to


def port_range(text: str) -> PortRange:
    """The ports that a text stands for. Raises ValueError when they are none."""
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    return PortRange(cast(Protocol, protocol or "TCP"), int(first), int(last or first))


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class TeamNetwork(Part):
    """What may reach the team's pods, and what they may reach, besides each other and DNS. All else is denied."""

    ingress: tuple[Peer, ...]
    egress: tuple[Peer, ...]


class Team(Node):
    """A tenant of the platform."""

    contact: Line | None
    cost_center: LabelValue | None
    namespaces: tuple[TeamNamespace, ...]
    members: Members
    service_accounts: tuple[TeamServiceAccount, ...]
    quota: Quota
    limits: Limits
    pod_security: PodSecurity
    priority_classes: tuple[Subdomain, ...]
    network: TeamNetwork
    placement: Selector
