"""The requirement on security: containers get the devices that Kubernetes gives them, and no others."""

from __future__ import annotations

from typing import Any, Final

from fleetc.catalogue.policies import PackRule, pack
from fleetc.cel import Program, Value
from fleetc.check.conformance.facts import Evidence, Here, Verdict, met, partly, refuted, unmet
from fleetc.check.conformance.trial import Guard, Trial
from fleetc.check.conformance.workloads import Pods, accelerated, all_pods, asked, asking_lines
from fleetc.check.policy.engine import SEEN, compiled
from fleetc.language.team import TEAM_LABEL

PACK: Final = "ai-conformance"
_FIX: Final = "place a Policy with `pack: ai-conformance` and the action `deny` on the cluster"
_ANY: Final = "example"
"""The namespace that is tried where no team has one yet."""


def secure_accelerator_access(here: Here) -> Verdict:
    """No emitted pod helps itself to devices, and policies keep all others from it."""
    rules = pack(PACK).rules
    teams = sorted(f.name for f in here.of("", "Namespace") if TEAM_LABEL in f.labels)
    # What runs the nodes, such as exporters, is in namespaces of no team, and may reach them.
    users = [p for p in all_pods(here) if p.owner.namespace in teams or asked(here, p) is not None]
    broken = [(pods, rule) for pods in users for rule in rules if not _keeps(here, pods, rule)]
    if broken:
        said = "; ".join(sorted({rule.message for _, rule in broken}))
        fixes = "; ".join(dict.fromkeys(rule.fix for _, rule in broken))
        return refuted(f"emitted pods help themselves to devices: {said}", fixes, *(_pods(p) for p, _ in broken))
    spaces = teams or [_ANY]
    trial = Trial(here)
    used: list[Guard] = []
    left: dict[str, list[str]] = {}
    for rule in rules:
        for space in spaces:
            guard = trial.refusing(rule, space)
            if guard is None:
                left.setdefault(rule.name, []).append(space)
            else:
                used.append(guard)
    shown = [e for g in used for e in (g.policy.evidence(), g.binding.evidence("spec", "validationActions"))]
    if not used:
        return unmet("no policy refuses pods that help themselves to devices", _FIX)
    if left:
        note = "; ".join(f"{name} in {', '.join(open_in)}" for name, open_in in left.items())
        return partly(f"policies refuse such pods, but for: {note}", _FIX, *shown)
    note = "policies refuse pods that help themselves to devices, and emitted pods get theirs from Kubernetes"
    return met(note, *shown, *(e for pods in accelerated(here) for e in asking_lines(here, pods)))


def _pods(pods: Pods) -> Evidence:
    return pods.owner.evidence(*pods.path)


def _keeps(here: Here, pods: Pods, rule: PackRule) -> bool:
    """Whether emitted pods keep a rule of the pack; one that cannot be evaluated is not kept."""
    on_containers = rule.on == "container"
    program = compiled(rule.expression, SEEN["container" if on_containers else "pod"], here.cluster.kubernetes)
    values: dict[str, Any] = {"object": pods.owner.object, "pod": pods.pod}
    each = [{**values, "container": c} for _, c in pods.containers()] if on_containers else [values]
    return isinstance(program, Program) and all(_true(program, one) for one in each)


def _true(program: Program, values: dict[str, Any]) -> bool:
    got = program.evaluate(values)
    return isinstance(got, Value) and got.value is True
