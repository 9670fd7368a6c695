"""The compiler, stage by stage. Each is a pure function over frozen data; what goes wrong travels along as a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from fleetc.check.fleet.view import Valid, none_known
from fleetc.check.run import Report, check
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.deliver import ALWAYS, Path, deliver
from fleetc.driver.front import Front
from fleetc.driver.lower import Lowered, lower
from fleetc.driver.memory import FOR_EVER, Body
from fleetc.driver.scope import WHOLE, Scope
from fleetc.emission.emission import Emission
from fleetc.language.document import Doc, Locate
from fleetc.language.policy import Policy
from fleetc.plan import Plan, Subject, plan
from fleetc.plan.waiting import is_heard_otherwise
from fleetc.resolve import World, resolve
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.crds import Given
    from fleetc.driver.load import Sources


class Compiled(NamedTuple):
    """The result of a run; what comes after a stage that found errors is None."""

    diagnostics: list[Diagnostic]
    plan: Plan | None = None
    lowered: Lowered | None = None
    report: Report | None = None
    reads: tuple[Path, ...] = ALWAYS
    """What delivery read of clusters."""


class Earlier(NamedTuple):
    """What earlier runs tell. Of the clusters that are not compiled: which of them each subject is on, and the subjects
    that emit something on some of them. And the keys of shapes whose schemas are met, by minor. What takes long to tell
    is only told when it is asked for."""

    placed: Mapping[str, list[str]]
    emitting: Callable[[], Collection[str]]
    valid: Valid


NOTHING: Final = Earlier({}, frozenset, none_known)

Timed = Callable[[str], AbstractContextManager[None]]
"""Counts the time of a stage."""


def _untimed(_: str) -> AbstractContextManager[None]:
    return nullcontext()


class Planned(NamedTuple):
    """The fleet with its placement, models left out; None after errors in what comes before."""

    diagnostics: list[Diagnostic]
    plan: Plan | None = None


def plan_fleet(
    front: Front,
    locate: Locate,
    scope: Scope = WHOLE,
    earlier: Earlier = NOTHING,
    timed: Timed = _untimed,
) -> Planned:
    """Documents to what is where: of the whole fleet or what `scope` says, given what earlier runs tell."""
    if front.diagnostics:
        return Planned(front.diagnostics)
    only = scope.clusters
    docs = front.docs if only is None else {i: d for i, d in front.docs.items() if _is_of(d, only)}
    with timed("resolve"):
        world, found = resolve(docs, front.table, locate, scope.subjects, front.docs)
        if not found and any(doc.kind == "Rollout" for doc in docs.values()):
            # Imported here: who has no Rollout does not pay for it.
            from fleetc.resolve.rollouts import rollout_findings  # noqa: PLC0415

            # Which wave is empty only all clusters tell.
            found = [*rollout_findings(world if only is None else World(front.docs, front.table), locate)]
    if found:
        return Planned(found)
    with timed("plan"):
        planned, found = plan(world, locate, earlier.placed)
    return Planned(found, planned)


def _is_of(doc: Doc, clusters: Collection[str]) -> bool:
    """Whether a document is one of these clusters, belongs to one, or is the whole fleet's."""
    name = doc.name if doc.kind == "Cluster" else doc.tree["spec"].get("cluster")
    return name is None or name in clusters


def measured_findings(planned: Plan, locate: Locate, *, whole: bool = True) -> list[Diagnostic]:
    """What stands against what is measured, of a plan with its models. `whole`: it is of all clusters."""
    kinds = {subject.kind for subject in planned.subjects.values()}
    if kinds.isdisjoint({"Telemetry", "Objective", "Dashboard"}):
        return []
    # Imported here: who measures nothing does not pay for the catalogue.
    from fleetc.plan.charted import charted  # noqa: PLC0415
    from fleetc.plan.measured import measured  # noqa: PLC0415

    return [*measured(planned, locate, whole=whole), *charted(planned, locate, whole=whole)]


def compile_planned(
    planned: Plan,
    locate: Locate,
    scope: Scope = WHOLE,
    earlier: Earlier = NOTHING,
    timed: Timed = _untimed,
    given: Given | None = None,
) -> Compiled:
    """What is planned to checked objects.

    Of some subjects alone, only the objects themselves are checked, not the clusters as a whole: see `driver.alone`.
    What delivers a fleet is only made for the whole of it: see `driver.deliver.same_delivery`.
    """
    with timed("lower"):
        lowered = lower(planned, scope.subjects)
    reads = ALWAYS
    if scope == WHOLE:
        with timed("deliver"):
            planned, lowered, reads = deliver(planned, lowered)
    with timed("check"):
        report = check(lowered.emission, planned.world, whole=scope.subjects is None, valid=earlier.valid, given=given)
    found = list(_nothing_emitted(planned, lowered.emission, earlier, locate))
    if report.findings:
        # Imported here: without findings nothing is explained, and a small edit does not pay for it.
        from fleetc.driver.trace import locate_findings  # noqa: PLC0415

        found += locate_findings(planned, report, locate)
    return Compiled(found, planned, lowered, report, reads)


def with_policies(compiled: Compiled, found: Front, sources: Sources, date: str, body: Body | None) -> Compiled | None:
    """What was compiled, and what is wrong with Policies themselves on a day (YYYY-MM-DD). `body`: what is remembered
    of other clusters, where only some were compiled. None: something is wrong, or may be, which only the whole fleet
    tells.

    Of subjects that were compiled alone, all is known: see `driver.ruled`.
    """
    if compiled.plan is None or not has_policies(found):
        return compiled
    # Imported here: who has no Policy does not pay for it.
    from fleetc.check.policy.usage import Usage  # noqa: PLC0415
    from fleetc.driver.policies import leading, policy_findings  # noqa: PLC0415
    from fleetc.driver.ruled import all_witnessed, join_others  # noqa: PLC0415

    usage = None
    if compiled.report is not None:
        usage = compiled.report.policies = compiled.report.policies or Usage()
    here = {doc.name for doc in compiled.plan.world.cluster_docs}
    if usage is not None and body is not None and not join_others(usage, body, here):
        return None
    more = list(policy_findings(compiled.plan, usage, sources, date))
    if body is not None and (more or (usage is not None and not all_witnessed(usage, body.witnesses))):
        return None
    return compiled._replace(diagnostics=[*leading(compiled.diagnostics, more), *more])


def until(planned: Plan, found: Front) -> str:
    """The last day on which no exception of a Policy expires."""
    if not has_policies(found):
        return FOR_EVER
    policies = [planned.world.variants(s.id) for s in planned.subjects.values() if s.kind == "Policy"]
    nodes = [node for variants in policies for node in variants if isinstance(node, Policy)]
    return min([exception.expires for node in nodes for exception in node.exceptions], default=FOR_EVER)


def has_policies(found: Front) -> bool:
    """Whether there is any Policy."""
    return any(doc.kind == "Policy" for doc in found.docs.values())


def _for_builds(planned: Plan, subject: Subject, earlier: Earlier) -> bool:
    """A Policy that is judged at builds alone emits nothing; that is the one reason why one would not."""
    if subject.kind == "Policy" and earlier.placed.get(subject.id):
        return True
    found = [planned.world.variant(subject.id, n) for n in subject.placed] if subject.kind == "Policy" else []
    return any(isinstance(node, Policy) and node.enforce == "build" for node in found)


def _nothing_emitted(planned: Plan, emission: Emission, earlier: Earlier, locate: Locate) -> Iterator[Diagnostic]:
    """Zero output is an error: what is placed and emits nothing anywhere says something that is not heard."""
    for subject in planned.subjects.values():
        made = emission.rows.get(subject.id)
        if subject.doc is None or made is None or not (subject.placed or earlier.placed.get(subject.id)):
            continue
        if _for_builds(planned, subject, earlier) or is_heard_otherwise(planned, subject):
            continue
        if not any(made.cells.values()) and subject.id not in earlier.emitting():
            span = subject.doc.span(locate, ("spec",), key=True)
            hint = "give it something to emit, or remove it"
            yield Diagnostic(codes.NOTHING_EMITTED, f"{subject.id} emits nothing on any cluster", span, hint)
