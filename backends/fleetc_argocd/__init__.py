"""Delivery by Argo CD: one on a hub syncs each cluster from git, one Application for all of one owner on a cluster, and
one for each component of it."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import ApplicationSite, ComponentSite, Lowering, ProjectSite
from fleetc_argocd.application import applications
from fleetc_argocd.component import components
from fleetc_argocd.project import projects

PROJECT: Final[tuple[Lowering[ProjectSite], ...]] = (Lowering("AppProject", projects),)
APPLICATION: Final[tuple[Lowering[ApplicationSite], ...]] = (Lowering("Application", applications),)
COMPONENT: Final[tuple[Lowering[ComponentSite], ...]] = (Lowering("Component", components),)
