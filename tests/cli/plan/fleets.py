"""Plans of fleets that are built by hand: what `fleetc plan` has to show."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.plan.placement.problems import GI, model, pool, way

from fleetc.catalogue.accelerators import accelerator
from fleetc.catalogue.architectures import architecture
from fleetc.catalogue.engines import engine
from fleetc.catalogue.precisions import Precision
from fleetc.plan.fit import Layout, Machine, Terms, fit, largest_concurrency, largest_context
from fleetc.plan.fit.model import Workload as Served
from fleetc.plan.placement import explain, solve
from fleetc.plan.placement.model import ClusterWeight, Excluded, Locked, Pool, Problem, Quota, Sharing
from fleetc.plan.view import Asked, Boundary, LockChange, PlanView, Way

USD = 1_000_000


def view_of(problem: Problem, **given: Any) -> PlanView:
    result = solve(problem)
    return PlanView(result, partial(explain, result))._replace(currency="USD", **given)


def tokens(
    view: PlanView, id: str, name: str, on: str, devices: int, asked: Asked, layout: Layout | None = None
) -> PlanView:
    """The view with the fit of one way to run a model of the catalogue."""
    found, device, of = architecture(name), accelerator(on), engine("vllm")
    assert found is not None
    assert device is not None
    assert of is not None
    served = Served(found, Precision(asked.weights), Precision(asked.cache), asked.context, asked.concurrency)
    machine, terms = Machine(device, 8), Terms.of(of.releases[-1], of.overheads[-1])
    spread = layout or Layout(devices)
    reach = Boundary(
        largest_context(served, machine, spread, terms), largest_concurrency(served, machine, spread, terms)
    )
    key: Way = (id, f"{on}:{devices}")

    def boundary(workload: str, alternative: str, before: PlanView = view) -> Boundary | None:
        return reach if (workload, alternative) == key else before.boundary(workload, alternative)

    fits = {**view.fits, key: fit(served, machine, spread, terms)}
    return view._replace(fits=fits, boundary=boundary, asked={**view.asked, id: asked})


def gpu(id: str, nodes: tuple[int, int], dollars: float | None, **given: Any) -> Pool:
    """A pool with a price of so many dollars an hour a node."""
    return pool(id, nodes, price=None if dollars is None else round(dollars * USD), **given)


def small() -> PlanView:
    """Two regions, three teams; everything has a place, some of it locked there."""
    pools = (
        gpu("fra/h100", (0, 4), 41.6),
        gpu("fra/l40s", (1, 6), 9.28, accelerator="L40S", capacity="onDemand"),
        gpu("ams/h100", (0, 2), 39.2),
        gpu("ams/h200", (0, 2), 52.4, accelerator="H200", capacity="static"),
        gpu("fra/cpu", (2, 6), 1.536, accelerator="", devices=0, cpu=64_000, memory=256 * GI, capacity="onDemand"),
    )
    llama = model("llama-3-1-70b", way(4), on="fra ams", replicas=(3, 6), failover=True)._replace(team="assist")
    chat = model("qwen3-32b", way(2), way(2, "H200"), on="fra ams", replicas=(2, 4))._replace(
        previous=(Locked("fra/h100", "H100:2", 2),)
    )
    small_one = model("llama-3-1-8b", way(1, "L40S"), on="fra", replicas=(2, 12))
    cpu = way(0, "", cpu=8_000, memory=16 * GI)._replace(name="cpu")
    gateway = model("gateway", cpu, on="fra", replicas=(3, 10))._replace(team="platform")
    view = view_of(Problem(pools, (llama, chat, small_one, gateway)), titles={"H100": "NVIDIA H100 SXM 80 GB"})
    view = tokens(view, "llama-3-1-70b", "llama-3.1-70b", "H100", 4, Asked(32768, 16, "fp8", "fp8"))
    view = tokens(view, "qwen3-32b", "qwen3-32b", "H100", 2, Asked(32768, 8, "bf16", "bf16"))
    view = tokens(view, "llama-3-1-8b", "llama-3.1-8b", "L40S", 1, Asked(16384, 8, "bf16", "bf16"))
    return view._replace(locks=(LockChange("llama-3-1-70b", "specs/locks/llama-3-1-70b.yaml", "added"),))


def crowded() -> PlanView:
    """One that has no place, with what is better; one that left where it was."""
    pools = (
        gpu("fra/h100", (0, 2), 41.6),
        gpu("ams/h100", (0, 2), 39.2, maintenance=True),
        gpu("nyc/h100", (0, 4), 37.6, region="us", residency="us"),
    )
    old = tuple(model(f"rank-{n}", way(8), on="fra", previous=(Locked("fra/h100", "H100:8", 1),)) for n in range(2))
    train = model("deepseek-r1", way(8, nodes=2), on="fra ams", excluded=(Excluded("nyc", "residency eu"),))
    moved = model("mixtral", way(4), on="nyc", previous=(Locked("nyc/old", "H100:4", 1),))
    problem = Problem(pools, (*old, train._replace(team="research"), moved), (Quota("research", "H100", 64),))
    return view_of(problem, better={"deepseek-r1": ("one node of H200:8 would hold it, with 212.4 GiB left",)})


def apart() -> PlanView:
    """Small and large pods on one pool, which would be in each other's way."""
    many = model("rerank", way(1), replicas=(7, 9))
    large = model("llama-3-1-405b", way(8), replicas=(2, 2))
    return view_of(Problem((gpu("west/h100", (0, 5), 41.6),), (many, large)))


def spot() -> PlanView:
    """Burst on nodes that are not guaranteed, and more of it than there are nodes."""
    pools = (gpu("west/spot", (2, 8), 14.7, accelerator="H200", capacity="spot"), gpu("west/h100", (0, 4), 41.6))
    chat = model("chat", way(8, "H200"), replicas=(2, 6))
    batch = model("batch", way(4), replicas=(4, 40))._replace(team="research")
    return view_of(Problem(pools, (chat, batch)))


def unpriced() -> PlanView:
    """A pool whose price nobody knows, and no currency."""
    pools = (gpu("west/h100", (0, 1), 98.32), gpu("west/onprem", (0, 3), None))
    return view_of(Problem(pools, (model("a", replicas=(1, 1)), model("b", replicas=(2, 3)))))._replace(currency=None)


def tpu() -> PlanView:
    """Slices of TPU: a replica over several nodes."""
    pools = (
        gpu("tpu/v6e-16", (0, 8), 10.8, accelerator="TPU-v6e", devices=4, zones=("a",)),
        gpu("tpu/v5e", (1, 4), 4.8, accelerator="TPU-v5e", devices=4, zones=("a",), capacity="onDemand"),
    )
    gemma = model("gemma-3-27b", way(4, "TPU-v6e", nodes=4, cpu=100_000), on="tpu", replicas=(1, 2))
    embed = model("embed", way(1, "TPU-v5e"), on="tpu", replicas=(2, 8))
    return view_of(Problem(pools, (gemma, embed)))


def cpus() -> PlanView:
    """No accelerator anywhere."""
    nodes = gpu("edge/cpu", (3, 9), 0.384, accelerator="", devices=0, cpu=16_000, memory=64 * GI, capacity="onDemand")
    api = way(0, "", cpu=1_500, memory=3 * GI)._replace(name="cpu")
    return view_of(Problem((nodes,), (model("router", api, on="edge", replicas=(4, 20)),)))


def large(clusters: int = 200) -> PlanView:
    """Many clusters alike, most of which run the same."""
    names = [f"edge-{n:03}" for n in range(clusters)]
    pools = tuple(gpu(f"{name}/l4", (0, 2 + n % 2), 3.2, accelerator="L4", devices=4) for n, name in enumerate(names))
    pools += tuple(gpu(f"{name}/h100", (1, 4), 41.6, capacity="onDemand") for name in names[::10])
    everywhere = tuple(ClusterWeight(name) for name in names)
    vision = model("vision", way(1, "L4", cpu=4_000, memory=20 * GI), replicas=(clusters * 2, clusters * 3))
    vision = vision._replace(clusters=everywhere, spread="cluster")
    some = tuple(
        model(f"assist-{n:02}", way(4), on=names[n * 10], replicas=(1, 3))._replace(team=f"team-{n % 3}")
        for n in range(min(8, clusters // 10))
    )
    return view_of(Problem(pools, (vision, *some)))


def loss() -> Problem:
    """What happens when `west` is lost: a move, a promise on fewer clusters, one that breaks."""
    pools = (
        gpu("west/h100", (0, 2), 41.6),
        gpu("east/h100", (0, 2), 39.2),
        gpu("east/h200", (0, 1), 52.0, accelerator="H200"),
    )
    chat = model("chat", way(4), on="west east", replicas=(2, 2), failover=True)
    code = model("code", way(8), way(8, "H200"), on="west east", previous=(Locked("west/h100", "H100:8", 1),))
    local = model("local", way(4))._replace(team="risk")
    return Problem(pools, (chat, code, local, model("stays", way(4), on="east")))


def choices() -> PlanView:
    """Each for another reason where it is."""
    pools = (
        gpu("fra/h100", (0, 2), 41.6),
        gpu("ams/h100", (0, 2), 39.2),
        gpu("ams/spot", (2, 4), 12.8, capacity="spot"),
        gpu("fra/mig", (0, 1), 16.4, accelerator="A100-80", sharing=Sharing("1g.10gb", 7)),
        gpu("fra/h200", (0, 1), 52.4, accelerator="H200"),
    )
    mig = way(1, "A100-80", profile="1g.10gb", cpu=1_000, memory=8 * GI)
    asked = (
        model("cheapest", way(4), on="fra ams"),
        model("classes", way(8), on="ams", replicas=(1, 2)),
        model("later", way(8, "B200"), way(8, "H200"), on="fra ams"),
        model("shares", mig, on="fra", replicas=(9, 14)),
        model("none-promised", way(2), on="fra", replicas=(0, 4)),
    )
    return view_of(Problem(pools, asked))


def uneven(clusters: int = 40) -> PlanView:
    """Many clusters, no two with the same use."""
    names = [f"dc-{n:02}" for n in range(clusters)]
    pools = tuple(gpu(f"{name}/h100", (0, 2 + n % 7), 41.6) for n, name in enumerate(names))
    some = tuple(
        model(f"model-{n:02}", way(1), on=name, replicas=(1 + n % 5, 6 + n % 9)) for n, name in enumerate(names[::2])
    )
    return view_of(Problem(pools, some))


def nothing() -> PlanView:
    """Pools, and nothing to place."""
    return view_of(Problem((gpu("west/h100", (0, 1), 41.6),), ()))


def enterprise() -> PlanView:
    """Long names, many places, several reasons at once: what a platform team has before it on a Monday."""
    prod, alt = "eu-central-1-prod", "eu-west-3-prod"
    pools = (
        gpu(f"{prod}/h100-reserved", (0, 6), 39.33, zones=("eu-central-1a", "eu-central-1b")),
        gpu(f"{prod}/h200-spot", (1, 8), 21.46, accelerator="H200", capacity="spot"),
        gpu(f"{alt}/h100-reserved", (0, 4), 39.33),
        gpu(f"{alt}/l4-on-demand", (2, 12), 6.7696, accelerator="L4", devices=8, capacity="onDemand"),
        gpu("us-east-1-prod/h100-reserved", (0, 8), 36.2, region="us"),
        gpu("us-east-1-prod/mi300x-static", (0, 2), 31.92, accelerator="MI300X", capacity="static"),
        gpu("us-east-1-prod/general", (3, 20), 1.7, accelerator="", devices=0, cpu=32_000, memory=128 * GI),
    )
    europe, world = f"{prod} {alt}", f"{prod} {alt} us-east-1-prod"
    us = (Excluded("us-east-1-prod", "residency eu"),)
    api = way(0, "", cpu=2_000, memory=4 * GI)._replace(name="cpu")
    asked = (
        model("customer-assistant-llama-3-1-70b", way(4), way(4, "H200"), on=europe, replicas=(4, 10), failover=True)
        ._replace(team="assist", excluded=us),
        model("code-completion-qwen3-32b", way(2), on=world, replicas=(6, 12), spread="cluster")
        ._replace(previous=tuple(Locked(f"{c}/h100-reserved", "H100:2", 2) for c in world.split())),
        model("embeddings", way(1, "L4"), on=europe, replicas=(3, 24))._replace(team="search", excluded=us),
        model("fraud-scoring", way(1, "L4"), way(1), on=world, replicas=(2, 4), failover=True)._replace(team="risk"),
        model("foundation-405b", way(8, nodes=2), way(8, "MI300X"), on="us-east-1-prod")._replace(team="research"),
        model("pretrain-nightly", way(8, nodes=4), on=europe, replicas=(2, 2))._replace(team="research", excluded=us),
        model("llm-gateway", api, on="us-east-1-prod", replicas=(6, 60))._replace(team="platform"),
    )  # fmt: skip
    view = view_of(Problem(pools, asked, (Quota("research", "H100", 64),)))
    serving = Asked(32768, 16, "fp8", "fp8")
    view = tokens(view, "customer-assistant-llama-3-1-70b", "llama-3.1-70b", "H100", 4, serving)
    return tokens(view, "code-completion-qwen3-32b", "qwen3-32b", "H100", 2, Asked(32768, 8, "bf16", "bf16"))
