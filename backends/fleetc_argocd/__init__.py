"""Delivery by Argo CD: one on a hub syncs each cluster from git, one Application for all of one owner on a cluster, and
one for each component of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetc.emission.site import ApplicationSite, ComponentSite, Lowering, ProjectSite
from fleetc_argocd.application import applications
from fleetc_argocd.component import components
from fleetc_argocd.project import projects

LOWERINGS: Final[Mapping[str, tuple[Lowering[Any], ...]]] = {
    "Project": (Lowering[ProjectSite]("AppProject", projects),),
    "Application": (Lowering[ApplicationSite]("Application", applications),),
    "Component": (Lowering[ComponentSite]("Component", components),),
}
"""Those of each kind of subject that a hub has."""
