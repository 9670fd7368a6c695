"""The program: a stack's data in, its resources and outputs out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi

from fleet import argocd
from fleet.data import Hub, Login, Manifests, Stack, Worker, read_stack
from fleet.download import manifest
from fleet.files import read_manifests
from fleet.objects import Identity, Object, StackError, identity
from fleet.resources import Resource, check_release, count, declare, keyed
from fleet.settings import Settings, provider, read_settings

PROJECT: Final = Path(__file__).resolve().parents[1]
"""The folder of the Pulumi project."""


def run(base: Path = PROJECT) -> None:
    """Declare the running stack. Raises StackError for what its user can mend."""
    name = pulumi.get_stack()
    stack = read_stack(base / "generated" / f"{name}.yaml", name)
    deliver(stack, read_settings(), base)


def deliver(stack: Stack, settings: Settings, base: Path) -> None:
    """Declare the resources of a stack, and its outputs."""
    match stack:
        case Manifests():
            objects = read_manifests(stack.folder)
            check_release(objects, settings)
            declare(objects, provider("cluster", stack.cluster, settings), settings)
            _export({"cluster": stack.cluster, "delivery": "pulumi", **count(objects, settings)})
        case Hub():
            _hub(stack, settings, base)
        case Worker():
            _worker(stack, settings)


def _hub(hub: Hub, settings: Settings, base: Path) -> None:
    """Argo CD and all that it needs; the root Application last, when nothing that it needs is missing."""
    into = hub.install.namespace
    needed: list[Object] = [
        argocd.namespace(into),
        *argocd.installed(manifest(hub.install, settings, base), into),
        argocd.project(hub),
        argocd.registration_secret(hub.registration, settings),
    ]
    if hub.repository.credential is not None:
        secret = pulumi.Config("fleet").require_secret(hub.repository.credential)
        needed.append(argocd.repository_secret(hub, secret, settings.user))
    objects, top = keyed(needed), keyed([argocd.root(hub)])
    check_release([*objects, *top], settings)
    way = provider("cluster", hub.cluster, settings)
    made = declare(objects, way, settings)
    declare(top, way, settings, [made[key] for key in made if key.namespace == into and _is_read(key)])
    told = {"namespace": into, "version": hub.install.version, "revision": hub.root.revision}
    _export({"cluster": hub.cluster, "delivery": "argocd", "argocd": told, **count({**objects, **top}, settings)})


def _is_read(key: Identity) -> bool:
    """Whether Argo CD reads an object of its namespace when it first syncs."""
    return key.kind in ("AppProject", "Secret", "ConfigMap")


def _worker(worker: Worker, settings: Settings) -> None:
    """The cluster's registration, written to the API of its hub."""
    if settings.hub_context is None:
        raise StackError(
            f"the configuration `fleet:hubContext` is missing: `{worker.cluster}` is registered at its hub "
            f"`{worker.hub}`, so name the hub's context in the kubeconfig"
        )
    objects: dict[Identity, Object] = {}
    made: dict[Identity, Resource] = {}
    token = None
    if worker.registration.login is Login.SERVICE_ACCOUNT:
        objects = keyed(argocd.account())
        made = declare(objects, provider("cluster", worker.cluster, settings), settings)
        token = next(one.data for key, one in made.items() if key.kind == "Secret")
    registered = argocd.registration_secret(worker.registration, settings, token)
    hub = {identity(registered): registered}
    check_release([*objects, *hub], settings)
    declare(hub, provider("hub", worker.hub, settings, settings.hub_context), settings, made.values())
    told = {"hub": worker.hub, "server": worker.registration.server, "namespace": worker.registration.namespace}
    _export({"cluster": worker.cluster, "delivery": "argocd", "registration": told, **count(objects, settings)})


def _export(outputs: Mapping[str, Any]) -> None:
    for name, value in outputs.items():
        pulumi.export(name, value)
