"""How Applications are synced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fleetc_argocd.objects import SyncPolicy

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


def sync_policy(*more: str) -> SyncPolicy:
    """What all Applications have, and `more` options of one."""
    return {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": [*_OPTIONS, *more],
        # For three quarters of an hour, and with what git has by then: a commit that mends a bad one is taken up.
        # Not without end: an Application that is to go waits for its sync.
        "retry": {"limit": 12, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}, "refresh": True},
    }
