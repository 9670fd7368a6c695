"""Requirements on scheduling: all or nothing, nodes on demand, and pods on demand."""

from __future__ import annotations

from typing import Final

from fleetc.check.conformance.accelerators import COMPONENTS
from fleetc.check.conformance.facts import Evidence, Found, Here, Pool, Verdict, met, outside, partly, unmet
from fleetc.check.conformance.workloads import accelerated, asking_lines, is_resource
from fleetc.check.rules.access import Map, at, items, strings

KUEUE: Final = "kueue.x-k8s.io"
_VOLCANO: Final = "scheduling.volcano.sh"
_OWN_MACHINES: Final = ("onprem", "kind")
_ORDINARY: Final = ("cpu", "memory")


def gang_scheduling(here: Here) -> Verdict:
    """Queues, and the scheduler that they are of."""
    kueue, volcano = here.component("kueue"), here.component("volcano")
    queues = {f.name: f for f in here.of(KUEUE, "ClusterQueue")}
    local = [(f, queues.get(str(f.spec.get("clusterQueue")))) for f in here.of(KUEUE, "LocalQueue")]
    whole = [(f, queue) for f, queue in local if queue is not None]
    if kueue is not None and whole:
        shown = [e for f, queue in whole for e in (f.evidence("spec", "clusterQueue"), queue.evidence())]
        return met("Kueue admits workloads whole; teams have queues of it", *shown, kueue)
    theirs = [f.evidence() for f in here.of(_VOLCANO, "Queue", "PodGroup")]
    if volcano is not None and theirs:
        return met("Volcano schedules groups of pods whole; there are queues of it", *theirs, volcano)
    installed = kueue or volcano
    if installed is not None:
        note = "a scheduler of groups is installed, and nothing is emitted that uses it"
        return partly(note, "give the cluster a GPUPool and place a Team on it: its namespaces get queues", installed)
    fix = f"add `kueue` to {COMPONENTS}"
    if whole or theirs:
        shown = [*(f.evidence() for f, _ in whole), *theirs]
        return partly("there are queues, and the scheduler that they are for is no component", fix, *shown)
    return unmet("no scheduler of groups is among the components", fix)


def cluster_autoscaling(here: Here) -> Verdict:
    """What makes nodes with accelerators on demand."""
    made = [e for f in here.objects if (e := _makes_nodes(f)) is not None]
    karpenter = here.component("karpenter", "karpenter-provider-aws")
    if made and (karpenter is not None or not list(here.of("karpenter.sh", "NodePool"))):
        return met("nodes with accelerators are made on demand", *made, *map(_range, here.pools), karpenter)
    if made:
        fix = f"add `karpenter` to {COMPONENTS}"
        return partly("there are NodePools, and no Karpenter among the components", fix, *made)
    scaled = [p for p in here.pools if p.node.provisioning == "clusterAutoscaler"]
    if scaled:
        shown = [e for p in scaled for e in (p.evidence("provisioning"), _range(p))]
        return met("the spec says that a cluster autoscaler scales the nodes of a pool", *shown)
    shown = [p.evidence("provisioning") for p in here.pools]
    if here.cluster.provider in _OWN_MACHINES:
        note = "the nodes with accelerators are machines of one's own: there is no cluster autoscaler"
        return outside(note, here.spec("provider"), *shown)
    fix = "set `provisioning` of the GPUPool to what makes nodes on demand"
    return unmet("the number of nodes with accelerators is fixed", fix)


def _range(pool: Pool) -> Evidence:
    return pool.evidence("nodes")


def _makes_nodes(found: Found) -> Evidence | None:
    """Where an object says that nodes with accelerators are made; None where it does not."""
    match found.group, found.kind:
        case "karpenter.sh", "NodePool":
            return found.evidence() if "replicas" not in found.spec and _with_devices(found.spec) else None
        case "cloud.google.com", "ComputeClass":
            automatic = at(found.spec, "nodePoolAutoCreation").get("enabled") is True
            for n, priority in items(found.spec, "priorities"):
                for device in ("gpu", "tpu"):
                    if automatic and at(priority, device):
                        return found.evidence("spec", "priorities", n, device)
            return None
        case _:
            return None


def _with_devices(spec: Map) -> bool:
    """Whether the nodes of a NodePool have accelerators, by what it limits, taints or requires."""
    inner = at(spec, "template", "spec")
    taints = [str(taint.get("key")) for _, taint in items(inner, "taints")]
    required = [str(r.get("key")) for _, r in items(inner, "requirements") if strings(r, "values")]
    return any(map(is_resource, [*at(spec, "limits"), *taints])) or any("instance-gpu-" in key for key in required)


def pod_autoscaling(here: Here) -> Verdict:
    """What scales pods with accelerators, and by what."""
    asking = {(p.owner.kind, p.owner.namespace, p.owner.name): p for p in accelerated(here)}
    ordinary: list[Evidence] = []
    shown: list[Evidence] = []
    targets: list[Evidence] = []
    waiting: list[Evidence] = []
    keda = here.component("keda")
    for scaler in [*here.of("keda.sh", "ScaledObject"), *here.of("autoscaling", "HorizontalPodAutoscaler")]:
        target = at(scaler.spec, "scaleTargetRef")
        pods = asking.get((str(target.get("kind", "Deployment")), scaler.namespace, str(target.get("name"))))
        if pods is None:
            continue
        path = _custom(scaler)
        if path is None:
            ordinary.append(scaler.evidence("spec", "scaleTargetRef"))
        elif scaler.kind == "ScaledObject" and keda is None:
            waiting.append(scaler.evidence(*path))
        else:
            shown.append(scaler.evidence(*path))
            targets += asking_lines(here, pods)
    if shown:
        of_keda = keda if any(e.what.startswith("ScaledObject") for e in shown) else None
        return met("workloads with accelerators scale by metrics of their own", *shown, *targets, of_keda)
    if waiting:
        return partly("there are ScaledObjects, and no KEDA", f"add `keda` to {COMPONENTS}", *waiting)
    fix = "give a Model that asks for accelerators `autoscaling` and a range of `replicas`"
    if ordinary:
        return partly("workloads with accelerators scale by CPU or memory alone", fix, *ordinary)
    return unmet("no workload with accelerators is scaled", fix)


def _custom(scaler: Found) -> tuple[str | int, ...] | None:
    """Where a metric beyond CPU and memory stands."""
    field = "triggers" if scaler.kind == "ScaledObject" else "metrics"
    for n, metric in items(scaler.spec, field):
        kind = metric.get("type")
        if field == "triggers" and kind not in _ORDINARY:
            return "spec", field, n
        if field == "metrics" and kind in ("Pods", "Object", "External"):
            return "spec", field, n
    return None
