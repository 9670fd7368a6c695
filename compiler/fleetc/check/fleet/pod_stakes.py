"""What a workload's pods have to do with quotas: how many at least, and what each asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.check.fleet.pods import Pods
from fleetc.check.fleet.stakes import INIT, MAIN, SIDECAR, Amounts, Container, Group, Volume
from fleetc.check.fleet.targets import CLAIM, Target
from fleetc.check.rules.access import Map, at, items, strings, whole
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path

GROUPS: Final = "leaderworkerset.x-k8s.io LeaderWorkerSet"
_REPLICATED: Final = ("apps Deployment", "apps StatefulSet", "apps ReplicaSet", " ReplicationController")
_QUEUE: Final = "kueue.x-k8s.io/queue-name"
_CLASS: Final = ".storageclass.storage.k8s.io/"
_FIRST_WITH_LEVEL: Final = (1, 34)
"""The minor from which the resources of whole pods are read (KEP 2837: beta, on by default)."""


def groups(n: int, obj: Map, identity: Target, pods: tuple[Pods, ...], minor: str) -> Iterator[Group]:
    """The pods that the n-th object starts; of kinds whose number depends on nodes or time they are none at least."""
    for replicas, each, found in _numbers(obj, identity.kind, pods):
        if each:
            yield Group(
                object=n,
                path=tuple(map(str, found.path)),
                kind=identity.kind,
                name=identity.name,
                replicas=replicas,
                each=each,
                containers=tuple(_containers(found.spec)),
                level=_level(found.spec) if _number(minor) >= _FIRST_WITH_LEVEL else ((), ()),
                priority=_text(found.spec, "priorityClassName"),
                runtime=_text(found.spec, "runtimeClassName"),
                scopes=tuple(_scopes(found.spec)),
                templates=tuple(_text(c, "resourceClaimTemplateName") for _, c in items(found.spec, "resourceClaims")),
                claims=tuple(used for _, claim in _claims(obj, identity.kind, found) for used in claim_usage(claim)),
            )


def _numbers(obj: Map, kind: str, pods: tuple[Pods, ...]) -> Iterator[tuple[int, int, Pods]]:
    """Replicas, pods of each, and their template."""
    spec = at(obj, "spec")
    if not pods:
        return
    if kind in _REPLICATED:
        yield _or(whole(spec, "replicas"), 1), 1, pods[0]
    elif kind == " Pod":
        yield 1, 1, pods[0]
    elif kind == "batch Job":
        # Kueue suspends what it queues, until there is room.
        queued = _QUEUE in at(obj, "metadata", "labels") or spec.get("suspend") is True
        parallel = _or(whole(spec, "parallelism"), 1)
        yield 0 if queued else min(parallel, _or(whole(spec, "completions"), parallel)), 1, pods[0]
    elif kind == GROUPS:
        # Leaders are made like workers when they have no template of their own.
        replicas, size = _or(whole(spec, "replicas"), 1), _or(whole(at(spec, "leaderWorkerTemplate"), "size"), 1)
        yield replicas, 1, pods[0]
        yield replicas, max(size - 1, 0), pods[-1]
    else:
        yield from ((0, 1, found) for found in pods)


def _containers(spec: Map) -> Iterator[Container]:
    for field in ("initContainers", "containers"):
        for _, container in items(spec, field):
            role = MAIN if field == "containers" else SIDECAR if container.get("restartPolicy") == "Always" else INIT
            resources = at(container, "resources")
            limits = at(resources, "limits")
            yield Container(role, amounts({**limits, **at(resources, "requests")}), amounts(limits))


def _level(spec: Map) -> tuple[Amounts, Amounts]:
    resources = at(spec, "resources")
    return amounts(at(resources, "requests")), amounts(at(resources, "limits"))


def amounts(value: Map) -> Amounts:
    """The quantities of a mapping; what is none is left out, for its schema says so."""
    return tuple((str(name), str(amount)) for name, amount in value.items() if parse(amount) is not None)


def _scopes(spec: Map) -> Iterator[str]:
    deadline = whole(spec, "activeDeadlineSeconds")
    yield "NotTerminating" if deadline is None or deadline < 0 else "Terminating"
    if any(_crosses(at(spec, "affinity", side)) for side in ("podAffinity", "podAntiAffinity")):
        yield "CrossNamespacePodAffinity"


def _crosses(affinity: Map) -> bool:
    terms = [term for _, term in items(affinity, "requiredDuringSchedulingIgnoredDuringExecution")]
    weighted = items(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
    terms += [at(term, "podAffinityTerm") for _, term in weighted]
    return any(strings(term, "namespaces") or term.get("namespaceSelector") is not None for term in terms)


def volumes(n: int, obj: Map, identity: Target, pods: tuple[Pods, ...]) -> Iterator[Volume]:
    """The volume claim that the n-th object is, or those that are made for its pods."""
    found: list[tuple[Path, Map]] = [(("spec",), at(obj, "spec"))] if identity.kind == CLAIM else []
    found += [claim for each in pods for claim in _claims(obj, identity.kind, each)]
    for path, spec in found:
        yield Volume(n, (*path, "resources", "requests"), amounts(at(spec, "resources", "requests")))


def _claims(obj: Map, kind: str, pods: Pods) -> Iterator[tuple[Path, Map]]:
    """The specs of the volume claims that are made for each pod, and where they stand."""
    if kind == "apps StatefulSet":
        for n, claim in items(at(obj, "spec"), "volumeClaimTemplates"):
            yield ("spec", "volumeClaimTemplates", n, "spec"), at(claim, "spec")
    for n, volume in items(pods.spec, "volumes"):
        claim = at(volume, "ephemeral", "volumeClaimTemplate", "spec")
        if claim:
            yield (*pods.path, "volumes", n, "ephemeral", "volumeClaimTemplate", "spec"), claim


def claim_usage(spec: Map) -> Iterator[tuple[str, str]]:
    """What a PersistentVolumeClaim counts for; a class that the server has as its default is not known here."""
    storage = at(spec, "resources", "requests").get("storage")
    amount = parse(storage)
    yield "count/persistentvolumeclaims", "1"
    found = [("persistentvolumeclaims", "1")]
    if amount is not None:
        found.append(("requests.storage", str(storage)))
    yield from found
    if name := _text(spec, "storageClassName"):
        yield from ((f"{name}{_CLASS}{resource}", number) for resource, number in found)


def _text(holder: Map, field: str) -> str:
    found = holder.get(field)
    return found if isinstance(found, str) else ""


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split(".") if part.isdigit())
