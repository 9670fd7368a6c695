"""Evidence is there, it is what decides, and it is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.check.conformance.clusters import CLUSTERS, clusters, emitted, named, of, shown, without
from tests.driver.fleets import CHECKOUT

from fleetc.check.conformance.decide import decided
from fleetc.check.conformance.facts import Evidence, Here, Status, Verdict


def documents(path: Path) -> Iterator[tuple[range, Any]]:
    """The objects of an emitted file, with the lines from the first to the last."""
    lines = path.read_text(encoding="utf-8").split("\n")
    start = 1
    for n, line in enumerate([*lines, "---"], start=1):
        if line == "---":
            yield range(start, n), yaml.safe_load("\n".join(lines[start - 1 : n - 1]))
            start = n + 1


def all_evidence() -> list[tuple[str, Evidence]]:
    return [(c.cluster.name, e) for c in clusters().values() for one in c.decided for e in one.verdict.evidence]


def test_every_line_of_an_object_is_in_that_object() -> None:
    """In the files that are committed, which are those that builds write."""
    read: dict[str, list[tuple[range, Any]]] = {}
    found = [e for _, e in all_evidence() if e.emitted]
    for evidence in found:
        here = read.setdefault(evidence.file, list(documents(CHECKOUT / evidence.file)))
        (obj,) = [obj for lines, obj in here if evidence.line in lines]
        metadata = obj["metadata"]
        name = f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else metadata["name"]
        assert evidence.what == f"{obj['kind']} {name}"
    assert len(found) > 100


def test_every_line_of_a_spec_says_what_it_shows() -> None:
    found = [(cluster, e) for cluster, e in all_evidence() if not e.emitted]
    for _, evidence in found:
        line = (CHECKOUT / evidence.file).read_text(encoding="utf-8").split("\n")[evidence.line - 1]
        path, _, spec = evidence.what.rpartition(" of ")
        words = [*path.split("."), spec.rpartition(" ")[2]]
        assert any(word in line for word in words), (evidence, line)
        assert evidence.file.startswith("specs/")
    assert len(found) > 50


@pytest.mark.parametrize("name", CLUSTERS)
def test_without_its_evidence_nothing_emitted_meets_a_requirement(name: str) -> None:
    here = clusters()[name].here
    for one in emitted(here):
        now = of(without(here, shown(one.verdict)), one.requirement.id)
        assert (now.status, now.by) != (Status.IMPLEMENTED, "emitted"), one.requirement.id


@pytest.mark.parametrize("name", CLUSTERS)
def test_evidence_is_enough(name: str) -> None:
    """With nothing else emitted, the requirement is met all the same."""
    here = clusters()[name].here
    for one in emitted(here):
        gone = {named(f): None for f in here.objects}.keys() - shown(one.verdict).keys()
        now = of(without(here, dict.fromkeys(gone)), one.requirement.id)
        assert (now.status, now.by) == (Status.IMPLEMENTED, "emitted"), one.requirement.id


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CLUSTERS), st.data())
def test_of_what_is_left(name: str, data: st.DataObject) -> None:
    """Whatever goes: evidence is of what is there, and nothing is met by less that was not by more, but by policies."""
    here = clusters()[name].here
    everything = sorted({named(f) for f in here.objects} | {named(f) for f in here.installs.values()})
    gone = dict.fromkeys(data.draw(st.sets(st.sampled_from(everything))))
    left = without(here, gone)
    there = {*map(named, left.objects), *map(named, left.installs.values())}
    before = {one.requirement.id: one.verdict for one in decided(here)}
    for one in decided(left):
        assert shown(one.verdict).keys() <= there
        told(one.verdict)
        if one.requirement.id != "secure_accelerator_access" and one.verdict.by == "emitted":
            assert rank(one.verdict) <= rank(before[one.requirement.id]), one.requirement.id


def rank(verdict: Verdict) -> int:
    return [Status.NOT, Status.NOT_APPLICABLE, Status.PARTIALLY, Status.IMPLEMENTED].index(verdict.status)


def told(verdict: Verdict) -> None:
    """A verdict says what people need."""
    assert verdict.note
    assert bool(verdict.fix) == (verdict.status in (Status.NOT, Status.PARTIALLY))
    assert (verdict.by == "nothing") == (not verdict.evidence)
    assert verdict.status != Status.IMPLEMENTED or verdict.evidence


def test_every_verdict_says_what_people_need() -> None:
    for cluster in clusters().values():
        for one in cluster.decided:
            told(one.verdict)


JUNK: st.SearchStrategy[Any] = st.sampled_from([None, [], {}, "", "x", 0, -1, True, [None], [[]], {"a": None}, [{}]])


def damaged(value: Any, data: st.DataObject) -> Any:
    """A copy with junk somewhere in it."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: damaged(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        n = data.draw(st.integers(0, len(value) - 1))
        return [*value[:n], damaged(value[n], data), *value[n + 1 :]]
    return data.draw(JUNK)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["eks-use1-prod", "gke-euw4-prod", "onprem-fra"]), st.data())
def test_objects_that_no_server_would_take(name: str, data: st.DataObject) -> None:
    """Manifests are not checked before: whatever they hold, every requirement gets its verdict."""
    was = clusters()[name].here
    objects = list(was.objects)
    for n in data.draw(st.sets(st.integers(0, len(objects) - 1), min_size=1, max_size=6)):
        before = objects[n].object
        made = {key: damaged(value, data) if key != "kind" else value for key, value in before.items()}
        objects[n] = objects[n]._replace(object={**made, "apiVersion": before.get("apiVersion")})
    here = Here(was.cluster, tuple(objects), was.pools, was.installs, was.said)
    for one in decided(here):
        told(one.verdict)
