"""What was emitted, as delivery sees it. Nobody writes it: lowerings of delivery read it like any other node."""

from typing import ClassVar, Final

from fleetc.language.types import Name, Node, Part, Raw, VersionText

PLATFORM: Final = "platform"
"""The owner of all that no team owns."""


ANY: Final = "*"


class Controlled(Part):
    """Fields of an object that a controller owns: JSON pointers, and expressions of jq."""

    KEY: ClassVar[str] = "id"

    id: str
    group: str
    kind: str
    namespace: str
    name: str
    pointers: tuple[str, ...]
    expressions: tuple[str, ...]


class Folder(Node):
    """All that one owner, a team or the platform, has on one cluster: its folder in that of the cluster, the revision
    of it that is synced, the namespaces that are made there, and what controllers own of its objects."""

    cluster: Name
    owner: Name
    path: str
    revision: str
    namespaces: tuple[str, ...]
    controlled: tuple[Controlled, ...]


class Held(Part):
    """The namespaces of an owner on a cluster; ANY where what is synced is of another revision than the specs."""

    KEY: ClassVar[str] = "cluster"

    cluster: Name
    namespaces: tuple[str, ...]


class Holding(Node):
    """What one owner has on all clusters of a hub, and the repositories that some of it is from, beside the Fleet's."""

    held: tuple[Held, ...]
    repositories: tuple[str, ...]


class Installed(Node):
    """A component of a cluster, in its version, and what the specs give to the chart that installs it."""

    cluster: Name
    component: Name
    version: VersionText
    values: Raw
