"""Hand-written objects that an API server accepts: the ground that the mutations stand on."""

from __future__ import annotations

from typing import Any

import yaml

TEXT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat, namespace: team-a, labels: {app: chat}, annotations: {example.com/owner: team-a}}
spec:
  replicas: 2
  selector: {matchLabels: {app: chat}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: chat, tier: serving}}
    spec:
      serviceAccountName: chat
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
      nodeSelector: {accelerator: h100}
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a, b]}]}]
      containers:
      - name: server
        image: vllm/vllm-openai:v0.20.0
        imagePullPolicy: IfNotPresent
        args: [--port, "8000"]
        env:
        - {name: HF_HOME, value: /cache}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: hf, key: token}}}
        ports: [{name: http, containerPort: 8000, protocol: TCP}]
        resources:
          requests: {cpu: "4", memory: 16Gi, nvidia.com/gpu: "1"}
          limits: {memory: 32Gi, nvidia.com/gpu: "1"}
        readinessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 10}
        volumeMounts: [{name: cache, mountPath: /cache}]
      volumes: [{name: cache, emptyDir: {sizeLimit: 10Gi}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: chat, namespace: team-a}
spec:
  podSelector: {matchLabels: {app: chat}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}}]
    ports: [{port: 8000, protocol: TCP}]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 1000, endPort: 2000, protocol: TCP}]
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: gpu, namespace: team-a}
spec: {hard: {requests.cpu: "100", requests.nvidia.com/gpu: "8", pods: "50"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: team-a}
spec:
  limits:
  - {type: Container, min: {cpu: 10m}, defaultRequest: {cpu: 100m}, default: {cpu: "1"}, max: {cpu: "8"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "team:reader", namespace: team-a}
rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: "team:readers", namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "team:reader"}
subjects:
- {kind: Group, name: researchers, apiGroup: rbac.authorization.k8s.io}
- {kind: ServiceAccount, name: chat, namespace: team-a}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
reclaimPolicy: Delete
volumeBindingMode: WaitForFirstConsumer
parameters: {type: gp3}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-a, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: chat, namespace: team-a}
automountServiceAccountToken: false
imagePullSecrets: [{name: pull}]
---
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: team-a}
spec:
  type: ClusterIP
  selector: {app: chat}
  ports:
  - {name: http, port: 80, targetPort: http, protocol: TCP}
  - {name: metrics, port: 9090, targetPort: 9090, protocol: TCP}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team-a}
data: {config.yaml: "a: 1"}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: team-a}
spec:
  schedule: "*/15 2 * * mon-fri"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: report, image: "report:1.0", resources: {requests: {cpu: 100m}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, namespace: team-a}
spec:
  ingressClassName: nginx
  rules:
  - host: chat.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: chat, namespace: team-a}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: chat}
  minReplicas: 1
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: chat, namespace: team-a}
spec: {minAvailable: 50%, selector: {matchLabels: {app: chat}}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: serving}
value: 100000
preemptionPolicy: PreemptLowerPriority
description: Serving goes first.
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: gvisor}
handler: runsc
scheduling: {nodeSelector: {sandbox: gvisor}}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: chat, namespace: team-a}
spec:
  endpointSelector: {matchLabels: {app: chat}}
  egress:
  - toFQDNs: [{matchName: huggingface.co}]
    toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

OBJECTS: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all(TEXT))
"""One object of each kind, all accepted by Kubernetes 1.35."""
