"""Machine types are plausible, and what is left of a node is what providers publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.catalogue.accelerators import accelerator
from fleetc.catalogue.machines import Room, allocatable, machine, machine_names, machines, max_pods

MIB, GIB = 2**20, 2**30

KARPENTER = """
    p4d.24xlarge    95690 1082712
    p5.4xlarge      15890  240830
    p5.48xlarge    191450 1938410
    p5en.48xlarge  191450 1937332
    g6.xlarge        3920   14162
    g6.12xlarge     47810  178933
    g6.16xlarge     63770  234021
    g6e.12xlarge    47810  360157
    g5.12xlarge     47810  173400
    m7i.4xlarge     15890   57691
"""
"""CPU (thousandths) and memory (MiB) that are allocatable, from the same reference as the machine types."""


def test_machines_are_plausible() -> None:
    assert len({m.name for m in machines()}) == len(machines())
    for each in machines():
        assert bool(each.accelerator) == bool(each.devices)
        assert each.accelerator is None or accelerator(each.accelerator) is not None
        assert each.accelerator is None or each.accelerator == getattr(accelerator(each.accelerator), "name", None)
        assert 1 <= each.memory_gib / each.cpu <= 24, each.name
        assert each.provider in ("gke", "eks", "aks")
    assert machine("a3-highgpu-8g") is not None
    assert machine("a3-highgpu-9g") is None
    assert "p5.48xlarge" in machine_names("eks")
    assert "p5.48xlarge" not in machine_names("gke")


@pytest.mark.parametrize("line", KARPENTER.strip().splitlines())
def test_nodes_of_eks(line: str) -> None:
    name, cpu, memory = line.split()
    known = machine(name)
    assert known is not None
    room = allocatable("eks", known.cpu_millis, known.memory_bytes, max_pods("eks", name))
    assert (room.cpu_millis, room.memory_bytes // MIB) == (int(cpu), int(memory))


def test_nodes_of_gke() -> None:
    # 4 CPUs leave 3920m: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes
    room = allocatable("gke", 4000, 16 * GIB, 110)
    assert room.cpu_millis == 3920
    # 1/64, 16 and 64 MiB for the kernel; 1000 + 800 + 800 MiB of the first 16000, 6 % of 384; 100 MiB free.
    assert room.memory_bytes == 16 * GIB - (256 + 80 + 2623 + 100) * MIB


@pytest.mark.parametrize(
    ("memory", "pods", "left"),
    [(8 * 10**9, 30, 8 * 10**9 - 650 * 10**6 - 100 * MIB), (4 * 10**9, 70, 4 * 10**9 - 10**9 - 100 * MIB)],
)
def test_nodes_of_aks(memory: int, pods: int, left: int) -> None:
    # Both examples of https://learn.microsoft.com/azure/aks/node-resource-reservations
    assert allocatable("aks", 2000, memory, pods).memory_bytes == left


@pytest.mark.parametrize(("cores", "kept"), [(1, 60), (2, 100), (4, 140), (8, 180), (16, 260), (32, 420), (64, 740)])
def test_cpu_of_aks(cores: int, kept: int) -> None:
    assert allocatable("aks", cores * 1000, GIB, 30).cpu_millis == cores * 1000 - kept


@given(
    st.sampled_from(("gke", "eks", "aks", "onprem")), st.integers(0, 10**6), st.integers(0, 2**45), st.integers(0, 999)
)
def test_more_machine_leaves_more_room(provider: str, cpu: int, memory: int, pods: int) -> None:
    room = allocatable(provider, cpu, memory, pods)
    larger = allocatable(provider, cpu + 1000, memory + GIB, pods)
    assert Room(0, 0) <= room <= Room(cpu, memory)
    assert room.memory_bytes <= memory
    assert larger.cpu_millis >= room.cpu_millis
    assert larger.memory_bytes >= room.memory_bytes
    assert allocatable(provider, cpu, memory, pods + 1).memory_bytes <= room.memory_bytes


def test_pods() -> None:
    assert max_pods("eks", "p5.48xlarge") == 100
    assert (max_pods("gke"), max_pods("kind"), max_pods("eks", "no-such-type")) == (110, 110, 110)
