"""A spec that is broken on purpose, in a way that only the server sees: the message names the spec line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside
from tests.live.blame import blame, nearest
from tests.live.clusters import live

from fleetc.driver.explain import explainer
from fleetc_rehearsal import Refused

SPEC = "specs/manifests/twice.yaml"
# Without the CRD, whose CEL rules say so, nobody but the server can tell that a filter must not stand twice.
TWICE = """
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: twice, team: search}
spec:
  placement: {clusters: gke-euw4-prod}
  objects:
  - apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: twice, namespace: search}
    spec:
      parentRefs: [{name: models, namespace: gateway}]
      rules:
      - filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {remove: [one]}}
        - {type: RequestHeaderModifier, requestHeaderModifier: {remove: [two]}}
"""


@pytest.mark.live
def test_what_the_server_refuses_is_told_with_its_spec_line(tmp_path: Path) -> None:
    root = acme(tmp_path / "acme")
    text = TWICE.lstrip()
    line = 1 + next(n for n, written in enumerate(text.splitlines()) if "- filters:" in written)
    (root / SPEC).write_text(text, encoding="utf-8")
    assert inside(root, "build").status == 0
    with live("gke-euw4-prod", root) as made:
        refused = [(o, a) for o, a in zip(made.emitted, made.answers, strict=True) if isinstance(a, Refused)]
    ((one, answer),) = refused
    said = blame(explainer(root), one, answer)
    assert said.splitlines()[0].startswith("golden/gke-euw4-prod/teams/search/manifests/twice.yaml:")
    assert "HTTPRoute search/twice: the server refuses it: 422 Invalid" in said
    assert f"{SPEC}:{line}:" in said


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("", ()),
        ("spec", ("spec",)),
        ("spec.hard[requests.cpu]", ("spec", "hard", "requests.cpu")),
        ("spec.containers[1].image", ("spec", "containers", 1, "image")),
        ("spec.containers[1].args", ("spec", "containers", 1)),
        ("spec.containers[2].image", ("spec", "containers")),
        ("metadata.labels[0]", ("metadata",)),
        ("<nil>", ()),
    ],
)
def test_fields_as_servers_name_them(field: str, path: tuple[str | int, ...]) -> None:
    obj = {
        "metadata": {"name": "a"},
        "spec": {"hard": {"requests.cpu": "1"}, "containers": [{"image": "a"}, {"image": "b"}]},
    }
    assert nearest(obj, field) == path
