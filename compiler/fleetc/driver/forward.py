"""`explain`, forwards: a spec value is edited, the pipeline runs on what that reaches, and what moves is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from fleetc.diagnostics import Diagnostic
from fleetc.driver.compile import measured_findings
from fleetc.driver.edits import REMOVED, Edit, Editor, Target
from fleetc.driver.explain import Explainer, Page
from fleetc.driver.front import Front
from fleetc.driver.lower import row
from fleetc.driver.outputs import Outputs
from fleetc.driver.planning import served, touched
from fleetc.emission.compare import APPEARS, RANK, Base, How
from fleetc.emission.owned import Owned, evidence
from fleetc.emission.recorder import CLUSTER, PRESENT, run, settle, step_into, traced
from fleetc.emission.site import Collection, Lowering, Object
from fleetc.plan import CLUSTER_SUBJECT, Plan, Subject, plan
from fleetc.plan.delivery import SEEN, is_delivered
from fleetc.plan.servable import servable
from fleetc.registry import lowerings
from fleetc.resolve import resolve
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Move(NamedTuple):
    """An emitted value that an edit of a spec moves. The path starts with the object's position and ends in `+` where
    something appears; in a file that there is not yet, it is only that."""

    file: str
    line: int
    path: Path
    how: How
    edit: Edit
    """The first edit that moved it in this way."""

    @property
    def appears(self) -> bool:
        """Whether this is something new."""
        return self.path[-1:] == (APPEARS,)


Moves = dict[tuple[str, Path], Move]


class Difference(NamedTuple):
    """What an edit did to one value of one file."""

    file: str
    path: Path
    how: How


_Place = tuple[Subject, int]
"""A subject on a cluster (by index)."""

Reads = Mapping[str, Sequence[tuple[tuple[str, ...], Any]]]
"""What was read, by root."""


class _Recorded(NamedTuple):
    """What a lowering makes at a place, and what it reads there."""

    lowering: Lowering[Any]
    objects: list[Object]
    reads: Reads


@dataclass
class Forward:
    """Experiments on the specs of a fleet, compared with what it emits now."""

    explainer: Explainer
    _bases: dict[tuple[str, int], Base] = field(default_factory=dict)
    _reads: dict[tuple[str, int], list[_Recorded]] = field(default_factory=dict)
    _sites: dict[str, _Place] = field(default_factory=dict)
    _pages: dict[str, Page | None] = field(default_factory=dict)

    @cached_property
    def editor(self) -> Editor:
        """Makes the edits."""
        return Editor(self.explainer.sources, self.explainer.front)

    def targets(self, file: str, line: int) -> list[Target]:
        """The values that stand on a line of a spec file."""
        return self.editor.targets(file, line)

    def moves(self, target: Target) -> Moves:
        """Every emitted value that some edit of the target moves."""
        out: Moves = {}
        for edit in self.editor.edits(target):
            for file, path, how in self.difference(target, self.editor.edited(target, edit)):
                was = out.get((file, path))
                if was is None or RANK[how] < RANK[was.how]:
                    out[file, path] = Move(file, self._line(file, path), path, how, edit)
        return out

    def difference(self, target: Target, found: Front) -> Iterator[Difference]:
        """How what is emitted now is otherwise with other documents; nothing, when those are no valid fleet."""
        planned = None if found.diagnostics else self._plan(target, found)
        if planned is not None:
            yield from self.compared(planned)

    def _plan(self, target: Target, found: Front) -> Plan | None:
        made = self.rebuilt(found, following(target, found))
        return made if isinstance(made, Plan) else None

    def rebuilt(self, found: Front, following: set[str] | None = None) -> Plan | Sequence[Diagnostic]:
        """The plan of other documents, or what is wrong with them. `following`: the subjects in which something can be
        wrong; None: all."""
        locate = self.explainer.sources.locate
        if found.diagnostics:
            return found.diagnostics
        world, problems = resolve(found.docs, found.table, locate, following)
        if problems:
            return problems
        planned, problems = plan(world, locate)
        return problems or self._served(found, planned)

    def _served(self, found: Front, planned: Plan) -> Plan | Sequence[Diagnostic]:
        """A plan with its models: where planning looks at nothing that was edited, they are as they are."""
        ours, docs = self.explainer, self.explainer.front.docs
        now = {id: doc for id, doc in found.docs.items() if docs.get(id) is not doc}
        before = {id: doc for id, doc in docs.items() if found.docs.get(id) is not doc}
        if touched(before, now, ()):
            whole = served(planned, found, ours.locks, ours.sources.locate)
            return whole.diagnostics or whole.plan
        made = planned.served(ours.plan.planned(), ours.plan.locks)
        locate = ours.sources.locate
        return [*servable(made, locate), *measured_findings(made, locate)] or made

    def objects(self, planned: Plan, subject: Subject, cluster: int) -> list[Object]:
        """What a subject of another plan emits on a cluster."""
        site = planned.site(subject, cluster)
        return [o for lowering in lowerings(subject.kind) for o in run(lowering, site)]

    def compared(self, theirs: Plan) -> Iterator[Difference]:
        """How what another plan emits differs from what is emitted now."""
        ours = self.explainer.plan
        changed = _Changed(ours, theirs)
        theirs = changed.theirs = theirs.delivered(partial(self._owned, changed))
        here = {doc.name: n for n, doc in enumerate(ours.world.cluster_docs)}
        there = {doc.name: n for n, doc in enumerate(theirs.world.cluster_docs)}
        for id in dict.fromkeys((*ours.subjects, *theirs.subjects)):
            for cluster in dict.fromkeys((*here, *there)):
                was, now = _at(ours, id, here.get(cluster)), _at(theirs, id, there.get(cluster))
                if was is None or now is None or changed.site(was[0], was[1], now[1]):
                    yield from self._differs(was, now, changed)

    def _owned(self, changed: _Changed, subject: Subject, cluster: int) -> Sequence[Owned]:
        """What controllers own of what a subject emits there now: as it was, where nothing is otherwise."""
        name = changed.theirs.world.cluster_docs[cluster].name
        was = _at(changed.ours, subject.id, changed.ours.world.index.get(name))
        if was is not None and not changed.site(was[0], was[1], cluster):
            return self.explainer.tracer.owned(*was)
        return [one.owned for one in evidence(self._again(was, (subject, cluster), changed))]

    def _differs(self, was: _Place | None, now: _Place | None, changed: _Changed) -> Iterator[Difference]:
        before = self._file(changed.ours, was) if was else None
        after = self._file(changed.theirs, now) if now else None
        again = self._again(was, now, changed) if now else []
        if was is not None and before is not None:
            self._sites[before] = was
            moved = self._base(was).moved(again if after == before else [])
            yield from (Difference(before, path, how) for path, how in moved.items())
        if after is not None and after != before and again:
            yield Difference(after, (APPEARS,), "value")

    def _again(self, was: _Place | None, now: _Place, changed: _Changed) -> list[Object]:
        """What is emitted at a place now: only those lowerings run that read something which is otherwise."""
        key = (now[0].id, now[1])
        if key not in changed.again:
            changed.again[key] = self._lower_again(was, now, changed)
        return changed.again[key]

    def _lower_again(self, was: _Place | None, now: _Place, changed: _Changed) -> list[Object]:
        subject, cluster = now
        site = changed.theirs.site(subject, cluster)
        if was is None:
            return [o for lowering in lowerings(subject.kind) for o in run(lowering, site)]
        out: list[Object] = []
        for lowering, objects, reads in self._recorded(was):
            same = not changed.reads(reads, was[1], cluster) and not changed.owner(was[0])
            out += objects if same else run(lowering, site)
        return out

    def _recorded(self, place: _Place) -> list[_Recorded]:
        """What each lowering makes at a place, and what it reads there."""
        subject, cluster = place
        got = self._reads.get((subject.id, cluster))
        if got is None:
            got = self._reads[subject.id, cluster] = []
            site = self.explainer.plan.site(subject, cluster)
            for lowering, objects in self.explainer.tracer.made(subject, cluster):
                by_root: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
                for (root, path), value in traced(lowering.lower, site)[1].items():
                    by_root.setdefault(root, []).append((path, value))
                got.append(_Recorded(lowering, objects, by_root))
        return got

    def _base(self, place: _Place) -> Base:
        key = (place[0].id, place[1])
        if key not in self._bases:
            self._bases[key] = Base([o for made in self.explainer.tracer.made(*place) for o in made.objects])
        return self._bases[key]

    def _file(self, planned: Plan, place: _Place) -> str:
        subject, cluster = place
        name = planned.world.cluster_docs[cluster].name
        outputs = planned.world.fleet.outputs
        return Outputs(outputs.manifests, outputs.stacks).file(name, row(planned, subject, {}).path)

    def page(self, file: str) -> Page | None:
        """The page of a file that something moved in; None when it is not there now."""
        if file not in self._pages:
            self._pages[file] = self.explainer.page(*self._sites[file]) if file in self._sites else None
        return self._pages[file]

    def _line(self, file: str, path: Path) -> int:
        """The line of a value; of what appears, that of what it appears in."""
        page = self.page(file)
        return page.place(path).start if page and path and isinstance(path[0], int) else 1


def following(target: Target, found: Front) -> set[str] | None:
    """The subjects in which an edit can make something missing or contradictory; None for all."""
    if target.doc.kind in ("Fleet", "Platform", "Rollout", "Cluster"):
        return None
    owned = {id for id, doc in found.docs.items() if doc.tree["spec"].get("team") == target.doc.name}
    return owned | {id for id in found.docs if found.docs[id].sources == target.doc.sources}


def _at(planned: Plan, id: str, cluster: int | None) -> _Place | None:
    subject = planned.subjects.get(id)
    return (subject, cluster) if subject is not None and cluster is not None and cluster in subject.placed else None


class _Changed:
    """What is not the same in two plans."""

    def __init__(self, ours: Plan, theirs: Plan) -> None:
        self.ours = ours
        self.theirs = theirs
        docs = ours.world.docs
        edited = [doc for id, doc in theirs.world.docs.items() if docs.get(id) is not doc]
        self.ids = {doc.id for doc in edited} | (docs.keys() - theirs.world.docs.keys())
        self.fleet = any(id.startswith("Fleet/") for id in self.ids)
        self._same: dict[tuple[int, int], bool] = {}
        self._roots: dict[tuple[str, int, int], bool] = {}
        self._kinds: dict[str, tuple[str, ...]] = {}
        self.again: dict[tuple[str, int], list[Object]] = {}
        """What is emitted now by subject and cluster, where that was asked for."""

    def site(self, subject: Subject, n: int, m: int) -> bool:
        """Whether anything that the subject could read on the cluster (by index, in each plan) is otherwise."""
        if is_delivered(subject.id):
            return True  # what it reads tells
        related = self._related(subject, n)
        others = [f"{kind}/{name}" for kind in related for name in self.ours.names_on(kind, n)]
        own = [] if subject.id == CLUSTER_SUBJECT else [subject.id]
        lists = [f"@{kind}" for kind in related]
        return any(self.root(root, n, m) for root in (self.ours.world.fleet_doc.id, CLUSTER, *own, *lists, *others))

    def _related(self, subject: Subject, n: int) -> tuple[str, ...]:
        """The kinds of which sites of the subject's kind have all that are on their cluster."""
        if subject.kind not in self._kinds:
            values = vars(self.ours.site(subject, n)).values()
            self._kinds[subject.kind] = tuple(value.kind for value in values if isinstance(value, Collection))
        return self._kinds[subject.kind]

    def reads(self, reads: Reads, n: int, m: int) -> bool:
        """Whether any of the reads gives another value now."""
        return any(self.root(root, n, m) and self._reads_other(root, found, m) for root, found in reads.items())

    def owner(self, subject: Subject) -> bool:
        """Whether a subject is of another team now, which is another node: no read of it says so."""
        docs = (plan.world.docs.get(subject.id) for plan in (self.ours, self.theirs))
        return len({doc.tree["spec"].get("team") for doc in docs if doc is not None}) > 1

    def root(self, root: str, n: int, m: int) -> bool:
        """Whether a root of reads is otherwise."""
        key = (root, n, m)
        if key not in self._roots:
            self._roots[key] = not self._root_same(root, n, m)
        return self._roots[key]

    def _root_same(self, root: str, n: int, m: int) -> bool:
        ours, theirs = self.ours, self.theirs
        if root.startswith("@"):
            return ours.names_on(root[1:], n) == theirs.names_on(root[1:], m)
        if root == CLUSTER:
            return self._is_same(ours.world.clusters[n], theirs.world.clusters[m])
        if root == ours.world.fleet_doc.id:
            return not self.fleet or self._is_same(ours.world.fleet, theirs.world.fleet)
        if root.startswith(("Cluster/", "GPUPool/", "Serving/", "Division/", *SEEN)):
            return self._is_same(ours.find(root, n), theirs.find(root, m))
        was, now = (_at(plan, root, at) is not None for plan, at in ((ours, n), (theirs, m)))
        return was == now and (not now or self._same_node(root, n, m))

    def _same_node(self, id: str, n: int, m: int) -> bool:
        """Nodes follow from their documents, and those that have defaults for them."""
        theirs = self.theirs.world
        follows = {id, theirs.cluster_docs[m].id, f"Team/{theirs.docs[id].tree['spec'].get('team', '')}"}
        if not self.fleet and self.ids.isdisjoint(follows):
            return True
        return self._is_same(self.ours.world.variant(id, n), theirs.variant(id, m))

    def _reads_other(self, root: str, found: Sequence[tuple[tuple[str, ...], Any]], m: int) -> bool:
        theirs = self.theirs
        if root.startswith("@"):
            return any(theirs.names_on(root[1:], m) != names for _, names in found)
        fleet = root == self.ours.world.fleet_doc.id  # Whatever it is called now.
        node = theirs.world.fleet if fleet else theirs.find(root, m)
        there = node is not None
        for path, value in found:
            now: Any = there if path == (PRESENT,) else node
            for step in path if path != (PRESENT,) else ():
                now = step_into(now, step)
            # By repr: 1, True and 1.0 are equal to Python.
            if now is not value and repr(settle(now)) != repr(value):
                return True
        return False

    def _is_same(self, one: Any, two: Any) -> bool:
        key = (id(one), id(two))
        if key not in self._same:
            self._same[key] = one == two and repr(one) == repr(two)
        return self._same[key]


def shown_edit(edit: Edit) -> Any:
    """What an edit puts, as data; None for nothing."""
    return None if edit.value is REMOVED else edit.value
