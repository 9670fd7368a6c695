"""Each object by itself: its schema and the rules between its fields, and whether it names a namespace as it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fleetc.check.findings import Local, Tally
from fleetc.check.fleet.view import Cell, Item
from fleetc.check.states import SchemaProblem, State
from fleetc.diagnostics import codes
from fleetc.source.span import Path

_UNQUOTED = {f"expected string, got {kind}" for kind in ("boolean", "integer", "number")}


def schema(cell: Cell, tally: Tally) -> Iterator[Local]:
    """Rule `schema`: the object is what the API server of this minor takes."""
    for (state, reason), number in Counter((i.verdict.state, i.verdict.reason) for i in cell.items).items():
        tally.add("schema", state, number, reason)
    for n, item in enumerate(cell.items):
        for problem in item.verdict.problems:
            message = f"{_at(problem)}{problem.message}"
            hint = "put the value in quotes" if problem.message in _UNQUOTED else problem.hint
            yield Local(codes.INVALID_OBJECT, n, problem.path, name_of(item), message, hint)


def scope(cell: Cell, tally: Tally) -> Iterator[Local]:
    """Rule `scope`: objects that live in namespaces name one, and the others name none."""
    valid = 0
    for n, item in enumerate(cell.items):
        wanted, has = item.facts.scope, bool(item.facts.identity.namespace)
        if wanted is None:
            tally.add("scope", State.SKIPPED, reason="the scope of the kind is not known")
        elif (wanted == "Namespaced") == has:
            valid += 1
        else:
            tally.add("scope", State.INVALID)
            yield _misplaced(item, n)
    tally.add("scope", State.VALID, valid)


def _misplaced(item: Item, n: int) -> Local:
    place: Path = ("metadata", "namespace")
    message, hint = "lives in no namespace, and names one", "remove metadata.namespace"
    if item.facts.scope == "Namespaced":
        place = ("metadata",)
        message, hint = "lives in a namespace, and names none", "add metadata.namespace"
    return Local(codes.INVALID_OBJECT, n, place, name_of(item), message, hint)


def name_of(item: Item) -> str:
    """An object as messages call it."""
    _, namespace, name, _ = item.facts.identity
    kind = item.facts.identity.kind.partition(" ")[2]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _at(problem: SchemaProblem) -> str:
    from_root = ".".join(f"[{s}]" if isinstance(s, int) else s for s in problem.path).replace(".[", "[")
    return f"{from_root}: " if from_root else ""
