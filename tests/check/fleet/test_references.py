"""Rule `reference`: how it ends, and what it says."""

from __future__ import annotations

import pytest
from tests.check.fleet.clusters import cluster, ends, hints, reasons, report, said, world

POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: default}
spec: {containers: [{name: c, image: i}], %s}
---
"""
CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: default}, data: {mode: a}}\n---\n"
SECRETS = "Secrets do not come from git, so that they are there is not known"
KEYS = "the keys of a Secret that a controller makes are not known"
EXISTING = "declared in the cluster's `existing`"


def volume(source: str) -> str:
    return POD % f"volumes: [{{name: v, {source}}}]"


def in_namespace(name: str) -> str:
    return f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c, namespace: {name}}}}}\n---\n"


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        # emitted
        (CONFIG + volume("configMap: {name: settings}"), "valid", ""),
        (CONFIG + volume("configMap: {name: settings, items: [{key: mode, path: m}]}"), "valid", ""),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: n}}\n---\n" + in_namespace("n"), "valid", ""),
        # made by Kubernetes itself
        (in_namespace("kube-system"), "valid", ""),
        (POD % "serviceAccountName: default", "valid", ""),
        (POD % "priorityClassName: system-node-critical", "valid", ""),
        (volume("configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: c}]}"), "valid", ""),
        # not emitted
        (volume("configMap: {name: settings}"), "invalid", ""),
        (CONFIG + volume("configMap: {name: settings, items: [{key: mood, path: m}]}"), "invalid", ""),
        (volume("configMap: {name: kube-root-ca.crt, items: [{key: other, path: c}]}"), "invalid", ""),
        (in_namespace("nowhere"), "invalid", ""),
        (POD % "serviceAccountName: chat", "invalid", ""),
        (POD % "priorityClassName: urgent", "invalid", ""),
        (POD % "runtimeClassName: kata", "invalid", ""),
        # optional
        (volume("configMap: {name: settings, optional: true}"), "valid", ""),
        (volume("secret: {secretName: s, optional: true}"), "valid", ""),
        # Secrets, and what makes them
        (volume("secret: {secretName: s}"), "skipped", SECRETS),
        (
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: s, namespace: default}}\n---\n"
            + volume("secret: {secretName: s}"),
            "valid",
            "",
        ),
        (
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: s, namespace: default}}\n---\n"
            + volume("secret: {secretName: s, items: [{key: k, path: p}]}"),
            "skipped",
            KEYS,
        ),
        (
            "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: x, namespace: default},"
            " spec: {secretName: s}}\n---\n" + volume("secret: {secretName: s}"),
            "valid",
            "",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: default}, stringData: {k: v}}\n---\n"
            + volume("secret: {secretName: s, items: [{key: k, path: p}]}"),
            "valid",
            "",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: default}, stringData: {k: v}}\n---\n"
            + volume("secret: {secretName: s, items: [{key: other, path: p}]}"),
            "invalid",
            "",
        ),
        # declared to be there
        (in_namespace("gateway"), "referenced", EXISTING),
        (POD % "priorityClassName: mine", "referenced", EXISTING),
        (POD % "runtimeClassName: gvisor", "referenced", EXISTING),
        (volume("ephemeral: {volumeClaimTemplate: {spec: {storageClassName: san}}}"), "referenced", EXISTING),
    ],
)
def test_ends(text: str, state: str, reason: str) -> None:
    existing = "{namespaces: [gateway], priorityClasses: [mine], runtimeClasses: [gvisor], storageClasses: [san]}"
    found = report(world(cluster(f"existing: {existing}")), {"Manifest/m": text})
    assert reasons(found, "reference", state).get(reason, 0) >= 1
    others = {name for name in ends(found, "reference") if name not in (state, "valid")}
    assert not others


def test_other_subjects_count() -> None:
    rows = {"Manifest/m": volume("configMap: {name: settings}"), "Manifest/o": CONFIG}
    assert ends(report(world(), rows), "reference") == {"valid": 3}


def test_roles_and_accounts() -> None:
    binding = """
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: b, namespace: default}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {name}}}
subjects: [{{kind: ServiceAccount, name: {account}, namespace: default}}]
"""
    right = [("ClusterRole", name) for name in ("cluster-admin", "admin", "edit", "view", "system:auth-delegator")]
    for role, name in right:
        text = binding.format(kind="RoleBinding", role=role, name=name, account="default")
        assert said(report(world(), {"Manifest/m": text}), "dangling_reference") == []
    text = binding.format(kind="RoleBinding", role="Role", name="reader", account="robot")
    assert said(report(world(), {"Manifest/m": text}), "dangling_reference") == [
        "RoleBinding default/b at roleRef.name: refers to Role default/reader, which is not on the cluster",
        "RoleBinding default/b at subjects.0.name: refers to ServiceAccount default/robot, which is not on the cluster",
    ]


def test_ports_of_services() -> None:
    service = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {ports: [{port: 80, name: http}]}
---
"""
    ingress = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: default}
spec: {defaultBackend: {service: {name: web, port: {%s}}}}
"""
    for port in ("number: 80", "name: http"):
        assert said(report(world(), {"Manifest/m": service + ingress % port})) == []
    found = report(world(), {"Manifest/m": service + ingress % "name: htp"})
    assert said(found) == [
        "Ingress default/i at spec.defaultBackend.service.port.name:"
        " refers to port htp of Service default/web, which is not on the cluster"
    ]
    assert hints(found, "dangling_reference") == ["did you mean `port http`?"]


def test_what_only_follows_is_not_said() -> None:
    """A key of a ConfigMap that is itself not there; both are counted."""
    found = report(world(), {"Manifest/m": volume("configMap: {name: settings, items: [{key: mode, path: m}]}")})
    assert ends(found, "reference")["invalid"] == 2
    assert said(found) == [
        "Pod default/p at spec.volumes.0.configMap.name: refers to ConfigMap default/settings, which is not on"
        " the cluster"
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (CONFIG + volume("configMap: {name: setings}"), "did you mean `settings`?"),
        (CONFIG + volume("configMap: {name: settings, items: [{key: mod, path: m}]}"), "did you mean `mode`?"),
        (POD % "serviceAccountName: zzz", "a Manifest on the same clusters, or correct the name"),
        (
            POD % "priorityClassName: zzz",
            "`existing`",
        ),
        (
            in_namespace("zzz"),
            "`existing`",
        ),
    ],
)
def test_hints(text: str, hint: str) -> None:
    (got,) = hints(report(world(), {"Manifest/m": text}), "dangling_reference")
    assert hint in got


def test_names_of_other_namespaces_and_kinds_are_not_meant() -> None:
    other = CONFIG.replace("namespace: default", "namespace: kube-system")
    (hint,) = hints(report(world(), {"Manifest/m": other + volume("configMap: {name: setings}")}), "dangling_reference")
    assert "did you mean" not in hint
