"""What a team's members may do, and above all what nobody may."""

from __future__ import annotations

from itertools import product

import pytest
from tests.backends.kubernetes.sites import OWNED, made, named, team_site
from tests.check.fleet.clusters import team

from fleetc_kubernetes.objects import PolicyRule
from fleetc_kubernetes.tenancy.role import roles
from fleetc_kubernetes.tenancy.role_binding import role_bindings
from fleetc_kubernetes.tenancy.rules import ADMIN, DEVELOPER, VIEWER

Rules = tuple[PolicyRule, ...]
ROLES = {"viewer": VIEWER, "developer": DEVELOPER, "admin": ADMIN}
READ = ("get", "list", "watch")
WRITE = ("create", "update", "patch", "delete", "deletecollection")
RBAC = "rbac.authorization.k8s.io"
EVERY_VERB = (*READ, *WRITE, "escalate", "bind", "impersonate", "use", "proxy", "approve", "sign", "*")


def may(rules: Rules, verb: str, group: str, resource: str) -> bool:
    """As the RBAC authorizer decides: some rule has the verb, the group and the resource, or `*` in their place."""
    return any(
        {verb, "*"} & set(rule["verbs"])
        and {group, "*"} & set(rule["apiGroups"])
        and {resource, "*"} & set(rule["resources"])
        for rule in rules
    )


@pytest.mark.parametrize("name", ROLES)
def test_nobody_gets_more_than_is_written(name: str) -> None:
    for rule in ROLES[name]:
        assert not {"*", "escalate", "bind", "impersonate"} & {*rule["verbs"], *rule["apiGroups"], *rule["resources"]}


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("networking.k8s.io", "networkpolicies"),
        ("cilium.io", "ciliumnetworkpolicies"),
        ("", "resourcequotas"),
        ("", "limitranges"),
        ("", "serviceaccounts"),
        ("", "serviceaccounts/token"),
        ("", "namespaces"),
        (RBAC, "roles"),
        (RBAC, "rolebindings"),
        (RBAC, "clusterroles"),
        (RBAC, "clusterrolebindings"),
        ("", "endpoints"),
        ("discovery.k8s.io", "endpointslices"),
        ("", "pods/proxy"),
        ("", "services/proxy"),
        ("", "nodes"),
        ("", "persistentvolumes"),
        ("", "users"),
        ("", "groups"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("certificates.k8s.io", "certificatesigningrequests"),
        ("scheduling.k8s.io", "priorityclasses"),
    ],
)
def test_nobody_changes_what_says_what_the_team_may_do(name: str, group: str, resource: str) -> None:
    for verb in (*WRITE, "escalate", "bind", "impersonate", "use"):
        assert not may(ROLES[name], verb, group, resource)


@pytest.mark.parametrize("resource", ["pods/proxy", "services/proxy", "serviceaccounts/token", "nodes/proxy"])
def test_nobody_gets_around_the_network(resource: str) -> None:
    for name, verb in product(ROLES, EVERY_VERB):
        assert not may(ROLES[name], verb, "", resource)


def test_viewers_only_read() -> None:
    for rule in VIEWER:
        assert set(rule["verbs"]) <= set(READ)


@pytest.mark.parametrize("resource", ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"])
def test_viewers_run_nothing(resource: str) -> None:
    """`get` alone would be enough to run commands: kubectl connects over WebSocket, which is a GET."""
    for verb in EVERY_VERB:
        assert not may(VIEWER, verb, "", resource)


@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("", "pods"),
        ("", "pods/log"),
        ("", "services"),
        ("", "configmaps"),
        ("", "persistentvolumeclaims"),
        ("", "events"),
        ("", "resourcequotas"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("batch", "jobs"),
        ("networking.k8s.io", "networkpolicies"),
        (RBAC, "roles"),
    ],
)
def test_everybody_sees_why_something_does_not_run(group: str, resource: str) -> None:
    for name, verb in product(ROLES, READ):
        assert may(ROLES[name], verb, group, resource)


@pytest.mark.parametrize(
    ("verb", "group", "resource"),
    [
        *((verb, "apps", "deployments") for verb in WRITE),
        *((verb, "batch", "cronjobs") for verb in WRITE),
        *((verb, "", "configmaps") for verb in WRITE),
        *((verb, "resource.k8s.io", "resourceclaimtemplates") for verb in WRITE),
        ("delete", "", "pods"),
        ("create", "", "pods/eviction"),
        ("create", "", "pods/exec"),
        ("get", "", "pods/exec"),
        ("get", "", "pods/portforward"),
        ("patch", "apps", "deployments/scale"),
        ("patch", "", "pods/ephemeralcontainers"),
    ],
)
def test_developers_run_what_is_the_teams(verb: str, group: str, resource: str) -> None:
    assert may(DEVELOPER, verb, group, resource)
    assert may(ADMIN, verb, group, resource)
    assert not may(VIEWER, verb, group, resource)


def test_only_admins_hold_credentials() -> None:
    for verb in (*READ, *WRITE):
        assert may(ADMIN, verb, "", "secrets")
    for verb in EVERY_VERB:
        assert not may(VIEWER, verb, "", "secrets")
        assert not may(DEVELOPER, verb, "", "secrets")


def test_each_role_has_all_that_the_lesser_one_has() -> None:
    for less, more in ((VIEWER, DEVELOPER), (DEVELOPER, ADMIN)):
        for rule in less:
            for verb, resource in product(rule["verbs"], rule["resources"]):
                assert may(more, verb, rule["apiGroups"][0], resource)


MEMBERS = "members: {admins: leads, viewers: [support, auditors]}"


def test_roles_that_somebody_holds() -> None:
    found = named(made(roles, team_site(team("t", MEMBERS, "t, t-batch"))))
    assert list(found) == ["t/team-admin", "t/team-viewer", "t-batch/team-admin", "t-batch/team-viewer"]
    assert found["t/team-admin"]["rules"] == list(ADMIN)
    assert found["t-batch/team-viewer"]["rules"] == list(VIEWER)
    assert all(item["metadata"]["labels"] == OWNED for item in found.values())


def test_bindings_to_those_who_hold_them() -> None:
    site = team_site(team("t", MEMBERS, "t, t-batch"))
    found = named(made(role_bindings, site))
    assert list(found) == list(named(made(roles, site)))
    for name, item in found.items():
        role = name.partition("/")[2]
        assert item["roleRef"] == {"apiGroup": RBAC, "kind": "Role", "name": role}
        groups = ["leads"] if role == "team-admin" else ["support", "auditors"]
        assert item["subjects"] == [{"apiGroup": RBAC, "kind": "Group", "name": group} for group in groups]


def test_without_members_there_is_nothing_to_misuse() -> None:
    site = team_site(team("t"))
    assert made(roles, site) == []
    assert made(role_bindings, site) == []
