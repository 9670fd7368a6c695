"""The data of a stack: what there is to be done on a cluster, and by reference to which files and secrets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import StackSite

if TYPE_CHECKING:
    from fleetc_pulumi.objects import ByArgoCD, ByPulumi, Login, Registration, Repository, Root

_COMPONENT: Final = "argo-cd"
_IN_CLUSTER: Final = "https://kubernetes.default.svc"
"""Where pods reach the API server of their own cluster."""
# https://argo-cd.readthedocs.io/en/stable/operator-manual/installation/
_UPSTREAM: Final = "https://github.com/argoproj/argo-cd"
_INSTALL: Final = "manifests/install.yaml"


def stacks(s: StackSite) -> Iterator[ByPulumi | ByArgoCD]:
    """The data of a cluster's stack."""
    if s.cluster.delivery == "pulumi":
        manifests = posixpath.relpath(f"{s.fleet.outputs.manifests}/{s.cluster.name}", s.fleet.outputs.stacks)
        yield {"cluster": s.cluster.name, "delivery": "pulumi", "manifests": manifests}
    elif s.hub.name == s.cluster.name:
        yield _hub(s)
    else:
        yield {
            "cluster": s.cluster.name,
            "delivery": "argocd",
            "hub": s.hub.name,
            "registration": _registration(s),
        }


def _hub(s: StackSite) -> ByArgoCD:
    version = s.cluster.components[_COMPONENT]
    return {
        "cluster": s.cluster.name,
        "delivery": "argocd",
        "install": {
            "namespace": s.cluster.argocd.namespace,
            "version": version if version.startswith("v") else f"v{version}",
            "manifest": {"repository": _UPSTREAM, "path": _INSTALL},
        },
        "repository": _repository(s),
        "root": _root(s),
        "registration": {
            "name": s.cluster.name,
            "namespace": s.cluster.argocd.namespace,
            "server": _IN_CLUSTER,
            "login": "inCluster",
        },
    }


def _repository(s: StackSite) -> Repository:
    out: Repository = {"url": s.fleet.repository.url or ""}
    if s.fleet.repository.credential is not None:
        out["credential"] = s.fleet.repository.credential
    return out


def _root(s: StackSite) -> Root:
    steps = (s.fleet.repository.path, s.fleet.outputs.manifests, s.cluster.name, "argocd")
    return {"path": "/".join(step for step in steps if step), "revision": s.fleet.repository.revision}


def _registration(s: StackSite) -> Registration:
    out: Registration = {
        "name": s.cluster.name,
        "namespace": s.hub.argocd.namespace,
        "server": s.cluster.argocd.server or "",
        "login": _login(s),
    }
    if s.cluster.argocd.certificate_authority is not None:
        out = {**out, "certificateAuthority": s.cluster.argocd.certificate_authority}
    return out


def _login(s: StackSite) -> Login:
    argocd = s.cluster.argocd
    if argocd.login == "workloadIdentity":
        if s.cluster.provider == "eks":
            return {"eks": {"cluster": argocd.eks_name or s.cluster.name, "role": argocd.role or ""}}
        if s.cluster.provider == "gke":
            return "gke"
        if s.cluster.provider == "aks":
            return "aks"
    return "serviceAccount"
