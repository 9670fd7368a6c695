"""Rules between the fields of one container (pkg/apis/core/validation, validateContainers)."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final

from fleetc.check.rules import resources
from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, strings, whole
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path

_HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS: Final = ("exec", "httpGet", "tcpSocket", "sleep")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_ENV_SOURCES: Final = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_SUBSCRIPT: Final = re.compile(r"metadata\.(labels|annotations)\['[^']+'\]")
_ENV_FIELDS: Final = frozenset(
    [
        *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
    ]
)
_VOLUME_FIELDS: Final = frozenset(
    [f"metadata.{name}" for name in ("annotations", "labels", "name", "namespace", "uid")]
)


def check(container: Map, path: Path, mountable: Set[str], claims: Set[str]) -> Found:
    """Every rule on a container, given the names of the pod's volumes and resource claims."""
    if isinstance(container.get("resources"), dict):
        yield from _resources(container["resources"], (*path, "resources"), claims)
    for index, entry in items(container, "env"):
        if "valueFrom" in entry:
            yield from _env(entry, (*path, "env", index))
    for index, entry in items(container, "envFrom"):
        yield from exactly_one(entry, ("configMapRef", "secretRef"), (*path, "envFrom", index), "envFrom")
    resized: list[object] = []
    for index, entry in items(container, "resizePolicy"):
        if entry.get("resourceName") in resized:
            yield problem((*path, "resizePolicy", index), f"`{entry['resourceName']}` is in the list twice")
        resized.append(entry.get("resourceName"))
    yield from _mounts(container, path, mountable)
    yield from _ports(container, path)
    yield from _lifecycle(container, path)
    context = container.get("securityContext")
    if isinstance(context, dict):
        yield from _security(context, (*path, "securityContext"))


def _mounts(container: Map, path: Path, mountable: Set[str]) -> Found:
    for field, key in (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")):
        for index, mount in items(container, field):
            name = mount.get("name")
            if isinstance(name, str) and name not in mountable:
                hint = (
                    f"declared volumes: {', '.join(sorted(mountable))}" if mountable else "the pod declares no volumes"
                )
                yield problem((*path, field, index, "name"), f"no volume named `{name}`", hint)
            if ".." in str(mount.get("subPath", "")).split("/"):
                yield problem((*path, field, index, "subPath"), "must not contain `..`")
            if ":" in str(mount.get(key, "")):
                yield problem((*path, field, index, key), "must not contain `:`")


def _resources(found: Map, path: Path, claims: Set[str]) -> Found:
    requests, limits = at(found, "requests"), at(found, "limits")
    for name, wanted in requests.items():
        limit = limits.get(name)
        if limit is not None and limit != wanted:
            yield from _over(name, wanted, limit, path)
        elif limit is None and _no_overcommit(name):
            yield problem((*path, "requests", name), f"`{name}` needs an equal limit: it cannot be overcommitted")
    for side, asked in (("requests", requests), ("limits", limits)):
        yield from amounts(asked, (*path, side))
    huge = [name for name in (*requests, *limits) if str(name).startswith("hugepages-")]
    if huge and not {"cpu", "memory"} & {*requests, *limits}:
        yield problem(path, f"`{huge[0]}` needs `cpu` or `memory` beside it")
    for index, claim in items(found, "claims"):
        if isinstance(claim.get("name"), str) and claim["name"] not in claims:
            yield problem((*path, "claims", index, "name"), f"the pod declares no resource claim `{claim['name']}`")


def amounts(asked: Map, path: Path) -> Found:
    """Names and amounts of what containers ask for, or what a sandbox costs."""
    yield from resources.of_container(asked, path)
    for name, value in asked.items():
        if isinstance(name, str) and resources.extended(name):
            yield from resources.whole_number(name, value, (*path, name))
        elif isinstance(name, str) and name.startswith("hugepages-"):
            size, number = parse(name.removeprefix("hugepages-")), parse(value)
            if size and number is not None and number % size:
                yield problem((*path, name), f"{value} is not a multiple of the page size")


def _over(name: object, wanted: object, limit: object, path: Path) -> Found:
    low, high = parse(wanted), parse(limit)
    if low is None or high is None or low == high:
        return
    if low > high:
        yield problem((*path, "requests", str(name)), f"request {wanted} is above the limit {limit}")
    elif _no_overcommit(name):
        yield problem(
            (*path, "requests", str(name)),
            f"request {wanted} must equal the limit {limit}: `{name}` cannot be overcommitted",
        )


def _no_overcommit(name: object) -> bool:
    return isinstance(name, str) and (resources.extended(name) or name.startswith("hugepages-"))


def _env(entry: Map, path: Path) -> Found:
    if entry.get("value"):
        yield problem((*path, "valueFrom"), "an environment variable takes `value` or `valueFrom`, not both")
    source = entry.get("valueFrom")
    if isinstance(source, dict):
        yield from exactly_one(source, _ENV_SOURCES, (*path, "valueFrom"), "valueFrom")
        yield from field_path(at(source, "fieldRef"), (*path, "valueFrom", "fieldRef"), volume=False)
        yield from _divisor(at(source, "resourceFieldRef"), (*path, "valueFrom", "resourceFieldRef"))


def field_path(reference: Map, path: Path, *, volume: bool) -> Found:
    """The fields of a pod that its containers can be told."""
    found = reference.get("fieldPath")
    if not isinstance(found, str) or not found:
        return
    known = _VOLUME_FIELDS if volume else _ENV_FIELDS
    if found not in known and not _SUBSCRIPT.fullmatch(found):
        yield problem((*path, "fieldPath"), f"`{found}` cannot be told here", f"what can: {', '.join(sorted(known))}")


def _divisor(reference: Map, path: Path) -> Found:
    divisor = parse(reference.get("divisor"))
    if not divisor:
        return
    is_cpu = str(reference.get("resource")).endswith(".cpu")
    units = ("1m", "1") if is_cpu else ("1", *(f"1{s}" for s in ("k", "M", "G", "T", "P", "E")), *_BINARY_UNITS)
    if divisor not in [parse(unit) for unit in units]:
        yield problem((*path, "divisor"), f"{reference['divisor']} is not one of {', '.join(units)}")


_BINARY_UNITS: Final = tuple(f"1{letter}i" for letter in "KMGTPE")


def _ports(container: Map, path: Path) -> Found:
    names: dict[str, int] = {}
    for index, port in items(container, "ports"):
        name = port.get("name")
        if isinstance(name, str) and name and names.setdefault(name, index) != index:
            yield problem((*path, "ports", index, "name"), f"`{name}` is the name of port {names[name]} too")


def probes(container: Map, path: Path, *, init: bool) -> Found:
    """The probes of a container, or of an init container."""
    for field in _PROBES:
        probe = container.get(field)
        if not isinstance(probe, dict):
            continue
        here = (*path, field)
        yield from exactly_one(probe, _HANDLERS, here, "a probe")
        if field != "readinessProbe" and whole(probe, "successThreshold") not in (None, 0, 1):
            yield problem((*here, "successThreshold"), f"must be 1 in a {field}")
        if init and container.get("restartPolicy") != "Always":
            yield problem(here, "only init containers with `restartPolicy: Always` take probes")


def _lifecycle(container: Map, path: Path) -> Found:
    for field in ("postStart", "preStop"):
        hook = at(container, "lifecycle").get(field)
        if isinstance(hook, dict):
            yield from exactly_one(hook, _HOOKS, (*path, "lifecycle", field), "a lifecycle hook")


def sleep(container: Map, path: Path, grace: int) -> Found:
    """A hook sleeps no longer than the pod has to end."""
    for field in ("postStart", "preStop"):
        seconds = whole(at(container, "lifecycle", field, "sleep"), "seconds")
        if seconds is not None and not 0 <= seconds <= grace:
            here = (*path, "lifecycle", field, "sleep", "seconds")
            yield problem(here, f"must be from 0 to `terminationGracePeriodSeconds` ({grace}), got {seconds}")


def seccomp(context: Map, path: Path) -> Found:
    """A profile of the node is named where the type says so, and only there."""
    profile = context.get("seccompProfile")
    if not isinstance(profile, dict):
        return
    local, named = profile.get("type") == "Localhost", profile.get("localhostProfile") is not None
    if local != named:
        yield problem((*path, "seccompProfile"), "`localhostProfile` goes with type Localhost, and only with it")


def _security(context: Map, path: Path) -> Found:
    yield from seccomp(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged") is True:
            yield problem((*path, "allowPrivilegeEscalation"), "cannot be false in a privileged container")
        if "SYS_ADMIN" in strings(at(context, "capabilities"), "add"):
            yield problem((*path, "allowPrivilegeEscalation"), "cannot be false with the capability SYS_ADMIN")
