"""Which components of a cluster its hub installs: those of which the catalogue knows how."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fleetc.catalogue.installs import brought_by, install_of
from fleetc.language.cluster import Cluster

_HUB: Final = "argo-cd"
"""What a hub runs. On one that syncs itself its stack installs it: before that, nothing could."""


def components_of(cluster: Cluster) -> tuple[str, ...]:
    """The names, sorted; those that another one's install brings along are not among them."""
    return _components_of(tuple(sorted(cluster.components.items())), cluster.is_hub())


def repository_of(component: str, version: str) -> str:
    """The repository that a component which can be installed comes from."""
    install = install_of(component, version)
    assert install is not None, component
    return install.source.repository


@lru_cache(maxsize=1024)
def _components_of(components: tuple[tuple[str, str], ...], is_hub: bool) -> tuple[str, ...]:
    names = {name for name, _ in components}
    return tuple(
        name
        for name, version in components
        if not (is_hub and name == _HUB)
        and names.isdisjoint(brought_by(name))
        and install_of(name, version) is not None
    )
