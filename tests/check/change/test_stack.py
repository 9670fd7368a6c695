"""What Pulumi does when the data of a stack changes."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.check.change.classify import classify
from fleetc.check.change.compare import applied, same
from fleetc.check.change.documents import Documents, Pair
from fleetc.check.change.model import STACK, Effect
from fleetc.emission.yaml import emit

BY_PULUMI: Final[dict[str, Any]] = {"cluster": "a", "delivery": "pulumi", "manifests": "../../golden/a"}
REGISTRATION: Final[dict[str, Any]] = {
    "name": "a", "namespace": "argocd", "server": "https://10.0.0.1", "login": "gke",
}  # fmt: skip
WORKER: Final[dict[str, Any]] = {"cluster": "a", "delivery": "argocd", "hub": "hub", "registration": REGISTRATION}
HUB: Final[dict[str, Any]] = {
    "cluster": "a",
    "delivery": "argocd",
    "install": {"namespace": "argocd", "version": "v3.5.1", "manifest": {"repository": "https://x", "path": "y"}},
    "repository": {"url": "https://git", "credential": "repository"},
    "root": {"path": "golden/a/argocd", "revision": "main"},
    "registration": {**REGISTRATION, "login": "inCluster"},
}
ACCOUNT: Final = {**WORKER, "registration": {**REGISTRATION, "login": "serviceAccount"}}
AS_ADMIN: Final = (Effect.WIDENS_RBAC, "Argo CD gets an account on the cluster that may do everything")


def meanings(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[Effect, str]]:
    """What a change means."""
    read = Documents().read
    sides = [read(emit(data).encode()) if data is not None else None for data in (before, after)]
    assert all(side is None or side.identity == STACK for side in sides)
    return [(meaning.effect, meaning.why) for meaning in classify(Pair(*sides)).meanings]


def other(data: dict[str, Any], part: str, **values: Any) -> dict[str, Any]:
    """Data with another part."""
    return {**data, part: {**data[part], **values}}


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (None, BY_PULUMI, [(Effect.ADDS, "the stack makes all that is emitted for the cluster")]),
        (None, WORKER, [(Effect.ADDS, "the stack registers the cluster at the hub hub")]),
        (None, ACCOUNT, [AS_ADMIN, (Effect.ADDS, "the stack registers")]),
        (None, HUB, [(Effect.ADDS, "the stack installs Argo CD v3.5.1, which syncs golden/a/argocd at main")]),
        (WORKER, None, [(Effect.REMOVES, "`pulumi up` refuses: what the stack made stays until `pulumi destroy`")]),
        (BY_PULUMI, WORKER, [(Effect.REMOVES, "the next `pulumi up` deletes"), (Effect.ADDS, "the stack registers")]),
        (ACCOUNT, BY_PULUMI, [
            (Effect.REMOVES, "the next `pulumi up` takes the registration away from the hub hub"),
            (Effect.NARROWS_RBAC, "the account of Argo CD"), (Effect.ADDS, "the stack makes all"),
        ]),
        (HUB, WORKER, [(Effect.REMOVES, "the next `pulumi up` takes Argo CD away"), (Effect.ADDS, "the stack reg")]),
        (WORKER, ACCOUNT, [AS_ADMIN, (Effect.CHANGES, "Argo CD logs in otherwise")]),
        (WORKER, {**WORKER, "hub": "b"}, [(Effect.CHANGES, "the cluster is registered at that hub, and no longer")]),
        (WORKER, other(WORKER, "registration", server="https://b"), [(Effect.CHANGES, "Argo CD reaches the cluster")]),
        (HUB, other(HUB, "install", version="v3.6.1"), [(Effect.RESTARTS, "Argo CD itself is updated")]),
        (HUB, other(HUB, "install", namespace="b"), [(Effect.REMOVES, "Argo CD is installed anew there")]),
        (HUB, other(HUB, "repository", credential="key"), [(Effect.CHANGES, "set it before `pulumi up`: `pulumi")]),
        (HUB, {**HUB, "repository": {"url": "https://git"}}, [(Effect.CHANGES, "it is read without")]),
        (HUB, other(HUB, "root", revision="b"), [(Effect.CHANGES, "all Applications of the hub come from there")]),
    ],
)  # fmt: skip
def test_what_it_does(
    before: dict[str, Any] | None, after: dict[str, Any] | None, wanted: list[tuple[Effect, str]]
) -> None:
    found = meanings(before, after)
    assert [effect for effect, _ in found] == [effect for effect, _ in wanted]
    assert [why[: len(start)] for (_, why), (_, start) in zip(found, wanted, strict=True)] == [w for _, w in wanted]


def test_an_object_is_no_stack() -> None:
    """Data of a stack has no kind."""
    text = emit({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "cluster": "a", "delivery": "b"})
    assert Documents().read(text.encode()).identity.kind == "ConfigMap"


WORDS: Final = st.sampled_from(["a", "b", "serviceAccount", "argocd", "pulumi", "https://x"])
PARTS: Final = st.dictionaries(
    st.sampled_from(["name", "namespace", "version", "url", "credential", "path", "revision", "login", "server"]),
    WORDS | st.fixed_dictionaries({"eks": st.fixed_dictionaries({"cluster": WORDS, "role": WORDS})}),
)
STACKS: Final = st.fixed_dictionaries(
    {"cluster": WORDS, "delivery": st.sampled_from(["pulumi", "argocd"])},
    optional={
        "hub": WORDS, "manifests": WORDS, "install": PARTS, "repository": PARTS, "root": PARTS, "registration": PARTS,
    },
)  # fmt: skip


@given(before=STACKS, after=STACKS)
def test_each_change_means_something(before: dict[str, Any], after: dict[str, Any]) -> None:
    read = Documents().read
    one, two = read(emit(before).encode()), read(emit(after).encode())
    found = classify(Pair(one, two))
    assert same(applied(before, found.values), after)
    assert found.meanings
    assert all(meaning.effect is not Effect.NO_OP or not found.values for meaning in found.meanings)
    gets = [(data.get("registration") or {}).get("login") == "serviceAccount" for data in (before, after)]
    assert (Effect.WIDENS_RBAC in {meaning.effect for meaning in found.meanings}) == (gets == [False, True])
