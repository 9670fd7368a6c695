"""The pods that serve a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.pools.devices import devices_of
from fleetc_kubernetes.pools.nodes import selector, tolerations
from fleetc_kubernetes.serving import drain, weights
from fleetc_kubernetes.serving.container import engine, loader, resources, scratch, shared_memory, waiter
from fleetc_kubernetes.serving.devices import CLAIM, claimed, pool_of
from fleetc_kubernetes.serving.names import of_part, part_name, pod_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.pod_objects import Container, PodSecurity, PodSpec, PodTemplate, Volume

PRIORITY: Final = "serving"
ZONE: Final = "topology.kubernetes.io/zone"
GROUP_KEY: Final = "leaderworkerset.sigs.k8s.io/group-key"
"""The label that the pods of one replica of a LeaderWorkerSet share (pkg/utils of kubernetes-sigs/lws)."""
_USER: Final = 1000
"""Any number but root's; images are readable to all."""


def template(s: ModelSite, part: ServingPart, *, leader: bool = True) -> PodTemplate:
    """The pods of a part: those that answer requests, or the other nodes of their groups."""
    labels, pool = pod_labels(s, "server" if leader else "worker", part), pool_of(s, part)
    spec: PodSpec = {
        "serviceAccountName": s.model.name,
        "automountServiceAccountToken": False,
        # A Service named `vllm` would set VLLM_PORT, which is a setting of the engine.
        "enableServiceLinks": False,
        # A pool's nodes have no accelerators but its own, so their label is all that has to be chosen by.
        "nodeSelector": selector(pool, devices_of(pool), part.node_set()),
        "terminationGracePeriodSeconds": drain.GRACE,
        "securityContext": security(),
        "containers": [engine(s, part, leader=leader)],
        "volumes": [weights.volume(s, pod_labels(s, "server", part)), *_scratch(part)],
    }
    if tolerated := tolerations(devices_of(pool)):
        spec["tolerations"] = tolerated
    if secrets := weights.pull_secrets(s):
        spec["imagePullSecrets"] = secrets
    if (priority := priority_class(s)) is not None:
        spec["priorityClassName"] = priority
    if first := list(_before(s, part)):
        spec["initContainers"] = first
    if claimed(s, part) is not None:
        spec["resourceClaims"] = [{"name": CLAIM, "resourceClaimTemplateName": part_name(s, part)}]
    _spread(s, part, spec)
    return {"metadata": {"labels": labels}, "spec": spec}


def security() -> PodSecurity:
    """As Pod Security `restricted` asks for; volumes are given to the group."""
    return {
        "runAsNonRoot": True,
        "runAsUser": _USER,
        "runAsGroup": _USER,
        "fsGroup": _USER,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def priority_class(s: ModelSite) -> str | None:
    """`serving`; for teams that may not use it, the first that they may. None: the cluster's default."""
    allowed = s.team.priority_classes
    if allowed and PRIORITY not in allowed:
        return allowed[0]
    return PRIORITY if any(item.name == PRIORITY for item in s.cluster.priority_classes) else None


def _scratch(part: ServingPart) -> Iterator[Volume]:
    yield from scratch()
    yield shared_memory(part)


def _before(s: ModelSite, part: ServingPart) -> Iterator[Container]:
    # What runs before the engine may ask for what that gets: the pod takes no more by it.
    asked = resources(part.cpu, part.memory)
    match weights.kept(s):
        case "local":
            yield loader(s, asked)
        case "shared":
            yield waiter(s, asked)
        case _:
            pass


def _spread(s: ModelSite, part: ServingPart, spec: PodSpec) -> None:
    """Replicas over zones where that is asked for, and the nodes of one replica in one zone, as it was planned."""
    if part.nodes == 1:
        if s.model.placement.spread == "zone":
            spec["topologySpreadConstraints"] = [
                {
                    "maxSkew": 1,
                    "topologyKey": ZONE,
                    # The plan has proved room for the promised replicas, not for those above them in each zone.
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": of_part(s, part)},
                }
            ]
    elif len(s.cluster.zones) > 1:
        spec["affinity"] = {
            "podAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "labelSelector": {"matchLabels": of_part(s, part)},
                        "matchLabelKeys": [GROUP_KEY],
                        "topologyKey": ZONE,
                    }
                ]
            }
        }
