"""Rule `quota`: what counts for which resource, and how much of it at least."""

from __future__ import annotations

import pytest
from tests.check.fleet.quotas import CLAIM, CLASS, JOB, LWS, POD, claims, deployment, made, pod_spec, template, used


@pytest.mark.parametrize(
    ("text", "resource", "amount"),
    [
        # what a pod asks for
        (POD, "requests.cpu", "1"),
        (POD, "cpu", "1"),
        (POD, "pods", "1"),
        (POD, "count/pods", "1"),
        (POD, "limits.cpu", "0"),
        (made("Pod", "p", pod_spec("", "cpu: 1500m")), "requests.cpu", "1500m"),
        (made("Pod", "p", pod_spec("cpu: 1", "cpu: 1500m")), "requests.cpu", "1"),
        (made("Pod", "p", pod_spec("cpu: 1", "cpu: 1500m")), "limits.cpu", "1500m"),
        (made("Pod", "p", pod_spec("memory: 1536Mi")), "requests.memory", "1536Mi"),
        (made("Pod", "p", pod_spec("ephemeral-storage: 1Gi")), "requests.ephemeral-storage", "1Gi"),
        (made("Pod", "p", pod_spec("", "ephemeral-storage: 1Gi")), "limits.ephemeral-storage", "1Gi"),
        (made("Pod", "p", pod_spec("hugepages-2Mi: 4Mi", "hugepages-2Mi: 4Mi")), "hugepages-2Mi", "4Mi"),
        (made("Pod", "p", pod_spec("", "nvidia.com/gpu: 2")), "requests.nvidia.com/gpu", "2"),
        # how many pods at least
        (deployment(pod_spec()), "requests.cpu", "1"),
        (deployment(pod_spec(), "replicas: 3"), "requests.cpu", "3"),
        (deployment(pod_spec(), "replicas: 0"), "requests.cpu", "0"),
        (deployment(pod_spec(), "replicas: 3, serviceName: s", "StatefulSet"), "pods", "3"),
        (deployment(pod_spec(), "replicas: 3", "ReplicaSet"), "pods", "3"),
        (deployment(pod_spec(), "", "DaemonSet"), "pods", "0"),
        (made("Job", "j", template(pod_spec(more=JOB)), "batch/v1"), "pods", "1"),
        (made("Job", "j", f"parallelism: 4, {template(pod_spec(more=JOB))}", "batch/v1"), "pods", "4"),
        (made("Job", "j", f"parallelism: 4, completions: 2, {template(pod_spec(more=JOB))}", "batch/v1"), "pods", "2"),
        (made("Job", "j", f"suspend: true, {template(pod_spec(more=JOB))}", "batch/v1"), "pods", "0"),
        (made("Job", "j", template(pod_spec(more=JOB)), "batch/v1", "kueue.x-k8s.io/queue-name: q"), "pods", "0"),
        (
            made("CronJob", "j", f"schedule: '@daily', jobTemplate: {{spec: {{{template(pod_spec())}}}}}", "batch/v1"),
            "pods",
            "0",
        ),
        (
            made("LeaderWorkerSet", "l", f"leaderWorkerTemplate: {{workerT{template(pod_spec())[1:]}}}", LWS),
            "pods",
            "1",
        ),
        (
            made(
                "LeaderWorkerSet",
                "l",
                f"replicas: 2, leaderWorkerTemplate: {{size: 4, workerT{template(pod_spec())[1:]}}}",
                LWS,
            ),
            "requests.cpu",
            "8",
        ),
        (
            made(
                "LeaderWorkerSet",
                "l",
                "replicas: 2, leaderWorkerTemplate: {size: 4, "
                f"leaderT{template(pod_spec('cpu: 100m'))[1:]}, workerT{template(pod_spec())[1:]}}}",
                LWS,
            ),
            "requests.cpu",
            "6200m",
        ),
        # volumes
        (made("PersistentVolumeClaim", "c", CLAIM), "requests.storage", "3Gi"),
        (made("PersistentVolumeClaim", "c", CLAIM), "persistentvolumeclaims", "1"),
        (made("PersistentVolumeClaim", "c", CLAIM), "count/persistentvolumeclaims", "1"),
        (made("PersistentVolumeClaim", "c", CLAIM), "fast.storageclass.storage.k8s.io/requests.storage", "3Gi"),
        (made("PersistentVolumeClaim", "c", CLAIM), "fast.storageclass.storage.k8s.io/persistentvolumeclaims", "1"),
        (made("PersistentVolumeClaim", "c", CLAIM), "slow.storageclass.storage.k8s.io/persistentvolumeclaims", "0"),
        (
            deployment(
                pod_spec(),
                f"replicas: 3, serviceName: s, volumeClaimTemplates: [{{metadata: {{name: v}}, spec: {{{CLAIM}}}}}]",
                "StatefulSet",
            ),
            "requests.storage",
            "9Gi",
        ),
        (
            deployment(
                pod_spec(more=f"volumes: [{{name: v, ephemeral: {{volumeClaimTemplate: {{spec: {{{CLAIM}}}}}}}}}]"),
                "replicas: 2",
            ),
            "requests.storage",
            "6Gi",
        ),
        # Services
        (made("Service", "s", "ports: [{port: 1}]"), "services", "1"),
        (made("Service", "s", "ports: [{port: 1}]"), "services.nodeports", "0"),
        (made("Service", "s", "type: NodePort, ports: [{port: 1}, {port: 2, name: b}]"), "services.nodeports", "2"),
        (made("Service", "s", "type: LoadBalancer, ports: [{port: 1}]"), "services.loadbalancers", "1"),
        (made("Service", "s", "type: LoadBalancer, ports: [{port: 1}]"), "services.nodeports", "1"),
        (
            made(
                "Service",
                "s",
                "type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 1}, {port: 2, nodePort: 3}]",
            ),
            "services.nodeports",
            "1",
        ),
        # objects
        ("", "configmaps", "1"),
        ("", "count/configmaps", "1"),
        ("", "count/serviceaccounts", "1"),
        ("", "secrets", "0"),
        ("", "resourcequotas", "1"),
        ("---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: t}}\n", "configmaps", "2"),
        (
            "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt, namespace: t}}\n",
            "configmaps",
            "1",
        ),
        ("---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: t}}\n", "secrets", "0"),
        ("---\n{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: t}}\n", "secrets", "1"),
        (made("ExternalSecret", "e", "", "external-secrets.io/v1"), "secrets", "1"),
        (made("ExternalSecret", "e", "target: {creationPolicy: Merge}", "external-secrets.io/v1"), "secrets", "0"),
        (made("Certificate", "e", "secretName: s", "cert-manager.io/v1"), "secrets", "1"),
        (deployment(pod_spec()), "count/deployments.apps", "1"),
        (deployment(pod_spec()), "count/replicasets.apps", "1"),
        (made("NetworkPolicy", "n", "", "networking.k8s.io/v1"), "count/networkpolicies.networking.k8s.io", "1"),
        (made("Ingress", "n", "", "networking.k8s.io/v1"), "count/ingresses.networking.k8s.io", "1"),
        (made("Gateway", "n", "", "gateway.networking.k8s.io/v1"), "count/gateways.gateway.networking.k8s.io", "1"),
        (made("Job", "j", template(pod_spec(more=JOB)), "batch/v1"), "count/jobs.batch", "1"),
        (made("LeaderWorkerSet", "l", "", LWS), "services", "1"),
    ],
)
def test_what_counts(text: str, resource: str, amount: str) -> None:
    assert used(text, resource) == amount


@pytest.mark.parametrize(
    ("scaler", "amount"),
    [
        (made("HorizontalPodAutoscaler", "h", "%s", "autoscaling/v2"), "1"),
        (made("HorizontalPodAutoscaler", "h", "minReplicas: 3, %s", "autoscaling/v2"), "3"),
        (made("ScaledObject", "h", "%s", "keda.sh/v1alpha1"), "0"),
        (made("ScaledObject", "h", "minReplicaCount: 2, %s", "keda.sh/v1alpha1"), "2"),
        (made("ScaledObject", "h", "minReplicaCount: 2, idleReplicaCount: 0, %s", "keda.sh/v1alpha1"), "0"),
    ],
)
def test_what_is_scaled_starts_with_the_least(scaler: str, amount: str) -> None:
    target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}"
    text = deployment(pod_spec(), "replicas: 7")
    assert used(text + scaler % target % "d", "pods") == amount
    assert used(text + scaler % target % "other", "pods") == "7"


@pytest.mark.parametrize(
    ("limits", "requests", "capped"),
    [
        ("default: {cpu: 2}, defaultRequest: {cpu: 500m}", "500m", "2"),
        ("default: {cpu: 2}", "2", "2"),
        ("defaultRequest: {cpu: 500m}", "500m", "0"),
        ("max: {cpu: 4}", "4", "4"),
        ("min: {cpu: 10m}", "10m", "0"),
        ("max: {cpu: 4}, min: {cpu: 10m}", "4", "4"),
        ("max: {cpu: 4}, default: {cpu: 2}, defaultRequest: {cpu: 1}, min: {cpu: 10m}", "1", "2"),
    ],
)
def test_limit_ranges(limits: str, requests: str, capped: str) -> None:
    """Of containers alone; those of other namespaces, and of what says what it asks for, change nothing."""
    ranged = made("LimitRange", "l", f"limits: [{{type: Pod, max: {{cpu: 9}}}}, {{type: Container, {limits}}}]")
    text = ranged + made("Pod", "p", pod_spec("memory: 1Gi"))
    assert (used(text, "requests.cpu"), used(text, "limits.cpu")) == (requests, capped)
    assert used(text.replace("namespace: t", "namespace: u", 1), "requests.cpu") == "0"
    assert used(ranged + made("Pod", "p", pod_spec("cpu: 3")), "requests.cpu") == "3"


def test_runtime_overhead() -> None:
    text = "---\n{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: kata}, handler: kata,"
    text += " overhead: {podFixed: {cpu: 250m, memory: 128Mi}}}\n"
    text += made("Pod", "p", pod_spec("cpu: 1", "cpu: 2", "runtimeClassName: kata"))
    assert used(text, "requests.cpu") == "1250m"
    assert used(text, "limits.cpu") == "2250m"
    assert used(text, "requests.memory") == "128Mi"
    assert used(text, "limits.memory") == "0"


@pytest.mark.parametrize(
    ("level", "minor", "amount"),
    [
        ("requests: {cpu: 5}", "1.35", "5"),
        ("limits: {cpu: 5}", "1.35", "1"),
        ("limits: {memory: 5Gi}", "1.35", "1"),
        ("requests: {cpu: 5}", "1.33", "1"),
    ],
)
def test_resources_of_whole_pods(level: str, minor: str, amount: str) -> None:
    assert used(made("Pod", "p", pod_spec(more=f"resources: {{{level}}}")), "requests.cpu", minor=minor) == amount


@pytest.mark.parametrize(
    ("request_", "api", "amount"),
    [
        ("exactly: {deviceClassName: h200.fleetc.dev}", "v1", "2"),
        ("exactly: {deviceClassName: h200.fleetc.dev, allocationMode: ExactCount, count: 4}", "v1", "8"),
        ("exactly: {deviceClassName: other, count: 4}", "v1", "0"),
        ("deviceClassName: h200.fleetc.dev, count: 4", "v1beta1", "8"),
    ],
)
def test_devices(request_: str, api: str, amount: str) -> None:
    assert used(claims(request_, api), CLASS) == amount
    assert used(claims(request_, api), "count/resourceclaims.resource.k8s.io") == "2"


def test_claims_that_stand_alone() -> None:
    one = "devices: {requests: [{name: r, exactly: {deviceClassName: h200.fleetc.dev, count: 3}}]}"
    assert used(made("ResourceClaim", "c", one, "resource.k8s.io/v1"), CLASS) == "3"
