"""Which custom kinds a cluster serves: what its components' versions bring, by the catalogue."""

from __future__ import annotations

from fleetc.catalogue.components import component
from fleetc.emission.site import Site


def custom_version(s: Site, group: str, kind: str, *wanted: str) -> str | None:
    """The apiVersion in which the cluster serves a custom kind: the first of the `wanted` versions that one of its
    components serves; None when none does, nor where the catalogue does not know the component's version."""
    for version in wanted:
        for name, at in sorted(s.components.items()):
            found = component(name)
            release = found.at(at) if found else None
            if release is not None and version in release.served.get(group, {}).get(kind, ()):
                return f"{group}/{version}"
    return None
