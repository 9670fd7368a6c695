"""The references of one object to others, by its kind and by its pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fleetc.check.fleet.mentions_custom import of_custom
from fleetc.check.fleet.pods import Pods
from fleetc.check.fleet.targets import (
    ADMISSION,
    CILIUM_NAMESPACE,
    CLAIM,
    CONFIGURATION,
    CREDENTIALS,
    DEVICES,
    NAMESPACE,
    NAMESPACE_NAME,
    PRIORITY_CLASS,
    RBAC,
    RUNTIME_CLASS,
    SERVICE,
    SERVICE_ACCOUNT,
    STORAGE_CLASS,
    Reference,
    Target,
)
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.source.span import Path

Found = Iterator[Reference]


def mentions(obj: Map, identity: Target, pods: Iterable[Pods]) -> Found:
    """Every reference. What has no name, or something else in its place, is no reference: its schema says so."""
    if identity.namespace and identity.kind != NAMESPACE:
        yield Reference(Target(NAMESPACE, "", identity.namespace), ("metadata", "namespace"))
    yield from _by_kind(obj, identity.kind, identity.namespace)
    for pod in pods:
        yield from _pod(pod.spec, pod.path, identity.namespace)


def _named(kind: str, namespace: str, holder: Map, field: str, path: Path, *, optional: bool = False) -> Found:
    """The reference by the name in a field of `holder`, which stands at `path`."""
    name = holder.get(field)
    if isinstance(name, str) and name:
        yield Reference(Target(kind, namespace, name), (*path, field), optional)


def _by_kind(obj: Map, kind: str, namespace: str) -> Found:
    spec = at(obj, "spec")
    match kind:
        case "rbac.authorization.k8s.io RoleBinding" | "rbac.authorization.k8s.io ClusterRoleBinding":
            yield from _binding(obj, namespace)
        case " PersistentVolumeClaim":
            yield from _named(STORAGE_CLASS, "", spec, "storageClassName", ("spec",))
        case " ServiceAccount":
            for n, secret in items(obj, "imagePullSecrets"):
                yield from _named(CREDENTIALS, namespace, secret, "name", ("imagePullSecrets", n))
        case "apps StatefulSet":
            yield from _named(SERVICE, namespace, spec, "serviceName", ("spec",))
            for n, claim in items(spec, "volumeClaimTemplates"):
                path: Path = ("spec", "volumeClaimTemplates", n, "spec")
                yield from _named(STORAGE_CLASS, "", at(claim, "spec"), "storageClassName", path)
        case "autoscaling HorizontalPodAutoscaler":
            target = at(spec, "scaleTargetRef")
            group = str(target.get("apiVersion") or "").rpartition("/")[0]
            yield from _named(f"{group} {target.get('kind')}", namespace, target, "name", ("spec", "scaleTargetRef"))
        case "networking.k8s.io Ingress":
            yield from _ingress(spec, namespace)
        case "networking.k8s.io NetworkPolicy":
            yield from _policy_peers(spec)
        case "cilium.io CiliumNetworkPolicy":
            yield from _cilium_peers(spec)
        case " ResourceQuota":
            yield from _quota(spec)
        case "admissionregistration.k8s.io ValidatingAdmissionPolicyBinding":
            yield from _named(f"{ADMISSION} ValidatingAdmissionPolicy", "", spec, "policyName", ("spec",))
        case (
            "admissionregistration.k8s.io ValidatingWebhookConfiguration"
            | "admissionregistration.k8s.io MutatingWebhookConfiguration"
        ):
            for n, hook in items(obj, "webhooks"):
                service = at(hook, "clientConfig", "service")
                path = ("webhooks", n, "clientConfig", "service")
                yield from _named(SERVICE, str(service.get("namespace")), service, "name", path)
        case _:
            yield from of_custom(obj, kind, namespace)


def _binding(obj: Map, namespace: str) -> Found:
    role = at(obj, "roleRef")
    kind = str(role.get("kind"))
    yield from _named(f"{RBAC} {kind}", namespace if kind == "Role" else "", role, "name", ("roleRef",))
    for n, subject in items(obj, "subjects"):
        if subject.get("kind") == "ServiceAccount":
            place = str(subject.get("namespace") or namespace)
            yield from _named(SERVICE_ACCOUNT, place, subject, "name", ("subjects", n))


def _ingress(spec: Map, namespace: str) -> Found:
    backends: list[tuple[Map, Path]] = [(at(spec, "defaultBackend"), ("spec", "defaultBackend"))]
    for n, rule in items(spec, "rules"):
        for m, entry in items(at(rule, "http"), "paths"):
            backends.append((at(entry, "backend"), ("spec", "rules", n, "http", "paths", m, "backend")))
    for backend, path in backends:
        service = at(backend, "service")
        for found in _named(SERVICE, namespace, service, "name", (*path, "service")):
            yield found
            for field in ("name", "number"):
                port = at(service, "port").get(field)
                if port:
                    target = found.target._replace(key=f"port {port}")
                    yield Reference(target, (*path, "service", "port", field))
    for n, tls in items(spec, "tls"):
        yield from _named(CREDENTIALS, namespace, tls, "secretName", ("spec", "tls", n))


def _policy_peers(spec: Map) -> Found:
    """Namespaces that a peer names by the label that the API server keeps: one that is not there is a typing error."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for n, rule in items(spec, direction):
            for m, peer in items(rule, side):
                here: Path = ("spec", direction, n, side, m, "namespaceSelector")
                selector = at(peer, "namespaceSelector")
                yield from _named(NAMESPACE, "", at(selector, "matchLabels"), NAMESPACE_NAME, (*here, "matchLabels"))
                for e, expression in items(selector, "matchExpressions"):
                    if expression.get("key") == NAMESPACE_NAME and expression.get("operator") == "In":
                        yield from _values(NAMESPACE, expression, (*here, "matchExpressions", e))


def _cilium_peers(spec: Map) -> Found:
    for direction, side in (("ingress", "fromEndpoints"), ("egress", "toEndpoints")):
        for n, rule in items(spec, direction):
            for m, selector in items(rule, side):
                here: Path = ("spec", direction, n, side, m, "matchLabels")
                for prefix in ("", "k8s:"):
                    label = f"{prefix}{CILIUM_NAMESPACE}"
                    yield from _named(NAMESPACE, "", at(selector, "matchLabels"), label, here)


def _quota(spec: Map) -> Found:
    for n, item in items(at(spec, "scopeSelector"), "matchExpressions"):
        if item.get("scopeName") == "PriorityClass":
            yield from _values(PRIORITY_CLASS, item, ("spec", "scopeSelector", "matchExpressions", n))


def _values(kind: str, requirement: Map, path: Path) -> Found:
    for n, value in enumerate(strings(requirement, "values")):
        yield Reference(Target(kind, "", value), (*path, "values", n))


_POD_NAMES: Final = (
    ("serviceAccountName", SERVICE_ACCOUNT, True),
    ("priorityClassName", PRIORITY_CLASS, False),
    ("runtimeClassName", RUNTIME_CLASS, False),
)


def _pod(spec: Map, path: Path, namespace: str) -> Found:
    for field, kind, local in _POD_NAMES:
        yield from _named(kind, namespace if local else "", spec, field, path)
    for n, secret in items(spec, "imagePullSecrets"):
        yield from _named(CREDENTIALS, namespace, secret, "name", (*path, "imagePullSecrets", n))
    for n, claim in items(spec, "resourceClaims"):
        here: Path = (*path, "resourceClaims", n)
        yield from _named(f"{DEVICES} ResourceClaim", namespace, claim, "resourceClaimName", here)
        yield from _named(f"{DEVICES} ResourceClaimTemplate", namespace, claim, "resourceClaimTemplateName", here)
    for n, volume in items(spec, "volumes"):
        yield from _volume(volume, (*path, "volumes", n), namespace)
    for field in ("initContainers", "containers"):
        for n, container in items(spec, field):
            yield from _environment(container, (*path, field, n), namespace)


def _volume(volume: Map, path: Path, namespace: str) -> Found:
    yield from _keyed(CONFIGURATION, namespace, volume, "configMap", "name", path)
    yield from _keyed(CREDENTIALS, namespace, volume, "secret", "secretName", path)
    claim = at(volume, "persistentVolumeClaim")
    yield from _named(CLAIM, namespace, claim, "claimName", (*path, "persistentVolumeClaim"))
    template = at(volume, "ephemeral", "volumeClaimTemplate", "spec")
    yield from _named(
        STORAGE_CLASS, "", template, "storageClassName", (*path, "ephemeral", "volumeClaimTemplate", "spec")
    )
    for n, source in items(at(volume, "projected"), "sources"):
        here: Path = (*path, "projected", "sources", n)
        yield from _keyed(CONFIGURATION, namespace, source, "configMap", "name", here)
        yield from _keyed(CREDENTIALS, namespace, source, "secret", "name", here)


def _keyed(kind: str, namespace: str, volume: Map, source: str, field: str, path: Path) -> Found:
    """A volume's source, and the keys that it takes."""
    held = at(volume, source)
    optional = held.get("optional") is True
    for found in _named(kind, namespace, held, field, (*path, source), optional=optional):
        yield found
        for n, item in items(held, "items"):
            if isinstance(item.get("key"), str):
                target = found.target._replace(key=item["key"])
                yield Reference(target, (*path, source, "items", n, "key"), optional)


def _environment(container: Map, path: Path, namespace: str) -> Found:
    for n, entry in items(container, "env"):
        for field, kind in (("configMapKeyRef", CONFIGURATION), ("secretKeyRef", CREDENTIALS)):
            source = at(entry, "valueFrom", field)
            here: Path = (*path, "env", n, "valueFrom", field)
            optional = source.get("optional") is True
            for found in _named(kind, namespace, source, "name", here, optional=optional):
                yield found
                if isinstance(source.get("key"), str):
                    yield Reference(found.target._replace(key=source["key"]), (*here, "key"), optional)
    for n, entry in items(container, "envFrom"):
        for field, kind in (("configMapRef", CONFIGURATION), ("secretRef", CREDENTIALS)):
            source = at(entry, field)
            optional = source.get("optional") is True
            yield from _named(kind, namespace, source, "name", (*path, "envFrom", n, field), optional=optional)
