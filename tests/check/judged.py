"""Policies and what they are judged on: those of the example fleet and every pack, on all that is emitted, on all
examples in all kinds that hold pods, and on mutants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal, NamedTuple, cast, get_args

from tests.check.goldens import golden

from fleetc.check.policy.examples import Example, examples, made, valid
from fleetc.check.policy.judge import Ready, concerns, judge, named, ready
from fleetc.check.policy.mutants import mutants
from fleetc.check.schemas import check_object
from fleetc.check.states import State
from fleetc.emission.admission import RuleOf
from fleetc.language.policy import Excepted, Exemption, Match, Pack, Policy, Rule
from fleetc.language.team import TEAM_LABEL

OWN: Final = ("", "apps", "batch", "networking.k8s.io")
"""Groups of which a server refuses what is no valid object; those of the test's custom kinds take anything."""
MOST: Final = 40
"""Mutants of each policy."""
MINORS: Final = sorted({cluster.kubernetes for cluster in golden().world.clusters})
Source = Literal["acme", "example", "mutant"]


class Case(NamedTuple):
    """An object that is judged."""

    source: Source
    about: str
    object: Mapping[str, Any]


def policies(cluster: int) -> list[Ready]:
    """The policies of the fleet on a cluster, and those packs and rules that it does not have."""
    here, world = golden().world.clusters[cluster], golden().world
    own = [cast(Policy, world.variant(doc.id, cluster)) for doc in world.subjects if doc.kind == "Policy"]
    packs = [policy(f"pack-{name}", pack=name) for name in get_args(Pack) if name not in {p.pack for p in own}]
    packs.append(
        policy("pack-user-namespaces", pack="regulated", exclude=("known-registries", "no-default-token", "limits"))
    )
    return [ready(p, here) for p in (*own, *packs, probe())]


def policy(name: str, **changes: Any) -> Policy:
    """A Policy that says nothing else."""
    match = changes.pop("match", {})
    fields: dict[str, Any] = {
        "pack": None, "exclude": (), "rules": (), "enforce": "both", "action": "deny", "parameters": {},
        "exceptions": (), "placement": golden().world.fleet, **changes,
    }  # fmt: skip
    empty: dict[str, Any] = {"kinds": (), "teams": (), "namespaces": (), "labels": {}}
    return Policy(id=f"Policy/{name}", name=name, labels={}, match=Match(**{**empty, **match}), **fields)


def probe() -> Policy:
    """What the others do not use: rules that cannot be evaluated, namespaces, parameters, comments, exceptions."""
    texts = {
        "fails": ("object", 'object.metadata.labels["app"] == "example"'),
        "comment": ("object", 'object.metadata.name != "api" // and all is well'),
        "space": ("pod", 'namespaceObject.metadata.labels["fleetc.dev/team"] in ["example", "search"]'),
        "given": ("container", "container.name.size() <= int(params.data.most) || pod.spec.containers.size() > 1"),
        "kind": ("object", 'object.kind != "DaemonSet" || has(object.spec.updateStrategy) == true'),
    }
    rules = tuple(
        Rule(name=name, on=cast(Any, on), expression=text, message="no", fix="yes", pass_={}, fail={"name": "x" * 40})
        for name, (on, text) in texts.items()
    )
    kinds = ("Pod", "Service", "apps/Deployment", "apps/DaemonSet", "batch/Job", "networking.k8s.io/NetworkPolicy")
    exception = Exemption(
        name="one", owner="o", reason="r", expires="2099-01-01", rules=("given",),
        match=Excepted(namespaces=("example",), names=("spared",)),
    )  # fmt: skip
    return policy("probe", rules=rules, parameters={"most": "20"}, exceptions=(exception,), match={"kinds": kinds})


def workers(minor: str) -> list[int]:
    """The clusters of a minor that have policies."""
    clusters = enumerate(golden().world.clusters)
    return [n for n, c in clusters if c.kubernetes == minor and c.role != "manager"]


def cases(minor: str, found: list[Ready]) -> Iterator[Case]:
    """Everything that is judged on clusters of a minor: each distinct object once."""
    seen: set[int] = set()
    for cluster in workers(minor):
        for subject, shapes in golden().clusters[cluster].items():
            for shape in [s for s in shapes if s.number not in seen]:
                seen.add(shape.number)
                yield Case("acme", f"{subject}: {_about(shape.object)}", shape.object)
    for one in found:
        for rule in one.rules:
            yield from _examples(one, rule)
        yield from _mutants(minor, one)
    if found[-1].policy.name == "probe":
        yield from _owned(found[-1])


def _examples(one: Ready, rule: RuleOf) -> Iterator[Case]:
    """The examples of a rule in every kind that it is for."""
    for which, change in (("pass", rule.passing), ("fail", rule.failing)):
        for kind in one.kinds:
            if rule.on == "object" or kind.pods is not None:
                obj = made(one, rule, change or {}, kind)
                yield Case("example", f"{which} of {one.policy.name}/{rule.name} as {kind.text}", obj)


def _mutants(minor: str, one: Ready) -> Iterator[Case]:
    """Damaged objects of the fleet, spread over rules and objects."""
    out: list[Case] = []
    for shapes in golden().clusters[workers(minor)[0]].values():
        for shape in [s for s in shapes if group(s.object) in OWN]:
            if concerns(one, shape.object, space(minor, shape.object)):
                for rule in one.rules:
                    about = f"{one.policy.name}/{rule.name}: {_about(shape.object)}"
                    kept = [m for m in mutants(one, rule, shape.object) if _named(m) == _named(shape.object)]
                    out += [Case("mutant", about, m) for m in kept]
    # Of what no server takes, a server tells nothing.
    for case in out[:: max(1, len(out) // MOST)]:
        if check_object(case.object, minor).state is not State.INVALID:
            yield case


def group(obj: Mapping[str, Any]) -> str:
    """The API group of an object."""
    return str(obj["apiVersion"]).rpartition("/")[0]


def _named(obj: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what a client knows where to apply an object."""
    metadata = obj.get("metadata") or {}
    return obj.get("apiVersion"), obj.get("kind"), metadata.get("name"), metadata.get("namespace")


def _owned(one: Ready) -> Iterator[Case]:
    """What controllers make of an excepted workload, and what only looks like it."""
    kind = next(k for k in one.kinds if k.text == "Pod")
    for owner in ("spared", "spared-7d9f8", "spare", "other-spared"):
        pod = valid(kind, one)
        pod["spec"]["containers"] = [{**pod["spec"]["containers"][0], "name": "x" * 40}]
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": "u", "controller": True}
        pod["metadata"] = {**pod["metadata"], "name": f"{owner}-abcde", "ownerReferences": [reference]}
        yield Case("example", f"a pod of {owner}", pod)
        yield Case("example", f"a pod named {owner}", {**pod, "metadata": {**pod["metadata"], "name": owner}})


def verdict(minor: str, found: list[Ready], obj: Mapping[str, Any]) -> frozenset[str]:
    """The rules that an object does not meet, as POLICY/RULE, as a build judges it."""
    here = space(minor, obj)
    return frozenset(
        f"{one.policy.name}/{ruled.rule.name}"
        for one in found
        if concerns(one, obj, here)
        for ruled in judge(one, obj, here).rules
        if not ruled.holds
    )


def space(minor: str, obj: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The Namespace of an object, as the server holds it."""
    name = obj["metadata"].get("namespace")
    return spaces(minor).get(name) or named({"metadata": {"name": name}}) if name else None


@cache
def spaces(minor: str) -> Mapping[str, Mapping[str, Any]]:
    """The namespaces of a minor's clusters, and that of examples."""
    emitted = [s.object for n in workers(minor) for shapes in golden().clusters[n].values() for s in shapes]
    found = [named(obj) for obj in emitted if obj["kind"] == "Namespace"]
    example = named({"metadata": {"name": "example", "labels": {TEAM_LABEL: "example"}}})
    return {one["metadata"]["name"]: one for one in (*found, example)}


def _about(obj: Mapping[str, Any]) -> str:
    metadata = obj["metadata"]
    return f"{obj['kind']} {metadata.get('namespace', '')}/{metadata.get('name', '')}"


__all__ = ["Case", "Example", "cases", "examples", "policies", "policy", "probe", "space", "spaces", "verdict"]
