"""Applications: one component on one cluster, from its chart or a folder of its own repository, at a pinned version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.installs import Chart, Install, install_of
from fleetc.emission.site import ComponentSite
from fleetc.language.delivered import PLATFORM
from fleetc_argocd.metadata import API_VERSION, PLATFORM_WAVE, application_metadata
from fleetc_argocd.syncing import sync_policy

if TYPE_CHECKING:
    from fleetc_argocd.objects import Application, ChartSource, Destination, FolderSource, Helm


def components(s: ComponentSite) -> Iterator[Application]:
    """The Application of a component; its name has two dots, so no owner's has it."""
    install = install_of(s.installed.component, s.installed.version)
    if install is None:  # of a version that the catalogue does not know: no such thing is delivered
        return
    destination: Destination = {"name": s.target.name}
    options: tuple[str, ...] = ()
    if install.namespace is not None:
        destination["namespace"] = install.namespace
        options = ("CreateNamespace=true",)
    yield {
        "apiVersion": API_VERSION,
        "kind": "Application",
        # No finalizer: with a component go its custom resource definitions, and with them every object of their kinds.
        # What a spec names no more stays in the cluster, until a person removes it.
        "metadata": application_metadata(s, f"{s.target.name}.{PLATFORM}.{s.installed.component}", PLATFORM_WAVE),
        "spec": {
            "project": PLATFORM,
            "source": _source(s, install),
            "destination": destination,
            "syncPolicy": sync_policy(*options),
        },
    }


def _source(s: ComponentSite, install: Install) -> ChartSource | FolderSource:
    source = install.source
    if not isinstance(source, Chart):
        return {"repoURL": source.repository, "targetRevision": source.revision, "path": source.path}
    # By default it would be called as the Application is: a name with dots, which no Service may have.
    helm: Helm = {"releaseName": s.installed.component}
    values = install.with_values(s.installed.values)
    if values:
        helm["valuesObject"] = values
    return {"repoURL": source.repository, "chart": source.chart, "targetRevision": source.version, "helm": helm}
