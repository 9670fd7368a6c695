"""A diff as data: docs/schemas/diff.json describes it."""

from __future__ import annotations

from typing import Any

from fleetc.check.change.model import plain
from fleetc.cli.changes.rows import edits, totals
from fleetc.driver.diff.diff import Caused, Diff
from fleetc.driver.diff.placements import Nodes, Part, Planned

_HIDDEN = "(hidden)"


def data(diff: Diff) -> dict[str, Any]:
    """All of it; everything is told, folded by distinct change."""
    return {
        "command": "diff",
        "revision": {"name": diff.revision.name, "commit": diff.revision.commit},
        "summary": {
            "edits": edits(diff),
            "shapes": len(diff.changes),
            "objects": diff.objects,
            "stacks": diff.stacks,
            "clusters": len(diff.clusters),
            "outliers": list(diff.outliers),
            "effects": {str(effect): number for effect, number in totals(diff).items()},
        },
        "notes": list(diff.notes),
        "clusters": {"added": list(diff.new), "removed": list(diff.gone)},
        "edits": [
            {"file": file, "line": h.new_start, "before": list(h.old), "after": list(h.new)}
            for file, found in diff.edits.items()
            for h in found
        ],
        "changes": [_change(caused) for caused in diff.changes],
        "plan": _planned(diff.planned) if diff.planned is not None else None,
    }


def _change(caused: Caused) -> dict[str, Any]:
    change = caused.change
    secret = change.identity.kind == "Secret"
    return {
        **change.identity._asdict(),
        "how": "added" if change.before is None else "removed" if change.after is None else "changed",
        "effects": [{"effect": str(m.effect), "why": m.why, "path": plain(m.path)} for m in change.meanings],
        "values": [
            {
                "path": plain(v.path),
                "how": v.how,
                "before": _HIDDEN if secret and v.before is not None else v.before,
                "after": _HIDDEN if secret and v.after is not None else v.after,
            }
            for v in change.values
        ],
        "files": dict(sorted(change.files.items())),
        "spec": change.source,
        "causes": [c._asdict() for c in caused.causes],
    }


def _planned(found: Planned) -> dict[str, Any]:
    return {
        "placements": [
            {"model": p.model, "before": [*map(_part, p.before)], "after": [*map(_part, p.after)]}
            for p in found.placements
        ],
        "pools": [{"pool": p.id, "before": _nodes(p.before), "after": _nodes(p.after)} for p in found.pools],
        "devices": {unit: {"before": a, "after": b} for unit, (a, b) in found.devices.items()},
        "price": {"before": found.price[0], "after": found.price[1], "currency": found.currency},
    }


def _part(part: Part) -> dict[str, Any]:
    return part._asdict()


def _nodes(nodes: Nodes | None) -> dict[str, Any] | None:
    return nodes._asdict() if nodes is not None else None
