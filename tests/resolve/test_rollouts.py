"""Which wave a cluster is in, and what cannot be of Rollouts."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.language.texts import docs, spec
from tests.resolve.worlds import CLUSTER, FLEET, made, table_of, world_of

from fleetc.language.document import Doc, Tree
from fleetc.resolve import World
from fleetc.resolve.rollouts import clusters_of, is_path_of, rollout_findings, wave_of, waves_of
from fleetc.source.span import Path, Span

COMMIT: Final = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
REGIONS: Final = ("eu", "us", "ap")


def locate(file: str, number: int, path: Path, key: bool) -> Span:
    """Nowhere in particular."""
    assert path or number == 0
    return Span(file, 1, 1 + key)


def fleet(*clusters: tuple[str, str], rollouts: dict[str, Tree]) -> World:
    """Clusters by name and region, and Rollouts by name: their waves."""
    found = [made("Cluster", name, {**CLUSTER, "region": region}) for name, region in clusters]
    found += [made("Rollout", name, {"waves": _waves(waves)}) for name, waves in rollouts.items()]
    return world_of(found)


def _waves(waves: Tree) -> Tree:
    return {name: {"name": name, **wave} for name, wave in waves.items()}


def written(*texts: str) -> list[str]:
    """What is found in specs as people write them, with three clusters."""
    clusters = [spec("Cluster", f"{{kubernetes: '1.35', region: {r}}}", f"{{name: {r}}}") for r in REGIONS]
    found: dict[str, Doc] = {**docs(*clusters, *texts), "Fleet/acme": made("Fleet", "acme", FLEET)}
    world = World(found, table_of({"Cluster": CLUSTER}))
    return [f"{d.code.name} {d.message}" for d in rollout_findings(world, locate)]


def test_the_first_wave_that_matches() -> None:
    waves = {"canary": {"match": {"clusters": ["b"]}}, "eu": {"match": {"regions": ["eu"]}}, "rest": {}}
    world = fleet(("a", "eu"), ("b", "eu"), ("c", "us"), rollouts={"all": waves})
    assert [at and (at.wave.name, at.number) for at in waves_of(world)] == [("eu", 1), ("canary", 0), ("rest", 2)]
    place = wave_of(world, 1)
    assert place is not None
    assert (place.doc.id, place.path) == ("Rollout/all", ("spec", "waves", "canary"))
    assert clusters_of(world, world.rollouts[0], world.rollouts[0].waves[1]) == ["a"]


def test_clusters_of_no_rollout() -> None:
    assert waves_of(fleet(("a", "eu"), rollouts={})) == [None]
    assert waves_of(fleet(("a", "eu"), rollouts={"us": {"w": {"match": {"regions": ["us"]}}}})) == [None]


@given(
    st.lists(st.sampled_from(REGIONS), min_size=1, max_size=5),
    st.lists(st.lists(st.sampled_from(REGIONS), max_size=2), min_size=1, max_size=4),
)
def test_order_means_something(regions: list[str], matches: list[list[str]]) -> None:
    waves = {f"w{len(matches) - n}": {"match": {"regions": match}} for n, match in enumerate(matches)}
    world = fleet(*((f"c{n}", region) for n, region in enumerate(regions)), rollouts={"all": waves})
    wanted = [next((n for n, m in enumerate(matches) if not m or region in m), None) for region in regions]
    assert [at.number if at is not None else None for at in waves_of(world)] == wanted
    every = [name for wave in world.rollouts[0].waves for name in clusters_of(world, world.rollouts[0], wave)]
    assert sorted(every) == [f"c{n}" for n, at in enumerate(wanted) if at is not None]
    empty = {d.path for d in rollout_findings(world, locate) if d.code.name == "empty_wave"}
    assert empty == {("spec", "waves", f"w{len(matches) - n}") for n in range(len(matches)) if n not in wanted}


@pytest.mark.parametrize(
    ("waves", "wanted"),
    [
        ("{w: {}}", []),
        ("[w]", []),
        ("{}", ["missing_field `waves` is missing in Rollout r"]),
        ("{w: {match: {regions: xx}}, v: {}}", ["empty_wave wave w of Rollout r has no cluster"]),
        (
            "{w: {}, v: {match: {regions: eu}}}",
            ["empty_wave wave v of Rollout r has no cluster: those that it matches are in wave w"],
        ),
        ("{w: {paths: golden/eu/platform}}", ["stray_path wave w has folders of no revision"]),
        ("{w: {revision: C, paths: [golden/eu/platform, golden/us/teams/a]}}", []),
        ("{w: {revision: C, paths: golden/eu}}", ["stray_path golden/eu is a folder of no cluster of wave w"]),
        ("{w: {match: {regions: eu}}, v: {revision: C, match: {regions: us}}}",
         ["skipped_wave wave v is at a revision, and wave w before it at none"]),
        ("{w: {match: {regions: eu}, revision: C}, v: {match: {regions: us}}}", []),
        ("{w: {gates: {a: {min: 1, max: 0.5}}}}", ["empty_gate gate a asks for 1 at least and 0.5 at most"]),
        ("{w: {gates: {a: {min: 0.5, max: 0.50}}}}", []),
        ("{w: {gates: [a]}}", ["empty_gate gate a asks for nothing"]),
        ("{w: {gates: {a: {equals: false, max: '-1e-05'}}}}",
         ["empty_gate gate a asks for a number and for a yes or no"]),
    ],
)  # fmt: skip
def test_findings(waves: str, wanted: list[str]) -> None:
    assert written(spec("Rollout", f"{{waves: {waves.replace('C', COMMIT)}}}", "{name: r}")) == wanted


def test_two_rollouts_of_one_cluster() -> None:
    """Of all that two waves share, one is told."""
    two = (spec("Rollout", "{waves: {w: {}}}", "{name: a}"), spec("Rollout", "{waves: {w: {}}}", "{name: b}"))
    assert written(*two) == ["two_rollouts cluster ap is in Rollout b and in Rollout a"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("golden/a/platform", True), ("golden/a/teams/t", True), ("golden/b/platform", False), ("golden/a", False),
        ("golden/a/teams", False), ("golden/a/teams/t/x", False), ("golden/a/platform/x", False),
        ("goldena/platform", False), ("other/a/platform", False),
    ],
)  # fmt: skip
def test_paths(path: str, wanted: bool) -> None:
    assert is_path_of(path, "golden", ["a"]) is wanted


def test_numbers_of_gates_are_as_they_are_written() -> None:
    found: dict[str, Any] = docs(spec("Rollout", "{waves: {w: {gates: {a: {max: 0.00001, min: '-2'}}}}}", "{name: r}"))
    assert found["Rollout/r"].tree["spec"]["waves"]["w"]["gates"]["a"] == {"name": "a", "max": "1e-05", "min": "-2"}
