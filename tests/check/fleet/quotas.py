"""Texts of quotas and of what counts for them, and what the rule says of them."""

from __future__ import annotations

from tests.check.fleet.clusters import cluster, report, said, world

from fleetc.check.run import Report

NAMESPACE = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: t}}\n"
CLASS = "h200.fleetc.dev.deviceclass.resource.k8s.io/devices"


def quota(hard: str, more: str = "") -> str:
    spec = f"{{hard: {{{hard}}}, {more}}}"
    return f"---\n{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q, namespace: t}}, spec: {spec}}}\n"


def made(kind: str, name: str, spec: str, group: str = "v1", labels: str = "") -> str:
    metadata = f"{{name: {name}, namespace: t, labels: {{{labels}}}}}"
    return f"---\n{{apiVersion: {group}, kind: {kind}, metadata: {metadata}, spec: {{{spec}}}}}\n"


def container(requests: str = "", limits: str = "", more: str = "") -> str:
    return f"{{name: c, image: i, resources: {{requests: {{{requests}}}, limits: {{{limits}}}}}, {more}}}"


def pod_spec(requests: str = "cpu: 1", limits: str = "", more: str = "") -> str:
    return f"containers: [{container(requests, limits)}], {more}"


def template(spec: str) -> str:
    return f"template: {{metadata: {{labels: {{a: b}}}}, spec: {{{spec}}}}}"


def deployment(spec: str, more: str = "", kind: str = "Deployment") -> str:
    return made(
        kind, "d", f"selector: {{matchLabels: {{a: b}}}}, {more}, {template(spec)}".replace(", ,", ","), "apps/v1"
    )


def checked(text: str, minor: str = "1.35", fields: str = "") -> Report:
    return report(world(cluster(fields, minor=minor)), {"Manifest/m": NAMESPACE + text})


def used(text: str, resource: str, more: str = "", minor: str = "1.35") -> str:
    """What the message says is asked for, beside a quota of -1, which everything exceeds."""
    found = checked(text + quota(f'"{resource}": -1', more), minor)
    (message,) = said(found, "quota_exceeded")
    return message.partition(" at least ")[2].partition(" of ")[0]


JOB = "restartPolicy: Never"
LWS = "leaderworkerset.x-k8s.io/v1"
POD = made("Pod", "p", pod_spec())
CLAIM = "resources: {requests: {storage: 3Gi}}, storageClassName: fast"


def scope(name: str, operator: str = "Exists", values: str = "") -> str:
    return f"scopeSelector: {{matchExpressions: [{{scopeName: {name}, operator: {operator}, values: [{values}]}}]}}"


def claims(request: str, api: str = "v1") -> str:
    devices = f"spec: {{devices: {{requests: [{{name: r, {request}}}]}}}}"
    return made("ResourceClaimTemplate", "t", devices, f"resource.k8s.io/{api}") + deployment(
        pod_spec(more="resourceClaims: [{name: d, resourceClaimTemplateName: t}]"), "replicas: 2"
    )
