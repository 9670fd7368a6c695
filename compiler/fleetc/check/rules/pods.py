"""Rules between the fields of one pod specification (pkg/apis/core/validation, ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Final

from fleetc.check.rules import containers, storage
from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, whole
from fleetc.source.span import Path

CONTAINERS: Final = ("initContainers", "containers")
_CLAIMS: Final = ("resourceClaimName", "resourceClaimTemplateName", "podGroupResourceClaim")
_GRACE: Final = 30


def check(spec: Map, path: Path, also_mountable: Set[str] = frozenset()) -> Found:
    """Every rule on a pod specification at a path; `also_mountable` names volumes that the pod gets from elsewhere."""
    seen: dict[str, Path] = {}
    mountable = {str(item.get("name")) for _, item in items(spec, "volumes")} | also_mountable
    claims = {str(item.get("name")) for _, item in items(spec, "resourceClaims")}
    grace = whole(spec, "terminationGracePeriodSeconds")
    for field in CONTAINERS:
        for index, container in items(spec, field):
            here = (*path, field, index)
            yield from containers.check(container, here, mountable, claims)
            yield from containers.probes(container, here, init=field == "initContainers")
            yield from containers.sleep(container, here, _GRACE if grace is None else grace)
            name = container.get("name")
            if isinstance(name, str) and seen.setdefault(name, here)[-2] != field:
                yield problem((*here, "name"), f"`{name}` is the name of an init container too")
    yield from _volumes(spec, path)
    if "tolerations" in spec:
        yield from tolerations(spec, path)
    for index, claim in items(spec, "resourceClaims"):
        yield from exactly_one(claim, _CLAIMS, (*path, "resourceClaims", index), "a resource claim")
    yield from containers.amounts(at(spec, "overhead"), (*path, "overhead"))
    yield from _host(spec, path)
    yield from _dns(spec, path)
    yield from _context(at(spec, "securityContext"), (*path, "securityContext"))


def _volumes(spec: Map, path: Path) -> Found:
    for index, volume in items(spec, "volumes"):
        # A volume without a source is an emptyDir to the server.
        sources = sorted(name for name, value in volume.items() if name != "name" and value is not None)
        here = (*path, "volumes", index)
        if len(sources) > 1:
            yield problem((*here, sources[1]), f"a volume takes only one source, not {' and '.join(sources)}")
        claim = at(volume, "ephemeral", "volumeClaimTemplate", "spec")
        if claim:
            yield from storage.claim(claim, (*here, "ephemeral", "volumeClaimTemplate", "spec"))
        taken: dict[str, Path] = {}
        for field, file in _files(volume):
            name = str(file.get("path"))
            if name.startswith("/") or ".." in name.split("/"):
                yield problem((*here, *field, "path"), f"`{name}` must be a relative path without `..`")
            # Tokens may share a path: the server does not compare theirs.
            named = field[0] == "projected" and field[-1] != "serviceAccountToken"
            if named and taken.setdefault(name, field) != field:
                yield problem((*here, *field, "path"), f"`{name}` is the path of another file too")
            if "downwardAPI" in field:
                yield from exactly_one(file, ("fieldRef", "resourceFieldRef"), (*here, *field), "a file")
                yield from containers.field_path(at(file, "fieldRef"), (*here, *field, "fieldRef"), volume=True)


def _files(volume: Map) -> Iterator[tuple[Path, Map]]:
    """The files of a volume whose paths are written down."""
    for path, source in [((), volume), *_projected(volume)]:
        for kind in ("configMap", "secret", "downwardAPI"):
            for index, item in items(at(source, kind), "items"):
                if isinstance(item.get("path"), str):
                    yield (*path, kind, "items", index), item
        token = at(source, "serviceAccountToken")
        if path and isinstance(token.get("path"), str):
            yield (*path, "serviceAccountToken"), token


def _projected(volume: Map) -> Iterator[tuple[Path, Map]]:
    for index, source in items(at(volume, "projected"), "sources"):
        yield ("projected", "sources", index), source


def tolerations(spec: Map, path: Path, field: str = "tolerations") -> Found:
    """Operators of tolerations (ValidateTolerations)."""
    for index, item in items(spec, field):
        here = (*path, field, index)
        operator = item.get("operator") or "Equal"
        if not item.get("key") and operator != "Exists":
            yield problem((*here, "operator"), "must be Exists when `key` is empty: it tolerates all taints")
        if operator == "Exists" and item.get("value"):
            yield problem((*here, "value"), "must be empty when the operator is Exists")
        if item.get("tolerationSeconds") is not None and item.get("effect") != "NoExecute":
            yield problem((*here, "effect"), "must be NoExecute when `tolerationSeconds` is set")


def _host(spec: Map, path: Path) -> Found:
    if spec.get("hostNetwork") is True:
        for field in CONTAINERS:
            for index, container in items(spec, field):
                for number, port in items(container, "ports"):
                    if whole(port, "hostPort") not in (None, 0, whole(port, "containerPort")):
                        here = (*path, field, index, "ports", number, "hostPort")
                        yield problem(here, "must equal `containerPort` with `hostNetwork: true`")
    if spec.get("hostPID") is True and spec.get("shareProcessNamespace") is True:
        yield problem((*path, "shareProcessNamespace"), "cannot be set together with `hostPID`")


def _dns(spec: Map, path: Path) -> Found:
    if spec.get("dnsPolicy") == "None" and not at(spec, "dnsConfig").get("nameservers"):
        yield problem((*path, "dnsConfig", "nameservers"), "is required when `dnsPolicy` is None")


def _context(context: Map, path: Path) -> Found:
    yield from containers.seccomp(context, path)
    seen: dict[str, int] = {}
    for index, item in items(context, "sysctls"):
        name = item.get("name")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield problem((*path, "sysctls", index, "name"), f"`{name}` is the name of sysctl {seen[name]} too")
