"""Names of resources, and which of them are counted whole (pkg/apis/core/helper, pkg/apis/core/validation)."""

from __future__ import annotations

from typing import Final

from fleetc.check.rules.access import Found, Map, problem
from fleetc.check.rules.quantity import parse
from fleetc.language.wording import nearest
from fleetc.source.span import Path

_CONTAINER: Final = frozenset(["cpu", "memory", "ephemeral-storage"])
_COUNTED: Final = frozenset(
    [
        *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
        *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
    ]
)
_QUOTA: Final = frozenset(
    [
        *_CONTAINER,
        *_COUNTED,
        *(f"{side}.{name}" for side in ("requests", "limits") for name in _CONTAINER),
        "requests.storage",
    ]
)
_POD_SCOPED: Final = frozenset(
    ["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]
)
_MULTIPLES: Final = ("hugepages-",)
_QUOTA_PREFIXES: Final = ("hugepages-", "requests.hugepages-")


def extended(name: str) -> bool:
    """Resources with a foreign prefix: devices, counted whole (helper.IsExtendedResourceName)."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def of_container(amounts: Map, path: Path) -> Found:
    """Names of what a container, or each of many, asks for."""
    for name in amounts:
        if "/" not in name and name not in _CONTAINER and not name.startswith(_MULTIPLES):
            yield problem((*path, name), f"`{name}` is not a resource of containers", _meant(name, _CONTAINER))
        elif "/" in name and "kubernetes.io/" not in name and not extended(name):
            yield problem((*path, name), f"`{name}` is not the name of an extended resource")


def of_quota(hard: Map, path: Path) -> Found:
    """Names of what a quota limits, and amounts of what comes in pieces."""
    for name, amount in hard.items():
        if "/" not in name and name not in _QUOTA and not name.startswith(_QUOTA_PREFIXES):
            yield problem((*path, name), f"`{name}` is not a resource that quotas know", _meant(name, _QUOTA))
        elif name in _COUNTED or extended(name):
            yield from whole_number(name, amount, (*path, name))


def covered(name: str, scope: str) -> bool:
    """Whether a quota of a scope can limit a resource; what has a prefix is not looked at."""
    if name not in _QUOTA and not name.startswith(_QUOTA_PREFIXES):
        return True
    match scope:
        case "BestEffort":
            return name == "pods"
        case "VolumeAttributesClass":
            return name in ("persistentvolumeclaims", "requests.storage")
        case _:
            return name in _POD_SCOPED


def of_claim(amounts: Map, path: Path) -> Found:
    """Names in limits on anything but containers and pods."""
    known = _QUOTA | {"storage"}
    for name in amounts:
        if "/" not in name and name not in known and not name.startswith(_QUOTA_PREFIXES):
            yield problem((*path, name), f"`{name}` is not a resource", _meant(name, known))


def whole_number(name: str, amount: object, path: Path) -> Found:
    """What comes in pieces has no fractions."""
    number = parse(amount)
    if number is not None and number != int(number):
        yield problem(path, f"`{name}` must be a whole number")


def _meant(name: str, known: frozenset[str]) -> str:
    near = nearest(name, sorted(known))
    if near:
        return f"did you mean `{near}`?"
    return "others have a prefix, such as nvidia.com/gpu"
