"""Every object of golden/ damaged in many ways: what the checks refuse, and what they let through and why.

The result is docs/checks/mutations.md. With FLEETC_UPDATE=1 it is written instead of compared.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple, cast

import pytest
from tests.check.damage import limits
from tests.check.damage.fleets import FLEET_DAMAGES
from tests.check.damage.places import Damage, Object
from tests.check.goldens import ROOT, checked, distinct, golden
from tests.check.mutations import DAMAGES

from fleetc.check.schemas import check_object
from fleetc.check.states import State

UPDATE: Final = os.environ.get("FLEETC_UPDATE") == "1"
PAGE: Final = ROOT / "docs/checks/mutations.md"
LEAST_WAYS: Final = 20
LIMITS: Final[dict[str, Damage]] = {
    name: cast(Damage, damage)
    for name, damage in vars(limits).items()
    if callable(damage) and getattr(damage, "__module__", "") == limits.__name__
}

_UNREAD: Final = "counted as partial: without `--crds`, the CEL rules of CRDs are not run"
_REVIEW: Final = "right in itself: that something else was meant shows in the reviewed diff"
_UNNAMED: Final = "nothing refers to it: that it is gone shows in the reviewed diff"
_TWICE: Final = "changes nothing: another policy isolates the same pods, or lets the same pass"
_NO_TEAM: Final = "in a namespace of the platform: no spec declares its traffic"
_NO_QUOTA: Final = "in a namespace of the platform, which has no quota"
_OTHERS: Final = "looks for Services of what fleetc does not emit, in other namespaces"
_LOWERED: Final = "emitted by fleetc itself: tests of the lowerings hold it to its namespaces and roles"

REASONS: Final[dict[str, list[tuple[str, str]]]] = {
    "broken_rule_of_a_custom_kind": [
        ("CiliumNetworkPolicy *", _UNREAD),
        ("PrometheusRule *", "PromQL is read by rule `promql`, beside the metrics of the cluster"),
    ],
    "other_number": [("*", _REVIEW)],
    "wider_role": [("Role *", "what a team's members may do is one table, whose tests say what it may never hold")],
    "dangling_secret": [("Deployment *", "counted as skipped: Secrets do not come from git")],
    "bound_to_all": [
        ("ClusterRoleBinding prometheus-*", _LOWERED),
        ("RoleBinding team-*", _LOWERED),
        ("RoleBinding *-endpoint-picker", _LOWERED),
    ],
    "selector_of_nothing": [("ServiceMonitor platform-*", _OTHERS)],
    "port_of_nothing": [("ServiceMonitor platform-*", _OTHERS)],
    "moved": [
        ("NetworkPolicy blackbox-exporter", "in a namespace of the platform: it may be in another one"),
        ("*", _LOWERED),
    ],
    "removed": [
        ("NetworkPolicy blackbox-exporter", _NO_TEAM),
        ("*NetworkPolicy *", _TWICE),
        ("ServiceAccount default", "Kubernetes makes it itself"),
        ("*", _UNNAMED),
    ],
    "too_many_replicas": [(about, _NO_QUOTA) for about in ("Deployment blackbox-exporter", "Prometheus *")],
    "widened_policy": [
        ("NetworkPolicy blackbox-exporter", _NO_TEAM),
        ("NetworkPolicy *-endpoint-picker", "changes nothing: the servers' own policy lets it in at one port only"),
    ],
    "narrowed_policy": [("NetworkPolicy blackbox-exporter", _NO_TEAM), ("*", _TWICE)],
}
"""Why a damage is let through: the first reason whose pattern matches the object's kind and name."""


class Outcome(NamedTuple):
    """How a damage of an object ended."""

    damage: str
    about: str
    refused: bool


def single(obj: Object, minor: str) -> Iterator[Outcome]:
    """The damages of one object by itself."""
    about = f"{obj['kind']} {obj['metadata']['name']}"
    for name, damage in {**DAMAGES, **LIMITS}.items():
        for damaged in damage(obj):
            yield Outcome(name, about, check_object(damaged, minor).state is State.INVALID)


def beside(cluster: int, subject: str, position: int) -> Iterator[Outcome]:
    """The damages that show beside the other objects of a cluster: the whole check runs on each."""
    objects = [cast(Object, shape.object) for shape in golden().clusters[cluster][subject]]
    about = f"{objects[position]['kind']} {objects[position]['metadata']['name']}"
    for name, damage in FLEET_DAMAGES.items():
        for damaged in damage(objects, position):
            yield Outcome(name, about, bool(checked(cluster, subject, damaged).findings))


def why(outcome: Outcome) -> str:
    """The reason for which a damage is let through; empty where there is none."""
    return next((r for pattern, r in REASONS.get(outcome.damage, ()) if fnmatchcase(outcome.about, pattern)), "")


def test_golden_is_right() -> None:
    for n, rows in enumerate(golden().clusters):
        subject = next(iter(rows))
        assert checked(n, subject, [shape.object for shape in rows[subject]]).findings == [], "run fleetc build"


def test_mutations() -> None:
    outcomes: list[Outcome] = []
    for place, shape in distinct():
        minor = golden().world.clusters[place.cluster].kubernetes
        mine = [*single(dict(shape.object), minor), *beside(*place)]
        assert len(mine) >= LEAST_WAYS, place
        outcomes += mine
    assert [o for o in outcomes if not o.refused and not why(o)] == []
    page = written(outcomes)
    if UPDATE:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run the tests with FLEETC_UPDATE=1"


@pytest.mark.parametrize("name", sorted(REASONS))
def test_reasons_are_of_known_damages(name: str) -> None:
    assert name in {*LIMITS, *FLEET_DAMAGES}


def written(outcomes: list[Outcome]) -> str:
    """The page."""
    applied = Counter(o.damage for o in outcomes)
    refused = Counter(o.damage for o in outcomes if o.refused)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        if not outcome.refused:
            reasons[outcome.damage][why(outcome)] += 1
    total, bad = len(outcomes), sum(refused.values())
    objects = len(list(distinct()))
    lines = [
        "# What the checks refuse",
        "",
        "Generated by tests/check/test_mutations.py: each distinct object of golden/ is damaged in every way that",
        f"applies to it. {objects:,} objects, {total:,} damages: {bad:,} refused, {total - bad:,} let through, each",
        "for a reason.",
        "",
        *_section("By the object alone", DAMAGES, applied, refused, reasons),
        *_section("By the object alone, and known to be beyond it", LIMITS, applied, refused, reasons),
        *_section("Beside the other objects of the cluster", FLEET_DAMAGES, applied, refused, reasons),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _section(
    title: str,
    damages: Mapping[str, Callable[..., object]],
    applied: Counter[str],
    refused: Counter[str],
    reasons: dict[str, Counter[str]],
) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| Damage | Applied | Refused | Let through | Why |"
    yield "|---|---:|---:|---:|---|"
    for name, damage in damages.items():
        if applied[name]:
            what = (damage.__doc__ or "").strip().rstrip(".")
            said = "; ".join(f"{number:,} {reason}" for reason, number in sorted(reasons[name].items()))
            passed = applied[name] - refused[name]
            yield f"| {what} | {applied[name]:,} | {refused[name]:,} | {passed:,} | {said} |"
    yield ""
