"""Kind Fleet: one in each root."""

from fleetc.language.types import CurrencyText, LabelValue, Name, Node, Part, RelativePath


class Outputs(Part):
    """Where generated files go, below the root."""

    manifests: RelativePath


class Costs(Part):
    """Prices are in one currency, by its code of ISO 4217; without one, they are numbers only."""

    currency: CurrencyText | None


class Fleet(Node):
    """The whole platform: its organisation, its environments in order of trust, and defaults for the other kinds."""

    organisation: LabelValue
    environments: tuple[Name, ...]
    outputs: Outputs
    tests: RelativePath
    costs: Costs
