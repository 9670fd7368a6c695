"""What of the fleet has to be compiled: all of it, some clusters, or some subjects.

The rest is, to the last byte, as the last run left it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from fleetc.driver.front import Front
from fleetc.driver.memory import Memory
from fleetc.driver.recall import unsealed
from fleetc.driver.tree.look import look_at
from fleetc.driver.tree.model import Signature
from fleetc.language.document import Doc
from fleetc.language.serving import Remembered, kept_of, remembered_servings
from fleetc.plan.delivery import is_delivered
from fleetc.plan.plan import Servings
from fleetc.tuples import NamedTuple


class Scope(NamedTuple):
    """Clusters by name and subjects by id that are to be compiled; None for all of them."""

    clusters: frozenset[str] | None = None
    subjects: frozenset[str] | None = None


WHOLE: Final = Scope()


def scope_of(
    memory: Memory | None,
    root: str,
    standing: Mapping[str, Signature] | None,
    front: Front,
    files: Collection[str],
) -> Scope:
    """What follows from the documents that changed (they stand in `files`) and from the output files that did: those
    that are not as remembered in `standing`, if they are not known to be.

    A cluster's objects follow from its own document, the Fleet's, and those of the subjects: when only clusters
    changed, the others stand (unless a lowering read one cluster from another's site). A subject's objects follow from
    the documents that its lowerings read and that its values come from. To what is planned, see `widened`.
    """
    if memory is None or memory.body.crossing:
        return WHOLE
    before = {doc.id: doc for doc in documents(memory, files)}
    now = {id: doc for id, doc in front.docs.items() if doc.sources[0][0] in files}
    # A file that did not change may be included by another one now, or not any more.
    same_files = memory.body.documents.keys() - files == front.files.keys() - files
    if before.keys() != now.keys() or not same_files:
        return WHOLE  # With a document more or less, everything is looked at again.
    changed = {id for id, doc in now.items() if not _same(doc, before[id])}
    kinds = {id.partition("/")[0] for id in changed}
    stale = frozenset[str]() if standing is None else _stale(memory, root, standing)
    if stale is None:
        return WHOLE
    if kinds <= {"Cluster", "GPUPool"}:
        here = stale | {_cluster_of(before[id]) for id in changed}
        return WHOLE if any(_is_hub(memory, name) for name in here) else Scope(clusters=here)
    # Which metrics there are, a Telemetry says that may emit nothing.
    if kinds & {"Fleet", "Platform", "Policy", "Rollout", "Cluster", "GPUPool", "Telemetry"} or stale:
        return WHOLE
    return Scope(subjects=frozenset(changed | _reading(memory, changed)))


def _is_hub(memory: Memory, cluster: str) -> bool:
    """Whether a cluster holds what delivers others, too: without these, it cannot be checked as a whole."""
    kept = memory.body.clusters.get(cluster)
    return kept is not None and any(
        subject.startswith(("Application/", "Component/", "Project/")) for subject in kept.cells
    )


def _cluster_of(doc: Doc) -> str:
    name: str = doc.tree["spec"].get("cluster", doc.name)
    return name


def _reading(memory: Memory, ids: set[str]) -> set[str]:
    """The subjects whose objects follow from these nodes or documents."""
    return {subject for subject, read in memory.body.depends.items() if not ids.isdisjoint(read)}


def widened(scope: Scope, memory: Memory | None, servings: Servings) -> Scope:
    """What has to be compiled beside `scope`, since models are planned otherwise than they were."""
    if memory is None or scope == WHOLE:
        return scope
    before = memory.body.servings
    after = remembered_servings(servings)
    models = {model for model in before.keys() | after.keys() if before.get(model) != after.get(model)}
    if scope.clusters is not None:
        return Scope(clusters=scope.clusters | {name for m in models for name in _moved(before, after, m)})
    if any(before.get(model, {}).keys() != after.get(model, {}).keys() for model in models):
        return WHOLE
    divided = {f"Division/{pool}" for model in models for pool in _divided(before, after, model)}
    reading = _reading(memory, {f"Serving/{model}" for model in models} | divided)
    more = {f"Model/{model}" for model in models} | reading
    return Scope(subjects=(scope.subjects or frozenset()) | more)


def _moved(before: Remembered, after: Remembered, model: str) -> Iterator[str]:
    """The clusters where something else is planned of a model."""
    was, now = before.get(model, {}), after.get(model, {})
    return (name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


def _divided(before: Remembered, after: Remembered, model: str) -> Iterator[str]:
    """The pools of which other nodes are kept for a model."""
    for name in _moved(before, after, model):
        was, now = (kept_of(of[model][name]) if name in of.get(model, {}) else set() for of in (before, after))
        yield from (pool for pool, *_ in was ^ now)


def documents(memory: Memory, files: Collection[str]) -> list[Doc]:
    """The remembered documents of some files."""
    kept = memory.body.documents
    return [doc for file in files if file in kept for doc in unsealed(kept[file])]


def _same(doc: Doc, before: Doc) -> bool:
    # By repr: to Python 1, 1.0 and True are equal, and the order of keys is nothing.
    return repr(plain(doc)) == repr(plain(before))


def plain(doc: Doc) -> Any:
    """A document as it is remembered."""
    return doc.data()


def _stale(memory: Memory, root: str, standing: Mapping[str, Signature]) -> frozenset[str] | None:
    """The clusters with an output file that is not as it was left; None when one of what delivers the fleet is not,
    which follows from all of it."""
    head, outputs, out = memory.head, memory.head.outputs, set[str]()
    for name, cluster in memory.body.clusters.items():
        for subject, number in cluster.cells.items():
            cell = memory.body.cells[number]
            path = outputs.file(name, cell.file)
            signature = standing.get(path)
            # What was written a moment before the last run ended is not known by its signature: it is read again.
            known = signature is not None and head.signatures.get(path) == signature
            if signature is None or not (known or _holds(f"{root}/{path}", cell.digest)):
                if is_delivered(subject):
                    return None
                out.add(name)
    return frozenset(out)


def _holds(path: str, digest: str) -> bool:
    try:
        look = look_at("", path)
    except OSError:
        return False
    return look is not None and look.digest == digest
