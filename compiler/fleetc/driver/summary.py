"""What a run came to, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final, TypeVar

from fleetc.driver.memory import Body, Counts
from fleetc.tuples import NamedTuple

T = TypeVar("T")


class Summary(NamedTuple):
    """Sizes of the fleet, and checks by rule and state. `notes`: (rule, state, reason, how many)."""

    clusters: int
    teams: int
    manifests: int
    models: int
    pools: int
    objects: int
    shapes: int
    files: int
    checks: dict[str, dict[str, int]]
    notes: list[tuple[str, str, str, int]]

    def states(self) -> dict[str, int]:
        """The checks of all rules by state."""
        out: dict[str, int] = {}
        for states in self.checks.values():
            for state, count in states.items():
                out[state] = out.get(state, 0) + count
        return out


KEY_BYTES: Final = 16
"""As in `emission.shapes`, which a run with nothing to do does not import; a test holds the two together."""


def shape_keys(joined: bytes) -> list[bytes]:
    """The keys of a cell's shapes."""
    return [joined[n : n + KEY_BYTES] for n in range(0, len(joined), KEY_BYTES)]


def summarise(body: Body, ids: Iterable[str]) -> Summary:
    """The numbers of a fleet; `ids` are those of all its documents."""
    # Imported here: a run with nothing to do does without.
    from struct import iter_unpack  # noqa: PLC0415

    objects = 0
    sums: dict[tuple[str, str, str], int] = {}
    # Most clusters share their cells and counts: each is counted once, times the clusters that have it.
    files = Counter(chain.from_iterable([cluster.cells.values() for cluster in body.clusters.values()]))
    alike: dict[int, list[Any]] = {}
    for number, times in files.items():
        cell = body.cells[number]
        objects += len(cell.shapes) // KEY_BYTES * times
        alike.setdefault(id(cell.counts), [cell.counts, 0])[1] += times
    for counts, times in (*alike.values(), *_times([cluster.counts for cluster in body.clusters.values()])):
        _add(sums, counts, times)
    checks: dict[str, dict[str, int]] = {}
    for (rule, state, _), count in sorted(sums.items()):
        mine = checks.setdefault(rule, {})
        mine[state] = mine.get(state, 0) + count
    notes = [(*key, count) for key, count in sorted(sums.items()) if key[2]]
    shapes = {*iter_unpack(f"{KEY_BYTES}s", b"".join([body.cells[number].shapes for number in files]))}
    kinds = Counter([id.partition("/")[0] for id in ids])
    return Summary(
        kinds["Cluster"], kinds["Team"], kinds["Manifest"], kinds["Model"], kinds["GPUPool"],
        objects, len(shapes), files.total(), checks, notes,
    )  # fmt: skip


def with_counts(summary: Summary, counts: Counts) -> Summary:
    """The same with how a rule ended that is run beside the others."""
    checks, notes = {**summary.checks}, [*summary.notes]
    for rule, states in counts.items():
        checks[rule] = {state: sum(reasons.values()) for state, reasons in sorted(states.items())}
        notes += [(rule, state, why, n) for state, reasons in states.items() for why, n in reasons.items() if why]
    return summary._replace(checks=dict(sorted(checks.items())), notes=sorted(notes))


def _times(values: list[T]) -> Iterator[tuple[T, int]]:
    """Each object, and how often it is there."""
    once = dict(zip(map(id, values), values, strict=True))
    return ((once[key], times) for key, times in Counter(map(id, values)).items())


def _add(sums: dict[tuple[str, str, str], int], counts: dict[str, dict[str, dict[str, int]]], times: int) -> None:
    for rule, states in counts.items():
        for state, reasons in states.items():
            for reason, count in reasons.items():
                key = (rule, state, reason)
                sums[key] = sums.get(key, 0) + count * times
