"""A team's Namespaces, with the Pod Security Standard that they enforce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.language.team import PodSecurity
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import CONTACT, COST_CENTER, team_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Metadata, Namespace

POD_SECURITY: Final = "pod-security.kubernetes.io"

# What is reported besides what is enforced: the next stricter level, so that the way there is known before it is taken.
_REPORTED: Final[Mapping[PodSecurity, PodSecurity]] = {
    "privileged": "baseline",
    "baseline": "restricted",
    "restricted": "restricted",
}


def namespaces(s: TeamSite) -> Iterator[Namespace]:
    """Each namespace of the team. What its author adds never replaces the labels that policies and quotas rest on."""
    for item in s.team.namespaces:
        ours = {**team_labels(s), **_cost_center(s), **_pod_security(s, item.pod_security or s.team.pod_security)}
        contact = {CONTACT: s.team.contact} if s.team.contact else {}
        metadata: Metadata = {"name": item.name, "labels": {**ours, **item.labels, **ours}}
        annotations = {**contact, **item.annotations}
        if annotations:
            metadata["annotations"] = annotations
        yield {"apiVersion": api_version("Namespace", s.cluster), "kind": "Namespace", "metadata": metadata}


def _cost_center(s: TeamSite) -> dict[str, str]:
    # A label, not an annotation: cost tools aggregate by labels of namespaces.
    return {COST_CENTER: s.team.cost_center} if s.team.cost_center else {}


def _pod_security(s: TeamSite, enforced: PodSecurity) -> dict[str, str]:
    """The labels of Pod Security admission. Pinned to the cluster's minor: an upgrade of the control plane alone never
    changes what is refused."""
    version = f"v{s.cluster.kubernetes}"
    modes = {"enforce": enforced, "audit": _REPORTED[enforced], "warn": _REPORTED[enforced]}
    out: dict[str, str] = {}
    for mode, level in modes.items():
        out |= {f"{POD_SECURITY}/{mode}": level, f"{POD_SECURITY}/{mode}-version": version}
    return out
