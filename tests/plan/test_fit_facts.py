"""The arithmetic against what is known to run and not to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleetc.catalogue.accelerators import accelerator
from fleetc.catalogue.architectures import architecture
from fleetc.catalogue.engines import engine
from fleetc.catalogue.precisions import Precision
from fleetc.plan.fit import Layout, Machine, Terms, Workload, fit
from fleetc.source.yaml import parse

FACTS: list[dict[str, Any]] = parse((Path(__file__).parent / "fit_facts.yaml").read_bytes()).documents[0].value
HAIR_PERMILLE = 20
"""Smaller margins, in thousandths of what is usable, say nothing: a fact with such a margin is left out."""


def name_of(fact: dict[str, Any]) -> str:
    keys = ("model", "weights", "on", "profile", "layout", "context", "concurrency")
    return "-".join(str(fact[key]) for key in keys if key in fact)


def layout_of(text: object) -> Layout:
    sizes = [int(size) for size in str(text).removesuffix("ep").split("x")]
    tensor, pipeline, data = (*sizes, 1, 1)[:3]
    return Layout(tensor, pipeline, data, str(text).endswith("ep"))


@pytest.mark.parametrize("fact", FACTS, ids=name_of)
def test_what_is_known(fact: dict[str, Any]) -> None:
    arch, device, vllm = architecture(fact["model"]), accelerator(fact["on"]), engine("vllm")
    assert arch is not None
    assert device is not None
    assert vllm is not None
    cache = Precision(fact.get("cache", "bf16"))
    workload = Workload(arch, Precision(fact["weights"]), cache, fact["context"], fact.get("concurrency", 1))
    machine = Machine(device, fact["node"], fact.get("profile"))
    terms = Terms.of(vllm.releases[-1], fact.get("utilization"))
    verdict = fit(workload, machine, layout_of(fact["layout"]), terms)
    permille = verdict.margin * 1000 // verdict.usable if verdict.usable else None
    print(f"{name_of(fact)}: {'runs' if verdict.fits else verdict.binding}, margin {permille} permille")  # noqa: T201
    assert verdict.fits == fact["runs"]
    assert verdict.binding == fact.get("why", verdict.binding)
    assert permille is None or abs(permille) >= HAIR_PERMILLE


def test_there_are_enough() -> None:
    assert len(FACTS) >= 30
    assert sum(not fact["runs"] for fact in FACTS) >= 10
