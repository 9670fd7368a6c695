"""Rules between the fields of one pod specification (pkg/apis/core/validation, ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator, Set

from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, strings, whole
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS = ("exec", "httpGet", "tcpSocket", "sleep")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_NO_OVERCOMMIT = ("cpu", "memory", "ephemeral-storage")


def check(spec: Map, path: Path, also_mountable: Set[str] = frozenset()) -> Found:
    """Every rule on a pod specification at a path; `also_mountable` names volumes that the pod gets from elsewhere."""
    seen: dict[str, Path] = {}
    mountable = {str(item.get("name")) for _, item in items(spec, "volumes")} | also_mountable
    claims = {str(item.get("name")) for _, item in items(spec, "resourceClaims")}
    for field in ("initContainers", "containers"):
        for index, container in items(spec, field):
            here = (*path, field, index)
            yield from _container(container, here, mountable, claims)
            yield from _probes(container, here, init=field == "initContainers")
            name = container.get("name")
            if isinstance(name, str) and seen.setdefault(name, here)[-2] != field:
                yield problem((*here, "name"), f"`{name}` is the name of an init container too")
    yield from _volumes(spec, path)
    if "tolerations" in spec:
        yield from tolerations(spec, path)
    if "resourceClaims" in spec:
        for index, claim in items(spec, "resourceClaims"):
            names = ("resourceClaimName", "resourceClaimTemplateName", "podGroupResourceClaim")
            yield from exactly_one(claim, names, (*path, "resourceClaims", index), "a resource claim")
    yield from _host(spec, path)


def _container(container: Map, path: Path, mountable: Set[str], claims: Set[str]) -> Found:
    if "resources" in container:
        yield from _resources(container["resources"], (*path, "resources"), claims)
    for index, entry in items(container, "env"):
        if "valueFrom" in entry:
            yield from _env(entry, (*path, "env", index))
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
    yield from _ports(container, path)


def _resources(resources: object, path: Path, claims: Set[str]) -> Found:
    if not isinstance(resources, dict):
        return
    requests, limits = resources.get("requests"), resources.get("limits")
    requests = requests if isinstance(requests, dict) else {}
    limits = limits if isinstance(limits, dict) else {}
    for name, wanted in requests.items():
        limit = limits.get(name)
        if limit is not None and limit != wanted:
            yield from _over(name, wanted, limit, path)
        elif limit is None and _extended(name):
            yield problem((*path, "requests", name), f"`{name}` needs an equal limit: it cannot be overcommitted")
    for name, value in (*requests.items(), *limits.items()):
        number = parse(value) if _extended(name) else None
        if number is not None and number != int(number):
            yield problem((*path, "limits" if name in limits else "requests", name), f"`{name}` must be a whole number")
    for index, claim in items(resources, "claims"):
        if isinstance(claim.get("name"), str) and claim["name"] not in claims:
            yield problem((*path, "claims", index, "name"), f"the pod declares no resource claim `{claim['name']}`")


def _over(name: str, wanted: object, limit: object, path: Path) -> Found:
    low, high = parse(wanted), parse(limit)
    if low is None or high is None or low == high:
        return
    if low > high:
        yield problem((*path, "requests", name), f"request {wanted} is above the limit {limit}")
    elif _extended(name) or name.startswith("hugepages-"):
        yield problem(
            (*path, "requests", name),
            f"request {wanted} must equal the limit {limit}: `{name}` cannot be overcommitted",
        )


def _extended(name: object) -> bool:
    """Resources with a foreign prefix: devices, counted whole (helper.IsExtendedResourceName)."""
    return isinstance(name, str) and "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _env(entry: Map, path: Path) -> Found:
    if entry.get("value"):
        yield problem((*path, "valueFrom"), "an environment variable takes `value` or `valueFrom`, not both")
    source = entry.get("valueFrom")
    if isinstance(source, dict):
        yield from exactly_one(source, _ENV_SOURCES, (*path, "valueFrom"), "valueFrom")


def _ports(container: Map, path: Path) -> Found:
    names: dict[str, int] = {}
    for index, port in items(container, "ports"):
        name = port.get("name")
        if not isinstance(name, str) or not name:
            continue
        if names.setdefault(name, index) != index:
            yield problem((*path, "ports", index, "name"), f"`{name}` is the name of port {names[name]} too")
        if not any(character.isalpha() for character in name):
            yield problem((*path, "ports", index, "name"), f"`{name}` needs at least one letter")


def _probes(container: Map, path: Path, *, init: bool) -> Found:
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
    lifecycle = container.get("lifecycle")
    if isinstance(lifecycle, dict):
        for field in ("postStart", "preStop"):
            hook = lifecycle.get(field)
            if isinstance(hook, dict):
                yield from exactly_one(hook, _HOOKS, (*path, "lifecycle", field), "a lifecycle hook")


def _volumes(spec: Map, path: Path) -> Found:
    for index, volume in items(spec, "volumes"):
        sources = [name for name, value in volume.items() if name != "name" and value is not None]
        here = (*path, "volumes", index)
        if not sources:
            yield problem(here, "a volume needs a source, such as `emptyDir`")
        elif len(sources) > 1:
            yield problem(
                (*here, sorted(sources)[1]), f"a volume takes only one source, not {' and '.join(sorted(sources))}"
            )
        for field in _sub_paths(volume):
            if field[-1].startswith("/") or ".." in field[-1].split("/"):
                yield problem((*here, *field[:-1]), f"`{field[-1]}` must be a relative path without `..`")


def _sub_paths(volume: Map) -> Iterator[tuple[str, ...]]:
    for name in ("configMap", "secret"):
        source = volume.get(name)
        if isinstance(source, dict):
            for _, item in items(source, "items"):
                if isinstance(item.get("path"), str):
                    yield (name, "items", item["path"])


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
    context = spec.get("securityContext")
    if spec.get("hostNetwork") is True:
        for field in ("containers", "initContainers"):
            for index, container in items(spec, field):
                for number, port in items(container, "ports"):
                    if whole(port, "hostPort") not in (None, 0, whole(port, "containerPort")):
                        here = (*path, field, index, "ports", number, "hostPort")
                        yield problem(here, "must equal `containerPort` with `hostNetwork: true`")
    if spec.get("hostPID") is True and spec.get("shareProcessNamespace") is True:
        yield problem((*path, "shareProcessNamespace"), "cannot be set together with `hostPID`")
    if isinstance(context, dict):
        yield from _user(context, (*path, "securityContext"))
    for field in ("initContainers", "containers"):
        for index, container in items(spec, field):
            context = container.get("securityContext")
            if isinstance(context, dict):
                yield from _security(context, (*path, field, index, "securityContext"))


def _user(context: Map, path: Path) -> Found:
    profile = context.get("seccompProfile")
    if isinstance(profile, dict) and (profile.get("type") == "Localhost") != bool(profile.get("localhostProfile")):
        yield problem((*path, "seccompProfile"), "`localhostProfile` goes with type Localhost, and only with it")


def _security(context: Map, path: Path) -> Found:
    yield from _user(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged") is True:
            yield problem((*path, "allowPrivilegeEscalation"), "cannot be false in a privileged container")
        if "SYS_ADMIN" in strings(at(context, "capabilities"), "add"):
            yield problem((*path, "allowPrivilegeEscalation"), "cannot be false with the capability SYS_ADMIN")
