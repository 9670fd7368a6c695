"""A planned value, explained: a line of a lock file, back to the spec lines that decided it and what it beat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fleetc.cli.explained import short, source_line
from fleetc.cli.planning.detail import rejected_rows
from fleetc.cli.planning.reasons import reason_words
from fleetc.cli.planning.units import some
from fleetc.cli.planning.words import Fleet
from fleetc.cli.style import Style
from fleetc.driver.decided import Consequence, Decider, Decision, Parts
from fleetc.driver.edits import REMOVED, Edit
from fleetc.driver.forward import shown_edit
from fleetc.language.serving import node_set
from fleetc.plan.placement.result import Explanation, Placed
from fleetc.source.span import Span, render_path


class Told:
    """The explanation of a model's placements, as text and as data."""

    def __init__(self, decision: Decision, style: Style) -> None:
        self._decision = decision
        currency = decision.explainer.plan.world.fleet.costs.currency
        self._fleet = Fleet.of(decision.planning.result.problem, currency)
        self._style = style
        self._found = {id: decision.explanation(id) for id in decision.ids}
        self._deciders = list(decision.deciders())

    def text(self, line: int) -> list[str]:
        """What is on a line of the lock file, or where it holds no placement all of them."""
        out = [*self.placements(line)]
        for id in self.workloads(line):
            out += self._why(id)
        return out

    def placements(self, line: int) -> Iterator[str]:
        """What is promised on a line, or where it holds no placement on all, and the nodes that are kept for it."""
        lock = self._decision.lock
        for n in self._entries(line) or range(len(lock.placements)):
            one = lock.placements[n]
            where = self._style.bold(f"{lock.path}:{self._line(n)}")
            many = f"{one.replicas} replica{'' if one.replicas == 1 else 's'}"
            yield f"{where} {lock.model}: {many} promised on GPUPool {one.pool} as {one.alternative}"
            yield from self._kept(one.pool)

    def _entries(self, line: int) -> list[int]:
        return [n for n in range(len(self._decision.lock.placements)) if self._line(n) == line]

    def _kept(self, pool: str) -> Iterator[str]:
        """The nodes of its own that it has there."""
        for proof in self._decision.planning.result.proofs:
            for group in proof.groups[1:] if proof.pool == pool else ():
                if not set(self._decision.ids).isdisjoint(group.workloads):
                    name = node_set(pool.partition("/")[2], group.name)
                    kept = (
                        f"{group.kept.least} of {proof.guaranteed} nodes ({name}) are kept for {some(group.workloads)}"
                    )
                    why = "smaller pods could leave none whole"
                    yield f"  {kept}: {why}"

    def _line(self, n: int) -> int:
        explainer = self._decision.explainer
        return explainer.sources.locate(self._decision.lock.path, 0, ("placements", n)).line

    def workloads(self, line: int) -> Iterator[str]:
        """The workloads whose parts a line is of."""
        pools = {self._decision.lock.placements[n].pool for n in self._entries(line)}
        for id in self._decision.ids:
            mine = {part.pool for part in self._decision.standing(id)}
            if not pools or not mine or mine & pools:
                yield id

    def _why(self, id: str) -> Iterator[str]:
        yield from (f"  {reason}" for reason in self.reasons(id))
        if not self._decision.standing(id):
            return
        yield "  decided by"
        rows = self.decided(id)
        width = max((len(where) for where, *_ in rows), default=0)
        for where, change, then, source in rows:
            yield f"    {where.ljust(width)}  {change}: {then}  {self._style.dim(source)}"
        if not rows:
            yield "    no single value: several would have to change together"
        beaten = self.beaten(id)
        if beaten:
            yield "  it beat"
            yield from (f"    {row}" for row in beaten)

    def reasons(self, id: str) -> Iterator[str]:
        """Why a workload is where it is, and where it would be without its lock."""
        if not self._decision.standing(id):
            yield "it has no place now: `fleetc plan` says why"
            return
        yield self._reason(id, self._found[id])
        yield self._anew(id)

    def beaten(self, id: str) -> list[str]:
        """What its place was better than, and why."""
        found = self._found[id]
        return [*rejected_rows(found, self._fleet)] if found.rejected and self._decision.standing(id) else []

    def _reason(self, id: str, found: Explanation) -> str:
        placed = self._decision.planning.result.of(id)
        workload = self._fleet.workloads[id]
        assert isinstance(placed, Placed)
        if found.reason is None:
            return "kept by the lock"
        return reason_words(found, self._fleet, workload._replace(previous=()), placed)

    def _anew(self, id: str) -> str:
        anew, standing = self._decision.anew(id), self._decision.standing(id)
        here = tuple((p.pool, p.alternative, p.least) for p in standing)
        if anew == here:
            return "without its lock it would be there, too"
        return f"the lock keeps it there: without, it would be {placed_at(anew)}"

    def decided(self, id: str) -> list[tuple[str, str, str, str]]:
        """The values that decided it: where each stands, another one, where the workload would then be, its line."""
        out: list[tuple[str, str, str, str]] = []
        for one in self._deciders:
            if id in one.instead and self._decision.standing(id):
                span = _span(self._decision, one)
                line = source_line(self._decision.explainer, span)
                out.append((str(span), otherwise(one.edit), placed_at(one.instead[id]), line))
        return out

    def data(self) -> dict[str, Any]:
        """All of it."""
        lock = self._decision.lock
        return {
            "file": lock.path,
            "of": lock.model,
            "placements": [
                {"line": self._line(n), "pool": p.pool, "resources": p.alternative, "replicas": p.replicas}
                for n, p in enumerate(lock.placements)
            ],
            "decided": [self._decider(one) for one in self._deciders],
            "workloads": [self._workload(id) for id in self._decision.ids],
        }

    def _decider(self, one: Decider) -> dict[str, Any]:
        span = _span(self._decision, one)
        edit = shown_edit(one.edit)
        return {
            "file": span.file, "line": span.line, "column": span.column, "path": render_path(one.target.at),
            "value": one.target.value, "edit": edit,
            "instead": {id: _parts(parts) for id, parts in one.instead.items()},
        }  # fmt: skip

    def _workload(self, id: str) -> dict[str, Any]:
        found = self._found[id]
        standing = tuple((p.pool, p.alternative, p.least) for p in self._decision.standing(id))
        beat = [
            {"pool": r.pool, "resources": r.alternative, "why": text}
            for r, text in zip(found.rejected, self._against(found), strict=True)
        ]
        return {"id": id, "parts": _parts(standing), "anew": _parts(self._decision.anew(id)), "beat": beat}

    def _against(self, found: Explanation) -> list[str]:
        from fleetc.cli.planning.words import against

        return [against(r.why, self._fleet) for r in found.rejected]


def placed_at(parts: Parts | None) -> str:
    """Where a model would be, in words."""
    if parts is None:
        return "nowhere"
    return "on " + " and ".join(f"{pool} as {way}" + (f" x {n}" if n > 1 else "") for pool, way, n in parts)


def _parts(parts: Parts | None) -> list[dict[str, Any]] | None:
    if parts is None:
        return None
    return [{"pool": pool, "resources": way, "replicas": n} for pool, way, n in parts]


def _span(decision: Decision, one: Decider) -> Span:
    return decision.explainer.sources.locate(one.target.file, one.target.number, one.target.at)


def otherwise(edit: Edit) -> str:
    """An edit in words."""
    return "without it" if edit.value is REMOVED else f"with {short(edit.value)}"


def moved_in_plan(found: Sequence[Consequence]) -> Iterator[str]:
    """What edits of a spec value move in the plan."""
    if found:
        yield "  moves in the plan, if nothing were locked"
    for one in found:
        yield f"    {otherwise(one.edit)}: {one.workload} is {placed_at(one.after)}, not {placed_at(one.before)}"


def consequence_data(one: Consequence) -> dict[str, Any]:
    """The same as data."""
    edited = {"path": render_path(one.edit.at), "value": shown_edit(one.edit)}
    return {"workload": one.workload, "edit": edited, "before": _parts(one.before), "after": _parts(one.after)}
