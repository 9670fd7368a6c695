"""Applications: all of one owner on one cluster, from its folder in git."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ApplicationSite
from fleetc.language.delivered import PLATFORM, Controlled
from fleetc_argocd.metadata import API_VERSION, FINALIZER, PLATFORM_WAVE, application_metadata
from fleetc_argocd.syncing import sync_policy

if TYPE_CHECKING:
    from fleetc_argocd.objects import Application, Destination, Folder, IgnoreDifferences

_TEAM_WAVE: Final = PLATFORM_WAVE + 1
"""What teams use, such as priority classes, comes first where everything is new. Nothing relies on it: a sync that
comes too early is tried again."""


def applications(s: ApplicationSite) -> Iterator[Application]:
    """The Application of a folder."""
    wave = PLATFORM_WAVE if s.folder.owner == PLATFORM else _TEAM_WAVE
    made = application_metadata(s, f"{s.target.name}.{s.folder.owner}", wave)
    made["finalizers"] = [FINALIZER]
    out: Application = {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": made,
        "spec": {
            "project": s.folder.owner,
            "source": _source(s),
            "destination": _destination(s),
            "syncPolicy": sync_policy(),
        },
    }
    ignored = [_ignored(one) for one in s.folder.controlled]
    if ignored:
        out["spec"]["ignoreDifferences"] = ignored
    yield out


def _source(s: ApplicationSite) -> Folder:
    repository = s.fleet.repository
    steps = (repository.path, s.fleet.outputs.manifests, s.target.name, s.folder.path)
    return {
        "repoURL": repository.url or "",
        "targetRevision": s.folder.revision,
        "path": "/".join(step for step in steps if step),
        "directory": {"recurse": True},
    }


def _destination(s: ApplicationSite) -> Destination:
    # A project permits an Application only if it permits the namespace that this names, though every object of ours
    # names its own.
    out: Destination = {"name": s.target.name}
    if s.folder.namespaces:
        out["namespace"] = s.folder.namespaces[0]
    return out


def _ignored(one: Controlled) -> IgnoreDifferences:
    out: IgnoreDifferences = {"kind": one.kind, "name": one.name}
    if one.group:
        out = {"group": one.group, **out}
    if one.namespace:
        out["namespace"] = one.namespace
    if one.pointers:
        out["jsonPointers"] = list(one.pointers)
    if one.expressions:
        out["jqPathExpressions"] = list(one.expressions)
    return out
