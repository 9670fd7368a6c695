"""Rule `quota` on any workloads, limit ranges and quotas, beside an oracle that goes another way: it lets each pod
start, step by step, counts in thousandths what runs at each step, and has the server admit one pod after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.check.fleet.clusters import report, world

from fleetc.check.fleet.pod_stakes import groups
from fleetc.check.fleet.pod_usage import pod_usage
from fleetc.check.fleet.pods import pods_of
from fleetc.check.fleet.targets import Target

Object = dict[str, Any]
Asked = Counter[str]

CPU = st.sampled_from(["100m", "0.5", "1", "1500m", "2"])
MEMORY = st.sampled_from(["64Mi", "0.5Gi", "1Gi", "1500M"])
GPU = st.sampled_from(["1", "2"])
SIZES = {
    **{"100m": 100, "0.5": 500, "1": 1000, "1500m": 1500, "2": 2000, "3": 3000, "4": 4000, "7": 7000},
    **{"64Mi": 2**26 * 1000, "0.5Gi": 2**29 * 1000, "1Gi": 2**30 * 1000, "4Gi": 2**32 * 1000, "1500M": 15 * 10**11},
}
PRIORITIES = ["", "low", "high"]
RESOURCES = [
    *("pods", "cpu", "requests.cpu", "limits.cpu", "memory", "requests.memory", "limits.memory"),
    "requests.nvidia.com/gpu",
]

amounts = st.fixed_dictionaries({}, optional={"cpu": CPU, "memory": MEMORY})
resources = st.fixed_dictionaries(
    {},
    optional={"requests": amounts, "limits": st.fixed_dictionaries({}, optional={"cpu": CPU, "nvidia.com/gpu": GPU})},
)


def container(main: bool) -> st.SearchStrategy[Object]:
    policy = st.just({}) if main else st.sampled_from([{}, {"restartPolicy": "Always"}])
    return st.builds(lambda r, p: {"name": "c", "image": "i", "resources": r, **p}, resources, policy)


pod_specs = st.builds(
    lambda init, main, priority, deadline: {
        "initContainers": init,
        "containers": main,
        **({"priorityClassName": priority} if priority else {}),
        **({"activeDeadlineSeconds": 60} if deadline else {}),
    },
    st.lists(container(False), max_size=4),
    st.lists(container(True), min_size=1, max_size=3),
    st.sampled_from(PRIORITIES),
    st.booleans(),
)
deployments = st.builds(
    lambda pod, replicas: {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {**({} if replicas is None else {"replicas": replicas}), "template": {"spec": pod}},
    },
    pod_specs,
    st.sampled_from([None, 0, 1, 3]),
)
jobs = st.builds(
    lambda pod, parallelism, completions: {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {"parallelism": parallelism, "completions": completions, "template": {"spec": pod}},
    },
    pod_specs,
    st.integers(0, 3),
    st.integers(1, 3),
)
ranges = st.builds(
    lambda item: {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "spec": {"limits": [{"type": "Container", **item}]},
    },
    st.fixed_dictionaries({}, optional=dict.fromkeys(("default", "defaultRequest", "min", "max"), amounts)),
)
scopes = st.sampled_from(
    [
        None,
        ("Terminating", "Exists", []),
        ("NotTerminating", "Exists", []),
        ("BestEffort", "Exists", []),
        ("NotBestEffort", "Exists", []),
        ("PriorityClass", "Exists", []),
        ("PriorityClass", "DoesNotExist", []),
        ("PriorityClass", "In", ["low"]),
        ("PriorityClass", "NotIn", ["low"]),
    ]
)
hard = st.dictionaries(st.sampled_from(RESOURCES), st.sampled_from(["1", "3", "7", "4Gi"]), min_size=1)


def quota(amounts: dict[str, str], scope: tuple[str, str, list[str]] | None) -> Object:
    spec: Object = {"hard": amounts}
    if scope:
        name, operator, values = scope
        spec["scopeSelector"] = {"matchExpressions": [{"scopeName": name, "operator": operator, "values": values}]}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "spec": spec}


fleets = st.tuples(
    st.lists(st.one_of(deployments, jobs), min_size=1, max_size=4),
    st.lists(ranges, max_size=1),
    st.lists(st.builds(quota, hard, scopes), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)


def number(workload: Object) -> int:
    spec = workload["spec"]
    if workload["kind"] == "Job":
        return min(int(spec["parallelism"]), int(spec["completions"]))
    return int(spec.get("replicas", 1))


def given_by(limit_ranges: list[Object], side: str, name: str) -> str | None:
    """What a container gets that says nothing."""
    order = ("default", "max") if side == "limits" else ("defaultRequest", "default", "max", "min")
    for limit_range in limit_ranges:
        (item,) = limit_range["spec"]["limits"]
        for field in order:
            if name in item.get(field, {}):
                return str(item[field][name])
    return None


def has(one: Object, side: str, name: str, limit_ranges: list[Object]) -> int:
    own = one["resources"]
    found = own.get(side, {}).get(name)
    if found is None and side == "requests":
        found = own.get("limits", {}).get(name)
    if found is None:
        found = given_by(limit_ranges, side, name)
    return 0 if found is None else SIZES[found]


def steps(pod: Object) -> Iterator[list[Object]]:
    """What runs at each step of the start of a pod."""
    stay: list[Object] = []
    for one in pod["initContainers"]:
        yield [*stay, one]
        if "restartPolicy" in one:
            stay.append(one)
    yield stay + pod["containers"]


def asked(pod: Object, limit_ranges: list[Object]) -> Asked:
    def most(side: str, name: str) -> int:
        return max(sum(has(one, side, name, limit_ranges) for one in step) for step in steps(pod))

    out = Asked({"pods": 1000, "requests.nvidia.com/gpu": most("requests", "nvidia.com/gpu")})
    for name in ("cpu", "memory"):
        out[name] = out[f"requests.{name}"] = most("requests", name)
        out[f"limits.{name}"] = most("limits", name)
    return out


def is_for(quota_: Object, pod: Object, needs: Asked) -> bool:
    selector = quota_["spec"].get("scopeSelector")
    if selector is None:
        return True
    (item,) = selector["matchExpressions"]
    priority, idle = (
        pod.get("priorityClassName"),
        not any(needs[n] for n in ("cpu", "memory", "limits.cpu", "limits.memory")),
    )
    by_scope = {
        "Terminating": "activeDeadlineSeconds" in pod,
        "NotTerminating": "activeDeadlineSeconds" not in pod,
        "BestEffort": idle,
        "NotBestEffort": not idle,
    }
    by_operator = {
        "Exists": priority is not None,
        "DoesNotExist": priority is None,
        "In": priority in item["values"],
        "NotIn": priority not in item["values"],
    }
    return by_scope[item["scopeName"]] if item["scopeName"] in by_scope else by_operator[item["operator"]]


def refused(quota_: Object, resource: str, pods: list[tuple[Object, Asked]]) -> bool:
    """Whether some pod is: each is admitted while there is room."""
    left = SIZES[quota_["spec"]["hard"][resource]]
    for pod, needs in pods:
        if is_for(quota_, pod, needs):
            if needs[resource] > left:
                return True
            left -= needs[resource]
    return False


@given(fleets)
def test_a_pod_is_refused_where_it_is_said(fleet: tuple[list[Object], list[Object], list[Object], Any]) -> None:
    workloads, limit_ranges, quotas, chance = fleet
    all_ = [*workloads, *limit_ranges, *quotas]
    for n, each in enumerate(all_):
        each["metadata"] = {"name": f"o{n}", "namespace": "t"}
    pods = [
        (pod, asked(pod, limit_ranges))
        for workload in workloads
        for pod in [workload["spec"]["template"]["spec"]] * number(workload)
    ]
    expected = {
        (f"ResourceQuota t/{q['metadata']['name']}", resource)
        for q in quotas
        for resource in q["spec"]["hard"]
        if refused(q, resource, pods)
    }
    chance.shuffle(all_)
    cut = chance.randint(0, len(all_))
    found = report(world(), {"Manifest/a": all_[:cut], "Manifest/b": all_[cut:]}).findings
    said = [(f.about, str(f.place.path[-1])) for f in found if f.code.name == "quota_exceeded"]
    assert len(said) == len(set(said))
    assert set(said) == expected


@given(deployments)
def test_what_one_pod_asks_for(deployment: Object) -> None:
    identity = Target("apps Deployment", "t", "d")
    (group,) = groups(0, deployment, identity, tuple(pods_of(deployment, "t")), "1.35")
    usage, idle = pod_usage(group, [], ())
    expected = asked(deployment["spec"]["template"]["spec"], [])
    assert {name: int(usage.get(name, 0) * 1000) for name in RESOURCES} == {name: expected[name] for name in RESOURCES}
    assert idle == (not any(expected[name] for name in RESOURCES if name.endswith(("cpu", "memory"))))
