"""At which API version custom kinds are written: as the cluster's components serve them, in their versions."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.catalogue.components import providers_of
from fleetc.catalogue.engines import order


def served(components: Mapping[str, str], group: str, kind: str) -> str | None:
    """The apiVersion of a kind where one of the components serves it: the newest that is not deprecated; else None."""
    for component, version in providers_of(group, kind):
        if component.name in components and order(components[component.name]) == order(version.version):
            old = version.deprecated.get(group, {}).get(kind, ())
            return f"{group}/{max((v for v in version.served[group][kind] if v not in old), key=_rank)}"
    return None


def _rank(version: str) -> tuple[bool, bool, str]:
    """Stable before beta before alpha, and of these the newest."""
    return "alpha" not in version and "beta" not in version, "beta" in version, version
