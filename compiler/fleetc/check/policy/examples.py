"""Examples of rules: merged over a valid object, and judged by the policy itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from fleetc.check.policy.judge import Ready, Ruled, judge, named
from fleetc.check.schemas import check_object
from fleetc.check.served import version_of
from fleetc.check.states import SchemaProblem, State
from fleetc.emission.admission import Kind, RuleOf
from fleetc.language.team import TEAM_LABEL
from fleetc.tuples import NamedTuple

NAME: Final = "example"
_IMAGE: Final = "registry.example/app@sha256:" + "0" * 64
_LABELS: Final = {"app": NAME}
_CONTAINER: Final = {"name": NAME, "image": _IMAGE}
_WORKLOAD: Final = {"selector": {"matchLabels": _LABELS}}
_AROUND: Final[Mapping[str, Any]] = {
    "DaemonSet": {"spec": _WORKLOAD},
    "Deployment": {"spec": _WORKLOAD},
    "ReplicaSet": {"spec": _WORKLOAD},
    "StatefulSet": {"spec": {**_WORKLOAD, "serviceName": NAME}},
    "ReplicationController": {"spec": {"selector": _LABELS}},
    "CronJob": {"spec": {"schedule": "0 0 * * *"}},
    "JobSet": {"spec": {"replicatedJobs": [{"name": NAME, "template": {"spec": {}}}]}},
    "LeaderWorkerSet": {"spec": {"leaderWorkerTemplate": {"size": 1}}},
}
"""What kinds that hold pods require beside them."""
_ONCE: Final = ("Job", "CronJob", "JobSet")
"""The kinds whose pods come to an end."""


class Example(NamedTuple):
    """An object of an example, and what the rule is to say of it."""

    rule: RuleOf
    which: Literal["pass", "fail"]
    object: dict[str, Any]
    space: Mapping[str, Any]


class Tested(NamedTuple):
    """An example that is not what the rule says: why."""

    example: Example
    message: str


def examples(ready: Ready) -> Iterator[Example]:
    """The examples of all rules that have some."""
    for rule in ready.rules:
        if rule.passing is not None:
            yield Example(rule, "pass", made(ready, rule, rule.passing), _space(ready))
        if rule.failing is not None:
            yield Example(rule, "fail", made(ready, rule, rule.failing), _space(ready))


def made(ready: Ready, rule: RuleOf, change: Mapping[str, Any], kind: Kind | None = None) -> dict[str, Any]:
    """What an example says, merged over a valid object: for rules on pods and containers, over a Pod where the policy
    is for Pods; else over the kind that the example names, or the first that the policy is for."""
    if rule.on == "object":
        said = next((k for k in ready.kinds if k.kind == change.get("kind")), ready.kinds[0])
        return merged(valid(kind or said, ready), change)
    holding = [k for k in ready.kinds if k.pods is not None]
    kind = kind or next((k for k in holding if k.text == "Pod"), holding[0])
    pod = {"metadata": {"labels": _LABELS}, "spec": {"containers": [_CONTAINER]}}
    if rule.on == "container":
        pod["spec"] = {"containers": [merged(_CONTAINER, change)]}
    else:
        pod = merged(pod, change)
    return valid(kind, ready, pod)


def valid(kind: Kind, ready: Ready, pod: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object of a kind that the API server takes, as far as that can be said without knowing the kind."""
    metadata: dict[str, Any] = {"name": NAME, "namespace": _namespace(ready)}
    labels = dict(ready.policy.match.labels)
    version = version_of(kind.group, kind.kind, ready.minor) if kind.pods is None else None
    out: dict[str, Any] = {"apiVersion": version or kind.api_version, "kind": kind.kind, "metadata": metadata}
    if labels:
        metadata["labels"] = labels
    if kind.pods is None:
        return out
    pod = pod or {"metadata": {"labels": _LABELS}, "spec": {"containers": [_CONTAINER]}}
    if kind.kind in _ONCE:
        pod = merged(pod, {"spec": {"restartPolicy": "Never"}})
    steps = kind.pods.at[0].split(".") if kind.pods.at[0] else []
    if not steps:
        own = {**pod, "metadata": {**pod.get("metadata", {}), **metadata}}
        own["metadata"]["labels"] = {**pod.get("metadata", {}).get("labels", {}), **labels}
        return {**out, **own}
    around: dict[str, Any] = _placed(merged(out, _AROUND.get(kind.kind, {})), steps, pod)
    return around


def _placed(value: Any, steps: list[str], pod: dict[str, Any]) -> Any:
    """A value with the pod at some place in it."""
    if not steps:
        return pod
    if steps[0] == "*":
        return [_placed(item, steps[1:], pod) for item in value]
    return {**(value or {}), steps[0]: _placed((value or {}).get(steps[0]), steps[1:], pod)}


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged; everything else, lists too, replaces what was there."""
    out = dict(base)
    for key, value in change.items():
        before = out.get(key)
        both = isinstance(value, Mapping) and isinstance(before, Mapping)
        out[key] = merged(before, value) if both and before is not None else value
    return out


def _namespace(ready: Ready) -> str:
    named_in = ready.policy.match.namespaces
    return named_in[0] if named_in else NAME


def _space(ready: Ready) -> Mapping[str, Any]:
    team = ready.policy.match.teams[0] if ready.policy.match.teams else NAME
    return named({"metadata": {"name": _namespace(ready), "labels": {TEAM_LABEL: team}}})


def tested(ready: Ready) -> Iterator[Tested]:
    """The examples of the policy's own rules that are not what the rules say, or that no API server would take; those
    of packs are right whatever a fleet is, which the tests of this program see to."""
    for example in examples(ready):
        if not example.rule.own:
            continue
        found = check_object(example.object, ready.minor)
        if found.state is State.INVALID:
            yield Tested(example, f"no API server takes it: {_problem(found.problems[0])}")
            continue
        ruled = verdict(ready, example)
        if ruled.unsure or ruled.holds == (example.which == "pass"):
            continue
        why = f": {ruled.error}" if ruled.error else ""
        said = "does not meet the rule" if example.which == "pass" else "meets the rule"
        yield Tested(example, f"the object {said}{why}")


def verdict(ready: Ready, example: Example) -> Ruled:
    """What the policy says of an example."""
    judged = judge(ready, example.object, example.space)
    return next(ruled for ruled in judged.rules if ruled.rule.name == example.rule.name)


def _problem(problem: SchemaProblem) -> str:
    where = ".".join(map(str, problem.path))
    return f"{where}: {problem.message}" if where else problem.message
