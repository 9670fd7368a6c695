"""A run with something to do: compile the clusters that can have changed, write what differs, remember."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from fleetc.diagnostics import Severity, sort_key
from fleetc.driver import memory as memories
from fleetc.driver.compile import Compiled, compile_fleet
from fleetc.driver.front import Front, SpecFile, front
from fleetc.driver.load import SPECS, Sources
from fleetc.driver.memory import ClusterMemory, Memory
from fleetc.driver.summary import SHAPE_BYTES, summarise
from fleetc.driver.tree import Known, Lock, Place, Wanted, apply, plan_writes, seal
from fleetc.driver.tree.model import Signature
from fleetc.emission.emission import Emission, OutputFile, files
from fleetc.emission.shapes import Shape
from fleetc.language.document import Doc

if TYPE_CHECKING:
    from fleetc.driver.build import Options, Outcome


class Job(NamedTuple):
    """What there is to do: what the last run remembered, and what stands there now."""

    options: Options
    root: FilePath
    tool: str
    memory: Memory | None
    inputs: dict[str, Signature]
    changed: set[str]
    standing: Mapping[str, Signature]
    lock: Lock | None


def rebuild(job: Job, outcome: Outcome) -> Outcome:
    """Compile and write."""
    sources = outcome.sources = Sources(job.root)
    with outcome.timed("load"):
        found = remembered_front(sources, job.memory, job.inputs, job.changed)
    only = _dirty(job, found)
    with outcome.timed("compile"):
        compiled = compile_fleet(found, sources.locate, only, _placed_elsewhere(job, only), outcome.timed)
    outcome.diagnostics = sorted(dict.fromkeys(compiled.diagnostics), key=sort_key)
    if any(d.code.severity is Severity.ERROR for d in outcome.diagnostics) or compiled.emission is None:
        return outcome
    assert compiled.plan is not None
    output = compiled.plan.world.fleet.outputs.manifests
    with outcome.timed("seal"):
        wanted, clusters = _wanted(job, compiled, only, output)
    known = _write(job, outcome, wanted, output)
    if known is None:
        return outcome
    memory = _memory(job, found, compiled, clusters, known, output)
    outcome.summary = summarise(memory)
    if job.lock is not None and not outcome.diagnostics:
        with outcome.timed("remember"):
            memories.save(str(job.root / ".fleetc"), memory)
    return outcome


def remembered_front(
    sources: Sources, memory: Memory | None, inputs: Mapping[str, Signature], changed: Collection[str]
) -> Front:
    """The front end; documents that did not change are taken as remembered."""
    remembered: dict[str, SpecFile] = {}
    table = None
    if memory is not None:
        table = Doc(*memory.table)
        for file, docs in memory.documents.items():
            if file not in changed:
                remembered[file] = SpecFile([Doc(*doc) for doc in docs], memory.listed.get(file, []))
    return front(sources, [f for f in sorted(inputs) if f.startswith(f"{SPECS}/")], remembered, table)


def _dirty(job: Job, found: Front) -> frozenset[str] | None:
    """The clusters to compile; None for all of them. The rest is to the last byte as remembered.

    A cluster's objects follow from its own document, the Fleet's, and those of the subjects: when only documents of
    clusters changed, the others stand (unless a lowering read one cluster from another's site).
    """
    memory = job.memory
    if memory is None or memory.crossing:
        return None
    before = {f"{doc[0]}/{doc[1]}": doc for docs in memory.documents.values() for doc in docs}
    if before.keys() != found.docs.keys():
        return None
    changed = [id for id, doc in found.docs.items() if tuple(doc) != before[id]]
    if any(not id.startswith("Cluster/") for id in changed):
        return None
    dirty = {id.partition("/")[2] for id in changed}
    for name, cluster in memory.clusters.items():
        if any(path not in memory.known or job.standing.get(path) != memory.known[path][1] for path in cluster.files):
            dirty.add(name)
    return frozenset(dirty)


def _placed_elsewhere(job: Job, only: frozenset[str] | None) -> dict[str, list[str]]:
    if only is None or job.memory is None:
        return {}
    return {id: [name for name in names if name not in only] for id, names in job.memory.placed.items()}


def _wanted(
    job: Job, compiled: Compiled, only: frozenset[str] | None, output: str
) -> tuple[dict[str, Wanted], dict[str, ClusterMemory]]:
    """The whole tree that is wanted, and what is to be remembered of each cluster."""
    emission, report = compiled.emission, compiled.report
    assert emission is not None
    assert report is not None
    wanted: dict[str, Wanted] = {}
    clusters: dict[str, ClusterMemory] = {}
    if only is not None and job.memory is not None:
        clusters = {name: c for name, c in job.memory.clusters.items() if name not in only}
        for cluster in clusters.values():
            wanted.update({path: Wanted(digest, _not_at_hand) for path, digest in cluster.files.items()})
    made = _sealed(files(emission), output)
    wanted.update(made)
    by_cluster: dict[str, dict[str, str]] = {name: {} for name in emission.clusters}
    prefix = len(output) + 1
    for path, want in made.items():
        by_cluster[path[prefix:].partition("/")[0]][path] = want.digest
    digests: dict[Shape, bytes] = {}
    for n, name in enumerate(emission.clusters):
        clusters[name] = ClusterMemory(by_cluster[name], _shapes(emission, n, digests), report.by_cluster[n])
    return wanted, dict(sorted(clusters.items()))


def _not_at_hand() -> NoReturn:
    raise AssertionError("a file of a cluster that was not compiled is to be written")


def _sealed(made: Mapping[str, OutputFile], output: str) -> dict[str, Wanted]:
    memo: dict[tuple[str, str], Wanted] = {}
    out: dict[str, Wanted] = {}
    for path, file in made.items():
        key = (file.source, file.digest)
        want = memo.get(key)
        if want is None:
            content = seal(file.body, file.source)
            want = memo[key] = Wanted(hashlib.sha256(content).hexdigest(), content)
        out[f"{output}/{path}"] = want
    return out


def _shapes(emission: Emission, cluster: int, memo: dict[Shape, bytes]) -> bytes:
    out: list[bytes] = []
    for _, shapes in emission.at(cluster):
        for shape in shapes:
            digest = memo.get(shape)
            if digest is None:
                digest = memo[shape] = hashlib.sha256(shape.text.encode()).digest()[:SHAPE_BYTES]
            out.append(digest)
    return b"".join(out)


def _write(job: Job, outcome: Outcome, wanted: Mapping[str, Wanted], output: str) -> Known | None:
    """Write what differs, or only see what would be written. None when something stands in the way."""
    place = Place(str(job.root), output, str(job.root / ".fleetc"))
    known = job.memory.known if job.memory and job.memory.output == output else {}
    with outcome.timed("compare"):
        plan = plan_writes(place, wanted, known, discard_edits=job.options.discard_edits)
    if plan.diagnostics:
        outcome.diagnostics = sorted([*outcome.diagnostics, *plan.diagnostics], key=sort_key)
        return None
    if job.lock is None:
        outcome.written = tuple(c.path for c in plan.writes)
        outcome.deleted = tuple(c.path for c in plan.deletes)
        return plan.known or {}
    with outcome.timed("write"):
        done = apply(plan, job.lock, job.options.jobs)
    outcome.written, outcome.deleted, outcome.patch = done.written, done.deleted, done.patch
    return done.known


def _memory(
    job: Job, found: Front, compiled: Compiled, clusters: dict[str, ClusterMemory], known: Known, output: str
) -> Memory:
    assert compiled.plan is not None
    placed = dict(compiled.placed)
    inputs = {**job.inputs}
    for name in {n for file in found.files.values() for n in file.includes} - inputs.keys():
        stamp = memories.stamp(job.root / name)
        if stamp is not None:
            inputs[name] = stamp
    return Memory(
        job.tool,
        memories.settled(inputs),
        {file: [tuple(doc) for doc in spec.docs] for file, spec in found.files.items()},
        {file: spec.includes for file, spec in found.files.items() if spec.includes},
        tuple(found.table),
        output,
        clusters,
        placed,
        compiled.crossing,
        dict(known),
    )
