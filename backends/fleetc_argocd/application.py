"""Applications: all of one owner on one cluster, from its folder in git."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ApplicationSite
from fleetc.language.delivered import PLATFORM, Controlled
from fleetc_argocd.metadata import API_VERSION, FINALIZER, metadata

if TYPE_CHECKING:
    from fleetc_argocd.objects import Application, Destination, IgnoreDifferences, Source, SyncPolicy

_PLATFORM_WAVE: Final = 0
_TEAM_WAVE: Final = 1
"""What teams use, such as priority classes, comes first where everything is new. Nothing relies on it: a sync that
comes too early is tried again."""
_COMPARE: Final = "argocd.argoproj.io/compare-options"
_OPTIONS: Final = (
    # Fields that somebody else owns stay theirs, and large objects need no annotation with all of them.
    "ServerSideApply=true",
    # Custom objects may come in the same sync as their definition.
    "SkipDryRunOnMissingResource=true",
    "RespectIgnoreDifferences=true",
    "ApplyOutOfSyncOnly=true",
    "PruneLast=true",
    # Every object is in one Application; were it in two, they would fight over it in silence.
    "FailOnSharedResource=true",
)


def applications(s: ApplicationSite) -> Iterator[Application]:
    """The Application of a folder."""
    wave = _PLATFORM_WAVE if s.folder.owner == PLATFORM else _TEAM_WAVE
    made = metadata(s, f"{s.target.name}.{s.folder.owner}", wave)
    # The API server itself says what would change, so that its defaults and its ways of writing values are no change.
    made["annotations"] = {**made["annotations"], _COMPARE: "ServerSideDiff=true"}
    made["finalizers"] = [FINALIZER]
    out: Application = {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": made,
        "spec": {
            "project": s.folder.owner,
            "source": _source(s),
            "destination": _destination(s),
            "syncPolicy": _sync_policy(),
        },
    }
    ignored = [_ignored(one) for one in s.folder.controlled]
    if ignored:
        out["spec"]["ignoreDifferences"] = ignored
    yield out


def _source(s: ApplicationSite) -> Source:
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


def _sync_policy() -> SyncPolicy:
    return {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": list(_OPTIONS),
        # For three quarters of an hour, and with what git has by then: a commit that mends a bad one is taken up.
        # Not without end: an Application that is to go waits for its sync.
        "retry": {"limit": 12, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}, "refresh": True},
    }


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
