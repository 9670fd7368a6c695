"""Objects as an API server has them when policies judge them: with what it sets where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fleetc.catalogue.read import load
from fleetc.check.rules.access import Map
from fleetc.emission.admission import Kind

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
_OF_THE_SERVER: Final = ("", "apps", "batch")
"""Only pods in Kubernetes' own kinds get what pods get: to an API server, those in custom ones are plain data."""


def defaulted(obj: Map, kind: Kind) -> Map:
    """An object with the defaults of its kind, and of the pods in it."""
    table = _table()
    if kind.group not in _OF_THE_SERVER:
        return obj
    out: dict[str, Any] = filled(obj, table["kinds"].get(kind.kind, {}))
    for path, _ in [*kind.pods.pods(obj)] if kind.pods is not None else ():
        out = _at(out, path, _pod)
    if kind.kind == "Job" and not (out["metadata"].get("labels")):
        # A Job without labels gets those of its pods.
        labels = out["spec"]["template"].get("metadata", {}).get("labels")
        out = {**out, "metadata": {**out["metadata"], **({"labels": labels} if labels else {})}}
    return out


def filled(value: Any, default: Any) -> Any:
    """A value with what a default says where it says nothing. What is of another type than the default stays alone."""
    if not isinstance(value, Mapping) or not isinstance(default, Mapping):
        return value
    if default.get("type", value.get("type")) != value.get("type", default.get("type")):
        return value  # Another strategy has other fields.
    return {
        **{k: v for k, v in default.items() if k not in value},
        **{k: filled(v, default.get(k)) for k, v in value.items()},
    }


def _pod(pod: Any) -> Any:
    spec = pod.get("spec")
    if not isinstance(spec, Mapping):
        return pod
    made = filled(spec, _table()["pod"])
    for field in _CONTAINERS:
        if isinstance(made.get(field), list):
            made = {**made, field: [_container(item) for item in made[field]]}
    if isinstance(made.get("volumes"), list):
        # A volume of no sort is an empty one.
        made = {**made, "volumes": [filled(v, {"emptyDir": {}}) if [*v] == ["name"] else v for v in made["volumes"]]}
    return {**pod, "spec": made}


def _container(container: Any) -> Any:
    if not isinstance(container, Mapping):
        return container
    made = filled(container, {**_table()["container"], "imagePullPolicy": _pull(str(container.get("image", "")))})
    if isinstance(made.get("ports"), list):
        made = {**made, "ports": [filled(port, {"protocol": "TCP"}) for port in made["ports"]]}
    return made


def _pull(image: str) -> str:
    """An image that can change under its name is pulled always (pkg/apis/core/v1/defaults.go)."""
    name, at, _ = image.partition("@")
    _, colon, tag = name.rpartition("/")[2].partition(":")
    return "Always" if not at and (not colon or tag == "latest") else "IfNotPresent"


def _at(value: Any, path: tuple[str | int, ...], change: Any) -> Any:
    if not path:
        return change(value)
    inner = _at(value[path[0]], path[1:], change)
    if isinstance(value, list):
        return [inner if n == path[0] else item for n, item in enumerate(value)]
    return {**value, path[0]: inner}


@cache
def _table() -> Any:
    return load("server_defaults")
