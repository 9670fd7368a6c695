"""Drift as data: docs/schemas/diff.json describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fleetc.driver.live.drift import ClusterDrift, Drift

_HIDDEN: Final = "(hidden)"


def data(clusters: Sequence[ClusterDrift]) -> dict[str, Any]:
    """All of it, with what controllers own."""
    return {
        "command": "diff",
        "live": [
            {
                "cluster": cluster.name,
                "context": cluster.context,
                "server": cluster.server,
                "objects": cluster.objects,
                "drifted": len(cluster.drifted),
                "unserved": list(cluster.unserved),
                "drifts": [_drift(drift) for drift in cluster.drifts],
            }
            for cluster in clusters
        ],
    }


def _drift(drift: Drift) -> dict[str, Any]:
    secret = drift.identity.kind == "Secret"
    span = drift.span
    return {
        **drift.identity._asdict(),
        "how": drift.how,
        "path": list(drift.path),
        "wanted": _HIDDEN if secret and drift.wanted is not None else drift.wanted,
        "live": _HIDDEN if secret and drift.live is not None else drift.live,
        "file": drift.file,
        "line": drift.line,
        "spec": {"file": span.file, "line": span.line, "column": span.column} if span is not None else None,
        "changed": drift.changed._asdict() if drift.changed is not None else None,
        "controller": drift.controller,
    }
