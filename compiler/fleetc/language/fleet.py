"""Kind Fleet: one in each root."""

from dataclasses import dataclass

from fleetc.language.types import LabelValue, Name, Node, Part, RelativePath


@dataclass(frozen=True, kw_only=True)
class Outputs(Part):
    """Where generated files go, below the root."""

    manifests: RelativePath


@dataclass(frozen=True, kw_only=True)
class Fleet(Node):
    """The whole platform: its organisation, its environments in order of trust, and defaults for the other kinds."""

    organisation: LabelValue
    environments: tuple[Name, ...]
    outputs: Outputs
