"""Rules on objects that make pods, from Deployment to CronJob (pkg/apis/apps and batch, validation)."""

from __future__ import annotations

from collections.abc import Callable

from fleetc.check.rules import cron, pods, storage
from fleetc.check.rules.access import Found, Map, at, items, problem, whole
from fleetc.check.rules.selectors import matches
from fleetc.source.span import Path

POD_PATHS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where the built-in kinds hold their pod."""

_GROUP: Path = ("spec", "leaderWorkerTemplate")
GROUP_PATHS: tuple[Path, ...] = ((*_GROUP, "leaderTemplate", "spec"), (*_GROUP, "workerTemplate", "spec"))
"""Where a LeaderWorkerSet holds its pods; its CRD has their fields, but not the rules between them."""


def pod_rule(kind: str) -> Callable[[Map], Found]:
    """The rules on the pod of a kind."""
    path = POD_PATHS[kind]

    def rule(obj: Map) -> Found:
        yield from pods.check(at(obj, *path), path)

    return rule


def group_pods(obj: Map) -> Found:
    """The rules on the pods of a LeaderWorkerSet; without a template of their own, leaders are made like workers."""
    for path in GROUP_PATHS:
        spec = at(obj, *map(str, path))
        if spec:
            yield from pods.check(spec, path)


def stateful_pod(obj: Map) -> Found:
    """The rules on the pod of a StatefulSet, whose claim templates are volumes of every pod under their own names."""
    path = POD_PATHS["StatefulSet"]
    claims = {str(at(claim, "metadata").get("name")) for _, claim in items(at(obj, "spec"), "volumeClaimTemplates")}
    yield from pods.check(at(obj, *path), path, claims)
    yield from storage.claim_templates(obj)


def selector(obj: Map) -> Found:
    """A selector must pick something, and pick the pods of its own template."""
    spec = at(obj, "spec")
    chosen = spec.get("selector")
    if not isinstance(chosen, dict):
        return
    if not chosen.get("matchLabels") and not chosen.get("matchExpressions"):
        yield problem(("spec", "selector"), "an empty selector would pick every pod of the namespace")
        return
    labels = at(spec, "template", "metadata", "labels")
    if (why := matches(chosen, labels)) is not None:
        yield problem(("spec", "template", "metadata", "labels"), f"the selector does not match these labels: {why}")


def plain_selector(obj: Map) -> Found:
    """The same of a ReplicationController, whose selector is a plain map."""
    spec = at(obj, "spec")
    labels = at(spec, "template", "metadata", "labels")
    if (why := matches({"matchLabels": spec.get("selector")}, labels)) is not None:
        yield problem(("spec", "template", "metadata", "labels"), f"the selector does not match these labels: {why}")


def always(obj: Map) -> Found:
    """Controllers that replace pods only take pods that restart."""
    found = at(obj, "spec", "template", "spec").get("restartPolicy")
    if found not in (None, "", "Always"):
        yield problem(("spec", "template", "spec", "restartPolicy"), f"must be Always in a {obj['kind']}, got {found}")
    if at(obj, "spec", "template", "spec").get("activeDeadlineSeconds") is not None:
        yield problem(("spec", "template", "spec", "activeDeadlineSeconds"), f"cannot be set in a {obj['kind']}")


def rollout(obj: Map) -> Found:
    """Settings of a rolling update belong to that strategy, and must let it move."""
    strategy = at(obj, "spec", "strategy")
    rolling = at(strategy, "rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling:
        yield problem(("spec", "strategy", "rollingUpdate"), "cannot be set when the strategy is Recreate")
    if all(str(rolling.get(name)) in ("0", "0%") for name in ("maxSurge", "maxUnavailable")):
        yield problem(("spec", "strategy", "rollingUpdate", "maxUnavailable"), "cannot be 0 when `maxSurge` is 0")
    deadline, ready = (at(obj, "spec").get(name) for name in ("progressDeadlineSeconds", "minReadySeconds"))
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        yield problem(("spec", "progressDeadlineSeconds"), f"must be greater than `minReadySeconds` ({ready})")


def daemon_rollout(obj: Map) -> Found:
    """A DaemonSet replaces pods either before or after it stops the old ones."""
    rolling = at(obj, "spec", "updateStrategy", "rollingUpdate")
    surge, unavailable = str(rolling.get("maxSurge", 0)), str(rolling.get("maxUnavailable", 1))
    path: Path = ("spec", "updateStrategy", "rollingUpdate")
    if surge not in ("0", "0%", "None") and unavailable not in ("0", "0%", "None"):
        yield problem((*path, "maxSurge"), "cannot be set unless `maxUnavailable` is 0")
    elif surge in ("0", "0%", "None") and unavailable in ("0", "0%"):
        yield problem((*path, "maxUnavailable"), "cannot be 0 when `maxSurge` is 0")


def job(obj: Map) -> Found:
    """Rules of a Job."""
    yield from _job(at(obj, "spec"), ("spec",))


def cron_job(obj: Map) -> Found:
    """Rules of a CronJob and of its job."""
    spec = at(obj, "spec")
    yield from _job(at(spec, "jobTemplate", "spec"), ("spec", "jobTemplate", "spec"))
    schedule = spec.get("schedule")
    if isinstance(schedule, str) and schedule and (why := cron.fault(schedule)):
        yield problem(("spec", "schedule"), f"{why} in the schedule `{schedule}`")
    if at(spec, "jobTemplate", "spec").get("manualSelector") is True:
        yield problem(("spec", "jobTemplate", "spec", "manualSelector"), "cannot be set in a CronJob")


def _job(spec: Map, path: Path) -> Found:
    pod = at(spec, "template", "spec")
    policy = pod.get("restartPolicy")
    if spec and pod and policy not in ("Never", "OnFailure"):
        said = f"got {policy}" if policy else "and the default is Always"
        yield problem((*path, "template", "spec", "restartPolicy"), f"must be Never or OnFailure in a job, {said}")
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield problem((*path, "completions"), "is required when `completionMode` is Indexed")
    per_index, most = whole(spec, "backoffLimitPerIndex"), whole(spec, "maxFailedIndexes")
    if most is not None and per_index is None:
        yield problem((*path, "backoffLimitPerIndex"), "is required beside `maxFailedIndexes`")
    if most is not None and most > (whole(spec, "completions") or 0):
        yield problem((*path, "maxFailedIndexes"), f"must be at most `completions`, got {most}")
    if spec.get("successPolicy") and spec.get("completionMode") != "Indexed":
        yield problem((*path, "successPolicy"), "needs `completionMode: Indexed`")
    for index, rule in items(at(spec, "successPolicy"), "rules"):
        if rule.get("succeededCount") is None and rule.get("succeededIndexes") is None:
            here = (*path, "successPolicy", "rules", index)
            yield problem(here, "a rule needs `succeededCount` or `succeededIndexes`")
    if at(spec, "podFailurePolicy"):
        yield from _failure_policy(spec, path)
    if spec.get("selector") is not None and spec.get("manualSelector") is not True:
        yield problem((*path, "selector"), "is made by the server; set `manualSelector: true` to choose it")
    if spec.get("backoffLimitPerIndex") is not None and spec.get("completionMode") != "Indexed":
        yield problem((*path, "backoffLimitPerIndex"), "needs `completionMode: Indexed`")


def _failure_policy(spec: Map, path: Path) -> Found:
    pod = at(spec, "template", "spec")
    if pod.get("restartPolicy") == "OnFailure":
        yield problem((*path, "podFailurePolicy"), "needs `restartPolicy: Never`")
    if spec.get("podReplacementPolicy") not in (None, "Failed"):
        yield problem((*path, "podReplacementPolicy"), "must be Failed beside `podFailurePolicy`")
    names = {str(container.get("name")) for field in pods.CONTAINERS for _, container in items(pod, field)}
    for index, rule in items(spec["podFailurePolicy"], "rules"):
        here: Path = (*path, "podFailurePolicy", "rules", index)
        codes, conditions = at(rule, "onExitCodes"), rule.get("onPodConditions")
        if bool(codes) == bool(conditions):
            yield problem(here, "a rule needs exactly one of `onExitCodes`, `onPodConditions`")
        name = codes.get("containerName")
        if isinstance(name, str) and name not in names:
            yield problem((*here, "onExitCodes", "containerName"), f"the pod has no container `{name}`")
        values = codes.get("values")
        if codes.get("operator") == "In" and isinstance(values, list) and 0 in values:
            yield problem((*here, "onExitCodes", "values"), "cannot have 0, which is success, when the operator is In")
        if rule.get("action") == "FailIndex" and whole(spec, "backoffLimitPerIndex") is None:
            yield problem((*here, "action"), "FailIndex needs `backoffLimitPerIndex`")
