"""Kind Fleet: one in each root."""

from typing import ClassVar

from fleetc.language.types import (
    CurrencyText,
    LabelValue,
    Name,
    Node,
    Part,
    RelativePath,
    RepositoryText,
    RevisionText,
)


class Outputs(Part):
    """Where generated files go, below the root: manifests by cluster, and the data of stacks."""

    manifests: RelativePath
    stacks: RelativePath


class Repository(Part):
    """The git repository that the root is in, as clusters see it: its URL, what of it is synced unless a Rollout says
    otherwise, and the root's folder in it. `credential` names the secret of a stack's configuration that opens it; a
    public one needs none."""

    SHORT: ClassVar[str] = "url"

    url: RepositoryText | None
    revision: RevisionText
    path: RelativePath | None
    credential: Name | None


class Costs(Part):
    """Prices are in one currency, by its code of ISO 4217; without one, they are numbers only."""

    currency: CurrencyText | None


class Fleet(Node):
    """The whole platform: its organisation, its environments in order of trust, and defaults for the other kinds."""

    organisation: LabelValue
    environments: tuple[Name, ...]
    repository: Repository
    outputs: Outputs
    tests: RelativePath
    costs: Costs
