"""At which API version custom kinds are written: as the cluster's components serve them, in their versions."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.catalogue.components import component, providers_of
from fleetc.catalogue.engines import order
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


def served(components: Mapping[str, str], group: str, kind: str) -> str | None:
    """The apiVersion of a kind where one of the components serves it: the newest that is not deprecated; else None."""
    for provider, version in providers_of(group, kind):
        if provider.name in components and order(components[provider.name]) == order(version.version):
            old = version.deprecated.get(group, {}).get(kind, ())
            return f"{group}/{max((v for v in version.served[group][kind] if v not in old), key=_rank)}"
    return None


def _rank(version: str) -> tuple[bool, bool, str]:
    """Stable before beta before alpha, and of these the newest."""
    return "alpha" not in version and "beta" not in version, "beta" in version, version
