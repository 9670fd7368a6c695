"""Sizes and checks of a fleet that `check` refuses: the same numbers as of one that it accepts, as far as they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fleetc.check.findings import Counts, total
from fleetc.check.run import Report
from fleetc.driver.summary import Summary
from fleetc.emission.emission import Emission


def summary_of(emission: Emission, report: Report, ids: Iterable[str]) -> Summary:
    """The numbers of a compile; `ids` are those of all documents."""
    kinds = Counter(id.partition("/")[0] for id in ids)
    shapes: set[bytes] = set()
    counted: list[Counts] = [*report.by_cluster]
    files = 0
    for index, minor in enumerate(emission.minors):
        files += sum(1 for _ in emission.at(index))
        for _, here in emission.objects_at(index):
            shapes.update(shape.key for shape in here)
            judged = report.judged.get(report.cell(index, minor, here))
            counted += [judged.counts] if judged is not None else []
    sums = total(counted)
    checks = {
        rule: {state: sum(reasons.values()) for state, reasons in sorted(states.items())}
        for rule, states in sorted(sums.items())
    }
    notes = [
        (rule, state, why, n)
        for rule, states in sums.items()
        for state, reasons in states.items()
        for why, n in reasons.items()
        if why
    ]
    return Summary(
        kinds["Cluster"], kinds["Team"], kinds["Manifest"], kinds["Model"], kinds["GPUPool"],
        emission.count(), len(shapes), files, checks, sorted(notes),
    )  # fmt: skip
