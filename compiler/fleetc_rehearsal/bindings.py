"""Where the scheduler put pods, and what it says of those that it put nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleetc_rehearsal.client import Client


class Binding(NamedTuple):
    """A pod, and its node or the reason why it has none."""

    namespace: str
    pod: str
    node: str
    """Empty while it is pending."""
    reason: str
    """In the scheduler's words; empty for a pod that is bound, and while the scheduler has said nothing."""
    ready: bool

    @property
    def pending(self) -> bool:
        """Whether it waits for a node."""
        return not self.node


def bindings(client: Client, namespace: str = "", *, labels: str = "") -> list[Binding]:
    """Every pod of a namespace or of all, by a label selector, in the order of their names. Pods that are on their way
    out are left out."""
    found = [p for p in client.every("v1", "Pod", namespace, labels=labels) if "deletionTimestamp" not in p["metadata"]]
    return sorted(_binding(pod) for pod in found)


def _binding(pod: Mapping[str, Any]) -> Binding:
    conditions = {c["type"]: c for c in pod.get("status", {}).get("conditions") or ()}
    node = pod["spec"].get("nodeName", "")
    scheduled = conditions.get("PodScheduled", {})
    reason = "" if node else scheduled.get("message") or scheduled.get("reason", "")
    meta = pod["metadata"]
    return Binding(meta["namespace"], meta["name"], node, reason, conditions.get("Ready", {}).get("status") == "True")
