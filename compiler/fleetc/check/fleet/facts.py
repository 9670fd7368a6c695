"""What one object says of others: what it makes, what it refers to, which pods it starts, what it selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from fleetc.check.fleet.pods import Pods, pods_of
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.check.rules.workloads import POD_PATHS
from fleetc.check.served import scope_of
from fleetc.check.store import Scope
from fleetc.source.span import Path

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server keeps on each Namespace."""


class Target(NamedTuple):
    """Something that can be referred to: "group Kind", its namespace ("" for none), its name, and a key of its data."""

    kind: str
    namespace: str
    name: str
    key: str = ""


class Reference(NamedTuple):
    """A reference in an object. An optional one may dangle."""

    target: Target
    path: Path
    optional: bool = False


class Selection(NamedTuple):
    """A label selector that is meant to find something of one kind in its namespace."""

    what: str
    namespace: str
    selector: Map
    path: Path


class Facts(NamedTuple):
    """Everything above, of one object."""

    identity: Target
    scope: Scope | None
    made: tuple[Target, ...]
    references: tuple[Reference, ...]
    pods: tuple[Pods, ...]
    selections: tuple[Selection, ...]


SECRET: Final = " Secret"
CONFIG_MAP: Final = " ConfigMap"
SERVICE: Final = " Service"
SERVICE_ACCOUNT: Final = " ServiceAccount"
NAMESPACE: Final = " Namespace"
CLAIM: Final = " PersistentVolumeClaim"
PRIORITY_CLASS: Final = "scheduling.k8s.io PriorityClass"
RUNTIME_CLASS: Final = "node.k8s.io RuntimeClass"
STORAGE_CLASS: Final = "storage.k8s.io StorageClass"
_POD_GROUPS: Final = ("", "apps", "batch")
_RBAC: Final = "rbac.authorization.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"


def facts_of(obj: Mapping[str, Any], minor: str) -> Facts:
    """The facts of an object; what is damaged is left out, for its schema says so."""
    api_version, kind = str(obj.get("apiVersion")), str(obj.get("kind"))
    group = api_version.rpartition("/")[0]
    metadata = at(obj, "metadata")
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    identity = Target(f"{group} {kind}", namespace, name)
    pods = tuple(pods_of(obj, namespace)) if kind in POD_PATHS and group in _POD_GROUPS else ()
    references = [*_own(identity), *_by_kind(obj, identity)]
    references += [r for pod in pods for r in _pod(pod, namespace)]
    made = (identity, *_makes(obj, identity))
    return Facts(
        identity, scope_of(api_version, kind, minor), made, tuple(references), pods, tuple(_selects(obj, identity))
    )


def _own(identity: Target) -> Iterator[Reference]:
    if identity.namespace and identity.kind != NAMESPACE:
        yield Reference(Target(NAMESPACE, "", identity.namespace), ("metadata", "namespace"))


def _makes(obj: Map, identity: Target) -> Iterator[Target]:
    """What comes into being with an object, beside itself."""
    namespace = identity.namespace
    match identity.kind:
        case " ConfigMap" | " Secret":
            for field in ("data", "binaryData", "stringData"):
                for key in at(obj, field):
                    yield identity._replace(key=str(key))
        case "external-secrets.io ExternalSecret":
            yield Target(SECRET, namespace, str(at(obj, "spec", "target").get("name") or identity.name))
        case "cert-manager.io Certificate":
            yield Target(SECRET, namespace, str(at(obj, "spec").get("secretName")))
        case "apps StatefulSet":
            for _, claim in items(at(obj, "spec"), "volumeClaimTemplates"):
                yield Target(CLAIM, namespace, str(at(claim, "metadata").get("name")))
        case _:
            pass


def _by_kind(obj: Map, identity: Target) -> Iterator[Reference]:
    namespace, spec = identity.namespace, at(obj, "spec")
    match identity.kind:
        case "rbac.authorization.k8s.io RoleBinding" | "rbac.authorization.k8s.io ClusterRoleBinding":
            yield from _binding(obj, namespace)
        case " PersistentVolumeClaim":
            yield from _storage_class(spec, ("spec",))
        case "apps StatefulSet":
            for n, claim in items(spec, "volumeClaimTemplates"):
                yield from _storage_class(at(claim, "spec"), ("spec", "volumeClaimTemplates", n, "spec"))
        case "autoscaling HorizontalPodAutoscaler":
            target = at(spec, "scaleTargetRef")
            group = str(target.get("apiVersion") or "").rpartition("/")[0]
            found = Target(f"{group} {target.get('kind')}", namespace, str(target.get("name")))
            yield Reference(found, ("spec", "scaleTargetRef", "name"))
        case "networking.k8s.io Ingress":
            yield from _ingress(spec, namespace)
        case "networking.k8s.io NetworkPolicy":
            yield from _policy_peers(spec)
        case " ResourceQuota":
            yield from _quota(spec)
        case "admissionregistration.k8s.io ValidatingAdmissionPolicyBinding":
            policy = Target(f"{_ADMISSION} ValidatingAdmissionPolicy", "", str(spec.get("policyName")))
            yield Reference(policy, ("spec", "policyName"))
        case _:
            pass


def _binding(obj: Map, namespace: str) -> Iterator[Reference]:
    role = at(obj, "roleRef")
    kind, name = str(role.get("kind")), str(role.get("name"))
    yield Reference(Target(f"{_RBAC} {kind}", namespace if kind == "Role" else "", name), ("roleRef", "name"))
    for n, subject in items(obj, "subjects"):
        if subject.get("kind") == "ServiceAccount":
            place = str(subject.get("namespace") or namespace)
            yield Reference(Target(SERVICE_ACCOUNT, place, str(subject.get("name"))), ("subjects", n, "name"))


def _storage_class(spec: Map, path: Path) -> Iterator[Reference]:
    name = spec.get("storageClassName")
    if isinstance(name, str) and name:
        yield Reference(Target(STORAGE_CLASS, "", name), (*path, "storageClassName"))


def _ingress(spec: Map, namespace: str) -> Iterator[Reference]:
    backends: list[tuple[Map, Path]] = [(at(spec, "defaultBackend"), ("spec", "defaultBackend"))]
    for n, rule in items(spec, "rules"):
        for m, entry in items(at(rule, "http"), "paths"):
            backends.append((at(entry, "backend"), ("spec", "rules", n, "http", "paths", m, "backend")))
    for backend, path in backends:
        name = at(backend, "service").get("name")
        if isinstance(name, str):
            yield Reference(Target(SERVICE, namespace, name), (*path, "service", "name"))


def _policy_peers(spec: Map) -> Iterator[Reference]:
    """Namespaces that a peer names by the label that the API server keeps: one that is not there is a typing error."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for n, rule in items(spec, direction):
            for m, peer in items(rule, side):
                here: Path = ("spec", direction, n, side, m, "namespaceSelector")
                selector = at(peer, "namespaceSelector")
                name = at(selector, "matchLabels").get(NAMESPACE_NAME)
                if isinstance(name, str):
                    yield Reference(Target(NAMESPACE, "", name), (*here, "matchLabels", NAMESPACE_NAME))
                for e, expression in items(selector, "matchExpressions"):
                    if expression.get("key") == NAMESPACE_NAME and expression.get("operator") == "In":
                        for v, value in enumerate(strings(expression, "values")):
                            yield Reference(Target(NAMESPACE, "", value), (*here, "matchExpressions", e, "values", v))


def _quota(spec: Map) -> Iterator[Reference]:
    for n, item in items(at(spec, "scopeSelector"), "matchExpressions"):
        if item.get("scopeName") == "PriorityClass":
            for v, value in enumerate(strings(item, "values")):
                path = ("spec", "scopeSelector", "matchExpressions", n, "values", v)
                yield Reference(Target(PRIORITY_CLASS, "", value), path)


_POD_NAMES: Final = (
    ("serviceAccountName", SERVICE_ACCOUNT, True),
    ("priorityClassName", PRIORITY_CLASS, False),
    ("runtimeClassName", RUNTIME_CLASS, False),
)


def _pod(pods: Pods, namespace: str) -> Iterator[Reference]:
    spec, path = pods.spec, pods.path
    for field, kind, local in _POD_NAMES:
        name = spec.get(field)
        if isinstance(name, str) and name:
            yield Reference(Target(kind, namespace if local else "", name), (*path, field))
    for n, secret in items(spec, "imagePullSecrets"):
        yield Reference(Target(SECRET, namespace, str(secret.get("name"))), (*path, "imagePullSecrets", n, "name"))
    for n, volume in items(spec, "volumes"):
        yield from _volume(volume, (*path, "volumes", n), namespace)
    for field in ("initContainers", "containers"):
        for n, container in items(spec, field):
            yield from _environment(container, (*path, field, n), namespace)


def _volume(volume: Map, path: Path, namespace: str) -> Iterator[Reference]:
    config, secret, claim = (at(volume, field) for field in ("configMap", "secret", "persistentVolumeClaim"))
    if config:
        yield from _source(CONFIG_MAP, namespace, config, "name", (*path, "configMap"))
    if secret:
        yield from _source(SECRET, namespace, secret, "secretName", (*path, "secret"))
    if claim.get("claimName"):
        target = Target(CLAIM, namespace, str(claim["claimName"]))
        yield Reference(target, (*path, "persistentVolumeClaim", "claimName"))
    template = at(volume, "ephemeral", "volumeClaimTemplate", "spec")
    yield from _storage_class(template, (*path, "ephemeral", "volumeClaimTemplate", "spec"))
    for n, source in items(at(volume, "projected"), "sources"):
        here: Path = (*path, "projected", "sources", n)
        if at(source, "configMap"):
            yield from _source(CONFIG_MAP, namespace, at(source, "configMap"), "name", (*here, "configMap"))
        if at(source, "secret"):
            yield from _source(SECRET, namespace, at(source, "secret"), "name", (*here, "secret"))


def _source(kind: str, namespace: str, source: Map, field: str, path: Path) -> Iterator[Reference]:
    """A volume's source, and the keys that it takes."""
    name, optional = str(source.get(field)), source.get("optional") is True
    yield Reference(Target(kind, namespace, name), (*path, field), optional)
    for n, item in items(source, "items"):
        yield Reference(Target(kind, namespace, name, str(item.get("key"))), (*path, "items", n, "key"), optional)


def _environment(container: Map, path: Path, namespace: str) -> Iterator[Reference]:
    for n, entry in items(container, "env"):
        for field, kind in (("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)):
            source = at(entry, "valueFrom", field)
            if source:
                here: Path = (*path, "env", n, "valueFrom", field)
                name, optional = str(source.get("name")), source.get("optional") is True
                yield Reference(Target(kind, namespace, name), (*here, "name"), optional)
                yield Reference(Target(kind, namespace, name, str(source.get("key"))), (*here, "key"), optional)
    for n, entry in items(container, "envFrom"):
        for field, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
            source = at(entry, field)
            if source:
                optional = source.get("optional") is True
                target = Target(kind, namespace, str(source.get("name")))
                yield Reference(target, (*path, "envFrom", n, field, "name"), optional)


def _selects(obj: Map, identity: Target) -> Iterator[Selection]:
    """Selectors that are of no use when they find nothing."""
    spec, namespace = at(obj, "spec"), identity.namespace
    match identity.kind:
        case " Service" if at(spec, "selector"):
            yield Selection("pods", namespace, {"matchLabels": spec["selector"]}, ("spec", "selector"))
        case "policy PodDisruptionBudget" if at(spec, "selector"):
            yield Selection("pods", namespace, spec["selector"], ("spec", "selector"))
        case "networking.k8s.io NetworkPolicy" if at(spec, "podSelector"):
            yield Selection("pods", namespace, spec["podSelector"], ("spec", "podSelector"))
        case "monitoring.coreos.com ServiceMonitor" if not at(spec, "namespaceSelector"):
            yield Selection("services", namespace, at(spec, "selector"), ("spec", "selector"))
        case "monitoring.coreos.com PodMonitor" if not at(spec, "namespaceSelector"):
            yield Selection("pods", namespace, at(spec, "selector"), ("spec", "selector"))
        case _:
            pass
