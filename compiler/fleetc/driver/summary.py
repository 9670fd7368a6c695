"""What a run came to, in numbers."""

from __future__ import annotations

from typing import NamedTuple

from fleetc.driver.memory import Memory


class Summary(NamedTuple):
    """Sizes of the fleet, and checks by rule and state. `notes`: (rule, state, reason, how many)."""

    clusters: int
    teams: int
    manifests: int
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


SHAPE_BYTES = 8


def summarise(memory: Memory) -> Summary:
    """The numbers of a remembered run."""
    shapes: set[bytes] = set()
    objects = 0
    checks: dict[str, dict[str, int]] = {}
    notes: dict[tuple[str, str, str], int] = {}
    for cluster in memory.clusters.values():
        found = cluster.shapes
        objects += len(found) // SHAPE_BYTES
        shapes.update([found[n : n + SHAPE_BYTES] for n in range(0, len(found), SHAPE_BYTES)])
        for rule, states in cluster.counts.items():
            mine = checks.setdefault(rule, {})
            for state, reasons in states.items():
                mine[state] = mine.get(state, 0) + sum(reasons.values())
                for reason, count in reasons.items():
                    if reason:
                        notes[rule, state, reason] = notes.get((rule, state, reason), 0) + count
    files = sum(len(cluster.files) for cluster in memory.clusters.values())
    subjects = [id.partition("/")[0] for id in memory.placed]
    return Summary(
        len(memory.clusters),
        subjects.count("Team"),
        subjects.count("Manifest"),
        objects,
        len(shapes),
        files,
        checks,
        [(*key, count) for key, count in sorted(notes.items())],
    )
