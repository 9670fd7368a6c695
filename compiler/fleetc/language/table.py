"""The built-in table as a document like any other, so that what it sets has a place too."""

from __future__ import annotations

from typing import Any, Final

from fleetc.language import cluster, dashboard, objective, team, telemetry
from fleetc.language.document import Doc, Tree
from fleetc.language.kinds import KINDS
from fleetc.language.normalise import Walk
from fleetc.language.schema import struct_of
from fleetc.language.types import Part

TABLE_FILE: Final = "fleetc/language/tables/defaults.yaml"

_PARTS: dict[str, type[Part]] = {
    cls.__name__: cls
    for cls in (
        cluster.StorageClass,
        cluster.PriorityClass,
        cluster.RuntimeClass,
        team.TeamNamespace,
        telemetry.Target,
        telemetry.Alertmanager,
        telemetry.Receiver,
        objective.Anomaly,
        dashboard.Query,
    )
}


def table_document(value: Any) -> Doc:
    """The table's content in canonical form. A mistake in it is ours: it raises."""
    walk = Walk()
    tree: Tree = {"providers": {}, "parts": {}}
    for section, content in value.items():
        if section == "providers":
            for name, item in content.items():
                tree["providers"][name] = {}
                for kind, partial in item.items():
                    at = (section, name, kind)
                    tree["providers"][name][kind] = walk.value(KINDS[kind].struct, partial, at, at)
        elif section == "parts":
            for name, item in content.items():
                part = (section, name)
                tree["parts"][name] = walk.value(struct_of(_PARTS[name]), item, part, part)
        else:
            tree[section] = walk.value(KINDS[section].struct, content, (section,), (section,))
    assert not walk.problems, walk.problems
    return Doc("Table", "defaults", ((TABLE_FILE, 0),), tree, walk.moves)
