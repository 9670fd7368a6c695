"""How components are installed: from a chart, or from a folder of a git repository, in a version that is pinned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fleetc.catalogue.engines import order
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple


class Chart(NamedTuple):
    """A Helm chart. `repository` is as Argo CD writes it: the address of an index, or, of an OCI registry, host and
    path without a scheme. `version` is exact."""

    repository: str
    chart: str
    version: str

    @property
    def oci(self) -> bool:
        """Whether the chart is in an OCI registry."""
        return not self.repository.startswith("https://")

    @property
    def file(self) -> str:
        """What `helm pull` calls its archive."""
        return f"{self.chart}-{self.version}.tgz"

    @property
    def pull(self) -> str:
        """The arguments with which `helm pull` fetches it."""
        if self.oci:
            return f"oci://{self.repository}/{self.chart} --version {self.version}"
        return f"{self.chart} --repo {self.repository} --version {self.version}"


class Folder(NamedTuple):
    """A folder of a git repository at a tag, with a kustomization or else only plain objects."""

    repository: str
    path: str
    revision: str


class Install(NamedTuple):
    """How one version of a component is installed.

    `version` is without a leading `v`. `namespace` is what upstream's own instructions name, None where nothing of it
    is namespaced. `values` are those of the chart without which it would not be installed whole, such as those that
    keep its CRDs from being left out; a user's are over them. Of a Folder there are none.
    """

    component: str
    version: str
    namespace: str | None
    source: Chart | Folder
    values: Mapping[str, Any]

    def with_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the chart is given: its own `values` here, and a user's over them."""
        return merged(self.values, values)


def merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a chart over others, as helm merges several files: mappings by key, all else replaced. Nulls stay: to
    helm they take a chart's own value away."""
    out = dict(low)
    for key, value in high.items():
        below = out.get(key)
        out[key] = merged(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return out


class _Helm(NamedTuple):
    """`version` is that of the chart, with `{version}` for the component's, or by the component's version."""

    repository: str
    chart: str
    version: str | None = None
    versions: Mapping[str, str] | None = None


class _Git(NamedTuple):
    repository: str
    path: str
    revision: str


class _Row(NamedTuple):
    """A component from one version on, until the next row of it. `values` are by dotted path. `brings` names other
    components that are installed with it."""

    component: str
    since: str
    namespace: str | None = None
    helm: _Helm | None = None
    git: _Git | None = None
    values: Mapping[str, bool] | None = None
    brings: tuple[str, ...] = ()


def install_of(component: str, version: str) -> Install | None:
    """How a component in this version, with or without a leading `v`, is installed; None where that is not known."""
    row = _row(component, version)
    bare = version.removeprefix("v")
    if row is None:
        return None
    if row.git is not None:
        git = row.git._replace(revision=row.git.revision.format(version=bare))
        return Install(component, bare, row.namespace, Folder(*git), {})
    assert row.helm is not None, component
    found = _chart_version(row.helm, bare)
    if found is None:
        return None
    chart = Chart(row.helm.repository, row.helm.chart, found)
    return Install(component, bare, row.namespace, chart, _nested(row.values or {}))


def brought_by(component: str) -> tuple[str, ...]:
    """The components whose own install brings this one along; it needs none then."""
    return tuple(sorted({row.component for row in _rows() if component in row.brings}))


def install_names() -> tuple[str, ...]:
    """The components with an entry, by name."""
    return tuple(sorted({row.component for row in _rows()}))


@cache
def _rows() -> tuple[_Row, ...]:
    """By component, and oldest first."""
    return rows("installs", _Row)


def _row(component: str, version: str) -> _Row | None:
    wanted = order(version)
    found = [row for row in _rows() if row.component == component and order(row.since) <= wanted]
    return found[-1] if found else None


def _chart_version(helm: _Helm, bare: str) -> str | None:
    if helm.versions is not None:
        return next((chart for known, chart in helm.versions.items() if order(known) == order(bare)), None)
    assert helm.version is not None, helm.chart
    return helm.version.format(version=bare)


def _nested(values: Mapping[str, bool]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split(".")
        at = made
        for step in above:
            at = at.setdefault(step, {})
        at[last] = value
    return made
