"""Argo CD and its Applications, as far as they need no server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fleetc_rehearsal import Client, Cluster, argocd
from fleetc_rehearsal.applications import Member, Status, status_of

SHIPPED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data: {resource.exclusions: some, kept: as it is}
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: applications.argoproj.io}
"""


def decoded(secret: dict[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def test_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shipped.yaml"
    file.write_text(SHIPPED, encoding="utf-8")
    monkeypatch.setattr("fleetc_rehearsal.finder.data", lambda _: [file])
    namespace, settings, secret, crd = argocd.objects({"resource.exclusions": "none"})
    assert namespace["metadata"]["name"] == settings["metadata"]["namespace"] == secret["metadata"]["namespace"]
    assert settings["data"] == {
        "resource.exclusions": "none",
        "kept": "as it is",
        "cluster.inClusterEnabled": "false",
    }
    assert len(decoded(secret)["server.secretkey"]) == 32
    assert "namespace" not in crd["metadata"]


def test_a_registration(tmp_path: Path) -> None:
    certificate = tmp_path / "server.crt"
    certificate.write_text("PEM", encoding="utf-8")
    client = cast(Client, SimpleNamespace(port=4321, token="t", certificate=certificate))
    secret = argocd.registration("a.b", cast(Cluster, SimpleNamespace(client=client)), {"stage": "one"})
    assert secret["metadata"]["labels"] == {"stage": "one", "argocd.argoproj.io/secret-type": "cluster"}
    got = decoded(secret)
    assert (got["name"], got["server"]) == ("a.b", "https://127.0.0.1:4321")
    assert json.loads(got["config"]) == {"bearerToken": "t", "tlsClientConfig": {"caData": "UEVN"}}


def test_what_is_said_of_an_application() -> None:
    said = {
        "sync": {"status": "OutOfSync", "revision": "abc"},
        "health": {"status": "Degraded"},
        "operationState": {"phase": "Failed", "message": "one or more objects failed to apply"},
        "conditions": [{"type": "SyncError", "message": "no"}],
        "resources": [
            {"kind": "Namespace", "name": "n", "status": "Synced"},
            {
                "group": "apps", "kind": "Deployment", "name": "d", "namespace": "n", "status": "OutOfSync",
                "health": {"status": "Degraded", "message": "deadline"},
            },
        ],
    }  # fmt: skip
    got = status_of({"status": said})
    assert (got.sync, got.health, got.revision, got.phase) == ("OutOfSync", "Degraded", "abc", "Failed")
    assert got.members[1] == Member("Deployment", "d", "n", "OutOfSync", "Degraded", "deadline", "apps")
    assert str(got).splitlines() == [
        "OutOfSync, Degraded, operation Failed",
        "operation: one or more objects failed to apply",
        "SyncError: no",
        "Deployment n/d: OutOfSync, Degraded deadline",
    ]


@pytest.mark.parametrize("application", [{}, {"status": {}}, {"status": {"conditions": None, "resources": None}}])
def test_nothing_is_said_yet(application: dict[str, Any]) -> None:
    got = status_of(application)
    assert got == Status("", "", "", "", "", {}, ())
    assert str(got) == "not compared, no health, operation none"
