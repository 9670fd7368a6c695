"""What an object refers to must be on its cluster: emitted, made by Kubernetes itself, or declared to exist there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.targets import (
    CONFIGURATION,
    CREDENTIALS,
    DEVICE_CLASS,
    GATEWAY,
    NAMESPACE,
    PRIORITY_CLASS,
    RBAC,
    RUNTIME_CLASS,
    SERVICE,
    SERVICE_ACCOUNT,
    STORAGE_CLASS,
    Target,
)
from fleetc.check.fleet.view import View
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.language.cluster import Existing
from fleetc.language.wording import nearest

_EVERYWHERE: Final = frozenset(
    [
        *(Target(NAMESPACE, "", name) for name in ("default", "kube-system", "kube-public", "kube-node-lease")),
        *(Target(PRIORITY_CLASS, "", f"system-{name}-critical") for name in ("node", "cluster")),
        *(Target(f"{RBAC} ClusterRole", "", name) for name in ("cluster-admin", "admin", "edit", "view")),
        Target(SERVICE, "default", "kubernetes"),
        *(Target(SERVICE, "default", "kubernetes", key) for key in ("port 443", "port https")),
    ]
)
"""What every API server makes at its start."""

OWN_CLASSES: Final = ".fleetc.dev"
"""How the names of DeviceClasses that are emitted for pools end."""
_CLASSES = "which DeviceClasses drivers install is not known"
_SECRETS = "Secrets do not come from git, so that they are there is not known"


def reference(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `reference`: subjects, roles, namespaces, service accounts, classes, configuration, services, policies."""
    made = view.made
    valid = 0
    for row, cell in view.rows:
        missing = [(t, cell.wanted[t]) for t in cell.wanted if t not in made]
        valid += cell.references - sum(len(found) for _, found in missing)
        for target, found in missing:
            state, reason = _elsewhere(view, target)
            for n, ref in found:
                ends = State.VALID if ref.optional else state
                tally.add("reference", ends, reason="" if ref.optional else reason)
                if ends is State.INVALID and not _follows(view, target):
                    message = f"refers to {describe(target)}, which is not on the cluster"
                    place, name = view.place(row, n, ref.path), name_of(cell.items[n])
                    yield Finding(codes.DANGLING_REFERENCE, place, name, message, _hint(view, target))
    tally.add("reference", State.VALID, valid)


def _elsewhere(view: View, target: Target) -> tuple[State, str]:
    """How a reference to something that is not emitted ends."""
    if target in _EVERYWHERE or _by_controllers(view, target) or _by_stack(view, target):
        return State.VALID, ""
    if target._replace(key="") in _existing(view):
        return State.REFERENCED, "declared in the cluster's `existing`"
    if _is_gateway(view, target):
        return State.REFERENCED, "declared in the cluster's `network.gateway`"
    if target.kind == DEVICE_CLASS and not target.name.endswith(OWN_CLASSES):
        return State.SKIPPED, _CLASSES
    if target.kind == CREDENTIALS and target._replace(key="") not in view.made:
        return State.SKIPPED, _SECRETS
    if target.kind == CREDENTIALS and not _written(view, target):
        return State.SKIPPED, "the keys of a Secret that a controller makes are not known"
    return State.INVALID, ""


def _is_gateway(view: View, target: Target) -> bool:
    declared = view.cluster.network.gateway
    named = (declared.namespace, declared.name) == (target.namespace, target.name)
    return target.kind == GATEWAY and declared.name is not None and named


def _written(view: View, target: Target) -> bool:
    """Whether a Secret is emitted with its keys, and not made by a controller."""
    return any(target._replace(key="") in cell.identities for _, cell in view.rows)


def _by_controllers(view: View, target: Target) -> bool:
    """What Kubernetes makes in each namespace; and roles that it makes for itself."""
    if target.kind == SERVICE_ACCOUNT and target.name == "default":
        return True
    if target.kind == CONFIGURATION and target.name == "kube-root-ca.crt":
        return target.key in ("", "ca.crt")
    return target.kind == f"{RBAC} ClusterRole" and target.name.startswith("system:")


def _by_stack(view: View, target: Target) -> bool:
    """What a cluster's stack makes before anything is synced: Argo CD's own namespace on a hub."""
    cluster = view.cluster
    return cluster.is_hub() and (target.kind, target.name, target.key) == (NAMESPACE, cluster.argocd.namespace, "")


def _existing(view: View) -> frozenset[Target]:
    return view.once(("existing", view.index), partial(_declared_to_exist, view.cluster.existing))


def _declared_to_exist(existing: Existing) -> frozenset[Target]:
    by_kind = (
        (NAMESPACE, existing.namespaces),
        (PRIORITY_CLASS, existing.priority_classes),
        (RUNTIME_CLASS, existing.runtime_classes),
        (STORAGE_CLASS, existing.storage_classes),
    )
    return frozenset(Target(kind, "", name) for kind, names in by_kind for name in names)


def _follows(view: View, target: Target) -> bool:
    """Whether it only follows from another finding: a part of something that is itself not there."""
    return bool(target.key) and target._replace(key="") not in view.made


def describe(target: Target) -> str:
    """A target as messages call it."""
    kind = target.kind.partition(" ")[2]
    where = f"{target.namespace}/{target.name}" if target.namespace else target.name
    if not target.key:
        return f"{kind} {where}"
    part = target.key if target.kind == SERVICE else f"key `{target.key}`"
    return f"{part} of {kind} {where}"


def _hint(view: View, target: Target) -> str:
    known = sorted(t.key or t.name for t in view.made if _alike(t, target))
    near = nearest(target.key or target.name, known)
    if near:
        return f"did you mean `{near}`?"
    if target.kind in (NAMESPACE, PRIORITY_CLASS, RUNTIME_CLASS, STORAGE_CLASS):
        return "declare it, or list it in the cluster's `existing` when something else makes it there"
    if target.key:
        return "add the key, or correct its name"
    return "add it to a Manifest on the same clusters, or correct the name"


def _alike(known: Target, target: Target) -> bool:
    same = (known.kind, known.namespace) == (target.kind, target.namespace)
    return same and (known.name == target.name and bool(known.key) if target.key else not known.key)
