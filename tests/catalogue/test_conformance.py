"""The table of AI Conformance: upstream's minors, levels and order, and a decision for each requirement."""

from __future__ import annotations

from collections import Counter

import pytest

from fleetc.catalogue.components import component_names
from fleetc.catalogue.conformance import conformance
from fleetc.check.conformance.decide import DECIDERS

TABLE = conformance()
MUST = [
    "ai_inference", "gang_scheduling", "cluster_autoscaling", "pod_autoscaling", "accelerator_metrics",
    "ai_service_metrics", "secure_accelerator_access", "robust_controller",
]  # fmt: skip
GROUPS = ["accelerators", "networking", "schedulingOrchestration", "observability", "security", "operator"]


@pytest.mark.parametrize(
    ("minor", "should", "also_must"),
    [
        ("1.33", {"dra_support"}, set()),
        ("1.34", set(), {"dra_support"}),
        ("1.35", {"driver_runtime_management", "gpu_sharing", "virtualized_accelerator"}, {"dra_support"}),
        (
            "1.36",
            {
                "driver_runtime_management", "gpu_sharing", "virtualized_accelerator", "advanced_inference_ingress",
                "high_performance_networking", "disaggregated_inference",
            },
            set(),
        ),
    ],
)  # fmt: skip
def test_levels(minor: str, should: set[str], also_must: set[str]) -> None:
    found = TABLE.of_minor(minor)
    assert {r.id for r in found if r.levels[minor] == "SHOULD"} == should
    assert {r.id for r in found if r.levels[minor] == "MUST"} == {*MUST, *also_must}
    places = [GROUPS.index(r.group) for r in found]
    assert places == sorted(places)


def test_minors() -> None:
    assert TABLE.minors() == ("1.33", "1.34", "1.35", "1.36")
    assert TABLE.of_minor("1.37") == ()


def test_each_requirement_is_decided() -> None:
    assert list(DECIDERS) == [r.id for r in TABLE.requirements]
    assert max(Counter(r.what for r in TABLE.requirements).values()) == 1


def test_components_are_known() -> None:
    assert {*TABLE.operators, *TABLE.other_operators} <= {*component_names()}
    assert not {*TABLE.operators} & {*TABLE.other_operators}


def test_submissions() -> None:
    assert len({*TABLE.submissions}) == len(TABLE.submissions)
    assert {s.minor for s in TABLE.submissions} <= {*TABLE.minors()}
    assert TABLE.submission("eks", "1.33") is None
    found = TABLE.submission("gke", "1.35")
    assert found is not None
    assert found.url.endswith("/v1.35/gke/PRODUCT.yaml")
