"""A run with something to do: compile what can have changed, write what differs, remember."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from fleetc.diagnostics import Severity, sort_key
from fleetc.driver import memory as memories
from fleetc.driver.alone import judged_again
from fleetc.driver.build import whole
from fleetc.driver.compile import (
    NOTHING,
    Compiled,
    Earlier,
    compile_planned,
    measured_findings,
    plan_fleet,
    until,
    with_policies,
)
from fleetc.driver.deliver import Keys, same_delivery
from fleetc.driver.files import constraint_names
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.memory import Body, Counts, Head, Memory
from fleetc.driver.outputs import Outputs
from fleetc.driver.recall import lock_names, remembered_front, sealed
from fleetc.driver.records import Records, dependencies, known_valid, records, want_remembered
from fleetc.driver.replan import Decided, decide, servable
from fleetc.driver.scope import WHOLE, Scope, plain, scope_of, widened
from fleetc.driver.standing import standing
from fleetc.driver.summary import Summary, summarise, with_counts
from fleetc.driver.tree.api import Known, Lock, Place, Wanted, apply, plan_writes
from fleetc.driver.tree.api import Plan as TreePlan
from fleetc.driver.tree.model import Signature
from fleetc.driver.tree.single import replace_file
from fleetc.driver.tree.survey import Tree
from fleetc.language.serving import remembered_servings
from fleetc.plan.plan import Plan
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.crds import Given
    from fleetc.driver.build import Options, Outcome
    from fleetc.driver.constraints.program import Program
    from fleetc.driver.tree.beside import Beside


class Job(NamedTuple):
    """What there is to do: what the last run remembered, and what stands there now."""

    options: Options
    root: str
    tool: str
    memory: Memory | None
    looked: int
    """When the run began to look at files (ns)."""
    inputs: dict[str, Signature]
    changed: set[str]
    tree: Tree | None
    """What stood in the remembered output folder when the run began."""
    lock: Lock | None
    stands: Head | None = None
    """The head of the memory when all outputs are as the last run left them."""
    beside: Beside | None = None
    """Where it is not yet known what stands there: who is looking."""
    cue: Program | None = None
    """What checks constraints, where there are any."""


def rebuild(job: Job, outcome: Outcome) -> Outcome:
    """Compile and write."""
    sources = outcome.sources = Sources(job.root)
    with outcome.timed("load"):
        found = remembered_front(sources, job.memory, job.inputs, job.changed)
    with outcome.timed("look"):
        job = _looked(job)
    with outcome.timed("load"):
        if job.memory is not None and job.tree is not None and not job.stands:
            job = job._replace(stands=standing(job.memory, job.root, job.tree.files))
        files = None if job.stands else job.tree.files if job.tree else {}
        scope = scope_of(job.memory, job.root, files, found, job.changed)
        if job.cue is not None and not job.cue.reason:
            scope = WHOLE  # Constraints are about the whole fleet.
    tried = _compile(job, outcome, found, scope, sources)
    compiled, scope, decided = _ruled(job, outcome, found, tried, sources)
    outcome.seen.front, outcome.seen.servings, outcome.seen.locks = found, decided.servings, decided.locks
    outcome.diagnostics = sorted(dict.fromkeys([*compiled.diagnostics, *decided.diagnostics]), key=sort_key)
    if any(d.code.severity is Severity.ERROR for d in outcome.diagnostics) or compiled.lowered is None:
        return outcome
    assert compiled.plan is not None
    assert compiled.report is not None
    judged = _judge(job, outcome, compiled, sources)
    if judged is None:
        return outcome
    outputs = _outputs(compiled.plan)
    body = job.memory.body if job.memory else None
    with outcome.timed("seal"):
        reads = compiled.reads if scope == WHOLE or body is None else [tuple(path) for path in body.reads]
        keys = Keys(compiled.plan, reads)
        made = records(compiled.lowered, compiled.report, outputs, scope, body, keys)
        compiled = compiled._replace(reads=tuple(reads))
    left = _write(job, outcome, made, outputs, scope)
    if left is None:
        return outcome
    kept = _keep(job, outcome, decided.locks)
    with outcome.timed("remember"):
        done = _Done(compiled, decided, body if scope != WHOLE else None, judged)
        _remember(job, outcome, found, done, made, left, kept)
    return outcome


def _ruled(job: Job, outcome: Outcome, found: Front, made: _Made, sources: Sources) -> _Made:
    """What was compiled, with what is wrong with policies; of the whole fleet, where some clusters do not tell."""
    compiled, scope, decided = made
    if scope.subjects is not None:
        return made
    body = job.memory.body if job.memory is not None and scope != WHOLE else None
    ruled = with_policies(compiled, found, sources, job.options.today(), body)
    if ruled is not None:
        return ruled, scope, decided
    return _ruled(job, outcome, found, _compile(job, outcome, found, WHOLE, sources), sources)


def _looked(job: Job) -> Job:
    """The job, with what stands in the output folder."""
    if job.beside is None or job.memory is None:
        return job
    tree, head = job.beside.tree(), job.memory.head
    return job._replace(tree=tree, stands=head if whole(head, tree.files) else None, beside=None)


_Made = tuple[Compiled, Scope, Decided]
"""What was compiled, how much that was, and what was planned before."""


def _keep(job: Job, outcome: Outcome, changed: Mapping[str, bytes | None]) -> dict[str, Signature | None]:
    """Write the lock files, or only say which; what was written, with its signatures."""
    outcome.written += tuple(path for path, data in changed.items() if data is not None)
    outcome.deleted += tuple(path for path, data in changed.items() if data is None)
    if job.lock is None:
        return {}
    return {path: replace_file(job.root, f"{job.root}/.fleetc", path, data) for path, data in changed.items()}


def _compile(job: Job, outcome: Outcome, found: Front, scope: Scope, sources: Sources) -> _Made:
    """What has to be compiled, and how much that was."""
    locate, timed = sources.locate, outcome.timed
    placed = plan_fleet(found, locate, scope, _known(job, scope), timed)
    if placed.plan is None or placed.diagnostics:
        return Compiled(placed.diagnostics, placed.plan), scope, Decided({}, [], {})
    decided = decide(job, outcome, found, placed.plan, sources)
    wider = widened(scope, job.memory, decided.servings)
    if wider.clusters != scope.clusters:
        placed = plan_fleet(found, locate, wider, _known(job, wider), timed)
        if placed.plan is None or placed.diagnostics:
            return Compiled(placed.diagnostics, placed.plan), wider, decided
    assert placed.plan is not None
    scope, earlier = wider, _known(job, wider)
    planned, decided = servable(placed.plan, decided, locate, scope)
    unmeasured = measured_findings(planned, locate, whole=scope.clusters is None)
    if unmeasured and scope.clusters is not None:
        # Whether something is measured on another cluster only the whole fleet tells.
        return _compile(job, outcome, found, WHOLE, sources)
    if unmeasured:
        return Compiled(unmeasured, planned), scope, decided
    given = _given(job)
    compiled = compile_planned(planned, locate, scope, earlier, timed, given)
    lowered, report = compiled.lowered, compiled.report
    if scope == WHOLE or lowered is None or report is None or job.memory is None:
        return compiled, scope, decided
    with timed("compare"):
        if not same_delivery(planned, lowered, job.memory.body, scope.subjects):
            return _compile(job, outcome, found, WHOLE, sources)
        again = judged_again(planned, lowered, report, job.memory.body) if scope.subjects is not None else None
    if again is not None:
        report.by_cluster = again
    if again is not None or scope.subjects is None:
        return compiled, scope, decided
    # The plan is of the whole fleet: what was left out is only made and checked.
    return compile_planned(planned, locate, WHOLE, earlier, timed, given), WHOLE, decided


def _judge(job: Job, outcome: Outcome, compiled: Compiled, sources: Sources) -> Counts | None:
    """How constraints end; None where something is wrong."""
    if job.cue is None:
        return {}
    assert compiled.plan is not None
    assert compiled.lowered is not None
    # Imported here: who has no constraints does without.
    from fleetc.driver.constraints.run import judge  # noqa: PLC0415

    with outcome.timed("constraints"):
        names = constraint_names(job.inputs)
        judged = judge(sources, names, job.cue, compiled.plan, compiled.lowered.emission)
    outcome.diagnostics = sorted([*outcome.diagnostics, *judged.diagnostics], key=sort_key)
    return None if judged.diagnostics else judged.counts


def _outputs(plan: Plan) -> Outputs:
    outputs = plan.world.fleet.outputs
    return Outputs(outputs.manifests, outputs.stacks)


def _known(job: Job, scope: Scope) -> Earlier:
    return _earlier(job.memory.body, scope.clusters) if job.memory is not None else NOTHING


def _earlier(body: Body, here: Collection[str] | None) -> Earlier:
    """What is remembered of shapes, and of the clusters that are not `here`."""
    valid = cache(partial(known_valid, body))
    if here is None:
        return Earlier({}, frozenset, valid)
    placed = {id: [name for name in names if name not in here] for id, names in body.placed.items()}
    others = [cluster for name, cluster in body.clusters.items() if name not in here]
    return Earlier(placed, lambda: {subject for cluster in others for subject in cluster.cells}, valid)


def _given(job: Job) -> Given | None:
    if not job.options.crds:
        return None
    # Imported here: only where there are CRDs is anything done with them.
    from fleetc.driver.crds import read_crds  # noqa: PLC0415

    return read_crds(job.options.crds)


class Left(NamedTuple):
    """How the output tree was left: see the fields of `Head`."""

    files: int
    signatures: dict[str, Signature]
    digests: dict[str, str]


def _left(known: Known, made: Records, others: Head | None) -> Left:
    """`others`: the head of the memory, whose files stand but for those that were compiled."""
    signatures, digests = (others.signatures.copy(), others.digests.copy()) if others is not None else ({}, {})
    if others is not None:
        for path in made.wanted:
            signatures.pop(path, None)
            digests.pop(path, None)
    once: dict[str, str] = {}  # Many files are alike: what is one object is remembered once.
    for path, (digest, signature) in known.items():
        signatures[path], digests[path] = signature, once.setdefault(digest, digest)
    return Left(others.files if others is not None else len(made.wanted), signatures, digests)


def _write(job: Job, outcome: Outcome, made: Records, outputs: Outputs, scope: Scope) -> Left | None:
    """Write what differs, or only see what would be written. None when something stands in the way."""
    place = Place(job.root, outputs.manifests, f"{job.root}/.fleetc", outputs.stacks)
    head = job.memory.head if job.memory is not None and job.memory.head.outputs == outputs else None
    tree = job.tree if head is not None else None
    with outcome.timed("compare"):
        # When all stands as the last run left it, the files that were not compiled are in no question.
        others = job.stands if head is not None and made.same_files and scope != WHOLE else None
        head = job.stands or head if head is not None else None
        if others is not None and tree is not None:
            tree = tree.only(made.wanted)
        else:
            want_remembered(made, outputs)
        known = head.known(tree.files if tree is not None else ()) if head is not None else {}
        discard, checked = job.options.discard_edits, head is not None and made.same_paths
        plan = plan_writes(place, made.wanted, known, discard_edits=discard, tree=tree, checked=checked)
    if plan.diagnostics:
        outcome.diagnostics = sorted([*outcome.diagnostics, *plan.diagnostics], key=sort_key)
        return None
    if job.lock is None:
        outcome.written = tuple(c.path for c in plan.writes)
        outcome.deleted = tuple(c.path for c in plan.deletes)
        left = _left(plan.known or {}, made, others)
        _see(outcome, outputs, plan, left, others if others is not None else made.wanted)
        return left
    with outcome.timed("write"):
        done = apply(plan, job.lock, job.options.jobs)
    outcome.written, outcome.deleted, outcome.patch = done.written, done.deleted, done.patch
    return _left(done.known, made, others)


def _see(outcome: Outcome, outputs: Outputs, plan: TreePlan, left: Left, finished: Head | Mapping[str, Wanted]) -> None:
    """Note the finished tree; of a head, what stands in it beside what changes."""
    seen = outcome.seen
    seen.outputs, seen.digests, seen.changes = outputs, left.digests, (*plan.writes, *plan.deletes)
    seen.edits = tuple(edit.path for edit in plan.edits)
    if isinstance(finished, Head):
        gone = set(outcome.deleted)
        seen.standing = {*(p for p, d in finished.digests.items() if d and p not in gone), *outcome.written}
    else:
        seen.standing = finished


class _Done(NamedTuple):
    """What was compiled and planned; `earlier`: what still holds of what was remembered."""

    compiled: Compiled
    decided: Decided
    earlier: Body | None
    judged: Counts
    """How constraints ended."""


def _placed(plan: Plan, earlier: Body | None, made: Records) -> dict[str, list[str]]:
    """The clusters that each subject is on."""
    placed = plan.placed({})
    here = {doc.name for doc in plan.world.cluster_docs}
    if earlier is not None and len(made.clusters) > len(here):
        for id, names in earlier.placed.items():
            placed[id] = sorted([*placed.get(id, ()), *(name for name in names if name not in here)])
    return placed


def _remember(
    job: Job,
    outcome: Outcome,
    found: Front,
    done: _Done,
    made: Records,
    left: Left,
    kept: Mapping[str, Signature | None],
) -> None:
    """The summary; and the memory, where a run may write and found nothing wrong."""
    compiled, earlier = done.compiled, done.earlier
    assert compiled.plan is not None
    assert compiled.lowered is not None
    placed = _placed(compiled.plan, earlier, made)
    depends = dependencies(compiled.lowered, compiled.plan.sources(), earlier)
    crossing = any(id.startswith("Cluster/") for ids in depends.values() for id in ids)
    docs = {file: spec.memory or sealed(spec.docs) for file, spec in found.files.items()}
    servings = remembered_servings(done.decided.servings)
    reads, used = list(compiled.reads), compiled.report.policies if compiled.report else None
    shown = used.witnesses if used is not None else {}
    body = Body(docs, plain(found.table), made.cells, made.clusters, placed, depends, servings, reads, crossing, shown)
    summary: Summary = with_counts(summarise(body, found.docs), done.judged)
    outcome.summary = summary
    if job.lock is None or outcome.diagnostics:
        return
    outputs = _outputs(compiled.plan)
    listed = {file: spec.includes for file, spec in found.files.items() if spec.includes}
    # The lock files that this run wrote are known however young they are.
    inputs = memories.settled(_inputs(job, found), job.looked)
    inputs = {path: stamp for path, stamp in {**inputs, **kept}.items() if stamp is not None}
    locks = sorted({*lock_names(job.inputs), *kept} - {path for path, stamp in kept.items() if stamp is None})
    specs = sorted(docs)
    cue = job.cue.identity if job.cue is not None else ""
    read = (specs, locks, constraint_names(job.inputs), cue, listed)
    last = until(compiled.plan, found)
    if earlier is not None and job.memory is not None:
        last = min(last, job.memory.head.until)  # Of Policies on the clusters that were not compiled.
    head = Head(job.tool, inputs, *read, outputs.manifests, outputs.stacks, *left, tuple(summary), last)
    memories.save(f"{job.root}/.fleetc", head, body, job.memory if earlier is not None else None)


def _inputs(job: Job, found: Front) -> dict[str, Signature]:
    """The files that the fleet was read from, as they were when the run began. Those that are newly included are looked
    at only now: if one changed since, its times are too young to be remembered."""
    inputs = {**job.inputs}
    for name in {n for file in found.files.values() for n in file.includes} - inputs.keys():
        stamp = memories.stamp(f"{job.root}/{name}")
        if stamp is not None:
            inputs[name] = stamp
    return inputs
