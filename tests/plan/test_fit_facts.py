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


def table(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parse((Path(__file__).parent / name).read_bytes()).documents[0].value
    return rows


FACTS = table("fit_facts.yaml")
MEASURED = table("fit_measured.yaml")
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
    terms = Terms.of(vllm.releases[-1], vllm.overheads[-1], fact.get("utilization"))
    verdict = fit(workload, machine, layout_of(fact["layout"]), terms)
    permille = verdict.margin * 1000 // verdict.usable if verdict.usable else None
    print(f"{name_of(fact)}: {'runs' if verdict.fits else verdict.binding}, margin {permille} permille")  # noqa: T201
    assert verdict.fits == fact["runs"]
    assert verdict.binding == fact.get("why", verdict.binding)
    assert permille is None or abs(permille) >= HAIR_PERMILLE


def test_there_are_enough() -> None:
    assert len(FACTS) >= 30
    assert sum(not fact["runs"] for fact in FACTS) >= 10


def name_of_measured(row: dict[str, Any]) -> str:
    return "-".join(str(row[key]) for key in ("version", "model", "weights", "layout"))


@pytest.mark.parametrize("row", MEASURED, ids=name_of_measured)
def test_what_was_measured_to_be_left(row: dict[str, Any]) -> None:
    arch, device, vllm = architecture(row["model"]), accelerator("H100"), engine("vllm")
    assert arch is not None
    assert device is not None
    assert vllm is not None
    release, overhead = vllm.release(row["version"]), vllm.overhead(row["version"])
    assert release is not None
    assert overhead is not None
    workload = Workload(arch, Precision(row["weights"]), Precision.BF16, 8192)
    verdict = fit(
        workload, Machine(device, 8), layout_of(row["layout"]), Terms.of(release, overhead, row["utilization"])
    )
    said = verdict.margin + verdict.cache
    permille = (said - row["left"] * 2**30 // 100) * 1000 // verdict.usable
    print(f"{name_of_measured(row)}: {said / 2**30:.2f} GiB left, {permille} permille from measured")  # noqa: T201
    assert -HAIR_PERMILLE <= permille <= 0
    if "times" in row:
        assert verdict.cache * row["times"] // 100 == pytest.approx(row["left"] * 2**30 // 100, rel=0.005)
