"""What installs the components of a cluster: objects that somebody else renders are none that were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from fleetc.catalogue.installs import Chart, brought_by, install_of
from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.view import View
from fleetc.check.states import State

CHART: Final = "a chart, which is not rendered here; `fleetc check --charts DIR` renders it"
FOLDER: Final = "a folder of a git repository, which is not read"
UNKNOWN: Final = "a component that the catalogue knows no chart and no folder of"


def chart(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `chart`: each component of a cluster, by what installs it. With `--charts`, those of charts are checked
    (`driver/charts`), and count as that ends."""
    for reason in _reasons(tuple(sorted(view.cluster.components.items()))):
        tally.add("chart", State.REFERENCED, reason=reason)
    return iter(())


@lru_cache(maxsize=1024)
def _reasons(components: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """What is said of each component, but of those which another one's install brings along."""
    names = {name for name, _ in components}
    return tuple(reason_of(name, version) for name, version in components if names.isdisjoint(brought_by(name)))


def reason_of(name: str, version: str) -> str:
    """Why a component's objects are not checked."""
    install = install_of(name, version)
    if install is None:
        return UNKNOWN
    return CHART if isinstance(install.source, Chart) else FOLDER
