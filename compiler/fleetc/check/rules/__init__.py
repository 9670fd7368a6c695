"""Rules between the fields of one object, which a schema cannot say. What a real API server refuses is the oracle.

Each rule is a function from an object to what it finds; it must stand any damage, for the schema reports that.
"""

from __future__ import annotations

from fleetc.check.rules import access_control, admission, devices, network, policies, storage, workloads
from fleetc.check.rules.access import Rule
from fleetc.check.rules.workloads import pod_rule

_TABLE: dict[str, tuple[Rule, ...]] = {
    "v1 Pod": (pod_rule("Pod"),),
    "v1 PodTemplate": (pod_rule("PodTemplate"),),
    "v1 ReplicationController": (pod_rule("ReplicationController"), workloads.plain_selector, workloads.always),
    "apps/v1 Deployment": (pod_rule("Deployment"), workloads.selector, workloads.always, workloads.rollout),
    "apps/v1 ReplicaSet": (pod_rule("ReplicaSet"), workloads.selector, workloads.always),
    "apps/v1 StatefulSet": (workloads.stateful_pod, workloads.selector, workloads.always),
    "apps/v1 DaemonSet": (pod_rule("DaemonSet"), workloads.selector, workloads.always, workloads.daemon_rollout),
    "leaderworkerset.x-k8s.io/v1 LeaderWorkerSet": (workloads.group_pods,),
    "batch/v1 Job": (pod_rule("Job"), workloads.job),
    "batch/v1 CronJob": (pod_rule("CronJob"), workloads.cron_job),
    "v1 ConfigMap": (access_control.config_map,),
    "v1 Secret": (access_control.secret,),
    "v1 Namespace": (access_control.namespace,),
    "v1 Service": (network.service,),
    "v1 PersistentVolume": (storage.volume,),
    "v1 PersistentVolumeClaim": (storage.volume_claim,),
    "v1 LimitRange": (policies.limit_range,),
    "v1 ResourceQuota": (policies.quota,),
    "networking.k8s.io/v1 NetworkPolicy": (network.network_policy,),
    "networking.k8s.io/v1 Ingress": (network.ingress,),
    "autoscaling/v2 HorizontalPodAutoscaler": (policies.autoscaler,),
    "policy/v1 PodDisruptionBudget": (policies.disruption_budget,),
    "scheduling.k8s.io/v1 PriorityClass": (policies.priority_class,),
    "node.k8s.io/v1 RuntimeClass": (access_control.runtime_class,),
    "resource.k8s.io/v1 ResourceClaim": (devices.claim,),
    "resource.k8s.io/v1 ResourceClaimTemplate": (devices.claim_template,),
    "resource.k8s.io/v1beta2 ResourceClaim": (devices.claim,),
    "resource.k8s.io/v1beta2 ResourceClaimTemplate": (devices.claim_template,),
    "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy": (admission.policy,),
    "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": (admission.webhooks,),
    "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": (admission.webhooks,),
    "rbac.authorization.k8s.io/v1 Role": (access_control.role,),
    "rbac.authorization.k8s.io/v1 ClusterRole": (access_control.role,),
    "rbac.authorization.k8s.io/v1 RoleBinding": (access_control.binding,),
    "rbac.authorization.k8s.io/v1 ClusterRoleBinding": (access_control.binding,),
}


def of(api_version: str, kind: str) -> tuple[Rule, ...]:
    """The rules of a kind."""
    return _TABLE.get(f"{api_version} {kind}", ())
