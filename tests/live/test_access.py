"""Who may do what, by the server's own authorizer: members of each team in its namespaces, in others, and at large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

import pytest
from tests.check.goldens import golden
from tests.live.clusters import Live

from fleetc.language.team import Team
from fleetc_rehearsal import Review

pytestmark = [pytest.mark.live, pytest.mark.kind]


class Do(NamedTuple):
    """One thing that somebody may want to do."""

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""


LOOK: Final = (
    *(Do("list", "pods"), Do("get", "pods", "", "log"), Do("watch", "deployments", "apps"), Do("list", "events")),
    *(Do("get", "resourcequotas"), Do("list", "networkpolicies", "networking.k8s.io")),
    *(Do("list", "rolebindings", "rbac.authorization.k8s.io"), Do("get", "namespaces")),
)
WORK: Final = (
    *(Do("create", "pods"), Do("delete", "pods"), Do("create", "pods", "", "exec"), Do("patch", "deployments", "apps")),
    *(Do("update", "deployments", "apps", "scale"), Do("create", "jobs", "batch"), Do("update", "configmaps")),
    *(Do("create", "pods", "", "eviction"), Do("create", "ingresses", "networking.k8s.io")),
    *(Do("create", "pods", "", "portforward"), Do("create", "persistentvolumeclaims")),
)
KEEP: Final = tuple(Do(verb, "secrets") for verb in ("get", "list", "watch", "create", "update", "delete"))
NEVER: Final = (
    *(Do("create", "networkpolicies", "networking.k8s.io"), Do("delete", "networkpolicies", "networking.k8s.io")),
    *(Do("update", "resourcequotas"), Do("delete", "limitranges")),
    *(Do("patch", "namespaces"), Do("delete", "namespaces")),
    *(Do(verb, "rolebindings", "rbac.authorization.k8s.io") for verb in ("create", "update", "delete")),
    *(Do(verb, "roles", "rbac.authorization.k8s.io") for verb in ("create", "bind", "escalate")),
    *(Do("impersonate", "serviceaccounts"), Do("create", "serviceaccounts", "", "token")),
    *(Do("create", "serviceaccounts"), Do("update", "endpoints"), Do("create", "endpointslices", "discovery.k8s.io")),
    *(Do("get", "pods", "", "proxy"), Do("create", "services", "", "proxy")),
)
"""Nobody in a team: what says what the team may do changes by a commit to its spec."""
AT_LARGE: Final = (
    *(Do("list", "nodes"), Do("create", "namespaces"), Do("list", "namespaces"), Do("list", "secrets")),
    *(Do("create", "clusterrolebindings", "rbac.authorization.k8s.io"), Do("list", "pods")),
    *(Do("create", "priorityclasses", "scheduling.k8s.io"), Do("impersonate", "users")),
)
MAY: Final = {"viewers": LOOK, "developers": (*LOOK, *WORK), "admins": (*LOOK, *WORK, *KEEP)}
EVERYTHING: Final = (*LOOK, *WORK, *KEEP, *NEVER)


def teams(running: Live) -> list[Team]:
    """The teams on a cluster, as they are there."""
    found = golden()
    n = found.world.index[running.name]
    return [cast(Team, found.world.variant(id, n)) for id in found.clusters[n] if id.startswith("Team/")]


def members(team: Team) -> Iterator[tuple[str, str]]:
    """Each group of a team, with what it is there."""
    for what in MAY:
        for group in getattr(team.members, what):
            yield what, group


def asked(running: Live, group: str, do: Do, namespace: str = "") -> bool:
    """Whether somebody of a group may do that."""
    review = Review("somebody", do.verb, do.resource, do.group, namespace, subresource=do.subresource, groups=(group,))
    return running.client.allowed(review)


def test_members_may_what_they_are_for(running: Live) -> None:
    for team in teams(running):
        of = [*members(team)]
        assert of
        for group in {group for _, group in of}:
            allowed = {do for what, other in of if other == group for do in MAY[what]}
            for namespace in team.namespaces:
                got = {do for do in EVERYTHING if asked(running, group, do, namespace.name)}
                assert got == allowed, (team.name, group, namespace.name)


def test_nobody_may_anything_in_the_namespace_of_another_team(running: Live) -> None:
    here = teams(running)
    for team in here:
        strangers = {g for other in here for _, g in members(other)} - {g for _, g in members(team)}
        for namespace in team.namespaces:
            for group in strangers:
                got = [do for do in EVERYTHING if asked(running, group, do, namespace.name)]
                assert got == [], (team.name, group, namespace.name)


def test_nobody_of_a_team_may_anything_at_large(running: Live) -> None:
    for team in teams(running):
        for _, group in members(team):
            assert [do for do in AT_LARGE if asked(running, group, do)] == [], (team.name, group)
            assert [do for do in EVERYTHING if asked(running, group, do, "kube-system")] == [], (team.name, group)


def test_service_accounts_may_nothing(running: Live) -> None:
    for team in teams(running):
        for namespace in team.namespaces:
            for account in ("default", *(a.name for a in team.service_accounts)):
                user = f"system:serviceaccount:{namespace.name}:{account}"
                groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace.name}", "system:authenticated")
                got = [
                    do
                    for do in EVERYTHING
                    if running.client.allowed(
                        Review(user, do.verb, do.resource, do.group, namespace.name, "", do.subresource, groups)
                    )
                ]
                assert got == [], user
