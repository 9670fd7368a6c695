"""The clusters that the command line names, each with its context."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.explain import Explainer
from fleetc.driver.live.drift import ClusterDrift, contexts, drifts
from fleetc.driver.live.kubeconfig import load


def read(fleet: Explainer, clusters: Sequence[str], options: argparse.Namespace) -> Iterator[ClusterDrift]:
    """How they differ from what is emitted. Raises Failure: FLT903, FLT920 to FLT922."""
    given = dict(_pair(text) for text in options.context or ())
    return drifts(fleet, contexts(fleet, clusters, load(options.kubeconfig), given))


def _pair(text: str) -> tuple[str, str]:
    cluster, equals, context = text.partition("=")
    if not cluster or not equals or not context:
        message = f"--context {text} is not CLUSTER=CONTEXT"
        hint = "name the cluster of the fleet, then the context of the kubeconfig: --context kind-dev=kind-kind"
        raise Failure(Diagnostic(codes.BAD_USAGE, message, hint=hint))
    return cluster, context
