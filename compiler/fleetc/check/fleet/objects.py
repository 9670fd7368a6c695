"""Each object by itself: its schema and the rules between its fields, and whether it names a namespace as it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.view import Cell, Item, View
from fleetc.check.states import SchemaProblem, State
from fleetc.diagnostics import codes


def schema(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `schema`: the object is what the API server of this minor takes."""
    for row, cell in view.rows:
        for (state, reason), number in view.once(("verdicts", cell), partial(_verdicts, cell)):
            tally.add("schema", state, number, reason)
        for n, problem in view.once(("problems", cell), partial(_problems, cell)):
            item = cell.items[n]
            message = f"{_at(problem)}{problem.message}"
            place = view.place(row, n, problem.path)
            yield Finding(codes.INVALID_OBJECT, place, name_of(item), message, problem.hint or _HINT)


_HINT = "mend the field in the spec that it comes from"


def scope(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `scope`: objects that live in namespaces name one, and the others name none."""
    for row, cell in view.rows:
        wrong = view.once(("scope", cell), partial(_wrong_scope, cell))
        unknown = sum(item.facts.scope is None for item in cell.items)
        tally.add("scope", State.SKIPPED, unknown, "the scope of the kind is not known")
        tally.add("scope", State.INVALID, len(wrong))
        tally.add("scope", State.VALID, len(cell.items) - unknown - len(wrong))
        for n in wrong:
            item = cell.items[n]
            if item.facts.scope == "Namespaced":
                place, message, hint = ("metadata",), "lives in a namespace, and names none", "add metadata.namespace"
            else:
                place = ("metadata", "namespace")
                message, hint = "lives in no namespace, and names one", "remove metadata.namespace"
            yield Finding(codes.INVALID_OBJECT, view.place(row, n, place), name_of(item), message, hint)


def _wrong_scope(cell: Cell) -> tuple[int, ...]:
    return tuple(n for n, item in enumerate(cell.items) if not _fits_scope(item))


def _fits_scope(item: Item) -> bool:
    scope = item.facts.scope
    return scope is None or (scope == "Namespaced") == bool(item.facts.identity.namespace)


def name_of(item: Item) -> str:
    """An object as messages call it."""
    _, namespace, name, _ = item.facts.identity
    kind = item.facts.identity.kind.partition(" ")[2]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _at(problem: SchemaProblem) -> str:
    from_root = ".".join(f"[{s}]" if isinstance(s, int) else s for s in problem.path).replace(".[", "[")
    return f"{from_root}: " if from_root else ""


def _verdicts(cell: Cell) -> tuple[tuple[tuple[State, str], int], ...]:
    return tuple(Counter((item.verdict.state, item.verdict.reason) for item in cell.items).items())


def _problems(cell: Cell) -> tuple[tuple[int, SchemaProblem], ...]:
    return tuple((n, problem) for n, item in enumerate(cell.items) for problem in item.verdict.problems)
