"""Edits of what counts for quotas, of the quotas, and of what decides in between: a build that starts from what the
last one remembered says of quotas what a build of a fresh copy says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import Run, clean, inside, scopes_taken
from tests.driver.tree.trees import put

from fleetc.driver import memory
from fleetc.driver.scope import WHOLE

FLEET = """\
apiVersion: fleetc/v1alpha1
kind: Fleet
metadata: {name: acme}
spec: {organisation: acme, environments: [dev]}
"""
CLUSTER = """\
apiVersion: fleetc/v1alpha1
kind: Cluster
metadata: {name: %s}
spec: {kubernetes: "1.35", provider: kind, environment: dev}
"""
TEAM = """\
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {name: search}
spec:
  namespaces: [search]
  members: {admins: leads}
  quota: {cpu: "4", memory: 1Ti, pods: 5}
  limits: {defaultRequest: {cpu: "1", memory: 1Gi}, default: {cpu: "1", memory: 1Gi}}
"""
OTHER = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: other, team: search}
spec:
  objects:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: other, namespace: search}
    data: {a: b}
"""
API = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: api, team: search}
spec:
  objects:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: api, namespace: search}
    spec:
      replicas: 2
      selector: {matchLabels: {app: api}}
      template:
        metadata: {labels: {app: api}}
        spec:
          containers:
          - {name: api, image: "registry.acme.example/api:1"}
"""
SCALER = """\
  - apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: api, namespace: search}
    spec: {minReplicas: 1, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
"""
API_FILE, TEAM_FILE, OTHER_FILE = "manifests/api", "teams/search", "manifests/other"

EDITS = [
    ("more, and within", API_FILE, "replicas: 2", "replicas: 4", 0),
    ("too many", API_FILE, "replicas: 4", "replicas: 9", 2),
    ("another image, and still too many", API_FILE, "api:1", "api:2", 2),
    ("as many as there is room for", API_FILE, "replicas: 9", "replicas: 4", 0),
    ("less quota", TEAM_FILE, 'cpu: "4", memory: 1Ti', 'cpu: "3", memory: 1Ti', 1),
    ("smaller defaults", TEAM_FILE, 'defaultRequest: {cpu: "1"', "defaultRequest: {cpu: 500m", 0),
    ("fewer pods", TEAM_FILE, "pods: 5", "pods: 4", 0),
    ("what says what it asks for", API_FILE, 'api:2"', 'api:2", resources: {requests: {cpu: 900m}}', 1),
    ("an autoscaler of another subject", OTHER_FILE, "    data: {a: b}\n", f"    data: {{a: b}}\n{SCALER}", 0),
    ("that wants more", OTHER_FILE, "minReplicas: 1", "minReplicas: 6", 2),
    ("that wants less", OTHER_FILE, "minReplicas: 6", "minReplicas: 2", 0),
]

ALONE = ["more, and within", "as many as there is room for", "smaller defaults", "fewer pods", "that wants less"]
"""Those after which only the edited subject is compiled, and `quota` alone is judged again."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet of two clusters, with a team and its quota."""
    monkeypatch.setattr(memory, "tool_digest", lambda *_: "this")
    made = tmp_path / "fleet"
    texts = {"fleet": FLEET, TEAM_FILE: TEAM, API_FILE: API, OTHER_FILE: OTHER}
    texts |= {f"clusters/{name}": CLUSTER % name for name in ("one", "two")}
    for name, text in texts.items():
        put(made, f"specs/{name}.yaml", text.encode())
    return made


def said(run: Run) -> Any:
    return {name: run.data().get(name) for name in ("diagnostics", "summary", "strict")}


def test_edits(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert inside(root, "build", "--output", "json").status == 0
    scopes = scopes_taken(monkeypatch)
    alone: list[str] = []
    for n, (why, name, old, new, errors) in enumerate(EDITS):
        path = root / f"specs/{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, why
        path.write_text(text.replace(old, new), encoding="utf-8")
        scopes.clear()
        again = inside(root, "build", "--output", "json")
        if WHOLE not in scopes:
            alone.append(why)
        fresh = clean(root, tmp_path / f"fresh{n}", "--output", "json")
        assert said(again) == said(fresh), why
        codes = [found["code"] for found in again.data()["diagnostics"]]
        assert codes == ["FLT509"] * errors, why
    assert alone == ALONE
