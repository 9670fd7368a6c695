"""What a team has on a cluster beside its roles: namespaces, accounts, quotas and limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.kubernetes.sites import OWNED, made, named, team_site
from tests.check.fleet.clusters import cluster, team

from fleetc.check.schemas import check_object
from fleetc.check.states import State
from fleetc_kubernetes.quantity import parse
from fleetc_kubernetes.tenancy import LOWERINGS
from fleetc_kubernetes.tenancy.limit_range import limit_ranges
from fleetc_kubernetes.tenancy.namespace import namespaces
from fleetc_kubernetes.tenancy.priority_quota import priority_quotas
from fleetc_kubernetes.tenancy.resource_quota import resource_quotas
from fleetc_kubernetes.tenancy.service_account import service_accounts

POD_SECURITY = "pod-security.kubernetes.io"


@pytest.mark.parametrize(
    ("level", "reported"),
    [("privileged", "baseline"), ("baseline", "restricted"), ("restricted", "restricted")],
)
@pytest.mark.parametrize("minor", ["1.33", "1.36"])
def test_pod_security(level: str, reported: str, minor: str) -> None:
    """Enforced at its level; what the next stricter one would refuse is reported; pinned to the cluster's minor."""
    (found,) = made(namespaces, team_site(cluster(minor=minor), team("t", f"podSecurity: {level}")))
    labels = found["metadata"]["labels"]
    assert {key: value for key, value in labels.items() if key.startswith(POD_SECURITY)} == {
        f"{POD_SECURITY}/enforce": level,
        f"{POD_SECURITY}/enforce-version": f"v{minor}",
        f"{POD_SECURITY}/audit": reported,
        f"{POD_SECURITY}/audit-version": f"v{minor}",
        f"{POD_SECURITY}/warn": reported,
        f"{POD_SECURITY}/warn-version": f"v{minor}",
    }


def test_a_namespace_may_have_its_own_level() -> None:
    spec = "{namespaces: {t: {}, u: {podSecurity: baseline}}}"
    text = f"apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {{name: t}}\nspec: {spec}\n"
    found = named(made(namespaces, team_site(text)))
    assert [found[name]["metadata"]["labels"][f"{POD_SECURITY}/enforce"] for name in ("t", "u")] == [
        "restricted",
        "baseline",
    ]


def test_labels_that_policies_rest_on_are_ours() -> None:
    """The language refuses them in specs; were it not to, they would not replace ours."""
    own = "{costCenter: cc-1, contact: a@b.example, namespaces: {t: {labels: {tier: gold}, annotations: {x: z}}}}"
    site = team_site(f"apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {{name: t}}\nspec: {own}\n")
    forged = {"fleetc.dev/team": "other", f"{POD_SECURITY}/enforce": "privileged", "tier": "gold"}
    spaces = (site.team.namespaces[0].__replace__(labels=forged),)
    (found,) = made(namespaces, site.__replace__(team=site.team.__replace__(namespaces=spaces)))
    labels = found["metadata"]["labels"]
    assert labels["fleetc.dev/team"] == "t"
    assert labels[f"{POD_SECURITY}/enforce"] == "restricted"
    assert labels["tier"] == "gold"
    assert labels["fleetc.dev/cost-center"] == "cc-1"
    assert found["metadata"]["annotations"] == {"fleetc.dev/contact": "a@b.example", "x": "z"}


def test_service_accounts_mount_no_token() -> None:
    accounts = "serviceAccounts: {a: {annotations: {iam: role}}, default: {annotations: {iam: other}}}"
    found = named(made(service_accounts, team_site(team("t", accounts, "t, u"))))
    assert list(found) == ["t/default", "t/a", "u/default", "u/a"]
    assert all(item["automountServiceAccountToken"] is False for item in found.values())
    assert found["t/a"]["metadata"]["annotations"] == {"iam": "role"}
    assert found["u/default"]["metadata"]["annotations"] == {"iam": "other"}
    assert "annotations" not in named(made(service_accounts, team_site(team("t"))))["t/default"]["metadata"]


QUOTA = {
    "cpu": "requests.cpu",
    "memory": "requests.memory",
    "ephemeralStorage": "requests.ephemeral-storage",
    "storage": "requests.storage",
    "pods": "pods",
    "persistentVolumeClaims": "persistentvolumeclaims",
    "services": "services",
    "loadBalancers": "services.loadbalancers",
    "nodePorts": "services.nodeports",
    "configMaps": "configmaps",
    "secrets": "secrets",
    "jobs": "count/jobs.batch",
}
AMOUNTS = {
    "cpu": ["3", "7500m", "0"],
    "memory": ["10Gi", "1000M", "7Mi"],
    "ephemeralStorage": ["1Ti"],
    "storage": ["5Ti"],
}


@st.composite
def quotas(draw: st.DrawFn) -> dict[str, str]:
    chosen = draw(st.lists(st.sampled_from(sorted(QUOTA)), unique=True))
    counts = st.integers(0, 1000).map(str)
    return {name: draw(st.sampled_from(AMOUNTS[name]) if name in AMOUNTS else counts) for name in chosen}


@settings(deadline=None, max_examples=50)
@given(quotas(), st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_quotas_sum_to_the_teams(quota: dict[str, str], shares: list[int]) -> None:
    written = ", ".join(
        f"{name}: '{amount}'" if name in AMOUNTS else f"{name}: {amount}" for name, amount in quota.items()
    )
    spaces = ", ".join(f"t{n}: {{share: {share}}}" for n, share in enumerate(shares))
    spec = f"{{namespaces: {{{spaces}}}, quota: {{{written}}}}}"
    site = team_site(f"apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {{name: t}}\nspec: {spec}\n")
    found = made(resource_quotas, site)
    assert len(found) == len(shares)
    expected = {"services.loadbalancers": "0", "services.nodeports": "0", **{QUOTA[n]: a for n, a in quota.items()}}
    for resource, amount in expected.items():
        parts = [parse(item["spec"]["hard"][resource]).value for item in found]
        assert sum(parts, Fraction(0)) == parse(amount).value
    for item in found:
        assert set(item["spec"]["hard"]) == set(expected)
        assert check_object(item, "1.35").state is State.VALID


def test_what_is_not_limited_is_left_out() -> None:
    (found,) = made(resource_quotas, team_site(team("t", "quota: {pods: 5}")))
    assert found["spec"] == {"hard": {"pods": "5", "services.loadbalancers": "0", "services.nodeports": "0"}}


def test_priorities_that_are_not_the_teams() -> None:
    classes = "priorityClasses: {mine: {value: 5}, theirs: {value: 6}, ours: {value: 7, tenants: false}}"
    builtin = ["system-node-critical", "system-cluster-critical", "platform-critical"]
    for fields, refused in (
        ("", [*builtin, "ours"]),
        ("priorityClasses: [mine]", [*builtin, "serving", "standard", "batch", "preemptible", "theirs", "ours"]),
        ("priorityClasses: [mine, ours]", [*builtin, "serving", "standard", "batch", "preemptible", "theirs", "ours"]),
    ):
        (found,) = made(priority_quotas, team_site(cluster(classes), team("t", fields)))
        (requirement,) = found["spec"]["scopeSelector"]["matchExpressions"]
        assert sorted(requirement["values"]) == sorted(refused)
        assert (requirement["scopeName"], requirement["operator"]) == ("PriorityClass", "In")
        assert found["spec"]["hard"] == {"pods": "0"}
        assert check_object(found, "1.35").state is State.VALID


def test_limits() -> None:
    limits = "{max: {cpu: 4000m, memory: 8192Mi}, min: {cpu: 0.01}, maxVolume: 1024Gi}"
    found = named(made(limit_ranges, team_site(team("t", f"limits: {limits}", "t, u"))))
    assert list(found) == ["t/team-limits", "u/team-limits"]
    assert found["t/team-limits"]["spec"] == found["u/team-limits"]["spec"]
    assert found["t/team-limits"]["spec"]["limits"] == [
        {
            "type": "Container",
            "max": {"cpu": "4", "memory": "8Gi"},
            "min": {"cpu": "10m"},
            "default": {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "2Gi"},
            "defaultRequest": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "256Mi"},
        },
        {"type": "PersistentVolumeClaim", "max": {"storage": "1Ti"}},
    ]


FIELDS = st.sampled_from(
    [
        "",
        "members: {admins: a, developers: b, viewers: c}",
        "network: {ingress: ['namespace/x:80'], egress: ['10.0.0.0/8', 'team/u:443', 'a.example:443']}",
        "quota: {cpu: '10', pods: 100}, limits: {max: {cpu: '4'}, maxVolume: 1Ti}",
        "serviceAccounts: [a, b], priorityClasses: [serving], podSecurity: baseline, costCenter: x",
    ]
)


@settings(deadline=None, max_examples=40)
@given(FIELDS, FIELDS, st.integers(1, 4), st.sampled_from(["cilium", "calico"]))
def test_all_that_a_team_has_is_its_own(fields: str, other: str, count: int, cni: str) -> None:
    """Every object is in one of the team's namespaces, or is one; carries the team's label; and is right."""
    spaces = [f"t{n}" for n in range(count)]
    both = fields if fields == other else ", ".join(filter(None, (fields, other)))
    site = team_site(cluster(f"network: {{cni: {cni}}}"), team("t", both, ", ".join(spaces)), team("u"))
    seen: set[tuple[str, str, str]] = set()
    for lowering in LOWERINGS:
        for item in made(lowering.lower, site):
            metadata = item["metadata"]
            own = metadata.get("namespace") or metadata["name"]
            assert own in spaces
            assert ("namespace" in metadata) == (item["kind"] != "Namespace")
            assert {**metadata["labels"], **OWNED} == metadata["labels"]
            identity = (item["kind"], metadata.get("namespace", ""), metadata["name"])
            assert identity not in seen
            seen.add(identity)
            assert check_object(item, "1.35").problems == ()
