"""Which overrides apply on which cluster, and which of them may not apply together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language.texts import spec, token
from tests.language.trees import trees
from tests.resolve.worlds import CLUSTER, OUTPUTS, Texts, made, world_of

from fleetc.diagnostics import Diagnostic
from fleetc.language.document import Tree
from fleetc.language.kinds import KINDS
from fleetc.language.placement import Selector
from fleetc.resolve.conflicts import conflicts
from fleetc.resolve.world import selects
from fleetc.source.span import Path, Span

SITES: list[dict[str, Any]] = [
    {"name": "a", "environment": "dev", "region": "eu", "residency": "de", "role": "worker", "labels": {"x": "1"}},
    {"name": "b", "environment": "prod", "region": "eu", "role": "both", "labels": {"x": "1", "y": "1"}},
    {"name": "c", "environment": "prod", "residency": "us", "role": "manager", "labels": {}},
]  # fmt: skip
LISTS = {
    "clusters": "name",
    "environments": "environment",
    "regions": "region",
    "residency": "residency",
    "roles": "role",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "clusters": ("a", "b", "c"),
    "environments": ("dev", "prod"),
    "regions": ("eu", "us"),
    "residency": ("de", "us"),
    "roles": ("worker", "both", "manager"),
}


@st.composite
def selectors(draw: st.DrawFn) -> Tree:
    out: Tree = {}
    for field in draw(st.lists(st.sampled_from([*CHOICES, "labels"]), max_size=3, unique=True)):
        if field == "labels":
            out[field] = draw(st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=2))
        else:
            out[field] = draw(st.lists(st.sampled_from(CHOICES[field]), max_size=2, unique=True))
    return out


def matches(selector: Tree, site: dict[str, Any]) -> bool:
    """A field that says nothing selects every cluster; within a field one value is enough, of labels all."""
    labels = all(site["labels"].get(k) == v for k, v in selector.get("labels", {}).items())
    return labels and all(not selector.get(f) or site.get(a) in selector[f] for f, a in LISTS.items())


def clusters() -> list[Any]:
    out = []
    for site in SITES:
        spec = {k: v for k, v in site.items() if k not in ("name", "labels")}
        out.append(made("Cluster", site["name"], {**CLUSTER, **spec}, labels=site["labels"]))
    return out


@settings(max_examples=50, deadline=None)
@given(st.lists(selectors(), max_size=4))
def test_matching(chosen: list[Tree]) -> None:
    team = made("Team", "t", {}, [{"match": m, "set": {"contact": f"{n}"}} for n, m in enumerate(chosen)])
    world = world_of([*clusters(), team])
    for at, site in enumerate(SITES):
        wanted = [n for n, m in enumerate(chosen) if matches(m, site)]
        assert [x.base[1] for x in world.layers(team, at) if x.via == "override"] == wanted
        every = [x for x in world.layers(team, at, unmatched=True) if x.via == "override"]
        assert [(x.base[1], x.applies) for x in every] == [(n, n in wanted) for n in range(len(chosen))]
        for match in chosen:
            full: dict[str, Any] = {f: tuple(match.get(f, ())) for f in LISTS}
            full["labels"] = match.get("labels", {})
            node = world.clusters[at]
            assert selects(match, node) is Selector(**full).matches(node) is matches(match, site)


def test_what_made_an_override_apply() -> None:
    match = {"environments": ["dev"], "labels": {"x": "1"}}
    team = made("Team", "t", {}, [{"match": match, "set": {"contact": "x"}}])
    world = world_of([*clusters(), team])
    got = [(o.role, o.doc.id, o.path) for o in world.origins("Team/t", 0, ("contact",))]
    assert got == [
        ("value", "Team/t", ("overrides", 0, "set", "contact")),
        ("selector", "Team/t", ("overrides", 0, "match", "environments")),
        ("selector", "Team/t", ("overrides", 0, "match", "labels")),
        ("selector", "Cluster/a", ("spec", "environment")),
        ("selector", "Cluster/a", ("metadata", "labels")),
    ]
    assert next(o.role for o in world.origins("Team/t", 1, ("contact",))) == "unmatched"


TWO = "{match: {environments: [dev]}, set: %s}, {match: {clusters: [a]}, set: %s}"
A = spec("Cluster", "{kubernetes: '1.35', provider: kind, environment: dev, network: {cni: kindnet}}", "{name: a}")
FLEET = spec("Fleet", "{organisation: acme, environments: [dev]}", "{name: acme}")
_NETWORK = {"dns": {"namespace": "kube-system"}, "gateway": {"picker": {"cpu": "2", "memory": "4Gi", "tls": True}}}
TABLE: Tree = {
    "Cluster": {"role": "worker", "network": _NETWORK, "argocd": {"namespace": "argocd", "login": "serviceAccount"}},
    "Fleet": {"outputs": OUTPUTS, "repository": {"revision": "main"}, "tests": "tests"},
    "Team": {"podSecurity": "restricted"},
    "parts": {"TeamNamespace": {"share": 1}},
}


def conflicting(kind: str, rest: str, low: str, high: str) -> list[str]:
    """The places of each conflict: the stronger override's, and that of the one before."""
    fleet = Texts(FLEET, A, spec(kind, f"{{{rest}overrides: [{TWO % (low, high)}]}}"))
    _, found = fleet.resolve(TABLE)
    text = fleet.files["c.yaml"]
    return [f"{d.code.name} {_at(text, d.span)} / {_at(text, d.related[0].span)}" for d in found]


def _at(text: str, span: Span | None) -> str:
    assert span is not None
    return token(text, span)


def foo(body: str, name: str = "x") -> str:
    """An override of one raw object."""
    return (
        f"{{objects: [{{apiVersion: acme.example/v1, kind: Foo, metadata: {{name: {name}, namespace: t}}, {body}}}]}}"
    )


@pytest.mark.parametrize(
    ("low", "high", "places"),
    [
        ("{}", "{}", []),
        ("{podSecurity: baseline}", "{}", []),
        ("{podSecurity: baseline}", "{contact: x}", []),
        ("{podSecurity: baseline}", "{podSecurity: privileged}", ["privileged / baseline"]),
        ("{podSecurity: baseline}", "{podSecurity: baseline}", ["baseline / baseline"]),
        ("{quota: {cpu: 1}}", "{quota: {pods: 2}}", []),
        ("{quota: {cpu: 1, pods: 3}}", "{quota: {pods: 2, cpu: 4}}", ["2 / 3", "4 / 1"]),
        ("{quota: {}}", "{quota: {pods: 2}}", []),
        ("{quota: {pods: 2}}", "{quota: {}}", []),
        ("{namespaces: [a]}", "{namespaces: [a]}", []),
        ("{namespaces: [a]}", "{namespaces: [b]}", []),
        ("{namespaces: {a: {share: 1}}}", "{namespaces: {a: {podSecurity: baseline}}}", []),
        ("{namespaces: {a: {share: 1}}}", "{namespaces: [{name: a, share: 3}]}", ["3 / 1"]),
        ("{priorityClasses: [a]}", "{priorityClasses: [b]}", ["[b / [a"]),
        ("{priorityClasses: []}", "{priorityClasses: [b]}", ["[b / ["]),
        ("{members: {admins: x}}", "{members: {admins: [y]}}", ["[y / x"]),
        ("{network: {egress: ['a.b:1']}}", "{network: {egress: ['a.b:2']}}", ["'a.b:2' / 'a.b:1'"]),
        ("{network: {egress: ['a.b:1']}}", "{network: {egress: ['a.c:2']}}", []),
    ],
)
def test_conflicts_of_a_team(low: str, high: str, places: list[str]) -> None:
    assert conflicting("Team", "", low, high) == [f"override_conflict {place}" for place in places]


@pytest.mark.parametrize(
    ("low", "high", "places"),
    [
        (foo("spec: {a: 1}"), foo("spec: {b: 2}"), []),
        (foo("spec: {a: 1}"), foo("spec: {a: 2}", "y"), []),
        (foo("spec: {a: 1}"), foo("spec: {a: 2}"), ["2 / 1"]),
        (foo("spec: {a: 1}"), foo("spec: 5"), ["5 / {a"]),
        (foo("spec: 5"), foo("spec: {a: 1}"), ["1 / 5"]),
        (foo("spec: 5"), foo("spec: {a: 1, b: 2}"), ["1 / 5", "2 / 5"]),
        (foo("spec: 5"), foo("spec: {}"), ["{ / 5"]),
        (foo("spec: {}"), foo("spec: 5"), ["5 / {"]),
        (foo("spec: {}"), foo("spec: {a: 1}"), []),
        (foo("spec: null"), foo("spec: {a: 1}"), ["1 / null"]),
        (foo("spec: [1]"), foo("spec: [1, 2]"), ["[1 / [1"]),
        (foo("spec: {a: {b: {c: 1}}}"), foo("spec: {a: {b: 2, d: 3}}"), ["2 / {c"]),
        (foo("kind2: x"), foo("spec: {kind: y, metadata: {name: z}}"), []),
        (foo("spec: {kind: x}"), foo("spec: {kind: y}"), ["y / x"]),
        (foo("spec: {metadata: {name: x}}"), foo("spec: {metadata: {name: y}}"), ["y / x"]),
    ],
)
def test_conflicts_of_raw_objects(low: str, high: str, places: list[str]) -> None:
    assert conflicting("Manifest", "", low, high) == [f"override_conflict {place}" for place in places]


def test_overrides_that_never_meet_do_not_conflict() -> None:
    b = A.replace("name: a", "name: b").replace("environment: dev", "environment: prod")
    both = "overrides: [{match: {environments: [dev]}, set: {contact: x}}, {match: {clusters: [b]}, set: {contact: y}}]"
    fleet = Texts(FLEET.replace("[dev]", "[dev, prod]"), A, b, spec("Team", f"{{{both}}}"))
    assert fleet.resolve(TABLE)[1] == []


def test_each_override_is_held_against_the_first_that_said_it() -> None:
    """Not against each other: a hundred that say the same are ninety-nine conflicts, on any number of clusters."""
    some = ", ".join(f"{{match: {{}}, set: {{quota: {{pods: {n}}}}}}}" for n in range(100))
    others = [A.replace("name: a", f"name: a{n}") for n in range(3)]
    fleet = Texts(FLEET, A, *others, spec("Team", f"{{overrides: [{some}]}}"))
    _, found = fleet.resolve(TABLE)
    text = fleet.files["f.yaml"]
    assert [_at(text, d.span) for d in found] == [f"{n}" for n in range(1, 100)]
    assert {_at(text, d.related[0].span) for d in found} == {"0"}


def leaves(tree: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    if isinstance(tree, dict) and tree:
        return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]
    return [(path, tree)] if path else []


def disagree(low: Tree, high: Tree) -> bool:
    """Whether two partial specs say something about one place, other than which item of a list they mean."""
    names = [("namespaces", "name"), ("serviceAccounts", "name"), ("ingress", "to"), ("egress", "to")]
    for p, v in leaves(low):
        for q, w in leaves(high):
            shared = p[: len(q)] == q[: len(p)]
            inside = (len(p) < len(q) and v == {}) or (len(q) < len(p) and w == {})
            key = p == q and any(p[-3:-2] == (n,) and p[-1] == k for n, k in names)
            if shared and not inside and not key and not (p == q and v == w == {}):
                return True
    return False


@settings(max_examples=30, deadline=None)
@given(trees(KINDS["Team"].struct), trees(KINDS["Team"].struct))
def test_conflicts_are_what_two_overrides_both_say(low: Tree, high: Tree) -> None:
    team = made("Team", "t", {}, [{"match": {}, "set": low}, {"match": {}, "set": high}])
    world = world_of([*clusters(), team])

    def nowhere(file: str, index: int, path: Path, key: bool) -> Span:
        return Span(file, 1, 1)

    found: list[Diagnostic] = list(conflicts(team, world.layers(team, 0), nowhere))
    assert bool(found) == disagree(low, high)
