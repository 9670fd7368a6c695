"""Which clusters: used to place a workload and to match an override."""

from typing import Literal

from fleetc.language.cluster import Cluster
from fleetc.language.types import Labels, LabelValue, Name, Part


class Selector(Part):
    """Clusters that meet every field that is set; within a field, one of its values is enough. Nothing set: all
    clusters."""

    clusters: tuple[Name, ...]
    environments: tuple[Name, ...]
    regions: tuple[LabelValue, ...]
    residency: tuple[LabelValue, ...]
    roles: tuple[Literal["manager", "worker", "both"], ...]
    labels: Labels

    def matches(self, cluster: Cluster) -> bool:
        """Whether `cluster` is one of them."""
        wanted = (
            (self.clusters, cluster.name),
            (self.environments, cluster.environment),
            (self.regions, cluster.region),
            (self.residency, cluster.residency),
            (self.roles, cluster.role),
        )
        return all(not choices or value in choices for choices, value in wanted) and all(
            cluster.labels.get(key) == value for key, value in self.labels.items()
        )


SELECTOR_READS: dict[str, tuple[str, ...]] = {
    "clusters": ("metadata", "name"),
    "environments": ("spec", "environment"),
    "regions": ("spec", "region"),
    "residency": ("spec", "residency"),
    "roles": ("spec", "role"),
    "labels": ("metadata", "labels"),
}
"""For each field of a selector, what of a Cluster's document it is compared with."""
