"""From objects to Pulumi's resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypedDict

import pulumi

from fleet.keep import is_made_again, loss_of
from fleet.objects import Identity, Object, StackError, identity, other_tokens, token
from fleet.order import needs
from fleet.settings import Settings

_MANAGER: Final = "fleetc"
"""The field manager: a fixed one, so that a stack whose state was lost owns its fields again, old ones included."""
_AWAITED: Final = frozenset(
    {
        *(("", kind) for kind in ("PersistentVolumeClaim", "Pod", "Service")),
        *(("apps", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")),
        ("batch", "Job"),
        ("networking.k8s.io", "Ingress"),
    }
)
"""Kinds that the provider would wait for until their pods run."""


class Resource(pulumi.CustomResource):
    """One Kubernetes object. `data` is what a Secret holds after the server filled it."""

    data: pulumi.Output[Mapping[str, str] | None]

    def __init__(self, obj: Object, options: pulumi.ResourceOptions) -> None:
        super().__init__(token(obj["apiVersion"], obj["kind"]), identity(obj).logical, {"data": None, **obj}, options)


class Counted(TypedDict):
    """What a stack tells of its objects."""

    objects: dict[str, int]
    """How many there are of a kind, such as `Deployment.apps`."""
    namespaces: list[str]
    services: list[str]
    """Each as `namespace/name`."""
    kept: list[str]
    """Names of the resources that are protected, and that stay when the stack goes."""


def declare(
    objects: Mapping[Identity, Object],
    way: pulumi.ProviderResource,
    settings: Settings,
    after: Iterable[pulumi.Resource] = (),
) -> dict[Identity, Resource]:
    """Declare objects as resources, each after what it needs, and all after some others."""
    made: dict[Identity, Resource] = {}
    required = needs(objects)
    waiting = dict(objects)
    while waiting:
        # What an object needs has a lower rank, so something is ready in every round.
        for key in [key for key in waiting if all(other in made for other in required[key])]:
            obj = waiting.pop(key)
            before = [*after, *(made[other] for other in required[key])]
            made[key] = Resource(instructed(obj, settings), _options(obj, way, settings, before))
    return made


def instructed(obj: Object, settings: Settings) -> Object:
    """The object with what the provider is to know: who owns its fields, and what is not waited for."""
    key = identity(obj)
    told = {"pulumi.com/patchFieldManager": _MANAGER}
    if not settings.wait and (key.group, key.kind) in _AWAITED:
        told["pulumi.com/skipAwait"] = "true"
    meta = obj["metadata"]
    return {**obj, "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), **told}}}


def kept(objects: Mapping[Identity, Object], settings: Settings) -> list[str]:
    """The names of the resources that are protected and retained, in order."""
    return sorted(key.logical for key, obj in objects.items() if _is_kept(obj, settings))


def count(objects: Mapping[Identity, Object], settings: Settings) -> Counted:
    """What a stack tells of its objects."""
    kinds = Counter(f"{key.kind}.{key.group}" if key.group else key.kind for key in objects)
    return {
        "objects": dict(sorted(kinds.items())),
        "namespaces": sorted(key.name for key in objects if (key.group, key.kind) == ("", "Namespace")),
        "services": sorted(
            f"{key.namespace}/{key.name}" for key in objects if (key.group, key.kind) == ("", "Service")
        ),
        "kept": kept(objects, settings),
    }


def check_release(objects: Iterable[Identity], settings: Settings) -> None:
    """Raise StackError for a released name that no resource has: a typo would protect what is meant to go."""
    unknown = settings.release - {key.logical for key in objects}
    if unknown:
        raise StackError(
            f"the configuration `fleet:release` names {', '.join(sorted(unknown))}, and no resource is called so"
        )


def _is_kept(obj: Object, settings: Settings) -> bool:
    return loss_of(obj) is not None and identity(obj).logical not in settings.release


def _options(
    obj: Object, way: pulumi.ProviderResource, settings: Settings, before: list[pulumi.Resource]
) -> pulumi.ResourceOptions:
    keep = _is_kept(obj, settings)
    secret = obj["kind"] == "Secret"
    return pulumi.ResourceOptions(
        provider=way,
        depends_on=before,
        protect=keep,
        retain_on_delete=keep or is_made_again(obj),
        aliases=[pulumi.Alias(type_=other) for other in other_tokens(obj["apiVersion"], obj["kind"])],
        additional_secret_outputs=["data"] if secret else None,
    )


def keyed(objects: Iterable[Object]) -> dict[Identity, Object]:
    """Objects by their identity."""
    return {identity(obj): obj for obj in objects}
