"""Values of charts: whether there is a chart that takes them."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.catalogue.components import component
from fleetc.catalogue.installs import Chart, brought_by, install_of
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate
from fleetc.language.platform import Platform
from fleetc.resolve.places import Places
from fleetc.resolve.world import World


def values_findings(world: World, locate: Locate) -> Iterator[Diagnostic]:
    """Values that a Platform or a Cluster itself gives to a chart that installs none of its components. Those of
    defaults are for who has the component; those of a platform are looked at there, not on each of its clusters."""
    nodes: list[Platform | Cluster] = [*world.platforms.values(), *world.clusters]
    for node in nodes:
        if node.values:
            doc = world.docs[node.id]
            yield from _of(node, Places(doc, world.layers(doc), locate))


def _of(node: Platform | Cluster, at: Places) -> Iterator[Diagnostic]:
    for name in node.values:
        origin = at.origin(("values", name))
        if origin is not None and origin.doc is at.doc and component(name) is not None:
            found = _unused(node, name)
            if found is not None:
                yield at.problem(codes.UNUSED_VALUES, found[0], ("values", name), found[1])


def _unused(node: Platform | Cluster, name: str) -> tuple[str, str] | None:
    """Why nothing takes the values of a component, and what to do."""
    who = f"{'cluster' if isinstance(node, Cluster) else 'platform'} {node.name}"
    version = node.components.get(name)
    if version is None:
        return f"{who} has no component `{name}`", "add it to `components`, or remove the values"
    install = install_of(name, version)
    others = [other for other in brought_by(name) if other in node.components]
    if install is None and others:
        message = f"component `{name}` is installed with `{others[0]}`, by the chart of that"
        return message, f"write the values below `{others[0]}`"
    if install is None:
        message = f"the catalogue knows no chart that installs component `{name}` {version}"
        return message, "remove the values, and install it without fleetc"
    if not isinstance(install.source, Chart):
        message = f"component `{name}` is installed from a folder of its repository, which takes no values"
        return message, "remove the values"
    return None
