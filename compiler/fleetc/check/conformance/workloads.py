"""The pods that are emitted for a cluster, and which of them ask for accelerators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.accelerators import accelerators
from fleetc.catalogue.policies import pod_kinds
from fleetc.check.conformance.facts import Evidence, Found, Here
from fleetc.check.rules.access import Map, at, items
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

DRA: Final = "resource.k8s.io"
_MIG: Final = "nvidia.com/mig-"
_CLAIMS: Final = {"resourceClaimTemplateName": "ResourceClaimTemplate", "resourceClaimName": "ResourceClaim"}


class Pods(NamedTuple):
    """The pods of one template: the object that starts them, the path of the template, and what it says."""

    owner: Found
    path: Path
    pod: Map

    @property
    def spec(self) -> Map:
        """Their spec."""
        return at(self.pod, "spec")

    @property
    def labels(self) -> Map:
        """Their labels."""
        return at(self.pod, "metadata", "labels")

    def containers(self) -> Iterator[tuple[Path, Map]]:
        """Their containers, init ones too, with their paths in the owner."""
        for field in ("initContainers", "containers"):
            for n, container in items(self.spec, field):
                yield (*self.path, "spec", field, n), container


def all_pods(here: Here) -> Iterator[Pods]:
    """The pods of every kind that holds some."""
    for kind in pod_kinds():
        for found in here.of(kind.group, kind.kind):
            yield from (Pods(found, path, pod) for path, pod in kind.pods(found.object))


def accelerated(here: Here) -> list[Pods]:
    """Those that ask for accelerators: by the resource of a device plugin, or by a claim."""
    return [pods for pods in all_pods(here) if asked(here, pods) is not None]


def is_resource(name: str) -> bool:
    """Whether an extended resource is an accelerator, or a part of one."""
    return name.startswith(_MIG) or any(name == a.resource for a in accelerators())


def asked(here: Here, pods: Pods) -> Path | None:
    """Where pods ask for accelerators; None where they do not."""
    for path, container in pods.containers():
        for part in ("limits", "requests"):
            for name in at(container, "resources", part):
                if is_resource(name):
                    return (*path, "resources", part, name)
    for n, claim in items(pods.spec, "resourceClaims"):
        if any(claim_of(here, pods.owner.namespace, claim)):
            return (*pods.path, "spec", "resourceClaims", n)
    return None


def asking_lines(here: Here, pods: Pods) -> Iterator[Evidence]:
    """Where pods ask for accelerators, and what they claim."""
    path = asked(here, pods)
    if path is not None:
        yield pods.owner.evidence(*path)
    for _, claim in items(pods.spec, "resourceClaims"):
        yield from (found.evidence() for found in claim_of(here, pods.owner.namespace, claim))


def claim_of(here: Here, namespace: str, claim: Map) -> Iterator[Found]:
    """The emitted claim, or template of one, that pods refer to."""
    for field, kind in _CLAIMS.items():
        for found in here.of(DRA, kind) if field in claim else ():
            if (found.namespace, found.name) == (namespace, claim[field]):
                yield found


def requested(claim: Found) -> Iterator[tuple[Path, str]]:
    """The DeviceClasses that a claim, or a template of one, asks for, with where it does."""
    inner = ("spec",) if claim.kind == "ResourceClaimTemplate" else ()
    path: Path = ("spec", *inner, "devices", "requests")
    for n, request in items(at(claim.object, "spec", *inner, "devices"), "requests"):
        choices: list[tuple[Path, Map]] = [((), request), (("exactly",), at(request, "exactly"))]
        choices += [(("firstAvailable", m), one) for m, one in items(request, "firstAvailable")]
        for below, choice in choices:
            if isinstance(choice.get("deviceClassName"), str):
                yield (*path, n, *below, "deviceClassName"), choice["deviceClassName"]
