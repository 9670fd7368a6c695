"""Rules on roles, bindings, namespaces, node classes and stored data."""

from __future__ import annotations

import re
from typing import Final

from fleetc.check.rules.access import Found, Map, at, items, problem, strings
from fleetc.check.rules.containers import amounts
from fleetc.check.rules.pods import tolerations

_LEVELS = ("privileged", "baseline", "restricted")
_POD_SECURITY = "pod-security.kubernetes.io/"
_MAX_DATA = 1 << 20
_FINALIZERS: Final = ("kubernetes", "orphan", "foregroundDeletion")
_ACCOUNT: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def binding(obj: Map) -> Found:
    """RoleBinding and ClusterRoleBinding: what a subject needs, by its kind."""
    if obj.get("kind") == "ClusterRoleBinding" and at(obj, "roleRef").get("kind") == "Role":
        yield problem(("roleRef", "kind"), "must be ClusterRole in a ClusterRoleBinding")
    for index, subject in items(obj, "subjects"):
        kind, group = subject.get("kind"), subject.get("apiGroup")
        here = ("subjects", index)
        if kind == "ServiceAccount":
            # A RoleBinding's own namespace stands in for it.
            if not subject.get("namespace") and obj.get("kind") == "ClusterRoleBinding":
                yield problem((*here, "namespace"), "is required for a ServiceAccount")
            if group not in (None, ""):
                yield problem((*here, "apiGroup"), "must be empty for a ServiceAccount")
            name = subject.get("name")
            if isinstance(name, str) and name and not (_ACCOUNT.fullmatch(name) and len(name) <= 253):
                yield problem((*here, "name"), f"`{name}` is not the name of a ServiceAccount")
        elif kind in ("User", "Group") and subject.get("namespace"):
            yield problem((*here, "namespace"), f"cannot be set for a {kind}")


def role(obj: Map) -> Found:
    """Role and ClusterRole: rules name resources or URLs, and namespaced ones no URLs."""
    for index, rule in items(obj, "rules"):
        here = ("rules", index)
        urls, resources, groups = (strings(rule, name) for name in ("nonResourceURLs", "resources", "apiGroups"))
        if urls:
            if obj.get("kind") == "Role":
                yield problem((*here, "nonResourceURLs"), "namespaced rules cannot name URLs")
            if resources or groups or strings(rule, "resourceNames"):
                yield problem((*here, "nonResourceURLs"), "a rule names resources or URLs, not both")
            continue
        if not rule.get("apiGroups"):
            yield problem((*here, "apiGroups"), "is required; the core group is an empty string")
        if not resources:
            yield problem((*here, "resources"), "is required")


def namespace(obj: Map) -> Found:
    """Pod Security labels: the server warns of a wrong one and then denies pods, so it is an error here."""
    for name, value in at(obj, "metadata", "labels").items():
        mode, _, version = str(name).removeprefix(_POD_SECURITY).partition("-")
        if not str(name).startswith(_POD_SECURITY) or mode not in ("enforce", "audit", "warn"):
            continue
        if not version and value not in _LEVELS:
            yield problem(("metadata", "labels", name), f"`{value}` is not one of {', '.join(_LEVELS)}")
        elif version == "version" and value != "latest" and not str(value).startswith("v1."):
            yield problem(("metadata", "labels", name), f"`{value}` is not `latest` or a version such as v1.35")

    for index, name in enumerate(strings(at(obj, "metadata"), "finalizers")):
        if "/" not in name and name not in _FINALIZERS:
            yield problem(("metadata", "finalizers", index), f"`{name}` needs a domain, such as example.com/{name}")


def runtime_class(obj: Map) -> Found:
    """RuntimeClass: tolerations follow the rules of pods, each once; its overhead is what a container may ask for."""
    scheduling = at(obj, "scheduling")
    yield from tolerations(scheduling, ("scheduling",))
    seen: list[Map] = []
    for index, item in items(scheduling, "tolerations"):
        if item in seen:
            yield problem(("scheduling", "tolerations", index), "is in the list twice")
        seen.append(item)
    yield from amounts(at(obj, "overhead", "podFixed"), ("overhead", "podFixed"))


def config_map(obj: Map) -> Found:
    """ConfigMap: keys in one place only, at most a MiB."""
    data, binary = at(obj, "data"), at(obj, "binaryData")
    if binary:
        for name in sorted(data.keys() & binary.keys()):
            yield problem(("binaryData", name), "is in `data` too")
    if sum(len(value) for value in (*data.values(), *binary.values()) if isinstance(value, str)) > _MAX_DATA:
        yield problem(("data",), "is larger than 1 MiB")


def secret(obj: Map) -> Found:
    """Secret: types that need certain keys."""
    needed = {
        "kubernetes.io/tls": ("tls.crt", "tls.key"),
        "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
        "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    }.get(str(obj.get("type")), ())
    present = {**at(obj, "data"), **at(obj, "stringData")}
    for name in needed:
        if name not in present:
            yield problem(("data",), f"needs `{name}` when the type is {obj['type']}")
