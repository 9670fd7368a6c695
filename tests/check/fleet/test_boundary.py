"""Rule `boundary`: a team's Manifest stays in the team's namespaces."""

from __future__ import annotations

from tests.check.fleet.clusters import ends, manifest, report, said, team, world

OWNED = [team("t", namespaces="t, t-batch"), team("u"), manifest("m", "t"), manifest("o")]
NAMESPACES = "\n---\n".join(
    f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}" for name in ("t", "t-batch", "u")
)


def config(*namespaces: str) -> str:
    items = [f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c, namespace: {name}}}}}" for name in namespaces]
    return "\n---\n".join(items)


def test_inside() -> None:
    found = report(world(*OWNED), {"Team/t": NAMESPACES, "Manifest/m": config("t", "t-batch")})
    assert ends(found, "boundary") == {"valid": 2}
    assert said(found, "outside_team") == []


def test_outside() -> None:
    found = report(world(*OWNED), {"Team/t": NAMESPACES, "Team/u": "", "Manifest/m": config("t", "u")})
    assert ends(found, "boundary") == {"valid": 1, "invalid": 1}
    assert said(found, "outside_team") == [
        "ConfigMap u/c at metadata.namespace: is in none of the namespaces of team t (t, t-batch)"
    ]


def test_objects_without_a_namespace_are_outside() -> None:
    role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, rules: []}"
    found = report(world(*OWNED), {"Team/t": NAMESPACES, "Manifest/m": role})
    assert ends(found, "boundary") == {"invalid": 1}


def test_the_platform_goes_everywhere() -> None:
    found = report(world(*OWNED), {"Team/t": NAMESPACES, "Manifest/o": config("t", "u")})
    assert ends(found, "boundary") == {}
